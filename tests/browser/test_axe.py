"""No page that a person can reach breaks a rule of accessibility.

Here every page is looked at once, in Chinese, as a phone shows it by day; `make web-audit` looks
at each in both languages, on a phone and on a desk, by day and by night.
"""

import pytest

from tests.browser import pages
from tests.browser.conftest import Machine
from tests.browser.walk import Look, walk


@pytest.mark.django_db(transaction=True)
def test_no_page_breaks_a_rule(machine: Machine) -> None:
    found = pages.reachable()
    assert found.unseen == [], "nobody sees these: plant what they show (tests/browser/pages.py)"

    broken = walk(machine, found.visits, Look("zh-hans", 360))

    assert len(found.visits) > 90
    assert broken == [], "\n".join(broken)


@pytest.mark.django_db(transaction=True)
def test_the_walk_would_see_what_is_wrong(machine: Machine) -> None:
    visitor = machine()
    visitor.open("/about/")
    assert visitor.axe() == []

    visitor.page.evaluate("document.querySelector('h1').innerHTML = '<img src=/static/logo.svg>'")

    assert {each.rule for each in visitor.axe()} == {"image-alt", "empty-heading"}


@pytest.mark.django_db(transaction=True)
def test_a_page_that_nobody_sees_stops_the_walk(monkeypatch: pytest.MonkeyPatch) -> None:
    added = ("/hidden/", "/about/")
    monkeypatch.setattr(pages, "routes", lambda: [(where, None) for where in added])

    assert pages.reachable().unseen == ["/hidden/"]
