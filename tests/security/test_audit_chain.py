"""The chain over the audit shows every change, whoever makes it and however cleverly."""

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from casemgr.platform import access, audit
from casemgr.platform.audit import AuditEntry, AuditSeal, AuditSealed
from casemgr.platform.audit.verifying import forget_old
from tests.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def intruder(db: None) -> Callable[..., None]:
    """Somebody with every right on the database, who switches the triggers off first."""

    def change(statement: str, *parameters: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute(statement, parameters)
            cursor.execute("SET LOCAL session_replication_role = DEFAULT")

    return change


def write(count: int, *, word: str = "act") -> None:
    for number in range(count):
        actor = access.Actor(request_id=f"{word}-{number}")
        audit.record(actor, "C", "case", [UUID(int=number + 1)], reason=f"reason {number}")


def chain(*sizes: int) -> None:
    for number, size in enumerate(sizes):
        write(size, word=f"batch{number}")
        assert audit.seal() == size


def columns_of(entry: AuditEntry) -> dict[str, Any]:
    return {field.attname: getattr(entry, field.attname) for field in entry._meta.fields}


def verdict_of_command(*arguments: str) -> tuple[int, str]:
    out = io.StringIO()
    try:
        call_command("verify_audit", *arguments, stdout=out)
    except SystemExit as end:
        return int(str(end.code)), out.getvalue()
    return 0, out.getvalue()


def test_a_whole_chain_verifies_and_says_what_it_counted(cast: Cast) -> None:
    chain(3, 4)
    write(2)

    code, said = verdict_of_command()
    head = AuditSeal.objects.latest("pk").digest
    assert code == 0, said
    assert said.split() == (
        f"Rows: 9 Seals: 2 Unsealed: 2 Head: {head} The chain is whole.".split()
    )


def test_rows_are_sealed_whatever_order_they_commit_in(
    cast: Cast, intruder: Callable[..., None]
) -> None:
    """A row with a lower number that shows up later is in the next seal, not lost."""
    write(3)
    late = AuditEntry.objects.earliest("pk")
    intruder("DELETE FROM platform_auditentry WHERE id = %s", late.pk)
    assert audit.seal() == 2
    AuditEntry.objects.create(**columns_of(late))

    assert audit.seal() == 1
    assert audit.verify().broken == ""


def test_rows_that_waited_longer_than_a_day_are_sealed_after_a_standstill(cast: Cast) -> None:
    write(1)
    then = timezone.now() - timedelta(days=9)
    AuditEntry.objects.create(**{**columns_of(AuditEntry.objects.get()), "id": None, "at": then})
    assert verdict_of_command()[0] == 2

    assert audit.seal() == 2
    assert verdict_of_command()[0] == 0


CHANGES = {
    "a role": "UPDATE platform_auditentry SET roles = 'AD' WHERE id = %(row)s",
    "a time": "UPDATE platform_auditentry SET at = at + interval '1 us' WHERE id = %(row)s",
    "a subject": "UPDATE platform_auditentry SET subjects = '{}' WHERE id = %(row)s",
    "an actor": "UPDATE platform_auditentry SET who = gen_random_uuid() WHERE id = %(row)s",
    "a reason": "UPDATE platform_auditentry SET reason_sealed = NULL WHERE id = %(row)s",
    "a request": "UPDATE platform_auditentry SET request_id = 'x' WHERE id = %(row)s",
    "a group": "UPDATE platform_auditentry SET groups = '{f11}' WHERE id = %(row)s",
    "a row gone": "DELETE FROM platform_auditentry WHERE id = %(row)s",
    "a row and its line gone": (
        "WITH gone AS (DELETE FROM platform_auditentry WHERE id = %(row)s)"
        " DELETE FROM platform_auditsealed WHERE entry = %(row)s"
    ),
    "two rows exchanged": (
        "UPDATE platform_auditentry e SET request_id = o.request_id FROM platform_auditentry o"
        " WHERE e.id IN (%(row)s, %(row)s + 1) AND o.id = 2 * %(row)s + 1 - e.id"
    ),
    "a seal gone": "DELETE FROM platform_auditseal WHERE id = %(seal)s",
    "a seal's count": "UPDATE platform_auditseal SET entries = 2 WHERE id = %(seal)s",
    "a line pointed elsewhere": (
        "UPDATE platform_auditsealed SET seal = %(seal)s + 1 WHERE entry = %(row)s"
    ),
}


@pytest.mark.parametrize("statement", CHANGES.values(), ids=CHANGES)
def test_every_kind_of_change_is_found(
    cast: Cast, intruder: Callable[..., None], statement: str
) -> None:
    chain(3, 4, 3)
    seal = list(AuditSeal.objects.values_list("pk", flat=True))[1]
    row = min(AuditSealed.objects.filter(seal=seal).values_list("entry", flat=True))
    intruder(statement.replace("%(row)s", str(row)).replace("%(seal)s", str(seal)))

    code, said = verdict_of_command()
    assert code == 1
    assert "BROKEN" in said


def test_a_thousand_changed_digits_are_found_one_by_one(
    cast: Cast, intruder: Callable[..., None]
) -> None:
    """Each time one hexadecimal digit of one row's pseudonym is another."""
    chain(5, 5)
    rows = list(AuditEntry.objects.order_by("pk"))
    change = "UPDATE platform_auditentry SET subjects = ARRAY[%s::uuid] WHERE id = %s"
    found = 0
    for trial in range(1_000):
        row = rows[trial % len(rows)]
        digits = list(row.subjects[0].hex)
        place = trial * 7 % 32
        digits[place] = format((int(digits[place], 16) + 1 + trial % 15) % 16, "x")
        point = transaction.savepoint()
        intruder(change, "".join(digits), row.pk)
        found += bool(audit.verify().broken)
        transaction.savepoint_rollback(point)
    assert found == 1_000
    assert audit.verify().broken == ""


def test_a_chain_made_anew_is_found_by_a_digest_noted_elsewhere(
    cast: Cast, intruder: Callable[..., None]
) -> None:
    chain(3, 4)
    noted = audit.verify().head
    last = AuditSeal.objects.latest("pk")
    assert verdict_of_command("--anchor", noted)[0] == 0
    intruder("DELETE FROM platform_auditsealed WHERE seal = %s", last.pk)
    intruder("DELETE FROM platform_auditseal WHERE id = %s", last.pk)
    intruder("DELETE FROM platform_auditentry WHERE request_id = 'batch1-0'")
    audit.seal()

    assert verdict_of_command()[0] == 0
    code, said = verdict_of_command("--anchor", noted)
    assert (code, "noted digest" in said) == (1, True)


def test_rows_leave_after_six_years_and_the_chain_holds(
    cast: Cast, intruder: Callable[..., None]
) -> None:
    chain(3, 4)
    first = AuditSeal.objects.earliest("pk")
    then = timezone.now() - timedelta(days=6 * 365 + 1)
    old = list(AuditSealed.objects.filter(seal=first.pk).values_list("entry", flat=True))
    intruder("UPDATE platform_auditentry SET at = %s WHERE id = ANY(%s)", then, old)
    intruder("UPDATE platform_auditseal SET sealed_at = %s WHERE id = %s", then, first.pk)

    assert forget_old() == 3

    assert AuditEntry.objects.count() == 4
    code, said = verdict_of_command()
    assert (code, "Expired:  3" in said) == (0, True)
    assert forget_old() == 0
