"""Whether the time an answer takes tells if a face is on file (threat T4, docs/limits.md).

The same pictures of drawn people are posted as sightings in two worlds. In the first, one half of
the people have open cases with a photo; in the second, the other half have. Enrolled and unknown
faces come in random order. What is compared is the time of the answer as the sender's machine would
see it without the network, which only hides things. Every file is brought to the same length, so
that only the face differs.

Prints the AUC of telling the two apart by time (0.5: not at all) and Kolmogorov and Smirnov's p.
Exits with 1 when the AUC is more than LIMIT, or an answer differs in more than id, code and moment.

An AUC of n and m samples that are in truth alike has a standard error of sqrt((n + m + 1) / 12nm):
0.009 in full, about 0.021 with `--small`, where the figure alone would pass LIMIT by chance in
one or two of a hundred runs. So `--small` fails only when even the lower end of its two-sided 99 %
interval is above LIMIT (the figure itself above about 0.60): it notices a gross leak and proves no
fine one. The full run goes by the figure.
"""

import argparse
import gc
import io
import json
import math
import os
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench.scratch import empty_house  # noqa: E402

LIMIT = 0.55
# Of the normal distribution, for an interval of 99 %.
WIDTH = 2.576
PEOPLE = 12
PICTURES = 4
WARM_UP = 20


def picture(person: int, variation: int) -> bytes:
    """A drawn person as a JPEG."""
    from casemgr.demo.portrait_seeds import DEMO_SEEDS
    from casemgr.demo.portraits import draw, identity

    out = io.BytesIO()
    draw(identity(DEMO_SEEDS[person]), variation).save(out, "JPEG", quality=88)
    return out.getvalue()


def stretched(data: bytes, length: int) -> bytes:
    """The same JPEG with one comment, `length` bytes in all."""
    missing = length - len(data)
    assert 4 <= missing < 65_000, missing
    comment = b"\xff\xfe" + (missing - 2).to_bytes(2, "big") + b" " * (missing - 4)
    return data[:2] + comment + data[2:]


def one_world(enrolled: Sequence[int], posts: int) -> None:
    """Print, as JSON, the seconds and the shape of each answer: [enrolled?, seconds, shape]."""
    with empty_house(
        ALLOWED_HOSTS="testserver", LIMIT_SIGHTINGS="off", FACE_POPULATION="dlib-real"
    ):
        from casemgr.platform.vocabularies import CaseStatus
        from cases import services
        from cases.models import CaseFace
        from tests import factories
        from tests.cast import Cast

        cast = Cast()
        for person in enrolled:
            case = factories.file_case(cast, status=CaseStatus.OPEN)
            services.add_photo(actor=cast.guardian.actor, case=case, data=picture(person, 0))
        factories.work_off()
        assert CaseFace.objects.count() == len(enrolled)

        files = {(who, n): picture(who, n + 1) for who in range(PEOPLE) for n in range(PICTURES)}
        length = max(map(len, files.values())) + 64
        files = {key: stretched(data, length) for key, data in files.items()}
        rng = random.Random(len(enrolled) + sum(enrolled))
        order = [key for _ in range(posts // len(files) + 1) for key in files][:posts]
        rng.shuffle(order)
        gc.disable()
        measured = [post(files[key], number) for number, key in enumerate(order)]
        told = [(key[0] in enrolled, *one) for key, one in zip(order, measured, strict=True)]
        print(json.dumps(told[WARM_UP:]))

        from django.db import connections

        connections.close_all()


def post(photo: bytes, number: int) -> tuple[float, str]:
    """Send one sighting; the seconds until its answer, and the answer without what is its own."""
    from django.core.files.uploadedfile import SimpleUploadedFile
    from rest_framework.test import APIClient

    client = APIClient()
    facts = json.dumps({"kind": "street", "description": f"A girl selling flowers, {number:06}."})
    sent = {"data": facts, "photos": [SimpleUploadedFile("p.jpg", photo, "image/jpeg")]}
    if number % 100 == 0:
        gc.collect()
    began = time.perf_counter()
    answer = client.post("/api/v1/sightings/", sent, format="multipart")
    seconds = time.perf_counter() - began
    body = answer.json()
    own = (body["id"], body["receipt"], answer["X-Request-Id"])
    shape = f"{answer.status_code} {sorted(answer.items())} {answer.content.decode()}"
    for value in own:
        shape = shape.replace(value, "*" * len(value))
    return seconds, shape


def auc(known: Sequence[float], unknown: Sequence[float]) -> float:
    """How often a known one takes longer than an unknown one, ties counted half."""
    ordered = np.sort(unknown)
    below = np.searchsorted(ordered, known, "left") + np.searchsorted(ordered, known, "right")
    return float(below.sum() / 2 / (len(known) * len(unknown)))


def standard_error(known: int, unknown: int) -> float:
    """Of an AUC over so many samples of each, when the two are alike (Mann and Whitney)."""
    return float(np.sqrt((known + unknown + 1) / (12 * known * unknown)))


def same_distribution(known: Sequence[float], unknown: Sequence[float]) -> float:
    """Kolmogorov and Smirnov's p, by the limit of its distribution."""
    moments = np.sort([*known, *unknown])
    shares = [np.searchsorted(np.sort(x), moments, "right") / len(x) for x in (known, unknown)]
    apart = np.abs(shares[0] - shares[1]).max()
    scaled = apart * np.sqrt(len(known) * len(unknown) / (len(known) + len(unknown)))
    terms = np.arange(1, 101)
    p = 2 * ((-1.0) ** (terms - 1) * np.exp(-2 * terms**2 * scaled**2)).sum()
    return float(np.clip(p, 0, 1)) if scaled > 0.2 else 1.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--small", action="store_true", help="a fifth of it")
    parser.add_argument("--posts", type=int, default=2_000, help="in each of the two worlds")
    parser.add_argument("--world", type=int, choices=(0, 1), help="measure one world alone")
    asked = parser.parse_args()
    posts = asked.posts // (5 if asked.small else 1)
    halves = [range(PEOPLE // 2), range(PEOPLE // 2, PEOPLE)]
    if asked.world is not None:
        one_world(halves[asked.world], posts)
        return 0
    shapes: set[str] = set()
    areas: list[float] = []
    errors: list[float] = []
    for world in (0, 1):
        command = [sys.executable, __file__, "--world", str(world), "--posts", str(posts)]
        # Without a seed of its own each process would write the CSP's directives in another order.
        seeded = {**os.environ, "PYTHONHASHSEED": "0"}
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, env=seeded)
        told = json.loads(done.stdout)
        known = [seconds for enrolled, seconds, _shape in told if enrolled]
        unknown = [seconds for enrolled, seconds, _shape in told if not enrolled]
        shapes |= {shape for _enrolled, _seconds, shape in told}
        areas.append(auc(known, unknown))
        errors.append(standard_error(len(known), len(unknown)))
        print(
            f"world {world + 1}: {len(known)} enrolled, median {np.median(known) * 1e3:.1f} ms; "
            f"{len(unknown)} unknown, median {np.median(unknown) * 1e3:.1f} ms; "
            f"AUC {areas[-1]:.3f}, KS p {same_distribution(known, unknown):.2f}"
        )
    # The same pictures were known in one world and unknown in the other: what they cost by
    # themselves cancels out.
    both = sum(areas) / 2
    worst = max(both, 1 - both)
    # Each world is a measurement of its own, so the error of their mean is smaller than either's.
    error = math.hypot(*errors) / 2
    judged = worst - WIDTH * error if asked.small else worst
    print(
        f"both worlds: AUC {worst:.3f} (standard error {error:.3f}), judged by {judged:.3f} "
        f"(at most {LIMIT}), kinds of answer: {len(shapes)}"
    )
    return 0 if judged <= LIMIT and len(shapes) == 1 else 1


if __name__ == "__main__":
    sys.exit(main())
