"""What became of the sightings: found at which rank, and how many false ones got how far."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from casemgr.demo.sightings import FALSE_SORTS, TRUE_SORTS, Sort

NEEDED: Final = (
    ("with a photo", (Sort.PHOTO_AND_WORDS, Sort.PHOTO_ONLY), 5, 0.9),
    ("with a photo", (Sort.PHOTO_AND_WORDS, Sort.PHOTO_ONLY), 1, 0.8),
    ("words only", (Sort.WORDS_ONLY,), 5, 0.7),
)
"""(which true sightings, their sorts, rank, least share of them found at that rank or better)."""
MOST_FALSE_ALARMS: Final = 0.1
ALARMS: Final = ("strong", "possible")
NO_BAND: Final = "none"


@dataclass(frozen=True, slots=True)
class Result:
    """One sighting's outcome. `rank` is the true case's place (from 1), None if it isn't listed."""

    number: int
    sort: Sort
    best: str
    bits: float | None
    band: str
    truth: str
    rank: int | None


@dataclass(frozen=True, slots=True)
class Faults:
    """What must never happen, counted."""

    duplicates: int
    set_aside: int
    unmatched: int


def recall(results: Iterable[Result], sorts: Sequence[Sort], rank: int) -> float:
    """Share of the true sightings of these sorts whose child is listed at `rank` or better."""
    of_sorts = [result for result in results if result.sort in sorts]
    found = [r for r in of_sorts if r.rank is not None and r.rank <= rank]
    return len(found) / len(of_sorts) if of_sorts else 0.0


def false_bands(results: Iterable[Result]) -> dict[Sort, Counter[str]]:
    """How many sightings of nobody on file reached which band, by sort."""
    counted: dict[Sort, Counter[str]] = {sort: Counter() for sort in FALSE_SORTS}
    for result in results:
        if result.sort in counted:
            counted[result.sort][result.band] += 1
    return counted


def shortfalls(results: Sequence[Result], faults: Faults) -> list[str]:
    """One line for each figure that isn't reached; empty when the demo passes."""
    lines = []
    for name, sorts, rank, least in NEEDED:
        reached = recall(results, sorts, rank)
        if reached < least:
            lines.append(f"{name}: recall at {rank} is {reached:.2f}, {least:.2f} is needed")
    false = [result for result in results if result.sort in FALSE_SORTS]
    alarms = [result for result in false if result.band in ALARMS]
    if len(alarms) > MOST_FALSE_ALARMS * len(false):
        lines.append(
            f"{len(alarms)} of {len(false)} sightings of nobody on file reached strong or "
            f"possible; at most {MOST_FALSE_ALARMS:.0%} may"
        )
    for count, what in (
        (faults.unmatched, "sightings were never matched"),
        (faults.duplicates, "pairs were matched twice"),
        (faults.set_aside, "jobs were set aside"),
    ):
        if count:
            lines.append(f"{count} {what}")
    return lines


def table(results: Iterable[Result]) -> str:
    """A line for each sighting, in the order of posting."""
    lines = [f"{'#':>3}  {'sighting':<27}  {'best match':<12} {'bits':>6}  {'band':<9} truth"]
    for result in results:
        bits = "" if result.bits is None else f"{result.bits:.1f}"
        lines.append(
            f"{result.number:>3}  {result.sort:<27}  {result.best or '-':<12} {bits:>6}  "
            f"{result.band:<9} {_truth(result)}"
        )
    return "\n".join(lines)


def summary(results: Sequence[Result], faults: Faults) -> str:
    """Recall by sort and false alarms by band."""
    found = [
        f"  {sort:<24}  {_share(results, sort, 1)}   {_share(results, sort, 5)}"
        for sort in TRUE_SORTS
    ]
    reached = [
        f"  {sort:<26}{bands['strong']:>6} {bands['possible']:>8} {bands['weak']:>4} "
        f"{bands[NO_BAND]:>4}"
        for sort, bands in false_bands(results).items()
    ]
    lines = [
        "true sightings              at 1   at 5",
        *found,
        "",
        "of nobody on file           strong possible weak none",
        *reached,
        "",
        f"sightings not matched {faults.unmatched}, pairs matched twice {faults.duplicates}, "
        f"jobs set aside {faults.set_aside}",
    ]
    return "\n".join(lines)


def _share(results: Sequence[Result], sort: Sort, rank: int) -> str:
    return f"{recall(results, (sort,), rank):.2f}"


def _truth(result: Result) -> str:
    if not result.truth:
        return "nobody on file"
    if result.rank is None:
        return f"{result.truth}, missed"
    return f"{result.truth}, found as number {result.rank}"
