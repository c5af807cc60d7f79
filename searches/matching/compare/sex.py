"""Sex, as filed and as seen."""

from math import log2
from typing import Final

from casemgr.platform.i18n import N_
from searches.matching.phrases import code
from searches.matching.types import CaseProfile, Context, Evidence, SightingProfile

KNOWN: Final = frozenset({"female", "male"})
CHANCE: Final = 0.5
"""u: share of children on file of either sex. Expert prior, close to even."""
MISTAKEN: Final = {"street": 0.03, "online": 0.03, "institution": 0.002, "seeker": 0.002}
"""1 - m: how often the sex is told wrongly. Expert prior: a passer-by can be mistaken about a
small or dressed-up child; who holds the child, or is it, cannot, leaving slips of the pen."""

SAME: Final = N_("The same sex on both sides.")
OTHER: Final = N_("The case is about a %(case)s child, the sighting about a %(seen)s one.")


def compare(case: CaseProfile, sighting: SightingProfile, context: Context) -> Evidence | None:
    """Levels: same, other. Nothing where either side does not know."""
    if case.sex not in KNOWN or sighting.sex not in KNOWN:
        return None
    same = case.sex == sighting.sex
    return Evidence(
        comparison="sex",
        level="same" if same else "other",
        weight_bits=weigh(case.sex, sighting.sex, sighting.kind),
        case_value=case.sex,
        sighting_value=sighting.sex,
        reason=SAME if same else OTHER,
        params={"case": code("sex", case.sex), "seen": code("sex", sighting.sex)},
    )


def weigh(filed: str, seen: str, kind: str) -> float:
    """Bits for two known sexes."""
    mistaken = MISTAKEN.get(kind, MISTAKEN["street"])
    return log2((1 - mistaken) / CHANCE) if filed == seen else log2(mistaken / (1 - CHANCE))
