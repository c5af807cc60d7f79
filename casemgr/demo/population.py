"""The population of a demo: families, their children and what they wrote down, all from one seed.

Nothing here touches the database; `filing.py` writes it through the services.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Final

from casemgr.demo import facts
from casemgr.demo.people import Person, invent_drawn_person, invent_person
from casemgr.demo.portrait_seeds import DEMO_SEEDS
from casemgr.demo.words import at, clothes_told, dated, height_at, place_name

DRAWN: Final = 40
PLAIN: Final = 2_000
STRANGERS: Final = 18
"""Children with drawn photos, children without photos, and drawn strangers whom nobody misses."""


@dataclass(frozen=True, slots=True)
class DrawnPhoto:
    """One picture to be drawn of a person at an age, and when the family says it was taken."""

    portrait: int
    variation: int
    age_years: float
    taken_at: str


@dataclass(frozen=True, slots=True)
class InventedCase:
    """One case as its family filed it. Dates and places are in the family's own words.

    `place_code` is '' where the family wrote words only; `marks` are (kind, part, side, words,
    shown to the public); `status` is where the case stands by now.
    """

    number: int
    person: Person
    language: str
    full_name: str
    family_name: str
    given_name: str
    nicknames: tuple[str, ...]
    birth: str
    missing_at: str
    place: str
    place_code: str
    place_type: str
    circumstance: str
    child_situation: str
    story: str
    description: str
    clothing: str
    languages: tuple[str, ...]
    ethnicity: str
    blood_type: str
    height_cm: int | None
    marks: tuple[tuple[str, str, str, str, bool], ...]
    photos: tuple[DrawnPhoto, ...]
    status: str
    public: bool
    in_alliance: bool


@dataclass(frozen=True, slots=True)
class Population:
    """Everybody of one demo. The first DRAWN cases have photos."""

    seed: int
    today: date
    cases: tuple[InventedCase, ...]
    stranger_portraits: tuple[int, ...]


def invent(seed: int, *, today: date) -> Population:
    """The same seed on the same day always gives the same population."""
    rng = Random(f"homeward population {seed}")
    faces = rng.sample(DEMO_SEEDS, DRAWN + STRANGERS)
    people = [invent_drawn_person(rng, face, today) for face in faces[:DRAWN]]
    people += [invent_person(rng, today) for _ in range(PLAIN)]
    cases = tuple(_file(rng, number, person, today) for number, person in enumerate(people, 1))
    return Population(seed, today, cases, tuple(faces[DRAWN:]))


def _file(rng: Random, number: int, person: Person, today: date) -> InventedCase:
    """What a family of this child writes: most in Chinese, none of them everything."""
    language = "zh" if rng.random() < 0.86 else "en"
    name = person.name if language == "zh" else person.name.latin()
    family_first = name.full if language == "zh" else f"{name.family} {name.given}"
    known = rng.random() < 0.93  # a few know their child by a pet name alone
    status, public = _standing(rng, drawn=person.portrait is not None)
    if number == 1:  # whose guardian the visitor can be
        status, public = "open", True
    away = person.home.code != person.lost_at.code
    return InventedCase(
        number=number,
        person=person,
        language=language,
        full_name=family_first if known else "",
        family_name=name.family if known else "",
        given_name=name.given if known else "",
        nicknames=name.pets if not known or rng.random() < 0.85 else (),
        birth=_birth(rng, person, language),
        missing_at=_missing(rng, person, language, today),
        place=at(
            person.spot.words, place_name(rng, person.lost_at, language, vague=False), language
        ),
        place_code=person.lost_at.code if rng.random() < 0.6 else "",
        place_type=person.spot.place_type,
        circumstance=person.circumstance,
        child_situation="migrant" if away else rng.choice(("local", "left_behind", "local")),
        story=_story(rng, person, language, away=away),
        description=_joined([facts.TRAITS[trait][0] for trait in person.traits], language),
        clothing=clothes_told(person.clothes, language) if rng.random() < 0.75 else "",
        languages=(person.dialect[language],) if person.dialect and rng.random() < 0.7 else (),
        ethnicity=person.minority[language] if person.minority else "",
        blood_type=rng.choice(("A", "B", "O", "AB")) if rng.random() < 0.25 else "",
        height_cm=_height(rng, person) if rng.random() < 0.5 else None,
        marks=tuple(
            (mark.kind, mark.part, mark.side, mark.told(language), position != 0)
            for position, mark in enumerate(person.marks)
        ),
        photos=_photos(rng, person, language),
        status=status,
        public=public,
        in_alliance=rng.random() < 0.15,
    )


def _standing(rng: Random, *, drawn: bool) -> tuple[str, bool]:
    """How far the case has come, and whether its card is up: most with a photo, few others."""
    if drawn:
        return ("open", True) if rng.random() < 0.9 else ("verified", False)
    if rng.random() < 0.03:
        return "open", True
    return rng.choices(("submitted", "verified", "open"), weights=(12, 12, 76))[0], False


def _birth(rng: Random, person: Person, language: str) -> str:
    return dated(
        rng, person.birth, rng.choices(("day", "month", "year"), (65, 20, 15))[0], language
    )


def _missing(rng: Random, person: Person, language: str, today: date) -> str:
    """Families know the day, except where many years have gone over it."""
    years = (today - person.lost).days / 365
    loose = 0.06 if years < 3 else 0.3
    fineness = rng.choice(("month", "season", "year")) if rng.random() < loose else "day"
    return dated(rng, person.lost, fineness, language)


def _height(rng: Random, person: Person) -> int:
    told = height_at(person.sex, person.age_on(person.lost), person.tallness) + rng.gauss(0, 2)
    return max(40, round(told))


def _story(rng: Random, person: Person, language: str, *, away: bool) -> str:
    """How it happened, what home was like, and a closing line; one in eight writes nothing."""
    if rng.random() < 0.12:
        return ""
    parts = [facts.CIRCUMSTANCES[person.circumstance][language]]
    if away and rng.random() < 0.7:
        origin = place_name(rng, person.home, language, vague=False)
        parts.append(f"老家在{origin}" if language == "zh" else f"our home is in {origin}")
    kept = person.memories[: rng.choice((0, 1, 2))]
    parts += [facts.MEMORIES[memory][0][language] for memory in kept]
    text = _sentences(parts, language)
    return text + ("" if language == "zh" else " ") + rng.choice(facts.CLOSINGS)[language]


def _sentences(parts: list[str], language: str) -> str:
    if language == "zh":
        return "。".join(parts) + "。"
    return ". ".join(part[0].upper() + part[1:] for part in parts) + "."


def _joined(words: list[facts.Words], language: str) -> str:
    return ("，" if language == "zh" else ", ").join(word[language] for word in words)


def _photos(rng: Random, person: Person, language: str) -> tuple[DrawnPhoto, ...]:
    """One or two pictures from the last two years at home."""
    if person.portrait is None:
        return ()
    pictures = []
    for months_before in rng.sample(range(1, 24), k=rng.choice((1, 2))):
        taken = person.lost - timedelta(days=30 * months_before)
        pictures.append(
            DrawnPhoto(
                portrait=person.portrait,
                variation=rng.randrange(1_000, 1_000_000),
                age_years=max(2.0, person.age_on(taken)),
                taken_at=dated(rng, taken, rng.choice(("month", "year")), language),
            )
        )
    return tuple(pictures)
