"""`manage.py bootstrap`: the first start of a site, only while no admin exists."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from casemgr.platform.accounts.bootstrap import EACH, bootstrap
from casemgr.platform.errors import DomainError, Invalid

SETTINGS = {
    "name": ("--site-name", "what the site is called"),
    "time_zone": ("--time-zone", "where bare dates are meant, for example Asia/Shanghai"),
    "emergency_number": ("--emergency", "the number of the police"),
    "hotline_number": ("--hotline", "the number of your own hotline; may be empty"),
    "data_protection_contact": ("--data-protection", "the e-mail address for data protection"),
}


class Command(BaseCommand):
    """Asks for whatever the command line leaves out."""

    help = "Set the site up and print one-time links for two admins and two reviewers."

    def add_arguments(self, parser: CommandParser) -> None:
        for name, (option, words) in SETTINGS.items():
            parser.add_argument(option, dest=name, help=words)
        for role in ("admin", "reviewer"):
            parser.add_argument(
                f"--{role}",
                dest=f"{role}s",
                action="append",
                default=[],
                metavar="EMAIL",
                help=f"the e-mail address of a {role}; give it {EACH} times",
            )

    def handle(self, *args: Any, **options: Any) -> None:
        settings = {
            name: self._asked(options[name], words) for name, (_option, words) in SETTINGS.items()
        }
        people: dict[str, list[str]] = {}
        for role in ("admin", "reviewer"):
            given: list[str] = list(options[f"{role}s"])
            while len(given) < EACH:
                words = f"the e-mail address of {role} {len(given) + 1} of {EACH}"
                given.append(self._asked(None, words))
            people[f"{role}s"] = given
        try:
            ways = bootstrap(settings=settings, **people)
        except Invalid as refused:
            lines = [f"{name}: {words}" for name, (_code, words) in refused.fields.items()]
            raise CommandError("\n".join(lines)) from refused
        except DomainError as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write("Each link lets one person in, once, within seven days:")
        for way in ways:
            self.stdout.write(f"{way.role.label} {way.email}\n  {way.link}")

    def _asked(self, given: str | None, words: str) -> str:
        if given is not None:
            return given
        try:
            return input(f"{words[0].upper()}{words[1:]}: ").strip()
        except EOFError:
            raise CommandError(f"Missing: {words}. See manage.py bootstrap --help.") from None
