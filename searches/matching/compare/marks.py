"""Distinguishing marks: kind, body part, side and words; the rarer, the more they say."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from math import log2
from typing import Final, NamedTuple

from casemgr.platform.i18n import N_
from casemgr.platform.text import tokens
from searches.matching import maths
from searches.matching.marks_in_text import completed, marks_in
from searches.matching.maths import N, Truth, least, most, where
from searches.matching.phrases import code
from searches.matching.types import CaseProfile, Context, Evidence, Mark, Param, SightingProfile

KIND_SHARE: Final = {
    "scar": 0.20, "birthmark": 0.10, "mole": 0.20, "tattoo": 0.02, "burn": 0.04, "dental": 0.06,
    "extra_or_missing_digit": 0.006, "disability": 0.05, "surgical": 0.03, "other": 0.08,
}  # fmt: skip
"""u: share of children in whose description such a mark is mentioned. Expert prior."""
PART_SHARE: Final = {
    "head": 0.06, "hair_whorl": 0.03, "forehead": 0.07, "eyebrow": 0.05, "eye": 0.04, "ear": 0.04,
    "nose": 0.02, "mouth": 0.04, "cheek": 0.06, "chin": 0.03, "face": 0.06, "neck": 0.04,
    "collarbone": 0.01, "shoulder": 0.03, "chest": 0.03, "back": 0.05, "abdomen": 0.03,
    "waist": 0.03, "arm": 0.06, "elbow": 0.01, "hand": 0.05, "finger": 0.04, "buttock": 0.03,
    "leg": 0.07, "knee": 0.03, "foot": 0.03, "toe": 0.02, "other": 0.05,
}  # fmt: skip
"""Share of mentioned marks that are there. Expert prior."""
SIDE_SHARE: Final = 0.45
BOUND_TO_PART: Final = frozenset({"dental", "extra_or_missing_digit"})
"""Kinds that can only be in one place, so that the place adds next to nothing."""
BOUND_SHARE: Final = 0.5

MENTIONED: Final = 0.5
"""m: how often a mark of the child is mentioned on the other side too. Expert prior."""
NEAR_KIND: Final = -1.5
NEAR_PART: Final = -1.5
"""Bits for a scar told as a burn, a cheek told as the face. Expert prior."""
OTHER_SIDE: Final = -3.0
"""Bits where kind and part agree and the side is the other one. Expert prior: one in eight people
tells left for right, or the photo was mirrored."""
UNSEEN: Final = {"street": -0.2, "online": -0.2, "institution": -1.2, "seeker": -0.8}
UNSEEN_BESIDE_OTHERS: Final = -0.7
"""Bits for each mark on file that goes unmentioned: next to nothing from a passer-by, more from
those who know the body, and where other marks are told in its stead. Expert prior."""
UNSEEN_FLOOR: Final = {"street": -1.5, "online": -1.5, "institution": -4.0, "seeker": -3.0}
UNFILED: Final = -0.7
INBORN: Final = frozenset({"birthmark", "mole", "extra_or_missing_digit"})
"""Bits for each such mark seen that a family who lists marks does not list. A scar can be newer
than the report, what a child is born with cannot. Expert prior."""
MOST_UNFILED: Final = 2
STRONGEST: Final = 14.0
STRONGEST_WORDS: Final = 2.5
UNKNOWN_TOKEN: Final = 0.02
"""Rarity taken for a word whose rarity is not known."""
FEW: Final = 5.0

_NEAR_KINDS: Final = ({"scar", "surgical", "burn"}, {"mole", "birthmark"})
_NEAR_PARTS: Final = (
    {"face", "cheek", "chin", "forehead", "eyebrow", "eye", "nose", "mouth"},
    {"shoulder", "back", "collarbone", "neck"}, {"shoulder", "arm"}, {"back", "waist", "buttock"},
    {"chest", "collarbone"}, {"abdomen", "waist"}, {"hand", "finger"}, {"hand", "arm", "elbow"},
    {"leg", "knee"}, {"foot", "toe"}, {"leg", "foot"}, {"head", "hair_whorl", "ear", "forehead"},
)  # fmt: skip
SEEN_CLOTHED: Final = frozenset(
    {"head", "forehead", "eyebrow", "eye", "ear", "nose", "mouth", "cheek", "chin", "face", "neck",
     "hand", "finger", ""}
)  # fmt: skip

REASONS: Final = {
    "rare": N_("Both mention the same mark: %(mark)s. Few descriptions do."),
    "common": N_("Both mention the same kind of mark: %(mark)s. Many descriptions do."),
    "several": N_("Both mention %(count)s of the same marks, among them: %(mark)s."),
    "other_side": N_(
        "The same mark, but on the other side: %(mark)s on file, %(seen)s here. People do mix up "
        "left and right."
    ),
    "unmentioned": N_("A mark on file is not mentioned here: %(mark)s."),
    "unfiled": N_("A mark seen here is not on file: %(mark)s."),
}


class Pair(NamedTuple):
    """Two marks held together, by their positions on either side."""

    bits: float
    mine: int
    theirs: int


def compare(case: CaseProfile, sighting: SightingProfile, context: Context) -> Evidence | None:
    """Levels: rare, common, several, other_side, unmentioned, unfiled.

    Each mark is held against the one it fits best; the bits of all such pairs are added, with what
    goes unmentioned, and capped. Marks are also read out of the descriptions.
    """
    filed = filed_marks(case)
    if not filed:
        return None
    told = told_marks(sighting)
    if not told and not (sighting.description or sighting.memories):
        return None
    agreeing, opposite = paired(filed, told, context)
    met = (*agreeing, *opposite)
    unseen = _without(filed, {pair.mine for pair in met})
    unfiled = [
        mark for mark in _without(told, {pair.theirs for pair in met}) if mark.kind in INBORN
    ]
    missing = unseen_bits(float(count_expected(unseen, sighting.kind)), bool(told), sighting.kind)
    surplus = unfiled_bits(float(len(unfiled)))
    agreed = float(sum(pair.bits for pair in agreeing))
    bits = weigh(agreed, bool(agreeing), bool(opposite), missing, surplus)
    if agreeing and bits > 0:
        best = agreeing[0]
        level = "several" if len(agreeing) > 1 else "rare" if bits >= FEW else "common"
        count: dict[str, Param] = {"count": len(agreeing)} if len(agreeing) > 1 else {}
        return _evidence(level, bits, filed[best.mine], told[best.theirs], count)
    if opposite:
        mine, theirs = filed[opposite[0].mine], told[opposite[0].theirs]
        return _evidence("other_side", bits, mine, theirs, {"seen": code("side", theirs.side)})
    if missing + surplus >= 0:
        return None
    if surplus < missing:
        return _evidence("unfiled", bits, None, unfiled[0], {})
    return _evidence("unmentioned", bits, unseen[0], None, {})


def filed_marks(case: CaseProfile) -> tuple[Mark, ...]:
    """The family's marks."""
    return _marks(case.marks, case.description, case.story)


def told_marks(sighting: SightingProfile) -> tuple[Mark, ...]:
    """The sighting's marks."""
    return _marks(sighting.marks, sighting.description, sighting.memories)


def weigh(agreed: N, agreeing: Truth, opposite: Truth, missing: N, surplus: N) -> N:
    """Bits in all, from those of the pairs that agree, whether there are any, whether any pair
    differs in side, and what goes unmentioned on either side; 0 where that leaves nothing to say.
    """
    other_side: N = where(opposite, OTHER_SIDE, 0.0)
    bits = least(agreed + other_side + missing + surplus, STRONGEST)
    told: N = where((agreeing & (bits > 0)) | opposite | (missing + surplus < 0), bits, 0.0)
    return told


def unseen_bits(count: N, told_any: bool, kind: str) -> N:
    """Bits for that many marks on file that go unmentioned by a sighting of that kind."""
    each = UNSEEN.get(kind, UNSEEN["street"])
    if told_any:
        each = min(each, UNSEEN_BESIDE_OTHERS)
    return most(each * count, UNSEEN_FLOOR.get(kind, UNSEEN_FLOOR["street"]))


def unfiled_bits(count: N) -> N:
    """Bits for that many inborn marks seen that are not on file."""
    return UNFILED * least(count, MOST_UNFILED)


def count_expected(marks: Sequence[Mark], kind: str) -> int:
    """How many of the marks a sighting of that kind could have told of."""
    if knows_the_body(kind):
        return len(marks)
    return sum(mark.body_part in SEEN_CLOTHED for mark in marks)


def knows_the_body(kind: str) -> bool:
    """Whether those who tell see more of the child than a passer-by does."""
    return kind in ("institution", "seeker")


def _marks(marks: tuple[Mark, ...], *texts: str) -> tuple[Mark, ...]:
    """Marks as listed, then those read out of the texts that repeat none of them."""
    listed = tuple(map(completed, marks))
    extra: list[Mark] = []
    for text in texts:
        for mark in marks_in(text) if text else ():
            if not any(_repeats(mark, known) for known in (*listed, *extra)):
                extra.append(mark)
    return (*listed, *extra) if extra else listed


def _repeats(mark: Mark, known: Mark) -> bool:
    return mark.kind == known.kind and (
        mark.body_part == known.body_part or not mark.body_part or not known.body_part
    )


def paired(
    filed: tuple[Mark, ...], told: tuple[Mark, ...], context: Context
) -> tuple[list[Pair], list[Pair]]:
    """Agreeing pairs, best first, each mark in one of them; and pairs that differ in side."""
    agreeing: list[Pair] = []
    opposite: list[Pair] = []
    for position, mine in enumerate(filed):
        for their_position, theirs in enumerate(told):
            bits = held_together(mine, theirs)
            if bits == OTHER_SIDE:
                opposite.append(Pair(OTHER_SIDE, position, their_position))
            elif bits is not None:
                words = _shared_words(mine, theirs, context)
                if words or not needs_words(mine, theirs):
                    agreeing.append(Pair(bits + words, position, their_position))
    agreeing.sort(key=lambda pair: -pair.bits)
    chosen: list[Pair] = []
    for pair in agreeing:
        if all(pair.mine != other.mine and pair.theirs != other.theirs for other in chosen):
            chosen.append(pair)
    mine_taken = {pair.mine for pair in chosen}
    theirs_taken = {pair.theirs for pair in chosen}
    return chosen, [
        pair for pair in opposite if pair.mine not in mine_taken and pair.theirs not in theirs_taken
    ]


def held_together(mine: Mark, theirs: Mark) -> float | None:
    """Bits of two marks before their words, OTHER_SIDE where they differ in side alone; None where
    they are no pair."""
    if not _comparable(mine, theirs):
        return None
    if {mine.side, theirs.side} == {"left", "right"}:
        same = mine.kind == theirs.kind and mine.body_part == theirs.body_part
        return OTHER_SIDE if same else None
    same_side = bool(mine.side and mine.side == theirs.side)
    return pair_bits(mine.kind, theirs.kind, mine.body_part, theirs.body_part, same_side)


def needs_words(mine: Mark, theirs: Mark) -> bool:
    """Whether two marks agree only if their words do: 'other' may be anything."""
    return mine.kind == "other" and theirs.kind == "other"


def _without(marks: tuple[Mark, ...], positions: set[int]) -> list[Mark]:
    return [mark for position, mark in enumerate(marks) if position not in positions]


def _comparable(mine: Mark, theirs: Mark) -> bool:
    if mine.kind != theirs.kind and not _together(_NEAR_KINDS, mine.kind, theirs.kind):
        return False
    if not mine.body_part or not theirs.body_part or mine.body_part == theirs.body_part:
        return True
    return _together(_NEAR_PARTS, mine.body_part, theirs.body_part)


@lru_cache(maxsize=4096)
def pair_bits(kind: str, other_kind: str, part: str, other_part: str, same_side: bool) -> float:
    """Bits for two comparable marks, before their words."""
    share = max(KIND_SHARE.get(kind, 0.1), KIND_SHARE.get(other_kind, 0.1))
    bits = log2(MENTIONED / share)
    if part and other_part:
        if kind in BOUND_TO_PART:
            bits -= log2(BOUND_SHARE)
        else:
            bits -= log2(max(PART_SHARE.get(part, 0.05), PART_SHARE.get(other_part, 0.05)))
        if part != other_part:
            bits += NEAR_PART
    if same_side:
        bits -= log2(SIDE_SHARE)
    return bits + (NEAR_KIND if kind != other_kind else 0.0)


def _shared_words(mine: Mark, theirs: Mark, context: Context) -> float:
    """Bits for the rarest word the two marks share; words that name kind, part or side are common
    and so weigh little by themselves."""
    if not mine.text or not theirs.text:
        return 0.0
    shared = tokens(mine.text) & tokens(theirs.text)
    if not shared:
        return 0.0
    return words_bits(min(share_of(token, context.token_rarity) for token in shared))


def share_of(token: str, rarity: Mapping[str, float]) -> float:
    """u: share of accounts that hold the token."""
    return float(rarity.get(token, UNKNOWN_TOKEN))


def words_bits(rarest: N) -> N:
    """Bits for a word that both marks hold, from its share."""
    bits = maths.log2(MENTIONED / most(rarest, 1e-9)) / 2
    return most(least(bits, STRONGEST_WORDS), 0.0)


def _together(groups: tuple[set[str], ...], first: str, second: str) -> bool:
    return any(first in group and second in group for group in groups)


def _evidence(
    level: str, bits: float, mine: Mark | None, theirs: Mark | None, params: dict[str, Param]
) -> Evidence:
    return Evidence(
        comparison="marks",
        level=level,
        weight_bits=bits,
        case_value=shown(mine) if mine else "",
        sighting_value=shown(theirs) if theirs else "",
        reason=REASONS[level],
        params={**({"mark": in_codes(named)} if (named := mine or theirs) else {}), **params},
    )


def in_codes(mark: Mark) -> Param:
    """The mark in vocabulary codes: its kind, then where it is, as far as told."""
    side = (code("side", mark.side),) if mark.side else ()
    part = (code("body_part", mark.body_part),) if mark.body_part else ()
    where = (*side, *part)
    return (code("mark_kind", mark.kind), where) if where else (code("mark_kind", mark.kind),)


def shown(mark: Mark) -> str:
    if mark.text:
        return mark.text[:120]
    return ", ".join(filter(None, (mark.kind, mark.body_part, mark.side)))
