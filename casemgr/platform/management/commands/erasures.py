"""`manage.py erasures`: how far erasing is, and what is due done here and now."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db.models import Count
from django.db.models.functions import Now
from django.utils import timezone

from casemgr.platform import erasure
from casemgr.platform.erasure import Erasure, State
from casemgr.platform.erasure.verifying import verify_erased


class Command(BaseCommand):
    """`status` ends with 1 when something is late (24 h) or was found where it may not be."""

    help = "Tell how far erasing is; run what is due; search for what was erased."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("act", choices=["status", "run", "verify"])

    def handle(self, *args: Any, **options: Any) -> None:
        if options["act"] == "run":
            due = Erasure.objects.filter(
                state__in=[State.HIDDEN, State.ERASING], due_at__lte=Now()
            ).order_by("due_at")
            for erasure_id in list(due.values_list("pk", flat=True)):
                erasure.run(erasure_id)
        if options["act"] == "verify":
            counts = verify_erased()
            self.stdout.write(", ".join(f"{name} {count}" for name, count in counts.items()))
        if not self._status():
            raise SystemExit(1)

    def _status(self) -> bool:
        counts = dict(
            Erasure.objects.values_list("state").annotate(count=Count("pk")).order_by("state")
        )
        for state in State:
            self.stdout.write(f"{state.value:10} {counts.get(state.value, 0)}")
        good = True
        late = Erasure.objects.filter(
            state__in=[State.HIDDEN, State.ERASING], due_at__lt=timezone.now() - erasure.LATE
        )
        for each in late:
            kept = " (held)" if erasure.is_kept(each) else ""
            good = good and bool(kept)
            self.stdout.write(f"LATE     {each.kind} {each.subject}, due {each.due_at}{kept}")
        for each in Erasure.objects.exclude(residue={}).filter(state=State.ERASED):
            good = False
            self.stdout.write(f"RESIDUE  {each.kind} {each.subject}: {each.residue}")
        return good
