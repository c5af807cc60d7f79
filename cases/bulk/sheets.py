"""A coordinator's file on its way to an import: read, its columns told apart, tried, sent in.

What it is sent in by is `imports.start`, as for everybody; this only keeps the file meanwhile, and
remembers for each alliance what its headings were said to be.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils import translation
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from casemgr.platform import audit, outbox, storage
from casemgr.platform.access import Action, Actor, Group
from casemgr.platform.errors import Conflict, DomainError, Forbidden, Invalid
from casemgr.platform.outbox import Claim
from casemgr.platform.storage import StoredFiles
from cases.bulk import imports, parts
from cases.bulk.columns import IGNORED, OWN_NUMBER, by_heading, plain_name
from cases.models import (
    BulkFormat,
    ImportJob,
    ImportMode,
    ImportSheet,
    RememberedColumns,
)
from cases.querysets import led_by
from families.models import Alliance

READ: Final = "cases.read_sheet"
READ_SECONDS: Final = 240
FIRST_ROWS: Final = 5
MOST_REMEMBERED: Final = 500
_EXTERNAL: Final = "external_ids"


def keep(*, actor: Actor, alliance: Alliance, data: bytes) -> ImportSheet:
    """Keep a file until its columns are told apart; the actor's earlier one is put away.

    Raises Invalid for a file of a kind that can't hold a list.
    """
    user = actor.user
    if user is None or not Alliance.objects.filter(pk__in=led_by(actor), pk=alliance.pk).exists():
        raise Forbidden
    format = format_of(data)
    for earlier in open_sheets(actor, alliance):
        put_away(actor=actor, sheet=earlier)
    with StoredFiles() as files, transaction.atomic():
        sealed = files.seal(data)
        sheet = ImportSheet.objects.create(
            alliance=alliance,
            user=user,
            format=format,
            language=get_language() or "en",
            original=sealed.name,
            original_sha256=sealed.sha256,
        )
        audit.record(actor, Action.CREATE, "import_sheet", [sheet.pk], groups=[Group.CASE_DETAIL])
        if format == BulkFormat.XLSX:
            outbox.owe(READ, sheet.pk)
        else:
            _read(sheet, data)
    return sheet


def open_sheets(actor: Actor, alliance: Alliance) -> "QuerySet[ImportSheet]":
    """The actor's files for this alliance that are neither sent in nor put away."""
    sheets = ImportSheet.objects.visible_to(actor).filter(alliance=alliance)
    return sheets.filter(sent_as__isnull=True).exclude(original="")


def format_of(data: bytes) -> BulkFormat:
    """What a file is by its first bytes, whatever it is called. Raises Invalid."""
    if not data.strip(b"\xef\xbb\xbf \r\n\t"):
        raise _refused("empty", _("This file is empty."))
    if data.startswith(b"PK\x03\x04"):
        return BulkFormat.XLSX
    if data.startswith(b"%PDF"):
        words = _("This is a PDF, whatever it is called. Save the list itself as XLSX or CSV.")
        raise _refused("pdf", words)
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        words = _("This is an old workbook (XLS), or one with a password. Save it as XLSX.")
        raise _refused("old_workbook", words)
    if b"\x00" in data[:4096] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        words = _("This is no list that we can read. Save it as XLSX or CSV.")
        raise _refused("no_list", words)
    return BulkFormat.NDJSON if data.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] == b"{" else BulkFormat.CSV


def _refused(code: str, words: Any) -> Invalid:
    return Invalid({"file": (code, words)})


@outbox.handler(name=READ, queue=imports.QUEUE, seconds=READ_SECONDS)
def read_workbook(claim: Claim) -> None:
    """Look at a workbook's first rows."""
    sheet = ImportSheet.objects.filter(pk=claim.subject, read_at__isnull=True).first()
    if sheet is None or not sheet.original:
        return
    data = storage.unseal(sheet.original, sha256=sheet.original_sha256)
    with claim.finishing(), translation.override(sheet.language):
        _read(sheet, data)


def _read(sheet: ImportSheet, data: bytes) -> None:
    """Headings, the first rows, and what the columns probably are; or why it can't be read."""
    try:
        pieces = _first(sheet, data)
        if not pieces:
            raise DomainError("empty", _("There are no rows in this file."))
        sheet.first_rows = json.dumps(pieces, ensure_ascii=False)
        sheet.mapping = guess(sheet.alliance_id, sheet.columns, [row for _n, row, _c in pieces])
    except DomainError as refused:
        sheet.problem = str(refused.message)[:600]
        drop_file(sheet)
    sheet.read_at = Now()
    sheet.save(
        update_fields=[
            *("columns", "first_rows", "mapping", "problem", "read_at"),
            *("original", "original_sha256"),
        ]
    )


def _first(sheet: ImportSheet, data: bytes) -> list[parts.Piece]:
    if sheet.format == BulkFormat.NDJSON:
        return parts.first_lines(data, FIRST_ROWS)
    pieces: list[parts.Piece] = []
    headed = False
    for number, cells in parts.sheet_rows(sheet.format, data):
        if not any(cells):
            continue
        if not headed:
            sheet.columns, headed = parts.headings(cells), True
            continue
        pieces.append((number, cells[: len(sheet.columns)], ""))
        if len(pieces) == FIRST_ROWS:
            break
    return pieces


def guess(alliance_id: Any, headings: Sequence[str], rows: Sequence[Any]) -> list[str]:
    """The field of each heading: as it was said last time, else as it is called, else ''."""
    remembered = RememberedColumns.objects.filter(alliance=alliance_id).first()
    known: Mapping[str, str] = dict(remembered.fields) if remembered else {}
    found: list[str] = []
    for place, heading in enumerate(headings):
        path = known.get(plain_name(heading))
        if path is None:
            column = by_heading(heading)
            path = column.path if column is not None else ""
            cells = [row[place] for row in rows if len(row) > place and row[place]]
            if path == _EXTERNAL and not any(set(":：") & set(cell) for cell in cells):
                path = OWN_NUMBER.path
        found.append("" if path in found else path)
    return found


def unknown(headings: Sequence[str], mapping: Sequence[str]) -> list[str]:
    """Headings that will be left out, besides those that are always passed over."""
    return [
        heading
        for heading, path in zip(headings, mapping, strict=True)
        if not path and heading and plain_name(heading) not in IGNORED
    ]


@transaction.atomic
def try_out(*, actor: Actor, sheet: ImportSheet, mapping: Sequence[str]) -> ImportJob:
    """Say what the columns are, remember it for the next file, and begin a dry run.

    Raises DomainError as `imports.start` does.
    """
    held = _held(sheet)
    _remember(held, mapping)
    if held.trial is not None and held.mapping == list(mapping):
        return held.trial  # a second tap
    held.mapping = list(mapping)
    held.trial = _start(actor, held, mode=ImportMode.SKIP_BAD, dry_run=True)
    held.save(update_fields=["mapping", "trial"])
    return held.trial


@transaction.atomic
def send_in(*, actor: Actor, sheet: ImportSheet, mode: ImportMode, skip_alike: bool) -> ImportJob:
    """Bring the file's cases in; the file itself goes. A second tap leads to the same import."""
    again = ImportSheet.objects.select_for_update(of=("self",)).get(pk=sheet.pk)
    if again.sent_as is not None:
        return again.sent_as
    held = _held(sheet)
    job = _start(actor, held, mode=mode, dry_run=False, skip_alike=skip_alike)
    held.sent_as = job
    drop_file(held)
    held.save(update_fields=["sent_as", "original", "original_sha256", "first_rows"])
    return job


@transaction.atomic
def put_away(*, actor: Actor, sheet: ImportSheet) -> None:
    """Throw a file away that was not sent in."""
    drop_file(sheet)
    sheet.save(update_fields=["original", "original_sha256", "first_rows"])
    audit.record(actor, Action.ERASE, "import_sheet", [sheet.pk], groups=[Group.CASE_DETAIL])


def drop_file(sheet: ImportSheet) -> None:
    """Let go of the file's content once the transaction commits; the caller saves the row."""
    name, sheet.original, sheet.original_sha256, sheet.first_rows = sheet.original, "", "", ""
    if name:
        transaction.on_commit(lambda: storage.delete(name))


def _held(sheet: ImportSheet) -> ImportSheet:
    held = ImportSheet.objects.select_for_update(of=("self",)).get(pk=sheet.pk)
    if not held.original or held.read_at is None:
        words = _("This file is not here any more. Please choose it once more.")
        raise Conflict("sheet_gone", words)
    return held


def _start(
    actor: Actor,
    sheet: ImportSheet,
    *,
    mode: ImportMode,
    dry_run: bool,
    skip_alike: bool = False,
) -> ImportJob:
    return imports.start(
        actor=actor,
        data=storage.unseal(sheet.original, sha256=sheet.original_sha256),
        format=BulkFormat(sheet.format),
        mode=mode,
        dry_run=dry_run,
        alliance_id=sheet.alliance_id,
        mapping=sheet.mapping,
        skip_alike=skip_alike,
    )


def _remember(sheet: ImportSheet, mapping: Sequence[str]) -> None:
    """Newest last, so that the oldest are forgotten first."""
    said = {
        plain_name(heading): path
        for heading, path in zip(sheet.columns, mapping, strict=True)
        if plain_name(heading)
    }
    if not said:
        return
    kept, _made = RememberedColumns.objects.get_or_create(alliance_id=sheet.alliance_id)
    others = [[name, path] for name, path in kept.fields if name not in said]
    kept.fields = [*others, *([name, path] for name, path in said.items())][-MOST_REMEMBERED:]
    kept.save(update_fields=["fields"])
