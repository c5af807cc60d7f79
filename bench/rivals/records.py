"""Cases and sightings as flat records, with all that a rival's user could sensibly prepare.

The rivals are helped: they get coordinates from our gazetteer, our bilingual search tokens, names
in pinyin, dates as numbers, and one key for each way of naming a speech or an ethnic group.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from pypinyin import lazy_pinyin

from searches.matching.compare.ethnicity import group_of
from searches.matching.compare.language import speech_of
from searches.matching.types import CaseProfile, Interval, Mark, SightingProfile, Spot

_EPOCH_YEAR = 365.2425 * 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One case or sighting. Moments are years as decimal numbers; None and () are unknown.

    `born` of a sighting without a birth date is worked out from the age and the date seen. A case's
    place of loss is both `place` and `origin`; a sighting has the place seen and the place of
    origin that is told.
    """

    names: tuple[str, ...]
    sounds: tuple[str, ...]
    sex: str | None
    born: float | None
    lost: float | None
    place: tuple[float, float] | None
    origin: tuple[float, float] | None
    place_text: str
    marks: tuple[str, ...]
    speech: tuple[str, ...]
    ethnicity: str | None
    blood: str | None
    words: tuple[str, ...]
    text: str


def of_case(case: CaseProfile) -> Record:
    """A case's record."""
    place = _point(case.missing_from)
    return Record(
        names=case.names,
        sounds=_sounds(case.names),
        sex=case.sex if case.sex != "unknown" else None,
        born=_middle(case.birth),
        lost=_middle(case.missing),
        place=place,
        origin=place,
        place_text=case.missing_from.text if case.missing_from else "",
        marks=_marks(case.marks),
        speech=_speech(case.languages),
        ethnicity=group_of(case.ethnicity) or None,
        blood=case.blood_type or None,
        words=tuple(sorted(case.tokens)),
        text=_text(case.marks, case.clothing, case.description, case.story),
    )


def of_sighting(sighting: SightingProfile) -> Record:
    """A sighting's record."""
    born = _middle(sighting.birth)
    seen = _middle(sighting.seen)
    ages = [a for a in (sighting.apparent_age_min, sighting.apparent_age_max) if a is not None]
    if born is None and seen is not None and ages:
        born = seen - sum(ages) / len(ages)
    return Record(
        names=sighting.names_heard,
        sounds=_sounds(sighting.names_heard),
        sex=sighting.sex if sighting.sex != "unknown" else None,
        born=born,
        lost=_middle(sighting.separated),
        place=_point(sighting.place),
        origin=_point(sighting.separated_from),
        place_text=" ".join(
            spot.text for spot in (sighting.place, sighting.separated_from) if spot is not None
        ),
        marks=_marks(sighting.marks),
        speech=_speech(sighting.languages),
        ethnicity=group_of(sighting.ethnicity) or None,
        blood=sighting.blood_type or None,
        words=tuple(sorted(sighting.tokens)),
        text=_text(sighting.marks, sighting.clothing, sighting.description, sighting.memories),
    )


def _sounds(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_sound(name) for name in names))


@lru_cache(maxsize=100_000)
def _sound(name: str) -> str:
    return "".join(lazy_pinyin(name)).casefold().replace(" ", "")


def _middle(span: Interval | None) -> float | None:
    if span is None:
        return None
    middle: datetime = span.earliest + (span.latest - span.earliest) / 2
    return 1970 + middle.timestamp() / _EPOCH_YEAR


def _point(spot: Spot | None) -> tuple[float, float] | None:
    if spot is None or spot.latitude is None or spot.longitude is None:
        return None
    return spot.latitude, spot.longitude


def _marks(marks: Iterable[Mark]) -> tuple[str, ...]:
    found = {mark.kind for mark in marks}
    found |= {f"{mark.kind} {mark.body_part}" for mark in marks if mark.body_part}
    return tuple(sorted(found))


def _speech(languages: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({key for told in languages if (key := speech_of(told))}))


def _text(marks: Iterable[Mark], *texts: str) -> str:
    return "\n".join(part for part in (*(mark.text for mark in marks), *texts) if part)
