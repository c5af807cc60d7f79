"""Blood types: the same, another, or one that the parents cannot have passed on."""

import re
from functools import lru_cache
from itertools import product
from math import log2
from typing import Final, TypeAlias

from casemgr.platform.i18n import N_
from searches.matching.types import CaseProfile, Context, Evidence, SightingProfile

GENES: Final = {"A": 0.205, "B": 0.195, "O": 0.600}
"""Shares of the three ABO genes. They give types O 36 %, A 29 %, B 27 %, AB 8 %: about those
published for Han blood donors, who vary by province more than this matters."""
RH_NEGATIVE: Final = 0.004
"""Share of people without the Rh D factor in China, by published donor surveys: 3 to 5 in 1,000."""
MISTAKEN: Final = {"street": 0.05, "online": 0.05, "seeker": 0.03, "institution": 0.01}
"""How often a blood type is wrong on either side. Expert prior: many know it from hearsay."""
FALSE_PARENT: Final = 0.01
"""How often a parent's type rules out a child who is theirs: hearsay, another biological parent, or
one of the rare forms that break the rule. Expert prior."""

REASONS: Final = {
    "same": N_("Both have blood type %(seen)s."),
    "other": N_("Blood type %(case)s on file, %(seen)s here. Unless one is wrong, not the same."),
    "inherited": N_("Blood type %(seen)s is one that these parents (%(case)s) can pass on."),
    "excluded": N_("Parents with blood types %(case)s cannot have a child of type %(seen)s."),
}

_WRITTEN: Final = re.compile(
    r"\s*(AB|A|B|O|0)\s*(?:型|TYPE)?\s*"
    r"(?:RH\s*(?:D)?\s*)?(\+|-|−|POS\w*|NEG\w*|阳性?|阴性?)?\s*(?:型|TYPE)?\s*"
)


BloodType: TypeAlias = tuple[str, bool | None]
"""ABO type, and whether Rh positive where that is told."""


def compare(case: CaseProfile, sighting: SightingProfile, context: Context) -> Evidence | None:
    """Levels: same, other; by the parents' types, where the child's is not on file: inherited,
    excluded."""
    seen = parse(sighting.blood_type)
    if seen is None:
        return None
    filed, parents = on_file(case)
    if filed is None and not parents:
        return None
    level, bits = weigh(filed, parents, seen, sighting.kind)
    case_value = _shown(*filed) if filed else " + ".join(parents)
    sighting_value = _shown(*seen) if filed else seen[0]
    return Evidence(
        comparison="blood_type",
        level=level,
        weight_bits=bits,
        case_value=case_value,
        sighting_value=sighting_value,
        reason=REASONS[level],
        params={"case": case_value, "seen": sighting_value},
    )


def on_file(case: CaseProfile) -> tuple[BloodType | None, tuple[str, ...]]:
    """The child's own type, and where that is not on file, the parents' ABO types in order."""
    filed = parse(case.blood_type)
    if filed is not None:
        return filed, ()
    parents = (parse(told) for told in case.parents_blood_types[:2])
    return None, tuple(sorted(parent[0] for parent in parents if parent is not None))


def weigh(
    filed: BloodType | None, parents: tuple[str, ...], seen: BloodType, kind: str
) -> tuple[str, float]:
    """Level and bits for a type seen, against the child's own or else the parents'."""
    mistaken = MISTAKEN.get(kind, MISTAKEN["street"])
    if filed is not None:
        return _against_own(filed, seen, mistaken)
    return _against_parents(parents, seen[0], mistaken)


@lru_cache(maxsize=256)
def parse(text: str) -> BloodType | None:
    """ABO type and whether Rh positive, from 'A', 'AB+', 'O型', 'B RH-'; None where unreadable."""
    found = _WRITTEN.fullmatch(text[:20].upper())
    if found is None:
        return None
    rhesus = found[2]
    return found[1].replace("0", "O"), None if not rhesus else rhesus[0] in "+P阳"


@lru_cache(maxsize=64)
def share_of(group: str, parents: tuple[str, ...] = ()) -> float:
    """Share of children of the given parents' types (up to two, others unknown) with `group`."""
    genes = [_genes_passed_on(parent) for parent in parents]
    genes += [GENES] * (2 - len(genes))
    return sum(
        one * other
        for (first, one), (second, other) in product(genes[0].items(), genes[1].items())
        if _type_of(first, second) == group
    )


def _genes_passed_on(group: str) -> dict[str, float]:
    passed = dict.fromkeys(GENES, 0.0)
    for (first, one), (second, other) in product(GENES.items(), repeat=2):
        if _type_of(first, second) == group:
            passed[first] += one * other / 2
            passed[second] += one * other / 2
    total = sum(passed.values())
    return {gene: share / total for gene, share in passed.items()}


def _type_of(first: str, second: str) -> str:
    return "".join(sorted({first, second} - {"O"})) or "O"


def _against_own(filed: BloodType, seen: BloodType, mistaken: float) -> tuple[str, float]:
    (group, rhesus), (seen_group, seen_rhesus) = filed, seen
    share = share_of(seen_group)
    same = group == seen_group
    bits = log2((1 - mistaken) / share + mistaken) if same else log2(mistaken)
    if rhesus is not None and seen_rhesus is not None:
        if rhesus != seen_rhesus:
            same, bits = False, min(bits, 0.0) + log2(mistaken)
        elif not rhesus and same:
            bits -= log2(RH_NEGATIVE)
    return "same" if same else "other", bits


def _against_parents(parents: tuple[str, ...], seen: str, mistaken: float) -> tuple[str, float]:
    share = share_of(seen)
    wrong = min(0.5, FALSE_PARENT + mistaken)
    inherited = share_of(seen, parents)
    bits = log2((1 - wrong) * inherited / share + wrong)
    return "inherited" if inherited > 0 else "excluded", bits


def _shown(group: str, rhesus: bool | None) -> str:
    return group if rhesus is None else f"{group} Rh{'+' if rhesus else '−'}"
