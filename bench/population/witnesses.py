"""What others tell of a child: passers-by, institutions and the grown child, with their mistakes.

Nothing here reads what the family wrote: both sides grow from the facts of the child's life.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Final
from uuid import UUID

from bench.population import phrases, when, where
from bench.population.chance import Weighted, pick
from bench.population.children import (
    DIALECTS,
    BodyMark,
    Child,
    Words,
    clothes_told,
    invent_clothes,
    invent_colour,
    invent_mark,
)
from bench.population.names import heard, invent_name
from bench.population.phrases import Split
from bench.population.profiles import all_tokens
from bench.population.when import DAYS_A_YEAR, TODAY
from casemgr.platform.places import Division
from searches.matching.types import Interval, Mark, SightingProfile, Spot

CHINESE: Final = {"street": 0.85, "online": 0.85, "institution": 0.92, "seeker": 0.85}
OLDEST_SEEN: Final = {"street": 16.0, "online": 16.0, "institution": 15.0}
LONGEST_DAYS: Final = 12 * 365
"""How long after the loss street, online and institution sightings may be."""
SEEKERS: Final = (16.0, 45.0)
SEEKERS_LOST: Final = (1.5, 11.0)
"""Ages of grown children now, and when they were lost."""
SEX_MISTAKEN: Final = {"street": 0.03, "online": 0.03, "institution": 0.001, "seeker": 0.001}
SEX_UNTOLD: Final = {"street": 0.08, "online": 0.08, "institution": 0.01, "seeker": 0.01}
NAME_TOLD: Final = {"street": 0.22, "online": 0.18, "institution": 0.5}
NAME_TRUE: Final = {"street": 0.45, "online": 0.40, "institution": 0.55}
"""Share of the names told that are the child's own; the rest are what the child is called now."""
NAME_SLIP: Final = 0.35
NAME_SWAPPED: Final = 0.06
MARK_TOLD: Final = {"street": 0.42, "online": 0.42, "institution": 0.65, "seeker": 0.7}
MARK_TOLD_HIDDEN: Final = {"street": 0.05, "online": 0.05, "institution": 0.6, "seeker": 0.6}
MARK_IN_FORM: Final = 0.5
OTHER_SIDE: Final = 0.07
SIDE_TOLD: Final = 0.7
OTHER_KIND: Final = 0.07
OTHER_PART: Final = 0.08
FALSE_MARK: Final = {"street": 0.05, "online": 0.05, "institution": 0.12, "seeker": 0.12}
"""Chance of a mark that the family does not know: a newer scar, dirt taken for a mole."""
TRAIT_TOLD: Final = 0.4
FALSE_TRAIT: Final = 0.05
AGE_GROSS: Final = 0.06
"""Share of ages guessed that are off by three to six years."""
PLACE: Final = Weighted({"full": 24, "short": 24, "loose": 22, "prefecture": 20, "province": 10})
PINNED: Final = 0.3
FALSE_MEMORY: Final = 0.2
OTHER_REGION: Final = 0.12
"""Share of grown children who name the wrong region as their home."""
_NEIGHBOUR_KINDS: Final = {"scar": "burn", "burn": "scar", "mole": "birthmark", "birthmark": "mole"}
_NEIGHBOUR_PARTS: Final = {
    "forehead": "eyebrow", "eyebrow": "eye", "eye": "cheek", "cheek": "face", "mouth": "chin",
    "chin": "mouth", "ear": "head", "head": "ear", "neck": "shoulder", "hand": "finger",
    "finger": "hand", "arm": "hand", "elbow": "arm", "shoulder": "back", "chest": "shoulder",
    "back": "waist", "waist": "back", "knee": "leg", "leg": "knee", "foot": "leg", "toe": "foot",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Meeting:
    """When and where somebody met the child, or heard from the grown child."""

    day: date
    county: Division
    days_lost: int


@dataclass(slots=True)
class _Draft:
    """What has been told so far; `pieces` are the texts that make search tokens."""

    language: str
    description: list[str]
    marks: list[Mark]


def meet(rng: Random, child: Child, kind: str) -> Meeting | None:
    """A meeting that suits the kind of sighting; None where this child can't have one."""
    if kind == "seeker":
        age, lost_at = child.age_on(TODAY), child.age_on(child.lost)
        if not (SEEKERS[0] <= age <= SEEKERS[1] and SEEKERS_LOST[0] <= lost_at <= SEEKERS_LOST[1]):
            return None
        day = TODAY - timedelta(days=1 + rng.randrange(900))
        days = (day - child.lost).days
        return Meeting(day, where.found_in(rng, child.lost_at, days), days) if days > 365 else None
    grown = round((OLDEST_SEEN[kind] - child.age_on(child.lost)) * DAYS_A_YEAR)
    longest = min((TODAY - child.lost).days - 1, LONGEST_DAYS, grown)
    # Calls to photograph children go back some fifteen years; nobody logs older sightings.
    if longest < 2 or (TODAY - child.lost).days > 16 * 365:
        return None
    days = max(1, round(math.exp(rng.uniform(0, math.log(longest)))))
    return Meeting(
        child.lost + timedelta(days=days), where.found_in(rng, child.lost_at, days), days
    )


def tell(
    rng: Random, child: Child, kind: str, met: Meeting, sighting_id: UUID, split: Split
) -> SightingProfile:
    """One sighting, as matching sees it."""
    language = "zh" if rng.random() < CHINESE[kind] else "en"
    teller = _TELLERS[kind]
    return teller(rng, child, kind, met, sighting_id, split, language)


Teller = Callable[[Random, Child, str, Meeting, UUID, Split, str], SightingProfile]


def _passer_by(
    rng: Random, child: Child, kind: str, met: Meeting, sighting_id: UUID, split: Split,
    language: str,
) -> SightingProfile:  # fmt: skip
    scene = pick(rng, phrases.scenes(split)).told(rng.random(), language)
    draft = _Draft(language, [scene, *_looks(rng, child, split, language)], [])
    _add_marks(rng, child, kind, split, draft)
    low, high = _age_guessed(rng, child.age_on(met.day))
    name = _name_heard(rng, child, kind, met.day, language)
    spot, place_words = _seen_at(rng, met.county, language)
    clothing = _clothing(rng, child, met, language)
    languages = _speech(rng, child, met, language, told=0.22)
    return _profile(
        sighting_id, kind, draft, child=child, rng=rng,
        seen=when.interval(when.told(met.day, _fineness(rng, met.day), language)),
        place=spot, place_words=place_words, name=name, clothing=clothing, languages=languages,
        age=(low, high),
        height=_height(rng, child, met.day, told=0.1, error=7),
    )  # fmt: skip


def _institution(
    rng: Random, child: Child, kind: str, met: Meeting, sighting_id: UUID, split: Split,
    language: str,
) -> SightingProfile:  # fmt: skip
    opening = pick(rng, _ADMITTED)[0 if language == "zh" else 1]
    draft = _Draft(language, [opening, *_looks(rng, child, split, language)], [])
    _add_marks(rng, child, kind, split, draft)
    age = child.age_on(met.day)
    low, high = _age_guessed(rng, age, error=0.55, gross=0.03)
    spot, place_words = _seen_at(rng, met.county, language)
    memories = _memories(rng, child, split, language, each=0.25 if age >= 4 else 0.0, false=0.05)
    born = None
    if rng.random() < 0.6:
        told = when.shifted(rng, child.birth, 0.3 + 0.08 * age)
        born = when.interval(when.told(told, pick(rng, ("day", "year")), language))
    admitted = rng.random() < 0.45
    return _profile(
        sighting_id, kind, draft, child=child, rng=rng,
        seen=when.interval(when.told(met.day, "day", language)),
        place=spot, place_words=place_words,
        name=_name_heard(rng, child, kind, met.day, language), clothing="",
        languages=_speech(rng, child, met, language, told=0.4), age=(low, high),
        height=_height(rng, child, met.day, told=0.85, error=1.5), memories=memories, birth=born,
        separated=when.interval(when.told(met.day, "day", language))
        if admitted and met.days_lost < 120 else None,
        separated_from=(spot, "") if admitted and met.days_lost < 120 else (None, ""),
        blood=0.4, ethnicity=0.12,
    )  # fmt: skip


def _seeker(
    rng: Random, child: Child, kind: str, met: Meeting, sighting_id: UUID, split: Split,
    language: str,
) -> SightingProfile:  # fmt: skip
    age_lost = child.age_on(child.lost)
    draft = _Draft(language, [], [])
    _add_marks(rng, child, kind, split, draft)
    known_as = child.age_on(met.day) + rng.gauss(0, 1.0)
    spot, place_words = _seen_at(rng, met.county, language)
    opening = pick(rng, _TAKEN)[0 if language == "zh" else 1]
    recalled = _memories(
        rng, child, split, language, each=min(0.75, 0.13 * age_lost), false=FALSE_MEMORY
    )
    born = None
    if rng.random() < 0.75:
        told = when.shifted(rng, child.birth, 1.2)
        fineness = "day" if rng.random() < 0.6 else "year"
        born = when.interval(when.told(told, fineness, language))
    return _profile(
        sighting_id, kind, draft, child=child, rng=rng,
        seen=when.interval(when.told(met.day, "day", language)),
        place=spot, place_words=place_words,
        name=_name_remembered(rng, child, age_lost, language), clothing="",
        languages=_speech(rng, child, met, language, told=0.25),
        age=(max(0, math.floor(known_as)), max(1, math.floor(known_as) + 1)),
        height=_height(rng, child, met.day, told=0.5, error=2), memories=[opening, *recalled],
        birth=born, separated=_separated(rng, child, age_lost, language),
        separated_from=_home_told(rng, child, age_lost, language), blood=0.4, ethnicity=0.3,
    )  # fmt: skip


_TELLERS: Final[dict[str, Teller]] = {
    "street": _passer_by, "online": _passer_by, "institution": _institution, "seeker": _seeker,
}  # fmt: skip
_ADMITTED: Final[tuple[Words, ...]] = (
    ("由派出所送来", "brought in by the police"),
    ("在车站被发现，无人认领", "found at a station and not claimed"),
    ("解救后暂时安置", "placed here after a rescue"), ("医院转来", "sent over by a hospital"),
)  # fmt: skip
_TAKEN: Final[tuple[Words, ...]] = (
    ("我是被抱养的，想找亲生父母", "I was taken in as a child and look for my parents by birth"),
    ("小时候被人带走，卖到这边", "I was taken away when small and sold to this place"),
    ("养父母说我是捡来的", "my foster parents say that I was a foundling"),
)  # fmt: skip


def _profile(
    sighting_id: UUID, kind: str, draft: _Draft, *, child: Child, rng: Random,
    seen: Interval | None, place: Spot, place_words: str, name: str, clothing: str,
    languages: tuple[str, ...], age: tuple[float, float] | None, height: int | None,
    memories: list[str] | None = None, birth: Interval | None = None,
    separated: Interval | None = None,
    separated_from: tuple[Spot | None, str] = (None, ""), blood: float = 0.0,
    ethnicity: float = 0.0,
) -> SightingProfile:  # fmt: skip
    pause, stop = ("，", "。") if draft.language == "zh" else (", ", ". ")
    remembered = memories or []
    pieces = (
        clothing, *draft.description, *remembered, place_words, separated_from[1], *languages,
        *(mark.text for mark in draft.marks),
    )  # fmt: skip
    return SightingProfile(
        id=sighting_id,
        sex=_sex(rng, child, kind),
        height_cm=height,
        blood_type=_blood(rng, child) if rng.random() < blood else "",
        ethnicity=_ethnicity(rng, child, draft.language) if rng.random() < ethnicity else "",
        languages=languages,
        marks=tuple(draft.marks),
        clothing=clothing,
        description=pause.join(draft.description),
        tokens=all_tokens(pieces, (name,) if name else (), draft.marks),
        kind=kind,
        seen=seen,
        place=place,
        apparent_age_min=age[0] if age else None,
        apparent_age_max=age[1] if age else None,
        names_heard=(name,) if name else (),
        memories=stop.join(remembered),
        birth=birth,
        separated=separated,
        separated_from=separated_from[0],
    )


def _sex(rng: Random, child: Child, kind: str) -> str:
    if rng.random() < SEX_UNTOLD[kind]:
        return "unknown"
    if rng.random() < SEX_MISTAKEN[kind]:
        return "female" if child.sex == "male" else "male"
    return child.sex


def _fineness(rng: Random, day: date) -> str:
    """Who writes soon knows the day; later it becomes a month or a season."""
    if (TODAY - day).days < 60 or rng.random() < 0.6:
        return "day"
    return pick(rng, ("month", "month", "season"))


def _age_guessed(
    rng: Random, age: float, *, error: float = 0.6, gross: float = AGE_GROSS
) -> tuple[float, float]:
    """A stranger's guess as a span of years: a little low, and coarser with age."""
    judged = age + rng.gauss(-0.15, error + 0.1 * age)
    if rng.random() < gross:
        judged = age + pick(rng, (-1, 1)) * rng.uniform(3, 6)
    span = pick(rng, (0, 1, 1, 2, 3))
    low = max(0, math.floor(judged - span / 2))
    return low, low + max(1, span)


def _seen_at(rng: Random, county: Division, language: str) -> tuple[Spot, str]:
    style = PLACE.draw(rng)
    text = where.named(county.code, style, language)
    if rng.random() < 0.5:
        text = where.spoken_spot(rng.random(), text, language)
    if rng.random() < PINNED:
        return where.pinned(rng, county, text), text
    place = where.spot(text, None)
    assert place is not None
    return place, text


def _name_heard(rng: Random, child: Child, kind: str, day: date, language: str) -> str:
    """The child's own name, or what those who hold the child say; '' where none was heard."""
    if rng.random() >= NAME_TOLD[kind]:
        return ""
    if rng.random() < NAME_TRUE[kind]:
        return _own_name(rng, child, language)
    given = invent_name(rng, child.sex, day.year - 4)
    called = pick(rng, (given.full, given.given, *given.pets))
    return heard(rng, called, language, slip=0.1)


def _name_remembered(rng: Random, child: Child, age_lost: float, language: str) -> str:
    """A grown child's old name where they were old enough, else at times the present one."""
    if rng.random() < min(0.8, 0.16 * age_lost):
        return _own_name(rng, child, language)
    if rng.random() < 0.5:
        return heard(rng, invent_name(rng, child.sex, child.birth.year).full, language, slip=0.0)
    return ""


def _own_name(rng: Random, child: Child, language: str) -> str:
    name, draw = child.name, rng.random()
    if draw < 0.55:
        return heard(rng, pick(rng, name.pets), language, slip=NAME_SLIP)
    given = heard(rng, name.given, language, slip=NAME_SLIP)
    if draw < 0.82:
        return given
    family = heard(rng, name.family, language, slip=0.1)
    if language != "zh":
        return f"{given} {family}" if rng.random() < 0.4 else f"{family} {given}"
    return given + family if rng.random() < NAME_SWAPPED else family + given


def _looks(rng: Random, child: Child, split: Split, language: str) -> list[str]:
    seen = [trait for trait in child.traits if rng.random() < TRAIT_TOLD]
    if rng.random() < FALSE_TRAIT:
        seen.append(pick(rng, phrases.traits(split)))
    return [trait.other.told(rng.random(), language) for trait in seen]


def _add_marks(rng: Random, child: Child, kind: str, split: Split, draft: _Draft) -> None:
    """Some marks are entered in the form, others only told; some are wrong, some nobody knows."""
    noticed = [
        mark
        for mark in child.marks
        if rng.random() < (MARK_TOLD_HIDDEN if mark.hidden else MARK_TOLD)[kind]
    ]
    if rng.random() < FALSE_MARK[kind]:
        noticed.append(invent_mark(rng, split))
    for mark in noticed:
        seen = _mistaken(rng, mark)
        words = seen.told(rng.random(), draft.language, by_family=False)
        if rng.random() >= MARK_IN_FORM:
            draft.description.append(words)
            continue
        code, part = seen.kind.kind, seen.part
        if rng.random() < OTHER_KIND:
            code = _NEIGHBOUR_KINDS.get(code, code)
        if rng.random() < OTHER_PART:
            part = _NEIGHBOUR_PARTS.get(part, part)
        side = seen.side if rng.random() < SIDE_TOLD else ""
        draft.marks.append(Mark(code, part, side, words if rng.random() < 0.7 else ""))


def _mistaken(rng: Random, mark: BodyMark) -> BodyMark:
    if not mark.side or rng.random() >= OTHER_SIDE:
        return mark
    other = "right" if mark.side == "left" else "left"
    return BodyMark(mark.kind, mark.part, mark.part_words, other, mark.hidden)


def _clothing(rng: Random, child: Child, met: Meeting, language: str) -> str:
    """The clothes of the day of the loss for some days, then others; a colour may be mistaken."""
    if rng.random() >= 0.55:
        return ""
    days = met.days_lost
    kept = 0.75 if days <= 2 else 0.35 if days <= 14 else 0.1 if days <= 60 else 0.0
    worn = child.clothes if rng.random() < kept else invent_clothes(rng, met.day)
    if rng.random() < 0.4:
        worn = worn[:1]
    return clothes_told(
        tuple(
            (invent_colour(rng) if rng.random() < 0.12 else colour, item) for colour, item in worn
        ),
        language,
    )


def _speech(
    rng: Random, child: Child, met: Meeting, language: str, *, told: float
) -> tuple[str, ...]:
    """The speech of home, which children lose over the years, or that of where they live now."""
    if child.age_on(met.day) < 2.5 or rng.random() >= told:
        return ()
    kept = math.exp(-met.days_lost / 1500) if child.age_on(child.lost) >= 2.5 else 0.0
    if child.dialect and rng.random() < max(0.08, kept):
        return (child.dialect[0 if language == "zh" else 1],)
    local = DIALECTS.get(met.county.code[:2])
    return (pick(rng, local)[0 if language == "zh" else 1],) if local else ()


def _height(rng: Random, child: Child, day: date, *, told: float, error: float) -> int | None:
    if rng.random() >= told:
        return None
    return max(40, round(child.height_on(day) + rng.gauss(0, error)))


def _memories(
    rng: Random, child: Child, split: Split, language: str, *, each: float, false: float
) -> list[str]:
    """What of home is remembered, and things of other places mixed in."""
    kept = [topic for topic in child.memories if rng.random() < each]
    kept += [pick(rng, phrases.memories(split)) for _ in range(2) if rng.random() < false / 2]
    return [topic.other.told(rng.random(), language) for topic in kept]


def _separated(rng: Random, child: Child, age_lost: float, language: str) -> Interval | None:
    """When it was, by a year or two; not all can say, and some only say how old they were."""
    if rng.random() >= 0.7:
        return None
    told = when.shifted(rng, child.lost, max(0.5, 1.7 - 0.1 * age_lost))
    fineness = pick(rng, ("about", "about", "year", "season"))
    return when.interval(when.told(told, fineness, language))


def _home_told(
    rng: Random, child: Child, age_lost: float, language: str
) -> tuple[Spot | None, str]:
    """The province or the prefecture of the home or of the loss; at times another region."""
    if rng.random() >= min(0.75, 0.3 + 0.08 * age_lost):
        return None, ""
    unit = child.lost_at if rng.random() < 0.7 else child.home
    if rng.random() < OTHER_REGION:
        unit = pick(rng, where.counties(where.HOMES.draw(rng)))
    style = pick(rng, ("province", "province", "prefecture", "prefecture", "loose"))
    text = where.named(unit.code, style, language)
    return where.spot(text, None), text


def _blood(rng: Random, child: Child) -> str:
    return child.blood if rng.random() >= 0.015 else pick(rng, ("A", "B", "O", "AB"))


def _ethnicity(rng: Random, child: Child, language: str) -> str:
    own = child.minority if child.minority and rng.random() < 0.5 else ("汉族", "Han")
    return own[0 if language == "zh" else 1]
