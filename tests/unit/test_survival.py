"""The Kaplan-Meier estimate against lifelines 0.30.3 on three public data sets."""

import pytest

from cases.statistics.survival import kaplan_meier, median

# Freireich et al. 1963, weeks in remission under 6-MP.
FREIREICH = (
    [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35],
    [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0],
    {
        6: 0.857142857142857,
        7: 0.8067226890756299,
        10: 0.7529411764705878,
        13: 0.6901960784313722,
        16: 0.6274509803921566,
        22: 0.5378151260504199,
        23: 0.44817927170868327,
    },
    23,
)
# Miller 1997, acute myelogenous leukaemia, both groups together.
LEUKAEMIA = (
    [9, 13, 13, 18, 23, 28, 31, 34, 45, 48, 161, 5, 5, 8, 8, 12, 16, 23, 27, 30, 33, 43, 45],
    [1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 0, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1],
    {
        5: 0.9130434782608696,
        8: 0.826086956521739,
        9: 0.7826086956521737,
        12: 0.7391304347826088,
        13: 0.6956521739130435,
        18: 0.6459627329192548,
        23: 0.5465838509316772,
        27: 0.49689440993788836,
        30: 0.4416839199447895,
        31: 0.38647342995169087,
        33: 0.3312629399585922,
        34: 0.27605244996549344,
        43: 0.22084195997239478,
        45: 0.16563146997929612,
        48: 0.08281573498964806,
    },
    27,
)
# Edmunson et al. 1979, ovarian cancer, days.
OVARIAN = (
    [59, 115, 156, 421, 431, 448, 464, 475, 477, 563, 638, 744, 769, 770, 803, 855, 1040, 1106,
     1129, 1206, 1227, 268, 329, 353, 365, 377],
    [1, 1, 1, 0, 1, 0, 1, 1, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 0],
    {
        59: 0.9615384615384612,
        115: 0.9230769230769231,
        156: 0.8846153846153845,
        268: 0.8461538461538463,
        329: 0.8076923076923076,
        353: 0.769230769230769,
        365: 0.7307692307692305,
        431: 0.6877828054298639,
        464: 0.6419306184012062,
        475: 0.5960784313725488,
        563: 0.5464052287581698,
        638: 0.4967320261437907,
    },
    638,
)  # fmt: skip


@pytest.mark.parametrize("known", [FREIREICH, LEUKAEMIA, OVARIAN])
def test_the_estimate_is_that_of_the_library(
    known: tuple[list[int], list[int], dict[int, float], int],
) -> None:
    times, found, expected, half = known
    steps = kaplan_meier(zip(times, map(bool, found), strict=True))
    assert [step.time for step in steps] == list(expected)
    assert [step.missing for step in steps] == pytest.approx(list(expected.values()), abs=1e-9)
    assert median(steps) == half


def test_nobody_waits_less_than_no_time_and_nobody_at_all_gives_no_estimate() -> None:
    assert kaplan_meier([]) == []
    assert kaplan_meier([(3.0, False)]) == []
    assert median([]) is None
    with pytest.raises(ValueError, match="before they went missing"):
        kaplan_meier([(-1.0, True)])
