"""Each class of data is kept for its period and not a day longer."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.utils import timezone

from casemgr.periods import Periods
from casemgr.platform import faces, outbox, retention, storage
from casemgr.platform.accounts.models import SignInLink
from casemgr.platform.erasure import Erasure, Kind, State, Why
from casemgr.platform.erasure.verifying import verify_erased
from casemgr.platform.errors import Conflict, Forbidden
from casemgr.platform.idempotency import IdempotencyKey
from casemgr.platform.notify.models import Notice
from casemgr.platform.outbox import Event, Job
from casemgr.platform.vocabularies import CaseStatus, MatchStatus
from cases import lifecycle
from cases.models import Case, CaseFace, Claim, ClaimPaper, WithheldFact
from cases.services import add_photo
from searches import services, unactionable
from searches.models import Match, ReporterContact, Sighting, SightingFace, UnactionableWhy
from tests.cast import Cast
from tests.factories import (
    end_case,
    file_case,
    jpeg,
    log_sighting,
    store_match,
    stored_files,
    work_off,
)
from tests.security import canaries

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def age(row: models.Model, column: str, period: timedelta) -> None:
    """Move a row's time stamp back by `period`."""
    type(row)._base_manager.filter(pk=row.pk).update(**{column: timezone.now() - period})


def run(name: str) -> int:
    """Run the rule of this name once, the way a worker does."""
    [rule] = [rule for rule in retention.rules() if rule.name == name]
    return rule.run(retention.BATCH)


def test_every_rule_runs_once_a_day_as_a_job_of_its_own(cast: Cast) -> None:
    count = len(retention.rules())
    assert count >= 14
    assert retention.owe_due() == count
    assert retention.owe_due() == 0
    assert work_off("platform.retain") == count
    assert retention.owe_due() == 0

    Job.objects.update(finished_at=timezone.now() - DAY)
    assert retention.owe_due() == count


def test_a_rule_that_finds_a_whole_batch_goes_on_at_once(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    for _ in range(5):
        age(log_sighting(cast).sighting, "created_at", settings.PERIODS.sighting + DAY)
    [rule] = [rule for rule in retention.rules() if rule.name == "street and online sightings"]
    outbox.owe(retention.HANDLER, rule.subject)

    assert work_off("platform.retain") == 3
    assert Erasure.objects.count() == 5


@pytest.mark.parametrize("kind", ["street", "online"])
def test_a_sighting_from_the_street_or_the_net_is_kept_for_24_months(cast: Cast, kind: str) -> None:
    old, young = (log_sighting(cast, kind=kind, photos=[jpeg(n)]).sighting for n in (1, 2))
    age(old, "created_at", settings.PERIODS.sighting + DAY)
    age(young, "created_at", settings.PERIODS.sighting - DAY)

    assert run("street and online sightings") == 1
    assert Erasure.objects.get().why == Why.RETENTION
    work_off("platform.erase")
    verify_erased()

    assert Sighting.objects.get().pk == young.pk
    assert Erasure.objects.get().state == State.VERIFIED
    assert len([name for name in stored_files() if name.startswith("originals")]) == 1


def test_a_lead_stays_while_its_case_is_not_over_and_a_rejection_shortens_nothing(
    cast: Cast,
) -> None:
    case = file_case(cast, status=CaseStatus.OPEN)
    lead, rejected = (log_sighting(cast).sighting for _ in "ab")
    for sighting, status in ((lead, MatchStatus.LEAD), (rejected, MatchStatus.REJECTED)):
        match = store_match(case, sighting)
        Match.objects.filter(pk=match.pk).update(status=status)
        age(sighting, "created_at", settings.PERIODS.sighting - DAY)
    assert run("street and online sightings") == 0

    for sighting in (lead, rejected):
        age(sighting, "created_at", settings.PERIODS.sighting + DAY)
    assert run("street and online sightings") == 1
    assert Erasure.objects.get().subject == rejected.pk
    Case.objects.filter(pk=case.pk).update(status=CaseStatus.CLOSED, public_since=None)
    assert run("street and online sightings") == 1


def opens(cast: Cast, receipt: str) -> int:
    answer = cast.anonymous.api().get(
        "/api/v1/receipts/me/", headers={"Authorization": f"Receipt {receipt}"}
    )
    return answer.status_code


def test_a_lead_that_stays_is_closed_to_its_reporter_like_any_other(cast: Cast) -> None:
    case = file_case(cast, status=CaseStatus.OPEN)
    told = [log_sighting(cast, by=cast.volunteer) for _ in "ab"]
    match = store_match(case, told[0].sighting)
    Match.objects.filter(pk=match.pk).update(status=MatchStatus.LEAD)

    def seen() -> list[Any]:
        own = cast.volunteer.api().get("/api/v1/sightings/").json()["results"]
        return [[opens(cast, each.receipt) for each in told], len(own)]

    for each in told:
        age(each.sighting, "created_at", settings.PERIODS.sighting - DAY)
    assert seen() == [[200, 200], 2]
    for each in told:
        age(each.sighting, "created_at", settings.PERIODS.sighting + DAY)
    assert seen() == [[401, 401], 0]
    run("street and online sightings")
    work_off("platform.erase")
    assert Sighting.objects.get().pk == told[0].sighting.pk
    assert seen() == [[401, 401], 0]
    assert Sighting.objects.visible_to(cast.volunteer.actor).count() == 0


def test_a_report_taken_back_is_closed_when_it_would_be_erased_whatever_keeps_it(
    cast: Cast,
) -> None:
    told = log_sighting(cast)
    holder = replace(cast.anonymous.actor, receipt=told.sighting.pk)
    services.withdraw(actor=holder, sighting=told.sighting)
    assert opens(cast, told.receipt) == 200
    age(told.sighting, "withdrawn_at", timedelta(hours=settings.ERASURE_WAIT_HOURS, minutes=1))
    assert opens(cast, told.receipt) == 401


@pytest.mark.parametrize("kind", ["seeker", "institution"])
def test_seekers_and_institutions_are_kept_and_reminded_once_a_year(cast: Cast, kind: str) -> None:
    sighting = log_sighting(cast, by=cast.volunteer, kind=kind, memories="a river").sighting
    age(sighting, "created_at", settings.PERIODS.sighting * 5)
    assert run("street and online sightings") == 0

    assert run("reminders") == 1
    assert run("reminders") == 0
    notice = Notice.objects.get()
    assert (notice.person_id, notice.kind) == (cast.volunteer.user_id, "sighting_reminder")
    assert Event.objects.filter(type="sighting.reminder_due", subject=sighting.pk).count() == 1
    age(sighting, "reminded_at", settings.PERIODS.reminder + DAY)
    assert run("reminders") == 1


def test_spam_goes_after_thirty_days_once_two_reviewers_say_so(cast: Cast) -> None:
    sighting = log_sighting(cast).sighting
    case = file_case(cast, status=CaseStatus.OPEN, in_hand_of=[cast.reviewer, cast.second_reviewer])
    store_match(case, sighting)
    spam = UnactionableWhy.SPAM
    for person in (cast.volunteer, cast.third_reviewer, cast.guardian):
        with pytest.raises(Forbidden):
            unactionable.mark(actor=person.actor, sighting=sighting, why=spam)
    first = unactionable.mark(actor=cast.reviewer.actor, sighting=sighting, why=spam)
    assert first.agreed_at is None
    with pytest.raises(Conflict):
        unactionable.mark(actor=cast.reviewer.actor, sighting=sighting, why=spam)
    age(first, "marked_at", settings.PERIODS.unactionable_sighting + DAY)
    assert run("unactionable sightings") == 0

    second = unactionable.mark(actor=cast.second_reviewer.actor, sighting=sighting, why=spam)
    age(second, "agreed_at", settings.PERIODS.unactionable_sighting - DAY)
    assert run("unactionable sightings") == 0
    age(second, "agreed_at", settings.PERIODS.unactionable_sighting + DAY)
    assert run("unactionable sightings") == 1


def test_a_reviewer_may_take_the_word_back(cast: Cast) -> None:
    sighting = log_sighting(cast).sighting
    case = file_case(cast, status=CaseStatus.OPEN, in_hand_of=[cast.reviewer, cast.second_reviewer])
    store_match(case, sighting)
    for person in (cast.reviewer, cast.second_reviewer):
        unactionable.mark(actor=person.actor, sighting=sighting, why=UnactionableWhy.EMPTY)
    unactionable.unmark(actor=cast.reviewer.actor, sighting=sighting)
    with pytest.raises(Sighting.unactionable.RelatedObjectDoesNotExist):
        _ = Sighting.objects.get(pk=sighting.pk).unactionable


def test_a_reporters_contact_goes_when_the_case_it_led_to_is_long_over(cast: Cast) -> None:
    case = file_case(cast, status=CaseStatus.OPEN)
    led, other = (log_sighting(cast).sighting for _ in "ab")
    for sighting in (led, other):
        ReporterContact.objects.create(sighting=sighting, phone="13800138000")
    match = store_match(case, led)
    Match.objects.filter(pk=match.pk).update(status=MatchStatus.CONFIRMED)
    over = {"status": CaseStatus.CLOSED, "public_since": None}
    Case.objects.filter(pk=case.pk).update(**over)
    assert run("reporters' contacts") == 0
    age(case, "updated_at", settings.PERIODS.reporter + DAY)

    assert run("reporters' contacts") == 1
    assert ReporterContact.objects.get().sighting_id == other.pk
    assert Sighting.objects.count() == 2


@pytest.mark.parametrize("status", [CaseStatus.CLOSED, CaseStatus.WITHDRAWN])
def test_a_case_that_ended_a_year_ago_is_emptied(cast: Cast, status: CaseStatus) -> None:
    ended, fresh = (file_case(cast, by=by, public=True) for by in (cast.guardian, cast.volunteer))
    columns = {"status": status, "public_since": None, "circumstance": "lured"}
    Case.objects.update(**columns)
    canaries.plant(ended, canaries.canary(1))
    age(ended, "updated_at", settings.PERIODS.closed_case + DAY)
    age(fresh, "updated_at", settings.PERIODS.closed_case - DAY)

    assert run("ended cases") == 1
    work_off("platform.erase")
    verify_erased()

    assert canaries.find(canaries.canary(1)) == {}
    shell = Case.objects.get(pk=ended.pk)
    assert (shell.circumstance, shell.story) == ("lured", "")
    assert Case.objects.get(pk=fresh.pk).child.full_name
    assert run("ended cases") == 0
    assert Erasure.objects.get().kind == Kind.CASE


def claim_with_paper(cast: Cast, case: Case, **columns: Any) -> Claim:
    claim = Claim.objects.create(
        case=case,
        claimant_id=cast.volunteer.user_id,
        statement="She is mine.",
        cooling_until=timezone.now(),
        **columns,
    )
    paper = storage.seal(b"a paper")
    ClaimPaper.objects.create(case=case, claim=claim, note="n", sealed_file=paper.name)
    return claim


def test_claim_papers_go_thirty_days_after_the_decision_with_their_files(cast: Cast) -> None:
    case = file_case(cast, status=CaseStatus.OPEN)
    WithheldFact.objects.create(case=case, text="red shoe")
    long_ago = timezone.now() - settings.PERIODS.claim_papers - DAY
    old = claim_with_paper(cast, case, verdict="refuse", decided_at=long_ago)
    claim_with_paper(cast, case)
    before = len(stored_files())

    with _committed():
        assert run("claims") == 1
    old.refresh_from_db()
    assert old.statement == ""
    assert ClaimPaper.objects.count() == WithheldFact.objects.count() == 1
    assert len(stored_files()) == before - 1


def test_withheld_facts_go_once_no_claim_can_be_tested_any_more(cast: Cast) -> None:
    released, closed, live = (
        file_case(cast, by=by, status=CaseStatus.OPEN)
        for by in (cast.guardian, cast.volunteer, cast.other_guardian)
    )
    for case in (released, closed, live):
        WithheldFact.objects.create(case=case, text="red shoe")
    long_ago = timezone.now() - settings.PERIODS.claim_papers - DAY
    claim_with_paper(cast, released, verdict="release", decided_at=long_ago)
    Case.objects.filter(pk=closed.pk).update(status=CaseStatus.CLOSED)
    age(closed, "updated_at", settings.PERIODS.claim_papers + DAY)

    run("claims")
    assert WithheldFact.objects.get().case_id == live.pk


def test_a_child_who_is_not_searched_for_has_no_face_on_file(cast: Cast) -> None:
    case = file_case(cast, status=CaseStatus.LOCATED, in_hand_of=[cast.reviewer])
    photo = add_photo(actor=cast.guardian.actor, case=case, data=jpeg(3))
    work_off("cases.develop_photo")
    canaries.plant_face(CaseFace, photo.pk, 1)
    end_case(cast, case)
    work_off("cases.forget_faces")
    assert CaseFace.objects.count() == 0

    photo.faces_found = 1
    photo.save(update_fields=["faces_found"])
    Job.objects.filter(handler="cases.develop_photo").update(generation=1)
    lifecycle.transition(actor=cast.desk[0].actor, case=case, to=CaseStatus.OPEN)
    work_off("cases.find_faces_again")
    assert Job.objects.get(handler="cases.develop_photo").state == "waiting"


def test_answers_events_jobs_links_and_steps_leave_after_their_periods(cast: Cast) -> None:
    periods = settings.PERIODS
    api = cast.anonymous.api()
    for _ in "ab":
        key = {"Idempotency-Key": str(uuid4())}
        api.post("/api/v1/sightings/", {"kind": "street", "description": "x"}, headers=key)
    first_key = IdempotencyKey.objects.order_by("pk").first()
    assert first_key is not None
    age(first_key, "created_at", periods.idempotency + DAY)
    assert run("stored answers") == 1
    assert IdempotencyKey.objects.count() == 1

    work_off("searches.match_sighting")
    events, jobs = Event.objects.count(), Job.objects.count()
    Event.objects.update(occurred_at=timezone.now() - periods.outbox - DAY)
    Job.objects.update(finished_at=timezone.now() - periods.outbox - DAY)
    Job.objects.filter(pk=Job.objects.values("pk")[:1]).update(state="set_aside")
    assert run("events and finished jobs") == events + jobs - 1

    for extra in (DAY, -DAY):
        SignInLink.objects.create(
            user_id=cast.volunteer.user_id,
            digest=str(extra),
            expires_at=timezone.now() - periods.security_log - extra,
        )
    assert run("sign-in links") == 1

    Erasure.objects.create(
        kind=Kind.CASE,
        subject=uuid4(),
        state=State.VERIFIED,
        why=Why.RETENTION,
        verified_at=timezone.now() - periods.erasure_record - DAY,
    )
    assert run("steps of finished erasures") == 1


def test_files_without_a_row_are_swept_and_no_others(
    cast: Cast, private_files: Any, backdate: Callable[[str], None]
) -> None:
    log_sighting(cast, photos=[jpeg(1)])
    work_off("searches.develop_photo")
    kept = stored_files()
    orphan = storage.seal(b"left by a killed process").name
    for name in stored_files():
        backdate(name)

    assert run("files without a row") == 1
    assert orphan not in stored_files()
    assert stored_files() == kept


@pytest.fixture
def backdate(private_files: Any) -> Callable[[str], None]:
    """Makes a stored file two days old."""
    import os
    import time

    def change(name: str) -> None:
        then = time.time() - 2 * 86_400
        os.utime(private_files / name, (then, then))

    return change


def test_every_period_can_be_set_and_the_audits_not_below_six_years(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("RETENTION_SIGHTING_DAYS", "90")
    periods = Periods.from_environment()
    assert periods.sighting == timedelta(days=90)
    assert periods.idempotency == timedelta(days=7)
    monkeypatch.setenv("RETENTION_AUDIT_DAYS", "100")
    with pytest.raises(ImproperlyConfigured):
        Periods.from_environment()


def _committed() -> Any:
    """What waits for the commit is done, as it would be without the test's own transaction."""
    from django.test import TestCase

    return TestCase.captureOnCommitCallbacks(execute=True)


@pytest.mark.parametrize("of", ["case", "sighting"])
def test_a_face_of_a_replaced_engine_is_found_anew_or_gone_in_a_week(cast: Cast, of: str) -> None:
    photo: Any
    model: Any
    if of == "case":
        case = file_case(cast)
        photo = add_photo(actor=cast.guardian.actor, case=case, data=jpeg(3))
        model = CaseFace
    else:
        photo, model = log_sighting(cast, photos=[jpeg(3)]).sighting.photos.get(), SightingFace
    work_off()
    columns = {"box": [0, 0, 9, 9], "width_px": 9, "quality": "poor", "embedding": [0.0] * 128}
    rule = f"faces of a replaced engine, in {of}s"
    for engine, left in (("of-old", 0), (faces.engine().name, 1)):
        model.objects.all().delete()
        model.objects.create(photo=photo, engine=engine, **columns)
        assert run(rule) == (0 if left else 1)
        assert run(rule) == 0
        job = Job.objects.get(handler__endswith="develop_photo", subject=photo.pk)
        assert (job.state == "waiting") is not bool(left)
        for face in model.objects.filter(replaced_at__isnull=False):
            age(face, "replaced_at", settings.PERIODS.replaced_face - timedelta(hours=1))
        assert run(rule) == 0
        for face in model.objects.filter(replaced_at__isnull=False):
            age(face, "replaced_at", settings.PERIODS.replaced_face + timedelta(hours=1))
        assert run(rule) == (0 if left else 1)
        assert model.objects.count() == left
        work_off()
