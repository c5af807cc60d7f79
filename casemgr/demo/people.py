"""Invented people: the facts of a child's life, from which families' and witnesses' words grow."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random
from typing import Final

from casemgr.demo import facts
from casemgr.demo.facts import Spot, Words
from casemgr.demo.marks import Mark, invent_marks
from casemgr.demo.names import Name, invent_name
from casemgr.demo.portraits import identity
from casemgr.demo.words import Clothes, county_of, invent_clothes, years_old
from casemgr.platform.places import Division

DAYS_A_YEAR: Final = 365.2425


@dataclass(frozen=True, slots=True)
class Person:
    """One invented child. `portrait` is the seed of their drawn face, for those who have one.

    `memories` and `traits` index facts.MEMORIES and facts.TRAITS.
    """

    name: Name
    sex: str
    birth: date
    lost: date
    home: Division
    lost_at: Division
    spot: Spot
    circumstance: str
    marks: tuple[Mark, ...]
    clothes: Clothes
    dialect: Words | None
    minority: Words | None
    memories: tuple[int, ...]
    traits: tuple[int, ...]
    tallness: float
    portrait: int | None = None

    def age_on(self, day: date) -> float:
        """Age in years."""
        return years_old(self.birth, day)


def invent_person(rng: Random, today: date) -> Person:
    """Any child: lost between one week and thirty-five years ago, at an age of up to fifteen."""
    days_ago = rng.choices(
        (rng.randint(7, 730), rng.randint(731, 5500), rng.randint(5501, 12800)),
        weights=(25, 35, 40),
    )[0]
    age = min(15.5, max(0.3, rng.gammavariate(3.2, 1.7)))
    sex = rng.choice(("male", "male", "male", "female", "female"))
    return _live(rng, sex, age_lost=age, lost=today - timedelta(days=days_ago))


def invent_drawn_person(rng: Random, portrait: int, today: date) -> Person:
    """A child with a drawn face: still a child, of the age and sex that the drawing shows."""
    face = identity(portrait)
    lost = today - timedelta(days=rng.randint(20, 1500))
    person = _live(rng, face.sex, age_lost=face.age_years + rng.uniform(0, 0.5), lost=lost)
    return replace(person, portrait=portrait)


def _live(rng: Random, sex: str, *, age_lost: float, lost: date) -> Person:
    home = county_of(rng, facts.HOMES)
    away = rng.random() < 0.35  # the families of migrant workers lose their children elsewhere
    province = home.code[:2]
    dialects = facts.DIALECTS.get(province, ())
    minority = facts.MINORITIES.get(province) if rng.random() < 0.3 else None
    fitting = {
        circumstance: weight
        for circumstance, weight in zip(
            facts.CIRCUMSTANCES, facts.CIRCUMSTANCE_WEIGHTS, strict=True
        )
        if age_lost >= 9 or circumstance not in facts.OLDER_CHILDRENS
    }
    traits = rng.sample(range(len(facts.TRAITS)), k=rng.choice((0, 1, 1, 2)))
    return Person(
        name=invent_name(rng, sex),
        sex=sex,
        birth=lost - timedelta(days=round(age_lost * DAYS_A_YEAR)),
        lost=lost,
        home=home,
        lost_at=county_of(rng, facts.DESTINATIONS) if away else home,
        spot=rng.choice(facts.SPOTS),
        circumstance=rng.choices(list(fitting), weights=list(fitting.values()))[0],
        marks=invent_marks(rng),
        clothes=invent_clothes(rng, lost),
        dialect=rng.choice(dialects) if dialects and rng.random() < 0.8 else None,
        minority=minority,
        memories=tuple(rng.sample(range(len(facts.MEMORIES)), k=rng.choice((2, 3, 4)))),
        traits=tuple(traits if set(traits) != set(facts.EYES) else traits[:1]),
        tallness=rng.gauss(0, 1),
    )
