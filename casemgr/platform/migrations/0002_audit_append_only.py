from django.db import migrations

FORBID = """
CREATE FUNCTION platform_audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit rows are only ever added';
END $$;
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON platform_auditentry
    FOR EACH ROW EXECUTE FUNCTION platform_audit_append_only();
CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON platform_auditentry
    FOR EACH STATEMENT EXECUTE FUNCTION platform_audit_append_only();
"""
ALLOW = """
DROP TRIGGER audit_no_truncate ON platform_auditentry;
DROP TRIGGER audit_append_only ON platform_auditentry;
DROP FUNCTION platform_audit_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("platform", "0001_initial")]
    operations = [migrations.RunSQL(FORBID, ALLOW)]
