"""What a family files about its child: not everything, and not all of it right."""

from datetime import date, timedelta
from random import Random
from typing import Final
from uuid import UUID

from bench.population import phrases, when, where
from bench.population.chance import Weighted, pick
from bench.population.children import Child, clothes_told
from bench.population.names import misheard, spelled
from bench.population.phrases import Split
from bench.population.profiles import all_tokens
from bench.population.when import DAYS_A_YEAR, TODAY
from searches.matching.types import CaseProfile, Interval, Mark, Spot

CHINESE: Final = 0.9
"""Share of families who write Chinese; the others' cases come in English, through a partner."""
BARE: Final = 0.02
"""Share of cases with next to nothing in them."""
PET_NAME_ONLY: Final = 0.05
WRITTEN_BY_OTHERS: Final = 0.03
"""Share of cases typed by a helper who took the name down by ear."""
BIRTH: Final = Weighted({"day": 58, "lunar": 8, "month": 14, "year": 13, "about": 4, "": 3})
LUNAR_AS_SOLAR: Final = 0.07
"""Share of birth dates that are of the lunar calendar without saying so: about five weeks early."""
WRONG_YEAR: Final = 0.03
"""Share of birth dates and of dates of loss that are a year or two off."""
MISSING: Final = Weighted({"day": 82, "lunar": 3, "month": 8, "season": 3, "year": 4})
MISSING_LONG_AGO: Final = Weighted(
    {"day": 55, "lunar": 6, "month": 14, "season": 10, "year": 10, "about": 5}
)
PLACE: Final = Weighted(
    {"full": 38, "short": 22, "loose": 18, "prefecture": 14, "province": 5, "": 3}
)
WITH_CODE: Final = 0.5
MARK_TOLD: Final = 0.85
MARK_IN_FORM: Final = 0.6
"""Share of the marks told that are entered as marks; the rest stand in the description."""
SIDE_TOLD: Final = 0.75
TRAIT_TOLD: Final = 0.7
MEMORY_TOLD: Final = 0.4


def file_case(rng: Random, child: Child, case_id: UUID, split: Split) -> CaseProfile:
    """One case, as matching sees it."""
    language = "zh" if rng.random() < CHINESE else "en"
    bare = rng.random() < BARE
    names, family_name = _names(rng, child, language)
    missing = _missing(rng, child, language)
    missing_from, place_piece = _place(rng, child, language)
    marks, told = ((), []) if bare else _marks(rng, child, language)
    looks = [] if bare else _looks(rng, child, language)
    story = [] if bare else _story(rng, child, language, split)
    clothing = "" if bare else _clothing(rng, child, language)
    description = [*looks, *told]
    languages = (_in(child.dialect, language),) if child.dialect and rng.random() < 0.45 else ()
    height, as_of = (None, None) if bare else _height(rng, child, missing)
    pause, stop = ("，", "。") if language == "zh" else (", ", ". ")
    return CaseProfile(
        id=case_id,
        sex="unknown" if rng.random() < 0.01 else child.sex,
        height_cm=height,
        blood_type=_blood(rng, child),
        ethnicity=_ethnicity(rng, child, language),
        languages=languages,
        marks=marks,
        clothing=clothing,
        description=pause.join(description),
        tokens=all_tokens(
            (clothing, *description, *story, place_piece, *languages, *(m.text for m in marks)),
            names,
            marks,
        ),
        names=names,
        family_name=family_name,
        birth=_birth(rng, child, language),
        missing=missing,
        missing_from=missing_from,
        height_as_of=as_of,
        parents_blood_types=child.parents_blood if rng.random() < 0.12 else (),
        story=stop.join(story),
    )


def _in(words: tuple[str, str], language: str) -> str:
    return words[0] if language == "zh" else words[1]


def _names(rng: Random, child: Child, language: str) -> tuple[tuple[str, ...], str]:
    """Full name, given name, pet names, as the product lists them; and the family name."""
    name = child.name
    pets = name.pets if rng.random() < 0.7 else ()
    if rng.random() < PET_NAME_ONLY:
        pets = name.pets
        return tuple(pets if language == "zh" else map(spelled, pets)), ""
    if language != "zh":
        full = f"{spelled(name.family)} {spelled(name.given)}"
        return tuple(dict.fromkeys((full, spelled(name.given), *map(spelled, pets)))), (
            spelled(name.family)
        )
    given = misheard(rng, name.given) if rng.random() < WRITTEN_BY_OTHERS else name.given
    return tuple(dict.fromkeys((name.family + given, given, *pets))), name.family


def _birth(rng: Random, child: Child, language: str) -> Interval | None:
    fineness = BIRTH.draw(rng)
    if not fineness:
        return None
    day = child.birth
    if fineness == "day" and rng.random() < LUNAR_AS_SOLAR:
        day -= timedelta(days=20 + int(rng.random() * 30))
    return when.interval(when.told(_wrong_year(rng, day), fineness, language))


def _missing(rng: Random, child: Child, language: str) -> Interval | None:
    long_ago = (TODAY - child.lost).days > 10 * DAYS_A_YEAR
    fineness = (MISSING_LONG_AGO if long_ago else MISSING).draw(rng)
    day = _wrong_year(rng, child.lost) if long_ago else child.lost
    if fineness == "day" and rng.random() < 0.04:
        day -= timedelta(days=1 + int(rng.random() * 9))
    return when.interval(when.told(day, fineness, language))


def _wrong_year(rng: Random, day: date) -> date:
    if rng.random() >= WRONG_YEAR:
        return day
    moved = day + timedelta(days=365 * pick(rng, (-2, -1, -1, 1, 1, 2)))
    return min(moved, TODAY)


def _place(rng: Random, child: Child, language: str) -> tuple[Spot | None, str]:
    style = PLACE.draw(rng)
    if not style:
        return None, ""
    text = where.named(child.lost_at.code, style, language)
    if style in ("full", "loose", "short") and rng.random() < 0.4:
        text = where.spoken_spot(rng.random(), text, language)
    code = child.lost_at.code if rng.random() < WITH_CODE else None
    return where.spot(text, code), text


def _marks(rng: Random, child: Child, language: str) -> tuple[tuple[Mark, ...], list[str]]:
    listed, told = [], []
    for mark in child.marks:
        if rng.random() >= MARK_TOLD:
            continue
        words = mark.told(rng.random(), language, by_family=True)
        if rng.random() >= MARK_IN_FORM:
            told.append(words)
            continue
        side = mark.side if rng.random() < SIDE_TOLD else ""
        listed.append(Mark(mark.kind.kind, mark.part, side, words if rng.random() < 0.8 else ""))
    return tuple(listed), told


def _looks(rng: Random, child: Child, language: str) -> list[str]:
    return [
        trait.family.told(rng.random(), language)
        for trait in child.traits
        if rng.random() < TRAIT_TOLD
    ]


def _story(rng: Random, child: Child, language: str, split: Split) -> list[str]:
    """How it happened, and what home was like; one in six writes nothing."""
    if rng.random() < 0.16:
        return []
    age = child.age_on(child.lost)
    fitting = [ways for low, high, ways in phrases.circumstances(split) if low <= age <= high]
    parts = [pick(rng, fitting).told(rng.random(), language)]
    if child.lost_at is not child.home and rng.random() < 0.6:
        home = where.named(child.home.code, "short", language)
        parts.append(f"老家{home}" if language == "zh" else f"we come from {home}")
    parts += [
        topic.family.told(rng.random(), language)
        for topic in child.memories
        if rng.random() < MEMORY_TOLD
    ]
    return parts


def _clothing(rng: Random, child: Child, language: str) -> str:
    known = 0.6 if (TODAY - child.lost).days < 3650 else 0.35
    return clothes_told(child.clothes, language) if rng.random() < known else ""


def _height(
    rng: Random, child: Child, missing: Interval | None
) -> tuple[int | None, Interval | None]:
    if rng.random() >= 0.35:
        return None, None
    height = round(child.height_on(child.lost) + rng.gauss(0, 3))
    return max(40, height), missing if rng.random() < 0.5 else None


def _blood(rng: Random, child: Child) -> str:
    if rng.random() >= 0.2:
        return ""
    return child.blood if rng.random() >= 0.03 else pick(rng, ("A", "B", "O", "AB"))


def _ethnicity(rng: Random, child: Child, language: str) -> str:
    if child.minority:
        return _in(child.minority, language) if rng.random() < 0.85 else ""
    return _in(("汉族", "Han"), language) if rng.random() < 0.3 else ""
