"""Protection flags: a custody order, a threat. Only reviewers with the case in hand see them.

Nothing else moves with a flag: not the case, its dates, its counts or its matches. Raising one
takes a public card down exactly as any reviewer's un-publishing does.
"""

from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from casemgr.platform import audit
from casemgr.platform.access import Action, Actor, Group, can
from casemgr.platform.errors import Conflict, Forbidden, NotFound
from cases import assignments, publication, second_seat
from cases.models import Approval, Case, FlagClearing, FlagKind, ProtectionFlag
from cases.querysets import lock


@transaction.atomic
def raise_flag(*, actor: Actor, case: Case, kind: FlagKind, note: str = "") -> ProtectionFlag:
    """Protect a case; one reviewer is enough, and raising it twice changes nothing."""
    held: Case = lock(Case.objects.select_related("family"), case.pk)
    reviewer = assignments.deciding_user(actor, held)
    if not can(actor, Action.CREATE, Group.PROTECTION, held):
        raise Forbidden
    flag, made = ProtectionFlag.objects.get_or_create(
        case=held,
        kind=kind,
        cleared_at=None,
        defaults={"note": note.strip(), "raised_by": reviewer},
    )
    if made:
        # The flag's own id, never the case's: a guardian may one day read who looked at the case.
        audit.record(actor, Action.CREATE, "protection_flag", [flag.pk], groups=[Group.PROTECTION])
        Approval.objects.filter(case=held, ended_at__isnull=True).update(ended_at=Now())
        second_seat.settle("case", held.pk)
        if held.public_since is not None:
            publication.unpublish(actor=actor, case=held, reason="")
    return flag


def flags_of(*, actor: Actor, case: Case) -> "QuerySet[ProtectionFlag]":
    """The standing flags of a case in hand; for all others there are none. Looks are recorded."""
    if not assignments.decides(actor, case) or not can(actor, Action.READ, Group.PROTECTION, case):
        return ProtectionFlag.objects.none()
    flags = ProtectionFlag.objects.filter(case=case, cleared_at__isnull=True).order_by("raised_at")
    if seen := list(flags.values_list("pk", flat=True)):
        audit.record(actor, Action.READ, "protection_flag", seen, groups=[Group.PROTECTION])
    return flags.prefetch_related("clearings")


@transaction.atomic
def clear_flag(*, actor: Actor, flag: ProtectionFlag, reason: str) -> bool:
    """One reviewer's word that a flag may go; the second one's clears it. Returns whether it went.

    Raises NotFound for whoever may not know of it, Conflict for the same reviewer twice.
    """
    case: Case = lock(Case.objects.all(), flag.case_id)
    if not assignments.decides(actor, case) or not can(
        actor, Action.UPDATE, Group.PROTECTION, case
    ):
        raise NotFound
    reviewer = assignments.deciding_user(actor, case)
    reason = assignments.require_reason(reason)
    if not ProtectionFlag.objects.filter(pk=flag.pk, cleared_at__isnull=True).exists():
        raise Conflict("cleared", _("This flag was cleared before."))
    earlier: set[UUID] = set(
        FlagClearing.objects.filter(flag=flag).values_list("reviewer_id", flat=True)
    )
    if earlier:
        assignments.require_another(
            actor,
            case,
            earlier=earlier,
            subject=("protection_flag", flag.pk),
            group=Group.PROTECTION,
        )
    FlagClearing.objects.create(flag=flag, reviewer=reviewer, reason=reason)
    audit.record(actor, "clear", "protection_flag", [flag.pk], groups=[Group.PROTECTION])
    if earlier:
        ProtectionFlag.objects.filter(pk=flag.pk).update(cleared_at=Now())
    second_seat.settle("protection_flag", flag.pk)
    return bool(earlier)


@second_seat.subject("protection_flag")
def _waits_for_second(flag_id: UUID) -> second_seat.Waiting | None:
    """A flag that one reviewer would clear."""
    flag = ProtectionFlag.objects.filter(pk=flag_id, cleared_at__isnull=True).first()
    said = FlagClearing.objects.filter(flag=flag_id).values_list("reviewer_id", flat=True)
    earlier = set(said)
    return second_seat.Waiting(flag.case, earlier) if flag is not None and earlier else None
