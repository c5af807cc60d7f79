"""The second of two reviewers is drawn at random, so that nobody can bring their own.

Whoever decides by two registers, for its kind of subject, what waits and who was first. After each
act it calls `settle`, which draws, leaves or ends the seat. While a seat stands, nobody but its
holder can be second. Somebody who does not act in time is followed by another one; from then on a
reviewer may also take the seat over, with a reason that the data-protection officers are told of.

Where nobody can be drawn there is no seat: `assignments.require_another` says who may act then.
"""

import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from casemgr.platform import audit, outbox
from casemgr.platform.access import Action, Actor, Group, Role, can
from casemgr.platform.accounts.models import StaffRole, User
from casemgr.platform.accounts.second_factor import with_factor
from casemgr.platform.errors import Conflict, NotFound
from casemgr.platform.notify import services as notices
from casemgr.platform.notify.kinds import Kind, register
from cases.models import Case, SeatEnd, SecondSeat
from families.services import allied_with, kin_of

TIME_IS_OVER: Final = "cases.second_seat_over"
DRAWN, DRAWN_URGENT, TAKEN_OVER = "second_seat", "second_seat_urgent", "second_seat_taken"
_SUBJECT, _BODY = (
    _("You were drawn as the second reviewer"),
    _("A decision waits for you. It stands first in your queue."),
)
register(
    Kind(DRAWN, _SUBJECT, _BODY, page="queue"),
    Kind(DRAWN_URGENT, _SUBJECT, _BODY, page="queue", at_once=True),
    Kind(
        TAKEN_OVER,
        _("A reviewer took a second seat over"),
        _("Another one had been drawn and did not act in time. The audit shows who, and why."),
        page="audit",
    ),
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A decision that one person has taken and that waits for a second.

    `earlier`: who decided. `barred`: others who are too close to it. `urgent`: a child may be in
    danger meanwhile.
    """

    case: Case
    earlier: Collection[UUID]
    barred: Collection[UUID] = ()
    urgent: bool = False


Subject = Callable[[UUID], Waiting | None]
_subjects: dict[str, Subject] = {}


def subject(kind: str) -> Callable[[Subject], Subject]:
    """Register the function that says what waits about a subject of this kind; None: nothing."""

    def register_subject(function: Subject) -> Subject:
        _subjects[kind] = function
        return function

    return register_subject


def eligible(waiting: Waiting) -> list[User]:
    """Who can be drawn: active reviewers with a second factor, not kin, not barred, not first.

    Of an alliance of the first one's only where nobody else is left.
    """
    everybody = with_factor(User.objects.with_role(StaffRole.REVIEWER)).exclude(
        pk__in={*waiting.earlier, *waiting.barred, *kin_of(waiting.case.family_id)}
    )
    far = list(everybody.exclude(pk__in=allied_with(waiting.earlier)).order_by("pk"))
    return far or list(everybody.order_by("pk"))


def standing(kind: str, subject_id: UUID) -> SecondSeat | None:
    """The seat that somebody holds now."""
    return (
        SecondSeat.objects.filter(subject_type=kind, subject_id=subject_id, ended_at__isnull=True)
        .select_related("reviewer")
        .first()
    )


def of_another(actor: Actor, kind: str, subject_id: UUID) -> SecondSeat | None:
    """The seat that somebody else holds now, for a page to say so."""
    seat = standing(kind, subject_id)
    return None if seat is None or seat.reviewer_id == actor.user_id else seat


@transaction.atomic
def settle(kind: str, subject_id: UUID) -> None:
    """Bring the seat in line with what waits now: draw somebody, leave them, or end it."""
    seat = _locked(kind, subject_id)
    waiting = _subjects[kind](subject_id)
    if seat is not None and (waiting is None or seat.reviewer_id in waiting.earlier):
        _end(seat, SeatEnd.OVER)
        seat = None
    if waiting is not None and seat is None:
        _draw(kind, subject_id, waiting, turn=1)


@transaction.atomic
def leave(case_id: UUID) -> None:
    """End every seat about a case that is on its way out: nobody is asked about it any more."""
    for seat in SecondSeat.objects.select_for_update().filter(case=case_id, ended_at__isnull=True):
        _end(seat, SeatEnd.OVER)


def require(actor: Actor, kind: str, subject_id: UUID) -> None:
    """Hold that nobody else was drawn to be second; raises Conflict.

    It never draws anew itself: whoever tries often must not be able to draw until it is them.
    """
    seat = _locked(kind, subject_id)
    if seat is not None and seat.reviewer_id != actor.user_id:
        raise Conflict(
            "another_drawn",
            _("Another reviewer was drawn to decide this with the first one. It waits for them."),
        )


def may_take_over(actor: Actor, seat: SecondSeat) -> bool:
    """Whether the actor could be second, and those drawn before let their time pass."""
    if not actor.has(Role.REVIEWER) or seat.reviewer_id == actor.user_id or seat.ended_at:
        return False
    late = seat.turn > 1 or SecondSeat.objects.filter(pk=seat.pk, until__lte=Now()).exists()
    waiting = _subjects[seat.subject_type](seat.subject_id) if late else None
    return waiting is not None and actor.user_id in {user.pk for user in eligible(waiting)}


@transaction.atomic
def take_over(*, actor: Actor, seat: SecondSeat, reason: str) -> SecondSeat:
    """Become the second in the place of somebody who let their time pass; officers are told.

    Raises NotFound where no seat stands, Conflict while the time runs and for whoever could not be
    drawn.
    """
    held = _locked(seat.subject_type, seat.subject_id)
    if held is None or actor.user is None or not can(actor, Action.CREATE, Group.REVIEWS):
        raise NotFound
    if not may_take_over(actor, held):
        raise Conflict("too_early", _("The one who was drawn still has time. It waits for them."))
    waiting = _subjects[held.subject_type](held.subject_id)
    assert waiting is not None
    _end(held, SeatEnd.TAKEN_OVER)
    taken = _seat(held.subject_type, held.subject_id, waiting, actor.user, held.turn + 1)
    audit.record(
        actor,
        "take_second_seat",
        held.subject_type,
        [held.subject_id, held.pk],
        groups=[Group.REVIEWS],
        reason=reason,
    )
    for officer in User.objects.with_role(StaffRole.DATA_PROTECTION).order_by("pk"):
        notices.tell(person=officer, kind=TAKEN_OVER)
    return taken


def held_by(actor: Actor) -> "QuerySet[SecondSeat]":
    """The seats that wait for the actor, the urgent ones first, each with its case's `reference`.

    For others there are none.
    """
    if not actor.has(Role.REVIEWER):
        return SecondSeat.objects.none()
    return (
        SecondSeat.objects.filter(reviewer=actor.user_id, ended_at__isnull=True)
        .annotate(reference=F("case__reference"))
        .order_by("-urgent", "until", "id")
    )


@outbox.handler(name=TIME_IS_OVER)
def next_turn(claim: outbox.Claim) -> None:
    """Draw another one for a seat whose holder did not act in time, or can't any more."""
    with claim.finishing():
        seat = SecondSeat.objects.filter(
            pk=claim.subject, ended_at__isnull=True, until__lte=Now()
        ).first()
        if seat is None or (seat := _locked(seat.subject_type, seat.subject_id)) is None:
            return
        waiting = _subjects[seat.subject_type](seat.subject_id)
        if waiting is None or seat.reviewer_id in waiting.earlier:
            _end(seat, SeatEnd.OVER)
            return
        _end(seat, SeatEnd.PASSED)
        _draw(seat.subject_type, seat.subject_id, waiting, turn=seat.turn + 1)


def _draw(kind: str, subject_id: UUID, waiting: Waiting, *, turn: int) -> None:
    """Seat somebody by chance: those first who have not let a turn pass, then anybody."""
    pool = eligible(waiting)
    passed = set(
        SecondSeat.objects.filter(
            subject_type=kind, subject_id=subject_id, ended_as=SeatEnd.PASSED
        ).values_list("reviewer", flat=True)
    )
    fresh = [user for user in pool if user.pk not in passed]
    if pool:
        drawn = _seat(kind, subject_id, waiting, secrets.choice(fresh or pool), turn)
        notices.tell(person=drawn.reviewer, kind=DRAWN_URGENT if waiting.urgent else DRAWN)


def _seat(kind: str, subject_id: UUID, waiting: Waiting, who: User, turn: int) -> SecondSeat:
    hours = settings.SECOND_SEAT_URGENT_HOURS if waiting.urgent else settings.SECOND_SEAT_HOURS
    lasts = timedelta(hours=hours)
    seat = SecondSeat.objects.create(
        case=waiting.case,
        subject_type=kind,
        subject_id=subject_id,
        reviewer=who,
        turn=turn,
        urgent=waiting.urgent,
        until=Now() + lasts,
    )
    outbox.owe(TIME_IS_OVER, seat.pk)
    outbox.Job.objects.filter(handler=TIME_IS_OVER, subject=seat.pk).update(due_at=Now() + lasts)
    return seat


def _locked(kind: str, subject_id: UUID) -> SecondSeat | None:
    return (
        SecondSeat.objects.select_for_update()
        .filter(subject_type=kind, subject_id=subject_id, ended_at__isnull=True)
        .first()
    )


def _end(seat: SecondSeat, how: SeatEnd) -> None:
    SecondSeat.objects.filter(pk=seat.pk).update(ended_at=Now(), ended_as=how)
