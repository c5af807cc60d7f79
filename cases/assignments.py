"""Who has a case in hand, and who may be the second person where two are needed."""

from collections.abc import Collection
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from casemgr.platform import audit
from casemgr.platform.access import Action, Actor, Group, Role, can
from casemgr.platform.accounts.models import StaffRole, User
from casemgr.platform.errors import Conflict, Forbidden, Invalid, NotFound
from cases import second_seat
from cases.models import Assignment, Case, TakeReason
from families import verification
from families.models import Guardian, Verification, VerificationBasis
from families.services import allied_with, kin_of

REASON_LEAST = 3


@transaction.atomic
def take_in_hand(
    *, actor: Actor, reference: str, why: TakeReason | None = None, words: str = ""
) -> Assignment:
    """A reviewer takes a case, and from then on sees its content and its matches.

    For the child's own kin there is no such case. Raises Invalid where it is not in hand yet and no
    reason is given, one that is not so, or `other` without words.
    """
    if not can(actor, Action.CREATE, Group.REVIEWS):
        raise Forbidden
    case = Case.objects.filter(reference=reference, child__isnull=False).first()
    if case is None or actor.user is None or actor.user_id in kin_of(case.family_id):
        raise NotFound
    held = Assignment.objects.filter(case=case, reviewer=actor.user, released_at=None).first()
    if held is not None:
        return held
    _check_why(actor, case, why, words)
    assignment, made = Assignment.objects.get_or_create(
        case=case, reviewer=actor.user, released_at=None
    )
    if made:
        audit.record(
            actor,
            "take_in_hand",
            "case",
            [case.pk],
            groups=[Group.CASE_DETAIL],
            reason=": ".join(filter(None, [why, words.strip()])),
        )
    return assignment


def _check_why(actor: Actor, case: Case, why: TakeReason | None, words: str) -> None:
    if why is None:
        raise Invalid({"why": ("required", _("Say why you take this case. It is written down."))})
    if why is TakeReason.OTHER and len(words.strip()) < REASON_LEAST:
        raise Invalid({"words": ("required", _("Say in a few words why. Others will read it."))})
    if why is TakeReason.DRAWN and not second_seat.held_by(actor).filter(case=case).exists():
        raise Invalid({"why": ("not_drawn", _("You were not drawn for this case."))})


@transaction.atomic
def release(*, actor: Actor, case: Case) -> None:
    """A reviewer puts a case back; they see nothing of it any more."""
    held = Assignment.objects.filter(case=case, reviewer=actor.user_id, released_at__isnull=True)
    if held.update(released_at=Now()):
        audit.record(actor, "put_back", "case", [case.pk], groups=[Group.CASE_DETAIL])


def decides(actor: Actor, case: Case) -> bool:
    """Whether the actor is a reviewer who has the case in hand and is not kin."""
    return (
        actor.has(Role.REVIEWER)
        and Assignment.objects.filter(
            case=case, reviewer=actor.user_id, released_at__isnull=True
        ).exists()
        and actor.user_id not in kin_of(case.family_id)
    )


def deciding_user(actor: Actor, case: Case) -> User:
    """The user behind a reviewer who `decides`; raises Forbidden for everybody else."""
    if actor.user is None or not decides(actor, case):
        raise Forbidden(_("Only a reviewer with the case in hand can do this, and never kin."))
    return actor.user


def reviewers_of(case: Case, *, besides: Collection[UUID] = ()) -> "QuerySet[User]":
    """Reviewers with the case in hand; where there is none, all reviewers. Kin never.

    Always in one order, in which whoever tells them locks their rows.
    """
    reviewers = User.objects.with_role(StaffRole.REVIEWER).exclude(
        pk__in={*besides, *kin_of(case.family_id)}
    )
    in_hand = Assignment.objects.filter(case=case, released_at__isnull=True)
    holding = reviewers.filter(pk__in=in_hand.values("reviewer"))
    return (holding if holding.exists() else reviewers).order_by("pk")


def require_reason(reason: str) -> str:
    """What somebody gave as their reason; raises Invalid where it says nothing."""
    if len(reason.strip()) < REASON_LEAST:
        raise Invalid({"reason": ("required", _("Say in a few words why. Others will read it."))})
    return reason.strip()


def require_another(
    actor: Actor,
    case: Case,
    *,
    earlier: Collection[UUID],
    subject: tuple[str, UUID],
    group: Group,
    not_one_of: Collection[UUID] = (),
) -> None:
    """Hold that the actor is another person than `earlier`, and of none of their alliances.

    Where somebody was drawn to be second, nobody else may. Where no other reviewer could do it
    instead, somebody of the same alliance may, and that is written down about `subject` (type, id).
    `not_one_of`: others who could not do it.
    Raises Conflict for one of `earlier` and where another one was drawn, Forbidden while somebody
    further away exists.
    """
    if actor.user_id in earlier:
        raise Conflict("second_person_needed", _("A second person has to do this. You are one."))
    second_seat.require(actor, *subject)
    close = allied_with(earlier)
    if not close.filter(user=actor.user_id).exists():
        return
    others = (
        User.objects.filter(
            is_active=True, grants__role=StaffRole.REVIEWER, grants__revoked_at__isnull=True
        )
        .exclude(pk__in={*earlier, *not_one_of, *kin_of(case.family_id), actor.user_id})
        .exclude(pk__in=close)
    )
    if others.exists():
        raise Forbidden(
            _("You are in an alliance with the person before you. Somebody else has to do this.")
        )
    subject_type, subject_id = subject
    audit.record(
        actor,
        "same_alliance",
        subject_type,
        [subject_id],
        groups=[group],
        reason="no reviewer outside the alliance",
    )


def verify_guardian(
    *,
    actor: Actor,
    case: Case,
    guardian: Guardian,
    basis: VerificationBasis,
    police_reference: str = "",
    note: str = "",
) -> Verification:
    """A reviewer with the case in hand finds that one of its guardians is who they say."""
    deciding_user(actor, case)
    if guardian.family_id != case.family_id:
        raise NotFound
    return verification.verify(
        actor=actor, guardian=guardian, basis=basis, police_reference=police_reference, note=note
    )


def end_verification(*, actor: Actor, case: Case, guardian: Guardian, reason: str) -> None:
    """A reviewer with the case in hand takes a guardian's verification back; one is enough."""
    deciding_user(actor, case)
    if guardian.family_id != case.family_id:
        raise NotFound
    verification.end(actor=actor, guardian=guardian, reason=require_reason(reason))
