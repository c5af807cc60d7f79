"""A guardian's yes and no. Where guardians disagree, the more protective wish holds."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from casemgr.platform import audit
from casemgr.platform.access import Action, Actor, Group
from casemgr.platform.errors import Forbidden, Invalid
from casemgr.platform.partners.models import Partner
from cases.models import Case, Consent, ConsentPurpose, Objection
from cases.querysets import lock
from cases.speaking import is_own, speaks_as
from families.models import Alliance, Guardian
from families.services import guardian_of


@transaction.atomic
def give_consent(
    *,
    actor: Actor,
    case: Case,
    purpose: ConsentPurpose,
    alliance: Alliance | None = None,
    partner: Partner | None = None,
    guardian_id: UUID | None = None,
) -> Consent:
    """Record a guardian's yes, which ends their own no and nobody else's.

    Only somebody who speaks for the child can say it; a program says it for the guardian named,
    whom it entered. Sharing names the alliance or the partner. Asking twice changes nothing.
    Raises Forbidden, Invalid.
    """
    guardian = speaks_as(actor, case, guardian_id)
    if guardian is None:
        raise Forbidden
    named = [each for each in (alliance, partner) if each is not None]
    if len(named) != (1 if purpose is ConsentPurpose.SHARE else 0):
        words = _("Say which alliance or partner the case may be shared with.")
        raise Invalid({"alliance": ("not_used" if named else "required", words)})
    target: dict[str, Any] = {"alliance": alliance, "partner": partner}
    lock(Case.objects.all(), case.pk)
    consent, made = Consent.objects.get_or_create(
        case=case, guardian=guardian, purpose=purpose, **target, revoked_at=None
    )
    Objection.objects.filter(
        case=case, guardian=guardian, purpose=purpose, **target, ended_at__isnull=True
    ).update(ended_at=Now())
    Case.objects.filter(pk=case.pk).heard()
    if made:
        audit.record(actor, Action.CREATE, "consent", [consent.pk], groups=[Group.CASE_DETAIL])
    return consent


def consented(case: Case, purpose: ConsentPurpose = ConsentPurpose.PUBLISH) -> bool:
    """Whether somebody who speaks for the child said yes, and nobody who does objects."""
    current = {"case": case, "purpose": purpose, "guardian__ended_at__isnull": True}
    return (
        Consent.objects.filter(**current, revoked_at__isnull=True).exists()
        and not Objection.objects.filter(**current, ended_at__isnull=True).exists()
    )


def may_show_photos(actor: Actor, case: Case) -> bool:
    """Whether the actor can tick photos: a guardian, or the case's partner on a guardian's word."""
    if is_own(actor, case):
        return consented(case, ConsentPurpose.PUBLISH_PHOTO)
    return guardian_of(actor, case.family) is not None


def take_back(
    guardian: Guardian,
    case: Case,
    purpose: ConsentPurpose,
    alliance: Alliance | None = None,
    partner: Partner | None = None,
) -> None:
    """End a guardian's own yes and write down their no, in the caller's transaction."""
    of_purpose: dict[str, Any] = {
        "case": case,
        "guardian": guardian,
        "purpose": purpose,
        "alliance": alliance,
        "partner": partner,
    }
    Consent.objects.filter(**of_purpose, revoked_at__isnull=True).update(revoked_at=Now())
    Objection.objects.get_or_create(**of_purpose, ended_at=None)
