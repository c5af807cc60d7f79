"""Figures equal a plain count in SQL; what leaves the house gives no small count away."""

import csv
import io
import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import combinations, pairwise
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.db.models.functions import Now
from django.utils import timezone

from casemgr.platform import references
from casemgr.platform.vocabularies import (
    CaseStatus,
    ChildSituation,
    Circumstance,
    OutcomeKind,
    PlaceType,
)
from cases.models import (
    Case,
    Child,
    Clue,
    ClueKind,
    Outcome,
    OutcomeStep,
    StepKind,
)
from cases.statistics.corridors import corridors
from cases.statistics.facets import FACETS, WAITS, Level
from cases.statistics.selectors import figures, survival
from families.models import Family
from tests.api.helpers import BASE, refused
from tests.cast import Cast
from tests.pages import text_of

pytestmark = pytest.mark.django_db
STATISTICS = f"{BASE}statistics/"
START = datetime(2000, 1, 15, 12, tzinfo=UTC)
LIVE = "('submitted','verified','open','located')"
CONFIRMED = """
    EXISTS (SELECT 1 FROM cases_outcomestep s WHERE s.outcome_id = o.id
            AND s.kind = 'confirmed' AND s.undone_at IS NULL)
"""
OF_CASE = f"""
    SELECT {{}} FROM cases_outcome o
    WHERE o.case_id = c.id AND o.ended_at IS NULL AND {CONFIRMED}
"""
FOUND = (
    "'reunited','located_in_care','declines_contact','rescued_family_unknown','runaway_returned'"
)
UNTIL = f"""
    CASE WHEN c.status IN {LIVE} THEN now()
         ELSE coalesce(({OF_CASE.format("o.occurred_at_earliest")}), c.ended_at, c.updated_at) END
"""


def years(earlier: str, later: str) -> str:
    return f"extract(year from age({later}, {earlier}))"


def banded(number: str, *bands: tuple[int, str], last: str) -> str:
    whens = " ".join(f"WHEN {number} < {most} THEN '{code}'" for most, code in bands)
    return f"CASE {whens} WHEN {number} IS NOT NULL THEN '{last}' ELSE 'unknown' END"


# Each facet once more, written in SQL by itself.
SQL = {
    "state": f"""CASE WHEN c.status IN {LIVE} THEN 'open'
        WHEN EXISTS ({OF_CASE.format("1")} AND o.kind IN ({FOUND})) THEN 'found'
        ELSE 'ended' END""",
    "year": """CASE WHEN extract(year from c.missing_at_earliest AT TIME ZONE 'Asia/Shanghai') =
        extract(year from c.missing_at_latest AT TIME ZONE 'Asia/Shanghai')
        THEN extract(year from c.missing_at_earliest AT TIME ZONE 'Asia/Shanghai')::text
        ELSE 'unknown' END""",
    "filed": "extract(year from c.created_at AT TIME ZONE 'Asia/Shanghai')::text",
    "ended": f"""CASE WHEN c.status IN {LIVE} THEN 'none'
        ELSE extract(year from ({UNTIL}) AT TIME ZONE 'Asia/Shanghai')::text END""",
    "province": "coalesce(nullif(left(c.missing_from_division, 2), ''), 'unknown')",
    "age": banded(
        years("k.birth_date_earliest", "c.missing_at_earliest"),
        *((3, "0-2"), (6, "3-5"), (12, "6-11"), (18, "12-17")),
        last="18+",
    ),
    "sex": "k.sex",
    "place_type": "coalesce(nullif(c.place_type, ''), 'unknown')",
    "circumstance": "coalesce(nullif(c.circumstance, ''), 'unknown')",
    "child_situation": "coalesce(nullif(c.child_situation, ''), 'unknown')",
    "outcome": f"""CASE WHEN c.status = 'withdrawn' THEN 'withdrawn'
        WHEN c.status IN {LIVE} THEN 'none'
        ELSE coalesce(({OF_CASE.format("o.kind")}), 'unknown') END""",
    "found_province": f"""CASE WHEN c.status IN {LIVE} THEN 'none'
        ELSE coalesce(nullif(({OF_CASE.format("o.found_province")}), ''), 'unknown') END""",
    "solved_by": f"""CASE WHEN c.status IN {LIVE} THEN 'none' ELSE coalesce((
        SELECT q.kind FROM cases_clue q JOIN cases_outcome o ON o.id = q.outcome_id
        WHERE o.case_id = c.id AND o.ended_at IS NULL AND q.rank = 1), 'unknown') END""",
    "waited": banded(
        years("c.missing_at_earliest", UNTIL),
        *((1, "0"), (2, "1"), (5, "2-4"), (10, "5-9"), (20, "10-19")),
        last="20+",
    ),
}


def plain_count(names: tuple[str, ...]) -> Counter[tuple[str, ...]]:
    columns = ", ".join(SQL[name] for name in names)
    statement = f"""
        SELECT {columns}, count(*) FROM cases_case c JOIN cases_child k ON k.case_id = c.id
        WHERE c.status NOT IN ('draft', 'merged')
        GROUP BY {", ".join(str(number + 1) for number in range(len(names)))}
    """
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return Counter({tuple(row[:-1]): row[-1] for row in cursor.fetchall()})


def shown(level: Level, by: tuple[str, ...], **where: str) -> dict[tuple[str, ...], int | None]:
    return {row.codes: row.count for row in figures(level, by, where).rows if row.count != 0}


def invent(cast: Cast, count: int, seed: int = 1) -> None:
    """So many cases of every kind, straight into the tables, a third of them ended."""
    chance = random.Random(seed)
    assert cast.reviewer.user is not None
    family = Family.objects.create()
    cases, children, outcomes, steps, found = [], [], [], [], []
    names: set[str] = set()
    while len(names) < count:
        names.add(references.generate())
    for name in sorted(names):
        ended = chance.random() < 0.3
        status = "closed" if ended else chance.choice(["open", "located", "submitted", "draft"])
        if chance.random() < 0.05:
            status = chance.choice(["withdrawn", "merged"])
        since = START + timedelta(days=chance.randrange(8_000))
        case = Case(
            family=family,
            reference=name,
            status=status,
            missing_at_text="then",
            missing_at_earliest=since,
            missing_at_latest=since + timedelta(days=chance.choice([0, 0, 0, 300])),
            missing_from_division=chance.choices(
                ["530112", "520100", "410100", "350100", ""], weights=[50, 30, 15, 4, 1]
            )[0],
            place_type=chance.choice([*PlaceType.values[:5], ""]),
            circumstance=chance.choice([*Circumstance.values[:6], ""]),
            child_situation=chance.choices(
                [*ChildSituation.values[:3], ""], weights=[60, 30, 9, 1]
            )[0],
            family_told_at=since if chance.random() < 0.6 else None,
            ended_at=since + timedelta(days=900) if status == "closed" else None,
        )
        cases.append(case)
        born = since - timedelta(days=chance.randrange(7_000))
        known = chance.random() < 0.9
        children.append(
            Child(
                case=case,
                sex=chance.choice(["female", "male", "unknown"]),
                birth_date_earliest=born if known else None,
                birth_date_latest=born if known else None,
            )
        )
        if status == "closed" and chance.random() < 0.95:
            kind = chance.choice([k for k in OutcomeKind if k not in ("withdrawn", "merged")])
            day = since + timedelta(days=chance.randrange(4_000))
            outcome = Outcome(
                case=case,
                kind=kind,
                identity_by=["dna"],
                found_province=chance.choices(["41", "35", "44", ""], weights=[50, 30, 15, 5])[0],
                occurred_at_text="then",
                occurred_at_earliest=day,
                occurred_at_latest=day,
            )
            outcomes.append(outcome)
            steps.append(
                OutcomeStep(outcome=outcome, kind=StepKind.CONFIRMED, by=cast.reviewer.user)
            )
            if chance.random() < 0.7:
                found.append(Clue(outcome=outcome, rank=1, kind=chance.choice(ClueKind.values)))
    for model, rows in (
        (Case, cases),
        (Child, children),
        (Outcome, outcomes),
        (OutcomeStep, steps),
        (Clue, found),
    ):
        model._default_manager.bulk_create(rows, batch_size=1_000)  # type: ignore[arg-type]
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


@pytest.mark.slow
def test_every_figure_is_that_of_a_plain_count_in_sql_on_20000_cases(cast: Cast) -> None:
    invent(cast, 20_000)
    assert set(SQL) == set(FACETS)
    for size in (1, 2):
        for by in combinations(FACETS, size):
            assert shown(Level.INTERNAL, by) == plain_count(by), by
    for by in (("state", "sex", "age"), ("year", "province", "outcome"), ("sex", "waited", "age")):
        assert shown(Level.INTERNAL, by) == plain_count(by), by
    whole = plain_count(("state", "sex", "age"))
    narrowed = shown(Level.INTERNAL, ("state", "age"), sex="female")
    assert narrowed == {(a, c): n for (a, b, c), n in whole.items() if b == "female"}
    total = sum(plain_count(("sex",)).values())
    assert figures(Level.INTERNAL, ("state",), {}).total == total


def kunming(cast: Cast) -> None:
    """352 cases of 2000 to 2004 to the published proportions."""
    family = Family.objects.create()
    cases = [
        Case(
            family=family,
            reference=references.generate(),
            status=CaseStatus.OPEN,
            missing_at_text="then",
            child_situation="local" if number < 2 else "migrant",
            place_type="urban_rural_fringe" if number < 319 else "street",
        )
        for number in range(352)
    ]
    Case.objects.bulk_create(cases)
    Child.objects.bulk_create([Child(case=case, sex="male") for case in cases])


def test_kunming_is_whole_inside_and_without_the_two_and_their_complement_outside(
    cast: Cast,
) -> None:
    kunming(cast)
    by_situation, by_place = ("child_situation",), ("place_type",)
    assert shown(Level.INTERNAL, by_situation) == {("local",): 2, ("migrant",): 350}
    assert shown(Level.INTERNAL, by_place) == {("street",): 33, ("urban_rural_fringe",): 319}
    for level in (Level.PUBLIC, Level.PARTNER):
        assert shown(level, by_situation) == {("local",): None, ("migrant",): None}
        assert shown(level, by_place) == {("street",): 33, ("urban_rural_fringe",): 319}
        assert figures(level, by_situation, {}).total == 352
        assert figures(level, by_place, {"child_situation": "local"}).total is None


def test_nobody_outside_reads_of_an_end_that_the_family_was_not_told_of(cast: Cast) -> None:
    invent(cast, 400)
    Case.objects.update(family_told_at=None)
    inside = shown(Level.INTERNAL, ("state",))
    assert inside[("found",)]
    outside = figures(Level.PUBLIC, ("state",), {})
    withdrawn = Case.objects.filter(status="withdrawn").count()
    assert {row.codes[0] for row in outside.rows} == {"open", "ended"}
    assert figures(Level.PUBLIC, (), {}).total == sum(n or 0 for n in inside.values())
    assert withdrawn >= 5
    assert {row.codes[0]: row.count for row in outside.rows}["ended"] == withdrawn
    Case.objects.filter(status="closed").update(family_told_at=Now())
    assert shown(Level.PUBLIC, ("state",)) == inside


@pytest.mark.parametrize("level", [Level.PUBLIC, Level.PARTNER])
def test_no_line_of_siblings_gives_a_withheld_count_away(cast: Cast, level: Level) -> None:
    """Every table over two facets of real columns: no single gap in a line whose sum is known."""
    invent(cast, 300)
    Case.objects.filter(status="closed").update(family_told_at=Now())
    for first, second in combinations(("state", "province", "child_situation", "sex", "age"), 2):
        table = {row.codes: row.count for row in figures(level, (first, second), {}).rows}
        true = plain_count((first, second))
        assert not [cell for cell, count in table.items() if count and count < 5]
        assert all(count in (None, true[cell]) for cell, count in table.items())
        for index, name in enumerate((first, second)):
            sums = {row.codes[0]: row.count for row in figures(level, (name,), {}).rows}
            for code, total in sums.items():
                line = [count for cell, count in table.items() if cell[index] == code]
                assert total is None or line.count(None) != 1


def test_the_time_until_recovery_counts_the_missing_as_censored(cast: Cast) -> None:
    invent(cast, 1_500)
    Case.objects.filter(status="closed").update(family_told_at=Now())
    steps = survival(Level.INTERNAL, {})
    counted = plain_count(("state",))
    assert sum(step.found for step in steps) == counted[("found",)]
    assert steps[0].at_risk <= sum(counted.values())
    assert all(a.missing > b.missing for a, b in pairwise(steps))


def waited(cast: Cast, years_until_found: list[int | None]) -> None:
    """Children missing since the start, found after so many years, or not yet."""
    family = Family.objects.create()
    assert cast.reviewer.user is not None
    for number in years_until_found:
        case = Case.objects.create(
            family=family,
            status="open" if number is None else "closed",
            missing_at_text="then",
            missing_at_earliest=START,
            missing_at_latest=START,
            family_told_at=START,
        )
        Child.objects.create(case=case, sex="female")
        if number is not None:
            day = START + timedelta(days=366 * number + 30)
            outcome = Outcome.objects.create(
                case=case,
                kind="reunited",
                identity_by=["dna"],
                occurred_at_earliest=day,
                occurred_at_latest=day,
            )
            OutcomeStep.objects.create(
                outcome=outcome, kind=StepKind.CONFIRMED, by=cast.reviewer.user
            )


def test_outside_it_is_told_by_bands_of_years_from_what_may_be_shown(cast: Cast) -> None:
    waited(cast, [0] * 8 + [1] * 6 + [3] * 5 + [None] * 21)
    steps = survival(Level.PUBLIC, {})
    assert [(step.time, step.at_risk, step.found) for step in steps] == [
        (0.0, 40, 8),
        (1.0, 32, 6),
        (2.0, 26, 5),
    ]
    assert steps[-1].missing == pytest.approx(21 / 40)


def test_outside_no_step_of_the_estimate_tells_a_small_count(cast: Cast) -> None:
    waited(cast, [0] * 8 + [1] * 6 + [3] * 2 + [None] * 24)
    assert [step.found for step in survival(Level.INTERNAL, {})] == [8, 6, 2]
    assert all(step.found >= 5 for step in survival(Level.PUBLIC, {}))
    assert sum(step.found for step in survival(Level.PUBLIC, {})) != 16


# --- through the doors --------------------------------------------------------------------------


def test_the_level_is_that_of_who_asks(cast: Cast) -> None:
    kunming(cast)
    asked = {"by": "child_situation"}
    counts = {}
    for who in ("anonymous", "guardian", "coordinator", "volunteer", "reviewer"):
        body = getattr(cast, who).api().get(STATISTICS, asked).json()
        counts[who] = (body["level"], [row["count"] for row in body["rows"]], body["total"])
    outside = ("public", [None, None], 352)
    assert counts == {
        **dict.fromkeys(("anonymous", "guardian", "coordinator", "volunteer"), outside),
        "reviewer": ("internal", [2, 350], 352),
    }


@pytest.mark.parametrize(
    "asked",
    [
        {"by": "height"},
        {"by": "sex,sex"},
        {"by": "sex", "sex": "female"},
        {"by": "sex,age,state,year"},
        {"by": "sex", "colour": "red"},
        {"by": "sex,age", "state": "open", "year": "2001"},
    ],
)
def test_what_can_not_be_counted_is_refused(cast: Cast, asked: dict[str, str]) -> None:
    assert cast.anonymous.api().get(STATISTICS, asked).status_code == 400
    page = cast.anonymous.browser().get("/statistics/figures.csv", asked)
    assert page.status_code == 400 or asked.get("colour")


def test_a_code_that_nobody_has_counts_nobody(cast: Cast) -> None:
    kunming(cast)
    body = cast.anonymous.api().get(STATISTICS, {"by": "place_type", "sex": "dragon"}).json()
    assert (body["total"], [row["count"] for row in body["rows"]]) == (0, [0, 0])


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_page_and_csv_say_the_same_and_withhold_the_same(cast: Cast, language: str) -> None:
    kunming(cast)
    browser = cast.anonymous.browser(language=language)
    page = browser.get("/statistics/", {"by": "place_type", "only": "sex:male"})
    assert page.status_code == 200
    words = page.content.decode()
    assert "319" in words
    assert 'role="img"' in words
    assert " style=" not in words
    sheet = browser.get("/statistics/figures.csv", {"by": "place_type", "sex": "male"})
    rows = list(csv.DictReader(io.StringIO(sheet.content.decode("utf-8-sig"))))
    assert {row["place_type"]: row["count"] for row in rows} == {
        "street": "33",
        "urban_rural_fringe": "319",
    }
    hidden = browser.get("/statistics/figures.csv", {"by": "child_situation"})
    rows = list(csv.DictReader(io.StringIO(hidden.content.decode("utf-8-sig"))))
    assert [row["count"] for row in rows] == ["", ""]
    assert browser.get("/statistics/", {"by": "height"}).status_code == 400


def test_nothing_in_the_sheet_runs_when_it_is_opened(cast: Cast) -> None:
    kunming(cast)
    Case.objects.update(place_type="=1+1")
    sheet = cast.reviewer.browser().get("/statistics/figures.csv", {"by": "place_type"})
    rows = list(csv.reader(io.StringIO(sheet.content.decode("utf-8-sig"))))
    assert rows[1] == ["'=1+1", "'=1+1", "352"]


def test_survival_by_the_api_is_empty_where_it_would_tell_too_much(cast: Cast) -> None:
    kunming(cast)
    body = cast.anonymous.api().get(f"{STATISTICS}survival/").json()
    assert body == {"level": "public", "steps": []}
    asked = {"sex": "male", "age": "3-5"}
    refused(cast.anonymous.api().get(f"{STATISTICS}survival/", asked), 400, "invalid")


def test_a_page_of_figures_is_few_queries(cast: Cast, django_assert_max_num_queries: Any) -> None:
    invent(cast, 200)
    browser = cast.reviewer.browser()
    with django_assert_max_num_queries(25):
        assert browser.get("/statistics/", {"by": ["year", "province"]}).status_code == 200


def test_corridors_are_counts_of_provinces_and_nothing_small_of_them_leaves(cast: Cast) -> None:
    invent(cast, 1_500)
    Case.objects.filter(status="closed").update(family_told_at=Now() - timedelta(days=400))
    true = {
        cell: count
        for cell, count in plain_count(("province", "found_province")).items()
        if not {"unknown", "none"} & set(cell)
    }

    inside = corridors(Level.INTERNAL)
    assert {row.codes: row.count for row in inside.rows} == {
        cell: count for cell, count in true.items() if cell[0] != cell[1]
    }
    assert inside.stayed == sum(count for (a, b), count in true.items() if a == b)
    assert len(inside.drawing.curves) == len(inside.rows)
    outside = corridors(Level.PUBLIC)
    assert all(row.count == true[row.codes] and row.count >= 5 for row in outside.rows)
    assert len(outside.rows) < len(inside.rows)
    assert outside.some_withheld

    page = text_of(cast.anonymous.browser().get("/statistics/corridors/"))
    assert "Some corridors are withheld." in page
    assert page.count('class="way ') == len(outside.rows)
    assert "河南" in text_of(
        cast.reviewer.browser(language="zh-hans").get("/statistics/corridors/")
    )


def test_a_family_reads_in_no_figure_where_its_child_was_found(cast: Cast) -> None:
    """Whoever compares the figures before and after being told sees no province move."""
    invent(cast, 1_500)
    ended = Case.objects.filter(status="closed", outcomes__found_province="41").order_by("pk")
    child = ended[0]
    Case.objects.filter(status="closed").exclude(pk=child.pk).update(
        family_told_at=Now() - timedelta(days=400)
    )

    def seen() -> dict[str, int | None]:
        rows = figures(Level.PUBLIC, ("found_province",), {}).rows
        return {row.codes[0]: row.count for row in rows}

    Case.objects.filter(pk=child.pk).update(family_told_at=None)
    before = seen()
    Case.objects.filter(pk=child.pk).update(family_told_at=Now())
    after = seen()
    places = set(before) - {"none", "unknown"}
    assert before["41"] is not None
    assert {code: before[code] for code in places} == {code: after[code] for code in places}
    assert before != after
    with time_machine.travel(timezone.now() + timedelta(days=366)):
        assert seen()["41"] == before["41"] + 1


def test_a_site_without_an_end_says_what_will_stand_there(cast: Cast) -> None:
    kunming(cast)
    page = text_of(cast.anonymous.browser().get("/statistics/corridors/"))
    assert "No corridor can be shown yet." in page


def told_by_csv(browser: Any, where: dict[str, str]) -> list[tuple[float, int, int]]:
    """Time, at risk and found of each step, worked out from what the CSV shows and from a total."""
    asked = {"by": ["waited", "state"], **where}
    text = browser.get("/statistics/figures.csv", asked).content.decode("utf-8-sig")
    counts = {
        (row["waited"], row["state"]): row["count"] for row in csv.DictReader(io.StringIO(text))
    }
    total = browser.get(STATISTICS, {"by": "waited,state", **where}).json()["total"]
    undated = [count for (band, _state), count in counts.items() if band == "unknown"]
    if total is None or "" in undated:
        return []
    left = total - sum(map(int, undated))
    steps = []
    for band, start in zip(WAITS, (0, 1, 2, 5, 10, 20), strict=True):
        line = {state: count for (code, state), count in counts.items() if code == band}
        if "" in line.values():
            break
        if int(line.get("found", 0)):
            steps.append((float(start), left, int(line["found"])))
        left -= sum(map(int, line.values()))
    return steps


@pytest.mark.parametrize(("count", "least"), [(250, 0), (1_500, 6)])
def test_the_estimate_tells_nothing_that_the_csv_does_not(
    cast: Cast, count: int, least: int
) -> None:
    """So whoever compares its steps has no equation that the attack on the tables has not."""
    invent(cast, count)
    Case.objects.filter(status="closed").update(family_told_at=Now())
    # A few who are missing for less would merge the open with the found in every band.
    lately = datetime(2021, 11, 1, tzinfo=UTC)
    Case.objects.exclude(status="closed").filter(missing_at_earliest__gt=lately).delete()
    browser = cast.anonymous.browser()
    filters: list[dict[str, str]] = [{}]
    for name in ("sex", "age", "province", "child_situation", "circumstance"):
        filters += [{name: row.codes[0]} for row in figures(Level.PUBLIC, (name,), {}).rows]
    shown_steps = 0
    for where in filters:
        answer = browser.get(f"{STATISTICS}survival/", where).json()["steps"]
        steps = [(step["time"], step["at_risk"], step["found"]) for step in answer]
        assert steps == told_by_csv(browser, where), where
        assert all(found >= 5 for _time, _risk, found in steps)
        shown_steps += len(steps)
    assert shown_steps >= least
