"""The format itself: names of fields in their order, and reading and writing them as XML."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from xml.etree import ElementTree as Xml

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring
from django.utils.translation import gettext_lazy as _

from casemgr.platform.errors import DomainError

NAMESPACE: Final = "http://zesty.ca/pfif/1.4"
# What is taken: the names of earlier versions are known by `OLD_NAMES`.
NAMESPACES: Final = frozenset(f"http://zesty.ca/pfif/1.{minor}" for minor in (1, 2, 3, 4))
PERSON: Final = (
    *("person_record_id", "entry_date", "expiry_date", "author_name", "author_email"),
    *("author_phone", "source_name", "source_date", "source_url", "full_name", "given_name"),
    *("family_name", "alternate_names", "description", "sex", "date_of_birth", "age"),
    *("home_street", "home_neighborhood", "home_city", "home_state", "home_postal_code"),
    *("home_country", "photo_url", "profile_urls"),
)
NOTE: Final = (
    *("note_record_id", "person_record_id", "linked_person_record_id", "entry_date"),
    *("author_name", "author_email", "author_phone", "source_date", "author_made_contact"),
    *("status", "email_of_found_person", "phone_of_found_person", "last_known_location"),
    *("text", "photo_url"),
)
OLD_NAMES: Final[Mapping[str, str]] = {
    "home_zip": "home_postal_code",
    "first_name": "given_name",
    "last_name": "family_name",
    "found": "author_made_contact",
    "other": "description",
    "name": "full_name",
}
TOMBSTONE: Final = ("person_record_id", "entry_date", "expiry_date", "source_date")
PRIVATE: Final = frozenset(
    {
        *("date_of_birth", "author_email", "author_phone"),
        *("email_of_found_person", "phone_of_found_person"),
    }
)
"""Fields that only those with the right to read in full are given."""
MAX_FIELD: Final = 10_000

Fields = dict[str, str]


@dataclass(slots=True)
class Sent:
    """A record as it was sent: its fields by today's names, and the notes within it."""

    fields: Fields
    unknown: list[str] = field(default_factory=list)
    notes: list["Sent"] = field(default_factory=list)


def read(data: bytes) -> tuple[list[Sent], list[Sent]]:
    """Persons and top-level notes of a document; raises DomainError for what is none.

    No entity is expanded and no DTD read.
    """
    try:
        root = fromstring(data, forbid_dtd=True, forbid_entities=True, forbid_external=True)
    except DefusedXmlException as error:
        words = _("This XML has a DTD or entities, which aren't read here. Send it without.")
        raise DomainError("forbidden_xml", words) from error
    except (Xml.ParseError, ValueError, RecursionError) as error:
        raise DomainError("malformed_xml", _("This is not well-formed XML.")) from error
    namespace, name = _split(root.tag)
    if name != "pfif" or namespace not in NAMESPACES:
        words = _("This is not PFIF: the outermost element is `pfif` of version 1.1 to 1.4.")
        raise DomainError("not_pfif", words)
    persons = [_record(each) for each in root if _split(each.tag) == (namespace, "person")]
    notes = [_record(each) for each in root if _split(each.tag) == (namespace, "note")]
    return persons, notes


def _record(element: Any) -> Sent:
    known = NOTE if _split(element.tag)[1] == "note" else PERSON
    sent = Sent({})
    for part in element:
        name = _split(part.tag)[1]
        if name == "note" and known is PERSON:
            sent.notes.append(_record(part))
            continue
        name = OLD_NAMES.get(name, name)
        if name not in known or len(part):
            sent.unknown.append(name[:60])
            continue
        text = (part.text or "").strip()
        if text:
            sent.fields[name] = text
    return sent


def _split(tag: Any) -> tuple[str, str]:
    text = str(tag)
    if not text.startswith("{"):
        return "", text
    namespace, _brace, name = text[1:].partition("}")
    return namespace, name


def person_xml(fields: Fields, notes: Iterable[Fields] = ()) -> Xml.Element:
    """One person with notes; empty fields are left out, the others are in the format's order."""
    element = _element("person", PERSON, fields)
    for note in notes:
        element.append(note_xml(note))
    return element


def note_xml(fields: Fields) -> Xml.Element:
    """One note."""
    return _element("note", NOTE, fields)


def _element(name: str, order: Sequence[str], fields: Fields) -> Xml.Element:
    element = Xml.Element(f"{{{NAMESPACE}}}{name}")
    for each in order:
        if fields.get(each):
            Xml.SubElement(element, f"{{{NAMESPACE}}}{each}").text = fields[each]
    return element


def as_bytes(element: Xml.Element) -> bytes:
    """The element by itself, in UTF-8."""
    Xml.register_namespace("pfif", NAMESPACE)
    return bytes(Xml.tostring(element, encoding="utf-8"))


def moment(text: str) -> datetime | None:
    """A date of the format (`yyyy-mm-ddThh:mm:ssZ`), None for anything else."""
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None


def as_text(when: datetime | None) -> str:
    """A moment as the format has it; '' for none."""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if when else ""
