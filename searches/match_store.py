"""Writing judged pairs. A judgement of older facts never overwrites one of newer facts.

Every case and sighting has a `revision` that grows with whatever matching reads. A match remembers
the two revisions it was judged at; the upsert writes only where both sides still stand as judged,
and leaves what people have decided on as they saw it, unless enough is new about a pair that they
rejected. So no locks are held over judging.
"""

import json
from collections.abc import Iterable, Mapping
from uuid import UUID, uuid4

from django.db import connection

from casemgr.platform import outbox
from casemgr.platform.vocabularies import Band, MatchStatus
from searches import reopening
from searches.matching.types import Scored
from searches.models import Evidence, Match

BECAME_STRONG = "match.became_strong"
UNDECIDED = (
    MatchStatus.PROPOSED,
    MatchStatus.IN_REVIEW,
    MatchStatus.NEEDS_INFORMATION,
    MatchStatus.SUPERSEDED,
)

_UPSERT = """
INSERT INTO searches_match AS kept (id, case_id, sighting_id, weight_bits, prior_bits, probability,
    band, status, engine_version, case_revision, sighting_revision, created_at, updated_at)
SELECT judged.id, judged.case_id, judged.sighting_id, judged.weight_bits, judged.prior_bits,
    judged.probability, judged.band, 'proposed', judged.engine_version, judged.case_revision,
    judged.sighting_revision, now(), now()
FROM jsonb_to_recordset(%(rows)s::jsonb) AS judged (id uuid, case_id uuid, sighting_id uuid,
    weight_bits float, prior_bits float, probability float, band text, engine_version text,
    case_revision int, sighting_revision int)
JOIN cases_case c ON c.id = judged.case_id AND c.revision = judged.case_revision
JOIN searches_sighting s ON s.id = judged.sighting_id AND s.revision = judged.sighting_revision
ORDER BY judged.case_id, judged.sighting_id
ON CONFLICT (case_id, sighting_id) DO UPDATE SET
    weight_bits = EXCLUDED.weight_bits, prior_bits = EXCLUDED.prior_bits,
    probability = EXCLUDED.probability, band = EXCLUDED.band,
    engine_version = EXCLUDED.engine_version, case_revision = EXCLUDED.case_revision,
    sighting_revision = EXCLUDED.sighting_revision, updated_at = now(),
    status = CASE WHEN kept.status = 'superseded' THEN 'proposed' ELSE kept.status END
WHERE kept.status = ANY(%(undecided)s) AND kept.case_revision <= EXCLUDED.case_revision
    AND kept.sighting_revision <= EXCLUDED.sighting_revision
RETURNING id, case_id, sighting_id
"""


def store(
    judged: Iterable[Scored],
    *,
    case_revisions: Mapping[UUID, int],
    sighting_revisions: Mapping[UUID, int],
) -> None:
    """Write matches and their evidence, in the caller's transaction; twice is as good as once."""
    pairs = {(scored.case_id, scored.sighting_id): scored for scored in judged}
    if not pairs:
        return
    rows = [
        {
            "id": str(uuid4()),
            "case_id": str(scored.case_id),
            "sighting_id": str(scored.sighting_id),
            "weight_bits": scored.weight_bits,
            "prior_bits": scored.prior_bits,
            "probability": scored.probability,
            "band": scored.band,
            "engine_version": scored.engine_version,
            "case_revision": case_revisions[scored.case_id],
            "sighting_revision": sighting_revisions[scored.sighting_id],
        }
        for scored in pairs.values()
    ]
    revisions = {"case_revisions": case_revisions, "sighting_revisions": sighting_revisions}
    strong_before = _strong(pairs) - reopening.reopen(pairs, **revisions)
    with connection.cursor() as cursor:
        cursor.execute(
            _UPSERT,
            {"rows": json.dumps(rows), "undecided": list(UNDECIDED)},
        )
        written = {(case, seen): match_id for match_id, case, seen in cursor.fetchall()}
    _write_evidence({written[pair]: pairs[pair] for pair in written})
    for pair in written.keys() - strong_before:
        if pairs[pair].band == Band.STRONG:
            outbox.publish(BECAME_STRONG, written[pair])


def _strong(pairs: Mapping[tuple[UUID, UUID], Scored]) -> set[tuple[UUID, UUID]]:
    """Which of the pairs that are now strong have been so before."""
    now = [pair for pair, scored in pairs.items() if scored.band == Band.STRONG]
    if not now:
        return set()
    held = Match.objects.filter(
        case__in={case for case, _seen in now},
        sighting__in={seen for _case, seen in now},
        band=Band.STRONG,
    )
    return set(held.exclude(status=MatchStatus.SUPERSEDED).values_list("case_id", "sighting_id"))


def _write_evidence(matches: Mapping[UUID, Scored]) -> None:
    Evidence.objects.filter(match__in=matches).delete()
    Evidence.objects.bulk_create(
        Evidence(
            match_id=match_id,
            position=position,
            comparison=line.comparison,
            level=line.level,
            weight_bits=line.weight_bits,
            case_value=line.case_value,
            sighting_value=line.sighting_value,
            reason=line.reason,
            params=dict(line.params),
        )
        for match_id, scored in matches.items()
        for position, line in enumerate(scored.evidence)
    )


def supersede_pairs(
    pairs: Iterable[tuple[UUID, UUID]],
    *,
    case_revisions: Mapping[UUID, int],
    sighting_revisions: Mapping[UUID, int],
) -> None:
    """Undecided matches whose pair, judged anew, is no longer worth a look."""
    for case_id, sighting_id in sorted(pairs):
        revisions = {
            "case_revision": case_revisions[case_id],
            "sighting_revision": sighting_revisions[sighting_id],
        }
        older = {f"{name}__lte": revision for name, revision in revisions.items()}
        Match.objects.filter(
            case_id=case_id, sighting_id=sighting_id, status__in=UNDECIDED, **older
        ).update(status=MatchStatus.SUPERSEDED, **revisions)


def supersede_all(*, case_id: UUID | None = None, sighting_id: UUID | None = None) -> None:
    """Every undecided match of a case that is no longer live, or of a withdrawn sighting."""
    owner = {"case_id": case_id} if case_id else {"sighting_id": sighting_id}
    Match.objects.filter(status__in=UNDECIDED, **owner).update(status=MatchStatus.SUPERSEDED)
