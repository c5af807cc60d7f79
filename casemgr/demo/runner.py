"""Runs a demo from an empty database to figures, and serves it."""

import json
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import Count
from django.db.models.functions import Now
from django.utils import timezone

from casemgr.demo import database, environment, filing, published, report
from casemgr.demo.models import DemoRun
from casemgr.demo.population import DRAWN, Population, invent
from casemgr.demo.posting import post
from casemgr.demo.processes import Processes, answers, free_port, wait_until
from casemgr.demo.report import Faults, Result
from casemgr.demo.sightings import InventedSighting, invent_sightings
from casemgr.platform import outbox
from casemgr.platform.accounts.models import User
from casemgr.platform.accounts.services import make_sign_in_link
from casemgr.platform.fields import civil_zone
from casemgr.platform.outbox import Job, JobState
from casemgr.platform.vocabularies import MatchStatus, PhotoStatus
from cases.models import CasePhoto
from families.models import Guardian
from searches.models import Match, Sighting

START_SECONDS: Final = 60
PHOTO_SECONDS: Final = 240
MATCH_SECONDS: Final = 300
PHOTO_ROUNDS: Final = 3
"""How often a family sends another photo before it lets it be."""

_ENDINGS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

Say = Callable[[str], None]


class Runner:
    """One run of the demo in this process's database; `say` writes one line to the operator."""

    def __init__(self, say: Say, *, port: int | None) -> None:
        self.say = say
        self.folder = Path(settings.DEMO_DIR)
        self.processes = Processes(self.folder)
        self.port = free_port(port)
        self.address = f"http://127.0.0.1:{self.port}"
        self.laps: list[tuple[str, float]] = []

    def run(self, seed: int, *, check: bool) -> bool:
        """Make a demo where there is none yet, then serve it until interrupted.

        With `check`, always make a new one, end by itself, and return whether the figures suffice.
        """
        found = database.state()
        if found is database.State.NOT_A_DEMO:
            raise database.NotADemo
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _ending_by_exception(), self._served():
            if not check and found is database.State.WHOLE:
                made = DemoRun.objects.get()
                self.say(
                    f"This demo was made with seed {made.seed}. To start afresh: make demo-reset"
                )
                database.bring_up_to_date()
                published.load()
                self._start()
                enough = True
            else:
                enough = self._make(seed)
            if not check:
                self._invite()
                while True:
                    self.processes.check()
                    time.sleep(1)
        return enough

    def _make(self, seed: int) -> bool:
        began = time.monotonic()
        clear_files(self.folder)
        with self._lap("database and processes"):
            run = database.create(seed)
            self._start()
        population = invent(seed, today=timezone.now().astimezone(civil_zone()).date())
        with self._lap("cases filed"):
            who = self._file(population)
            published.load()
        with self._lap("photos developed"):
            self._await_photos()
            for _ in range(PHOTO_ROUNDS):
                again = filing.send_better_photos(population.cases[:DRAWN], population.today)
                if not again:
                    break
                self.say(f"  families told that no face was found, who send another photo: {again}")
                self._await_photos()
        with self._lap("public cards put up"):
            # Reviewers agree to photos that they can look at, so these are developed first.
            self._publish(who, population)
        sightings = invent_sightings(population)
        with self._lap("sightings posted"):
            ids = self._post(sightings)
        self._keep_truth(sightings, ids)
        with self._lap("sightings matched"):
            self._await_matches()
        results, faults = results_of(sightings, ids), count_faults(len(sightings))
        DemoRun.objects.filter(pk=run.pk).update(finished_at=Now())
        self.say("\n" + report.table(results) + "\n\n" + report.summary(results, faults))
        laps = ", ".join(f"{name} {seconds:.0f} s" for name, seconds in self.laps)
        self.say(f"\n{laps}; in all {time.monotonic() - began:.0f} s")
        short = report.shortfalls(results, faults)
        for line in short:
            self.say(f"FALLS SHORT: {line}")
        return not short

    def _start(self) -> None:
        self.processes.start(self.port)
        wait_until(
            lambda: answers(self.port), self.processes, seconds=START_SECONDS, what="The start"
        )
        environment.address_file().write_text(self.address)

    def _file(self, population: Population) -> filing.Cast:
        drawn, plain = population.cases[:DRAWN], population.cases[DRAWN:]
        who = filing.cast()
        today = population.today
        filing.file_drawn(who, drawn, today, self._counting("cases with photos", len(drawn)))
        filing.file_plain(who, plain, today, self._counting("cases without photos", len(plain)))
        return who

    def _publish(self, who: filing.Cast, population: Population) -> None:
        public = [case for case in reversed(population.cases) if case.public]
        filing.publish(who, public, self._counting("public cards put up", len(public)))

    def _await_photos(self) -> None:
        total = CasePhoto.objects.count()
        counted = self._counting("photos developed", total)

        def done() -> bool:
            waiting = CasePhoto.objects.filter(
                status__in=[PhotoStatus.RECEIVED, PhotoStatus.PROCESSING]
            ).count()
            counted(total - waiting)
            return waiting == 0 or _set_aside() > 0

        wait_until(done, self.processes, seconds=PHOTO_SECONDS, what="Developing the photos")

    def _post(self, sightings: Sequence[InventedSighting]) -> dict[int, UUID]:
        counted = self._counting("sightings posted", len(sightings))
        ids = {}
        for done, sighting in enumerate(sightings, 1):
            ids[sighting.number] = post(self.address, sighting)
            counted(done)
        return ids

    def _keep_truth(self, sightings: Sequence[InventedSighting], ids: dict[int, UUID]) -> None:
        """Beside the database, never in it: what the service must not know."""
        kept = [
            {"number": s.number, "sighting": str(ids[s.number]), "sort": s.sort, "case": s.truth}
            for s in sightings
        ]
        (self.folder / "truth.json").write_text(json.dumps(kept, indent=1, default=str))

    def _await_matches(self) -> None:
        total = Sighting.objects.count()
        counted = self._counting("sightings matched", total)

        def done() -> bool:
            counted(Sighting.objects.filter(matched_at__isnull=False).count())
            return outbox.waiting() == 0

        wait_until(done, self.processes, seconds=MATCH_SECONDS, what="Matching")

    def _invite(self) -> None:
        self.say(f"\nThe demo is at {self.address} with invented people only.")
        more = environment.typed("demo-login", "ROLE")
        self.say(f"One-time links to sign in (more: {more}):")
        for role in people_here():
            self.say(f"  {role:<16} {sign_in_link(role, self.address)}")
        self.say("What the table tells of is under Review, once you are in as a reviewer.")
        self.say("Press Ctrl-C to end it. The next make demo serves the same people again.")

    def _counting(self, what: str, total: int) -> filing.Progress:
        """Progress on one line at a terminal, and a line for each quarter elsewhere."""
        shown = {"quarter": -1}
        live = sys.stdout.isatty()

        def count(done: int) -> None:
            quarter = done * 4 // total if total else 4
            if live:
                print(f"\r  {what}: {done} of {total} ", end="", flush=True)
                if done == total:
                    print()
            elif quarter > shown["quarter"]:
                self.say(f"  {what}: {done} of {total}")
            shown["quarter"] = max(quarter, shown["quarter"])

        return count

    @contextmanager
    def _lap(self, name: str) -> Iterator[None]:
        began = time.monotonic()
        yield
        self.laps.append((name, time.monotonic() - began))

    @contextmanager
    def _served(self) -> Iterator[None]:
        """Whatever happens inside, no process of ours is left afterwards."""
        try:
            yield
        finally:
            self.processes.stop()
            environment.address_file().unlink(missing_ok=True)
            connection.close()


def people_here() -> list[str]:
    """Whom one can sign in as: a demo that an earlier version made may lack some."""
    here = set(
        User.objects.filter(email__in=filing.ADDRESSES.values()).values_list("email", flat=True)
    )
    return [role for role, email in filing.ADDRESSES.items() if email in here]


def sign_in_link(role: str, address: str) -> str:
    """A fresh one-time link for one of the demo's people."""
    user = User.objects.get(email=filing.ADDRESSES[role])
    secret = make_sign_in_link(actor=filing.OPERATOR, user=user)
    return f"{address}/sign-in/link/{secret}/"


def clear_files(folder: Path) -> None:
    """Remove what an earlier run left: photos, logs, truth."""
    shutil.rmtree(settings.PRIVATE_ROOT, ignore_errors=True)
    for file in folder.glob("*"):
        if file.is_file():
            file.unlink()


def results_of(sightings: Sequence[InventedSighting], ids: dict[int, UUID]) -> list[Result]:
    """What the database says of each sighting, held against the truth."""
    references = _references()
    return [_result(sighting, ids[sighting.number], references) for sighting in sightings]


def _result(sighting: InventedSighting, pk: UUID, references: dict[int, str]) -> Result:
    matches = list(
        Match.objects.filter(sighting=pk)
        .exclude(status=MatchStatus.SUPERSEDED)
        .order_by("-weight_bits", "-id")
        .values_list("case__reference", "weight_bits", "band")
    )
    truth = references[sighting.truth] if sighting.truth else ""
    ranks = {reference: rank for rank, (reference, _, _) in enumerate(matches, 1)}
    best, bits, band = matches[0] if matches else ("", None, report.NO_BAND)
    return Result(sighting.number, sighting.sort, best, bits, band, truth, ranks.get(truth))


def _references() -> dict[int, str]:
    """Case references by the number of the invented case, through its family's address."""
    numbered: dict[int, str] = {}
    rows = Guardian.objects.values_list("user__email", "family__cases__reference")
    for address, reference in rows:
        name = str(address).partition("@")[0]
        numbered[1 if name == "guardian" else int(name.rpartition("-")[2])] = reference
    return numbered


def count_faults(posted: int) -> Faults:
    """What must never happen: lost or doubled sightings, doubled pairs, jobs given up."""
    doubled = Match.objects.values("case", "sighting").annotate(n=Count("id")).filter(n__gt=1)
    matched = Sighting.objects.filter(matched_at__isnull=False).count()
    return Faults(
        duplicates=doubled.count() + max(0, Sighting.objects.count() - posted),
        set_aside=_set_aside(),
        unmatched=posted - matched,
    )


def _set_aside() -> int:
    return Job.objects.filter(state=JobState.SET_ASIDE).count()


@contextmanager
def _ending_by_exception() -> Iterator[None]:
    """SIGTERM and SIGHUP end the command as an interrupt does, so that nothing is left behind.

    SIGINT is set too: a shell that starts the command in the background has it ignored.
    """

    def interrupt(number: int, frame: Any) -> None:
        raise KeyboardInterrupt

    before = {s: signal.signal(s, interrupt) for s in _ENDINGS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
