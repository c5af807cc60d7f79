"""The sixty sightings of a demo, and the truth about each, which only the runner keeps."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from random import Random
from typing import Any, Final
from uuid import UUID

from casemgr.demo import facts, witness
from casemgr.demo.names import invent_name
from casemgr.demo.people import Person, invent_drawn_person, invent_person
from casemgr.demo.population import DrawnPhoto, InventedCase, Population
from casemgr.demo.words import county_of


class Sort(StrEnum):
    """What a sighting brings, and whether it is of a child on file."""

    PHOTO_AND_WORDS = "photo and words"
    PHOTO_ONLY = "photo only"
    WORDS_ONLY = "words only"
    STRANGER = "stranger, with a photo"
    NEAR_MISS = "near miss, words only"
    NOBODY = "nobody on file, words only"


TRUE_SORTS: Final = (Sort.PHOTO_AND_WORDS, Sort.PHOTO_ONLY, Sort.WORDS_ONLY)
FALSE_SORTS: Final = (Sort.STRANGER, Sort.NEAR_MISS, Sort.NOBODY)
EACH_TRUE: Final = 8
NEAR_MISSES: Final = 12
NOBODIES: Final = 6


@dataclass(frozen=True, slots=True)
class InventedSighting:
    """One sighting to be posted. `truth` is the number of the case it is of, None for nobody's."""

    number: int
    sort: Sort
    key: UUID
    values: dict[str, Any]
    photo: DrawnPhoto | None
    truth: int | None


Draft = tuple[Sort, dict[str, Any], DrawnPhoto | None, int | None]


def invent_sightings(population: Population) -> tuple[InventedSighting, ...]:
    """All sixty in the random order in which they are posted; the same for the same population."""
    rng = Random(f"homeward sightings {population.seed}")
    drafts = [
        *_of_drawn_children(rng, population),
        *_of_children_in_words(rng, population),
        *_of_strangers(rng, population),
        *_near_misses(rng, population),
        *_of_nobody(rng, population.today),
    ]
    rng.shuffle(drafts)
    return tuple(
        InventedSighting(
            number, sort, UUID(int=rng.getrandbits(128), version=4), values, photo, truth
        )
        for number, (sort, values, photo, truth) in enumerate(drafts, 1)
    )


def _of_drawn_children(rng: Random, population: Population) -> list[Draft]:
    drawn = [case for case in population.cases if case.photos]
    chosen = rng.sample(drawn, 2 * EACH_TRUE)
    with_words = [
        _pictured(rng, case.person, population.today, words=True, truth=case.number)
        for case in chosen[:EACH_TRUE]
    ]
    without = [
        _pictured(rng, case.person, population.today, words=False, truth=case.number)
        for case in chosen[EACH_TRUE:]
    ]
    return with_words + without


def _pictured(rng: Random, person: Person, today: date, *, words: bool, truth: int | None) -> Draft:
    """A newly drawn picture of the person, as old as on that day; at times from an institution."""
    met = witness.glimpse(rng, person, today)
    assert person.portrait is not None
    photo = DrawnPhoto(
        portrait=person.portrait,
        variation=rng.randrange(1_000_000, 2_000_000),
        age_years=person.age_on(met.day),
        taken_at="",
    )
    if truth is None:
        sort = Sort.STRANGER
    else:
        sort = Sort.PHOTO_AND_WORDS if words else Sort.PHOTO_ONLY
    if not words:
        return sort, {"kind": rng.choice(("street", "street", "online"))}, photo, truth
    tell = witness.institution if rng.random() < 0.25 else witness.passer_by
    return sort, tell(rng, person, met, today), photo, truth


def _of_children_in_words(rng: Random, population: Population) -> list[Draft]:
    """Three passers-by, two institutions and three grown children, from all cases on file."""
    today = population.today

    def lost_at_most(years: float) -> Callable[[InventedCase], bool]:
        return lambda case: (today - case.person.lost).days < years * 365

    def grown(case: InventedCase) -> bool:
        person = case.person
        return 17 <= person.age_on(today) <= 45 and 3 <= person.age_on(person.lost) <= 10

    recent = _choose(rng, population.cases, lost_at_most(3), 3)
    in_care = _choose(rng, population.cases, lost_at_most(12), 2)
    adults = _choose(rng, population.cases, grown, 3)
    told = []
    for case in recent:
        met = witness.glimpse(rng, case.person, today)
        told.append((case, witness.passer_by(rng, case.person, met, today)))
    for case in in_care:
        met = witness.glimpse(rng, case.person, today, within_days=240)
        told.append((case, witness.institution(rng, case.person, met, today)))
    told += [(case, witness.seeker(rng, case.person, today)) for case in adults]
    return [(Sort.WORDS_ONLY, values, None, case.number) for case, values in told]


def _choose(
    rng: Random,
    cases: Iterable[InventedCase],
    fits: Callable[[InventedCase], bool],
    count: int,
) -> list[InventedCase]:
    return rng.sample([case for case in cases if fits(case)], count)


def _of_strangers(rng: Random, population: Population) -> list[Draft]:
    """Drawn children whom nobody on file misses, half of them with words."""
    return [
        _pictured(
            rng, invent_drawn_person(rng, portrait, population.today), population.today,
            words=position % 2 == 0, truth=None,
        )
        for position, portrait in enumerate(population.stranger_portraits)
    ]  # fmt: skip


def _near_misses(rng: Random, population: Population) -> list[Draft]:
    """Of children who resemble one on file without being that child.

    Half agree in sex, province and, within a year, in age, and are otherwise of their own; half
    share marks, clothes and looks, but differ in sex, by a year in age, and in province.
    """
    today = population.today
    recent = _choose(
        rng, population.cases, lambda c: 30 < (today - c.person.lost).days < 1_500, NEAR_MISSES
    )
    drafts: list[Draft] = []
    for position, case in enumerate(recent):
        make = _same_frame if position % 2 == 0 else _same_looks
        person = make(rng, case.person, today)
        met = witness.glimpse(rng, person, today)
        if make is _same_frame:
            met = replace(met, county=county_of(rng, {case.person.lost_at.code[:2]: 1}))
        tell = witness.institution if rng.random() < 0.25 else witness.passer_by
        drafts.append((Sort.NEAR_MISS, tell(rng, person, met, today), None, None))
    return drafts


def _same_frame(rng: Random, child: Person, today: date) -> Person:
    other = invent_person(rng, today)
    return replace(
        other,
        sex=child.sex,
        name=invent_name(rng, child.sex),
        birth=child.birth + timedelta(days=rng.randint(-365, 365)),
        lost=child.lost,
        home=child.home,
        lost_at=child.lost_at,
        dialect=child.dialect,
    )


def _same_looks(rng: Random, child: Person, today: date) -> Person:
    sex = "female" if child.sex == "male" else "male"
    elsewhere = {
        province: weight
        for province, weight in facts.HOMES.items()
        if province not in {child.home.code[:2], child.lost_at.code[:2]}
    }
    home = county_of(rng, elsewhere)
    return replace(
        child,
        sex=sex,
        name=invent_name(rng, sex),
        birth=child.birth + timedelta(days=rng.choice((-365, 365))),
        home=home,
        lost_at=home,
        dialect=rng.choice(facts.DIALECTS.get(home.code[:2], (None,))),
        portrait=None,
    )


def _of_nobody(rng: Random, today: date) -> list[Draft]:
    drafts: list[Draft] = []
    for _ in range(NOBODIES):
        person = invent_person(rng, today)
        if person.age_on(today) >= 17 and person.age_on(person.lost) >= 3:
            values = witness.seeker(rng, person, today)
        else:
            met = witness.glimpse(rng, person, today)
            tell = witness.institution if rng.random() < 0.3 else witness.passer_by
            values = tell(rng, person, met, today)
        drafts.append((Sort.NOBODY, values, None, None))
    return drafts
