"""`manage.py demo`: invented people, searched for and served."""

import shutil
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from casemgr.demo import database, environment
from casemgr.demo.processes import DemoFailed
from casemgr.demo.runner import Runner
from casemgr.platform import embedded

INTERRUPTED = 130


class Command(BaseCommand):
    """Fills a database of its own and runs the whole service on it."""

    help = "Invent a population, search it, show the figures, then serve it (docs/demo.md)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seed", type=int, default=1, help="which population to invent")
        parser.add_argument("--port", type=int, help="default: the next free one from 8000")
        parser.add_argument(
            "--check", action="store_true", help="end by itself; fail if the figures fall short"
        )
        parser.add_argument("--reset", action="store_true", help="throw the demo's people away")

    def handle(self, *args: Any, **options: Any) -> None:
        check = options["check"]
        environment.enter(environment.CHECK_DATABASE if check else environment.DEMO_DATABASE)
        if address := environment.served_at():
            raise CommandError(f"This demo is being served at {address}. End that one first.")
        try:
            embedded.ensure()
            if options["reset"]:
                self._reset()
            elif not Runner(self._say, port=options["port"]).run(options["seed"], check=check):
                raise CommandError("The figures fall short.")
        except (embedded.EmbeddedUnavailable, database.NotADemo, DemoFailed) as problem:
            raise CommandError(str(problem)) from problem
        except KeyboardInterrupt:
            stop = environment.typed("embedded", "stop")
            self._say(f"\nThe demo has ended. PostgreSQL and Redis go on until: {stop}")
            if check:
                raise SystemExit(INTERRUPTED) from None

    def _reset(self) -> None:
        database.drop()
        shutil.rmtree(settings.DEMO_DIR, ignore_errors=True)
        self._say("The demo's database and files are gone.")

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
