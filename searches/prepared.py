"""Live cases kept ready for matching: taken apart once, when they change, not with each sighting.

A row is only ever written for a case that is live and still at the revision that was read, so that
nothing is kept of a case that was erased meanwhile.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef

from cases.models import LIVE_STATUSES, Case
from searches import profiles
from searches.matching.batch.building import columns_of
from searches.matching.batch.pack import VERSION, pack
from searches.matching.batch.score import weights
from searches.matching.types import CaseProfile, Context, SightingProfile
from searches.models import PreparedCase

BATCH = 500

_UPSERT = """
INSERT INTO searches_preparedcase AS kept (case_id, revision, version, packed, changed_in)
SELECT c.id, c.revision, %(version)s, read.packed, pg_current_xact_id()::text::bigint
FROM unnest(%(ids)s::uuid[], %(revisions)s::int[], %(packed)s::bytea[])
    AS read (id, revision, packed)
JOIN cases_case c ON c.id = read.id AND c.revision = read.revision AND c.status = ANY(%(live)s)
FOR SHARE OF c
ON CONFLICT (case_id) DO UPDATE SET revision = EXCLUDED.revision, version = EXCLUDED.version,
    packed = EXCLUDED.packed, changed_in = EXCLUDED.changed_in
WHERE (kept.revision, kept.version) < (EXCLUDED.revision, EXCLUDED.version)
"""


def keep(read: Sequence[tuple[int, CaseProfile]]) -> None:
    """Keep cases that were read at these revisions, where they still stand there."""
    with connection.cursor() as cursor:
        cursor.execute(
            _UPSERT,
            {
                "version": VERSION,
                "ids": [profile.id for _, profile in read],
                "revisions": [revision for revision, _ in read],
                "packed": [pack(profile) for _, profile in read],
                "live": list(LIVE_STATUSES),
            },
        )


def forget(case_id: UUID) -> None:
    """Keep nothing of a case that is no longer live."""
    PreparedCase.objects.filter(pk=case_id).delete()


def catch_up() -> int:
    """Prepare all live cases that are not, or were by another version. Returns how many."""
    ready = PreparedCase.objects.filter(case=OuterRef("pk"), version=VERSION)
    missing = list(Case.objects.live().filter(~Exists(ready)).values_list("pk", flat=True))
    for start in range(0, len(missing), BATCH):
        cases = Case.objects.filter(pk__in=missing[start : start + BATCH]).with_card()
        keep([(case.revision, profiles.of_case(case)) for case in cases])
    return len(missing)


def every() -> Iterator[tuple[UUID, bytes]]:
    """All prepared cases, read a block at a time."""
    rows = PreparedCase.objects.filter(version=VERSION).values_list("pk", "packed")
    for case_id, packed in rows.iterator(chunk_size=5_000):
        yield case_id, bytes(packed)


def weighed(
    ids: Iterable[UUID], sighting: SightingProfile, context: Context
) -> Mapping[UUID, float]:
    """Total bits of those of the cases that stand ready, as `judge` would give them, to 1e-6."""
    rows = PreparedCase.objects.filter(pk__in=list(ids), version=VERSION)
    found = list(rows.values_list("pk", "packed"))
    if not found:
        return {}
    bits = weights(columns_of(bytes(packed) for _, packed in found), sighting, context)
    return {case_id: float(worth) for (case_id, _), worth in zip(found, bits, strict=True)}


def horizon() -> int:
    """The oldest transaction that may still write; all before it are seen from now on."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        return int(cursor.fetchone()[0])


def changed_since(low: int) -> list[tuple[UUID, int]]:
    """Cases that were prepared by transaction `low` or a later one, and at which revision."""
    rows = PreparedCase.objects.filter(changed_in__gte=low, version=VERSION)
    return list(rows.values_list("pk", "revision"))


def read(ids: Iterable[UUID]) -> dict[UUID, bytes]:
    """Prepared cases by id."""
    rows = PreparedCase.objects.filter(pk__in=list(ids), version=VERSION)
    return {case_id: bytes(packed) for case_id, packed in rows.values_list("pk", "packed")}
