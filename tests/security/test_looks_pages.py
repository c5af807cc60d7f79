"""The pages of the audit: who looked at my case, all of it for the officer, one's own acts."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from casemgr.platform import audit
from casemgr.platform.access import Group
from casemgr.platform.accounts.models import RoleGrant, StaffRole, User
from casemgr.platform.fields import civil_zone
from casemgr.platform.vocabularies import CaseStatus, ReviewDecision
from cases.models import Case
from families.models import VerificationBasis
from families.verification import verify
from searches import reviewing
from tests.cast import Cast, Person
from tests.factories import file_case, log_sighting, store_match
from tests.pages import INLINE, text_of
from tests.security.test_audit import again_at, last_month

pytestmark = pytest.mark.django_db
PAGE = "/account/who-looked/"
REVIEWER, COORDINATOR = "a reviewer", "an alliance&#x27;s coordinator"


def of_verified_guardian(cast: Cast, **facts: Any) -> Case:
    """A case that was filed two months ago, by somebody a reviewer has verified since."""
    case = file_case(cast, status=CaseStatus.OPEN, **facts)
    Case.objects.filter(pk=case.pk).update(created_at=last_month() - timedelta(days=31))
    guardian = case.family.guardians.get()
    verify(
        actor=cast.reviewer.actor, guardian=guardian, basis=VerificationBasis.PAPERS, note="seen"
    )
    return case


def moved_to(at: datetime) -> None:
    """Everything that was written down so far happened (also) then."""
    for entry in list(audit.AuditEntry.objects.all()):
        again_at(entry, at)


def staff(role: StaffRole) -> Person:
    person = Person(User.objects.create_user(email=f"{role}@example.org"))
    RoleGrant.objects.create(user_id=person.user_id, role=role)
    return person


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_verified_guardian_sees_roles_by_month(cast: Cast, language: str) -> None:
    case = of_verified_guardian(cast)
    audit.record(cast.coordinator.actor, "R", "case", [case.pk], groups=[Group.CASE_DETAIL])
    moved_to(last_month())

    browser = cast.guardian.browser(language=language)
    page = text_of(browser.get(PAGE))

    assert INLINE.findall(page) == []
    assert PAGE in text_of(browser.get("/account/"))
    months = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", page)
    assert len(months) == 2
    with translation.override(language):
        names = translation.gettext("an alliance's coordinator"), translation.gettext("a reviewer")
        nobody = translation.gettext("nobody")
    assert all(name.replace("'", "&#x27;") in months[0][1] for name in names)
    assert months[1][1].strip() == nobody


def test_the_month_that_runs_is_not_shown(cast: Cast) -> None:
    case = of_verified_guardian(cast)
    audit.record(cast.coordinator.actor, "R", "case", [case.pk], groups=[Group.CASE_DETAIL])

    page = text_of(cast.guardian.browser().get(PAGE))

    assert COORDINATOR not in page
    assert f"{timezone.now().astimezone(civil_zone()):%B %Y}" not in page


def test_match_review_leaves_no_trace_on_the_page(cast: Cast) -> None:
    """A reviewer who looks and decides all month is not named; two worlds, one page."""
    case = of_verified_guardian(cast, in_hand_of=[cast.reviewer])
    before = text_of(cast.guardian.browser().get(PAGE))
    match = store_match(case, log_sighting(cast).sighting)
    decide = ReviewDecision.ACCEPT
    cast.reviewer.browser().get(f"/review/matches/{match.pk}/")
    cast.reviewer.api().get(f"/api/v1/cases/{case.pk}/matches/")
    reviewing.decide(actor=cast.reviewer.actor, match=match, decision=decide, reason="it fits")
    for entry in list(audit.AuditEntry.objects.exclude(action__in=audit.SEEN_STEPS)):
        again_at(entry, last_month())

    after = text_of(cast.guardian.browser().get(PAGE))

    assert REVIEWER not in after
    assert after.replace("somebody who speaks for the child", "nobody") == before


def test_nobody_else_has_the_page(cast: Cast) -> None:
    """Unverified guardians, coordinators and strangers: not there. Another family's case: empty."""
    case = of_verified_guardian(cast)
    file_case(cast, by=cast.other_guardian)
    for person in (cast.other_guardian, cast.coordinator, cast.volunteer, cast.reviewer):
        assert person.browser().get(PAGE).status_code == 404
        assert PAGE not in text_of(person.browser().get("/account/"))
    assert cast.anonymous.browser().get(PAGE).status_code == 302

    unverified = file_case(cast, by=cast.guardian, case={"public_name": "Xiaohua"})
    page = text_of(cast.guardian.browser().get(PAGE))
    assert case.reference in page
    assert unverified.reference not in page


def test_the_page_asks_as_much_for_many_cases_as_for_one(cast: Cast) -> None:
    of_verified_guardian(cast)
    browser = cast.guardian.browser()
    browser.get(PAGE)
    with CaptureQueriesContext(connection) as one:
        browser.get(PAGE)
    for _ in range(3):
        of_verified_guardian(cast)
    with CaptureQueriesContext(connection) as four:
        browser.get(PAGE)

    # `can` asks three small questions of each case that is shown.
    assert len(four) - len(one) <= 3 * 3


def test_the_officer_reads_a_month_by_person_and_by_record(cast: Cast) -> None:
    case = file_case(cast, in_hand_of=[cast.reviewer])
    browser = staff(StaffRole.DATA_PROTECTION).browser()

    page = text_of(browser.get("/audit/"))
    assert str(case.pk) in page
    assert "take_in_hand" in page
    assert "· made · case" in page
    assert "a reviewer" in page
    assert "RV" not in page
    assert "林小满" not in page
    assert INLINE.findall(page) == []
    by = text_of(browser.get("/audit/", {"by": str(cast.guardian.user_id)}))
    assert "take_in_hand" not in by
    assert str(case.pk) in by
    assert "take_in_hand" in text_of(browser.get("/audit/", {"about": str(case.pk)}))
    assert str(case.pk) not in text_of(browser.get("/audit/", {"month": "2020-01"}))
    looks = audit.AuditEntry.objects.filter(action="R", subject_type="audit")
    assert looks.count() == 4


def test_the_officers_page_goes_on_where_it_ended(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("casemgr.platform.audit.views.SHOWN", 2)
    for _ in range(3):
        file_case(cast)
    browser = staff(StaffRole.DATA_PROTECTION).browser()
    page = text_of(browser.get("/audit/"))
    found = re.search(r"after=(\d+)", page)
    assert found is not None
    rest = text_of(browser.get("/audit/", {"after": found[1]}))
    ids = [set(re.findall(r"about=([0-9a-f-]{36})", each)) for each in (page, rest)]
    assert ids[0]
    assert ids[1]
    assert not ids[0] & ids[1]


@pytest.mark.parametrize(
    "asked",
    [
        {"month": "x"},
        {"month": "0001-01"},
        {"by": "1"},
        {"about": "\0"},
        {"after": "-1"},
        {"after": str(2**63)},
    ],
)
def test_what_no_link_of_ours_asks_is_not_there(cast: Cast, asked: dict[str, str]) -> None:
    assert staff(StaffRole.DATA_PROTECTION).browser().get("/audit/", asked).status_code == 404


def test_an_administrator_sees_their_own_acts_and_of_them_no_record(cast: Cast) -> None:
    admin = staff(StaffRole.ADMIN)
    case = file_case(cast)
    audit.record(admin.actor, "R", "user", [cast.guardian.user_id], groups=[Group.ACCOUNTS])

    page = text_of(admin.browser().get("/audit/own/"))

    assert "· looked at · user" in page
    assert str(cast.guardian.user_id) not in page
    assert str(case.pk) not in page
    assert admin.browser().get("/audit/").status_code == 404
    for person in (cast.guardian, cast.reviewer, cast.volunteer):
        assert person.browser().get("/audit/").status_code == 404
        assert person.browser().get("/audit/own/").status_code == 404
