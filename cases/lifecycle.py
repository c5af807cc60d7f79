"""A case's way: draft → submitted → verified → open → located → closed; withdrawn from any.

A guardian's withdrawal ends publicity at once; matching goes on until a reviewer confirms it, for a
parent may be coerced and an account stolen. Of a child having been located the family is shown
nothing until it is written down that a person told them: the status stays `open` to them. A case
closes by an outcome that two reviewers agreed on (`outcomes`), and by nothing else.
"""

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from casemgr.platform import audit, outbox
from casemgr.platform.access import Action, Actor, Group, can
from casemgr.platform.errors import Conflict, Forbidden
from casemgr.platform.vocabularies import CaseStatus
from cases import assignments, desk_queue, outcome_steps, rules
from cases.consents import take_back
from cases.models import (
    LIVE_STATUSES,
    UNTOLD_STATUSES,
    Case,
    CaseFace,
    Consent,
    ConsentPurpose,
    ProtectionFlag,
    StepKind,
)
from cases.publication import (
    approve_publication,
    mark_public_photos,
    revoke_consent,
    take_down,
    unpublish,
)
from cases.querysets import lock
from cases.services import announce
from cases.speaking import is_own
from families.services import guardian_of

__all__ = [
    "approve_publication",
    "decline_withdrawal",
    "mark_public_photos",
    "record_family_told",
    "revoke_consent",
    "transition",
    "unpublish",
]

# The steps that exist, and whether a guardian may take them or only a reviewer.
STEPS: dict[tuple[CaseStatus, CaseStatus], bool] = {
    (CaseStatus.DRAFT, CaseStatus.SUBMITTED): True,
    (CaseStatus.SUBMITTED, CaseStatus.VERIFIED): False,
    (CaseStatus.VERIFIED, CaseStatus.OPEN): False,
    (CaseStatus.OPEN, CaseStatus.LOCATED): False,
    (CaseStatus.LOCATED, CaseStatus.OPEN): False,
    (CaseStatus.LOCATED, CaseStatus.CLOSED): False,
    (CaseStatus.CLOSED, CaseStatus.OPEN): False,
} | {
    (status, CaseStatus.WITHDRAWN): True
    for status in CaseStatus
    if status not in {CaseStatus.WITHDRAWN, CaseStatus.MERGED}
}
ANNOUNCED = {
    CaseStatus.OPEN: "case.opened",
    CaseStatus.WITHDRAWN: "case.withdrawn",
    CaseStatus.CLOSED: "case.closed",
}


@transaction.atomic
def transition(*, actor: Actor, case: Case, to: CaseStatus, reason: str = "") -> Case:
    """Take one step; leaving `open` takes the public card down in the same write.

    `withdrawn`, asked for by anybody but a reviewer with the case in hand, is written down as asked
    and leaves the status of whatever was handed in. Raises Forbidden, Conflict (no such step from
    here) or Invalid (not ready to submit).
    """
    held: Case = lock(Case.objects.select_related("child", "family"), case.pk)
    reviewing = assignments.decides(actor, held)
    before = CaseStatus(held.status if reviewing else held.status_to_family)
    guardian_may = STEPS.get((before, to))
    if guardian_may is None:
        raise Conflict(
            "no_such_step",
            _("A case that is %(before)s can't become %(to)s.")
            % {"before": before.label, "to": to.label},
        )
    touched = [Group.CASE_DETAIL] + [Group.OUTCOME] * (to in UNTOLD_STATUSES)
    if not all(can(actor, Action.UPDATE, group, held) for group in touched):
        raise Forbidden
    if actor.program is not None and not is_own(actor, held):
        raise Forbidden(_("Only the organisation that filed a case takes it on or back."))
    if not guardian_may and not reviewing:
        raise Forbidden(_("Only a reviewer can take this step."))
    if to is CaseStatus.CLOSED:
        raise Conflict(
            "outcome_needed", _("A case ends by an outcome that two reviewers agree on.")
        )
    if to is CaseStatus.SUBMITTED:
        rules.check_submittable(held)
    if to is CaseStatus.WITHDRAWN and not reviewing and before is not CaseStatus.DRAFT:
        return _ask_withdrawal(actor, held, reason)
    _end_outcome(held, to, reason)
    move(actor, held, to)
    if to is CaseStatus.SUBMITTED:
        outbox.publish(desk_queue.CAME_IN, held.pk)
    audit.record(
        actor, f"to_{to.value}", "case", [held.pk], groups=[Group.CASE_DETAIL], reason=reason
    )
    return held


def _end_outcome(case: Case, to: CaseStatus, reason: str) -> None:
    """Whoever is missing after all, or taken back, is on no way to an outcome any more."""
    if to in {CaseStatus.OPEN, CaseStatus.WITHDRAWN}:
        outcome_steps.end(case, reason)


def _ask_withdrawal(actor: Actor, case: Case, reason: str) -> Case:
    take_down(case)
    guardian = guardian_of(actor, case.family)
    if guardian is not None:
        take_back(guardian, case, ConsentPurpose.PUBLISH)
    Case.objects.filter(pk=case.pk, withdrawal_asked_at__isnull=True).update(
        withdrawal_asked_at=Now()
    )
    case.save(update_fields=["updated_at"])
    audit.record(
        actor, "ask_withdrawal", "case", [case.pk], groups=[Group.CASE_DETAIL], reason=reason
    )
    outbox.publish("case.updated", case.pk)
    outbox.publish(desk_queue.CAME_IN, case.pk)
    return case


@transaction.atomic
def decline_withdrawal(*, actor: Actor, case: Case, reason: str) -> None:
    """A reviewer finds that a withdrawal was not the family's wish: the search goes on.

    The card stays down until a guardian agrees again and two reviewers do.
    """
    held: Case = lock(Case.objects.all(), case.pk)
    assignments.deciding_user(actor, held)
    reason = assignments.require_reason(reason)
    asked = Case.objects.filter(pk=held.pk, withdrawal_asked_at__isnull=False)
    if held.status == CaseStatus.WITHDRAWN or not asked.update(
        withdrawal_asked_at=None, updated_at=Now()
    ):
        raise Conflict("not_asked", _("Nobody has asked for this case to be withdrawn."))
    audit.record(
        actor, "decline_withdrawal", "case", [held.pk], groups=[Group.CASE_DETAIL], reason=reason
    )


@transaction.atomic
def record_family_told(*, actor: Actor, case: Case, reason: str) -> None:
    """Write down that a named reviewer spoke to a verified guardian; not what was said.

    From then on the family sees the status itself. Raises Conflict while nobody is verified, while
    the case is protected, or where no child was located and the authorities know of nothing.
    """
    held: Case = lock(Case.objects.select_related("family"), case.pk)
    reviewer = assignments.deciding_user(actor, held)
    reason = assignments.require_reason(reason)
    informed = outcome_steps.has_step(held, StepKind.INFORMED)
    if held.status not in UNTOLD_STATUSES and not (informed and held.status == CaseStatus.OPEN):
        raise Conflict("nothing_to_tell", _("No child was located in this case."))
    if ProtectionFlag.objects.filter(case=held, cleared_at__isnull=True).exists():
        raise Conflict(
            "protected", _("This case is protected. Two reviewers have to clear that first.")
        )
    speaking = held.family.guardians.filter(ended_at__isnull=True)
    if not speaking.exists() or speaking.filter(verified_at__isnull=True).exists():
        raise Conflict(
            "guardian_unverified",
            _("Verify everybody who speaks for the child before the family is told."),
        )
    moves = {"updated_at": Now()} if held.status in UNTOLD_STATUSES else {}
    Case.objects.filter(pk=held.pk).update(family_told_at=Now(), **moves)
    outcome = outcome_steps.standing(held)
    if outcome is not None:
        outcome_steps.add(outcome, StepKind.SPOKEN, reviewer)
        if outcome_steps.has_step(held, StepKind.CONFIRMED):
            outbox.publish(outcome_steps.RECORDED, held.pk)
    if moves:
        outbox.publish("case.updated", held.pk)
    audit.record(
        actor, "family_told", "case", [held.pk], groups=[Group.OUTCOME_STATUS], reason=reason
    )


def move(actor: Actor, case: Case, to: CaseStatus) -> None:
    """Give a locked case its status, with all that follows from it; the caller authorises."""
    shown = _shown_to_family(case)
    if to is not CaseStatus.OPEN and case.public_since is not None:
        take_down(case)
        # The family sees the card come down, and may read which role did it: whatever the reason,
        # it has to read alike.
        audit.record(actor, "unpublish", "case", [case.pk], groups=[Group.PUBLIC_CARD])
    if to is CaseStatus.OPEN:
        # Found to be missing still, or again: what comes next is not for the family to see either.
        case.family_told_at = None
    if to is CaseStatus.WITHDRAWN:
        Consent.objects.filter(case=case, revoked_at__isnull=True).update(revoked_at=Now())
    case.status = to
    # The version that the family reads moves with what they are shown, and with nothing else.
    moved = ["updated_at"] if _shown_to_family(case) != shown else []
    case.save(update_fields=["status", "family_told_at", *moved])
    Case.objects.filter(pk=case.pk).update(ended_at=None if to in LIVE_STATUSES else Now())
    CaseFace.objects.filter(photo__case=case).update(live=to in LIVE_STATUSES)
    announce(case)
    if to in ANNOUNCED:
        outbox.publish(ANNOUNCED[to], case.pk)


def _shown_to_family(case: Case) -> tuple[str, bool]:
    return case.status_to_family, case.public_since is not None
