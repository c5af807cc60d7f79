"""Two thousand cases are written in bulk; each is as if its family had filed it."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.forms.models import model_to_dict

from casemgr.demo import filing
from casemgr.demo.population import InventedCase, invent
from casemgr.platform.accounts.models import User
from casemgr.platform.outbox import Event, Job
from casemgr.platform.partners.models import Partner
from cases.desk_queue import CAME_IN
from cases.models import Assignment, Case
from searches.models import PreparedCase
from tests.cast import Person

TODAY = date(2026, 11, 24)
THEIR_OWN = {"id", "family", "case", "child", "reference", "revision", "created_at", "updated_at"}


@pytest.fixture
def invented() -> InventedCase:
    cases = invent(1, today=TODAY).cases[40:]
    fit = next(c for c in cases if len(c.marks) > 1 and c.in_alliance and c.full_name and c.story)
    return replace(fit, status="open")


def facts_of(case: Case) -> dict[str, Any]:
    """What a case, its child and its marks say, without what every row has of its own."""
    kept = {**model_to_dict(case), **model_to_dict(case.child), "tokens": case.tokens}
    marks = [model_to_dict(mark) for mark in case.child.marks.order_by("kind", "body_part")]
    return {name: value for name, value in kept.items() if name not in THEIR_OWN} | {
        "marks": [{k: v for k, v in mark.items() if k not in THEIR_OWN} for mark in marks]
    }


@pytest.mark.django_db
def test_a_case_written_in_bulk_says_what_the_same_case_filed_by_its_family_says(
    invented: InventedCase,
) -> None:
    who = filing.cast()
    filing.file_plain(who, [invented], TODAY, lambda done: None)
    bulk = Case.objects.get()
    assert PreparedCase.objects.get().case == bulk

    filing.file_drawn(who, [replace(invented, number=9_999)], TODAY, lambda done: None)
    filed = Case.objects.exclude(pk=bulk.pk).get()

    assert facts_of(bulk) == facts_of(filed)
    for case in (bulk, filed):
        assert Assignment.objects.filter(case=case, released_at=None).count() == 2
        assert case.family.guardians.get().verified_at is None
    # Reviewers are told of new reports once an hour; of two thousand at once, the few will do.
    assert _events(bulk) == _events(filed) - {CAME_IN}
    assert _work(bulk) == _work(filed) - {"cases.tell_of_new"}


def _events(case: Case) -> set[str]:
    return set(Event.objects.filter(subject=case.pk).values_list("type", flat=True))


def _work(case: Case) -> set[str]:
    return set(Job.objects.filter(subject=case.pk).values_list("handler", flat=True))


@pytest.mark.django_db
def test_a_partners_people_can_try_the_api_on_a_demo() -> None:
    filing.cast()
    person = Person(User.objects.get(email=filing.ADDRESSES["partner-admin"]))
    browser = person.browser()

    page = browser.get("/partners/", follow=True)
    assert filing.PARTNER in page.content.decode()
    partner = Partner.objects.get()
    added = browser.post(
        f"/partners/{partner.pk}/clients/", {"name": "importer", "scopes": ["cases:write"]}
    )
    assert "homeward_secret_" in added.content.decode()
