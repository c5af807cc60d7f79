import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("searches", "0003_second_look")]

    operations = [
        migrations.AddField(
            model_name="sighting",
            name="repeats",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="searches.sighting",
            ),
        ),
        migrations.AddField(
            model_name="sighting",
            name="content_print",
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddField(
            model_name="sighting",
            name="likeness",
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddIndex(
            model_name="sighting",
            index=models.Index(
                condition=models.Q(("repeats__isnull", True), ("withdrawn_at__isnull", True)),
                fields=["content_print"],
                name="sighting_original",
            ),
        ),
    ]
