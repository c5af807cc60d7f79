"""`manage.py find_person`: what a phone number or an address is in, for a wish to be erased."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from casemgr.platform.accounts.models import User
from casemgr.platform.contacts import normal
from families.services import contacts_with
from searches.services import reporters_with


class Command(BaseCommand):
    """Prints kinds and ids, to be used with `manage.py erase`; never what is in them."""

    help = "Find accounts, families and sightings by an exact phone number or e-mail address."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("contact", help="a phone number or an e-mail address")

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = options["contact"]
        found = [("account", user.pk) for user in self._accounts(wanted)]
        for contact in contacts_with(wanted).select_related("guardian"):
            cases = contact.guardian.family.cases.values_list("pk", flat=True)
            found += [("case", case_id) for case_id in cases]
        found += [("sighting", row.sighting_id) for row in reporters_with(wanted)]
        for kind, subject in found:
            self.stdout.write(f"{kind} {subject}")
        self.stdout.write(f"Found: {len(found)}")

    def _accounts(self, wanted: str) -> list[User]:
        plain = normal(wanted)
        if "@" in plain:
            return list(User.objects.filter(email=plain))
        with_phone = User.objects.filter(phone__isnull=False)
        return [user for user in with_phone if plain and normal(user.phone or "") == plain]
