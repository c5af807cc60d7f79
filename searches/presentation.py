"""How a judged match is shown: evidence as a waterfall of signed bars, chances in words, faces."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from casemgr.platform.photos import FaceFields, PhotoFields
from casemgr.platform.vocabularies import BodyPart, MarkKind, PhotoStatus, Sex, Side
from searches.explain import Explained, explain
from searches.matching.duplicates import Judged
from searches.models import Match

COMPARISONS = {
    "age": gettext_lazy("Age"),
    "birth": gettext_lazy("Birth"),
    "blood_type": gettext_lazy("Blood type"),
    "clothing": gettext_lazy("Clothing"),
    "ethnicity": gettext_lazy("Ethnicity"),
    "face": gettext_lazy("Face"),
    "height": gettext_lazy("Height"),
    "impossible": gettext_lazy("Order of events"),
    "language": gettext_lazy("Language"),
    "marks": gettext_lazy("Marks"),
    "name": gettext_lazy("Name"),
    "picture": gettext_lazy("Same picture"),
    "place": gettext_lazy("Place"),
    "separated": gettext_lazy("When separated"),
    "separated_from": gettext_lazy("Where from"),
    "sex": gettext_lazy("Sex"),
    "together": gettext_lazy("Correction"),
    "two_children": gettext_lazy("Perhaps two"),
    "words": gettext_lazy("Words"),
}
# Comparisons whose values may be codes, and of which lists.
CODED = {"sex": (Sex,), "marks": (MarkKind, BodyPart, Side)}
# Bars are drawn on a scale of this many units, with a little air at either end.
SCALE = 1000.0
AIR = 0.02
THINNEST = 6.0
# A face is shown with this much of its own size around it.
MARGIN = 0.55


class Sums(Protocol):
    """What drawing reads of a judged pair, stored or fresh."""

    @property
    def weight_bits(self) -> float: ...
    @property
    def prior_bits(self) -> float: ...


class Told(Explained, Protocol):
    """What drawing reads of a line of evidence, stored or fresh."""

    @property
    def comparison(self) -> str: ...
    @property
    def weight_bits(self) -> float: ...
    @property
    def case_value(self) -> str: ...
    @property
    def sighting_value(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Bar:
    """One step of the waterfall; `side` is for, against, prior, sum or '' (no say)."""

    x: float
    width: float
    side: str


@dataclass(frozen=True, slots=True)
class Line:
    """One comparison as it is read: its name, the sentence, both values, signed bits and a bar.

    `new` marks what was not known when the pair was rejected.
    """

    name: str
    sentence: str
    case_value: str
    sighting_value: str
    bits: str
    side: str
    bar: Bar
    new: bool = False


@dataclass(frozen=True, slots=True)
class Waterfall:
    """Prior, lines and sum on one scale; at `zero` both answers are as likely.

    `evidence` is the sum of the lines without the prior, signed.
    """

    evidence: str
    prior: Line
    lines: tuple[Line, ...]
    total: Line
    zero: float


@dataclass(frozen=True, slots=True)
class FaceView:
    """A photo with its face: the box in the photo's pixels, and the part to show when close."""

    photo: PhotoFields
    box: tuple[int, int, int, int] | None
    close: str


def waterfall(match: Match, news: Collection[str] = ()) -> Waterfall:
    """The evidence in its stored order, strongest first; each bar starts where the last ended.

    `news` names the comparisons whose lines are marked as new.
    """
    before = _("How likely it is that a sighting is of one given child, knowing nothing else.")
    lines = list(match.evidence.all())
    return _drawn(match, lines, match.probability, before=before, news=news)


def waterfall_of_pair(judged: Judged, news: Collection[str] = ()) -> Waterfall:
    """The same for two cases and the question whether they are of one child."""
    before = _("How likely it is that two given cases are of one child, knowing nothing else.")
    return _drawn(judged, judged.evidence, judged.chance_of_one, before=before, news=news)


def _drawn(
    sums: Sums,
    evidence: Sequence[Told],
    probability: float,
    *,
    before: str,
    news: Collection[str],
) -> Waterfall:
    steps = [sums.prior_bits, *(line.weight_bits for line in evidence)]
    ends = [sum(steps[: count + 1]) for count in range(len(steps))]
    scale = _Scale(ends)
    total = ends[-1]
    return Waterfall(
        evidence=signed(sums.weight_bits),
        prior=Line(
            name=_("Before looking"),
            sentence=before,
            case_value="",
            sighting_value="",
            bits=signed(sums.prior_bits),
            side="prior",
            bar=scale.bar(0.0, sums.prior_bits, "prior"),
        ),
        lines=tuple(
            _line(
                line,
                scale.bar(ends[index], ends[index + 1], _side(line.weight_bits)),
                new=line.comparison in news,
            )
            for index, line in enumerate(evidence)
        ),
        total=Line(
            name=_("All together"),
            sentence=chance(probability),
            case_value="",
            sighting_value="",
            bits=signed(total),
            side=_side(total),
            bar=scale.bar(0.0, total, "sum"),
        ),
        zero=scale.at(0.0),
    )


def _line(line: Told, bar: Bar, *, new: bool) -> Line:
    return Line(
        name=str(COMPARISONS.get(line.comparison, line.comparison)),
        sentence=explain(line),
        case_value=_value(line.comparison, line.case_value),
        sighting_value=_value(line.comparison, line.sighting_value),
        bits=signed(line.weight_bits),
        side=_side(line.weight_bits),
        bar=bar,
        new=new,
    )


class _Scale:
    """Bits to drawing units."""

    def __init__(self, ends: Iterable[float]) -> None:
        marks = [0.0, *ends]
        low, high = min(marks), max(marks)
        air = max(high - low, 1.0) * AIR
        self._low, self._per_bit = low - air, SCALE / max(high - low + 2 * air, 1.0)

    def at(self, bits: float) -> float:
        return round((bits - self._low) * self._per_bit, 1)

    def bar(self, start: float, end: float, side: str) -> Bar:
        left, right = sorted((self.at(start), self.at(end)))
        return Bar(left, max(round(right - left, 1), THINNEST), side)


def signed(bits: float) -> str:
    """'+8.1', '−0.2' or '0.0', with a real minus."""
    text = f"{abs(bits):.1f}"
    if text == "0.0":
        return text
    return f"+{text}" if bits > 0 else f"−{text}"


def _side(bits: float) -> str:
    if abs(bits) < 0.05:
        return ""
    return "for" if bits > 0 else "against"


def _value(comparison: str, value: str) -> str:
    """Values are the writers' own words or figures; where there were none, codes to be named."""
    lists = CODED.get(comparison, ())
    labels = {code: str(label) for codes in lists for code, label in codes.choices}
    parts = value.split(", ")
    return ", ".join(labels[part] for part in parts) if labels.keys() >= set(parts) else value


def chance(probability: float) -> str:
    """A probability as people say it, with the doubt left in."""
    if probability >= 0.995:
        return _("More than 99 in 100, if the figures are right. People decide.")
    if probability >= 0.1:
        return _("About %(count)s in 100, if the figures are right.") % {
            "count": round(probability * 100)
        }
    if probability >= 0.000_5:
        return _("About 1 in %(count)s, if the figures are right.") % {
            "count": f"{_round(1 / probability):,}"
        }
    return _("Less than 1 in 2,000, if the figures are right.")


def _round(number: float) -> int:
    """Two digits are all that such a figure can bear."""
    step = 1
    while number / step >= 100:
        step *= 10
    return round(number / step) * step


def face_views(photos: Iterable[Any]) -> list[FaceView]:
    """The ready photos, each with where its face is."""
    return [_face_view(photo) for photo in photos if photo.status == PhotoStatus.READY]


def _face_view(photo: PhotoFields) -> FaceView:
    face: FaceFields | None = getattr(photo, "face", None)
    if face is None or not photo.width or not photo.height:
        return FaceView(photo, None, "")
    left, top, width, height = face.box
    margin_x, margin_y = width * MARGIN, height * MARGIN
    close = (
        f"{left - margin_x:.0f} {top - margin_y:.0f} "
        f"{width + 2 * margin_x:.0f} {height + 2 * margin_y:.0f}"
    )
    return FaceView(photo, (left, top, width, height), close)
