"""Records as a document and as Atom feeds."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final
from xml.etree import ElementTree as Xml

from django.utils.translation import gettext as _

from casemgr.platform import site
from casemgr.platform.access import Actor
from cases.models import Case, PfifRecord
from cases.pfif import records as kept
from cases.pfif.shape import NAMESPACE, Fields, as_bytes, note_xml, person_xml

ATOM: Final = "http://www.w3.org/2005/Atom"
_OPEN: Final = f'<?xml version="1.0" encoding="UTF-8"?>\n<pfif:pfif xmlns:pfif="{NAMESPACE}">\n'


def records(actor: Actor, cases: Sequence[Case]) -> bytes:
    """The records of those cases that are looked for, with the notes that the actor may read."""
    kept.keep_up(actor)
    rows = PfifRecord.objects.filter(case__in=[case.pk for case in cases], blanked_at__isnull=True)
    rows = rows.filter(pk__in=kept.told_to(actor).values("pk")).order_by("entry_date", "pk")
    shown = [each for each in kept.shown(rows, actor) if "full_name" in each]
    notes = kept.notes_of(shown, actor)
    parts = [as_bytes(person_xml(each, notes[each["person_record_id"]])) for each in shown]
    return b"".join(part + b"\n" for part in parts)


def document(parts: Iterable[bytes], mark: str) -> Iterator[bytes]:
    """A whole document around what `records` made; `mark` says whose it is."""
    yield _OPEN.encode()
    yield f"<!-- {mark.replace('--', '- -')} -->\n".encode()
    yield from parts
    yield b"</pfif:pfif>\n"


def person_feed(rows: Sequence[Fields], address: str) -> bytes:
    """Records as Atom entries; a tombstone's entry has no words."""
    feed = _feed(_("Records of children who are being looked for"), address, rows)
    for each in rows:
        entry = _entry(feed, each, each["person_record_id"], each.get("full_name", ""))
        entry.append(person_xml(each))
    return _written(feed)


def note_feed(rows: Sequence[Fields], address: str) -> bytes:
    """Notes as Atom entries."""
    feed = _feed(_("Notes on records of children"), address, rows)
    for each in rows:
        entry = _entry(feed, each, each["note_record_id"], each["text"][:140])
        entry.append(note_xml(each))
    return _written(feed)


def _feed(title: str, address: str, rows: Sequence[Fields]) -> Xml.Element:
    feed = Xml.Element(f"{{{ATOM}}}feed")
    _add(feed, "id", address)
    _add(feed, "title", title)
    Xml.SubElement(feed, f"{{{ATOM}}}link", rel="self", href=address)
    newest = max((each["entry_date"] for each in rows), default="1970-01-01T00:00:00Z")
    _add(feed, "updated", newest)
    _add(Xml.SubElement(feed, f"{{{ATOM}}}author"), "name", site.current().name)
    return feed


def _entry(feed: Xml.Element, fields: Fields, record_id: str, title: str) -> Xml.Element:
    entry = Xml.SubElement(feed, f"{{{ATOM}}}entry")
    _add(entry, "id", f"pfif:{record_id}")
    _add(entry, "title", title.split("\n", maxsplit=1)[0])
    _add(entry, "updated", fields["entry_date"])
    if fields.get("author_name"):
        _add(Xml.SubElement(entry, f"{{{ATOM}}}author"), "name", fields["author_name"])
    _add(entry, "content", title)
    return entry


def _add(element: Xml.Element, name: str, text: str) -> None:
    Xml.SubElement(element, f"{{{ATOM}}}{name}").text = text


def _written(feed: Xml.Element) -> bytes:
    Xml.register_namespace("", ATOM)
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + as_bytes(feed)
