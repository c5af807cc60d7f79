"""Audit rows from before they named nobody: names become pseudonyms, and go back again."""

from uuid import uuid4

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

BEFORE = [("platform", "0003_slow_lane")]
AFTER = [("platform", "0006_audit_sealed")]


@pytest.mark.django_db(transaction=True)
def test_old_rows_keep_what_they_say_and_name_nobody() -> None:
    case, other, person = uuid4(), uuid4(), uuid4()
    executor = MigrationExecutor(connection)
    latest = [node for node in executor.loader.graph.leaf_nodes() if node[0] == "platform"]
    old = executor.migrate(BEFORE).apps.get_model("platform", "AuditEntry")
    old.objects.create(
        user_id=person,
        roles="RV",
        action="unpublish",
        subject_type="case",
        subject_ids=[case, other],
        reason="They rang.",
    )
    old.objects.create(
        roles="AN", action="C", subject_type="sighting", subject_ids=[other], groups=["f9"]
    )
    try:
        MigrationExecutor(connection).migrate(AFTER)
        with connection.cursor() as cursor:
            cursor.execute("SELECT string_agg(e::text, ' ') FROM platform_auditentry e")
            text = cursor.fetchone()[0]
        assert not any(str(key) in text for key in (case, other, person))
        assert "They rang." not in text

        from casemgr.platform.audit import AuditEntry

        first, second = AuditEntry.objects.order_by("pk")
        assert (first.subject_ids, first.user_id) == ([case, other], person)
        assert (first.reason, second.reason) == ("They rang.", "")
        assert (second.subject_ids, second.user_id, second.groups) == ([other], None, ["f9"])

        back = MigrationExecutor(connection).migrate(BEFORE)
        rows = back.apps.get_model("platform", "AuditEntry").objects.order_by("pk")
        assert [(row.user_id, row.subject_ids, row.reason) for row in rows] == [
            (person, [case, other], "They rang."),
            (None, [other], ""),
        ]
    finally:
        MigrationExecutor(connection).migrate(latest)
        with connection.cursor() as cursor:
            for table in ("auditentry", "auditseal", "auditsealed", "erasureline"):
                cursor.execute(f"ALTER TABLE platform_{table} DISABLE TRIGGER USER")
                cursor.execute(f"TRUNCATE platform_{table}")
                cursor.execute(f"ALTER TABLE platform_{table} ENABLE TRIGGER USER")
            cursor.execute(
                "SELECT tgrelid::regclass, tgname FROM pg_trigger WHERE tgname LIKE '%no_truncate'"
            )
            for table, trigger in cursor.fetchall():
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")
