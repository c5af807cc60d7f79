"""What a larger register costs, and whether anything is lost by not scoring every case.

For 10,000 and 100,000 cases, or 1,000,000 with `--million`, in a database that holds them prepared:
ours proposes cases from memory, reads the proposed from PostgreSQL and weighs them exactly;
exhaustive scoring has every case in NumPy columns in memory, weighs all exactly and takes the ten
heaviest. Both in one run, one sighting after the other. Agreement: of exhaustive scoring's ten,
those in band 'weak' or better that ours finds too, equal weights being equal. A worker of its own
tells its memory. Exits with 1 where a limit is missed.
"""

import argparse
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from math import log2
from multiprocessing import get_context
from pathlib import Path
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from bench.matching.register import Register  # noqa: E402
from bench.population import NOW, Population, Split  # noqa: E402
from searches.matching.batch.building import columns_of  # noqa: E402
from searches.matching.batch.pack import VERSION, pack  # noqa: E402
from searches.matching.batch.score import weights  # noqa: E402
from searches.matching.score import WEAK, prior_bits  # noqa: E402
from searches.matching.types import Context  # noqa: E402

SEED = 2027
SMALLEST = 10_000
TEN = 10
EQUAL = 1e-6
TIMED, SMALL_TIMED = 300, 40
WARMING_UP = 20
ON_FILE = 0.5
CHUNK = 5_000
AGREED = {100_000: 0.99, 1_000_000: 0.98}
SLOWER, FASTER, MEMORY_MIB = 4.0, 10.0, 600
"""Limits: ours at the size against ours at 10,000 (p95); ours against exhaustive at a million."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one size: seconds a sighting, and the share of the ten heaviest that was found."""

    ours: list[float]
    exhaustive: list[float]
    agreement: float
    needed: int


def prepared_chunk(start: int, population: Population) -> tuple[list[bytes], Counter[str]]:
    """Some of the cases prepared, and how many of them hold each token."""
    packed, counted = [], Counter[str]()
    for number in range(start, min(start + CHUNK, population.size)):
        case = population.case(number)
        packed.append(pack(case))
        counted.update(case.tokens)
    return packed, counted


def prepared(population: Population) -> Iterator[tuple[list[bytes], Counter[str]]]:
    """All chunks, in order, made in as many processes as there are cores."""
    work = partial(prepared_chunk, population=population)
    with get_context("spawn").Pool(len(os.sched_getaffinity(0))) as pool:
        yield from pool.imap(work, range(0, population.size, CHUNK))


def file(population: Population) -> tuple[list[bytes], Mapping[str, float]]:
    """Put the prepared cases into the database; returns them, and each token's share."""
    from django.db import connection

    everybody: list[bytes] = []
    counted = Counter[str]()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint"
            " WHERE conrelid = 'searches_preparedcase'::regclass AND contype = 'f'"
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f"ALTER TABLE searches_preparedcase DROP CONSTRAINT {name}")
        for packed, counts in prepared(population):
            with cursor.copy(
                "COPY searches_preparedcase (case_id, revision, version, packed, changed_in)"
                " FROM STDIN"
            ) as copy:
                for number, one in enumerate(packed, len(everybody)):
                    copy.write_row((population.case_id(number), 1, VERSION, one, 1))
            everybody += packed
            counted.update(counts)
        cursor.execute("ANALYZE searches_preparedcase")
    return everybody, {token: count / population.size for token, count in counted.items()}


def measured(population: Population, count: int) -> Figures:
    """Ours and exhaustive scoring, on the same sightings."""
    from searches import candidates
    from searches.prepared import weighed

    packed, rarity = file(population)
    columns = columns_of(packed)
    del packed
    context = Context(live_cases=population.size, now=NOW, token_rarity=rarity)
    least = log2(WEAK / (1 - WEAK)) - prior_bits(context)
    ours, exhaustive, found, needed = [], [], 0, 0
    told = population.sightings(WARMING_UP + count, on_file=ON_FILE)
    for sighting in (one.profile for one in told):
        started = time.perf_counter()
        mine = weighed(candidates.cases_for(sighting, context), sighting, context)
        ours.append(time.perf_counter() - started)
        started = time.perf_counter()
        every = weights(columns, sighting, context)
        ten = np.argpartition(-every, TEN)[:TEN]
        exhaustive.append(time.perf_counter() - started)
        wanted = sorted((bits for bits in every[ten].tolist() if bits >= least), reverse=True)
        got = sorted(mine.values(), reverse=True)[: len(wanted)]
        needed += len(wanted)
        found += _agreeing(wanted, got)
        _same(mine, population, every)
    return Figures(ours[WARMING_UP:], exhaustive[WARMING_UP:], found / max(1, needed), needed)


def _agreeing(wanted: list[float], got: list[float]) -> int:
    """How many of the heaviest weights were found; of equal ones it does not matter which."""
    found, rest = 0, list(got)
    for bits in wanted:
        same = next((one for one in rest if abs(one - bits) <= EQUAL), None)
        if same is not None:
            rest.remove(same)
            found += 1
    return found


def _same(mine: Mapping[UUID, float], population: Population, every: NDArray[np.float64]) -> None:
    """Ours and exhaustive scoring give each case the same weight."""
    first = population.case_id(0).int
    for case_id, bits in mine.items():
        if abs(every[case_id.int - first] - bits) > EQUAL:
            sys.exit(f"a case weighs {bits} by ours and {every[case_id.int - first]} by all")


def memory_of_a_worker(size: int) -> tuple[int, int]:
    """MiB that a worker's process holds with the cases loaded and at work, now and at the most."""
    from django.db import connection

    name = str(connection.settings_dict["NAME"])
    command = [sys.executable, __file__, "--worker", name, str(size)]
    told = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    now, most = map(int, told.stdout.split())
    return now, most


def be_a_worker(database: str, size: int) -> None:
    """Load all cases, take some sightings, and print the memory held."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "casemgr.settings")
    import django

    django.setup()
    from django.db import connection

    import casemgr.celery  # noqa: F401 - a worker has it too
    from searches import candidates, live_index
    from searches.prepared import weighed

    connection.settings_dict["NAME"] = database
    live_index.load()
    population = Population(SEED, Split.REPORTING, size)
    context = Context(live_cases=size, now=NOW)
    for one in population.sightings(40, on_file=ON_FILE):
        weighed(candidates.cases_for(one.profile, context), one.profile, context)
    lines = Path("/proc/self/status").read_text().splitlines()
    held = {line.split(":")[0]: int(line.split()[1]) // 1024 for line in lines if "kB" in line}
    print(held["VmRSS"], held["VmHWM"])


def report(size: int, figures: Figures, smallest: Figures | None) -> bool:
    """Print the size's lines; returns whether every limit that is for it holds."""
    mine, every = np.array(figures.ours) * 1000, np.array(figures.exhaustive) * 1000
    now, peak = memory_of_a_worker(size)
    times = every.mean() / mine.mean()
    print(f"\n{size:,} cases, {len(mine)} sightings")
    for name, spent in (("ours", mine), ("exhaustive", every)):
        print(f"  {name:12} mean {spent.mean():7.1f} ms   p95 {np.percentile(spent, 95):7.1f} ms")
    print(f"  ours is {times:.1f} times as fast; ", end="")
    print(f"agreement {figures.agreement:.4f} of {figures.needed}")
    print(f"  a worker holds {now} MiB, {peak} MiB while it loaded")
    held = figures.agreement >= AGREED.get(size, 0.0) and now < MEMORY_MIB
    if smallest is not None:
        slower = np.percentile(mine, 95) / np.percentile(np.array(smallest.ours) * 1000, 95)
        print(f"  p95 is {slower:.1f} times that of {SMALLEST:,} (at most {SLOWER:.0f})")
        held &= bool(slower <= SLOWER)
    if size >= 1_000_000:
        held &= bool(times >= FASTER)
    return held


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="10,000 cases only, a quick look")
    parser.add_argument("--million", action="store_true", help="takes an hour and 8 GB")
    parser.add_argument("--worker", nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.worker:
        be_a_worker(given.worker[0], int(given.worker[1]))
        return 0
    sizes = [SMALLEST] if given.small else [SMALLEST, 1_000_000 if given.million else 100_000]
    smallest, held = None, True
    for size in sizes:
        with Register([]):
            population = Population(SEED, Split.REPORTING, size)
            figures = measured(population, SMALL_TIMED if given.small else TIMED)
            held &= report(size, figures, smallest)
            smallest = figures
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
