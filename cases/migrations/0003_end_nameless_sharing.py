"""End consents to sharing that name no alliance: nobody can say what they allow."""

from django.db import migrations
from django.db.models.functions import Now


def end_nameless_sharing(apps, schema_editor):
    apps.get_model("cases", "Consent").objects.filter(
        purpose="share", alliance__isnull=True, revoked_at__isnull=True
    ).update(revoked_at=Now())


class Migration(migrations.Migration):
    dependencies = [("cases", "0002_two_people")]
    operations = [migrations.RunPython(end_nameless_sharing, migrations.RunPython.noop)]
