"""The published figures: as they were printed, marked as history, and counted nowhere."""

from typing import Any

import pytest

from casemgr.demo import published
from casemgr.platform import references
from casemgr.platform.errors import Conflict
from casemgr.platform.vocabularies import CaseStatus
from cases import operations
from cases.models import Case, Child, Operation, PublishedFigure, SafetyCheck
from families.models import Family
from tests import factories
from tests.api.helpers import BASE, refused
from tests.cast import Cast
from tests.pages import text_of
from tests.refusals import refuses

pytestmark = pytest.mark.django_db

# name begins with | begins, ends | part of | where | officers | recovered | sold | suspects |
# groups | solved: the table of the design, read once by eye and written down here by hand.
PRINTED = """
Kunming special attacks|2001-01 2005-12||1 province||181||arrested 304 9 of them sentenced to death|7|90
Fifth national campaign, to September 2010|2009-04 2010-09|Fifth national campaign, to December 2011|national||6785||detained 17486|2757|4595
Fifth national campaign, to December 2011|2009-04 2011-12||national||18518||detained 49007|7025|11777
Henan-led joint operation|2011-07 2011-07|Fifth national campaign, to December 2011|14 provinces|2600|81||detained 330||
Order of 7 March 2012|2012-03 2012-03||14 provinces|7000|77||arrested 310|1|
26 September 2012|2012-09 2012-09||9 provinces||89||arrested 355|9|
Yunnan infants prosecution|2012-01 2012-12||2 provinces, Yunnan to Henan|||223|prosecuted 36 28 of them women|1|
"""  # noqa: E501


def english(words: str) -> str:
    return words.split(" · ", maxsplit=1)[0]


def as_printed(row: Operation) -> str:
    def figure(number: int | None) -> str:
        return "" if number is None else str(number)

    suspects = "; ".join(
        f"{line.kind} {line.count} {english(line.note)}".strip() for line in row.suspects.all()
    )
    return "|".join(
        [
            english(row.name),
            f"{row.begins_on:%Y-%m} {row.ends_on:%Y-%m}",
            english(row.part_of.name) if row.part_of else "",
            english(row.area),
            figure(row.officers),
            figure(row.children_recovered),
            figure(row.children_sold),
            suspects,
            figure(row.groups_broken),
            figure(row.cases_solved),
        ]
    )


def test_the_table_is_as_it_was_printed_however_often_it_is_loaded() -> None:
    for _again in range(2):
        published.load()
        rows = Operation.objects.select_related("part_of").prefetch_related("suspects")
        assert {as_printed(row) for row in rows} == set(PRINTED.strip().splitlines())
        assert all(row.historical for row in rows)
        figures = dict(PublishedFigure.objects.values_list("code", "count"))
        kunming = {code: count for code, count in figures.items() if code.startswith("kunming")}
        assert kunming == {
            "kunming_missing": 352,
            "kunming_local": 2,
            "kunming_migrant": 350,
            "kunming_fringe": 319,
        }
        assert (figures["left_behind"], figures["left_behind_under_14"]) == (58_000_000, 40_000_000)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_pages_show_them_under_their_mark_and_in_no_figure_of_the_site(
    cast: Cast, language: str
) -> None:
    reviewer, anyone = cast.reviewer.browser(language=language), cast.anonymous.browser()
    addresses = ("/statistics/", "/review/operations/")
    before = [text_of(reviewer.get(address)) for address in addresses]
    assert all("18,518" not in page and "319" not in page for page in before)
    published.load()
    statistics, table = (text_of(reviewer.get(address)) for address in addresses)
    mark = '<h2 id="published-heading">'
    assert all(page.count(mark) == 1 for page in (statistics, table))
    if language == "en":
        assert all("historical, published figures" in page for page in (statistics, table))
    for figure in ("18,518", "49,007", "7,025", "11,777", "17,486", "7,000", "223", "304"):
        assert figure in table
    for figure in ("352", "350", "319"):
        assert figure in statistics
        assert figure in text_of(anyone.get("/statistics/"))
    assert anyone.get(f"{BASE}statistics/").json()["total"] == 0
    one = Operation.objects.get(name__startswith="Kunming")
    assert "304" in text_of(reviewer.get(f"/review/operations/{one.pk}/"))


def test_nothing_of_this_site_is_held_against_a_published_operation_or_changes_it(
    cast: Cast,
) -> None:
    published.load()
    old = Operation.objects.get(name__startswith="Kunming")
    case = factories.file_case(cast, status=CaseStatus.OPEN)
    factories.end_case(cast, case)
    acts: list[tuple[Any, dict[str, Any]]] = [
        (operations.link_case, {"case": case}),
        (operations.hand_over, {}),
        (operations.save_operation, {"values": {"safety": SafetyCheck.values}}),
    ]
    for act, given in acts:
        with refuses(Conflict, "historical"):
            act(actor=cast.desk[0].actor, operation=old, **given)
    assert operations.reconcile([old])[old.pk] == operations.Reconciled(181, 0, False)
    body = {"name": "Lanterns", "part_of": str(old.pk)}
    assert "/part_of" in refused(
        cast.reviewer.api().post(f"{BASE}operations/", body), 400, "invalid"
    )
    page = cast.reviewer.browser().get(f"/review/operations/{old.pk}/").content.decode()
    assert 'name="act"' not in page


def test_cases_to_the_proportions_of_kunming_give_its_figures_inside_and_not_the_two_outside(
    cast: Cast,
) -> None:
    published.load()
    figures = dict(PublishedFigure.objects.values_list("code", "count"))
    of_kunming(figures)
    expected = {
        "reviewer": ("internal", 352, {"local": 2, "migrant": 350}, 319),
        "anonymous": ("public", 352, {"local": None, "migrant": None}, 319),
        "program": ("partner", 352, {"local": None, "migrant": None}, 319),
    }
    address = f"{BASE}statistics/"
    for who, (level, total, situations, fringe) in expected.items():
        api = getattr(cast, who).api()
        by_situation = api.get(address, {"by": "child_situation"}).json()
        by_place = api.get(address, {"by": "place_type"}).json()
        assert (by_situation["level"], by_situation["total"]) == (level, total)
        assert counts(by_situation) == situations
        assert counts(by_place)["urban_rural_fringe"] == fringe
        narrowed = api.get(address, {"child_situation": "local"}).json()["total"]
        complement = api.get(address, {"child_situation": "migrant"}).json()["total"]
        assert (narrowed, complement) == (situations["local"], situations["migrant"])
        crossed = counts(api.get(address, {"by": "place_type", "child_situation": "local"}).json())
        assert crossed["urban_rural_fringe"] == (2 if level == "internal" else None)
    for who, withheld in (("reviewer", 0), ("anonymous", 2)):
        browser = getattr(cast, who).browser()
        sheet = browser.get("/statistics/figures.csv", {"by": "child_situation"})
        lines = sheet.content.decode("utf-8-sig").split()[1:]
        assert sum(line.endswith(",") for line in lines) == withheld
        page = text_of(browser.get("/statistics/", {"by": "child_situation"}))
        assert page.count('<td class="number">withheld</td>') == withheld


def counts(body: dict[str, Any]) -> dict[str, int | None]:
    return {row["codes"][0]: row["count"] for row in body["rows"]}


def of_kunming(figures: dict[str, int]) -> None:
    """So many cases as were missing, as many of each kind as were published."""
    total, local = figures["kunming_missing"], figures["kunming_local"]
    family = Family.objects.create()
    cases = [
        Case(
            family=family,
            reference=references.generate(),
            status=CaseStatus.OPEN,
            missing_at_text="2002",
            child_situation="local" if number < local else "migrant",
            place_type="urban_rural_fringe" if number < figures["kunming_fringe"] else "market",
        )
        for number in range(total)
    ]
    Case.objects.bulk_create(cases)
    Child.objects.bulk_create([Child(case=case, sex="female") for case in cases])
