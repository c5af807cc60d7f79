"""'This is about me' and 'report this page': from a public card to a reviewer, at once."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from casemgr.platform.notify.models import Notice
from casemgr.platform.vocabularies import CaseStatus
from cases import desk_views
from cases.models import Case, PageReport
from families.models import Guardian
from tests.cast import Cast
from tests.factories import file_case, work_off
from tests.pages import text_of

pytestmark = pytest.mark.django_db


def door(case: Case, kind: str) -> str:
    return f"/cases/{case.reference}/tell/{kind}/"


@pytest.mark.parametrize("kind", ["about_me", "report"])
def test_both_doors_stand_on_every_public_card(cast: Cast, kind: str) -> None:
    case = file_case(cast, public=True)
    card = text_of(cast.anonymous.browser().get(f"/cases/{case.reference}/"))

    assert f'href="{door(case, kind)}"' in card
    page = cast.anonymous.browser(language="zh-hans").get(door(case, kind))
    assert page.status_code == 200
    assert "林小满" not in text_of(page)


def test_a_word_of_somebody_whom_the_page_is_about_reaches_every_reviewer_and_nobody_else(
    cast: Cast,
) -> None:
    desk = {person.actor.user_id for person in cast.desk}
    case = file_case(cast, public=True)
    sent = {"words": "I am grown up and safe", "contact": "a@example.org"}
    answer = cast.anonymous.browser().post(door(case, "about_me"), sent)

    assert "Thank you. We have it." in text_of(answer)
    report = PageReport.objects.get()
    assert (report.kind, report.words, report.contact) == ("about_me", *sent.values())
    work_off()
    notices = Notice.objects.filter(kind="page_reported")
    assert set(notices.values_list("person", flat=True)) == desk
    page = text_of(cast.reviewer.browser().get("/review/reports/"))
    assert "I am grown up and safe" in page
    for other in (cast.guardian, cast.coordinator):
        browser = other.browser()
        assert browser.get("/review/reports/").status_code == 404
        assert "about them, or wrong" not in text_of(browser.get("/notices/"))


def test_a_reviewer_of_the_same_family_learns_nothing_of_it(cast: Cast) -> None:
    case = file_case(cast, public=True)
    Guardian.objects.create(family=case.family, user_id=cast.third_reviewer.user_id)
    cast.anonymous.browser().post(door(case, "about_me"), {"words": "do not tell them"})
    work_off()

    report, kin = PageReport.objects.get(), cast.third_reviewer.browser()
    assert "do not tell them" not in text_of(kin.get("/review/reports/"))
    assert "reported" not in text_of(kin.get("/review/"))
    assert kin.post("/review/reports/", {"act": "hide", "item": report.pk}).status_code == 404
    assert not Notice.objects.filter(person=cast.third_reviewer.user_id).exists()
    assert "1 page was reported" in text_of(cast.reviewer.browser().get("/review/"))


def test_many_reports_of_one_page_are_one_letter_an_hour_until_somebody_looks(cast: Cast) -> None:
    case, other = file_case(cast, public=True), file_case(cast, public=True)

    def letters() -> int:
        work_off()
        return Notice.objects.filter(person=cast.reviewer.user_id, kind="page_reported").count()

    assert cast.reviewer.user is not None
    browser = cast.anonymous.browser()
    for _each in range(3):
        browser.post(door(case, "report"), {"words": "wrong"})
        assert letters() == 1
    assert PageReport.objects.count() == 3
    browser.post(door(case, "about_me"), {})
    assert letters() == 2
    browser.post(door(other, "report"), {"words": "wrong"})
    assert letters() == 3
    PageReport.objects.update(made_at=Now() - timedelta(hours=2))
    browser.post(door(case, "report"), {"words": "still wrong"})
    assert letters() == 4
    PageReport.objects.update(handled_at=Now())
    browser.post(door(case, "report"), {"words": "again"})
    assert letters() == 5


def test_the_person_need_not_say_a_word_and_who_finds_a_fault_says_which(cast: Cast) -> None:
    case = file_case(cast, public=True)
    browser = cast.anonymous.browser()

    refused = browser.post(door(case, "report"), {"words": " "})
    assert refused.status_code == 400
    assert "Say in a few words what is wrong." in text_of(refused)
    assert browser.post(door(case, "report"), {"words": "x" * 2_001}).status_code == 400
    assert not PageReport.objects.exists()
    assert browser.post(door(case, "about_me"), {}).status_code == 200
    assert PageReport.objects.count() == 1


def test_a_card_that_is_not_up_has_no_such_door(cast: Cast) -> None:
    hidden = file_case(cast, status=CaseStatus.OPEN)
    public = file_case(cast, public=True)
    browser = cast.anonymous.browser()

    assert browser.get(door(hidden, "report")).status_code == 404
    assert browser.post(door(hidden, "about_me"), {"words": "me"}).status_code == 404
    assert browser.get(door(public, "praise")).status_code == 404
    Case.objects.filter(pk=public.pk).update(public_since=None)
    assert browser.post(door(public, "report"), {"words": "home"}).status_code == 410
    assert not PageReport.objects.exists()


def test_many_words_are_read_page_by_page_the_oldest_first(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk_views, "SHOWN", 2)
    case = file_case(cast, public=True)
    for number in range(3):
        sent = {"words": f"word number {number}"}
        cast.anonymous.browser().post(door(case, "report"), sent)
    browser = cast.reviewer.browser()
    first, second = (text_of(browser.get(f"/review/reports/{on}")) for on in ("", "?start=2"))

    assert [f"word number {number}" in first for number in range(3)] == [True, True, False]
    assert 'href="?start=2"' in first
    assert [f"word number {number}" in second for number in range(3)] == [False, False, True]
    assert 'href="/review/reports/"' in second
    assert 'href="?start=' not in second
