"""Choose the people of the drawn portraits: found in every redraw, and no two alike.

    python -m bench.select_portraits --people 270 --workers 2

goes through the seeds from 0 up, draws each REDRAWS times, and accepts a person whose one face is
found each time and whose every redraw is at least APART from every redraw of all accepted before.
Writes casemgr/demo/portrait_seeds.py; the same code gives the same list. Takes about 20 minutes
on two cores. To be run again after any change to the drawing code.
"""

import argparse
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import count
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from casemgr.demo.portraits import draw, identity
from casemgr.platform.faces import engine

REDRAWS = 4
APART = 0.35
BLOCK = 24
FIT_EVERY = 4
ROOT = Path(__file__).resolve().parent.parent
SEEDS_FILE = ROOT / "casemgr" / "demo" / "portrait_seeds.py"

Prints = NDArray[np.float32]


def consider(accepted: Sequence[Prints], seed: int) -> Prints | None:
    """Prints of each redraw, shape (REDRAWS, dimension); None as soon as one rules them out."""
    prints: list[Prints] = []
    for variation in range(REDRAWS):
        picture = np.asarray(draw(identity(seed), variation))
        boxes = engine().detect(picture)
        if len(boxes) != 1:
            return None
        prints.append(engine().embed(picture, boxes[0]))
        if not is_apart(np.stack(prints[-1:]), accepted):
            return None
    return np.stack(prints)


def is_apart(prints: Prints, accepted: Sequence[Prints]) -> bool:
    """Whether every one of the prints is at least APART from every print accepted."""
    return all(
        np.linalg.norm(prints[:, None] - other[None], axis=2).min() >= APART for other in accepted
    )


def choose(people: int, workers: int) -> dict[int, Prints]:
    """The first `people` acceptable seeds and their prints."""
    chosen: dict[int, Prints] = {}
    with ProcessPoolExecutor(workers) as pool:
        for start in count(step=BLOCK):
            block = range(start, start + BLOCK)
            results = pool.map(partial(consider, list(chosen.values())), block)
            for seed, prints in zip(block, results, strict=True):
                # Two of one block may be alike.
                if prints is not None and is_apart(prints, list(chosen.values())):
                    chosen[seed] = prints
                if len(chosen) == people:
                    return chosen
            print(f"{block.stop} seeds, {len(chosen)} accepted", flush=True)
    raise AssertionError("the seeds never run out")


def write(chosen: Sequence[int]) -> None:
    """Split the seeds into the demo's and the fit's, and write them as a module."""
    fit = chosen[::FIT_EVERY]
    demo = [seed for seed in chosen if seed not in set(fit)]
    text = (
        '"""People of the drawn portraits; written by bench/select_portraits.py, not by hand.\n\n'
        f"Of the seeds 0 to {chosen[-1]}, these {len(chosen)} are found by the face engine in each "
        f"of {REDRAWS} redraws\nand are at least {APART} apart from one another.\n"
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


def rows(seeds: Sequence[int]) -> str:
    lines = [seeds[start : start + 16] for start in range(0, len(seeds), 16)]
    return "".join("    " + ", ".join(map(str, line)) + ",\n" for line in lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=270)
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args()
    chosen = choose(options.people, options.workers)
    write(list(chosen))
    print(f"{len(chosen)} accepted; wrote {SEEDS_FILE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
