"""`manage.py catalogues extract|compile|check`."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import to_locale

from casemgr.platform import catalogues


class Command(BaseCommand):
    """Keep the message catalogues in step with the code."""

    help = "Gather visible strings into the catalogues, compile them, or check both for drift."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=("extract", "compile", "check"))

    def handle(self, *, action: str, **options: Any) -> None:
        """Run `action` over every language but the source language.

        `check` raises CommandError if anything is missing.
        """
        root = Path(settings.BASE_DIR)
        try:
            keys = catalogues.extract(root) if action != "compile" else set()
        except ValueError as error:
            raise CommandError(str(error)) from error
        found: list[str] = []
        for code, _name in settings.LANGUAGES:
            if code == settings.LANGUAGE_CODE:
                continue
            locale = to_locale(code)
            path = root / "locale" / locale / "LC_MESSAGES" / "django.po"
            if action == "extract":
                catalogues.update(path, locale, keys)
            elif action == "compile":
                catalogues.compile_catalogue(path, locale)
            else:
                found += [f"{locale}: {line}" for line in catalogues.problems(path, locale, keys)]
        for line in found:
            self.stderr.write(line)
        if found:
            raise CommandError(
                f"The catalogues need work ({len(found)}). Run `make messages`, then translate."
            )
        self.stdout.write(f"Catalogues: {action} done.")
