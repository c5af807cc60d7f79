"""The rules of PFIF 1.4, written from its description alone: nothing here comes from the exporter.

`problems` says everything in a document, or in an Atom feed, that is not as the format asks.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from xml.etree import ElementTree

PFIF = "{http://zesty.ca/pfif/1.4}"
ATOM = "{http://www.w3.org/2005/Atom}"
PERSON = re.findall(
    r"\w+",
    """person_record_id entry_date expiry_date author_name author_email author_phone source_name
    source_date source_url full_name given_name family_name alternate_names description sex
    date_of_birth age home_street home_neighborhood home_city home_state home_postal_code
    home_country photo_url profile_urls""",
)
NOTE = re.findall(
    r"\w+",
    """note_record_id person_record_id linked_person_record_id entry_date author_name author_email
    author_phone source_date author_made_contact status email_of_found_person
    phone_of_found_person last_known_location text photo_url""",
)
MUST = {
    "person": ["person_record_id", "source_date", "full_name"],
    "note": ["note_record_id", "author_name", "source_date", "text"],
}
LEFT = {"person_record_id", "source_date", "entry_date", "expiry_date"}
SHAPES = {
    **dict.fromkeys(("person_record_id", "note_record_id"), r"[a-z0-9.-]+/\S+"),
    "linked_person_record_id": r"[a-z0-9.-]+/\S+",
    **dict.fromkeys(
        ("entry_date", "expiry_date", "source_date"), r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"
    ),
    "sex": r"female|male|other",
    "date_of_birth": r"\d{4}(-\d\d){0,2}",
    "age": r"\d+(-\d+)?",
    "home_country": r"[A-Z]{2}",
    **dict.fromkeys(("source_url", "photo_url"), r"https?://\S+"),
    "author_made_contact": r"true|false",
    "status": "information_sought|is_note_author|believed_alive|believed_missing|believed_dead",
}


def problems(document: bytes, *, now: datetime) -> list[str]:
    """What is wrong, in words; nothing for a good document."""
    document.decode("utf-8")
    root = ElementTree.fromstring(document)  # noqa: S314 - our own
    if root.tag == f"{ATOM}feed":
        return list(_of_feed(root, now))
    if root.tag != f"{PFIF}pfif":
        return [f"the outermost element is {root.tag}"]
    return [line for element in root for line in _of_record(element, now)]


def records(document: bytes, kind: str = "person") -> dict[str, dict[str, str]]:
    """The records of a document or feed by their ids, each as its fields."""
    found = {}
    root = ElementTree.fromstring(document)  # noqa: S314
    for element in root.iter(f"{PFIF}{kind}"):
        fields = {
            part.tag.removeprefix(PFIF): part.text or ""
            for part in element
            if part.tag != f"{PFIF}note"
        }
        found[fields[f"{kind}_record_id"]] = fields
    return found


def _of_feed(root: Any, now: datetime) -> Iterator[str]:
    for name in ("id", "title", "updated"):
        if root.find(ATOM + name) is None:
            yield f"the feed has no {name}"
    for entry in root.findall(f"{ATOM}entry"):
        for name in ("id", "title", "updated"):
            if entry.find(ATOM + name) is None:
                yield f"an entry has no {name}"
        inside = [part for part in entry if part.tag in (f"{PFIF}person", f"{PFIF}note")]
        if len(inside) != 1:
            yield f"an entry holds {len(inside)} records"
        for element in inside:
            yield from _of_record(element, now)


def _of_record(element: Any, now: datetime) -> Iterator[str]:
    kind = element.tag.removeprefix(PFIF)
    if kind not in MUST:
        yield f"there is an element {element.tag}"
        return
    parts = [part for part in element if not (kind == "person" and part.tag == f"{PFIF}note")]
    names = [part.tag.removeprefix(PFIF) for part in parts]
    fields = dict(zip(names, (part.text or "" for part in parts), strict=True))
    who = fields.get(f"{kind}_record_id", "?")
    yield from _of_fields(who, PERSON if kind == "person" else NOTE, names, fields)
    expiry = fields.get("expiry_date")
    if kind == "person" and expiry is not None and datetime.fromisoformat(expiry) <= now:
        yield from _of_tombstone(who, fields, len(element) - len(parts))
        return
    for name in MUST[kind]:
        if name not in fields:
            yield f"{who} has no {name}"
    if kind == "note" and "person_record_id" not in fields:
        yield f"{who} does not say whom it is about"
    for note in element.findall(f"{PFIF}note"):
        yield from _of_record(note, now)
        inner = note.find(f"{PFIF}person_record_id")
        if inner is not None and inner.text != who:
            yield f"a note within {who} is about another person"


def _of_fields(
    who: str, order: list[str], names: list[str], fields: dict[str, str]
) -> Iterator[str]:
    if len(set(names)) != len(names):
        yield f"{who} names a field twice"
    if names != [name for name in order if name in names]:
        yield f"{who} has fields that are unknown or out of order: {names}"
    for name, text in fields.items():
        if not text.strip():
            yield f"{who}: {name} is empty, and should be left out"
        elif name in SHAPES and re.fullmatch(SHAPES[name], text) is None:
            yield f"{who}: {name} is {text!r}"
    if "age" in fields and "source_date" not in fields:
        yield f"{who}: an age says nothing without source_date"


def _of_tombstone(who: str, fields: dict[str, str], notes: int) -> Iterator[str]:
    if set(fields) != LEFT:
        yield f"{who} has expired and still says {sorted(set(fields) - LEFT)}"
    if fields.get("source_date") != fields.get("entry_date"):
        yield f"{who}: a tombstone's dates are when it was blanked"
    if notes:
        yield f"{who} has expired and still has notes"
