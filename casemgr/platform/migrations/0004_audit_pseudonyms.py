import casemgr.platform.crypto
import uuid
from django.db import migrations, models
from django.db.models.functions import Now


class Migration(migrations.Migration):
    """Adds what the audit needs to name nobody; rows are rewritten by the next one."""

    dependencies = [("platform", "0003_slow_lane")]

    operations = [
        migrations.CreateModel(
            name="AuditSubject",
            fields=[
                ("subject", models.UUIDField(primary_key=True, serialize=False)),
                ("pseudonym", models.UUIDField(default=uuid.uuid4, unique=True)),
                ("secret", casemgr.platform.crypto.EncryptedTextField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="AuditSeal",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("sealed_at", models.DateTimeField(db_default=Now())),
                ("previous", models.CharField(max_length=64, unique=True)),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("entries", models.PositiveIntegerField()),
            ],
            options={"ordering": ("id",)},
        ),
        migrations.CreateModel(
            name="AuditSealed",
            fields=[
                ("entry", models.BigIntegerField(primary_key=True, serialize=False)),
                ("seal", models.BigIntegerField(db_index=True)),
            ],
        ),
        migrations.AddField(
            "auditentry", "reason_sealed", models.BinaryField(null=True)
        ),
        migrations.AlterField(
            "auditentry", "subject_type", models.CharField(max_length=120)
        ),
        migrations.AlterField("auditentry", "at", models.DateTimeField(db_default=Now())),
        migrations.RemoveIndex("auditentry", "audit_by_user"),
        migrations.RenameField("auditentry", "user_id", "who"),
        migrations.RenameField("auditentry", "subject_ids", "subjects"),
        migrations.AddIndex("auditentry", models.Index(fields=["who", "at"], name="audit_by_user")),
        migrations.AddIndex("auditentry", models.Index(fields=["at"], name="audit_by_time")),
    ]
