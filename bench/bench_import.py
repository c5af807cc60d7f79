"""An import of very many cases while sightings come in, against a real house (docs/benchmarks.md).

Two workers: one for people's work, one for bulk jobs. Sightings are sent one by one, first with
nothing else to do, then while the import runs. The rival is the same case through the API, one by
one, as a program without imports would send it.

Exits with 1 unless every row is taken at RATE rows a second or more, the memory of the process that
takes them stays within FLAT of what it was after a tenth, and sightings are matched within SLOWER
times (plus half a second) of what they took before.
"""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench.scratch import empty_house, worker  # noqa: E402

RATE = 100.0
FLAT = 1.2
SLOWER = 2.0
ONE_BY_ONE = 100
PROBES = 15
PLACES = ("530112", "440300", "410100", "350200", "370200")


def case(number: int) -> dict[str, Any]:
    """One invented case as a partner's list has it."""
    return {
        "public_name": f"Child {number}",
        "child": {
            "full_name": f"林小{chr(0x4E00 + number % 5000)}",
            "nicknames": ["满满", f"Man {number % 97}"],
            "sex": ("female", "male")[number % 2],
            "birth_date": f"{2000 + number % 12}-{1 + number % 12:02}-{1 + number % 28:02}",
            "height_cm": 90 + number % 60,
            "marks": [{"kind": "scar", "body_part": "eyebrow", "side": "left", "text": "small"}],
            "description": "Thin, with long lashes; speaks little and laughs a lot.",
        },
        "missing_at": "summer 2011",
        "missing_from": {"text": "by the market", "division_code": PLACES[number % len(PLACES)]},
        "story": "She went to look at the lanterns and did not come back.",
        "external_ids": [{"system": "bench", "id": str(number)}],
    }


def see(number: int) -> float:
    """Send one sighting over HTTP; returns the seconds until it was matched."""
    from rest_framework.test import APIClient

    from searches.models import Sighting

    facts = {"kind": "street", "sex": "female", "description": f"A girl by the bridge, {number}."}
    began = time.monotonic()
    answer = APIClient(REMOTE_ADDR=f"192.0.2.{number % 250}").post(
        "/api/v1/sightings/", facts, format="json"
    )
    mine = Sighting.objects.filter(pk=answer.json()["id"], matched_at__isnull=False)
    while not mine.exists():
        time.sleep(0.01)
    return time.monotonic() - began


def memory_of(word: str) -> float:
    """MiB of the largest child process of the worker whose command line holds `word`."""
    found = 0.0
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            line = (status.parent / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            if word in line:
                text = status.read_text()
                kib = next(row for row in text.splitlines() if row.startswith("VmRSS:")).split()[1]
                found = max(found, int(kib) / 1024)
        except (OSError, StopIteration):
            continue
    return found


def run(rows: int, word: str) -> bool:
    from django.core.files.uploadedfile import SimpleUploadedFile

    from cases.bulk import imports
    from cases.models import Case, ImportJob
    from tests.cast import Cast

    api = Cast().program.api()

    rival = _rate(ONE_BY_ONE, lambda n: api.post("/api/v1/cases/", case(10**7 + n), format="json"))
    see(0)
    before = [see(number) for number in range(PROBES)]
    data = b"\n".join(json.dumps(case(number)).encode() for number in range(rows))
    print(f"{rows:,} cases, {len(data) / 2**20:.1f} MiB of NDJSON")
    body = {"file": SimpleUploadedFile("cases", data), "format": "ndjson", "mode": "skip_bad"}
    began = time.monotonic()
    answer = api.post("/api/v1/imports/", body, format="multipart")
    sent = time.monotonic() - began
    del data, body
    during: list[float] = []
    sizes: list[tuple[int, float]] = []
    job = ImportJob.objects.get(pk=answer.json()["id"])
    while job.finished_at is None:
        if len(during) < 400:
            during.append(see(1000 + len(during)))
        job.refresh_from_db()
        sizes.append((job.done, memory_of(word)))
        time.sleep(0.2 if rows < 10_000 else 1.0)
    took = (job.finished_at - job.created_at).total_seconds()
    rate = rows / took
    tenth = next((size for done, size in sizes if done >= rows / 10), sizes[-1][1])
    most = max(size for done, size in sizes if done >= rows / 10)
    told = imports.counts([job])[job.pk]
    good = told["created"] == rows == Case.objects.count() - ONE_BY_ONE
    slow = statistics.median(during) / statistics.median(before)
    print(f"taken in {took:.0f} s (sending {sent:.1f} s of it): {rate:.0f} rows a second")
    print(
        f"one by one through the API: {rival:.0f} a second; the import is {rate / rival:.1f} times"
    )
    print(f"memory of the worker: {tenth:.0f} MiB after a tenth, at most {most:.0f} MiB")
    print(f"sightings matched, median of {len(before)} before: {_ms(before)} ms")
    print(f"                  median of {len(during)} during: {_ms(during)} ms ({slow:.2f} times)")
    late = sorted(during)[int(len(during) * 0.95)]
    print(f"                  95 in 100 during: {late * 1000:.0f} ms")
    allowed = SLOWER * statistics.median(before) + 0.5
    return good and rate >= RATE and most <= FLAT * tenth and statistics.median(during) <= allowed


def _ms(seconds: list[float]) -> str:
    return f"{statistics.median(seconds) * 1000:.0f}"


def _rate(count: int, work: Callable[[int], object]) -> float:
    began = time.monotonic()
    for number in range(count):
        work(number)
    return count / (time.monotonic() - began)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--small", action="store_true", help="2,000 rows")
    parser.add_argument("--rows", type=int, default=50_000)
    asked = parser.parse_args()
    rows = 2_000 if asked.small else asked.rows
    limits = dict.fromkeys(("LIMIT_SIGHTINGS", "LIMIT_WRITES", "LIMIT_READS"), "off")
    with empty_house(ALLOWED_HOSTS="testserver", **limits) as folder:
        with (
            worker(folder, processes=1),
            worker(folder, processes=1, queues="bulk", beat=False),
        ):
            good = run(rows, "-Q bulk")
        from django.db import connections

        connections.close_all()
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
