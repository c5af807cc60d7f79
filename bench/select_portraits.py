"""Choose the people of the drawn portraits: found in every redraw, and no two alike.

    python -m bench.select_portraits --candidates 800 --workers 2

draws each candidate REDRAWS times and keeps the ones whose one face is found each time. Two of
them are too alike when the means of their prints are less than APART apart, or any two prints
less than NEVER_NEARER. Of those left, the one with the fewest too alike is accepted and these are
put aside, until none is left. Writes casemgr/demo/portrait_seeds.py. Prints are cached, so that a
second run is quick; remove the cache after any change to the drawing code.
"""

import argparse
import itertools
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from casemgr.demo.portraits import draw, identity
from casemgr.platform.faces import engine

REDRAWS = 4
APART = 0.35
NEVER_NEARER = 0.3
BLOCK = 20
FIT_EVERY = 4
ROOT = Path(__file__).resolve().parent.parent
SEEDS_FILE = ROOT / "casemgr" / "demo" / "portrait_seeds.py"


def embed_block(cache: Path, start: int) -> dict[int, NDArray[np.float32]]:
    """Embeddings, shape (REDRAWS, dimension), of those of BLOCK seeds found in every redraw."""
    file = cache / f"{start:06d}.npz"
    if not file.exists():
        found = {
            str(seed): vectors
            for seed in range(start, start + BLOCK)
            if (vectors := embed_person(seed, range(REDRAWS))) is not None
        }
        np.savez(file, allow_pickle=False, **found)
    with np.load(file) as stored:
        return {int(seed): stored[seed] for seed in stored.files}


def embed_person(seed: int, variations: range) -> NDArray[np.float32] | None:
    """One embedding per variation, or None as soon as one shows other than a single face."""
    vectors = []
    for variation in variations:
        picture = np.asarray(draw(identity(seed), variation))
        boxes = engine().detect(picture)
        if len(boxes) != 1:
            return None
        vectors.append(engine().embed(picture, boxes[0]))
    return np.stack(vectors)


def too_alike(people: list[NDArray[np.float32]]) -> NDArray[np.bool_]:
    """Which pairs may not both be accepted, shape (people, people)."""
    means = np.stack([prints.mean(axis=0) for prints in people])
    alike: NDArray[np.bool_] = np.linalg.norm(means[:, None] - means[None], axis=2) < APART
    for first, second in itertools.combinations(range(len(people)), 2):
        if not alike[first, second]:
            gaps = np.linalg.norm(people[first][:, None] - people[second][None], axis=2)
            alike[first, second] = alike[second, first] = gaps.min() < NEVER_NEARER
    np.fill_diagonal(alike, False)
    return alike


def choose(people: dict[int, NDArray[np.float32]]) -> list[int]:
    """Seeds of which no two are too alike, in order; the one in fewest people's way goes first."""
    seeds = sorted(people)
    alike = too_alike([people[seed] for seed in seeds])
    left = np.ones(len(seeds), dtype=bool)
    chosen: list[int] = []
    while left.any():
        in_the_way = np.where(left, (alike & left).sum(axis=1), len(seeds))
        best = int(in_the_way.argmin())
        chosen.append(seeds[best])
        left[best] = False
        left &= ~alike[best]
    return sorted(chosen)


def write(chosen: list[int], candidates: int) -> None:
    """Split the seeds into the demo's and the fit's, and write them as a module."""
    fit = chosen[::FIT_EVERY]
    demo = [seed for seed in chosen if seed not in set(fit)]
    text = (
        '"""People of the drawn portraits; written by bench/select_portraits.py, not by hand.\n\n'
        f"Of the seeds 0 to {candidates - 1}, these {len(chosen)} are found by the face engine in "
        f"each of {REDRAWS}\nredraws, and their mean prints are at least {APART} apart.\n"
        '"""\n\n'
        "from typing import Final\n\n"
        "# fmt: off\n"
        f"DEMO_SEEDS: Final[tuple[int, ...]] = (\n{rows(demo)})\n"
        '"""For the demo and the tests."""\n\n'
        f"FIT_SEEDS: Final[tuple[int, ...]] = (\n{rows(fit)})\n"
        '"""Only for fitting what a distance is worth (bench/fit_face_distances.py)."""\n'
        "# fmt: on\n"
    )
    SEEDS_FILE.write_text(text, encoding="utf-8")


def rows(seeds: list[int]) -> str:
    lines = [seeds[start : start + 16] for start in range(0, len(seeds), 16)]
    return "".join("    " + ", ".join(map(str, line)) + ",\n" for line in lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--candidates", type=int, default=800)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--cache", type=Path, default=ROOT / "var" / "bench" / "portraits")
    options = parser.parse_args()
    options.cache.mkdir(parents=True, exist_ok=True)
    people: dict[int, NDArray[np.float32]] = {}
    starts = range(0, options.candidates, BLOCK)
    with ProcessPoolExecutor(options.workers) as pool:
        for start, block in zip(
            starts, pool.map(partial(embed_block, options.cache), starts), strict=True
        ):
            people.update(block)
            print(f"{start + BLOCK} drawn, {len(people)} found each time", flush=True)
    chosen = choose(people)
    write(chosen, options.candidates)
    print(f"{len(chosen)} accepted; wrote {SEEDS_FILE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
