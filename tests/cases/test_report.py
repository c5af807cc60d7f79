"""A family's report, screen by screen, and what can be changed afterwards."""

import io
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from casemgr.platform import references
from casemgr.platform.outbox import Event
from casemgr.platform.vocabularies import CaseStatus
from cases import filing, lifecycle
from cases.models import Case, Consent, Objection
from families.models import Contact, Guardian
from tests import factories
from tests.cast import Cast
from tests.pages import INLINE, text_of

pytestmark = pytest.mark.django_db

NEXT_YEAR = f"{timezone.now().year + 1}-06-30"
SCREENS = ("child", "when", "looks", "photos", "story", "reach", "public", "check")


def begun(browser: Client) -> Case:
    """A report just begun."""
    answer = browser.post("/report/begin/")
    assert answer.status_code == 302
    return Case.objects.get(reference=answer["Location"].split("/")[2])


def at(case: Case, screen: str) -> str:
    return f"/report/{case.reference}/{screen}/"


def keep(browser: Client, case: Case, screen: str, **told: Any) -> Any:
    return browser.post(at(case, screen), told)


def photo(seed: int = 1) -> io.BytesIO:
    file = io.BytesIO(factories.jpeg(seed))
    file.name = "child.jpg"
    return file


def test_a_family_reports_a_child_in_the_browser_and_it_is_held_against_sightings(
    cast: Cast,
) -> None:
    browser = cast.guardian.browser()
    case = begun(browser)
    keep(browser, case, "child", full_name="林小满", nicknames="满满、Manman", sex="female",
         birth_date="21 May 2016")  # fmt: skip
    keep(browser, case, "when", missing_at="3 June 2020", missing_from="云南省昆明市东川区市场",
         place_type="market", circumstance="")  # fmt: skip
    keep(browser, case, "looks", height_cm="110", clothing="红色外套", description="", **{
        "mark1-kind": "birthmark", "mark1-body_part": "shoulder", "mark1-side": "left",
        "mark1-text": "half moon", "mark1-public": "on", "mark2-text": "a scar",
    })  # fmt: skip
    answer = keep(browser, case, "photos", photos=[photo(1), photo(2)])
    assert answer["Location"] == at(case, "story")
    keep(browser, case, "story", story="She went to see the lanterns.", languages="普通话,云南话",
         police_reference="A-1", dna_on_file="yes")  # fmt: skip
    keep(browser, case, "reach", name="林大海", phone="+86 139 0000 0000", email="", note="after 8")
    shown = case.photos.first()
    assert shown is not None
    keep(browser, case, "public", agreed="yes", public_name="满满", photo=str(shown.pk))
    answer = keep(browser, case, "check")
    assert answer["Location"] == f"/my/cases/{case.reference}/"

    case = Case.objects.with_detail().get(pk=case.pk)
    child = case.child
    assert case.status == CaseStatus.SUBMITTED
    assert (child.full_name, child.nicknames, child.sex) == ("林小满", ["满满", "Manman"], "female")
    assert (child.name_pinyin, child.birth_date.text) == ("lin xiao man", "21 May 2016")
    assert str(child.birth_date.earliest) == "2016-05-21"
    assert (case.missing_at.text, case.place_type) == ("3 June 2020", "market")
    assert case.missing_from.division_code is not None
    assert case.missing_from.division_code.startswith("5301")
    assert (child.height_cm, child.clothing) == (110, "红色外套")
    marks = {(m.kind, m.body_part, m.side, m.text, m.public) for m in child.marks.all()}
    assert marks == {
        ("birthmark", "shoulder", "left", "half moon", True),
        ("other", "", "", "a scar", False),
    }
    assert (case.dna_on_file, child.languages) == (True, ["普通话", "云南话"])
    assert [p.consent_public for p in case.photos.all()] == [True, False]
    assert Contact.objects.get().phone == "+86 139 0000 0000"
    assert Consent.objects.get().purpose == "publish"
    assert case.public_name == "满满"
    assert Event.objects.filter(type="case.changed", subject=case.pk).exists()


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_screen_is_there_in_both_languages_without_inline_code(
    cast: Cast, language: str
) -> None:
    browser = cast.guardian.browser(language=language)
    case = begun(browser)
    for address in ["/report/", *(at(case, screen) for screen in SCREENS)]:
        page = browser.get(address)
        assert page.status_code == 200, address
        assert INLINE.findall(text_of(page)) == []


def test_nobody_but_the_family_opens_a_report(cast: Cast) -> None:
    case = begun(cast.guardian.browser())
    for person in (cast.other_guardian, cast.volunteer, cast.reviewer, cast.coordinator):
        for screen in ("child", "check", "discard"):
            assert person.browser().get(at(case, screen)).status_code == 404
            assert person.browser().post(at(case, screen), {}).status_code == 404
    assert cast.anonymous.browser().get(at(case, "child")).status_code == 302
    assert cast.anonymous.browser().post("/report/begin/").status_code == 302
    case.refresh_from_db()
    assert (case.status, Case.objects.count()) == (CaseStatus.DRAFT, 1)


def test_beginning_twice_goes_on_with_the_first(cast: Cast) -> None:
    browser = cast.guardian.browser()
    case = begun(browser)
    assert begun(browser) == case
    assert case.reference in text_of(browser.get("/report/"))
    assert Guardian.objects.count() == 1


def test_a_report_that_says_too_little_names_what_is_missing_and_where(cast: Cast) -> None:
    browser = cast.guardian.browser()
    case = begun(browser)
    page = keep(browser, case, "check")

    assert page.status_code == 400
    for words in ("girl or a boy", "when the child went missing", "a name or a nickname"):
        assert words in text_of(page)
    case.refresh_from_db()
    assert case.status == CaseStatus.DRAFT


@pytest.mark.parametrize(
    ("screen", "told", "words"),
    [
        ("child", {"sex": "boy"}, "Select a valid choice"),
        ("child", {"sex": "male", "birth_date": NEXT_YEAR}, "lies ahead"),
        ("child", {"sex": "male", "full_name": "a\x00b"}, "Null characters"),
        ("child", {"sex": "male", "nicknames": "a," * 30 + ",".join(map(str, range(30)))}, "most"),
        ("when", {"missing_at": NEXT_YEAR}, "lies ahead"),
        ("when", {"place_type": "moon"}, "Select a valid choice"),
        ("looks", {"height_cm": "900"}, "250"),
        ("looks", {"mark1-kind": "halo"}, "Select a valid choice"),
        ("story", {"story": "x" * 10_001}, "10000"),
        ("reach", {"email": "nobody"}, "valid email"),
        ("public", {"agreed": ""}, "Choose one of the two"),
    ],
)
def test_what_cannot_be_is_said_beside_its_question_and_nothing_is_kept(
    cast: Cast, screen: str, told: dict[str, str], words: str
) -> None:
    browser = cast.guardian.browser()
    case = begun(browser)
    before = Case.objects.filter(pk=case.pk).values().get()
    page = keep(browser, case, screen, **told)

    assert page.status_code == 400
    assert words in page.content.decode()
    assert Case.objects.filter(pk=case.pk).values().get() == before
    assert not Contact.objects.exists()
    assert not case.child.marks.exists()


def test_a_file_that_is_no_photo_is_refused_and_the_others_too(cast: Cast) -> None:
    browser = cast.guardian.browser()
    case = begun(browser)
    words = io.BytesIO(b"not a picture")
    words.name = "child.jpg"
    page = keep(browser, case, "photos", photos=[photo(), words])

    assert page.status_code == 400
    assert not case.photos.exists()


def test_the_same_photo_sent_twice_is_kept_once(cast: Cast) -> None:
    browser = cast.guardian.browser()
    case = begun(browser)
    for _tap in range(2):
        assert (
            keep(browser, case, "photos", photos=[photo(1), photo(1), photo(2)]).status_code == 302
        )

    assert case.photos.count() == 2


def test_a_screen_sent_unchanged_changes_nothing(cast: Cast) -> None:
    case = factories.file_case(cast, status=CaseStatus.SUBMITTED)
    before = Case.objects.filter(pk=case.pk).values().get()
    browser = cast.guardian.browser()
    page = browser.get(at(case, "when"))
    form = page.context["form"]
    answer = keep(browser, case, "when", **{f.html_name: f.value() or "" for f in form})

    assert answer["Location"] == f"/my/cases/{case.reference}/"
    assert Case.objects.filter(pk=case.pk).values().get() == before


def test_a_case_that_was_sent_cannot_lose_what_it_needs(cast: Cast) -> None:
    case = factories.file_case(cast, status=CaseStatus.SUBMITTED)
    page = keep(cast.guardian.browser(), case, "when", missing_at="")

    assert page.status_code == 400
    assert "when the child went missing" in text_of(page)
    case.refresh_from_db()
    assert case.missing_at.text == "summer 2011"


def test_a_no_takes_the_public_page_down_at_once(cast: Cast) -> None:
    case = factories.file_case(cast, public=True)
    address = f"/cases/{case.reference}/"
    assert cast.anonymous.browser().get(address).status_code == 200
    keep(cast.guardian.browser(), case, "public", agreed="no", public_name="Xiaoman")

    assert cast.anonymous.browser().get(address).status_code == 410
    assert Objection.objects.count() == 1


def test_without_a_yes_no_photo_may_be_shown(cast: Cast) -> None:
    browser = cast.guardian.browser()
    case = begun(browser)
    keep(browser, case, "photos", photos=[photo()])
    shown = case.photos.get()
    keep(browser, case, "public", agreed="no", public_name="", photo=str(shown.pk))

    shown.refresh_from_db()
    assert not shown.consent_public


def test_a_report_is_thrown_away_after_asking(cast: Cast) -> None:
    browser = cast.guardian.browser()
    case = begun(browser)
    assert browser.get(at(case, "discard")).status_code == 200
    assert browser.post(at(case, "discard")).status_code == 302
    case.refresh_from_db()
    assert case.status == CaseStatus.WITHDRAWN
    assert browser.get(at(case, "child")).status_code == 404

    sent = factories.file_case(cast, status=CaseStatus.SUBMITTED)
    assert browser.post(at(sent, "discard")).status_code == 404


def test_once_a_child_was_located_the_screens_say_what_they_said_before(cast: Cast) -> None:
    case = factories.file_case(cast, status=CaseStatus.OPEN)
    browser = cast.guardian.browser()
    before = text_of(browser.get(at(case, "child")))
    lifecycle.transition(actor=cast.desk[0].actor, case=case, to=CaseStatus.LOCATED)

    assert text_of(browser.get(at(case, "child"))) == before
    assert keep(browser, case, "story", story="more").status_code == 302
    assert Case.objects.get(pk=case.pk).status == CaseStatus.LOCATED


def test_a_reference_that_another_case_has_is_not_given_again(cast: Cast) -> None:
    taken = factories.file_case(cast).reference
    free = references.generate()

    assert filing.unused_references(1, iter([taken, taken, free])) == [free]
    with pytest.raises(LookupError):
        filing.unused_references(1, iter([taken]))
