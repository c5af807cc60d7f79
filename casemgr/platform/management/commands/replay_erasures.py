"""`manage.py replay_erasures`: after a restore, before serving, erase again what was erased."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from casemgr.platform.erasure import ledger


class Command(BaseCommand):
    """`--check` changes nothing and ends with 1 when the database is behind the ledger."""

    help = "Erase again whatever a restored backup brought back."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="only say whether it is needed")

    def handle(self, *args: Any, **options: Any) -> None:
        behind = len(ledger.missing())
        self.stdout.write(f"Lines of the ledger that this database does not know: {behind}")
        if options["check"]:
            raise SystemExit(1 if behind else 0)
        self.stdout.write(f"Erased again: {ledger.replay()}")
