"""What decisions teach: factors that bear out, the written numbers where little is known."""

from random import Random

import numpy as np
import pytest

from searches.matching import learning
from searches.matching.learning import Decided, Said, estimate, replay, replay_unseen
from searches.matching.picture import Panel, draw, tenths
from searches.matching.weighing import TRUST, WRITTEN, Weighing

PRIOR = -12.0


def reviewed(count: int, worth: dict[str, float], *, extra: float = 0.0) -> list[Decided]:
    """Decisions on pairs that were chosen by their bits; each comparison is worth so much of what
    it says, and the prior is off by `extra`."""
    rng = Random(7)
    found: list[Decided] = []
    while len(found) < count:
        lines = (
            Said("name", "exact", rng.choice((0.0, 4.0, 8.0, 12.0))),
            Said("words", "rare", rng.choice((0.0, 2.0, 4.0, 6.0))),
            Said("place", "far", rng.choice((0.0, -1.0, -3.0))),
        )
        told = sum(line.bits for line in lines)
        if told + PRIOR < -6:
            continue
        true = learning.total_bits(
            Decided(lines, PRIOR, same=True), Weighing("", worth, worth, extra)
        )
        found.append(Decided(lines, PRIOR, rng.random() < 1 / (1 + 2**-true)))
    return found


def test_a_comparison_that_said_too_much_is_found_out_though_pairs_were_chosen_by_it() -> None:
    worth = {"name": 0.8, "words": 1.5, "place": 0.5}
    found = estimate(reviewed(6_000, worth, extra=0.5), "3")
    assert found.version == "3"
    assert found.speaking_for["name"] == pytest.approx(0.8, abs=0.1)
    assert found.speaking_for["words"] == pytest.approx(1.5, abs=0.15)
    assert found.speaking_against["place"] == pytest.approx(0.5, abs=0.15)
    assert found.prior_bits == pytest.approx(0.5, abs=0.6)


def test_few_decisions_hardly_move_what_is_written() -> None:
    worth = {"name": 0.3, "words": 0.3, "place": 0.3}
    found = estimate(reviewed(6, worth), "1")
    assert found.speaking_for["name"] == pytest.approx(1.0, abs=0.15)
    assert found.speaking_for["words"] == pytest.approx(1.0, abs=0.15)
    assert found.speaking_for["marks"] == TRUST["marks"]


def test_no_decisions_leave_what_is_written() -> None:
    found = estimate([], "1")
    assert (found.speaking_for, found.speaking_against, found.prior_bits) == (TRUST, {}, 0.0)


def test_no_factor_turns_a_comparison_round_or_lets_it_run_away() -> None:
    for worth in (
        {"name": -2.0, "words": -2.0, "place": -2.0},
        dict.fromkeys(("name", "words"), 9.0),
    ):
        found = estimate(reviewed(2_000, {"place": 1.0} | worth), "1")
        shares = [*found.speaking_for.values(), *found.speaking_against.values()]
        assert all(learning.LEAST_SHARE <= share <= learning.MOST_SHARE for share in shares)


def test_a_replay_counts_precision_and_recall_by_band() -> None:
    def pair(bits: float, *, same: bool) -> Decided:
        return Decided((Said("name", "exact", bits),), 0.0, same)

    decided = [
        pair(2.0, same=True), pair(2.0, same=False), pair(1.0, same=True),
        pair(-1.0, same=True), pair(-2.0, same=False), pair(-9.0, same=False),
    ]  # fmt: skip
    strong, possible, weak = replay(decided, WRITTEN).bands
    assert (strong.pairs, strong.precision, strong.recall) == (3, 2 / 3, 2 / 3)
    assert (possible.pairs, possible.precision, possible.recall) == (2, 1 / 2, 1.0)
    assert (weak.pairs, weak.precision, weak.recall) == (1, 0.0, 1.0)
    halved = replay(decided, Weighing("1", {"name": 0.5}, {"name": 0.5}))
    assert halved.given.tolist() != replay(decided, WRITTEN).given.tolist()


def test_what_was_learned_judges_unseen_pairs_better() -> None:
    decided = reviewed(3_000, {"name": 0.6, "words": 0.6, "place": 0.6})
    before, after = replay(decided, WRITTEN), replay_unseen(decided)
    assert after.log_loss < before.log_loss
    alone = replay_unseen(decided[:1])
    assert alone.given.tolist() == replay(decided[:1], WRITTEN).given.tolist()


def test_levels_are_counted_by_what_was_decided() -> None:
    decided = [
        Decided((Said("name", "exact", 4.0), Said("sex", "same", 1.0)), PRIOR, same=True),
        Decided((Said("name", "exact", 8.0),), PRIOR, same=False),
    ]
    after = Weighing("1", {"name": 0.5})
    name, sex = learning.levels(decided, WRITTEN, after)
    assert (name.level, name.accepted, name.rejected, name.before, name.after) == (
        "exact", 1, 1, 6.0, 3.0,
    )  # fmt: skip
    assert (sex.comparison, sex.accepted, sex.rejected) == ("sex", 1, 0)


def test_the_curve_is_drawn_with_a_dot_for_each_tenth_that_holds_pairs() -> None:
    given = np.array([0.05, 0.06, 0.95, 1.0])
    true = np.array([False, True, True, True])
    points = tenths(given, true)
    assert [(point.pairs, point.true) for point in points] == [(2, 0.5), (2, 1.0)]
    assert all(point.low <= point.true <= point.high for point in points)
    drawn = draw(Panel("before", points), Panel("after", []), "4 pairs")
    assert drawn.count("<circle") == 2
    assert drawn.startswith("<svg")
