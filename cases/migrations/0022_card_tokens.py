"""What the public search asks, in one indexed column; filled for the cases that are there."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
from django.db import migrations, models

from cases.card_index import tokens_of

BATCH = 1_000


def fill(apps, schema_editor):
    Case = apps.get_model("cases", "Case")
    batch = []
    for case in Case.objects.filter(child__isnull=False).select_related("child").iterator(BATCH):
        child = case.child
        case.card_tokens = tokens_of(
            name=case.public_name or child.given_name or next(iter(child.nicknames), ""),
            sex=child.sex,
            division=case.missing_from_division,
            missing=_span(case.missing_at_earliest, case.missing_at_latest),
            birth=_span(child.birth_date_earliest, child.birth_date_latest),
        )
        batch.append(case)
        if len(batch) == BATCH:
            Case.objects.bulk_update(batch, ["card_tokens"])
            batch = []
    Case.objects.bulk_update(batch, ["card_tokens"])


def _span(earliest, latest):
    return None if earliest is None else (earliest, latest)


class Migration(migrations.Migration):
    dependencies = [("cases", "0021_links_found_in_review"), ("site", "0001_initial")]
    operations = [
        migrations.AddField(
            model_name="case",
            name="card_tokens",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.TextField(), default=list, size=None
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
        migrations.AddIndex(
            model_name="case",
            index=django.contrib.postgres.indexes.GinIndex(
                condition=models.Q(("public_since__isnull", False)),
                fields=["card_tokens"],
                name="case_card_tokens",
            ),
        ),
    ]
