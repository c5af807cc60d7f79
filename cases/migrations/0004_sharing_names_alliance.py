from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0003_end_nameless_sharing")]
    operations = [
        migrations.AddConstraint(
            model_name='consent',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('alliance__isnull', False), ('purpose', 'share')), models.Q(models.Q(('purpose', 'share'), _negated=True), ('alliance__isnull', True)), ('revoked_at__isnull', False), _connector='OR'), name='consent_share_names_alliance'),
        ),
    ]
