"""What happened in an alliance, in words."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from casemgr.platform.vocabularies import CaseStatus
from cases import services
from cases.models import Case, Consent, ConsentPurpose, ImportJob
from families.models import Alliance, Family, Membership
from tests import factories
from tests.cast import Cast
from tests.pages import text_of

pytestmark = pytest.mark.django_db


def place(alliance: Alliance) -> str:
    return f"/alliances/{alliance.pk}/activity/"


def test_it_tells_in_words_what_came_in_who_came_and_what_is_shared(cast: Cast) -> None:
    alliance, browser = cast.alliance, cast.coordinator.browser()
    for _number in range(2):
        case = factories.file_case(cast)
        Case.objects.filter(pk=case.pk).update(alliance=alliance)
    shared = factories.file_case(cast, status=CaseStatus.OPEN)
    services.give_consent(
        actor=cast.guardian.actor, case=shared, purpose=ConsentPurpose.SHARE, alliance=alliance
    )
    Consent.objects.filter(purpose=ConsentPurpose.SHARE).update(revoked_at=Now())
    Membership.objects.create(
        alliance=alliance, user_id=cast.volunteer.user_id, role="member", left_at=Now()
    )
    whose = {"alliance": alliance, "user": cast.coordinator.user, "format": "csv"}
    ImportJob.objects.create(**whose, mode="skip_bad", status="done")
    ImportJob.objects.create(**whose, mode="skip_bad", status="done", dry_run=True)
    other = Alliance.objects.create(name="Others")
    Membership.objects.create(alliance=other, user_id=cast.guardian.user_id, role="owner")

    said = text_of(browser.get(place(alliance)))
    for words in (
        *("2 cases were filed.", "A family shared a case", "A family ended sharing"),
        *("volunteer came in.", "volunteer left.", "coordinator came in."),
    ):
        assert said.count(words) == 1, words
    assert said.count("coordinator brought in a list.") == 1
    for secret in ("guardian", shared.reference, case.reference, "west gate"):
        assert secret not in said, secret


def test_nothing_in_it_moves_when_a_child_is_found(cast: Cast) -> None:
    case = factories.file_case(cast, status=CaseStatus.OPEN)
    Case.objects.filter(pk=case.pk).update(alliance=cast.alliance)
    browser = cast.coordinator.browser()
    before = text_of(browser.get(place(cast.alliance)))
    Case.objects.filter(pk=case.pk).update(
        status=CaseStatus.LOCATED, public_since=None, updated_at=Now()
    )
    assert text_of(browser.get(place(cast.alliance))) == before


def test_who_may_read_it(cast: Cast) -> None:
    at = place(cast.alliance)
    assert cast.volunteer.browser().get(at).status_code == 404
    assert Client().get(at).status_code == 302
    Membership.objects.create(alliance=cast.alliance, user_id=cast.volunteer.user_id, role="member")
    assert cast.volunteer.browser().get(at).status_code == 403
    leader = cast.coordinator.browser()
    assert leader.post(at).status_code == 405
    for wrong in ("x", "-1", "1234567"):
        assert leader.get(f"{at}?start={wrong}").status_code == 404


def test_it_asks_as_much_for_two_lines_as_for_two_hundred_and_turns_pages(cast: Cast) -> None:
    alliance, browser = cast.alliance, cast.coordinator.browser()

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(place(alliance)).status_code == 200
        return len(queries)

    asked()  # the first of a session asks once more who is there
    few = asked()
    families = Family.objects.bulk_create(Family() for _number in range(200))
    now = timezone.now()
    Case.objects.bulk_create(
        Case(family=family, alliance=alliance, created_at=now - timedelta(days=day))
        for day, family in enumerate(families)
    )
    assert asked() == few
    first = text_of(browser.get(place(alliance)))
    assert "?start=40" in first
    last = text_of(browser.get(f"{place(alliance)}?start=200"))
    assert "Back to the first" in last
    assert "?start=240" not in last
