from django.db import migrations

from casemgr.platform.audit.subjects import open_reason, seal_reason

PSEUDONYMS = """
ALTER TABLE platform_auditentry DISABLE TRIGGER audit_append_only;
INSERT INTO platform_auditsubject (subject, pseudonym)
SELECT named, gen_random_uuid() FROM (
    SELECT unnest(subjects) AS named FROM platform_auditentry
    UNION SELECT who FROM platform_auditentry WHERE who IS NOT NULL
) AS every_name ON CONFLICT DO NOTHING;
UPDATE platform_auditentry e SET
    who = (SELECT pseudonym FROM platform_auditsubject WHERE subject = e.who),
    subjects = (
        SELECT coalesce(array_agg(s.pseudonym ORDER BY named.position), '{}')
        FROM unnest(e.subjects) WITH ORDINALITY AS named (subject, position)
        JOIN platform_auditsubject s ON s.subject = named.subject
    );
ALTER TABLE platform_auditentry ENABLE TRIGGER audit_append_only;
"""
# The names of those who were erased stay as they are: there is nothing to take them back to.
NAMES = """
ALTER TABLE platform_auditentry DISABLE TRIGGER audit_append_only;
UPDATE platform_auditentry e SET
    who = coalesce((SELECT subject FROM platform_auditsubject WHERE pseudonym = e.who), who),
    subjects = (
        SELECT coalesce(
            array_agg(coalesce(s.subject, named.pseudonym) ORDER BY named.position), '{}')
        FROM unnest(e.subjects) WITH ORDINALITY AS named (pseudonym, position)
        LEFT JOIN platform_auditsubject s ON s.pseudonym = named.pseudonym
    );
ALTER TABLE platform_auditentry ENABLE TRIGGER audit_append_only;
"""


def seal_reasons(apps, schema_editor):
    entries = apps.get_model("platform", "AuditEntry").objects
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("ALTER TABLE platform_auditentry DISABLE TRIGGER audit_append_only")
        for entry in entries.exclude(reason="").iterator():
            sealed = seal_reason(entry.reason, entry.subjects)
            entries.filter(pk=entry.pk).update(reason_sealed=sealed)
        cursor.execute("ALTER TABLE platform_auditentry ENABLE TRIGGER audit_append_only")


def open_reasons(apps, schema_editor):
    entries = apps.get_model("platform", "AuditEntry").objects
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("ALTER TABLE platform_auditentry DISABLE TRIGGER audit_append_only")
        for entry in entries.filter(reason_sealed__isnull=False).iterator():
            reason = open_reason(entry.reason_sealed, entry.subjects)
            entries.filter(pk=entry.pk).update(reason=reason)
        cursor.execute("ALTER TABLE platform_auditentry ENABLE TRIGGER audit_append_only")


class Migration(migrations.Migration):
    """Names become pseudonyms, and reasons are sealed."""

    dependencies = [("platform", "0004_audit_pseudonyms")]

    operations = [
        migrations.RunSQL(PSEUDONYMS, NAMES),
        migrations.RunPython(seal_reasons, open_reasons),
    ]
