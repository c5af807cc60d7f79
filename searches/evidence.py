"""The facts that evidence readiness is told from: of a case, and of a sighting."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from casemgr.platform.dates import PartialDate
from casemgr.platform.vocabularies import PhotoShows, SightingKind
from cases.models import Case, CaseFace
from families.models import Guardian
from searches.evidence_readiness import (
    ChildFacts,
    FamilyFacts,
    Gap,
    WorkFacts,
    child_gaps,
    family_gaps,
    work_gaps,
)
from searches.follow_through import KINDS
from searches.models import FollowThroughKind, Match, Sighting


def of_family(case: Case) -> FamilyFacts:
    """What the family's side of a case can prove."""
    speaking = Guardian.objects.filter(family=case.family_id, ended_at__isnull=True)
    child = case.child
    return FamilyFacts(
        dna=case.dna_on_file,
        photo=CaseFace.objects.filter(photo__case=case).exists(),
        birth_date=_is_near(child.birth_date),
        marks=child.marks.exists(),
        guardian_verified=speaking.filter(verified_at__isnull=False).exists(),
        police_reference=bool(case.police_reference.strip()),
    )


def told(sighting: Sighting) -> ChildFacts:
    """What the child's side told, and nothing that reviewers did or found."""
    photos = list(sighting.photos.all())
    return ChildFacts(
        dna=sighting.dna_on_file,
        photo_now=any(photo.shows == PhotoShows.CHILD_NOW for photo in photos),
        photo_then=any(photo.shows == PhotoShows.CHILD_THEN for photo in photos),
        birth_date=_is_near(sighting.birth_date),
        separated_at=bool(sighting.separated_at.text),
        marks=bool(list(sighting.marks.all())),
        memories=bool(sighting.memories.strip()),
        grown=sighting.kind == SightingKind.SEEKER,
    )


def known(sighting: Sighting) -> tuple[ChildFacts, WorkFacts]:
    """The same with what reviewers wrote down since: for them alone."""
    done = set(
        sighting.follow_through.filter(undone_at__isnull=True).values_list("kind", flat=True)
    )
    facts = told(sighting)
    if FollowThroughKind.DNA_KEPT in done:
        facts = replace(facts, dna=True)
    return facts, WorkFacts(
        interviewed=FollowThroughKind.INTERVIEW in done, informed=FollowThroughKind.INFORMED in done
    )


def gaps_of_match(match: Match) -> tuple[tuple[Gap, ...], tuple[Gap, ...]]:
    """The family's gaps and the child's; of a stranger's sighting nobody's side can be asked."""
    if match.sighting.kind not in KINDS:
        return family_gaps(of_family(match.case)), ()
    return family_gaps(of_family(match.case)), gaps_of_sighting(match.sighting)


def gaps_of_sighting(sighting: Sighting) -> tuple[Gap, ...]:
    """What reviewers see lacking of a found child or seeker, their own work first."""
    facts, work = known(sighting)
    return (*work_gaps(work), *child_gaps(facts))


def own_gaps(sighting: Sighting) -> tuple[Gap, ...]:
    """What the institution or seeker itself is shown: from their own words alone."""
    return child_gaps(told(sighting)) if sighting.kind in KINDS else ()


def _is_near(when: PartialDate) -> bool:
    """Whether a date is known to within a month, as many papers have it."""
    if when.earliest is None or when.latest is None:
        return False
    return _day(when.latest) - _day(when.earliest) <= timedelta(days=31)


def _day(moment: date) -> date:
    return moment.date() if isinstance(moment, datetime) else moment
