"""`manage.py demo-login ROLE`: a one-time link into the demo."""

# ruff: noqa: N999 - the file's name is the command's

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from casemgr.demo import database, environment
from casemgr.demo.filing import ADDRESSES
from casemgr.demo.runner import people_here, sign_in_link


class Command(BaseCommand):
    """Signs in as one of the demo's people; real databases have no such door."""

    help = "Print a one-time link that signs in as one of the demo's people."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("role", choices=list(ADDRESSES))

    def handle(self, *args: Any, **options: Any) -> None:
        environment.enter(environment.DEMO_DATABASE)
        if database.state() is not database.State.WHOLE:
            raise CommandError("There is no demo in this database. Start one with: make demo")
        if options["role"] not in people_here():
            raise CommandError(
                "This demo is older than that person. Throw it away: make demo-reset"
            )
        address = environment.served_at() or "http://127.0.0.1:8000"
        self.stdout.write(sign_in_link(options["role"], address))
