"""Hold a new or changed case against the other live ones, and keep which pairs people should see.

Nothing here holds up a filing or is told to anybody but reviewers: the work waits in the slow lane,
behind every sighting, and writes to no table that others read. It is done by the workers that have
all live cases in memory, and not with the imports, whose worker has not.

Idempotent: running twice leaves the same rows. Two cases filed at one time find each other, since
each is prepared before its own turn here.
"""

from collections.abc import Iterable, Sequence
from typing import Final
from uuid import UUID

from django.db.models import Q

from casemgr.platform import outbox
from casemgr.platform.outbox import Claim
from cases.models import Case, CaseLink
from families.models import Guardian
from searches import candidates, context, profiles
from searches.ledger import WORKED_OUT
from searches.matching.duplicates import VERSION, Judged, Likely, hold_together, seeker_of
from searches.matching.types import CaseProfile, Evidence
from searches.models import CasePair, PairDecision
from searches.reopening import NEWS_BITS

HOLD: Final = "searches.hold_against_cases"
OFFERED: Final = ("strong", "possible")
"""Bands in which a pair is worth people's time: one in ten, or likelier."""
KEPT: Final = 10
"""So many pairs at most a case brings in one pass, the likeliest first."""


def ask_for(case_id: UUID) -> None:
    """Have the case held against others when nothing else waits; in the caller's transaction."""
    outbox.owe(HOLD, case_id, turn=0)


def forget(case_id: UUID) -> None:
    """Propose nothing any more of a case that is no longer live; what was decided stays."""
    CasePair.objects.waiting().of_case(case_id).delete()


def hold(claim: Claim) -> None:
    """Judge one live case against those that may be of its child, or of who was lost with it."""
    case = next(iter(_read([claim.subject])), None)
    if case is None or not case.is_live:
        return
    given = context.build()
    mine = profiles.of_case(case)
    known = _paired_with(case.pk)
    found = (candidates.cases_for(seeker_of(mine), given) | known) - {case.pk}
    others = [other for other in _read(found) if other.is_live]
    judged = [hold_together(*_ordered(mine, profiles.of_case(other)), given) for other in others]
    touched = known.union(
        *({pair.one_id, pair.other_id} for pair in judged if pair.band in OFFERED)
    )
    with claim.finishing():
        _write(judged, [case, *(other for other in others if other.pk in touched)])


def _write(judged: Iterable[Judged], read: Sequence[Case]) -> None:
    """Keep the likeliest, and drop what waited and is worth nothing now.

    Only between cases that still stand as they were read: a change made a job of its own.
    """
    standing = _still_as_read(read)
    told_by = _told_by(read)
    pairs = sorted(
        (pair for pair in judged if {pair.one_id, pair.other_id} <= standing),
        key=lambda pair: (-pair.probability, pair.one_id, pair.other_id),
    )
    worth = [pair for pair in pairs if _is_worth_a_look(pair, told_by)]
    worth_ids = {(pair.one_id, pair.other_id) for pair in worth}
    said = _linked(read[0].pk)
    held = {
        (row.left_id, row.right_id): row
        for row in CasePair.objects.select_for_update(of=("self",))
        .of_case(read[0].pk)
        .order_by("left_id", "right_id")
    }
    fresh = [
        pair
        for pair in worth
        if (pair.one_id, pair.other_id) not in held
        and (pair.one_id, pair.other_id, pair.kind.value) not in said
    ]
    CasePair.objects.bulk_create(
        [
            CasePair(left_id=pair.one_id, right_id=pair.other_id, **_columns(pair))
            for pair in fresh[:KEPT]
        ],
        ignore_conflicts=True,
    )
    for pair in pairs:
        ids = pair.one_id, pair.other_id
        row = held.get(ids)
        if row is None:
            continue
        if row.decision == "" and ids in worth_ids:
            CasePair.objects.filter(pk=row.pk).update(**_columns(pair))
        elif row.decision == "" and not row.news:
            row.delete()
        elif ids in worth_ids and row.decision == PairDecision.DIFFERENT:
            _ask_again(row, pair)


def _is_worth_a_look(pair: Judged, told_by: dict[UUID, set[UUID]]) -> bool:
    """Whoever speaks for both children knows by themselves that they were lost together."""
    own = bool(told_by[pair.one_id] & told_by[pair.other_id])
    return pair.band in OFFERED and (pair.kind is Likely.DUPLICATE or not own)


def _told_by(cases: Sequence[Case]) -> dict[UUID, set[UUID]]:
    """The families and guardians that speak for each case."""
    speaking: dict[UUID, set[UUID]] = {}
    for family_id, user_id in Guardian.objects.filter(
        family__in=[case.family_id for case in cases], user__isnull=False, ended_at__isnull=True
    ).values_list("family", "user"):
        speaking.setdefault(family_id, set()).add(user_id)
    return {case.pk: {case.family_id, *speaking.get(case.family_id, ())} for case in cases}


def _ask_again(row: CasePair, pair: Judged) -> None:
    """Offer a pair that was called different once more, where enough is new about it."""
    before = {comparison: (level, bits) for comparison, level, bits in row.levels}
    now = {line.comparison: (line.level, line.weight_bits) for line in _told(pair.evidence)}
    silent = ("", 0.0)
    news = {
        comparison: now.get(comparison, silent)[1] - before.get(comparison, silent)[1]
        for comparison in before.keys() | now.keys()
        if now.get(comparison, silent)[0] != before.get(comparison, silent)[0]
    }
    if sum(news.values()) >= NEWS_BITS:
        CasePair.objects.filter(pk=row.pk).update(
            decision="", decided_by=None, decided_at=None, news=sorted(news), **_columns(pair)
        )


def _columns(pair: Judged) -> dict[str, object]:
    return {
        "kind": pair.kind.value,
        "weight_bits": pair.weight_bits,
        "prior_bits": pair.prior_bits,
        "probability": pair.probability,
        "band": pair.band,
        "levels": [
            [line.comparison, line.level, line.weight_bits] for line in _told(pair.evidence)
        ],
        "engine_version": VERSION,
    }


def _told(lines: Iterable[Evidence]) -> list[Evidence]:
    """Lines that rest on what the cases say, and not on the other lines."""
    return [line for line in lines if line.comparison not in (WORKED_OUT, "two_children")]


def _linked(case_id: UUID) -> set[tuple[UUID, UUID, str]]:
    """What somebody has said already of this case and another."""
    links = CaseLink.objects.filter(Q(one=case_id) | Q(other=case_id))
    return set(links.values_list("one_id", "other_id", "kind"))


def _still_as_read(read: Sequence[Case]) -> set[UUID]:
    """Ids of the cases that are live and unchanged, which they stay until this transaction ends."""
    now = {
        case.pk: case
        for case in Case.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk__in=[case.pk for case in read])
        .order_by("pk")
    }
    return {
        case.pk
        for case in read
        if case.pk in now and now[case.pk].is_live and now[case.pk].revision == case.revision
    }


def _paired_with(case_id: UUID) -> set[UUID]:
    pairs = CasePair.objects.of_case(case_id).values_list("left_id", "right_id")
    return {each for pair in pairs for each in pair} - {case_id}


def _ordered(one: CaseProfile, other: CaseProfile) -> tuple[CaseProfile, CaseProfile]:
    return (one, other) if one.id < other.id else (other, one)


def _read(ids: Iterable[UUID]) -> list[Case]:
    rows = Case.objects.filter(pk__in=list(ids), child__isnull=False)
    return list(rows.with_card())
