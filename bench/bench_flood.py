"""A flood of fakes with genuine reports among them, against a real worker (docs/limits.md).

Bots on many addresses send fakes that name the sought child: some with one picture over and over,
some the same words, most with words of their own. Genuine reporters, each on an address of their
own, send one report at moments spread over the flood. The limits are set low, so that nearly all of
it is beyond them, as a flood that many times larger would be beyond the real ones.

Exits with 1 unless every report is answered alike with 201, every one is matched in the end, every
genuine one is matched with the case, 99 in 100 of them within LATEST seconds, and what cases are
searched by is unchanged.
"""

import argparse
import random
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench.scratch import empty_house, worker  # noqa: E402

LATEST = 120.0
FAKES_A_BOT = 100
PROCESSES = 2
LIMITS = "address:2/60 everyone:60/60"
PLACES = ("the old bridge", "the east station", "a noodle shop", "the fish market", "a school gate")


@dataclass(frozen=True, slots=True)
class Told:
    """One report: where it came from, and what it says."""

    genuine: bool
    address: str
    words: str
    photo: bytes | None


def stream(fakes: int, genuine: int) -> list[Told]:
    """The flood in the order of sending."""
    from tests.factories import jpeg

    rng = random.Random(20261124)
    picture, bots = jpeg(1), max(1, fakes // FAKES_A_BOT)
    told = []
    for number in range(fakes):
        bot = f"10.{number % bots}.0.1"
        kind = number % 20
        words = f"She is at {rng.choice(PLACES)} with a man, {rng.getrandbits(64):x}, call now."
        if kind < 4:
            words = "I have seen Manman, send money and I will tell you where she is kept now."
        told.append(Told(False, bot, words, picture if kind == 19 else None))
    for number in range(genuine):
        words = f"A girl of six, she answered to Manman. Near {PLACES[number % 5]}, case {number}."
        place = (number + 1) * fakes // (genuine + 1) + number
        told.insert(place, Told(True, f"192.0.2.{number}", words, None))
    return told


def send(told: Told) -> tuple[UUID, set[str]]:
    """Over HTTP's door; returns the id and what the answer is made of."""
    import json

    from django.core.files.uploadedfile import SimpleUploadedFile
    from rest_framework.test import APIClient

    facts = {"kind": "street", "sex": "female", "name_heard": "Manman", "description": told.words}
    client = APIClient(REMOTE_ADDR=told.address)
    if told.photo is None:
        answer = client.post("/api/v1/sightings/", facts, format="json")
    else:
        photos = [SimpleUploadedFile("p.jpg", told.photo, content_type="image/jpeg")]
        parts = {"data": json.dumps(facts), "photos": photos}
        answer = client.post("/api/v1/sightings/", parts, format="multipart")
    body = answer.json()
    return UUID(body["id"]), {str(answer.status_code), str(len(answer.content)), *answer.headers}


def run(fakes: int, genuine: int) -> bool:
    from django.db.models import DurationField, ExpressionWrapper, F

    from casemgr.platform.outbox import Job, JobState
    from casemgr.platform.vocabularies import CaseStatus
    from cases.models import CaseFace
    from searches.models import Match, Sighting
    from tests import factories
    from tests.cast import Cast

    cast = Cast()
    case = factories.file_case(cast, status=CaseStatus.OPEN)
    factories.work_off()
    gallery = (CaseFace.objects.count(), case.photos.count())

    reports = stream(fakes, genuine)
    real: dict[UUID, float] = {}
    shapes: set[frozenset[str]] = set()
    began = time.monotonic()
    deepest = 0
    for number, told in enumerate(reports):
        key, shape = send(told)
        shapes.add(frozenset(shape))
        if told.genuine:
            real[key] = time.monotonic()
        if number % 50 == 0:
            deepest = max(deepest, _waiting())
    sent = time.monotonic() - began
    slow = Job.objects.filter(turn_at__isnull=False).count()
    print(f"{len(reports):,} reports in {sent:.0f} s, {genuine} of them genuine")
    print(f"{slow:,} jobs in the slow lane, at most {deepest:,} of all waiting at once")
    while _waiting():
        time.sleep(1)
    print(f"all matched after {time.monotonic() - began:.0f} s")

    def waits(ids: Iterable[UUID]) -> list[float]:
        took = Sighting.objects.filter(pk__in=list(ids)).values_list(
            ExpressionWrapper(F("matched_at") - F("created_at"), output_field=DurationField()),
            flat=True,
        )
        return sorted(wait.total_seconds() for wait in took)

    lost = Sighting.objects.filter(matched_at__isnull=True).count()
    aside = Job.objects.filter(state=JobState.SET_ASIDE).count()
    found = set(Match.objects.filter(case=case).values_list("sighting_id", flat=True))
    of_real, of_all = waits(real), waits(Sighting.objects.values_list("pk", flat=True))
    late = of_real[min(len(of_real) - 1, int(len(of_real) * 0.99))]
    waiting = Match.objects.filter(case=case).waiting()
    unchanged = gallery == (CaseFace.objects.count(), case.photos.count())
    stored, shown = Sighting.objects.count(), waiting.collapsed().count()
    print(f"stored {stored:,}, unmatched {lost}, set aside {aside}, kinds of answer {len(shapes)}")
    print(f"genuine ones matched with the case: {len(found & real.keys())} of {genuine}")
    print("seconds until matched:")
    print(f"  genuine: median {of_real[len(of_real) // 2]:.1f}, 99 in 100 {late:.1f}")
    print(f"  all:     median {of_all[len(of_all) // 2]:.1f}, last {of_all[-1]:.1f}")
    print(f"{waiting.count():,} matches wait, of which reviewers are shown {shown:,}")
    print(f"what cases are searched by: {'unchanged' if unchanged else 'CHANGED'}")
    return (
        stored == len(reports)
        and (lost, aside, len(shapes)) == (0, 0, 1)
        and real.keys() <= found
        and late <= LATEST
        and unchanged
    )


def _waiting() -> int:
    from casemgr.platform import outbox

    return outbox.waiting()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--small", action="store_true", help="a tenth of it")
    parser.add_argument("--fakes", type=int, default=3_000)
    parser.add_argument("--genuine", type=int, default=30)
    asked = parser.parse_args()
    share = 10 if asked.small else 1
    limits = {"LIMIT_SIGHTINGS": LIMITS, "LIMIT_PHOTOS": "off"}
    with empty_house(ALLOWED_HOSTS="testserver", **limits) as folder:
        with worker(folder, processes=PROCESSES):
            good = run(asked.fakes // share, asked.genuine // share)
        from django.db import connections

        connections.close_all()
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
