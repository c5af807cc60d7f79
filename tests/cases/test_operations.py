"""Operations: kept as reported, held against the cases they ended, and never added up."""

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from casemgr.platform.errors import Conflict, Invalid, NotFound
from casemgr.platform.vocabularies import CaseStatus, OutcomeKind
from cases import operations, outcome_undo
from cases.models import Handover, Operation, Outcome, SafetyCheck, SuspectKind
from tests import factories
from tests.api.helpers import BASE, refused
from tests.cast import Cast, Person
from tests.refusals import refuses

pytestmark = pytest.mark.django_db
OPERATIONS = f"{BASE}operations/"


def made(cast: Cast, name: str = "Lanterns", **values: Any) -> Operation:
    return operations.save_operation(
        actor=cast.reviewer.actor, values={"name": name, **values}, suspects={}
    )


def ended_by(cast: Cast, operation: Operation, kind: OutcomeKind = OutcomeKind.REUNITED) -> Any:
    case = factories.file_case(cast, status=CaseStatus.OPEN)
    factories.end_case(cast, case, kind=kind)
    operations.link_case(actor=cast.desk[0].actor, operation=operation, case=case)
    return case


def reconciled(operation: Operation) -> operations.Reconciled:
    return operations.reconcile([operation])[operation.pk]


def test_what_was_reported_is_held_against_the_linked_cases_each_once(cast: Cast) -> None:
    whole = made(cast, children_recovered=3)
    part = made(cast, "Lanterns, second night", part_of=whole, children_recovered=1)
    assert reconciled(whole) == operations.Reconciled(3, 0, True)
    ended_by(cast, whole)
    twice = ended_by(cast, part)
    ended_by(cast, part, OutcomeKind.FALSE_REPORT)
    assert reconciled(part) == operations.Reconciled(1, 1, False)
    assert reconciled(whole) == operations.Reconciled(3, 2, True)

    values = {"difference_note": "One child's family is unknown."}
    operations.save_operation(actor=cast.reviewer.actor, values=values, operation=whole)
    assert reconciled(Operation.objects.get(pk=whole.pk)).marked is False
    outcome_undo.undo(actor=cast.desk[0].actor, case=twice, reason="not her")
    assert reconciled(part).linked == 0


def test_an_operation_neither_ends_before_it_begins_nor_is_a_part_of_itself(cast: Cast) -> None:
    whole = made(cast)
    part = made(cast, "A part", part_of=whole)
    with pytest.raises(Invalid) as caught:
        made(cast, "Backwards", begins_on=date(2011, 7, 2), ends_on=date(2011, 7, 1))
    assert caught.value.fields["ends_on"][0] == "in_order"
    for circle in (whole, part):
        with pytest.raises(Invalid) as caught:
            operations.save_operation(
                actor=cast.reviewer.actor, values={"part_of": circle}, operation=whole
            )
        assert caught.value.fields["part_of"][0] == "circle"
    with pytest.raises(IntegrityError), transaction.atomic():
        Operation.objects.filter(pk=whole.pk).update(part_of=whole)


def test_the_police_take_over_only_when_all_is_safe_and_somebody_is_known(cast: Cast) -> None:
    operation = made(cast)
    hand: dict[str, Any] = {"actor": cast.reviewer.actor, "operation": operation}
    with refuses(Conflict, "not_safe_yet"):
        operations.hand_over(**hand)
    safe = {"safety": SafetyCheck.values}
    operations.save_operation(actor=cast.reviewer.actor, values=safe, operation=operation)
    with refuses(Conflict, "no_contact"):
        operations.hand_over(**hand)
    known = {"police_contact": "Officer Wang, Linyi"}
    operations.save_operation(actor=cast.reviewer.actor, values=known, operation=operation)
    operations.hand_over(**hand)
    assert Handover.objects.get().by == cast.reviewer.user


def test_only_an_ended_case_in_hand_is_linked(cast: Cast) -> None:
    operation = made(cast)
    case = factories.file_case(cast, status=CaseStatus.OPEN)
    with refuses(Conflict, "no_outcome"):
        operations.link_case(actor=cast.desk[0].actor, operation=operation, case=case)
    with pytest.raises(NotFound):
        operations.link_case(actor=cast.reviewer.actor, operation=operation, case=case)


@pytest.mark.parametrize("who", ["guardian", "coordinator", "volunteer"])
def test_operations_are_for_reviewers(cast: Cast, who: str) -> None:
    operation = made(cast)
    person: Person = getattr(cast, who)
    refused(person.api().get(OPERATIONS), 404, "not_found")
    refused(person.api().post(OPERATIONS, {"name": "x"}), 404, "not_found")
    refused(person.api().get(f"{OPERATIONS}{operation.pk}/"), 404, "not_found")
    assert person.browser().get("/review/operations/").status_code == 404
    assert person.browser().get(f"/review/operations/{operation.pk}/").status_code == 404


def test_an_operation_goes_through_the_api(cast: Cast) -> None:
    api = cast.desk[0].api()
    body = {
        "name": "Henan-led joint operation",
        "begins_on": "2011-07-01",
        "ends_on": "2011-07-31",
        "divisions": ["410000"],
        "officers": 2600,
        "children_recovered": 81,
        "suspects": [{"kind": "detained", "count": 330}],
    }
    first = api.post(OPERATIONS, body)
    assert first.status_code == 201
    found = first.json()
    assert (found["suspects"], found["linked"], found["unexplained"]) == (
        [{"kind": "detained", "count": 330, "note": ""}],
        0,
        True,
    )
    address = f"{OPERATIONS}{found['id']}/"
    assert api.patch(address, {"note": "x"}).status_code == 428
    tag = api.get(address)["ETag"]
    changed = api.patch(address, {"part_of": None, "officers": 2601}, headers={"If-Match": tag})
    assert changed.json()["officers"] == 2601
    assert api.patch(address, {"note": "x"}, headers={"If-Match": tag}).status_code == 412
    case = factories.file_case(cast, status=CaseStatus.OPEN)
    factories.end_case(cast, case)
    assert api.post(address + "cases/", {"case": str(case.pk)}).json()["linked"] == 1
    assert api.get(f"{BASE}cases/{case.pk}/outcome/").json()["operation"] == found["id"]
    refused(api.post(address + "handovers/", {}), 409, "not_safe_yet")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/name"),
        ({"name": "x" * 201}, "/name"),
        ({"name": "x", "officers": -1}, "/officers"),
        ({"name": "x", "children_recovered": 10**12}, "/children_recovered"),
        ({"name": "x", "begins_on": "2011-02-30"}, "/begins_on"),
        ({"name": "x", "begins_on": "2011-07-02", "ends_on": "2011-07-01"}, "/ends_on"),
        ({"name": "x", "divisions": ["999999"]}, "/divisions"),
        ({"name": "x", "suspects": [{"kind": "shot", "count": 1}]}, "/suspects/0/kind"),
        ({"name": "x", "part_of": "00000000-0000-4000-8000-000000000000"}, "/part_of"),
        ({"name": "x", "total": 9}, "/total"),
    ],
)
def test_an_operation_that_can_not_be_is_refused_by_field(
    cast: Cast, body: dict[str, Any], pointer: str
) -> None:
    assert pointer in refused(cast.reviewer.api().post(OPERATIONS, body), 400, "invalid")
    assert not Operation.objects.exists()


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_an_operation_goes_through_its_pages(cast: Cast, language: str) -> None:
    browser = cast.desk[0].browser(language=language)
    address = "/review/operations/"
    assert browser.get(address).status_code == 200
    given = {"name": "Lanterns", "children_recovered": "2", "arrested": "3", "detained": "4"}
    assert browser.post(address, {**given, "officers": "many"}).status_code == 400
    assert browser.post(address, given).status_code == 302
    found = Operation.objects.get()
    assert dict(found.suspects.values_list("kind", "count")) == {"arrested": 3, "detained": 4}
    case = factories.file_case(cast, status=CaseStatus.OPEN)
    factories.end_case(cast, case)
    one = f"{address}{found.pk}/"
    assert browser.post(one, {"act": "link", "reference": "HW-XXX-XXX-X"}).status_code == 400
    assert browser.post(one, {"act": "link", "reference": case.reference}).status_code == 302
    assert Outcome.objects.get(case=case).operation == found
    page = browser.get(one).content.decode()
    assert case.reference in page
    assert browser.post(one, {"act": "hand_over"}).status_code == 400
    safe = {"safety": SafetyCheck.values, "police_contact": "Officer Wang"}
    assert browser.post(one, {"act": "save", **given, **safe}).status_code == 302
    assert browser.post(one, {"act": "hand_over"}).status_code == 302
    assert browser.post(one, {"act": "explode"}).status_code == 404
    # Three arrested and four detained are never seven suspects.
    assert "7" not in "".join(str(line.count) for line in found.suspects.all())
    assert found.suspects.filter(kind=SuspectKind.ARRESTED).get().count == 3


@pytest.mark.parametrize("address", ["/review/operations/", OPERATIONS])
def test_the_lists_of_operations_ask_no_more_of_the_database_for_more_rows(
    cast: Cast, address: str, django_assert_max_num_queries: Any
) -> None:
    browser = cast.reviewer.browser()
    browser.get(address)  # what is read once for all requests
    asked = []
    for number in range(2):
        whole = made(cast, f"Operation {number}")
        made(cast, f"A part of {number}", part_of=whole)
        with django_assert_max_num_queries(40) as queries:
            assert browser.get(address).status_code == 200
        asked.append(len(queries))
    assert asked[0] == asked[1]
