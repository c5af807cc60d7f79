"""The pages of alliances, as browsers use them."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test import Client
from django.test.utils import CaptureQueriesContext

from casemgr.platform.audit.models import AuditEntry
from casemgr.platform.vocabularies import CaseStatus
from cases.models import ConsentPurpose
from cases.services import give_consent
from families import alliances
from families.models import Alliance, Invitation, Membership, MembershipRole
from families.services import found_alliance
from tests import factories
from tests.cast import Cast, Person
from tests.pages import text_of

pytestmark = pytest.mark.django_db
LINK = re.compile(r'id="code">https?://[^/]+(/alliances/join/hwinv_[\w-]+/)<')


def founded(owner: Person, name: str = "On the same road") -> Alliance:
    assert owner.user is not None
    return found_alliance(actor=owner.actor, name=name, owner=owner.user)


def page_of(alliance: Alliance) -> str:
    return f"/alliances/{alliance.pk}/"


def invited(browser: Client, alliance: Alliance, role: str = "member") -> str:
    answer = browser.post(f"{page_of(alliance)}invite/", {"role": role})
    found = LINK.search(text_of(answer))
    assert found, text_of(answer)
    return found[1]


def place_of(alliance: Alliance, person: Person) -> Membership:
    return Membership.objects.get(alliance=alliance, user=person.user, left_at__isnull=True)


def come_in(alliance: Alliance, person: Person, role: str = "member") -> None:
    Membership.objects.create(alliance=alliance, user_id=person.user_id, role=role)


def test_somebody_founds_an_alliance_and_a_second_tap_leads_to_the_same(cast: Cast) -> None:
    browser = cast.guardian.browser()
    assert "You are in no alliance yet." in text_of(browser.get("/alliances/"))

    tapped = [browser.post("/alliances/", {"name": "On the same road"}) for _ in range(2)]
    alliance = Alliance.objects.get()
    assert [answer["Location"] for answer in tapped] == [page_of(alliance)] * 2
    assert "On the same road" in text_of(browser.get("/alliances/"))
    assert place_of(alliance, cast.guardian).role == MembershipRole.OWNER

    other = cast.volunteer.browser()
    for wrong in ("On the same road", "", "x" * 121, "a\x07b"):
        assert other.post("/alliances/", {"name": wrong}).status_code == 400, wrong
    assert "On the same road" not in text_of(other.get("/alliances/"))
    assert Alliance.objects.count() == 1


def test_an_invitation_is_shown_once_and_lets_in_who_presses_the_button(cast: Cast) -> None:
    alliance = founded(cast.guardian)
    where = invited(cast.guardian.browser(), alliance)
    secret = where.split("/")[3]
    assert secret not in text_of(cast.guardian.browser().get(page_of(alliance)))
    away = Client().get(where)
    assert away["Location"] == f"/sign-in/?next={where}"

    browser = cast.volunteer.browser()
    shown = browser.get(where)
    assert "On the same road" in text_of(shown)
    assert shown["Referrer-Policy"] == "strict-origin"
    assert not Membership.objects.filter(user=cast.volunteer.user).exists()
    for _tap in range(2):
        assert browser.post(where)["Location"] == page_of(alliance)
    assert place_of(alliance, cast.volunteer).role == MembershipRole.MEMBER
    assert "guardian" in text_of(browser.get(page_of(alliance)))


def test_used_old_withdrawn_and_invented_links_get_one_and_the_same_answer(cast: Cast) -> None:
    alliance = founded(cast.guardian)
    leader, browser = cast.guardian.browser(), cast.other_guardian.browser()
    used, old, withdrawn = (invited(leader, alliance) for _ in range(3))
    cast.volunteer.browser().post(used)
    alliances.revoke_invitation(
        actor=cast.guardian.actor, invitation=Invitation.objects.latest("created_at")
    )
    Invitation.objects.filter(used_at__isnull=True, revoked_at__isnull=True).update(
        expires_at=Now() - timedelta(seconds=1)
    )
    invented = "/alliances/join/hwinv_nobody-ever-made-this/"

    for method in ("get", "post"):
        answers = [getattr(browser, method)(link) for link in (invented, used, old, withdrawn)]
        assert {answer.status_code for answer in answers} == {410}
        assert len({text_of(answer) for answer in answers}) == 1
        assert alliance.name not in text_of(answers[0])
    assert Membership.objects.count() == 2
    # Whoever came in by it and left again isn't let in by it anew.
    alliances.leave(actor=cast.volunteer.actor, alliance=alliance)
    assert cast.volunteer.browser().post(used).status_code == 410


def test_who_is_in_already_is_led_there_and_the_link_stays_good(cast: Cast) -> None:
    alliance = founded(cast.guardian)
    browser = cast.guardian.browser()
    where = invited(browser, alliance)
    assert browser.post(where)["Location"] == page_of(alliance)
    assert cast.volunteer.browser().get(where).status_code == 200


def test_who_may_invite_as_what(cast: Cast) -> None:
    alliance = founded(cast.guardian)
    come_in(alliance, cast.other_guardian, "coordinator")
    come_in(alliance, cast.volunteer)
    where = f"{page_of(alliance)}invite/"

    invited(cast.guardian.browser(), alliance, "coordinator")
    invited(cast.other_guardian.browser(), alliance, "member")
    made = Invitation.objects.count()
    for person, role, status in (
        (cast.guardian, "owner", 400),
        (cast.guardian, "", 400),
        (cast.other_guardian, "coordinator", 400),
        (cast.volunteer, "member", 403),
        (cast.coordinator, "member", 404),
    ):
        assert person.browser().post(where, {"role": role}).status_code == status, role
    without = Client()
    assert cast.guardian.user is not None
    without.force_login(cast.guardian.user)
    assert without.post(where, {"role": "member"})["Location"] == "/account/factor/"
    assert Invitation.objects.count() == made


def test_handing_over_asks_for_the_second_factor_and_takes_one_tap(cast: Cast) -> None:
    alliance = founded(cast.guardian)
    come_in(alliance, cast.volunteer)
    where = f"{page_of(alliance)}members/{place_of(alliance, cast.volunteer).pk}/hand-over/"
    without = Client()
    assert cast.guardian.user is not None
    without.force_login(cast.guardian.user)
    assert without.post(where)["Location"] == "/account/factor/"
    program = without.post(
        f"/api/v1/alliances/{alliance.pk}/owner/",
        {"user": str(cast.volunteer.user_id)},
        content_type="application/json",
    )
    assert (program.status_code, program.json()["code"]) == (403, "second_factor_needed")
    assert cast.volunteer.browser().post(where).status_code == 403
    assert place_of(alliance, cast.guardian).role == MembershipRole.OWNER

    browser = cast.guardian.browser()
    assert "Make volunteer the owner?" in text_of(browser.get(where))
    for _tap in range(2):
        assert browser.post(where)["Location"] == page_of(alliance)
    assert place_of(alliance, cast.guardian).role == MembershipRole.COORDINATOR
    assert place_of(alliance, cast.volunteer).role == MembershipRole.OWNER


def test_an_owner_removes_a_member_at_once(cast: Cast) -> None:
    alliance = founded(cast.guardian)
    come_in(alliance, cast.volunteer)
    come_in(alliance, cast.other_guardian, "coordinator")
    there = cast.volunteer.browser()
    where = f"{page_of(alliance)}members/{place_of(alliance, cast.volunteer).pk}/remove/"
    own = f"{page_of(alliance)}members/{place_of(alliance, cast.guardian).pk}/remove/"
    assert cast.other_guardian.browser().post(where).status_code == 403
    browser = cast.guardian.browser()
    assert browser.post(own).status_code == 403
    assert browser.post(f"{page_of(alliance)}members/{uuid4()}/remove/").status_code == 404
    assert there.get(page_of(alliance)).status_code == 200

    for _tap in range(2):
        assert browser.post(where)["Location"] == page_of(alliance)
    assert there.get(page_of(alliance)).status_code == 404


def test_the_last_owner_hands_over_first_and_others_just_go(cast: Cast) -> None:
    alliance = founded(cast.guardian)
    come_in(alliance, cast.volunteer)
    where = f"{page_of(alliance)}leave/"
    kept = cast.guardian.browser().post(where)
    assert kept.status_code == 409
    assert "Hand the alliance over before you leave it." in text_of(kept)

    browser = cast.volunteer.browser()
    assert "Leave On the same road?" in text_of(browser.get(where))
    for _tap in range(2):
        assert browser.post(where)["Location"] == "/alliances/"
    assert browser.get(page_of(alliance)).status_code == 404
    assert cast.guardian.browser().post(where)["Location"] == "/alliances/"


def test_an_alliance_is_not_there_for_outsiders_byte_for_byte(cast: Cast) -> None:
    alliance = founded(cast.guardian)
    member = place_of(alliance, cast.guardian).pk
    for person in (cast.volunteer, cast.coordinator, cast.reviewer, cast.admin):
        browser = person.browser()
        for act in ("", "invite/", "leave/", f"members/{member}/remove/"):
            for method in ("get", "post") if act else ("get",):
                asked = [
                    getattr(browser, method)(f"/alliances/{key}/{act}", {"role": "member"})
                    for key in (alliance.pk, uuid4())
                ]
                # The form that changes the language names the address asked for.
                texts = [re.sub(r"/alliances/[\w-]+/", "", text_of(answer)) for answer in asked]
                assert [answer.status_code for answer in asked] == [404, 404], (act, method)
                assert texts[0] == texts[1]
                assert "guardian" not in texts[0]
    assert Client().get(page_of(alliance))["Location"].startswith("/sign-in/")
    assert Membership.objects.filter(alliance=alliance, left_at__isnull=True).count() == 1


def test_those_who_lead_see_own_and_shared_cases_and_members_only_theirs(cast: Cast) -> None:
    own = factories.file_case(
        cast, by=cast.other_guardian, public=True, case={"alliance": cast.alliance}
    )
    shared = factories.file_case(cast, status=CaseStatus.OPEN, child={"full_name": "周远"})
    hidden = factories.file_case(cast, status=CaseStatus.OPEN)
    give_consent(
        actor=cast.guardian.actor,
        case=shared,
        purpose=ConsentPurpose.SHARE,
        alliance=cast.alliance,
    )
    come_in(cast.alliance, cast.volunteer)
    come_in(cast.alliance, cast.other_guardian)

    before = AuditEntry.objects.count()
    page = text_of(cast.coordinator.browser().get(page_of(cast.alliance)))
    assert AuditEntry.objects.count() == before + 1
    assert own.reference in page
    assert page.count("shared with us") == 1
    assert "周远" in page
    assert hidden.reference not in page
    assert f'href="/cases/{own.reference}/"' in page
    assert f"/cases/{own.reference}/copy/" in page
    assert f'href="/cases/{shared.reference}/"' not in page
    assert f'href="{page_of(cast.alliance)}cases/{shared.reference}/"' in page

    assert "There is no case here that you may see." in text_of(
        cast.volunteer.browser().get(page_of(cast.alliance))
    )
    theirs = text_of(cast.other_guardian.browser().get(page_of(cast.alliance)))
    assert own.reference in theirs
    assert shared.reference not in theirs


def test_what_is_not_told_to_the_family_yet_stands_as_open(cast: Cast) -> None:
    case = factories.file_case(cast, status=CaseStatus.LOCATED, case={"alliance": cast.alliance})
    page = text_of(cast.coordinator.browser().get(page_of(cast.alliance)))
    assert case.reference in page
    assert str(CaseStatus.OPEN.label) in page
    assert str(CaseStatus.LOCATED.label) not in page


def test_cases_come_page_by_page_with_as_many_queries_for_many(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cases.alliance_views.PAGE_SIZE", 6)
    browser, counts, seen = cast.coordinator.browser(), [], set()
    browser.get(page_of(cast.alliance))  # what the site is called is read once
    for more in (1, 7):
        for number in range(more):
            seen.add(factories.file_case(cast, case={"alliance": cast.alliance}).reference)
            joined = Person(cast.volunteer.user) if more == 1 else cast.reviewer
            if number == 0:
                come_in(cast.alliance, joined)
        with CaptureQueriesContext(connection) as queries:
            browser.get(page_of(cast.alliance))
        counts.append(len(queries))
    assert counts[0] == counts[1]

    first = text_of(browser.get(page_of(cast.alliance)))
    after = re.search(r'href="\?after=([\w-]+)"', first)
    assert after
    second = text_of(browser.get(f"{page_of(cast.alliance)}?after={after[1]}"))
    assert [sum(name in page for name in seen) for page in (first, second)] == [6, 2]
    assert browser.get(f"{page_of(cast.alliance)}?after=nonsense").status_code == 404


def test_members_come_a_page_at_a_time_those_who_lead_first(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cases.alliance_views.MEMBERS", 2)
    alliance = founded(cast.guardian)
    come_in(alliance, cast.volunteer)
    come_in(alliance, cast.other_guardian, "coordinator")
    browser = cast.volunteer.browser()
    first = text_of(browser.get(page_of(alliance)))
    assert first.index("<strong>guardian") < first.index("<strong>other-guardian")
    assert "<strong>volunteer" not in first
    assert 'href="?from=2#members"' in first
    second = text_of(browser.get(f"{page_of(alliance)}?from=2"))
    assert "<strong>volunteer" in second
    assert "<strong>guardian" not in second
    for wrong in ("-1", "x", "1" * 7):
        assert browser.get(f"{page_of(alliance)}?from={wrong}").status_code == 404


def test_the_way_there_stands_where_it_is_looked_for(cast: Cast) -> None:
    assert "My alliance" in text_of(cast.coordinator.browser().get("/account/"))
    own = text_of(cast.volunteer.browser().get("/account/"))
    assert "My alliance" not in own
    assert 'href="/alliances/"' in own
