"""Whom to judge: the union of several indexed searches, so that no single gap loses a child.

Each search is generous and none is a filter on place or date: the judging decides. A sighting finds
cases by face, by picture, and by all that is told in words (`live_index`); a case finds sightings
by face, by picture, by rare words, and by sex and place.
"""

from collections.abc import Iterable, Mapping
from math import log
from typing import Any
from uuid import UUID

from django.db import connection

from casemgr.platform.images import HASH_BITS, SAME_PICTURE_BITS
from casemgr.platform.vocabularies import Sex
from searches import live_index
from searches.matching.types import CaseProfile, Context, FacePrint, SightingProfile
from searches.models import Sighting

FACES = 40
PICTURES = 20
WORDS = 150
ATTRIBUTES = 150
# How many of the rarest tokens are looked up, and how many rows they may bring in to be ranked.
TOKENS_LOOKED_UP = 24
TOKEN_ROWS = 3_000


def cases_for(sighting: SightingProfile, context: Context) -> set[UUID]:
    """Ids of live cases worth judging against `sighting`."""
    found: set[UUID] = set()
    for face in sighting.faces:
        found |= by_face("cases_caseface", "cases_casephoto", "case_id", face)
    for picture in sighting.pictures:
        found |= by_picture("cases_casephoto", "case_id", picture.phash)
    return found | live_index.propose(sighting, context)


def sightings_for(case: CaseProfile, rarity: Mapping[str, float]) -> set[UUID]:
    """Ids of standing sightings worth judging against `case`."""
    found: set[UUID] = set()
    for face in case.faces:
        found |= by_face("searches_sightingface", "searches_sightingphoto", "sighting_id", face)
    for picture in case.pictures:
        found |= by_picture("searches_sightingphoto", "sighting_id", picture.phash)
    found |= by_tokens(Sighting.objects.standing().originals(), case.tokens, rarity)
    found |= _sightings_by_attributes(case)
    return found


def by_face(faces: str, photos: str, owner: str, face: FacePrint) -> set[UUID]:
    """The nearest live faces of the same engine; iterative scan goes on past filtered rows."""
    dimension = len(face.vector)
    with connection.cursor() as cursor:
        cursor.execute("SET hnsw.iterative_scan = relaxed_order")
        cursor.execute(
            f"""
            SELECT photo.{owner} FROM {faces} face JOIN {photos} photo ON photo.id = face.photo_id
            WHERE face.live AND face.engine = '{face.engine}'
            ORDER BY face.embedding::vector({dimension}) <-> %s::vector LIMIT %s
            """,  # noqa: S608 - table names are ours, the engine's name comes from code
            [str(face.vector.tolist()), FACES],
        )
        return {row[0] for row in cursor.fetchall()}


def by_picture(photos: str, owner: str, phash: int) -> set[UUID]:
    """Photos whose perceptual hash differs in few bits."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT {owner} FROM (
                SELECT {owner}, phash <~> %s::bit({HASH_BITS}) AS away FROM {photos}
                WHERE phash IS NOT NULL ORDER BY phash <~> %s::bit({HASH_BITS}) LIMIT %s
            ) near WHERE away <= %s
            """,  # noqa: S608 - table names are ours
            [bits := format(phash, f"0{HASH_BITS}b"), bits, PICTURES, SAME_PICTURE_BITS],
        )
        return {row[0] for row in cursor.fetchall()}


def by_tokens(rows: Any, tokens: Iterable[str], rarity: Mapping[str, float]) -> set[UUID]:
    """Rows that share rare words, best by the sum of -ln(share) of what is shared."""
    worth = {token: -log(max(rarity.get(token, 0.0), 1e-7)) for token in tokens}
    known = sorted((token for token in worth if token in rarity), key=lambda token: -worth[token])
    # Words that no case had when they were counted cost nothing to look up, so they take no turn.
    wanted = [*known[:TOKENS_LOOKED_UP], *(token for token in worth if token not in rarity)]
    if not wanted:
        return set()
    held = rows.filter(tokens__overlap=wanted).values_list("pk", "tokens")[:TOKEN_ROWS]
    ranked = sorted(
        ((sum(worth.get(token, 0.0) for token in their), pk) for pk, their in held), reverse=True
    )
    return {pk for _, pk in ranked[:WORDS]}


def _sightings_by_attributes(case: CaseProfile) -> set[UUID]:
    """The same from the case's side."""
    rows = Sighting.objects.standing().originals()
    if case.sex in {Sex.FEMALE, Sex.MALE}:
        rows = rows.filter(sex__in=[case.sex, Sex.UNKNOWN])
    if case.birth is not None:
        rows = rows.exclude(seen_at_latest__lt=case.birth.earliest)
    return _nearest_first(rows, "place_division", "seen_at_earliest", case.missing_from)


def _nearest_first(rows: Any, division: str, when: str, place: Any) -> set[UUID]:
    found: set[UUID] = set()
    code = place.division_code if place else None
    for prefix in (code[:4], code[:2]) if code else ():
        near = rows.filter(**{f"{division}__startswith": prefix})
        found |= set(near.order_by(f"-{when}", "-pk").values_list("pk", flat=True)[:ATTRIBUTES])
        if len(found) >= ATTRIBUTES:
            return found
    rest = rows.order_by(f"-{when}", "-pk").values_list("pk", flat=True)[:ATTRIBUTES]
    return found | set(rest)
