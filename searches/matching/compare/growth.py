"""How tall children are: height for age, median and one standard deviation in centimetres.

Source: WHO child growth standards 2006 (to 4 years; length below 2) and WHO growth reference 2007
(5 to 18 years), median M and M x S of the published L, M, S tables, rounded to a millimetre.
"""

from typing import Final

from searches.matching.maths import N, interpolate

_BOYS: Final = (
    (0, 49.9, 1.9), (1, 75.7, 2.4), (2, 87.8, 3.1), (3, 96.1, 3.7), (4, 103.3, 4.2),
    (5, 110.0, 4.6), (6, 116.0, 4.9), (7, 121.7, 5.3), (8, 127.3, 5.6), (9, 132.6, 6.0),
    (10, 137.8, 6.4), (11, 143.1, 6.7), (12, 149.1, 7.1), (13, 156.0, 7.4), (14, 163.2, 7.7),
    (15, 169.0, 7.8), (16, 172.9, 7.8), (17, 175.2, 7.6), (18, 176.1, 7.5),
)  # fmt: skip
_GIRLS: Final = (
    (0, 49.1, 1.9), (1, 74.0, 2.6), (2, 86.4, 3.2), (3, 95.1, 3.8), (4, 102.7, 4.3),
    (5, 109.4, 4.8), (6, 115.1, 5.1), (7, 120.8, 5.5), (8, 126.6, 5.8), (9, 132.5, 6.1),
    (10, 138.6, 6.4), (11, 145.0, 6.6), (12, 151.2, 6.8), (13, 156.4, 6.9), (14, 159.8, 6.9),
    (15, 161.7, 6.9), (16, 162.5, 6.8), (17, 162.9, 6.7), (18, 163.1, 6.6),
)  # fmt: skip
GROWN: Final = 18

_Table = tuple[tuple[float, ...], ...]
_COLUMNS: Final[dict[str, _Table]] = {
    "male": tuple(zip(*_BOYS, strict=True)),
    "female": tuple(zip(*_GIRLS, strict=True)),
}


def height_at(age: N, sex: str) -> tuple[N, N]:
    """Median and standard deviation, in cm, at `age` years; linear between whole years.

    For an unknown sex the two tables are averaged and the spread takes in their difference.
    """
    if sex in _COLUMNS:
        years, medians, spreads = _COLUMNS[sex]
        return interpolate(age, years, medians), interpolate(age, years, spreads)
    (boys, boys_spread), (girls, girls_spread) = height_at(age, "male"), height_at(age, "female")
    spread = (boys_spread**2 + girls_spread**2 + (boys - girls) ** 2 / 2) ** 0.5 / 2**0.5
    return (boys + girls) / 2, spread
