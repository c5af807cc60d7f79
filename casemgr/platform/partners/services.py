"""Writes to partners and their clients. Secrets are told once, and kept as digests."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.db.models.functions import Least, Now
from django.utils.translation import gettext_lazy as _

from casemgr.platform import audit
from casemgr.platform.access import SCOPES, Action, Actor, Group, can
from casemgr.platform.accounts.models import User
from casemgr.platform.errors import Conflict, Forbidden, Invalid
from casemgr.platform.partners import credentials
from casemgr.platform.partners.models import ApiClient, ClientSecret, Partner, PartnerAdmin

OVERLAP: Final = timedelta(hours=24)
"""How long a replaced secret still opens, so that no program stands still while it is changed."""
MOST_CLIENTS: Final = 50


@dataclass(frozen=True, slots=True)
class Told:
    """A client and its new secret, which is told this once."""

    client: ApiClient
    secret: str


@transaction.atomic
def found_partner(*, actor: Actor, name: str) -> Partner:
    """A new organisation, without programs. Raises Forbidden, Invalid for a name that is taken."""
    if actor.user is None or not can(actor, Action.CREATE, Group.PARTNERS):
        raise Forbidden
    try:
        with transaction.atomic():
            partner = Partner.objects.create(name=name)
    except IntegrityError:
        words = _("There is a partner of this name already.")
        raise Invalid({"name": ("name_taken", words)}) from None
    _record(actor, Action.CREATE, partner)
    return partner


@transaction.atomic
def set_pfif_domain(*, actor: Actor, partner: Partner, domain: str) -> None:
    """Say which PFIF records are the organisation's own; the site's admins decide. '' for none.

    Raises Forbidden, Invalid for a domain that is this site's or another organisation's.
    """
    if actor.user is None or not can(actor, Action.CREATE, Group.PARTNERS):
        raise Forbidden
    domain = domain.strip().lower()
    taken = Partner.objects.filter(pfif_domain=domain).exclude(pk=partner.pk).exists()
    if domain and (taken or domain == urlsplit(settings.SITE_ADDRESS).hostname):
        words = _("These records belong to somebody else already.")
        raise Invalid({"domain": ("domain_taken", words)})
    Partner.objects.filter(pk=partner.pk).update(pfif_domain=domain, updated_at=Now())
    _record(actor, Action.UPDATE, partner)


@transaction.atomic
def appoint_admin(*, actor: Actor, partner: Partner, email: str) -> PartnerAdmin:
    """Let somebody with an account look after the partner's clients; the site's admins decide.

    Raises Invalid where nobody has this address.
    """
    if not can(actor, Action.CREATE, Group.PARTNERS):
        raise Forbidden
    user = User.objects.filter(email=email.lower(), is_active=True).first()
    if user is None:
        words = _("Nobody with this address has an account. They sign up first.")
        raise Invalid({"email": ("unknown_person", words)})
    held, made = PartnerAdmin.objects.get_or_create(partner=partner, user=user, ended_at=None)
    if made:
        audit.record(
            actor,
            Action.CREATE,
            "partner_admin",
            [partner.pk, user.pk],
            groups=[Group.PARTNERS],
        )
    return held


@transaction.atomic
def dismiss_admin(*, actor: Actor, admin: PartnerAdmin) -> None:
    """End somebody's looking after a partner, at once."""
    if not can(actor, Action.CREATE, Group.PARTNERS):
        raise Forbidden
    PartnerAdmin.objects.filter(pk=admin.pk, ended_at__isnull=True).update(ended_at=Now())
    subjects = [admin.partner_id, admin.user_id]
    audit.record(actor, Action.ERASE, "partner_admin", subjects, groups=[Group.PARTNERS])


@transaction.atomic
def stop(*, actor: Actor, partner: Partner) -> None:
    """The kill switch: every program of the organisation is refused from the next request on."""
    _may(actor, Action.ERASE, partner)
    Partner.objects.filter(pk=partner.pk, stopped_at__isnull=True).update(
        stopped_at=Now(), updated_at=Now()
    )
    _record(actor, "stop", partner)


@transaction.atomic
def resume(*, actor: Actor, partner: Partner) -> None:
    """Let the programs go on; the site's administrators alone decide that it is safe again."""
    if not can(actor, Action.CREATE, Group.PARTNERS):
        raise Forbidden
    Partner.objects.filter(pk=partner.pk).update(stopped_at=None, updated_at=Now())
    _record(actor, "resume", partner)


@transaction.atomic
def add_client(*, actor: Actor, partner: Partner, name: str, scopes: Sequence[str]) -> Told:
    """A new program with a first secret. Raises Forbidden, Invalid, Conflict (too many)."""
    _may(actor, Action.UPDATE, partner)
    if not scopes or set(scopes) - SCOPES.keys():
        raise Invalid({"scopes": ("invalid", _("Choose what the program may do."))})
    held = Partner.objects.select_for_update().get(pk=partner.pk)
    if held.clients.filter(revoked_at__isnull=True).count() >= MOST_CLIENTS:
        words = _("This partner has %(most)s programs already. Take one away first.")
        raise Conflict("too_many_clients", words % {"most": MOST_CLIENTS})
    client = ApiClient.objects.create(partner=held, name=name, scopes=sorted(set(scopes)))
    secret = _new_secret(client)
    _record(actor, Action.CREATE, partner, client)
    return Told(client, secret)


@transaction.atomic
def rotate_secret(*, actor: Actor, client: ApiClient, at_once: bool = False) -> Told:
    """A new secret; the one before opens for `OVERLAP` more, or no more where it leaked."""
    _may(actor, Action.UPDATE, client.partner)
    held = ApiClient.objects.select_for_update().get(pk=client.pk)
    if held.revoked_at is not None:
        raise Conflict("revoked", _("This program was taken away."))
    until = Now() if at_once else Now() + OVERLAP
    standing = held.secrets.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=Now()))
    # What was to end sooner still does.
    standing.update(ends_at=Least("ends_at", until))
    secret = _new_secret(held)
    _record(actor, "rotate_secret", client.partner, client)
    return Told(held, secret)


@transaction.atomic
def revoke_client(*, actor: Actor, client: ApiClient) -> None:
    """Take a program away: its secrets and tokens open nothing any more."""
    _may(actor, Action.ERASE, client.partner)
    ApiClient.objects.filter(pk=client.pk, revoked_at__isnull=True).update(revoked_at=Now())
    _record(actor, Action.ERASE, client.partner, client)


def _new_secret(client: ApiClient) -> str:
    secret = credentials.new_secret()
    ClientSecret.objects.create(client=client, digest=credentials.digest(secret), hint=secret[-4:])
    return secret


def _may(actor: Actor, action: Action, partner: Partner) -> None:
    if actor.user is None or not can(actor, action, Group.PARTNERS, partner):
        raise Forbidden


def _record(
    actor: Actor, action: Action | str, partner: Partner, client: ApiClient | None = None
) -> None:
    subjects = [partner.pk] if client is None else [client.pk, partner.pk]
    kind = "partner" if client is None else "client"
    audit.record(actor, action, kind, subjects, groups=[Group.PARTNERS])
