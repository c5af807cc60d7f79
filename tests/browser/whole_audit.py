"""The whole audit of the pages; `make web-audit` runs it and writes docs/web-audit.md.

axe on every page in both languages, on a phone and on a desk, by day and by night; Lighthouse's
mobile profile on the pages that matter most to somebody with an old phone.
"""

import io
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from django.conf import settings

from casemgr.demo import portraits
from casemgr.platform.vocabularies import CaseStatus
from cases import lifecycle
from cases import services as case_services
from cases.models import Case, ConsentPurpose, TakeReason
from tests.browser import lighthouse, pages
from tests.browser.conftest import Machine
from tests.browser.served import served
from tests.browser.walk import Look, walk
from tests.cast import Cast
from tests.factories import CASE_FACTS, CHILD_FACTS, work_off

pytestmark = pytest.mark.django_db(transaction=True)
REPORT = Path(settings.BASE_DIR) / "docs" / "web-audit.md"
CASES = 24


def write(name: str, head: str, rows: list[str]) -> None:
    """Print a table, and put it where the document has the one of this name."""
    table = "\n".join([head, "|" + "---|" * (head.count("|") - 1), *rows])
    print(f"\n{table}", flush=True)
    before, rest = REPORT.read_text("utf-8").split(f"<!-- {name} -->\n")
    after = rest.split(f"<!-- end of {name} -->")[1]
    told = f"{before}<!-- {name} -->\n{table}\n<!-- end of {name} -->{after}"
    REPORT.write_text(told, encoding="utf-8")


def test_no_page_breaks_a_rule_however_it_is_looked_at(machine: Machine) -> None:
    found = pages.reachable()
    assert found.unseen == []
    rows, all_broken = [], []
    for language, width, dark in product(("en", "zh-hans"), (360, 1280), (False, True)):
        look = Look(language, width, dark)
        broken = walk(machine, found.visits, look)
        rows.append(f"| {look} | {len(found.visits)} | {len(broken)} |")
        all_broken += broken
        for line in (rows[-1], *broken):
            print(line, flush=True)  # at once: the whole takes minutes

    write("axe", "| language, width, colours | pages | violations |", rows)
    assert all_broken == []


def test_lighthouse_is_content(cast: Cast, tmp_path: Path, private_files: Path) -> None:
    called = lighthouse.command()
    if called is None:
        print(f"\n{lighthouse.WITHOUT}")
        pytest.skip(lighthouse.WITHOUT)
    case = list(published(cast))[-1]
    with served(tmp_path, private_files) as address:
        verdicts = [
            lighthouse.judge(name, address + path, called)
            for name, path in (
                ("home", "/"),
                ("case", f"/cases/{case.reference}/"),
                ("sighting form", "/sightings/new/"),
            )
        ]

    rows = [
        "| "
        + " | ".join(
            [
                each.page,
                *(str(each.scores[category]) for category in lighthouse.LIMITS),
                f"{each.kilobytes} KB",
                ", ".join(each.lost) or "–",
            ]
        )
        + " |"
        for each in verdicts
    ]
    head = "| page | performance | accessibility | best practices | weight | what costs points |"
    write("lighthouse", head, rows)
    assert [each for each in verdicts if not each.good] == []


def published(cast: Cast) -> Iterator[Case]:
    """As many children as the first page shows, each with a drawn portrait on a public card."""
    desk = [person.actor for person in cast.desk]
    for number in range(CASES):
        case = case_services.file_case(
            actor=cast.guardian.actor, case={**CASE_FACTS}, child={**CHILD_FACTS}
        )
        guardian = cast.guardian.actor
        picture = io.BytesIO()
        portraits.draw(portraits.identity(number), 1, age_years=6).save(picture, "JPEG")
        case_services.add_photo(
            actor=guardian, case=case, data=picture.getvalue(), consent_public=True
        )
        work_off("cases.develop_photo")
        lifecycle.transition(actor=guardian, case=case, to=CaseStatus.SUBMITTED)
        for actor in desk:
            case_services.take_in_hand(actor=actor, reference=case.reference, why=TakeReason.NEW)
        for step in (CaseStatus.VERIFIED, CaseStatus.OPEN):
            lifecycle.transition(actor=desk[0], case=case, to=step)
        for purpose in (ConsentPurpose.PUBLISH, ConsentPurpose.PUBLISH_PHOTO):
            case_services.give_consent(actor=guardian, case=case, purpose=purpose)
        for actor in desk:
            lifecycle.approve_publication(actor=actor, case=case)
        yield case
