"""Why somebody took a seat over stands in the audit; here it was a second copy that nobody read."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("cases", "0022_card_tokens")]

    operations = [migrations.RemoveField(model_name="secondseat", name="reason")]
