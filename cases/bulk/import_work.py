"""Taking a file in, part by part. Each part is one transaction under the job's lock: a killed
worker leaves nothing of a part, and whoever goes on finds the part still there.

All-or-nothing keeps new cases back until the last row is good: they belong to nobody, so nobody can
see or change them, and one transaction makes them the importer's. Changes to cases that are there
already wait for that transaction too.
"""

import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from casemgr.platform import audit, outbox, storage
from casemgr.platform.access import Action, Actor, Group
from casemgr.platform.errors import DomainError
from casemgr.platform.outbox import Claim, Job, JobState, NotYet
from casemgr.platform.rest.problems import lines_of
from cases import filing
from cases.bulk import alike, changes, parts, undoing
from cases.bulk.actors import importer_now
from cases.bulk.imports import CUT, QUEUE, RUN
from cases.bulk.rows import Reader, Row
from cases.models import (
    BulkStatus,
    Case,
    ExternalId,
    ImportJob,
    ImportMode,
    ImportPhoto,
    ImportRow,
    RowOutcome,
)
from families.models import Family

CUT_SECONDS: Final = 240
RUN_SECONDS: Final = 120
"""Of one claim, for the one transaction at the end; parts of it take less than one."""
SLICE_SECONDS: Final = 8.0
"""How long one claim of the job works before others of the queue have their turn."""
BUSY: Final = 200
"""Jobs that wait elsewhere: while there are more, an import holds back."""
PAUSE: Final = timedelta(seconds=3)
MOST_HELD: Final = 1_000
DISCARDED_AT_ONCE: Final = 200


@outbox.handler(name=CUT, queue=QUEUE, seconds=CUT_SECONDS)
def cut_workbook(claim: Claim) -> None:
    """Unpack a workbook into parts."""
    job = ImportJob.objects.filter(pk=claim.subject, status=BulkStatus.WAITING).first()
    if job is None or not job.original:
        return
    data = storage.unseal(job.original, sha256=job.original_sha256)
    with claim.finishing():
        held = ImportJob.objects.select_for_update().get(pk=job.pk)
        try:
            with transaction.atomic(), translation.override(held.language):
                parts.cut(held, data)
                held.save(update_fields=["rows", "columns", "updated_at"])
        except DomainError as refused:
            _refuse(held, refused)
        else:
            outbox.owe(RUN, held.pk)


@outbox.handler(name=RUN, queue=QUEUE, seconds=RUN_SECONDS)
def run_import(claim: Claim) -> None:
    """Work on an import for a while, then let others have their turn."""
    if _others_wait():
        raise NotYet(PAUSE)
    until = time.monotonic() + SLICE_SECONDS
    while more := step(claim.subject):
        if time.monotonic() > until:
            break
    with claim.finishing():
        if more:
            outbox.owe(RUN, claim.subject)


def _others_wait() -> bool:
    """Whether so much else is due that an import had better hold back."""
    due = Job.objects.filter(state=JobState.WAITING, due_at__lte=Now())
    return len(due.exclude(handler__in=[RUN, CUT]).values("pk")[: BUSY + 1]) > BUSY


@transaction.atomic
def step(job_id: UUID) -> bool:
    """Take in one part, or do what comes after the last; returns whether there is more to do."""
    job = ImportJob.objects.select_for_update(of=("self",)).filter(pk=job_id).first()
    if job is None:
        return False
    with translation.override(job.language):
        if job.status == BulkStatus.UNDOING:
            return undoing.step(job)
        if job.status not in (BulkStatus.WAITING, BulkStatus.RUNNING):
            return False
        if job.problem_code:
            return _discard(job)
        actor = importer_now(job)
        if actor is None:
            words = _("Whoever sent this may not bring cases in any more.")
            return _fail(job, "not_allowed", words)
        return _take_part(job, actor) or _end(job, actor)


def _take_part(job: ImportJob, actor: Actor) -> bool:
    part = job.parts.order_by("number").first()
    if part is None:
        return False
    reader = Reader(job)
    rows = [reader.read(piece) for piece in parts.pieces_of(part)]
    with transaction.atomic():
        outcomes = _Batch(job, actor, rows).run()
        if job.dry_run:
            transaction.set_rollback(True)
    photos = _photos(job, rows, outcomes)
    if job.dry_run:
        for outcome in outcomes:
            outcome.case = None if outcome.outcome == RowOutcome.CREATED else outcome.case
    ImportRow.objects.bulk_create(outcomes)
    ImportPhoto.objects.bulk_create(photos)
    part.delete()
    job.status, job.done = BulkStatus.RUNNING, job.done + len(rows)
    job.save(update_fields=["status", "done", "updated_at"])
    return True


def _photos(
    job: ImportJob, rows: Sequence[Row], outcomes: Sequence[ImportRow]
) -> list[ImportPhoto]:
    """What the good rows name; a name that another row has taken makes the row a bad one."""
    by_number = {outcome.number: outcome for outcome in outcomes}
    wanted = [(row, name.casefold()) for row in rows for name in row.photos]
    names = ImportPhoto.objects.filter(job=job, name__in=[name for _row, name in wanted])
    taken = set(names.values_list("name", flat=True))
    found = []
    for row, name in wanted:
        outcome = by_number[row.number]
        if outcome.case_id is None or job.dry_run:
            continue
        if name in taken:
            words = _("Another row names this photo: it would show two children.")
            line = {"pointer": "/photos", "code": "photo_twice", "detail": str(words)}
            outcome.errors = [*outcome.errors, line]
            continue
        taken.add(name)
        found.append(ImportPhoto(job=job, case_id=outcome.case_id, name=name, row=row.number))
    return found


class _Batch:
    """The rows of one part: told apart into new ones and those of cases that are there already."""

    def __init__(self, job: ImportJob, actor: Actor, rows: Sequence[Row]) -> None:
        self.job, self.actor, self.rows = job, actor, rows
        self.keeps_back = job.mode == ImportMode.ALL_OR_NOTHING and not job.dry_run
        self.outcomes: dict[int, ImportRow] = {}

    def run(self) -> list[ImportRow]:
        """What became of each row, in order, not stored yet."""
        there = changes.cases_with(self.job, [pair for row in self.rows for pair in row.pairs])
        before = self._rows_before()
        new: list[Row] = []
        for row in self.rows:
            if row.filing is None:
                self._refused(row, row.errors)
                continue
            earlier = next((before[key] for key in row.keys if key in before), None)
            if earlier is not None:
                twice = _("Row %(row)s has this external id already.") % {"row": earlier}
                self._refused(row, [_of_ids("duplicate_in_file", twice)])
                continue
            before |= dict.fromkeys(row.keys, row.number)
            cases = {there[pair].pk: there[pair] for pair in row.pairs if pair in there}
            if len(cases) > 1:
                words = _("These ids belong to different cases.")
                self._refused(row, [_of_ids("external_id_conflict", words)])
            elif cases:
                [case] = cases.values()
                self._change(row, case)
            else:
                new.append(row)
        like = alike.to_rows(self.job, self.actor, new)
        if self.job.skip_alike:
            for row in new:
                if row.number in like:
                    self._became(row, RowOutcome.LEFT_OUT, errors=[like[row.number]])
            new = [row for row in new if row.number not in like]
        self._file(new)
        for row in new:
            outcome = self.outcomes[row.number]
            if row.number in like and outcome.outcome == RowOutcome.CREATED:
                outcome.errors = [*outcome.errors, like[row.number]]
        return [self.outcomes[row.number] for row in self.rows]

    def _rows_before(self) -> dict[int, int]:
        """Which earlier row of the file has which of these ids."""
        keys = [key for row in self.rows for key in row.keys]
        if not keys:
            return {}
        rows = ImportRow.objects.filter(job=self.job, keys__overlap=keys)
        rows = rows.exclude(outcome=RowOutcome.REFUSED)
        return {key: number for number, held in rows.values_list("number", "keys") for key in held}

    def _file(self, rows: list[Row]) -> None:
        """All by one write; where that is refused, one by one, to find which it was."""
        if not rows:
            return
        try:
            with transaction.atomic():
                self._store(rows)
        except DomainError as error:
            if len(rows) == 1:
                self._refused(rows[0], lines_of(error) or [])
                return
            for row in rows:
                self._file([row])

    def _store(self, rows: Sequence[Row]) -> None:
        filings = [row.filing for row in rows if row.filing is not None]
        families = None
        if self.job.alliance_id is not None or self.keeps_back:
            # A coordinator speaks for none of these children.
            families = Family.objects.bulk_create([Family() for _filing in filings])
        cases = filing.file_cases(
            actor=self.actor, filings=filings, families=families, kept_back=self.keeps_back
        )
        for row, case in zip(rows, cases, strict=True):
            self._became(row, RowOutcome.CREATED, case=case, version=case.updated_at)

    def _change(self, row: Row, case: Case) -> None:
        assert row.filing is not None
        wanted = changes.between(case, row.filing)
        if wanted is None:
            self._became(row, RowOutcome.UNCHANGED, case=case)
        elif self.keeps_back:
            held = changes.hold(row.content)
            self._became(row, RowOutcome.HELD, case=case, held=held)
        else:
            try:
                with transaction.atomic():
                    changes.apply(self.actor, case, wanted, turn=row.number)
                self._became(row, RowOutcome.UPDATED, case=case)
            except DomainError as error:
                self._refused(row, lines_of(error) or [])

    def _refused(self, row: Row, errors: list[dict[str, Any]]) -> None:
        self._became(row, RowOutcome.REFUSED, errors=errors)

    def _became(self, row: Row, outcome: RowOutcome, **columns: Any) -> None:
        keys = [] if outcome == RowOutcome.REFUSED else row.keys
        self.outcomes[row.number] = ImportRow(
            job=self.job,
            number=row.number,
            outcome=outcome,
            keys=keys,
            likeness=alike.likeness(row) if outcome == RowOutcome.CREATED else None,
            **columns,
        )


def _of_ids(code: str, words: Any) -> dict[str, Any]:
    return {"pointer": "/external_ids", "code": code, "detail": str(words)}


def _end(job: ImportJob, actor: Actor) -> bool:
    """Every row has been read."""
    if job.mode == ImportMode.ALL_OR_NOTHING and not job.dry_run:
        rows = ImportRow.objects.filter(job=job)
        if rows.filter(outcome=RowOutcome.REFUSED).exists():
            words = _("Some rows can't be taken, so none was. See the errors, then send it again.")
            return _fail(job, "rows_refused", words)
        try:
            with transaction.atomic():
                _release(job, actor)
        except DomainError as error:
            return _fail(job, error.code, error.message)
    _finish(job, BulkStatus.DONE)
    return False


def _release(job: ImportJob, actor: Actor) -> None:
    """Make everything that was kept back the importer's, and apply the changes that waited."""
    held = ImportRow.objects.filter(job=job, outcome=RowOutcome.HELD).order_by("number")
    if held.count() > MOST_HELD:
        words = _(
            "More than %(most)s cases that are here already would change at once. Please use "
            "skip_bad for this file, or send it in several."
        )
        raise DomainError("too_many_changes", words % {"most": MOST_HELD})
    now = timezone.now()
    new = ImportRow.objects.filter(job=job, outcome=RowOutcome.CREATED)
    ids = list(new.values_list("case", flat=True))
    cases = Case.objects.filter(pk__in=new.values("case"))
    ExternalId.objects.filter(case__in=new.values("case")).update(partner=None)
    cases.update(partner=job.partner_id, alliance=job.alliance_id, updated_at=now)
    changes.own_ids(job, new.values("case"))
    new.update(version=now)
    for first in range(0, len(ids), 500):
        block = ids[first : first + 500]
        audit.record(actor, Action.CREATE, "case", block, groups=[Group.CASE_DETAIL])
    reader = Reader(job)
    for row in held.select_related("case"):
        changes.apply_held(actor, reader, row)


def _fail(job: ImportJob, code: str, words: Any) -> bool:
    """Refuse the job; what it kept back goes first, part by part."""
    job.problem_code, job.problem = code, str(words)[:600]
    job.status = BulkStatus.RUNNING
    job.save(update_fields=["problem_code", "problem", "status", "updated_at"])
    return True


def _discard(job: ImportJob) -> bool:
    """Delete cases that were never anybody's; then the job is over."""
    if job.mode != ImportMode.ALL_OR_NOTHING or job.dry_run:
        _finish(job, BulkStatus.DONE if job.outcomes.exists() else BulkStatus.REFUSED)
        return False
    rows = ImportRow.objects.filter(job=job, outcome=RowOutcome.CREATED, case__isnull=False)
    ids = list(rows.order_by("number").values_list("case", flat=True)[:DISCARDED_AT_ONCE])
    if not ids:
        left = [RowOutcome.CREATED, RowOutcome.HELD]
        ImportRow.objects.filter(job=job, outcome__in=left).update(
            outcome=RowOutcome.UNDONE, held=""
        )
        _finish(job, BulkStatus.REFUSED)
        return False
    nobodys = Case.objects.filter(pk__in=ids, partner__isnull=True, alliance__isnull=True)
    families = list(nobodys.values_list("family", flat=True))
    nobodys.delete()
    Family.objects.filter(pk__in=families, cases__isnull=True).delete()
    return True


def _refuse(job: ImportJob, error: DomainError) -> None:
    job.problem_code, job.problem = error.code, str(error.message)[:600]
    job.save(update_fields=["problem_code", "problem"])
    _finish(job, BulkStatus.REFUSED)


def _finish(job: ImportJob, status: BulkStatus) -> None:
    """The file's own content goes as soon as it is not needed."""
    job.parts.all().delete()
    # Digests were needed among the rows of one file, and would outlive a case that is erased.
    ImportRow.objects.filter(job=job).update(likeness=None, keys=[])
    original = job.original
    job.status, job.original, job.original_sha256 = status, "", ""
    job.finished_at = timezone.now()
    job.save(update_fields=["status", "original", "original_sha256", "finished_at", "updated_at"])
    if original:
        transaction.on_commit(lambda: storage.delete(original))
