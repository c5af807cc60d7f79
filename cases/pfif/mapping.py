"""A case as the fields of a person record, and the other way round. docs/partners/pfif.md."""

import re
from collections.abc import Mapping
from typing import Any, Final

from django.utils import timezone, translation

from casemgr.platform import site
from casemgr.platform.dates import PartialDate, parse
from casemgr.platform.fields import civil_zone
from casemgr.platform.vocabularies import BodyPart, MarkKind, Sex, Side
from cases.bulk.columns import COLUMNS
from cases.card import ages, is_public
from cases.models import Case, ChildMark
from cases.pfif.shape import Fields

# What PFIF has no field for stands in the description, line by line, and is found there again.
_LABELS: Final[Mapping[str, str]] = {
    "Missing since": "missing_at",
    "Missing from": "missing_from.text",
    "Division code": "missing_from.division_code",
    "Born": "child.birth_date",
    "Height in cm": "child.height_cm",
    "Weight in kg": "child.weight_kg",
    "Blood type": "child.blood_type",
    "Ethnicity": "child.ethnicity",
    "Languages": "child.languages",
    "Clothing": "child.clothing",
    "Marks": "child.marks",
}
_LINE: Final = re.compile(rf"^({'|'.join(map(re.escape, _LABELS))}): (.+)$")
_BY_PATH: Final = {column.path: column for column in COLUMNS}


def person_of(case: Case) -> Fields:
    """What a case (loaded with its detail) says, without its id and dates."""
    child = case.child
    when = PartialDate("", case.updated_at, case.updated_at)
    years = None if _birth(child.birth_date) else ages(child.birth_date, when)
    name = child.full_name or child.given_name or next(iter(child.nicknames), "")
    others = [each for each in [*child.nicknames, child.name_pinyin] if each and each != name]
    fields = {
        "source_name": site.current().name,
        "full_name": name or case.reference,
        "given_name": child.given_name,
        "family_name": child.family_name,
        "alternate_names": "\n".join(others),
        "description": _description(case),
        "sex": "" if child.sex == Sex.UNKNOWN else child.sex,
        "date_of_birth": _birth(child.birth_date),
    }
    if years is not None:
        both = f"{years.least}-{years.most}"
        fields["age"] = str(years.least) if years.least == years.most else both
    if case.public:
        fields["source_url"] = f"{site.address()}/cases/{case.reference}/"
        shown = next((photo for photo in case.photos.all() if is_public(photo)), None)
        if shown is not None:
            fields["photo_url"] = f"{site.address()}/media/case/{shown.pk}/public/"
    return fields


def _birth(birth: PartialDate) -> str:
    """The day, month or year that a date leaves open, as far as it is one."""
    bounds = birth.bounds(civil_zone())
    if bounds is None:
        return ""
    first, last = bounds[0].date(), bounds[1].date()
    if first == last:
        return first.isoformat()
    if (first.year, first.month) == (last.year, last.month):
        return f"{first:%Y-%m}"
    return f"{first:%Y}" if first.year == last.year else ""


def _says_more(birth: PartialDate) -> bool:
    """Whether a date leaves less open than PFIF's own field, which knows days, months and years."""
    return birth.bounds(civil_zone()) != _read(_birth(birth)).bounds(civil_zone())


def _read(text: str) -> PartialDate:
    return parse(text, today=timezone.localdate(), zone=civil_zone())


def _description(case: Case) -> str:
    child = case.child
    told: dict[str, str] = {
        "Missing since": case.missing_at.text,
        "Missing from": case.missing_from.text,
        "Division code": case.missing_from.division_code or "",
        "Born": child.birth_date.text if _says_more(child.birth_date) else "",
        "Height in cm": str(child.height_cm or ""),
        "Weight in kg": str(child.weight_kg or ""),
        "Blood type": child.blood_type,
        "Ethnicity": child.ethnicity,
        "Languages": "; ".join(child.languages),
        "Clothing": child.clothing,
        "Marks": "; ".join(_mark(mark) for mark in child.marks.all()),
    }
    lines = [f"{label}: {' '.join(text.split())}" for label, text in told.items() if text.strip()]
    return "\n".join([child.description, *lines] if child.description else lines)


def _mark(mark: ChildMark) -> str:
    words = re.sub(r"[;；|｜]", ",", mark.text)
    with translation.override("en"):
        kind = MarkKind(mark.kind).value
        part = BodyPart(mark.body_part).value if mark.body_part else ""
        side = Side(mark.side).value if mark.side else ""
    return " | ".join([kind, part, side, words]).rstrip(" |")


def case_of(fields: Fields) -> dict[str, Any]:
    """The record as `POST cases/` would be sent it. What there is no field for stays in the record.

    Labelled lines of the description become facts again; the rest stays in it.
    """
    names = fields.get("full_name", "").split("\n")
    others = [*names[1:], *fields.get("alternate_names", "").split("\n")]
    child: dict[str, Any] = {"full_name": names[0].strip()}
    for name in ("given_name", "family_name"):
        if fields.get(name):
            child[name] = fields[name]
    nicknames = list(dict.fromkeys(each.strip() for each in others if each.strip()))
    if nicknames:
        child["nicknames"] = nicknames
    if fields.get("sex") in ("female", "male"):
        child["sex"] = fields["sex"]
    if fields.get("date_of_birth"):
        child["birth_date"] = fields["date_of_birth"]
    content: dict[str, Any] = {"child": child}
    kept = []
    for line in fields.get("description", "").split("\n"):
        found = _LINE.match(line.strip())
        path = _LABELS[found[1]] if found else ""
        if found and (path != "child.birth_date" or _agrees(found[2], child.get("birth_date"))):
            _put(content, path, _BY_PATH[path].read(found[2]))
        else:
            kept.append(line)
    if any(line.strip() for line in kept):
        child["description"] = "\n".join(kept).strip()
    content["external_ids"] = [{"system": "pfif", "id": fields["person_record_id"]}]
    return content


def _agrees(words: str, birth: str | None) -> bool:
    """Whether the words on a birth lie within what the record's own field says, if it does."""
    if birth is None:
        return True
    inner, outer = _read(words).bounds(civil_zone()), _read(birth).bounds(civil_zone())
    if inner is None or outer is None:
        return False
    return outer[0] <= inner[0] and inner[1] <= outer[1]


def _put(content: dict[str, Any], path: str, value: Any) -> None:
    *way, last = path.split(".")
    for step in way:
        content = content.setdefault(step, {})
    content[last] = value
