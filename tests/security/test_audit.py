"""What is written down, in how many rows, and what happens when it can't be."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from casemgr.platform import audit
from casemgr.platform.access import Actor, Group, Role
from casemgr.platform.audit import AuditEntry, AuditSubject
from casemgr.platform.errors import Forbidden
from casemgr.platform.vocabularies import CaseStatus
from cases import lifecycle
from searches.models import Sighting
from tests import factories
from tests.cast import Cast, Person
from tests.factories import file_case, log_sighting, store_match, work_off

pytestmark = pytest.mark.django_db
SIGHTINGS = "/api/v1/sightings/"


@contextmanager
def audit_away() -> Iterator[None]:
    """The audit's table takes no rows, as with a full disk or a lost right."""
    name = AuditEntry._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION away() RETURNS trigger LANGUAGE plpgsql AS $$"
            " BEGIN RAISE EXCEPTION 'no room'; END $$"
        )
        cursor.execute(
            f"CREATE TRIGGER away BEFORE INSERT ON {name} FOR EACH ROW EXECUTE FUNCTION away()"
        )
    yield
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER away ON {name}; DROP FUNCTION away()")


def looks() -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(action="R"))


def test_a_request_leaves_one_row_for_all_that_it_looked_at(cast: Cast) -> None:
    cases = [file_case(cast, status=CaseStatus.OPEN, in_hand_of=[cast.reviewer]) for _ in "ab"]
    sighting = log_sighting(cast).sighting
    matches = [store_match(case, sighting) for case in cases]
    response = cast.reviewer.browser().get(f"/review/matches/{matches[0].pk}/")

    [look] = looks()
    assert (look.user_id, look.roles) == (cast.reviewer.user_id, "RV VO")
    assert look.request_id == response["X-Request-Id"]
    assert set(look.subject_ids) == {
        *(match.pk for match in matches),
        *(case.pk for case in cases),
        sighting.pk,
    }
    assert {Group.MATCHES, Group.CASE_DETAIL, Group.SIGHTING} <= set(look.groups)


def test_a_receipts_page_is_a_look_too(cast: Cast) -> None:
    received = log_sighting(cast)
    response = cast.anonymous.browser().post("/receipt/", {"code": received.receipt})

    assert response.status_code == 200
    [look] = looks()
    assert (look.user_id, look.roles, look.subject_ids) == (None, "AN", [received.sighting.pk])


def test_rows_hold_no_id_of_anybody(cast: Cast) -> None:
    case = file_case(cast, in_hand_of=[cast.reviewer])
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(e::text, ' ') FROM platform_auditentry e")
        text = cursor.fetchone()[0]

    assert str(case.pk) not in text
    assert str(cast.reviewer.user_id) not in text


def test_forgetting_somebody_leaves_the_rows_and_the_way_to_nobody(cast: Cast) -> None:
    case = file_case(cast, status=CaseStatus.OPEN, in_hand_of=[cast.reviewer])
    lifecycle.unpublish(actor=cast.reviewer.actor, case=case, reason="Their aunt rang.")
    [entry] = AuditEntry.objects.filter(action="unpublish")
    before = AuditEntry.objects.count()
    assert (entry.subject_ids, entry.reason) == ([case.pk], "Their aunt rang.")

    AuditSubject.objects.filter(subject=case.pk).delete()

    assert (entry.subject_ids, entry.reason) == ([], "")
    assert entry.user_id == cast.reviewer.user_id
    assert AuditEntry.objects.count() == before
    assert not AuditEntry.objects.about(case.pk).exists()


@pytest.mark.parametrize("table", ["auditentry", "auditseal", "auditsealed"])
@pytest.mark.parametrize("change", ["UPDATE platform_{} SET {} = '1'", "DELETE FROM platform_{}"])
def test_the_database_itself_refuses_to_change_or_take_rows(
    cast: Cast, change: str, table: str
) -> None:
    file_case(cast)
    audit.seal()
    column = {"auditentry": "roles", "auditseal": "digest", "auditsealed": "seal"}[table]

    with (
        pytest.raises(DatabaseError, match="only ever added"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(change.format(table, column))


def test_without_the_audit_nothing_restricted_is_shown(cast: Cast) -> None:
    case = file_case(cast, status=CaseStatus.OPEN, in_hand_of=[cast.reviewer])
    match = store_match(case, log_sighting(cast).sighting)
    api, browser = cast.reviewer.api(), cast.reviewer.browser()
    with audit_away():
        page = browser.get(f"/review/matches/{match.pk}/")
        answers = [api.get(f"/api/v1/{at}/") for at in (f"cases/{case.pk}", f"matches/{match.pk}")]
        home = browser.get("/")

    assert [page.status_code, *(answer.status_code for answer in answers)] == [503, 503, 503]
    assert "林小满" not in page.content.decode()
    assert answers[0]["Content-Type"] == "application/problem+json"
    assert answers[0].json()["code"] == "unavailable"
    assert home.status_code == 200
    assert looks() == []
    assert browser.get(f"/review/matches/{match.pk}/").status_code == 200


def test_without_the_audit_no_change_is_made(cast: Cast) -> None:
    case = file_case(cast, in_hand_of=[cast.reviewer])
    with audit_away(), pytest.raises(DatabaseError), transaction.atomic():
        lifecycle.transition(actor=cast.guardian.actor, case=case, to=CaseStatus.SUBMITTED)

    case.refresh_from_db()
    assert case.status == CaseStatus.DRAFT


def test_without_the_audit_a_sighting_is_taken_all_the_same_and_its_row_is_owed(
    cast: Cast,
) -> None:
    api = cast.anonymous.api()
    with audit_away():
        response = api.post(SIGHTINGS, {"kind": "street", "description": "A girl with flowers."})
        assert response.status_code == 201
        assert AuditEntry.objects.count() == 0
    work_off("platform.write_owed_audit")

    [entry] = AuditEntry.objects.all()
    sighting = Sighting.objects.get()
    assert (entry.action, entry.subject_ids, entry.roles) == ("C", [sighting.pk], "AN")
    assert entry.request_id == response["X-Request-Id"]


def last_month() -> datetime:
    """Noon of the fifteenth of the month before this one."""
    first = timezone.now().replace(day=1, hour=12)
    return (first - timedelta(days=1)).replace(day=15)


def again_at(entry: AuditEntry, at: datetime) -> None:
    """The same act at another time."""
    columns = {field.attname: getattr(entry, field.attname) for field in entry._meta.fields}
    AuditEntry.objects.create(**{**columns, "id": None, "at": at})


def look_at(person: Person, case_id: UUID, *, groups: list[Group], at: datetime) -> None:
    """A look of `person`, now and at another time."""
    audit.record(person.actor, "R", "case", [case_id], groups=groups)
    again_at(AuditEntry.objects.latest("pk"), at)


def roles_in(case_id: UUID, month: date) -> set[Role]:
    """Who is said to have looked in a month."""
    months = audit.roles_by_month([case_id], since=month)[case_id]
    return months.get(month.replace(day=1), set())


def test_a_guardian_sees_by_month_which_roles_looked_and_nothing_of_review(cast: Cast) -> None:
    case = file_case(cast)
    then = last_month()
    month = then.date()
    detail = [Group.CASE_DETAIL]
    assert roles_in(case.pk, month) == set()

    look_at(cast.coordinator, case.pk, groups=detail, at=then)
    look_at(cast.guardian, case.pk, groups=detail, at=then)
    look_at(cast.reviewer, case.pk, groups=[*detail, Group.MATCHES], at=then)
    look_at(cast.reviewer, case.pk, groups=detail, at=then)

    seen = {Role.COORDINATOR, Role.GUARDIAN_UNVERIFIED}
    assert roles_in(case.pk, month) == seen
    assert roles_in(case.pk, timezone.now().date()) == set()
    assert roles_in(case.pk, date(2020, 12, 1)) == set()


def test_a_reviewers_step_that_the_guardian_sees_names_the_role(cast: Cast) -> None:
    case = file_case(cast)
    then = last_month()
    audit.record(cast.reviewer.actor, "to_verified", "case", [case.pk])
    again_at(AuditEntry.objects.get(action="to_verified"), then)

    assert roles_in(case.pk, then.date()) == {Role.REVIEWER}


def test_the_officer_sees_all_of_it_and_nobody_else_does(cast: Cast) -> None:
    case = file_case(cast, in_hand_of=[cast.reviewer])
    officer = Actor(user=cast.volunteer.user, roles=frozenset({Role.DATA_PROTECTION}))

    def rows(actor: Actor, **which: Any) -> list[audit.OfficerLine]:
        since, until = datetime(2020, 1, 1, tzinfo=UTC), timezone.now() + timedelta(days=1)
        return list(audit.for_officer(actor, since=since, until=until, **which))

    lines = rows(officer, about=case.pk)
    assert [line.action for line in lines] == ["C", "take_in_hand"]
    assert lines[1].user_id == cast.reviewer.user_id
    assert [line.subject_ids for line in lines] == [(case.pk,), (case.pk,)]
    assert [line.action for line in rows(officer, by=cast.guardian.user_id)] == ["C"]
    for person in (cast.anonymous, cast.guardian, cast.reviewer, cast.coordinator):
        with pytest.raises(Forbidden):
            rows(person.actor)
    own = audit.own_acts(cast.reviewer.actor)
    assert [entry.action for entry in own] == ["take_in_hand"]


def test_who_is_named_again_keeps_the_pseudonym(cast: Cast) -> None:
    from casemgr.platform.audit.subjects import pseudonyms

    case = factories.file_case(cast)
    first = pseudonyms([case.pk, case.pk, cast.guardian.user_id])
    assert pseudonyms([case.pk, cast.guardian.user_id]) == first
    assert len(set(first.values())) == 2
