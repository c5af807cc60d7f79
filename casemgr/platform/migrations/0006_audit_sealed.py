from django.db import migrations, models

# Six years, as `casemgr.periods.AUDIT_LEAST`; whoever may keep the audit for longer sets that there.
GUARD = """
CREATE OR REPLACE FUNCTION platform_audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND TG_TABLE_NAME = 'platform_auditentry' THEN
        IF OLD.at < now() - interval '2190 days' THEN RETURN OLD; END IF;
    END IF;
    IF TG_OP = 'DELETE' AND TG_TABLE_NAME = 'platform_auditsealed' THEN
        IF NOT EXISTS (SELECT 1 FROM platform_auditentry WHERE id = OLD.entry) AND EXISTS (
            SELECT 1 FROM platform_auditseal
            WHERE id = OLD.seal AND sealed_at < now() - interval '2190 days'
        ) THEN RETURN OLD; END IF;
    END IF;
    RAISE EXCEPTION 'audit rows are only ever added';
END $$;
CREATE TRIGGER seal_append_only BEFORE UPDATE OR DELETE ON platform_auditseal
    FOR EACH ROW EXECUTE FUNCTION platform_audit_append_only();
CREATE TRIGGER seal_no_truncate BEFORE TRUNCATE ON platform_auditseal
    FOR EACH STATEMENT EXECUTE FUNCTION platform_audit_append_only();
CREATE TRIGGER sealed_append_only BEFORE UPDATE OR DELETE ON platform_auditsealed
    FOR EACH ROW EXECUTE FUNCTION platform_audit_append_only();
CREATE TRIGGER sealed_no_truncate BEFORE TRUNCATE ON platform_auditsealed
    FOR EACH STATEMENT EXECUTE FUNCTION platform_audit_append_only();
"""
UNGUARD = """
DROP TRIGGER sealed_no_truncate ON platform_auditsealed;
DROP TRIGGER sealed_append_only ON platform_auditsealed;
DROP TRIGGER seal_no_truncate ON platform_auditseal;
DROP TRIGGER seal_append_only ON platform_auditseal;
CREATE OR REPLACE FUNCTION platform_audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit rows are only ever added';
END $$;
"""


class Migration(migrations.Migration):
    """Reasons are read from their sealed form alone; the chain is only ever added to."""

    dependencies = [("platform", "0005_audit_rows")]

    operations = [
        migrations.RemoveField("auditentry", "reason"),
        migrations.RunSQL(GUARD, UNGUARD),
    ]
