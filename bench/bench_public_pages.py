"""Home and its search among very many open cases (docs/benchmarks.md).

The site's own pages, whole, through its middleware, as a stranger gets them: the first page, one
far down, and searches by words, sex, age, province and years, among them some that find nothing.
They are asked of few cases and then of many, in one run. The rival is the same template filled
from constants: no database, no middleware, no form that was asked anything.

Exits with 1 when a page takes more than QUERIES queries, when the 95th percentile with many cases
is over GROWTH times that with few, or over CONSTANTS times that of the rival.
"""

import argparse
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench.scratch import empty_house  # noqa: E402

QUERIES = 12
GROWTH = 1.5
CONSTANTS = 3.0
FEW = 1_000
ROUNDS = 15
SEARCHES: tuple[dict[str, Any], ...] = (
    {},
    {"q": "小"},
    {"q": "军"},
    {"q": "欧阳"},
    {"q": "nobody"},
    {"q": "昆明"},
    {"q": "Guangdong"},
    {"sex": "female"},
    {"province": "540000"},
    {"province": "710000"},
    {"age_from": 8, "age_to": 10},
    {"age_from": 95},
    {"year_from": 2005, "year_to": 2006},
    {"year_from": 1930, "year_to": 1940},
    {"q": "春", "sex": "male", "province": "440000", "year_from": 2010, "year_to": 2012},
    {"q": "建国", "sex": "female", "province": "630000", "age_from": 3, "age_to": 4},
)
"""What people look for: many, few and none are found."""


def far_down(count: int) -> dict[str, Any]:
    """What asks for the page after 95 in 100 of the cards."""
    from casemgr.platform.paging import newest_first
    from cases.models import Case

    passed = newest_first(
        Case.objects.public(), by="public_since", after="", size=int(count * 0.95)
    )
    return {"after": passed.after}


def measure(name: str, works: list[Callable[[], Any]]) -> float:
    """Print the median and the 95th percentile of the pages' seconds; the latter is returned.

    Of each page the median of ROUNDS is taken, so that what else the machine does tells less.
    """
    import numpy as np

    times: list[list[float]] = [[] for _work in works]
    for _round in range(ROUNDS):
        for work, took in zip(works, times, strict=True):
            began = time.perf_counter()
            work()
            took.append(time.perf_counter() - began)
    pages = np.median(times, axis=1)
    median, most = float(np.median(pages)), float(np.percentile(pages, 95))
    print(f"{name:<28} {median * 1000:6.1f} ms  {most * 1000:6.1f} ms")
    return most


def pages(client: Any, count: int) -> tuple[list[Callable[[], Any]], int]:
    """The requests that are timed, and the most queries that one of them takes."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    asked = [*SEARCHES, far_down(count)]
    most = 0
    for given in asked:
        client.get("/", given)
        with CaptureQueriesContext(connection) as seen:
            assert client.get("/", given).status_code == 200
        most = max(most, len(seen))
    return [partial(client.get, "/", given) for given in asked], most


def constants(client: Any) -> Callable[[], Any]:
    """The home page's template, filled from what is made once: no query is left in it."""
    from django.db import connection
    from django.shortcuts import render
    from django.test.utils import CaptureQueriesContext

    from cases.card import public_card
    from cases.models import Case
    from cases.search_forms import PublicSearchForm

    rows = Case.objects.public().with_card().order_by("-public_since")[:24]
    shown = {
        "cards": [public_card(case) for case in rows],
        "after": "further",
        "first_page": True,
        "form": PublicSearchForm(),
    }
    asked = client.get("/").wsgi_request
    fill = partial(render, asked, "cases/home.html", shown)
    fill()
    with CaptureQueriesContext(connection) as seen:
        assert fill().content.count(b'class="card"') == 24
    assert not seen.captured_queries
    return fill


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--small", action="store_true", help="10,000 cases")
    many = 10_000 if parser.parse_args().small else 100_000
    with empty_house(ALLOWED_HOSTS="testserver", LIMIT_READS="off"):
        from django.db import connections

        from bench.public_cases import invent, settle
        from tests.cast import Cast

        cast = Cast()
        client = cast.anonymous.browser()
        print(f"{'':<28} {'median':>9}  {'95 in 100':>9}")
        invent(cast, FEW)
        settle()
        works, queries = pages(client, FEW)
        with_few = measure(f"{FEW:,} cases", works)
        invent(cast, many - FEW, seed=2)
        settle()
        works, more = pages(client, many)
        with_many = measure(f"{many:,} cases", works)
        plain = measure("template from constants", [constants(client)] * len(works))
        connections.close_all()
    growth, over = with_many / with_few, with_many / plain
    print(f"queries at most: {queries}, {more} (limit {QUERIES})")
    print(f"many beside few, 95 in 100: {growth:.2f} (limit {GROWTH})")
    print(f"many beside constants, 95 in 100: {over:.2f} (limit {CONSTANTS})")
    good = max(queries, more) <= QUERIES and growth <= GROWTH and over <= CONSTANTS
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
