"""Who administers a partner."""

from collections.abc import Iterable

from casemgr.platform.access import Actor, Role, relations_of, role_provider
from casemgr.platform.accounts.models import User
from casemgr.platform.partners.models import Partner, PartnerAdmin


@role_provider
def partner_admin_role(user: User) -> Iterable[Role]:
    """Administrator of at least one partner."""
    held = PartnerAdmin.objects.filter(user=user, ended_at__isnull=True)
    return [Role.PARTNER_ADMIN] if held.exists() else []


@relations_of(Partner)
def to_partner(actor: Actor, partner: Partner) -> Iterable[str]:
    """p: administers it, or is one of its programs."""
    if actor.partner_id is not None:
        return {"p"} if actor.partner_id == partner.pk else ()
    held = PartnerAdmin.objects.filter(partner=partner, user=actor.user_id, ended_at__isnull=True)
    return {"p"} if actor.user is not None and held.exists() else ()
