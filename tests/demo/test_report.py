"""When a demo passes, and what it says when it doesn't."""

from collections.abc import Sequence

from casemgr.demo.report import Faults, Result, shortfalls, summary, table
from casemgr.demo.sightings import Sort

CLEAN = Faults(duplicates=0, set_aside=0, unmatched=0)


def outcome(sort: Sort, *, rank: int | None = None, band: str = "weak") -> Result:
    true = sort in (Sort.PHOTO_AND_WORDS, Sort.PHOTO_ONLY, Sort.WORDS_ONLY)
    return Result(
        1, sort, "HW-4K7-Q9M-2", 12.25, band, "HW-4K7-Q9M-2" if true else "", rank if true else None
    )


def run(
    *, photos: Sequence[int | None], words: Sequence[int | None], alarms: int = 0
) -> list[Result]:
    return [
        *(outcome(Sort.PHOTO_ONLY, rank=rank) for rank in photos),
        *(outcome(Sort.WORDS_ONLY, rank=rank) for rank in words),
        *(outcome(Sort.STRANGER, band="possible") for _ in range(alarms)),
        *(outcome(Sort.NEAR_MISS) for _ in range(36 - alarms)),
    ]


GOOD: list[int | None] = [1] * 15 + [None]
FAIR: list[int | None] = [1, 2, 5, 1, 3, 4, None, 9]


def test_a_run_that_reaches_every_figure_falls_short_of_nothing() -> None:
    assert shortfalls(run(photos=GOOD, words=FAIR, alarms=3), CLEAN) == []


def test_two_photos_missed_of_sixteen_are_too_many() -> None:
    results = run(photos=[*[1] * 14, None, 6], words=FAIR)
    assert shortfalls(results, CLEAN) == ["with a photo: recall at 5 is 0.88, 0.90 is needed"]


def test_photos_found_but_not_as_the_first_fall_short() -> None:
    results = run(photos=[1] * 12 + [2] * 4, words=FAIR)
    assert shortfalls(results, CLEAN) == ["with a photo: recall at 1 is 0.75, 0.80 is needed"]


def test_three_missed_of_eight_in_words_fall_short() -> None:
    results = run(photos=GOOD, words=[1, 1, 1, 1, 1, 6, None, None])
    assert shortfalls(results, CLEAN) == ["words only: recall at 5 is 0.62, 0.70 is needed"]


def test_a_fourth_false_alarm_of_thirty_six_is_one_too_many() -> None:
    lines = shortfalls(run(photos=GOOD, words=FAIR, alarms=4), CLEAN)
    assert lines == [
        "4 of 36 sightings of nobody on file reached strong or possible; at most 10% may"
    ]


def test_lost_doubled_and_set_aside_work_fails_the_run() -> None:
    faults = Faults(duplicates=1, set_aside=2, unmatched=3)
    assert shortfalls(run(photos=GOOD, words=FAIR), faults) == [
        "3 sightings were never matched",
        "1 pairs were matched twice",
        "2 jobs were set aside",
    ]


def test_the_table_tells_the_rank_of_the_true_case() -> None:
    lines = table([outcome(Sort.PHOTO_ONLY, rank=2), outcome(Sort.NOBODY)]).splitlines()
    assert lines[1].split() == [
        "1", "photo", "only", "HW-4K7-Q9M-2", "12.2", "weak",
        "HW-4K7-Q9M-2,", "found", "as", "number", "2",
    ]  # fmt: skip
    assert lines[2].endswith("nobody on file")


def test_the_summary_counts_false_ones_by_band() -> None:
    lines = summary(run(photos=GOOD, words=FAIR, alarms=2), CLEAN).splitlines()
    stranger = next(line for line in lines if line.strip().startswith("stranger"))
    assert stranger.split()[-4:] == ["0", "2", "0", "0"]
