"""The rules of PFIF 1.4, written from its description alone: nothing here comes from the exporter.

`problems` says everything in a document, or in an Atom feed, that is not as the format asks. Each
line begins with the name of the rule, and `RULES` says what each of them asks for. What can only be
seen by comparing two readings is in `changes`.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
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
WITHHELD = {
    *("date_of_birth", "author_email", "author_phone"),
    *("email_of_found_person", "phone_of_found_person"),
}
MOST_IN_A_FEED = 200

RULES = {
    "encoding": "the document is UTF-8 and says nothing else of itself",
    "shape": "`pfif` of the namespace of 1.4 holds persons and notes, a person its own notes",
    "plain": "a field is text: nothing is within it, and it has no attributes",
    "known": "each field is one of the 25 of a person or the 15 of a note",
    "once": "no field stands twice in a record",
    "order": "fields stand in the format's order",
    "left out": "a field that has nothing to say is left out",
    "mandatory": "id, source_date and full_name; of a note id, author_name, source_date and text",
    "unique": "an id stands for one record of a document",
    "id": "an id is the domain of its home, a slash and a local part",
    "moment": "entry, expiry and source dates are real moments, `yyyy-mm-ddThh:mm:ssZ`",
    "email": "an address that letters reach",
    "phone": "a number that can be dialled",
    "url": "an http or https address",
    "urls": "profile_urls has one address on each line",
    "names": "full_name and alternate_names have one name on each line, and no empty ones",
    "sex": "female, male or other",
    "birth": "date_of_birth is a year, a month or a day that exists",
    "age": "an integer, or a range from the lesser to the greater",
    "age when": "an age says nothing without source_date",
    "state": "home_state is a part of a country by ISO 3166-2, with or without the country",
    "country": "home_country is two letters of ISO 3166-1",
    "whom": "a note that is not within a person says whom it is about",
    "within": "a note within a person is about that person",
    "links": "a link between two records is said by notes on both sides",
    "contact": "author_made_contact is true or false",
    "status": "one of the five states",
    "location": "a last_known_location of two numbers is a latitude and a longitude",
    "tombstone": "past its expiry_date a person is id and three dates",
    "blanked": "a tombstone's source_date and entry_date are when it was blanked",
    "notes go": "a person that expired has no notes, neither within nor beside it",
    "feed": "an Atom feed and its entries have id, title and updated",
    "entry": "an entry holds one record, and is updated when that was entered",
    "entered": "what is in a feed says when it was entered, or nobody can read on from there",
    "length": "a feed has at most 200 records",
    "withheld": "who may not read in full is given no birth date, and nobody's address or number",
}

_ID = (r"(?=.{1,255}/)[a-z0-9-]+(\.[a-z0-9-]+)*/\S+", "id")
_URL = (r"https?://[^\s/]+\S*", "url")
_EMAIL = (r"[^@\s]+@[^@\s]+\.[^@\s]+", "email")
_PHONE = (r"\+?[\d\s().\-/#*,;extEXT]*\d[\d\s().\-/#*,;extEXT]*", "phone")
_MOMENT = (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "moment")
_LINES = r"\S[^\n]*(\n\S[^\n]*)*"
SHAPES = {
    **dict.fromkeys(("person_record_id", "note_record_id", "linked_person_record_id"), _ID),
    **dict.fromkeys(("entry_date", "expiry_date", "source_date"), _MOMENT),
    **dict.fromkeys(("author_email", "email_of_found_person"), _EMAIL),
    **dict.fromkeys(("author_phone", "phone_of_found_person"), _PHONE),
    **dict.fromkeys(("source_url", "photo_url"), _URL),
    **dict.fromkeys(("full_name", "alternate_names"), (_LINES, "names")),
    "profile_urls": (rf"{_URL[0]}(\n{_URL[0]})*", "urls"),
    "sex": (r"female|male|other", "sex"),
    "date_of_birth": (r"\d{4}(-\d\d){0,2}", "birth"),
    "age": (r"\d+(-\d+)?", "age"),
    "home_state": (r"([A-Z]{2}-)?[A-Z0-9]{1,3}", "state"),
    "home_country": (r"[A-Z]{2}", "country"),
    "author_made_contact": (r"true|false", "contact"),
    "status": (
        r"information_sought|is_note_author|believed_(alive|missing|dead)",
        "status",
    ),
}


def problems(document: bytes, *, now: datetime, in_full: bool = True) -> list[str]:
    """What is wrong, in words; nothing for a good document."""
    try:
        document.decode("utf-8")
    except UnicodeDecodeError:
        return ["encoding: the bytes are not UTF-8"]
    declared = re.match(rb"<\?xml[^>]*encoding=[\"']([\w-]+)", document)
    if declared and declared[1].lower() != b"utf-8":
        return [f"encoding: it calls itself {declared[1].decode()}"]
    root = ElementTree.fromstring(document)  # noqa: S314 - our own
    found = list(_of_feed(root) if root.tag == f"{ATOM}feed" else _of_shape(root))
    if any(line.startswith("shape") for line in found):
        return found
    for element in _records_of(root):
        found += _of_record(element, now, in_full=in_full)
    return [*found, *_of_all(root, now)]


def changes(before: bytes, after: bytes) -> list[str]:
    """What is wrong between two readings, the later second: dates of entry only ever grow."""
    found = []
    for kind in ("person", "note"):
        earlier, later = records(before, kind), records(after, kind)
        for each in earlier.keys() & later.keys():
            was, became = (reading[each].get("entry_date", "") for reading in (earlier, later))
            if became < was:
                found.append(f"growing: {each} was entered {was}, and now {became}")
    return found


def order_of(document: bytes, *, oldest_first: bool) -> list[str]:
    """What is wrong with the order of a feed."""
    root = ElementTree.fromstring(document)  # noqa: S314
    dates = [element.findtext(f"{PFIF}entry_date") or "" for element in _records_of(root)]
    return [] if dates == sorted(dates, reverse=not oldest_first) else [f"sorted: {dates}"]


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


def _of_shape(root: Any) -> Iterator[str]:
    if root.tag != f"{PFIF}pfif":
        yield f"shape: the outermost element is {root.tag}"
    for element in root:
        if element.tag not in (f"{PFIF}person", f"{PFIF}note"):
            yield f"shape: there is an element {element.tag}"


def _of_feed(root: Any) -> Iterator[str]:
    entries = root.findall(f"{ATOM}entry")
    for each in (root, *entries):
        for name in ("id", "title", "updated"):
            if each.find(ATOM + name) is None:
                yield f"feed: there is no {name}"
    if len(entries) > MOST_IN_A_FEED:
        yield f"length: there are {len(entries)} entries"
    for entry in entries:
        inside = [part for part in entry if part.tag in (f"{PFIF}person", f"{PFIF}note")]
        if len(inside) != 1:
            yield f"entry: it holds {len(inside)} records"
        for element in inside:
            entered = element.findtext(f"{PFIF}entry_date")
            if entered is None:
                yield "entered: a record has no entry_date"
            elif entered != entry.findtext(f"{ATOM}updated"):
                yield f"entry: it was updated {entry.findtext(f'{ATOM}updated')}, not {entered}"


def _records_of(root: Any) -> list[Any]:
    """The persons and notes that are not within a person."""
    above = root.findall(f"{ATOM}entry") if root.tag == f"{ATOM}feed" else [root]
    return [
        element
        for each in above
        for element in each
        if element.tag in (f"{PFIF}person", f"{PFIF}note")
    ]


def _of_all(root: Any, now: datetime) -> Iterator[str]:
    """What holds between the records of one document."""
    notes, ids, expired = [], [], set()
    for element in root.iter():
        kind = element.tag.removeprefix(PFIF)
        if kind not in MUST:
            continue
        fields = _fields(element)
        ids.append(fields.get(f"{kind}_record_id", ""))
        if kind == "note":
            notes.append(fields)
        elif _is_over(fields, now):
            expired.add(ids[-1])
    for each in sorted({each for each in ids if ids.count(each) > 1}):
        yield f"unique: {each} stands {ids.count(each)} times"
    said = {(note.get("person_record_id"), note.get("linked_person_record_id")) for note in notes}
    for one, other in sorted((str(one), other) for one, other in said if other):
        if (other, one) not in said:
            yield f"links: {one} is linked to {other}, and not the other way round"
    for note in notes:
        if note.get("person_record_id") in expired:
            yield f"notes go: {note.get('note_record_id')} is on a person who expired"


def _fields(element: Any) -> dict[str, str]:
    return {part.tag.removeprefix(PFIF): part.text or "" for part in element}


def _is_over(fields: dict[str, str], now: datetime) -> bool:
    expiry = _moment(fields.get("expiry_date", ""))
    return expiry is not None and expiry <= now


def _moment(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None


def _of_record(element: Any, now: datetime, *, in_full: bool, within: str = "") -> Iterator[str]:
    kind = element.tag.removeprefix(PFIF)
    inner = element.findall(f"{PFIF}note") if kind == "person" else []
    parts = [part for part in element if part not in inner]
    names = [part.tag.removeprefix(PFIF) for part in parts]
    fields = dict(zip(names, (part.text or "" for part in parts), strict=True))
    who = fields.get(f"{kind}_record_id", "?")
    said = [
        *_of_names(PERSON if kind == "person" else NOTE, names, parts),
        *_of_values(fields),
        *_of_duties(kind, fields, now, within, notes=len(inner)),
    ]
    if not in_full and WITHHELD & set(fields):
        said.append(f"withheld: it says {sorted(WITHHELD & set(fields))}")
    yield from (f"{line} ({who})" for line in said)
    for note in inner:
        yield from _of_record(note, now, in_full=in_full, within=who)


def _of_names(order: list[str], names: list[str], parts: Iterable[Any]) -> Iterator[str]:
    if unknown := [name for name in names if name not in order]:
        yield f"known: there are fields {unknown}"
    if len(set(names)) != len(names):
        yield f"once: {[name for name in names if names.count(name) > 1]}"
    known = [name for name in dict.fromkeys(names) if name in order]
    if known != [name for name in order if name in known]:
        yield f"order: {known}"
    for part in parts:
        if len(part) or part.attrib:
            yield f"plain: {part.tag.removeprefix(PFIF)} is more than text"


def _of_values(fields: dict[str, str]) -> Iterator[str]:
    for name, text in fields.items():
        shape, rule = SHAPES.get(name, ("", ""))
        if not text.strip():
            yield f"left out: {name} is empty"
        elif (shape and re.fullmatch(shape, text) is None) or not _is_real(name, text):
            yield f"{rule or name}: {name} is {text!r}"


def _is_real(name: str, text: str) -> bool:
    """What a pattern can't say: dates that exist, and numbers in their range."""
    if name in ("entry_date", "expiry_date", "source_date"):
        return _moment(text) is not None
    if name == "date_of_birth":
        try:
            datetime.fromisoformat((text + "-01-01")[:10])
        except ValueError:
            return False
    if name == "age":
        low, _dash, high = text.partition("-")
        return not high.isdigit() or int(low) < int(high)
    return True


def _of_duties(
    kind: str, fields: dict[str, str], now: datetime, within: str, notes: int
) -> Iterator[str]:
    if kind == "person" and _is_over(fields, now):
        if set(fields) != LEFT:
            yield f"tombstone: it expired and says {sorted(set(fields) ^ LEFT)}"
        if fields.get("source_date") != fields.get("entry_date"):
            yield "blanked: its dates are not those of its blanking"
        if notes:
            yield "notes go: it expired and has notes"
        return
    for name in MUST[kind]:
        if name not in fields:
            yield f"mandatory: there is no {name}"
    if "age" in fields and "source_date" not in fields:
        yield "age when: there is an age and no source_date"
    if kind == "note":
        about = fields.get("person_record_id")
        if not within and about is None:
            yield "whom: it does not say whom it is about"
        if within and about not in (None, within):
            yield f"within: it stands within {within} and is about {about}"
        yield from _of_location(fields.get("last_known_location", ""))


def _of_location(text: str) -> Iterator[str]:
    numbers = re.fullmatch(r"(-?\d+(?:\.\d+)?)[,\s]+(-?\d+(?:\.\d+)?)", text.strip())
    if numbers and (abs(float(numbers[1])) > 90 or abs(float(numbers[2])) > 180):
        yield f"location: {text!r} is no place on earth"
