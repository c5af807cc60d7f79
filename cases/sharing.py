"""Which alliances may see a case, as those who speak for the child are told it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from casemgr.platform.access import Actor
from cases import publication
from cases.models import Case, Consent, ConsentPurpose, Objection
from families.models import Alliance, Guardian


@dataclass(frozen=True, slots=True)
class Share:
    """One alliance, and what those who speak for the child said to it.

    It sees the case from `since` on; None where it doesn't, since one no holds against every yes.
    """

    alliance: Alliance
    since: datetime | None
    i_said_yes: bool
    i_said_no: bool


def shares_of(case: Case, guardian: Guardian) -> list[Share]:
    """Every alliance to which somebody who speaks for the child says yes or no now, by name."""
    speaking = {
        "case": case,
        "purpose": ConsentPurpose.SHARE,
        "alliance__isnull": False,
        "guardian__ended_at__isnull": True,
    }
    yes = Consent.objects.filter(**speaking, revoked_at__isnull=True).select_related("alliance")
    no = Objection.objects.filter(**speaking).select_related("alliance")
    return _shares(yes, no, guardian.pk)


def share_with(case: Case, guardian: Guardian, alliance: Alliance) -> Share:
    """What was said to one alliance; nothing yet, perhaps."""
    found = (each for each in shares_of(case, guardian) if each.alliance == alliance)
    return next(found, Share(alliance, None, False, False))


@transaction.atomic
def stop_sharing(*, actor: Actor, case: Case, guardian: Guardian, alliance: Alliance) -> None:
    """The guardian's no to an alliance, which holds against other guardians' yes. At once.

    Without anybody's yes, or said twice, there is nothing to end, and nothing changes.
    """
    if share_with(case, guardian, alliance).i_said_no:
        return
    standing = list(
        Consent.objects.filter(
            case=case,
            purpose=ConsentPurpose.SHARE,
            alliance=alliance,
            guardian__ended_at__isnull=True,
            revoked_at__isnull=True,
        ).select_related("alliance", "partner")
    )
    mine = [each for each in standing if each.guardian_id == guardian.pk]
    for consent in (mine or standing)[:1]:
        publication.revoke_consent(actor=actor, consent=consent)


def _shares(yes: Iterable[Consent], no: Iterable[Objection], me: UUID) -> list[Share]:
    named: dict[UUID, Alliance] = {}
    given: dict[UUID, list[Consent]] = {}
    held: dict[UUID, list[Objection]] = {}
    for consent in yes:
        assert consent.alliance is not None
        named[consent.alliance.pk] = consent.alliance
        given.setdefault(consent.alliance.pk, []).append(consent)
    for objection in no:
        assert objection.alliance is not None
        held.setdefault(objection.alliance.pk, []).append(objection)
        if objection.ended_at is None:
            named[objection.alliance.pk] = objection.alliance
    return [
        _share(alliance, given.get(pk, []), held.get(pk, []), me)
        for pk, alliance in sorted(named.items(), key=lambda item: item[1].name)
    ]


def _share(alliance: Alliance, given: list[Consent], held: list[Objection], me: UUID) -> Share:
    standing = [each for each in held if each.ended_at is None]
    since = None
    if given and not standing:
        # A no that has ended since held it back until then.
        ended = [each.ended_at for each in held if each.ended_at is not None]
        since = max([min(each.given_at for each in given), *ended])
    return Share(
        alliance,
        since,
        any(each.guardian_id == me for each in given),
        any(each.guardian_id == me for each in standing),
    )
