from django.db import migrations


def fill(apps, schema_editor):
    contacts = apps.get_model("families", "Contact")
    for contact in contacts.objects.iterator():
        contact.save(update_fields=["phone_index", "email_index"])


class Migration(migrations.Migration):
    """Contacts that were written before there was an index are found too."""

    dependencies = [("families", "0003_contact_indexes")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
