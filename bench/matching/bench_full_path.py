"""How many sightings a second one worker process takes from its job to stored matches.

Against 100,000 cases on file, sightings without photos, one in five of a child on file: each job is
claimed, its sighting read, candidates found, weighed and judged, matches and evidence written, the
job ended. Beside it stands how long the parts take. What the broker adds is not in it. Exits with 1
below LEAST a second.
"""

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from bench.matching.register import Register, sighting_of  # noqa: E402
from bench.population import Population, Split  # noqa: E402
from searches.matching.types import SightingProfile  # noqa: E402

SEED = 2027
LEAST = 20.0
CASES, SMALL_CASES = 100_000, 2_000
TIMED, SMALL_TIMED = 200, 40
WARMING_UP = 20
ON_FILE = 0.2


def worked_off(told: Sequence[SightingProfile]) -> tuple[list[float], float]:
    """Seconds of each job, and in all, once warmed up."""
    from django.db import transaction

    from casemgr.platform import outbox
    from casemgr.platform.outbox import Job

    subjects = []
    for profile in told:
        with transaction.atomic():
            sighting = sighting_of(profile)
            outbox.owe("searches.match_sighting", sighting.pk)
            subjects.append(sighting.pk)
    jobs = dict(Job.objects.filter(subject__in=subjects).values_list("subject", "pk"))
    spent = []
    for subject in subjects:
        started = time.perf_counter()
        outbox.run(jobs[subject])
        spent.append(time.perf_counter() - started)
    undone = Job.objects.filter(subject__in=subjects).exclude(state="done").count()
    if undone:
        sys.exit(f"{undone} jobs were not done")
    return spent[WARMING_UP:], sum(spent[WARMING_UP:])


class Watched:
    """Adds up the time that a function takes, in its module's stead."""

    def __init__(self, module: Any, name: str) -> None:
        self.label, self.seconds = f"{module.__name__}.{name}", 0.0
        self._run: Callable[..., Any] = getattr(module, name)
        setattr(module, name, self)

    def __call__(self, *given: Any, **named: Any) -> Any:
        started = time.perf_counter()
        try:
            return self._run(*given, **named)
        finally:
            self.seconds += time.perf_counter() - started


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="2,000 cases, without a limit")
    small = parser.parse_args().small
    os.environ["LOG_LEVEL"] = "ERROR"
    population = Population(SEED, Split.REPORTING, SMALL_CASES if small else CASES)
    count = WARMING_UP + (SMALL_TIMED if small else TIMED)
    told = [one.profile for one in population.sightings(count, on_file=ON_FILE)]
    with Register(list(population.cases())):
        from searches import candidates, context, match_store, matching_service, prepared
        from searches.models import Match

        parts = [
            Watched(context, "build"),
            Watched(candidates, "cases_for"),
            Watched(prepared, "weighed"),
            Watched(matching_service, "_cases"),
            Watched(matching_service, "judge"),
            Watched(match_store, "store"),
        ]
        spent, total = worked_off(told)
        kept = Match.objects.count() / len(told)
    a_second = len(spent) / total
    print(f"{population.size:,} cases, {len(spent)} sightings, {kept:.1f} matches stored for each")
    print(f"{a_second:.1f} sightings a second by one process (at least {LEAST:.0f})")
    print(f"median {statistics.median(spent) * 1000:.1f} ms, ", end="")
    print(f"p95 {sorted(spent)[int(len(spent) * 0.95)] * 1000:.1f} ms; a sighting's time goes to")
    for part in parts:
        print(f"  {part.label:36}{part.seconds / len(told) * 1000:8.1f} ms")
    return 0 if small or a_second >= LEAST else 1


if __name__ == "__main__":
    sys.exit(main())
