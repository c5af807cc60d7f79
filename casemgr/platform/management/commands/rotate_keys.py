"""`manage.py rotate_keys`: put everything encrypted under the first key of FIELD_KEYS."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from casemgr.platform import rotation

WIDTH = 40


class Command(BaseCommand):
    """0: all is under the first key. 1: something is not, or can't be opened by any key.

    Put the new key in front of FIELD_KEYS, restart every process, run this, and only when
    `--check` ends with 0 take the old key away.
    """

    help = "Encrypt anew, with the first key, whatever an older key encrypted."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing, only count")

    def handle(self, *args: Any, **options: Any) -> None:
        self.shown = -1
        counts = (rotation.check if options["check"] else rotation.rotate)(self._bar)
        self.stdout.write(f"Keys in the ring:      {len(settings.FIELD_KEYS)}")
        self.stdout.write(f"Under the first key:   {counts.current + counts.renewed}")
        if not options["check"]:
            self.stdout.write(f"Of these, put there:   {counts.renewed}")
        self.stdout.write(f"Under older keys:      {counts.old}")
        self.stdout.write(f"Opened by no key:      {counts.unreadable}")
        if counts.old or counts.unreadable:
            raise SystemExit(1)
        self.stdout.write("Older keys are not needed any more.")

    def _bar(self, seen: int, total: int) -> None:
        percent = 100 * seen // total
        if percent == self.shown:
            return
        self.shown = percent
        filled = WIDTH * seen // total
        ending = "\n" if seen == total else ""
        bar = f"\r[{'#' * filled}{'.' * (WIDTH - filled)}] {percent:3} %{ending}"
        self.stderr.write(bar, ending="")
        self.stderr.flush()
