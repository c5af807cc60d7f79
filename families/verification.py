"""Whether a guardian is who they say: found by a reviewer, from papers or a police reference."""

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from casemgr.platform import audit
from casemgr.platform.access import Actor, Group, Role
from casemgr.platform.errors import Conflict, Forbidden, Invalid
from families.models import Guardian, Verification, VerificationBasis
from families.services import kin_of


@transaction.atomic
def verify(
    *,
    actor: Actor,
    guardian: Guardian,
    basis: VerificationBasis,
    police_reference: str = "",
    note: str = "",
) -> Verification:
    """Verify a guardian, who is then no longer an unverified one. The caller holds the case.

    Raises Forbidden for kin, Invalid where the basis is not named, Conflict if it was done before.
    """
    if (
        actor.user is None
        or not actor.has(Role.REVIEWER)
        or actor.user_id in kin_of(guardian.family_id)
    ):
        raise Forbidden(_("Only a reviewer who is not kin can verify a guardian."))
    if basis is VerificationBasis.POLICE and not police_reference.strip():
        words = _("Give the police reference that you checked.")
        raise Invalid({"police_reference": ("required", words)})
    if basis is VerificationBasis.PAPERS and not note.strip():
        raise Invalid({"note": ("required", _("Say which papers you have seen."))})
    unverified = Guardian.objects.filter(
        pk=guardian.pk, verified_at__isnull=True, ended_at__isnull=True
    )
    if not unverified.update(verified_at=Now(), verified_by=actor.user):
        raise Conflict("already_verified", _("This guardian is verified, or speaks no longer."))
    made = Verification.objects.create(
        guardian=guardian,
        reviewer=actor.user,
        basis=basis,
        police_reference=police_reference.strip(),
        note=note.strip(),
    )
    audit.record(
        actor, "verify", "guardian", [guardian.pk], groups=[Group.FAMILY_CONTACT], reason=basis
    )
    return made


@transaction.atomic
def end(*, actor: Actor, guardian: Guardian, reason: str) -> None:
    """Take a verification back: the guardian is an unverified one again."""
    if not actor.has(Role.REVIEWER) or actor.user_id in kin_of(guardian.family_id):
        raise Forbidden
    verified = Guardian.objects.filter(pk=guardian.pk, verified_at__isnull=False)
    if not verified.update(verified_at=None, verified_by=None):
        raise Conflict("not_verified", _("This guardian is not verified."))
    guardian.verifications.filter(ended_at__isnull=True).update(ended_at=Now())
    audit.record(
        actor,
        "end_verification",
        "guardian",
        [guardian.pk],
        groups=[Group.FAMILY_CONTACT],
        reason=reason,
    )
