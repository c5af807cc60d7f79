"""From rows to the profiles that the matching core judges."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

import numpy as np

from casemgr.platform import places
from casemgr.platform.dates import PartialDate
from casemgr.platform.fields import civil_zone
from casemgr.platform.persons import MarkFields
from casemgr.platform.photo_pipeline import best_taken
from casemgr.platform.photos import PhotoFields
from casemgr.platform.places import Place
from cases.models import Case
from searches.matching.types import (
    CaseProfile,
    FacePrint,
    Interval,
    Mark,
    PicturePrint,
    SightingProfile,
    Spot,
)
from searches.models import Sighting


def of_case(case: Case) -> CaseProfile:
    """Everything about a case that may be matched; withheld facts are never read."""
    child = case.child
    photos = [photo for photo in case.photos.all() if photo.phash is not None]
    pictures = tuple(PicturePrint(int(photo.phash, 2), photo.ever_public) for photo in photos)
    return CaseProfile(
        id=case.pk,
        sex=child.sex,
        height_cm=child.height_cm,
        blood_type=child.blood_type,
        ethnicity=child.ethnicity,
        languages=tuple(child.languages),
        marks=tuple(_mark(mark) for mark in child.marks.all()),
        clothing=child.clothing,
        description=child.description,
        faces=_faces(photos, pictures),
        pictures=pictures,
        tokens=frozenset(case.tokens),
        names=tuple(child.names()),
        family_name=child.family_name,
        birth=_interval(child.birth_date),
        missing=_interval(case.missing_at),
        missing_from=_spot(case.missing_from),
        height_as_of=_interval(child.height_as_of),
        parents_blood_types=tuple(child.parents_blood_types),
        story=case.story,
    )


def of_sighting(sighting: Sighting) -> SightingProfile:
    """Everything about a sighting that may be matched; where the reporter is, is not."""
    photos = [photo for photo in sighting.photos.all() if photo.phash is not None]
    pictures = tuple(PicturePrint(int(photo.phash, 2), False) for photo in photos)
    return SightingProfile(
        id=sighting.pk,
        sex=sighting.sex,
        height_cm=sighting.height_cm,
        blood_type=sighting.blood_type,
        ethnicity=sighting.ethnicity,
        languages=tuple(sighting.languages),
        marks=tuple(_mark(mark) for mark in sighting.marks.all()),
        clothing=sighting.clothing,
        description=sighting.description,
        faces=_faces(photos, pictures),
        pictures=pictures,
        tokens=frozenset(sighting.tokens),
        kind=sighting.kind,
        seen=_interval(sighting.seen_at),
        place=_spot(sighting.place),
        apparent_age_min=sighting.apparent_age_min,
        apparent_age_max=sighting.apparent_age_max,
        names_heard=(sighting.name_heard,) if sighting.name_heard else (),
        memories=sighting.memories,
        birth=_interval(sighting.birth_date),
        separated=_interval(sighting.separated_at),
        separated_from=_spot(sighting.separated_from),
    )


def _mark(mark: MarkFields) -> Mark:
    return Mark(mark.kind, mark.body_part, mark.side, mark.text)


def _faces(
    photos: Sequence[PhotoFields], pictures: Sequence[PicturePrint]
) -> tuple[FacePrint, ...]:
    found = []
    for photo, picture in zip(photos, pictures, strict=True):
        face = getattr(photo, "face", None)
        if face is not None:
            vector = np.asarray(face.embedding, dtype=np.float32)
            taken = _span(best_taken(photo))
            found.append(FacePrint(face.engine, vector, taken, face.quality, picture))
    return tuple(found)


def _interval(value: PartialDate) -> Interval | None:
    return _span(value.bounds(civil_zone()))


def _span(bounds: tuple[datetime, datetime] | None) -> Interval | None:
    return Interval(*bounds) if bounds else None


def _spot(place: Place) -> Spot | None:
    """The place's point; a place that can't be found on the map still carries its words."""
    if not place.text and not place.division_code and place.latitude is None:
        return None
    located = _locate(place)
    latitude, longitude, precision_m = located or (None, None, None)
    return Spot(latitude, longitude, precision_m, place.division_code, place.text)


@lru_cache(maxsize=50_000)
def _locate(place: Place) -> tuple[float, float, int | None] | None:
    return places.locate(place)
