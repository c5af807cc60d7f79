"""Taking in records that a partner uploads: each by itself, the bad ones named."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgr.platform import audit
from casemgr.platform.access import Action, Actor, Group, Role, can
from casemgr.platform.errors import Conflict, DomainError, Forbidden, Invalid, Words
from casemgr.platform.partners.models import Partner
from casemgr.platform.rest.problems import lines_of
from casemgr.platform.text import has_forbidden_characters
from casemgr.platform.vocabularies import CaseStatus, TimelineKind
from cases import lifecycle, rules, services
from cases.bulk import changes
from cases.filing import Filing
from cases.models import Case, PfifNote, PfifRecord, TimelineEvent
from cases.pfif import records
from cases.pfif.mapping import case_of
from cases.pfif.shape import MAX_FIELD, TOMBSTONE, Fields, Sent, moment, read
from cases.serializers import CaseSerializer, split

MOST_RECORDS: Final = 300
MAX_BYTES: Final = 4 * 1024 * 1024
SEXES: Final = ("female", "male", "other")
STATUSES: Final = (
    *("information_sought", "is_note_author", "believed_alive", "believed_missing"),
    "believed_dead",
)
_DATES: Final = ("entry_date", "expiry_date", "source_date")
_BIRTH: Final = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
_AGE: Final = re.compile(r"\d{1,3}(-\d{1,3})?")
# The id is kept as an external id too.
_ID: Final = re.compile(r"[a-z0-9.-]{1,100}/\S{1,100}")
AHEAD: Final = timedelta(hours=24)


@dataclass(slots=True)
class Counts:
    """How many records of a kind came to what."""

    written: int = 0
    unchanged: int = 0
    ended: int = 0
    refused: int = 0


@dataclass(slots=True)
class Report:
    """What became of an upload."""

    persons: Counts = field(default_factory=Counts)
    notes: Counts = field(default_factory=Counts)
    errors: list[dict[str, Any]] = field(default_factory=list)


class NoDomain(DomainError):
    """Nobody has said which records are this organisation's own."""

    status = 403

    def __init__(self) -> None:
        words = _(
            "Your organisation has no PFIF domain here yet. Ask an administrator of the site to "
            "enter it: only records of your own domain are taken."
        )
        super().__init__("no_pfif_domain", words)


def upload(*, actor: Actor, data: bytes) -> Report:
    """Take a document's records in. Raises DomainError for one that can't be read at all."""
    if actor.program is None or not can(actor, Action.CREATE, Group.CASE_DETAIL):
        raise Forbidden
    partners = Partner.objects.filter(pk=actor.program.partner_id)
    domain = partners.values_list("pfif_domain", flat=True).get()
    if not domain:
        raise NoDomain
    persons, notes = read(data)
    inner = [
        (note, person.fields.get("person_record_id", ""))
        for person in persons
        for note in person.notes
    ]
    every = [*inner, *((note, "") for note in notes)]
    if len(persons) + len(every) > MOST_RECORDS:
        words = _("Send at most %(most)s records at once.")
        raise DomainError("too_many_records", words % {"most": MOST_RECORDS})
    report = Report()
    for person in persons:
        _one(report, report.persons, "person", person, lambda s: _person(actor, domain, s))
    for note, of in every:
        note.fields.setdefault("person_record_id", of)
        _one(report, report.notes, "note", note, lambda s: _note(actor, domain, s))
    return report


def _one(
    report: Report, counts: Counts, kind: str, sent: Sent, take: Callable[[Sent], str]
) -> None:
    try:
        with transaction.atomic():
            became = take(sent)
        setattr(counts, became, getattr(counts, became) + 1)
    except Exception as error:
        lines = lines_of(error)
        if lines is None:
            raise
        counts.refused += 1
        record = sent.fields.get(f"{kind}_record_id", "")[:200]
        report.errors += [{"kind": kind, "record": record, **line} for line in lines]


def _refuse(name: str, code: str, words: Words) -> Invalid:
    return Invalid({name: (code, words)})


def _check(sent: Sent, domain: str, kind: str, required: tuple[str, ...]) -> None:
    fields, own = sent.fields, f"{kind}_record_id"
    if sent.unknown:
        raise _refuse(sent.unknown[0], "unknown_field", _("There is no field of this name here."))
    for name, text in fields.items():
        if has_forbidden_characters(text):
            words: Words = _("This text holds characters that can't be stored. Please remove them.")
            raise _refuse(name, "forbidden_characters", words)
        if len(text) > MAX_FIELD:
            raise _refuse(name, "too_long", _("This text is too long."))
    for name in (own, *required):
        if not fields.get(name):
            raise _refuse(name, "required", _("PFIF asks for this field."))
    if not _ID.fullmatch(fields[own]):
        words = _("An id is a domain, a slash and a local part, as in example.org/17.")
        raise _refuse(own, "invalid", words)
    if fields[own].partition("/")[0] != domain:
        words = _("Only records of your own domain are taken: %(domain)s.")
        raise _refuse(own, "other_domain", words % {"domain": domain})
    for name in _DATES:
        if fields.get(name) and moment(fields[name]) is None:
            raise _refuse(name, "invalid", _("Write a moment in UTC as 2026-11-24T08:00:00Z."))
    source = moment(fields.get("source_date", ""))
    if source is not None and source > timezone.now() + AHEAD:
        raise _refuse("source_date", "in_the_future", _("This date lies ahead. Please check it."))


def _choice(fields: Fields, name: str, allowed: tuple[str, ...]) -> None:
    if fields.get(name, "") not in ("", *allowed):
        words = _("Use one of: %(codes)s.") % {"codes": ", ".join(allowed)}
        raise _refuse(name, "invalid_choice", words)


def _person(actor: Actor, domain: str, sent: Sent) -> str:
    ended = _is_ended(sent.fields)
    _check(sent, domain, "person", ("source_date", *(() if ended else ("full_name",))))
    fields = {name: text for name, text in sent.fields.items() if name != "entry_date"}
    _choice(fields, "sex", SEXES)
    for name, pattern in (("date_of_birth", _BIRTH), ("age", _AGE)):
        if fields.get(name) and not pattern.fullmatch(fields[name]):
            raise _refuse(name, "invalid", _("Write it as PFIF does: 2006, 2006-05, 12 or 10-14."))
    held = PfifRecord.objects.select_for_update().filter(record_id=fields["person_record_id"])
    record = held.select_related(None).first()
    if record is not None and record.partner_id != actor.partner_id:
        raise _refuse("person_record_id", "other_domain", _("This record is somebody else's."))
    if ended:
        return _end(actor, record)
    text = json.dumps(fields, ensure_ascii=False, sort_keys=True)
    if record is not None and record.fields == text:
        return "unchanged"
    source = moment(fields["source_date"])
    assert source is not None
    if record is not None and record.blanked_at is None and source < record.source_date:
        raise Conflict("stale", _("A later version of this record is here already."))
    case = _case(actor, record, fields)
    now = timezone.now()
    values: dict[str, Any] = {
        **{"case": case, "fields": text, "entry_date": now, "source_date": source},
        **{"expiry_date": moment(fields.get("expiry_date", "")), "blanked_at": None},
    }
    if record is None:
        record = PfifRecord(
            record_id=fields["person_record_id"],
            partner_id=actor.partner_id,
            told=[actor.partner_id],
            **values,
        )
        record.save(force_insert=True)
    else:
        for name, value in values.items():
            setattr(record, name, value)
        record.save(update_fields=list(values))
    return "written"


def _is_ended(fields: Mapping[str, str]) -> bool:
    """Whether its home says that it has expired, or sends only what is left of it."""
    expiry = moment(fields.get("expiry_date", ""))
    return expiry is not None and (expiry <= timezone.now() or set(fields) <= set(TOMBSTONE))


def _end(actor: Actor, record: PfifRecord | None) -> str:
    """The home dropped it, so the copy goes too, and the case is withdrawn."""
    if record is None or record.blanked_at is not None:
        return "unchanged"
    records.blank([record.pk], timezone.now())
    case = record.case
    standing = case is not None and case.status_to_family not in records.ENDED
    if case is not None and standing and case.withdrawal_asked_at is None:
        why = "the home of its PFIF record let it expire"
        lifecycle.transition(actor=actor, case=case, to=CaseStatus.WITHDRAWN, reason=why)
    return "ended"


def _case(actor: Actor, record: PfifRecord | None, fields: Fields) -> Case:
    """The case behind a record, by the services that the API uses."""
    given = split(CaseSerializer().run_validation(case_of(fields)))
    rules.check_case(given["case"], given["child"])
    filing = Filing(
        given["case"], given["child"], given["marks"] or (), given["external_ids"] or ()
    )
    case = record.case if record is not None else None
    if case is None or case.status == CaseStatus.WITHDRAWN:
        if case is not None:
            # Its id belongs to the search that begins anew.
            case.external_ids.filter(system="pfif").delete()
            PfifRecord.objects.filter(case=case).update(case=None)
        return services.file_case(
            actor=actor,
            case=filing.case,
            child=filing.child,
            marks=filing.marks,
            external_ids=filing.external_ids,
        )
    case = Case.objects.with_detail().get(pk=case.pk)
    wanted = changes.between(case, filing)
    if wanted is not None:
        services.update_case(actor=actor, case=case, **wanted)
    return case


def _note(actor: Actor, domain: str, sent: Sent) -> str:
    _check(sent, domain, "note", ("person_record_id", "author_name", "source_date", "text"))
    fields = {name: text for name, text in sent.fields.items() if name != "entry_date"}
    _choice(fields, "status", STATUSES)
    _choice(fields, "author_made_contact", ("true", "false"))
    if fields.get("status") == "believed_dead" and not actor.has(Role.OUTCOMES_PROPOSE):
        words = _("To say that somebody died needs the scope outcomes:propose.")
        raise _refuse("status", "insufficient_scope", words)
    record = records.told_to(actor).filter(record_id=fields["person_record_id"]).first()
    if record is None or record.case is None or records.is_ended(record, actor):
        raise _refuse("person_record_id", "unknown_person", _("No such person is on record here."))
    if not can(actor, Action.UPDATE, Group.CASE_DETAIL, record.case):
        raise Forbidden
    text = json.dumps(fields, ensure_ascii=False, sort_keys=True)
    held = PfifNote.objects.select_for_update().filter(note_id=fields["note_record_id"]).first()
    if held is not None and held.partner_id != actor.partner_id:
        raise _refuse("note_record_id", "other_domain", _("This record is somebody else's."))
    if held is not None and (held.fields == text or held.record_id != record.pk):
        return "unchanged"
    if held is None:
        assert actor.program is not None
        PfifNote.objects.create(
            record=record,
            note_id=fields["note_record_id"],
            partner_id=actor.program.partner_id,
            fields=text,
            entry_date=timezone.now(),
        )
    else:
        held.fields, held.entry_date = text, timezone.now()
        held.save(update_fields=["fields", "entry_date"])
    # It may say where the child is, so it is for reviewers alone, as whatever they write is.
    event = TimelineEvent.objects.create(
        case=record.case, kind=TimelineKind.NOTE, note=fields["text"][:2_000], for_review=True
    )
    groups = [Group.CASE_DETAIL]
    audit.record(actor, Action.CREATE, "timeline_event", [event.pk, record.case.pk], groups=groups)
    return "written"
