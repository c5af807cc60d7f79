"""Copies of a case's file: by two, marked, for who asked alone, and gone after a day."""

import io
import json
import re
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now
from django.test import Client
from PIL import Image, ImageChops

from casemgr.platform import storage
from casemgr.platform.audit import AuditEntry
from casemgr.platform.notify.models import Notice
from casemgr.platform.outbox import Job
from casemgr.platform.vocabularies import CaseStatus, TimelineKind
from cases import case_files, claims, lifecycle, protection, services, timeline
from cases.models import Assignment, Case, CaseFile, FlagKind
from families.models import Alliance, Guardian, Membership, MembershipRole
from tests import factories
from tests.cast import Cast, Person
from tests.pages import text_of

pytestmark = pytest.mark.django_db
STORY = '=HYPERLINK("http://evil")'


def filed(cast: Cast, status: CaseStatus = CaseStatus.OPEN) -> Case:
    """A case of the coordinator's alliance, which two reviewers have in hand."""
    Membership.objects.get_or_create(
        alliance=cast.alliance, user_id=cast.guardian.user_id, role=MembershipRole.MEMBER
    )
    case = factories.file_case(
        cast,
        status=status,
        case={"alliance_id": cast.alliance.pk, "story": STORY},
        in_hand_of=[cast.reviewer, cast.second_reviewer],
    )
    services.add_photo(actor=cast.guardian.actor, case=case, data=factories.jpeg(5))
    factories.work_off("cases.develop_photo")
    return case


def does(person: Person, case: Case, act: str, **given: Any) -> Any:
    return person.browser().post(f"/cases/{case.reference}/copy/", {"act": act, **given})


def asked_for(cast: Cast, case: Case, by: Person | None = None) -> CaseFile:
    assert does(by or cast.coordinator, case, "ask", words="for the police").status_code == 302
    return CaseFile.objects.get(case=case, ended_at__isnull=True)


def second_leader(cast: Cast) -> Person:
    Membership.objects.create(
        alliance=cast.alliance, user_id=cast.volunteer.user_id, role=MembershipRole.OWNER
    )
    return cast.volunteer


def unzipped(answer: Any) -> dict[str, bytes]:
    assert answer.status_code == 200, text_of(answer)
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_coordinator_asks_another_leader_agrees_and_only_who_asked_fetches_it(
    cast: Cast,
) -> None:
    case, leader = filed(cast), second_leader(cast)
    wanted = asked_for(cast, case)
    assert does(cast.coordinator, case, "agree", item=wanted.pk).status_code == 400
    assert does(cast.coordinator, case, "fetch", item=wanted.pk).status_code == 400
    assert {notice.person_id for notice in Notice.objects.filter(kind="case_file_asked")} == {
        leader.user_id,
        cast.reviewer.user_id,
        cast.second_reviewer.user_id,
        *(person.user_id for person in cast.desk),
    }

    assert does(leader, case, "agree", item=wanted.pk).status_code == 302
    assert Notice.objects.get(kind="case_file_ready").person_id == cast.coordinator.user_id
    assert does(leader, case, "fetch", item=wanted.pk).status_code == 404
    answer = does(cast.coordinator, case, "fetch", item=wanted.pk)
    assert answer.headers["Cache-Control"] == "no-store"
    acts = AuditEntry.objects.filter(subject_type="case_file").exclude(action="R")
    assert [row.action for row in acts.order_by("pk")] == ["ask_case_file", "A", "X"]

    files = unzipped(answer)
    data = json.loads(files["data.json"])
    assert f"{case.reference} · coordinator · " in data["copy"]
    assert data["case"]["child"]["full_name"] == factories.CHILD_FACTS["full_name"]
    assert data["copy"] in files["data.csv"].decode("utf-8-sig")
    [photo] = [name for name in files if name.startswith("photos/")]
    marked = Image.open(io.BytesIO(files[photo]))
    bare = Image.open(io.BytesIO(storage.read(case.photos.get().public_file)))
    assert marked.size == bare.size
    assert ImageChops.difference(marked, bare).getbbox() is not None


def test_nothing_in_the_file_is_a_formula_or_for_reviewers_alone(cast: Cast) -> None:
    case = filed(cast, CaseStatus.LOCATED)
    reviewer = cast.reviewer.actor
    claims.enter_fact(actor=cast.guardian.actor, case=case, text="Canary fact")
    protection.raise_flag(actor=reviewer, case=case, kind=FlagKind.THREAT, note="Canary flag")
    timeline.add_event(actor=reviewer, case=case, kind=TimelineKind.NOTE, note="Canary note")
    sighting = factories.log_sighting(cast, description="Canary sighting").sighting
    factories.store_match(case, sighting)
    wanted = asked_for(cast, case)
    assert does(cast.reviewer, case, "agree", item=wanted.pk).status_code == 302

    files = unzipped(does(cast.coordinator, case, "fetch", item=wanted.pk))
    assert b"Canary" not in b"".join(files.values())
    assert json.loads(files["data.json"])["case"]["status"] == "open", "the family was not told"
    assert f"\"'{STORY}" in files["data.csv"].decode().replace('""', '"')


def test_a_reviewers_wish_is_answered_by_another_reviewer(cast: Cast) -> None:
    case = filed(cast)
    wanted = asked_for(cast, case, by=cast.reviewer)
    leaders = (cast.coordinator, second_leader(cast))
    for leader in leaders:
        assert does(leader, case, "agree", item=wanted.pk).status_code == 404
    together = Alliance.objects.create(name="Reviewers together")
    for person in (cast.reviewer, cast.second_reviewer):
        Membership.objects.create(
            alliance=together, user_id=person.user_id, role=MembershipRole.MEMBER
        )
    assert does(cast.second_reviewer, case, "agree", item=wanted.pk).status_code == 400
    Membership.objects.filter(alliance=together).update(left_at=Now())
    assert does(cast.second_reviewer, case, "agree", item=wanted.pk).status_code == 302
    assert unzipped(does(cast.reviewer, case, "fetch", item=wanted.pk))


def test_what_a_reviewer_asks_for_is_nothing_that_the_alliance_sees(cast: Cast) -> None:
    case = filed(cast)
    addresses = ("/cases/copies/", f"/cases/{case.reference}/copy/")

    def seen_by(person: Person) -> list[str]:
        pages = [text_of(person.browser().get(address)) for address in addresses]
        return [re.sub(r'csrfmiddlewaretoken" value="\w+"', "", page) for page in pages]

    before, colleague = seen_by(cast.coordinator), seen_by(cast.second_reviewer)
    wanted = asked_for(cast, case, by=cast.reviewer)

    assert seen_by(cast.coordinator) == before
    assert does(cast.coordinator, case, "agree", item=wanted.pk).status_code == 404
    assert all(
        now != then for now, then in zip(seen_by(cast.second_reviewer), colleague, strict=True)
    )
    Guardian.objects.create(family=case.family, user_id=cast.second_reviewer.user_id)
    assert wanted not in case_files.shown_to(cast.second_reviewer.actor)


def test_a_no_needs_a_reason_and_ends_it(cast: Cast) -> None:
    case = filed(cast)
    wanted = asked_for(cast, case)
    assert does(cast.coordinator, case, "ask", words="once more").status_code == 400
    assert does(cast.reviewer, case, "refuse", item=wanted.pk, words="").status_code == 400
    assert does(cast.reviewer, case, "refuse", item=wanted.pk, words="too much").status_code == 302
    assert does(cast.second_reviewer, case, "agree", item=wanted.pk).status_code == 404
    assert not CaseFile.objects.exclude(sealed_file="").exists()
    asked_for(cast, case)


def test_it_lies_encrypted_and_is_erased_when_its_time_is_over(cast: Cast) -> None:
    case = filed(cast)
    wanted = asked_for(cast, case)
    does(cast.reviewer, case, "agree", item=wanted.pk)
    wanted.refresh_from_db()
    assert wanted.until is not None
    assert wanted.until - wanted.asked_at < timedelta(hours=24, minutes=5)
    assert b"PK" not in storage.read(wanted.sealed_file)[:200]

    CaseFile.objects.update(until=Now())
    assert does(cast.coordinator, case, "fetch", item=wanted.pk).status_code == 400
    Job.objects.filter(handler=case_files.ENDS).update(due_at=Now())
    factories.work_off(case_files.ENDS)
    assert wanted.sealed_file not in factories.stored_files()
    assert CaseFile.objects.get().sealed_file == ""


def test_once_the_case_is_taken_back_or_rights_are_lost_nothing_is_fetched(cast: Cast) -> None:
    case = filed(cast)
    wanted = asked_for(cast, case)
    does(cast.reviewer, case, "agree", item=wanted.pk)
    lifecycle.transition(actor=cast.guardian.actor, case=case, to=CaseStatus.WITHDRAWN)
    assert does(cast.coordinator, case, "fetch", item=wanted.pk).status_code == 400
    lifecycle.decline_withdrawal(actor=cast.reviewer.actor, case=case, reason="not their wish")
    assert unzipped(does(cast.coordinator, case, "fetch", item=wanted.pk))
    Membership.objects.filter(user=cast.coordinator.user).update(left_at=Now())
    assert does(cast.coordinator, case, "fetch", item=wanted.pk).status_code == 404


def test_others_find_no_such_page_and_kin_take_nothing_out(cast: Cast) -> None:
    case = filed(cast)
    address = f"/cases/{case.reference}/copy/"
    for person in (cast.guardian, cast.other_guardian, cast.third_reviewer, cast.admin):
        assert person.browser().get(address).status_code == 404
        assert does(person, case, "ask", words="I want it").status_code == 404
    assert cast.anonymous.browser().get(address).status_code == 302
    Guardian.objects.create(family=case.family, user=cast.reviewer.user)
    assert does(cast.reviewer, case, "ask", words="I want it").status_code == 403
    Assignment.objects.filter(reviewer=cast.second_reviewer.user).update(released_at=Now())
    assert does(cast.second_reviewer, case, "ask", words="I want it").status_code == 404
    assert not CaseFile.objects.exists()


def test_the_second_factor_is_asked_for_anew(cast: Cast) -> None:
    case = filed(cast)
    browser = Client()
    assert cast.coordinator.user is not None
    browser.force_login(cast.coordinator.user)
    browser.post(f"/cases/{case.reference}/copy/", {"act": "ask", "words": "for the police"})
    assert not CaseFile.objects.exists()


def test_the_index_shows_what_waits_and_leads_to_a_case(cast: Cast) -> None:
    case = filed(cast)
    asked_for(cast, case)
    for person in (cast.coordinator, cast.reviewer):
        assert case.reference in text_of(person.browser().get("/cases/copies/"))
    found = cast.reviewer.browser().get("/cases/copies/", {"reference": case.reference.lower()})
    assert found.headers["Location"] == f"/cases/{case.reference}/copy/"
    assert case.reference not in text_of(cast.third_reviewer.browser().get("/cases/copies/"))
