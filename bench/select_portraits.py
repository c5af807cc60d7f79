"""Choose the people of the drawn portraits: found in every redraw, and no two alike.

    python -m bench.select_portraits --candidates 1100 --workers 2

draws each candidate REDRAWS times, keeps the ones whose face is found each time, then goes
through them in order and accepts each whose every redraw is at least APART from every redraw of
all accepted before. Writes casemgr/demo/portrait_seeds.py. Embeddings are cached, so that a
second run is quick; remove the cache after any change to the drawing code.
"""

import argparse
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from casemgr.demo.portraits import draw, identity
from casemgr.platform.faces import engine

REDRAWS = 4
APART = 0.35
BLOCK = 20
FIT_EVERY = 5
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


def nearest(first: NDArray[np.float32], second: NDArray[np.float32]) -> float:
    """The smallest distance between any redraw of one and any of the other."""
    return float(np.linalg.norm(first[:, None] - second[None], axis=2).min())


def choose(people: dict[int, NDArray[np.float32]]) -> list[int]:
    """Greedily, in the order of the seeds, those at least APART from all chosen before."""
    chosen: list[int] = []
    for seed in sorted(people):
        if all(nearest(people[seed], people[other]) >= APART for other in chosen):
            chosen.append(seed)
    return chosen


def write(chosen: list[int], candidates: int) -> None:
    fit = chosen[::FIT_EVERY]
    demo = [seed for seed in chosen if seed not in set(fit)]
    text = (
        '"""People of the drawn portraits; written by bench/select_portraits.py, not by hand.\n\n'
        f"Of the seeds 0 to {candidates - 1}, these {len(chosen)} are found by the face engine in "
        f"each of {REDRAWS}\nredraws and are at least {APART} apart from one another.\n"
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
    parser.add_argument("--candidates", type=int, default=1100)
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
