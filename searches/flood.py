"""What keeps a flood of reports from burying a real one. Nothing is ever refused or thrown away.

Beyond the limits a report waits in the slow lane, where its source's turn says when it is served.
Of reports that say the same, the first is the original and the others repeat it: each is matched
when it comes in, but only the original is looked at again for every new case, and reviewers are
shown one. `likeness` is wider: reports with the same picture, or with the same words up to numbers.
They may differ in what matters, so they are only shown one at a time, heaviest first.
"""

import re
from datetime import UTC
from typing import Final

from django.db import connection
from django.http import HttpRequest

from casemgr.platform import crypto, limits, outbox
from casemgr.platform.dates import PartialDate
from casemgr.platform.fields import civil_zone
from casemgr.platform.images import HASH_BITS, SAME_PICTURE_BITS
from casemgr.platform.places import Place
from casemgr.platform.text import tokens
from casemgr.platform.text.runs import normalised
from searches.models import Sighting, SightingPhoto

_CONTENT: Final = "sighting content"
_LIKENESS: Final = "sighting likeness"
# Fewer words than this are shared by people who never heard of each other.
LIKENESS_WORDS: Final = 8
_MARK_FIELDS: Final = ("kind", "body_part", "side", "text")
# What is told about the child; not who told it, nor what was worked out from it.
_TOLD: Final = (
    *("kind", "sex", "apparent_age_min", "apparent_age_max", "height_cm", "weight_kg"),
    *("blood_type", "ethnicity", "languages", "clothing", "description", "name_heard"),
    *("situation", "companions", "vehicle", "memories", "source_url", "danger_now"),
    *("dna_on_file", "seen_at", "height_as_of", "birth_date", "separated_at", "admitted_at"),
    *("place", "separated_from"),
)

_IN_WORDS: Final = ("name_heard", "clothing", "description", "memories", "companions", "vehicle")
# Counters, numbers and random codes, which are what machines vary first.
_WITH_NUMBERS: Final = re.compile(r"[a-z0-9]*[0-9][a-z0-9]*")


def turn_of(request: HttpRequest, *, photos: int) -> int | None:
    """The turn that a report sent now has in the slow lane; None within the limits."""
    return limits.turn(limits.source_of(request), {"sightings": 1, "photos": photos})


def regroup(sighting: Sighting) -> None:
    """Say anew what the sighting repeats, after its words, marks or photos changed.

    Where it was the original of others that no longer say the same, the first of them takes its
    place. Runs in the caller's transaction.
    """
    content = _content_print(sighting)
    if content == sighting.content_print:
        return
    promote(sighting)
    sighting.content_print = content
    sighting.likeness = _likeness(sighting)
    sighting.repeats = (
        Sighting.objects.standing()
        .originals()
        .filter(content_print=content)
        .exclude(pk=sighting.pk)
        .order_by("created_at", "pk")
        .first()
    )
    sighting.save(update_fields=["content_print", "likeness", "repeats"])


def promote(original: Sighting) -> None:
    """Make the first sighting that repeats `original` the original of the others, and match it.

    To be called before `original` is withdrawn, erased or changed.
    """
    followers = Sighting.objects.filter(repeats=original)
    heir = followers.filter(withdrawn_at__isnull=True).order_by("created_at", "pk").first()
    if heir is None:
        return
    Sighting.objects.filter(pk=heir.pk).update(repeats=None)
    followers.update(repeats=heir)
    outbox.publish("sighting.changed", heir.pk)


def recognise(photo: SightingPhoto) -> None:
    """Give a developed photo's sighting the likeness of another one with the same picture."""
    if photo.phash is None:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT s.likeness FROM (
                SELECT sighting_id, phash <~> %(bits)s::bit(256) AS away
                FROM searches_sightingphoto WHERE phash IS NOT NULL
                ORDER BY phash <~> %(bits)s::bit(256) LIMIT 20
            ) near JOIN searches_sighting s ON s.id = near.sighting_id
            WHERE near.away <= %(most)s AND s.id <> %(own)s
                AND s.withdrawn_at IS NULL AND s.likeness <> ''
            ORDER BY s.created_at, s.id LIMIT 1
            """.replace("256", str(HASH_BITS)),
            {"bits": photo.phash, "most": SAME_PICTURE_BITS, "own": photo.sighting_id},
        )
        if found := cursor.fetchone():
            Sighting.objects.filter(pk=photo.sighting_id).update(likeness=found[0])


def _content_print(sighting: Sighting) -> str:
    """A keyed digest of all that was told, without capitals, signs and spaces."""
    said = [f"{name}={_plain(getattr(sighting, name))}" for name in _TOLD]
    said += sorted(
        "|".join(_plain(getattr(mark, name)) for name in _MARK_FIELDS)
        for mark in sighting.marks.all()
    )
    return crypto.blind_index("\n".join([*said, *_pictures(sighting)]), _CONTENT)


def _likeness(sighting: Sighting) -> str:
    """A keyed digest of the first picture, else of the words up to numbers; '' for few words."""
    if pictures := _pictures(sighting):
        return crypto.blind_index(pictures[0], _LIKENESS)
    told = [str(getattr(sighting, name)) for name in _IN_WORDS]
    told += [sighting.place.text, sighting.separated_from.text]
    words = sorted(tokens(_WITH_NUMBERS.sub(" ", normalised("\n".join(told)))))
    return crypto.blind_index(" ".join(words), _LIKENESS) if len(words) >= LIKENESS_WORDS else ""


def _pictures(sighting: Sighting) -> list[str]:
    """The photos by what their files are, in the order they came."""
    photos = sighting.photos.order_by("created_at", "id")
    return list(photos.values_list("original_sha256", flat=True))


def _plain(value: object) -> str:
    if isinstance(value, str):
        return "".join(sign for sign in normalised(value) if sign.isalnum())
    if isinstance(value, PartialDate):
        bounds = value.bounds(civil_zone()) or ()
        ends = [moment.astimezone(UTC).isoformat() for moment in bounds]
        return "/".join(ends) or _plain(value.text)
    if isinstance(value, Place):
        spot = [f"{degrees:.5f}" for degrees in value.wgs84() or ()]
        return "/".join([_plain(value.text), value.division_code or "", *spot])
    return str(value)
