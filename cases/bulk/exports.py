"""Asking for an export, writing it part by part, and handing it over to the one who asked."""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgr.platform import audit, boxes, outbox, tables
from casemgr.platform.access import Action, Actor, Group, Role
from casemgr.platform.erasure import Holdings, Kind, Why, part
from casemgr.platform.errors import Conflict, DomainError, Forbidden, Gone, NotFound
from casemgr.platform.outbox import Claim
from cases.bulk.actors import program_now
from cases.bulk.columns import COLUMNS, cells_of
from cases.bulk.imports import MOST_AT_ONCE, QUEUE
from cases.models import BulkStatus, Case, ExportFormat, ExportJob, ExportPart
from cases.pfif import exporting
from cases.querysets import DETAIL_GROUPS, CaseQuerySet
from cases.serializers import CaseSerializer

RUN: Final = "cases.export"
PART_ROWS: Final = 100
SLICE_SECONDS: Final = 8.0
MOST_IN_WORKBOOK: Final = 10_000
"""Rows; a workbook is put together when it is fetched, and has to be held for that."""
GROUPS: Final = (*DETAIL_GROUPS, Group.EXPORTS)
OUR_OWN: Final = ("reference", "status", "id", "exported")
_LEFT_OUT: Final = frozenset({"public", "withdrawal_asked_at", "alliance", "created_at"}) | {
    "updated_at"
}


class WrongKey(DomainError):
    """The key doesn't open this export."""

    status = 403

    def __init__(self) -> None:
        words = _("This key doesn't open the export. It was told when the export was asked for.")
        super().__init__("wrong_key", words)


@transaction.atomic
def start(
    *,
    actor: Actor,
    format: ExportFormat,
    status: str = "",
    updated_since: datetime | None = None,
) -> tuple[ExportJob, str]:
    """Owe an export of the cases that a program may read; returns it with the key that opens it.

    The key is not kept. Raises Forbidden for people: theirs needs a second one, and is elsewhere.
    """
    if actor.program is None or not actor.has(Role.CASES_READ):
        raise Forbidden
    client_id = actor.program.client_id
    under_way = [BulkStatus.WAITING, BulkStatus.RUNNING]
    if ExportJob.objects.filter(client=client_id, status__in=under_way).count() >= MOST_AT_ONCE:
        words = _("%(most)s exports of yours are under way. Please wait until one has ended.")
        raise Conflict("too_many_exports", words % {"most": MOST_AT_ONCE})
    public, key = boxes.new_pair()
    job = ExportJob.objects.create(
        client_id=client_id,
        format=format,
        wanted_status=status,
        updated_since=updated_since,
        public_key=public,
        expires_at=timezone.now() + timedelta(hours=settings.EXPORT_HOURS),
    )
    audit.record(actor, Action.EXPORT, "export", [job.pk], groups=GROUPS)
    outbox.owe(RUN, job.pk)
    return ExportJob.objects.get(pk=job.pk), key


def of_asker(actor: Actor) -> "QuerySet[ExportJob]":
    """The exports that this very program asked for."""
    if actor.program is None:
        return ExportJob.objects.none()
    return ExportJob.objects.filter(client=actor.program.client_id)


@outbox.handler(name=RUN, queue=QUEUE)
def run_export(claim: Claim) -> None:
    """Write parts for a while, then let others have their turn."""
    until = time.monotonic() + SLICE_SECONDS
    while more := step(claim.subject):
        if time.monotonic() > until:
            break
    with claim.finishing():
        if more:
            outbox.owe(RUN, claim.subject)


@transaction.atomic
def step(job_id: UUID) -> bool:
    """Write one part; returns whether there is more to do."""
    jobs = ExportJob.objects.select_for_update(of=("self",)).select_related("client__partner")
    job = jobs.filter(pk=job_id, status__in=[BulkStatus.WAITING, BulkStatus.RUNNING]).first()
    if job is None:
        return False
    actor = program_now(job.client)
    if actor is None or not actor.has(Role.CASES_READ):
        return _refuse(job, "not_allowed", _("Whoever asked may not read these cases any more."))
    wanted = _wanted(job, actor)
    if job.rows is None:
        job.rows = wanted.count()
        if job.format == ExportFormat.XLSX and job.rows > MOST_IN_WORKBOOK:
            words = _("A workbook holds %(most)s cases at most. Please ask for CSV.")
            return _refuse(job, "too_many_rows", words % {"most": MOST_IN_WORKBOOK})
    if job.after_at is not None:
        after = Q(created_at=job.after_at, pk__gt=job.after_id) | Q(created_at__gt=job.after_at)
        wanted = wanted.filter(after)
    cases = list(wanted.with_detail().as_shown_to(actor).order_by("created_at", "pk")[:PART_ROWS])
    if not cases:
        job.status, job.finished_at = BulkStatus.DONE, timezone.now()
        job.save(update_fields=["status", "rows", "finished_at", "updated_at"])
        return False
    _write(job, actor, cases)
    job.status, job.done = BulkStatus.RUNNING, job.done + len(cases)
    job.after_at, job.after_id = cases[-1].created_at, cases[-1].pk
    job.save(update_fields=["status", "rows", "done", "after_at", "after_id", "updated_at"])
    return True


def _wanted(job: ExportJob, actor: Actor) -> CaseQuerySet:
    wanted = Case.objects.visible_to(actor).filter(created_at__lte=job.created_at)
    if job.wanted_status:
        shown = Case.objects.as_shown_to(actor)
        shown = shown.filter(shown_status=job.wanted_status)  # type: ignore[misc]
        wanted = wanted.filter(pk__in=shown.values("pk"))
    if job.updated_since is not None:
        wanted = wanted.filter(updated_at__gte=job.updated_since)
    return wanted


def _write(job: ExportJob, actor: Actor, cases: Sequence[Case]) -> None:
    number = job.parts.count()
    box = boxes.seal(
        _content(job, actor, cases), to=bytes(job.public_key), name=_box_name(job, number)
    )
    ids = [case.pk for case in cases]
    ExportPart.objects.create(job=job, number=number, content=box, cases=ids)
    audit.record(actor, Action.EXPORT, "case", ids, groups=GROUPS)


def _box_name(job: ExportJob, number: int) -> str:
    return f"export {job.pk} for {job.client_id}, part {number}"


def _content(job: ExportJob, actor: Actor, cases: Sequence[Case]) -> bytes:
    if job.format == ExportFormat.PFIF:
        return exporting.records(actor, cases)
    shown = list(CaseSerializer(cases, many=True).data)
    mark = watermark(job)
    if job.format == ExportFormat.NDJSON:
        return b"".join(_line(each, mark) for each in shown)
    rows = [[*cells_of(each), *_own(each, mark)] for each in shown]
    if job.format == ExportFormat.CSV:
        return tables.csv_rows(rows)
    return json.dumps(rows, ensure_ascii=False).encode()


def watermark(job: ExportJob) -> str:
    """Who asked, when, and which export it is: on every row, so that a copied one still says so."""
    asker = f"{job.client.name} ({job.client.partner.name})"
    return f"{asker} · {job.created_at:%Y-%m-%dT%H:%MZ} · {job.pk}"


def _own(shown: Mapping[str, Any], mark: str) -> list[str]:
    return [str(shown[name]) for name in OUR_OWN[:-1]] + [mark]


def _line(shown: Mapping[str, Any], mark: str) -> bytes:
    """A case as an import takes it again, with nothing said of what isn't known."""
    said = _said({name: value for name, value in shown.items() if name not in _LEFT_OUT})
    return json.dumps({**said, "exported": mark}, ensure_ascii=False).encode() + b"\n"


def _said(value: Any) -> Any:
    if isinstance(value, Mapping):
        inner = {name: _said(part) for name, part in value.items()}
        return {name: part for name, part in inner.items() if part not in (None, "", [], {})}
    if isinstance(value, list | tuple):
        return [_said(part) for part in value]
    return value


def _refuse(job: ExportJob, code: str, words: Any) -> bool:
    job.parts.all().delete()
    job.problem_code, job.problem = code, str(words)[:600]
    job.status, job.finished_at = BulkStatus.REFUSED, timezone.now()
    job.save(
        update_fields=["status", "rows", "problem_code", "problem", "finished_at", "updated_at"]
    )
    return False


def hand_over(*, actor: Actor, job_id: UUID, key: str) -> tuple[ExportJob, Iterator[bytes]]:
    """The file, opened with the asker's key while it is read.

    Raises NotFound for everybody else, Gone once it is too old or holds a case that the asker may
    not read any more, WrongKey.
    """
    job = of_asker(actor).select_related("client__partner").filter(pk=job_id).first()
    if job is None:
        raise NotFound
    if not key:
        raise WrongKey
    if job.expires_at < timezone.now() or not _is_current(job, actor):
        words = _("This export is too old, or holds what you may not read any more. Ask anew.")
        raise Gone(words)
    if job.status != BulkStatus.DONE:
        raise Conflict("export_not_done", _("This export is not done. Please ask again later."))
    first = job.parts.order_by("number").first()
    if first is not None:
        _open(job, first, key)
    audit.record(actor, "fetch_export", "export", [job.pk], groups=GROUPS)
    return job, _file(job, key)


def _is_current(job: ExportJob, actor: Actor) -> bool:
    """Whether every case in it may still be read: a consent may have ended since."""
    inside = """
        SELECT DISTINCT unnest(cases) FROM cases_exportpart WHERE job_id = %s
    """
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM ({inside}) AS inside", [job.pk])  # noqa: S608
        (count,) = cursor.fetchone()
        cursor.execute(inside, [job.pk])
        ids = [row[0] for row in cursor.fetchall()]
    return bool(Case.objects.visible_to(actor).filter(pk__in=ids).count() == count)


def _open(job: ExportJob, part: ExportPart, key: str) -> bytes:
    try:
        return boxes.open_box(bytes(part.content), key=key, name=_box_name(job, part.number))
    except boxes.WrongKey as error:
        raise WrongKey from error


def _file(job: ExportJob, key: str) -> Iterator[bytes]:
    opened = (_open(job, part, key) for part in job.parts.order_by("number").iterator(20))
    headings = [*(column.path for column in COLUMNS), *OUR_OWN]
    if job.format == ExportFormat.XLSX:
        about = [["exported", watermark(job)]]
        rows = (row for content in opened for row in json.loads(content))
        yield tables.xlsx_bytes([("cases", _headed(headings, rows)), ("about", about)])
        return
    if job.format == ExportFormat.PFIF:
        yield from exporting.document(opened, watermark(job))
        return
    if job.format == ExportFormat.CSV:
        yield b"\xef\xbb\xbf" + tables.csv_rows([headings])
    yield from opened


def _headed(headings: list[str], rows: Iterator[list[str]]) -> Iterator[list[str]]:
    yield headings
    yield from rows


@part(Kind.CASE)
class ExportsPart:
    """Files that hold a case go as soon as it is to be erased."""

    model = ExportJob

    def hide(self, subject: UUID, *, fully: bool) -> None:
        """Whatever holds it can't be fetched any more."""
        jobs = ExportJob.objects.filter(parts__cases__contains=[subject])
        for job in jobs.select_for_update(of=("self",)):
            _refuse(job, "outdated", _("A case in it was taken back. Please ask anew."))

    def is_needed(self, subject: UUID) -> bool:
        """Never."""
        return False

    def holdings(self, subject: UUID) -> Holdings:
        """Nothing that is left."""
        return Holdings()

    def erase(self, subject: UUID, *, why: Why) -> None:
        """Again, for what was written meanwhile."""
        self.hide(subject, fully=True)
