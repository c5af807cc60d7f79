"""Hold sightings against cases and cases against sightings.

Idempotent: running twice leaves the same rows. A pair whose case or sighting moved on while it was
judged is not written: the change made a job of its own.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from uuid import UUID

from django.db.models.functions import Now

from casemgr.platform.outbox import Claim
from cases.models import Case
from searches import candidates, context, duplicates, match_store, prepared, profiles
from searches.matching.score import band_of, judge, prior_bits, probability_of
from searches.matching.types import Context, Scored, SightingProfile
from searches.models import Match, Sighting

# How many new matches one sighting, or one case in one pass, may leave for people to look at.
KEPT = 20


def match_sighting(claim: Claim) -> None:
    """Judge one sighting against the live cases it may be of; a withdrawn one loses its matches."""
    sighting = Sighting.objects.with_detail().filter(pk=claim.subject).first()
    if sighting is None:
        return
    if sighting.withdrawn_at is not None:
        with claim.finishing():
            match_store.supersede_all(sighting_id=sighting.pk)
        return
    given = context.build()
    profile = profiles.of_sighting(sighting)
    held = set(Match.objects.filter(sighting=sighting).values_list("case_id", flat=True))
    cases, judged = judged_cases(profile, given, held=held)
    with claim.finishing():
        _write(judged, held=held, cases=cases, sightings=[sighting])
        Sighting.objects.filter(pk=sighting.pk).update(matched_at=Now())


def match_case(claim: Claim) -> None:
    """Judge one case against the standing sightings that may be of its child."""
    case = next(iter(_cases([claim.subject])), None)
    if case is None:
        return
    if not case.is_live:
        with claim.finishing():
            prepared.forget(case.pk)
            match_store.supersede_all(case_id=case.pk)
            duplicates.forget(case.pk)
        return
    given = context.build()
    profile = profiles.of_case(case)
    # Before sightings are looked up: one that comes meanwhile finds the case by itself. And before
    # the job is locked: who changes a case locks it first, and its job after it.
    prepared.keep([(case.revision, profile)])
    held = set(Match.objects.filter(case=case).values_list("sighting_id", flat=True))
    ids = candidates.sightings_for(profile, given.token_rarity) | held
    sightings = list(Sighting.objects.standing().with_detail().filter(pk__in=ids))
    judged = [judge(profile, profiles.of_sighting(sighting), given) for sighting in sightings]
    with claim.finishing():
        _write(judged, held=held, cases=[case], sightings=sightings)
        duplicates.ask_for(case.pk)


def judged_cases(
    sighting: SightingProfile, given: Context, *, held: Collection[UUID] = ()
) -> tuple[list[Case], list[Scored]]:
    """The live cases that a sighting is most likely of, and those `held`, each judged."""
    found = candidates.cases_for(sighting, given)
    rows = _cases(_heaviest(found, sighting, given).union(held))
    cases = [case for case in rows if case.is_live]
    return cases, [judge(profiles.of_case(case), sighting, given) for case in cases]


def _heaviest(found: set[UUID], sighting: SightingProfile, given: Context) -> set[UUID]:
    """Of the cases found those to be judged: as many of the heaviest as may be kept, and those that
    do not stand ready to be weighed in bulk."""
    bits = prepared.weighed(found, sighting, given)
    prior = prior_bits(given)
    worth = [one for one in bits if band_of(probability_of(bits[one] + prior))]
    worth.sort(key=lambda one: (-bits[one], one))
    return {*worth[:KEPT], *(found - bits.keys())}


def _write(
    judged: list[Scored], *, held: set[UUID], cases: list[Case], sightings: list[Sighting]
) -> None:
    """Keep the heaviest, refresh those already held, and supersede what is worth nothing now."""
    revisions = {
        "case_revisions": {case.pk: case.revision for case in cases},
        "sighting_revisions": {sighting.pk: sighting.revision for sighting in sightings},
    }
    likeness = {sighting.pk: sighting.likeness for sighting in sightings}
    worth = _in_turn((scored for scored in judged if scored.band), likeness)
    known = [s for s in worth[KEPT:] if s.case_id in held or s.sighting_id in held]
    match_store.store([*worth[:KEPT], *known], **revisions)
    match_store.supersede_pairs(
        [
            (scored.case_id, scored.sighting_id)
            for scored in judged
            if not scored.band and (scored.case_id in held or scored.sighting_id in held)
        ],
        **revisions,
    )


def _in_turn(worth: Iterable[Scored], likeness: Mapping[UUID, str]) -> list[Scored]:
    """The heaviest first; but of sightings alike a second one comes only after everybody's first,
    so that a crowd of them leaves room for others.
    """
    met: Counter[str] = Counter()
    turns: list[tuple[int, Scored]] = []
    for scored in sorted(worth, key=_heaviest_first):
        like = likeness[scored.sighting_id]
        turns.append((met[like] if like else 0, scored))
        met[like] += 1
    return [scored for _turn, scored in sorted(turns, key=lambda pair: pair[0])]


def _heaviest_first(scored: Scored) -> tuple[float, UUID, UUID]:
    return -scored.weight_bits, scored.case_id, scored.sighting_id


def _cases(ids: Iterable[UUID]) -> list[Case]:
    rows = Case.objects.filter(pk__in=list(ids)).select_related("child")
    return list(rows.prefetch_related("child__marks", "photos__face"))
