"""The wall of an alliance's open cases."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from casemgr.platform.audit.models import AuditEntry
from casemgr.platform.vocabularies import CaseStatus
from cases import services
from cases.models import Case, CasePhoto, Child, ConsentPurpose
from families.models import Alliance, Family, Membership
from tests import factories
from tests.cast import Cast
from tests.pages import text_of

pytestmark = pytest.mark.django_db


def place(alliance: Alliance) -> str:
    return f"/alliances/{alliance.pk}/wall/"


def own(cast: Cast, alliance: Alliance, name: str, **facts: Any) -> Case:
    child = {"full_name": f"林{name}", "given_name": name, "nicknames": []}
    case = factories.file_case(cast, child=child, case={"public_name": name}, **facts)
    Case.objects.filter(pk=case.pk).update(alliance=alliance)
    return case


def many(count: int, alliance: Alliance) -> None:
    """So many more public cases, written at once."""
    families = Family.objects.bulk_create(Family() for _number in range(count))
    now = timezone.now()
    cases = Case.objects.bulk_create(
        Case(
            family=family,
            alliance=alliance,
            status=CaseStatus.OPEN,
            public_since=now,
            ever_public=True,
            missing_at_text="2011",
        )
        for family in families
    )
    Child.objects.bulk_create(Child(case=case, given_name="n", sex="male") for case in cases)


def test_the_wall_for_everybody_shows_public_cards_of_its_own_cases_and_nothing_else(
    cast: Cast,
) -> None:
    alliance = cast.alliance
    shown = own(cast, alliance, "Yueya", public=True)
    own(cast, alliance, "Hidden", status=CaseStatus.OPEN)
    own(cast, Alliance.objects.create(name="Others"), "Elsewhere", public=True)
    found = own(cast, alliance, "Found", public=True)
    Case.objects.filter(pk=found.pk).update(status=CaseStatus.LOCATED, public_since=None)
    shared = own(cast, Alliance.objects.create(name="Friends"), "Shared", public=True)
    services.give_consent(
        actor=cast.guardian.actor, case=shared, purpose=ConsentPurpose.SHARE, alliance=alliance
    )

    browser = cast.coordinator.browser()
    said = text_of(browser.get(place(alliance)))
    assert "Yueya" in said
    assert f"/cases/{shown.reference}/" in said
    for secret in ("Hidden", "Elsewhere", "Found", "Shared", "林", "west gate"):
        assert secret not in said, secret

    # Among those who lead: everything that is open to their knowledge, and it is written down.
    before = AuditEntry.objects.count()
    said = text_of(browser.get(f"{place(alliance)}?for=us"))
    for name in ("林Yueya", "林Hidden", "林Found", "west gate"):
        assert name in said, name
    for secret in ("Elsewhere", "Shared"):
        assert secret not in said, secret
    assert "Not for a public place" in said
    assert AuditEntry.objects.count() == before + 1


def test_photos_of_the_wall_for_everybody_are_those_that_the_guardian_ticked(cast: Cast) -> None:
    case = own(cast, cast.alliance, "Yueya", public=True)
    services.add_photo(actor=cast.guardian.actor, case=case, data=factories.jpeg(3))
    factories.work_off("cases.develop_photo")
    photo = CasePhoto.objects.get()
    browser = cast.coordinator.browser()
    assert str(photo.pk) not in text_of(browser.get(place(cast.alliance)))
    assert str(photo.pk) in text_of(browser.get(f"{place(cast.alliance)}?for=us"))
    assert browser.get(f"/media/case/{photo.pk}/public/").status_code == 200
    assert Client().get(f"/media/case/{photo.pk}/public/").status_code == 404

    CasePhoto.objects.update(consent_public=True, ever_public=True)
    assert str(photo.pk) in text_of(browser.get(place(cast.alliance)))


def test_who_may_put_up_a_wall(cast: Cast) -> None:
    alliance = cast.alliance
    for at in (place(alliance), f"{place(alliance)}?for=us"):
        assert cast.volunteer.browser().get(at).status_code == 404
        assert Client().get(at).status_code == 302
        assert cast.coordinator.browser().get(at).status_code == 200
        assert cast.coordinator.browser().post(at).status_code == 405
    Membership.objects.create(alliance=alliance, user_id=cast.volunteer.user_id, role="member")
    assert cast.volunteer.browser().get(place(alliance)).status_code == 403
    without = Client()
    without.force_login(cast.coordinator.user)  # type: ignore[arg-type]
    assert without.get(place(alliance))["Location"] == "/account/factor/"
    assert cast.coordinator.browser().get(f"{place(alliance)}?after=x").status_code == 404


def test_an_empty_wall_says_what_will_be_there(cast: Cast) -> None:
    browser = cast.coordinator.browser()
    assert "has a public page now" in text_of(browser.get(place(cast.alliance)))
    assert "is open now" in text_of(browser.get(f"{place(cast.alliance)}?for=us"))


def test_the_wall_asks_as_much_for_two_cases_as_for_two_hundred(cast: Cast) -> None:
    alliance, browser = cast.alliance, cast.coordinator.browser()
    for number in range(2):
        own(cast, alliance, f"n{number}", public=True)

    def asked() -> list[int]:
        counts = []
        for at in (place(alliance), f"{place(alliance)}?for=us"):
            with CaptureQueriesContext(connection) as queries:
                assert browser.get(at).status_code == 200
            counts.append(len(queries))
        return counts

    few = asked()
    many(198, alliance)
    assert Case.objects.filter(alliance=alliance).public().count() == 200
    assert asked() == few
    first = text_of(browser.get(place(alliance)))
    assert "Older cases" in first
