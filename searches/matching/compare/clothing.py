"""Clothes, garment by garment with its colour; they mean much for two days and nothing after two
months."""

import re
from functools import lru_cache
from math import log2
from typing import Final

from casemgr.platform.i18n import N_
from casemgr.platform.text import kind_of, terms
from searches.matching.maths import N, log, most
from searches.matching.phrases import code, lapse
from searches.matching.spans import elapsed_days
from searches.matching.types import CaseProfile, Context, Evidence, Param, SightingProfile

FRESH_DAYS: Final = 2.0
GONE_DAYS: Final = 60.0
"""Clothes keep their full weight this long, and lose the last of it by then. Expert prior."""
GARMENT_SHARE: Final = 0.15
COLOUR_SHARE: Final = 0.15
"""u: how often a description of clothes names a given garment, and a given colour for it. Expert
prior; where the database knows a term to be rarer, that is used."""
RAREST: Final = 0.02
WORN: Final = 0.6
"""m: how often a garment told on one side is told on the other of the same child, the same day."""
OTHER_COLOUR: Final = -1.5
NOTHING_SHARED: Final = -0.7
STRONGEST: Final = 8.0
LONGEST_TEXT: Final = 1_000

REASONS: Final = {
    "same": N_("Both mention %(clothes)s, %(span)s apart."),
    "same_faded": N_("Both mention %(clothes)s, but %(span)s apart, so that it counts less."),
    "other_colour": N_("The same garment in another colour: %(clothes)s, %(span)s apart."),
    "other": N_("Other clothes are described, %(span)s apart. Clothes are changed."),
}

_CLAUSES: Final = re.compile(r"[,，。;；、.!?！？\n]+|\band\b|\bwith\b|和|以及")

Garments = dict[str, frozenset[str]]


def compare(case: CaseProfile, sighting: SightingProfile, context: Context) -> Evidence | None:
    """Levels: same, same_faded, other_colour, other. Needs both dates, and at most two months
    between them."""
    if case.missing is None or sighting.seen is None:
        return None
    shortest, longest = elapsed_days(case.missing, sighting.seen)
    days = (max(0.0, shortest) + longest) / 2
    kept = freshness(days)
    if longest < 0 or kept <= 0:
        return None
    filed = garments(case.clothing, case.description)
    worn = garments(sighting.clothing, sighting.description)
    if not filed or not worn:
        return None
    level, bits, named = weigh(filed, worn, context)
    if level == "same" and kept < 1:
        level = "same_faded"
    return Evidence(
        comparison="clothing",
        level=level,
        weight_bits=bits * kept,
        case_value=_told(case.clothing, case.description),
        sighting_value=_told(sighting.clothing, sighting.description),
        reason=REASONS[level],
        params={"clothes": named, "span": lapse(days)},
    )


def freshness(days: N) -> N:
    """Share of the weight that clothes keep after `days`: 1 up to two days, 0 from sixty."""
    faded = log(most(days, FRESH_DAYS) / FRESH_DAYS) / log(GONE_DAYS / FRESH_DAYS)
    return most(1 - faded, 0.0)


def weigh(
    filed: Garments, worn: Garments, context: Context
) -> tuple[str, float, tuple[Param, ...]]:
    """Level and bits while fresh, and the garments meant."""
    bits = 0.0
    agreed: list[Param] = []
    clashing: list[Param] = []
    for garment in sorted(filed.keys() & worn.keys()):
        colours, other_colours = filed[garment], worn[garment]
        shared = colours & other_colours
        if colours and other_colours and not shared:
            bits += OTHER_COLOUR
            clashing.append(_named(garment))
            continue
        bits += log2(WORN / _share(garment, GARMENT_SHARE, context))
        if shared:
            share, rarest = min((_share(c, COLOUR_SHARE, context), c) for c in shared)
            bits -= log2(share)
            agreed.append((_named(rarest), _named(garment)))
        else:
            agreed.append(_named(garment))
    if agreed and bits > 0:
        return "same", min(STRONGEST, bits), tuple(agreed)
    if clashing:
        return "other_colour", max(bits, 2 * OTHER_COLOUR), tuple(clashing)
    return "other", NOTHING_SHARED, ()


def _share(term: str, usual: float, context: Context) -> float:
    return max(RAREST, min(usual, context.token_rarity.get(term, usual)))


def garments(clothing: str, description: str) -> Garments:
    """Garments with the colours and patterns told in the same clause."""
    worn = dict(_garments_in(clothing[:LONGEST_TEXT])) if clothing else {}
    for garment, colours in _garments_in(description[:LONGEST_TEXT]) if description else ():
        worn.setdefault(garment, colours)
    return worn


@lru_cache(maxsize=8192)
def _garments_in(text: str) -> tuple[tuple[str, frozenset[str]], ...]:
    worn: Garments = {}
    for clause in _CLAUSES.split(text):
        if not clause.strip():
            continue
        by_kind: dict[str, set[str]] = {}
        for term in terms(clause):
            by_kind.setdefault(kind_of(term), set()).add(term)
        colours = frozenset(by_kind.get("colour", set()) | by_kind.get("pattern", set()))
        for garment in by_kind.get("clothing", ()):
            worn[garment] = worn.get(garment, frozenset()) | colours
    return tuple(sorted(worn.items()))


def _named(term: str) -> Param:
    return code("term", term.removeprefix("t:"))


def _told(clothing: str, description: str) -> str:
    """The writer's own words, cut short."""
    return (clothing or description)[:120]
