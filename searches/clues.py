"""Leads as ranked clues of a case's outcome (`cases.clues` keeps the order)."""

from django.db import transaction
from django.db.models import QuerySet

from casemgr.platform.access import Actor
from casemgr.platform.errors import NotFound
from casemgr.platform.vocabularies import MatchStatus, SightingKind
from cases import clues
from cases.models import Case, Clue, ClueKind
from searches.models import ClueMatch, Match

KINDS = {
    SightingKind.STREET: ClueKind.SIGHTING,
    SightingKind.ONLINE: ClueKind.SIGHTING,
    SightingKind.SEEKER: ClueKind.SEEKER,
    SightingKind.INSTITUTION: ClueKind.INSTITUTION,
}


def leads(actor: Actor, case: Case) -> "QuerySet[Match]":
    """The case's matches that two reviewers let through, heaviest first, without those ranked."""
    through = Match.objects.visible_to(actor).filter(
        case=case, status__in=[MatchStatus.LEAD, MatchStatus.CONFIRMED], clues__isnull=True
    )
    return through.select_related("sighting").order_by("-weight_bits", "-pk")


@transaction.atomic
def add_lead(*, actor: Actor, case: Case, match: Match, note: str = "") -> Clue:
    """Rank a lead of this case behind the clues there are. Raises NotFound, Conflict."""
    found = leads(actor, case).filter(pk=match.pk).first()
    if found is None:
        raise NotFound
    kind = KINDS[SightingKind(found.sighting.kind)]
    clue = clues.add(actor=actor, case=case, kind=kind, note=note)
    ClueMatch.objects.create(clue=clue, match=found)
    return clue
