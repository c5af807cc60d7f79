"""The steps on a case's way to an outcome, as rows; who may take them, `outcomes` says."""

from django.db.models.functions import Now

from casemgr.platform.accounts.models import User
from cases import second_seat
from cases.models import Case, Outcome, OutcomeStep, StepKind

# Told to partners only once a person has told the family.
RECORDED = "outcome.recorded"


def standing(case: Case) -> Outcome | None:
    """The one outcome that a case is on its way to, or has come to."""
    return Outcome.objects.filter(case=case, ended_at__isnull=True).first()


def has_step(case: Case, kind: StepKind) -> bool:
    """Whether this step was taken on the way that stands."""
    return OutcomeStep.objects.filter(
        outcome__case=case, outcome__ended_at__isnull=True, undone_at__isnull=True, kind=kind
    ).exists()


def add(outcome: Outcome, kind: StepKind, by: User) -> None:
    """Write a step down; taken again, the later one counts."""
    OutcomeStep.objects.filter(outcome=outcome, kind=kind, undone_at__isnull=True).update(
        undone_at=Now()
    )
    OutcomeStep.objects.create(outcome=outcome, kind=kind, by=by)


def end(case: Case, reason: str) -> None:
    """The way that stood is over; it stays to be read by whoever has the case in hand."""
    outcome = standing(case)
    if outcome is not None:
        outcome.ended_reason = reason
        outcome.save(update_fields=["ended_reason", "updated_at"])
        Outcome.objects.filter(pk=outcome.pk).update(ended_at=Now())
        second_seat.settle("outcome", outcome.pk)
