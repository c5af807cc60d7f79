"""`manage.py embedded status|start|stop`."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from casemgr.platform import embedded


class Command(BaseCommand):
    """Look after the embedded PostgreSQL and Redis."""

    help = (
        "Start, stop or show the PostgreSQL and Redis that stand in when DATABASE_URL or "
        "CELERY_BROKER_URL is unset. status ends with 0 when all that are needed run, else 1."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """One word: what to do."""
        parser.add_argument("action", choices=("status", "start", "stop"))

    def handle(self, *args: Any, action: str, **options: Any) -> None:
        """Do it, then show what runs."""
        try:
            if action == "start":
                embedded.ensure()
            elif action == "stop":
                embedded.stop()
            services = embedded.status()
        except embedded.EmbeddedUnavailable as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{'':<11}{'state':<9}{'pid':<9}{'version':<9}socket, data folder")
        for service in services:
            state = "running" if service.pid else "stopped"
            pid = str(service.pid or "-")
            self.stdout.write(
                f"{service.name:<11}{state:<9}{pid:<9}{service.version:<9}{service.socket}"
            )
            self.stdout.write(f"{'':<38}{service.data}")
            if not service.wanted:
                self.stdout.write(f"{'':<38}not needed: {service.variable} is set")
        if action == "status" and not all(s.pid for s in services if s.wanted):
            sys.exit(1)
