from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("platform", "0002_audit_append_only")]

    operations = [
        migrations.AddField(
            model_name="job", name="turn_at", field=models.DateTimeField(null=True)
        ),
        migrations.AddIndex(
            model_name="job",
            index=models.Index(
                condition=models.Q(("state", "waiting"), ("turn_at__isnull", False)),
                fields=["turn_at", "id"],
                name="job_slow_lane",
            ),
        ),
        migrations.AddIndex(
            model_name="job",
            index=models.Index(
                condition=models.Q(
                    ("state__in", ["waiting", "running"]), ("turn_at__isnull", False)
                ),
                fields=["state", "rung_at"],
                name="job_slow_under_way",
            ),
        ),
    ]
