"""`manage.py verify_audit`: whether the audit is whole, in a few lines and an exit code."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from casemgr.platform import audit


class Command(BaseCommand):
    """0: whole. 1: broken. 2: whole, but rows have waited to be sealed for ten minutes."""

    help = "Compute the audit's whole chain anew and say where it first breaks."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--anchor",
            default="",
            metavar="DIGEST",
            help="a head that you noted down before, outside this database, and that must be in "
            "the chain still",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        verdict = audit.verify(anchor=options["anchor"])
        self.stdout.write(f"Rows:     {verdict.entries}")
        self.stdout.write(f"Seals:    {verdict.seals}")
        if verdict.expired:
            self.stdout.write(f"Expired:  {verdict.expired} rows that outlived their period")
        self.stdout.write(f"Unsealed: {verdict.unsealed}")
        self.stdout.write(f"Head:     {verdict.head}")
        if verdict.broken:
            self.stdout.write(f"BROKEN:   {verdict.broken}")
            raise SystemExit(1)
        if verdict.standstill:
            self.stdout.write("STANDING: rows have waited for ten minutes. Does beat run?")
            raise SystemExit(2)
        self.stdout.write("The chain is whole.")
