"""Taking back the last step on the way to an outcome, with a list of what that touches."""

from django.db import models, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from casemgr.platform import audit, outbox
from casemgr.platform.access import Action, Actor, Group, can
from casemgr.platform.errors import Conflict, Forbidden
from casemgr.platform.vocabularies import CaseStatus, OutcomeKind
from cases import assignments, lifecycle, outcome_steps, second_seat
from cases.models import Case, Outcome, OutcomeStep, StepKind
from cases.querysets import lock


class Touched(models.TextChoices):
    """What taking a step back touches."""

    STATUS = "status", _("the case's status goes back")
    SEARCHED = "searched", _("sightings are held against the case again, and faces found again")
    CARD = "card", _("the public card stays down; two reviewers have to agree again")
    CONSENTS = "consents", _("consents that ended with the case stay ended")
    PLACE = "place", _("where the child is, is taken out")
    PLACE_GONE = "place_gone", _("where the child was, is gone for ever and does not come back")
    PARTNERS = "partners", _("partners were told that the case closed; they are told of the change")
    FOLLOW_UPS = "follow_ups", _("follow-ups that were planned are taken out")
    WORDS = "words", _("what was written in this step is kept, and no longer counts")


def last_step(outcome: Outcome) -> OutcomeStep | None:
    """The step that would be taken back."""
    return outcome.steps.filter(undone_at__isnull=True).order_by("at", "id").last()


def touches(outcome: Outcome, step: OutcomeStep) -> list[Touched]:
    """What taking this step back would touch, to be read before it is done."""
    found = []
    if step.kind == StepKind.CONFIRMED:
        found += [Touched.STATUS, Touched.SEARCHED, Touched.PARTNERS]
        if outcome.kind == OutcomeKind.WITHDRAWN:
            found.append(Touched.CONSENTS)
        if outcome.follow_ups.exists():
            found.append(Touched.FOLLOW_UPS)
    if step.kind == StepKind.LOCATED and outcome.case.status == CaseStatus.LOCATED:
        found.append(Touched.STATUS)
    if step.kind in {StepKind.CONFIRMED, StepKind.LOCATED} and outcome.case.ever_public:
        found.append(Touched.CARD)
    if step.kind == StepKind.LOCATED and outcome.place:
        found.append(Touched.PLACE)
    if outcome.place_hidden:
        found.append(Touched.PLACE_GONE)
    return [*found, Touched.WORDS]


@transaction.atomic
def undo(*, actor: Actor, case: Case, reason: str) -> list[Touched]:
    """Take the last step back, and say what that touched.

    Raises Conflict where nothing is to be taken back, or others have built on it: somebody spoke to
    the family, or a follow-up was made. Such a case is opened again instead.
    """
    held: Case = lock(Case.objects.select_related("family"), case.pk)
    assignments.deciding_user(actor, held)
    if not can(actor, Action.UPDATE, Group.OUTCOME, held):
        raise Forbidden
    reason = assignments.require_reason(reason)
    outcome = outcome_steps.standing(held)
    step = last_step(outcome) if outcome is not None else None
    if outcome is None or step is None:
        raise Conflict("nothing_to_undo", _("There is no step to take back."))
    if step.kind == StepKind.SPOKEN:
        raise Conflict(
            "built_on", _("Somebody has spoken to the family. That can't be taken back.")
        )
    if outcome.follow_ups.filter(done_at__isnull=False).exists():
        raise Conflict("built_on", _("A follow-up was made. Open the case again instead."))
    outcome.case = held
    touched = touches(outcome, step)
    OutcomeStep.objects.filter(pk=step.pk).update(undone_at=Now())
    second_seat.settle("outcome", outcome.pk)
    if step.kind == StepKind.CONFIRMED:
        outcome.follow_ups.all().delete()
        lifecycle.move(actor, held, CaseStatus(outcome.came_from))
        outbox.publish("case.updated", held.pk)
        outbox.owe("cases.find_faces_again", held.pk)
    elif step.kind == StepKind.LOCATED:
        Outcome.objects.filter(pk=outcome.pk).update(place=None, found_province="")
        if held.status == CaseStatus.LOCATED:
            lifecycle.move(actor, held, CaseStatus.OPEN)
    elif step.kind == StepKind.PROPOSED:
        Outcome.objects.filter(pk=outcome.pk).update(kind="")
    audit.record(
        actor, f"undo_{step.kind}", "outcome", [outcome.pk], groups=[Group.OUTCOME], reason=reason
    )
    return touched
