"""What somebody else says of a person: a passer-by, an institution, or the grown child.

The words come from the facts of the person's life, never from what the family wrote, and with the
faults that such words have: another language, an age misjudged, a name half heard, a side mixed up,
a date remembered roughly, a place far away.
"""

import math
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random
from typing import Any, Final

from casemgr.demo import facts
from casemgr.demo.marks import Mark
from casemgr.demo.names import heard
from casemgr.demo.people import Person
from casemgr.demo.words import (
    at,
    clothes_told,
    county_of,
    dated,
    height_at,
    invent_clothes,
    place_name,
)
from casemgr.platform import places
from casemgr.platform.places import Division

OTHER_SIDE: Final = {"left": "right", "right": "left", "": ""}
NEIGHBOURS: Final = {"scar": "burn", "burn": "scar", "mole": "birthmark", "birthmark": "mole"}
"""Kinds that are taken for each other at a glance."""
WORN_ON_DAYS: Final = 21


@dataclass(frozen=True, slots=True)
class Glimpse:
    """When and in which county somebody met the person."""

    day: date
    county: Division


def glimpse(rng: Random, person: Person, today: date, *, within_days: int | None = None) -> Glimpse:
    """A day after the loss; near home in the first weeks, later rather along the known routes."""
    latest = (today - person.lost).days - 1
    after = rng.randint(2, max(2, min(latest, within_days or latest)))
    near = rng.random() < (0.7 if after < 14 else 0.4)
    provinces = {person.lost_at.code[:2]: 1} if near else facts.DESTINATIONS
    county = county_of(rng, provinces)
    if after < 14 and near and rng.random() < 0.7:
        county = person.lost_at
    return Glimpse(person.lost + timedelta(days=after), county)


def passer_by(rng: Random, person: Person, met: Glimpse, today: date) -> dict[str, Any]:
    """A street or online sighting in words, as the API takes it."""
    language = _language(rng)
    place = place_name(rng, met.county, language, vague=rng.random() < 0.35)
    situation = rng.choice(list(facts.STREET))
    in_sight = [mark for mark in person.marks if not mark.hidden]
    marks, name = _striking(rng, person, in_sight, language, mark_seen=0.75, name_told=0.55)
    looks = [facts.TRAITS[trait][1] for trait in person.traits if rng.random() < 0.6]
    listed, told = _marks(rng, marks, language)
    said = [
        rng.choice(facts.STREET[situation])[language],
        *(words[language] for words in looks),
        *told,
    ]
    values: dict[str, Any] = {
        "kind": "street",
        "seen_at": {"text": _recently(rng, met.day, today, language)},
        "place": {"text": at(rng.choice(facts.SIGHTING_SPOTS), place, language)},
        "description": _text(said, language),
        "situation": situation,
        "marks": listed,
        **_sex(rng, person, mistaken=0.02),
        **_age(rng, person.age_on(met.day), error=0.6, growth=0.12),
    }
    if name:
        values["name_heard"] = name
    if rng.random() < 0.4:
        values["companions"] = rng.choice(facts.COMPANIONS)[language]
    if rng.random() < 0.6:
        fresh = (met.day - person.lost).days <= WORN_ON_DAYS
        worn = person.clothes if fresh and rng.random() < 0.6 else invent_clothes(rng, met.day)
        values["clothing"] = clothes_told(worn[: rng.choice((1, 2))], language)
    if person.dialect and rng.random() < 0.3:
        values["languages"] = [person.dialect[language]]
    if rng.random() < 0.2:
        values["height_cm"] = _height(rng, person, met.day, error=7)
    return values


def institution(rng: Random, person: Person, met: Glimpse, today: date) -> dict[str, Any]:
    """A child in care, described by people who have bathed and measured it."""
    language = _language(rng)
    marks, name = _striking(
        rng, person, list(person.marks), language, mark_seen=0.85, name_told=0.7
    )
    listed, told = _marks(rng, marks, language)
    looks = [facts.TRAITS[trait][1][language] for trait in person.traits]
    opening = facts.both(
        "由派出所送来，身边没有大人", "brought in by the police, no adult with the child"
    )
    values: dict[str, Any] = {
        "kind": "institution",
        "seen_at": {"text": dated(rng, met.day, "day", language)},
        "admitted_at": {"text": dated(rng, met.day, "day", language)},
        "place": {"text": at(
            facts.both("儿童福利院", "the children's home of"),
            place_name(rng, met.county, language, vague=False), language,
        )},
        "description": _text([opening[language], *looks, *told], language),
        "situation": "in_institution",
        "height_cm": _height(rng, person, met.day, error=1.5),
        "marks": listed,
        **_sex(rng, person, mistaken=0.0),
        **_age(rng, person.age_on(met.day), error=0.5, growth=0.06),
    }  # fmt: skip
    if name:
        values["name_heard"] = name
    if person.dialect and rng.random() < 0.6:
        values["languages"] = [person.dialect[language]]
    if rng.random() < 0.4:
        memory = facts.MEMORIES[rng.choice(person.memories)][1]
        values["memories"] = _text([memory[language]], language)
    return values


def seeker(rng: Random, person: Person, today: date) -> dict[str, Any]:
    """A grown child: old images, a pet name, roughly when and where."""
    language = "zh" if rng.random() < 0.8 else "en"
    listed, told = _marks(rng, [m for m in person.marks if rng.random() < 0.85], language)
    kept = [facts.MEMORIES[memory][1][language] for memory in person.memories if rng.random() < 0.8]
    opening = facts.both(
        "小时候被人带到现在这个家，一直想找亲生父母",
        "I was brought to this family as a small child and want to find my parents",
    )
    age = person.age_on(today)
    values: dict[str, Any] = {
        "kind": "seeker",
        "seen_at": {"text": dated(rng, today - timedelta(days=1), "day", language)},
        "place": {
            "text": place_name(rng, county_of(rng, facts.DESTINATIONS), language, vague=False)
        },
        "memories": _text([opening[language], *kept], language),
        "description": _text(told, language) if told else "",
        "marks": listed,
        "sex": person.sex,
        "apparent_age_min": max(0, round(age) - 1),
        "apparent_age_max": round(age) + 1,
        "birth_date": {"text": dated(rng, person.birth, "about", language)},
        "separated_at": {"text": dated(rng, person.lost, "about", language)},
    }
    if rng.random() < 0.75:
        values["name_heard"] = heard(rng, _called(rng, person), language)
    if (told_from := rng.random()) < 0.8:
        units = [person.lost_at, *places.parents(person.lost_at.code)]
        unit = units[-1] if told_from < 0.5 else units[-2] if len(units) > 1 else units[0]
        values["separated_from"] = {"text": places.division_label(unit, language)}
    if person.dialect and rng.random() < 0.3:
        values["languages"] = [person.dialect[language]]
    return values


def _striking(
    rng: Random,
    person: Person,
    marks: list[Mark],
    language: str,
    *,
    mark_seen: float,
    name_told: float,
) -> tuple[list[Mark], str]:
    """The marks noticed and the name heard: at least two things where the person has them.

    With fewer nobody, however patient, could tell one child from another.
    """
    noticed = [mark for mark in marks if rng.random() < mark_seen]
    called = rng.random() < name_told
    if len(noticed) + called < 2:
        noticed, called = marks[: max(len(noticed), 2)], called or len(marks) < 2
    return noticed, heard(rng, _called(rng, person), language) if called else ""


def _language(rng: Random) -> str:
    return "zh" if rng.random() < 0.75 else "en"


def _called(rng: Random, person: Person) -> str:
    """What people call out: a pet name, at times the given name."""
    return person.name.given if rng.random() < 0.2 else rng.choice(person.name.pets)


def _recently(rng: Random, day: date, today: date, language: str) -> str:
    """A passer-by who writes at once knows the day; later it becomes a month, then a season."""
    weeks = (today - day).days / 7
    if weeks < 6 or rng.random() < 0.3:
        return dated(rng, day, "day", language)
    return dated(rng, day, rng.choice(("month", "month", "season")), language)


def _sex(rng: Random, person: Person, *, mistaken: float) -> dict[str, str]:
    if rng.random() < 0.05:
        return {}
    if rng.random() < mistaken:
        return {"sex": "female" if person.sex == "male" else "male"}
    return {"sex": person.sex}


def _age(rng: Random, age: float, *, error: float, growth: float) -> dict[str, int]:
    """An age judged by looks: off by `error` years and `growth` more for each year of age."""
    judged = max(0.5, age + rng.gauss(0, error + growth * age))
    spread = rng.choice((0, 1, 1, 2))
    low = max(0, math.floor(judged - spread / 2))
    return {"apparent_age_min": low, "apparent_age_max": low + max(1, spread)}


def _height(rng: Random, person: Person, day: date, *, error: float) -> int:
    told = height_at(person.sex, person.age_on(day), person.tallness) + rng.gauss(0, error)
    return max(40, round(told))


def _marks(rng: Random, marks: list[Mark], language: str) -> tuple[list[dict[str, str]], list[str]]:
    """Some marks are entered in the form's fields, the others only told in the description."""
    listed, told = [], []
    for mark in marks:
        side = mark.side if rng.random() > 0.06 else OTHER_SIDE[mark.side]
        words = replace(mark, side=side).seen(rng, language)
        if rng.random() < 0.5:
            told.append(words)
            continue
        kind = mark.kind
        kind = NEIGHBOURS.get(kind, kind) if rng.random() < 0.08 else kind
        entry = {"kind": kind, "body_part": mark.part, "text": words}
        if side and rng.random() < 0.75:
            entry["side"] = side
        listed.append(entry)
    return listed, told


def _text(parts: list[str], language: str) -> str:
    if language == "zh":
        return "，".join(parts) + "。" if parts else ""
    text = ", ".join(parts)
    return text[:1].upper() + text[1:] + "." if text else ""
