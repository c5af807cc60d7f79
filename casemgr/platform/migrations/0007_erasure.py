import casemgr.platform.crypto
import django.db.models.functions.datetime
import uuid
from django.db import migrations, models


FORBID = """
CREATE FUNCTION platform_ledger_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the erasure ledger is only ever added to';
END $$;
CREATE TRIGGER ledger_append_only BEFORE UPDATE OR DELETE ON platform_erasureline
    FOR EACH ROW EXECUTE FUNCTION platform_ledger_append_only();
CREATE TRIGGER ledger_no_truncate BEFORE TRUNCATE ON platform_erasureline
    FOR EACH STATEMENT EXECUTE FUNCTION platform_ledger_append_only();
"""
ALLOW = """
DROP TRIGGER ledger_no_truncate ON platform_erasureline;
DROP TRIGGER ledger_append_only ON platform_erasureline;
DROP FUNCTION platform_ledger_append_only();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('platform', '0006_audit_sealed'),
    ]

    operations = [
        migrations.CreateModel(
            name='ErasureLine',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('sighting', 'Sighting'), ('case', 'Case'), ('account', 'Account')], max_length=8)),
                ('subject', models.UUIDField()),
                ('at', models.DateTimeField()),
                ('digest', models.CharField(max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name='Erasure',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('sighting', 'Sighting'), ('case', 'Case'), ('account', 'Account')], max_length=8)),
                ('subject', models.UUIDField()),
                ('state', models.CharField(choices=[('requested', 'Requested'), ('hidden', 'Hidden'), ('erasing', 'Erasing'), ('erased', 'Erased'), ('verified', 'Verified'), ('refused', 'Refused')], max_length=9)),
                ('why', models.CharField(choices=[('person', 'Person'), ('officer', 'Officer'), ('retention', 'Retention'), ('restore', 'Restore')], max_length=9)),
                ('requested_by', models.UUIDField(null=True)),
                ('approved_by', models.UUIDField(null=True)),
                ('requested_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('hidden_at', models.DateTimeField(null=True)),
                ('due_at', models.DateTimeField(null=True)),
                ('erased_at', models.DateTimeField(null=True)),
                ('verified_at', models.DateTimeField(null=True)),
                ('holdings', casemgr.platform.crypto.EncryptedTextField(blank=True, default='')),
                ('residue', models.JSONField(default=dict)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state__in', ['hidden', 'erasing'])), fields=['due_at'], name='erasure_due')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ['requested', 'hidden', 'erasing', 'erased'])), fields=('kind', 'subject'), name='erasure_once_at_a_time'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['hidden', 'erasing']), _negated=True), ('due_at__isnull', False), _connector='OR'), name='erasure_hidden_is_due'), models.CheckConstraint(condition=models.Q(('approved_by__isnull', True), models.Q(('approved_by', models.F('requested_by')), _negated=True), _connector='OR'), name='erasure_by_two_people')],
            },
        ),
        migrations.CreateModel(
            name='LegalHold',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('sighting', 'Sighting'), ('case', 'Case'), ('account', 'Account')], max_length=8)),
                ('subject', models.UUIDField()),
                ('reason', casemgr.platform.crypto.EncryptedTextField()),
                ('placed_by', models.UUIDField()),
                ('placed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('confirmed_by', models.UUIDField(null=True)),
                ('expires_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('kind', 'subject'), name='hold_once'), models.CheckConstraint(condition=models.Q(('confirmed_by__isnull', True), models.Q(('confirmed_by', models.F('placed_by')), _negated=True), _connector='OR'), name='hold_by_two_people')],
            },
        ),
        migrations.RunSQL(FORBID, ALLOW),
    ]
