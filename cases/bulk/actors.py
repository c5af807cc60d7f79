"""As whom a long job acts: whoever asked for it, with what they may do now and no more."""

from casemgr.platform import access
from casemgr.platform.access import SCOPES, Actor, Program, Role
from casemgr.platform.partners.models import ApiClient
from cases.models import ImportJob
from cases.querysets import led_by


def program_now(client: ApiClient | None) -> Actor | None:
    """The program as it stands now; None once it was taken away or its organisation stopped."""
    if client is None or client.revoked_at is not None or client.partner.stopped_at is not None:
        return None
    roles = frozenset(SCOPES[scope] for scope in client.scopes if scope in SCOPES)
    return Actor(roles=roles, program=Program(client.pk, client.partner_id))


def importer_now(job: ImportJob) -> Actor | None:
    """Who an import acts as; None once they may not bring cases in any more."""
    if job.user is None:
        actor = program_now(job.client)
        return actor if actor is not None and actor.has(Role.CASES_WRITE) else None
    actor = access.actor_for(job.user)
    leads = led_by(actor).filter(alliance=job.alliance_id).exists()
    return actor if actor.has(Role.COORDINATOR) and leads else None
