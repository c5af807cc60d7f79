"""What two families' accounts have to say of each other, line by line.

Each line weighs one comparison twice: as two accounts of one child, and as accounts of two children
who were lost together, such as brother and sister. Both are log2 of how often the finding occurs
then over how often it occurs between any two children on file. Unlike a sighting's, an account is
told by people who know the child, so that names, dates and places seldom differ; there is no
observer's error and nothing to be reached. What either account leaves out says nothing.

All numbers are expert priors; bench/matching/bench_duplicates.py measures what they do on invented
families.
"""

from dataclasses import dataclass, replace
from itertools import product
from math import log2
from typing import Final

from casemgr.platform.i18n import N_
from casemgr.platform.names import compare as agreement_of
from casemgr.platform.names import family_frequency
from searches.matching import maths
from searches.matching.compare import blood, face, marks, name, picture, sex
from searches.matching.compare.ages import date_ratio, level_of
from searches.matching.maths import interpolate
from searches.matching.phrases import code, distance, lapse
from searches.matching.spans import gap_days, vaguer, width_days, written
from searches.matching.spots import apart, shown
from searches.matching.types import (
    CaseProfile,
    Context,
    Evidence,
    Interval,
    Mark,
    Param,
    SightingProfile,
)

SURE: Final = "institution"
"""How wrong people who know the child are, where a comparison asks what kind of teller it is."""


@dataclass(frozen=True, slots=True)
class Line:
    """One comparison: its evidence that both are one child, and its bits that they are two."""

    evidence: Evidence
    two_bits: float


NAMED: Final = {
    "exact": 0.75, "exact_rare": 0.75, "same_sound": 0.08, "alike_sound": 0.05,
    "given_only": 0.04, "nickname": 0.06, "family_only": 0.02, "family_rare": 0.02,
}  # fmt: skip
"""m: how often two accounts of one child agree in its name that far."""
_KEPT: Final = name.KEPT | {
    "exact_rare": name.KEPT["exact"],
    "family_rare": name.KEPT["family_only"],
}
OTHER_NAME: Final = -5.0
OTHER_GIVEN: Final = -4.0
"""Bits where no name agrees, and where the whole names differ though a pet name agrees."""
SAME_FAMILY: Final = 0.9
STRONGEST_FAMILY: Final = 6.0
OTHER_FAMILY: Final = -2.0
NAMESAKES: Final = -6.0
"""For two children lost together: m of one family name, and the most that it weighs; bits where the
family names differ; and where they bear one whole name, which brothers and sisters don't."""

NAME: Final = {
    "exact": N_("%(one)s in both accounts. Many people are called that."),
    "exact_rare": N_("%(one)s in both accounts. Few people are called that."),
    "same_sound": N_("%(one)s and %(other)s sound the same."),
    "alike_sound": N_("%(one)s and %(other)s sound alike in many dialects."),
    "swapped": N_("%(one)s and %(other)s: family and given name may be swapped."),
    "given_only": N_("The given name agrees: %(one)s and %(other)s."),
    "nickname": N_("One may be a pet form of the other: %(one)s and %(other)s."),
    "family_only": N_("One family name and two given names: %(one)s and %(other)s."),
    "family_rare": N_("One rare family name and two given names: %(one)s and %(other)s."),
    "different": N_("Two names: %(one)s and %(other)s. A child's own people seldom differ in it."),
}


def names(one: CaseProfile, other: CaseProfile, context: Context) -> Line | None:
    """Levels: exact, exact_rare, same_sound, alike_sound, swapped, given_only, nickname,
    family_only, family_rare, different. The best pair of names speaks."""
    best: tuple[float, str, str, str] | None = None
    compared = False
    for mine, theirs in product(*_as_written(one.names, other.names)):
        bare = name.is_bare(mine, one.family_name) or name.is_bare(theirs, other.family_name)
        level, bits = name.weigh(mine, theirs, bare=bare)
        compared = compared or bool(level)
        if level in ("", "different"):
            continue
        if level in NAMED:
            bits += log2(NAMED[level] / _KEPT[level])
        if best is None or bits > best[0]:
            best = bits, level, mine, theirs
    if not compared:
        return None
    whole = _whole(one), _whole(other)
    agreed = agreement_of(*name.in_order(*whole)) if all(whole) else None
    if best is None:
        best = OTHER_NAME, "different", one.names[0], other.names[0]
    elif agreed is not None and not agreed.given and not best[1].startswith("family"):
        best = best[0] + OTHER_GIVEN, *best[1:]
    two = 0.0
    if agreed is not None:
        two = _one_family(agreed.family) if agreed.family else OTHER_FAMILY
        if agreed.family and agreed.given:
            two += NAMESAKES
    bits, level, mine, theirs = best
    params: dict[str, Param] = {"one": mine.strip()[:80], "other": theirs.strip()[:80]}
    return _line("name", level, bits, two, mine[:80], theirs[:80], NAME[level], params)


def _as_written(*sides: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Both sides' names; in characters alone where both tell some, since pinyin that is made of
    them would turn names that only sound the same into one name."""
    written = [tuple(each for each in names if not each.isascii()) for names in sides]
    return [names[: name.MOST_NAMES] for names in (written if all(written) else sides)]


def same_family(one: CaseProfile, other: CaseProfile) -> bool:
    """Whether both whole names are told and the family name agrees."""
    whole = _whole(one), _whole(other)
    return all(whole) and bool(agreement_of(*name.in_order(*whole)).family)


def _whole(case: CaseProfile) -> str:
    """The name that holds family and given name; '' where only a part is told."""
    first = case.names[0] if case.names else ""
    return first if case.family_name and first != case.family_name else ""


def _one_family(family: str) -> float:
    return min(STRONGEST_FAMILY, log2(SAME_FAMILY / family_frequency(family)))


def sexes(one: CaseProfile, other: CaseProfile, context: Context) -> Line | None:
    """Levels: same, other."""
    if one.sex not in sex.KNOWN or other.sex not in sex.KNOWN:
        return None
    same = one.sex == other.sex
    reason = (
        sex.SAME if same else N_("One account is of a %(one)s child, the other of a %(other)s one.")
    )
    params = {"one": code("sex", one.sex), "other": code("sex", other.sex)}
    bits = sex.weigh(one.sex, other.sex, SURE)
    return _line("sex", "same" if same else "other", bits, 0.0, one.sex, other.sex, reason, params)


STEPS: Final = {
    "birth": (("same_day", 1, 0, 9.5), ("same_month", 31, 0, 6.0)),
    "separated": (("same_day", 1, 0, 9.5), ("same_days", 2, 3, 8.0), ("same_month", 31, 0, 5.0)),
}
"""Dates that agree closely: the level, how wide either may be and how far apart they are, in days,
and the bits for that. Held down from the plain ratios (13, 9; 12, 10, 8): dates cluster on
festivals and round numbers, and registers on what is new."""
SPREAD: Final = {"birth": 0.5, "separated": 0.35}
BETWEEN_SIBLINGS: Final = 3.5
"""Standard deviation, in years, of one date in two accounts; and of two siblings' births."""
CHANCE: Final = {"birth": 1 / 40, "separated": 1 / 30}
"""u: children on file born, and lost, per year."""
WRONG: Final = 0.02

DATES: Final = {
    "birth": {
        "same_day": N_("Both give the same day of birth, %(both)s."),
        "same_month": N_("Both give the same month of birth, %(both)s."),
        "fits": N_("Born %(one)s by one account, %(other)s by the other. That fits."),
        "near": N_("Born %(one)s by one account, %(other)s by the other. Near enough."),
        "little": N_("Born %(one)s by one account, %(other)s by the other. That says little."),
        "off": N_("Born %(one)s by one account, %(other)s by the other: %(gap)s apart."),
        "far": N_("Born %(one)s by one account, %(other)s by the other: %(gap)s apart."),
    },
    "separated": {
        "same_day": N_("Both were lost on the same day, %(both)s."),
        "same_days": N_("Lost within days of each other: %(one)s and %(other)s."),
        "same_month": N_("Both were lost in %(both)s."),
        "fits": N_("Lost %(one)s by one account, %(other)s by the other. That fits."),
        "near": N_("Lost %(one)s by one account, %(other)s by the other. Near enough."),
        "little": N_("Lost %(one)s by one account, %(other)s by the other. That says little."),
        "off": N_("Lost %(one)s by one account, %(other)s by the other: %(gap)s apart."),
        "far": N_("Lost %(one)s by one account, %(other)s by the other: %(gap)s apart."),
    },
}


def births(one: CaseProfile, other: CaseProfile, context: Context) -> Line | None:
    """Levels: same_day, same_month, fits, near, little, off, far."""
    if one.birth is None or other.birth is None:
        return None
    level, bits = _dated("birth", one.birth, other.birth)
    two = date_ratio(
        one.birth, other.birth, spread=BETWEEN_SIBLINGS, chance=CHANCE["birth"], wrong=WRONG
    )
    return _of_dates("birth", level, bits, two, one.birth, other.birth)


def losses(one: CaseProfile, other: CaseProfile, context: Context) -> Line | None:
    """Levels: same_day, same_days, same_month, fits, near, little, off, far."""
    if one.missing is None or other.missing is None:
        return None
    level, bits = _dated("separated", one.missing, other.missing)
    return _of_dates("separated", level, bits, bits, one.missing, other.missing)


def _dated(of: str, one: Interval, other: Interval) -> tuple[str, float]:
    gap, widest = gap_days(one, other), max(width_days(one), width_days(other))
    for level, width, gap_at_most, bits in STEPS[of]:
        if widest <= width and gap <= gap_at_most:
            return level, bits
    bits = date_ratio(one, other, spread=SPREAD[of], chance=CHANCE[of], wrong=WRONG)
    return level_of(bits), bits


def _of_dates(of: str, level: str, bits: float, two: float, one: Interval, other: Interval) -> Line:
    params: dict[str, Param] = {
        "one": written(one),
        "other": written(other),
        "both": written(vaguer(one, other)),
        "gap": lapse(gap_days(one, other)),
    }
    reason = DATES[of][level]
    return _line(of, level, bits, two, written(one), written(other), reason, params)


KM: Final = (2.0, 10.0, 50.0, 110.0, 220.0, 450.0, 900.0, 1600.0)
PLACED: Final = (0.60, 0.25, 0.05, 0.03, 0.02, 0.02, 0.02, 0.01)
ANYWHERE: Final = (0.0020, 0.0060, 0.010, 0.020, 0.060, 0.160, 0.360, 0.382)
"""m and u: shares of the distances between the places that two accounts of one loss name, and
between those of any two; the latter as in `compare.places`, its nearest band divided."""
_PLACE_BITS: Final = tuple(log2(m / u) for m, u in zip(PLACED, ANYWHERE, strict=True))
_LOG_KM: Final = tuple(maths.log(km) for km in KM)

PLACE: Final = {
    "near": N_("The places are about %(km)s apart. That is near."),
    "region": N_("The places are about %(km)s apart: the same region."),
    "little": N_("The places are about %(km)s apart. That says little."),
    "far": N_("The places are about %(km)s apart. That is far."),
}


def places(one: CaseProfile, other: CaseProfile, context: Context) -> Line | None:
    """Levels: near, region, little, far."""
    if one.missing_from is None or other.missing_from is None:
        return None
    gap = apart(one.missing_from, other.missing_from)
    if gap is None:
        return None
    bits = interpolate(maths.log(max(gap[1], KM[0])), _LOG_KM, _PLACE_BITS)
    level = "near" if bits >= 3 else "region" if bits >= 0.7 else "little" if bits > -1 else "far"
    params = {"km": distance(max(1.0, gap[1]))}
    mine, theirs = shown(one.missing_from), shown(other.missing_from)
    return _line("separated_from", level, bits, bits, mine, theirs, PLACE[level], params)


MARKS_BELIEVED: Final = 0.66
"""As marks of sightings are: see `searches.matching.weighing`."""
ONE_SIDED: Final = -0.5
"""Bits for each mark that a child is born with and only one of two lists of marks names."""
MOST_ONE_SIDED: Final = 2

ONLY_ONE: Final = N_("A mark that only one account names: %(mark)s.")
OTHER_SIDE: Final = N_(
    "The same mark, but on the other side: %(mark)s in one account, %(seen)s in the other. "
    "People do mix up left and right."
)


def bodies(one: CaseProfile, other: CaseProfile, context: Context) -> Line | None:
    """Levels: rare, common, several, other_side, one_sided. Marks are also read out of the words.
    Two siblings' marks are those of any two children."""
    mine, theirs = marks.filed_marks(one), marks.filed_marks(other)
    if not mine or not theirs:
        return None
    # Where marks fit equally well, which are taken together depends on their order.
    if turned := _by_marks(theirs) < _by_marks(mine):
        mine, theirs = theirs, mine
    agreeing, opposite = marks.paired(mine, theirs, context)
    met = (*agreeing, *opposite)
    lonely = [
        mark
        for side, taken in ((mine, {p.mine for p in met}), (theirs, {p.theirs for p in met}))
        for at, mark in enumerate(side)
        if at not in taken and mark.kind in marks.INBORN
    ]
    surplus = ONE_SIDED * min(len(lonely), MOST_ONE_SIDED)
    agreed = sum(pair.bits for pair in agreeing)
    bits = min(agreed, marks.STRONGEST) * MARKS_BELIEVED + surplus
    if not agreeing and not opposite:
        return _of_marks("one_sided", bits, lonely[0], None, {}) if lonely else None
    best = agreeing[0] if agreeing else opposite[0]
    first, second = mine[best.mine], theirs[best.theirs]
    if turned:
        first, second = second, first
    if not agreeing:
        side = {"seen": code("side", second.side)}
        return _of_marks("other_side", bits + marks.OTHER_SIDE, first, second, side)
    level = "several" if len(agreeing) > 1 else "rare" if bits >= marks.FEW else "common"
    params: dict[str, Param] = {"count": len(agreeing)} if len(agreeing) > 1 else {}
    return _of_marks(level, bits, first, second, params)


def _by_marks(listed: tuple[Mark, ...]) -> list[tuple[str, ...]]:
    return [(mark.kind, mark.body_part, mark.side, mark.text) for mark in listed]


def _of_marks(
    level: str, bits: float, mine: Mark, theirs: Mark | None, params: dict[str, Param]
) -> Line:
    reason = {"one_sided": ONLY_ONE, "other_side": OTHER_SIDE}.get(level) or marks.REASONS[level]
    told = marks.shown(theirs) if theirs else ""
    params = {"mark": marks.in_codes(mine), **params}
    return _line("marks", level, bits, 0.0, marks.shown(mine) if told else "", told, reason, params)


FACE_OF_A_SIBLING: Final = 0.25
"""How much of the bits of faces alike count for two siblings too: some of them are alike."""


def faces(one: CaseProfile, other: CaseProfile, context: Context) -> Line | None:
    """Levels as of `compare.face`, of which the more careful reading of either side counts."""
    read = [
        found
        for filed, told in ((one, other), (other, one))
        if (found := face.compare(filed, _only_faces(told), context)) is not None
    ]
    if not read:
        return None
    found = min(read, key=lambda each: each.weight_bits)
    return Line(found, max(found.weight_bits, 0.0) * FACE_OF_A_SIBLING)


def _only_faces(told: CaseProfile) -> SightingProfile:
    return SightingProfile(id=told.id, kind=SURE, faces=told.faces, seen=told.missing)


PICTURE: Final = {"same": 12.0, "near": 9.0}
PICTURE_OF_TWO: Final = 7.0
"""Bits for one photo in both cases. Here it need never have been hidden: whoever files a child with
a photo from a notice means that child. For siblings: a family photo holds both."""
SAME_PHOTO: Final = {
    "same": N_("The same photo is in both cases."),
    "near": N_("Nearly the same photo is in both cases."),
}


def pictures(one: CaseProfile, other: CaseProfile, context: Context) -> Line | None:
    """Levels: same, near. Different pictures say nothing."""
    apart_by = min(
        (picture.difference(mine, theirs) for mine in one.pictures for theirs in other.pictures),
        default=picture.HASH_BITS,
    )
    if apart_by > picture.SAME_WITHIN:
        return None
    level = "same" if apart_by <= picture.WORTH[0][0] else "near"
    return _line("picture", level, PICTURE[level], PICTURE_OF_TWO, "", "", SAME_PHOTO[level], {})


BLOOD: Final = {
    "same": N_("Both have blood type %(one)s."),
    "other": N_("Blood type %(one)s by one account, %(other)s by the other."),
}


def bloods(one: CaseProfile, other: CaseProfile, context: Context) -> Line | None:
    """Levels: same, other."""
    mine, theirs = blood.parse(one.blood_type), blood.parse(other.blood_type)
    if mine is None or theirs is None:
        return None
    level, bits = blood.weigh(mine, (), theirs, "seeker")
    one_is, other_is = one.blood_type.strip()[:12], other.blood_type.strip()[:12]
    params: dict[str, Param] = {"one": one_is, "other": other_is}
    return _line("blood_type", level, bits, 0.0, one_is, other_is, BLOOD[level], params)


LINES: Final = (faces, pictures, names, births, sexes, losses, places, bodies, bloods)
"""Every comparison. Words, clothes, height and speech are left out: two who tell of one child tell
different things, and two siblings wear and speak alike."""


def counted_once(found: list[Line]) -> list[Line]:
    """A face in one and the same picture is that picture: only the stronger of the two counts."""
    likeness = [line for line in found if line.evidence.comparison in ("face", "picture")]
    if len(likeness) < 2 or min(line.evidence.weight_bits for line in likeness) <= 0:
        return found
    weaker = min(likeness, key=lambda line: line.evidence.weight_bits)
    silent = Line(
        replace(weaker.evidence, level="counted", weight_bits=0.0, reason=COUNTED, params={}), 0.0
    )
    return [silent if line is weaker else line for line in found]


COUNTED: Final = N_("Already counted with another line, because the two repeat each other.")


def seeker_of(case: CaseProfile) -> SightingProfile:
    """The account as a grown child would tell it, which the index of live cases is asked with."""
    return SightingProfile(
        id=case.id,
        kind="seeker",
        sex=case.sex,
        blood_type=case.blood_type,
        marks=case.marks,
        description=case.description,
        faces=case.faces,
        pictures=case.pictures,
        tokens=case.tokens,
        names_heard=case.names,
        birth=case.birth,
        separated=case.missing,
        separated_from=case.missing_from,
    )


def _line(
    comparison: str,
    level: str,
    bits: float,
    two: float,
    one_value: str,
    other_value: str,
    reason: str,
    params: dict[str, Param],
) -> Line:
    found = Evidence(comparison, level, bits, one_value, other_value, reason, params)
    return Line(found, two)
