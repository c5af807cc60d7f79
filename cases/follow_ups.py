"""Checks after a child came home: when they are due, what they find, and what is done about it.

For reviewers with the case in hand. The letters that remind of one say that something is due, and
nothing of any case.
"""

import calendar
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgr.platform import audit, outbox
from casemgr.platform.access import Action, Actor, Group, can
from casemgr.platform.accounts.models import User
from casemgr.platform.errors import Conflict, Forbidden, Invalid, NotFound
from casemgr.platform.fields import civil_zone
from casemgr.platform.notify import services as notices
from casemgr.platform.notify.kinds import Kind, register
from casemgr.platform.outbox import Claim, Job, NotYet
from casemgr.platform.vocabularies import CaseStatus, OutcomeKind
from cases import assignments
from cases.models import Case, Concern, FollowUp, Outcome, Standing
from cases.querysets import lock

MONTHS = (1, 3, 6, 12)
# Kinds after which a child lives with the family again.
CAME_HOME = frozenset({OutcomeKind.REUNITED, OutcomeKind.RUNAWAY_RETURNED})
AGAIN_AFTER = timedelta(days=7)
LONGEST = 4_000
DUE, WORRY = "follow_up_due", "follow_up_concern"
REMIND = "cases.remind_follow_up"

register(
    Kind(
        code=DUE,
        subject=_("A follow-up is due"),
        body=_("A child who came home should be asked how they are. The list says which case."),
        page="follow-ups",
        every=timedelta(hours=20),
    ),
    Kind(
        code=WORRY,
        subject=_("A follow-up needs a second person now"),
        body=_("Somebody wrote down that a child may be in danger. The list says which case."),
        page="follow-ups",
        at_once=True,
    ),
)


def today() -> date:
    """The day by the site's clock."""
    return timezone.now().astimezone(civil_zone()).date()


def schedule(outcome: Outcome) -> None:
    """Plan the checks of a child who came home, in the caller's transaction; else nothing.

    They are counted from the day itself, or from today where that is unknown or over a year ago.
    """
    if outcome.kind not in CAME_HOME:
        return
    days = outcome.occurred_at.days()
    start = days[1] if days is not None else today()
    if not today() - timedelta(days=365) <= start <= today():
        start = today()
    for months in MONTHS:
        due_on = months_after(start, months)
        planned = FollowUp.objects.create(outcome=outcome, months=months, due_on=due_on)
        outbox.owe(REMIND, planned.pk)
        Job.objects.filter(handler=REMIND, subject=planned.pk).update(due_at=_morning(due_on))


def months_after(day: date, months: int) -> date:
    """The same day of a later month, or its last day where it has none such."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def opens_on(follow_up: FollowUp) -> date | None:
    """From when a check may be written down: the day on which the one before it was due.

    None for the first, which may be written down from the child's coming home on.
    """
    earlier = FollowUp.objects.filter(outcome=follow_up.outcome_id, months__lt=follow_up.months)
    before = earlier.order_by("-months").first()
    return before.due_on if before is not None else None


@transaction.atomic
def record(
    *,
    actor: Actor,
    follow_up: FollowUp,
    standings: dict[str, Standing],
    concern: Concern,
    concern_note: str = "",
    child_wishes: str = "",
    guardian_wishes: str = "",
    note: str = "",
) -> FollowUp:
    """Write down what a check found. `standings`: health, schooling, household_registration,
    counselling. An urgent concern is told to other reviewers in the same transaction.

    Raises Conflict when it was made already, before `opens_on` unless a concern is urgent, or where
    the child's coming home no longer stands; Invalid for a concern without words.
    """
    held, reviewer = _held(actor, follow_up)
    case = held.outcome.case
    if case.status != CaseStatus.CLOSED or held.outcome.ended_at is not None:
        raise Conflict(
            "not_home", _("This case was withdrawn or opened again. There is nobody to ask.")
        )
    if held.done_at is not None:
        raise Conflict("already_made", _("This follow-up was made already."))
    opens = opens_on(held)
    if opens is not None and today() < opens and concern is not Concern.URGENT:
        raise Conflict(
            "too_early",
            _(
                "This check can be written down from %(day)s on. If the child may be in danger, "
                "choose that above: it is taken at once."
            )
            % {"day": opens.isoformat()},
        )
    if concern is not Concern.NONE and not concern_note.strip():
        raise Invalid({"concern_note": ("required", _("Say what worries you."))})
    for name in ("health", "schooling", "household_registration", "counselling"):
        setattr(held, name, standings.get(name, Standing.UNKNOWN))
    held.concern, held.concern_note = concern, concern_note.strip()[:LONGEST]
    held.child_wishes = child_wishes.strip()[:LONGEST]
    held.guardian_wishes = guardian_wishes.strip()[:LONGEST]
    held.note, held.done_by, held.done_at = note.strip()[:LONGEST], reviewer, timezone.now()
    held.save()
    if concern is Concern.URGENT:
        for person in assignments.reviewers_of(case, besides={reviewer.pk}):
            notices.tell(person=person, kind=WORRY)
    audit.record(actor, "follow_up", "follow_up", [held.pk], groups=[Group.OPERATIONS])
    return held


@transaction.atomic
def handle_concern(*, actor: Actor, follow_up: FollowUp, note: str) -> None:
    """Another reviewer writes down what was done about an urgent concern.

    Raises Conflict for whoever raised it, and where none is open.
    """
    held, reviewer = _held(actor, follow_up)
    if held.concern != Concern.URGENT or held.handled_at is not None or held.done_by_id is None:
        raise Conflict("no_concern", _("No urgent concern is open here."))
    note = assignments.require_reason(note)
    assignments.require_another(
        actor,
        held.outcome.case,
        earlier={held.done_by_id},
        subject=("follow_up", held.pk),
        group=Group.OPERATIONS,
    )
    held.handled_by, held.handled_at, held.handled_note = reviewer, timezone.now(), note[:LONGEST]
    held.save(update_fields=["handled_by", "handled_at", "handled_note", "updated_at"])
    audit.record(actor, "handle_concern", "follow_up", [held.pk], groups=[Group.OPERATIONS])


@outbox.handler(name=REMIND)
def remind(claim: Claim) -> None:
    """Remind of a check on its day, and once a week until it is made."""
    found = FollowUp.objects.due().filter(pk=claim.subject).first()
    if found is None:
        return
    earliest = _morning(found.due_on)
    if found.reminded_at is not None:
        earliest = found.reminded_at + AGAIN_AFTER
    if timezone.now() < earliest:
        raise NotYet(earliest)
    with transaction.atomic():
        # By compare-and-set, so that two workers send one letter.
        mine = FollowUp.objects.filter(pk=found.pk, reminded_at=found.reminded_at)
        if mine.update(reminded_at=Now()):
            for person in assignments.reviewers_of(found.outcome.case):
                notices.tell(person=person, kind=DUE)
    raise NotYet(AGAIN_AFTER)


def _held(actor: Actor, follow_up: FollowUp) -> tuple[FollowUp, User]:
    """The check, its case locked, and the reviewer who may write in it; raises NotFound."""
    case: Case = lock(Case.objects.select_related("family"), follow_up.outcome.case_id)
    if not assignments.decides(actor, case):
        raise NotFound
    if not can(actor, Action.UPDATE, Group.OPERATIONS):
        raise Forbidden
    held = FollowUp.objects.select_related("outcome__case").get(pk=follow_up.pk)
    return held, assignments.deciding_user(actor, case)


def _morning(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 8, tzinfo=civil_zone())
