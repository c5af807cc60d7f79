"""The facets that cases are counted by: each is one code for each case, `unknown` where none is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db.models import Case as CaseWhen
from django.db.models import CharField, F, Func, IntegerField, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Cast, Coalesce, ExtractYear, Now, NullIf, Substr
from django.utils import timezone
from django.utils.translation import get_language, gettext, pgettext_lazy

from casemgr.platform.access import Actor, Role
from casemgr.platform.fields import civil_zone
from casemgr.platform.places import division
from casemgr.platform.vocabularies import (
    CaseStatus,
    ChildSituation,
    Circumstance,
    OutcomeKind,
    PlaceType,
    Sex,
)
from cases.models import LIVE_STATUSES, UNTOLD_STATUSES, Case, Clue, ClueKind, Outcome, StepKind
from cases.outcome_rules import FOUND_KINDS

UNKNOWN = "unknown"
NONE = "none"


class Level(StrEnum):
    """Who reads: reviewers everything, programs and the public what may leave the house."""

    INTERNAL = "internal"
    PARTNER = "partner"
    PUBLIC = "public"


def level_of(actor: Actor) -> Level:
    """The level at which an actor reads figures."""
    if actor.has(Role.REVIEWER):
        return Level.INTERNAL
    return Level.PARTNER if actor.has(Role.STATISTICS_READ) else Level.PUBLIC


def confirmed_outcomes() -> Any:
    """Outcomes of the case at hand that stand and that two reviewers agreed on."""
    return Outcome.objects.filter(
        case=OuterRef("pk"),
        ended_at__isnull=True,
        steps__kind=StepKind.CONFIRMED,
        steps__undone_at__isnull=True,
    )


def told(level: Level) -> Q:
    """Cases whose end may be read: internally all; else those whose family was told, and those that
    ended without anybody being located.
    """
    if level is Level.INTERNAL:
        return Q()
    return ~Q(status__in=UNTOLD_STATUSES) | Q(family_told_at__isnull=False)


def _code(name: str) -> Any:
    return Coalesce(NullIf(F(name), Value("")), Value(UNKNOWN))


def _year(level: Level) -> Any:
    zone = civil_zone()
    first = ExtractYear("missing_at_earliest", tzinfo=zone)
    return CaseWhen(
        When(
            Q(missing_at_earliest__isnull=False) & Q(missing_year_first=F("missing_year_last")),
            then=Cast(first, CharField()),
        ),
        default=Value(UNKNOWN),
    )


def _filed(level: Level) -> Any:
    return Cast(ExtractYear("created_at", tzinfo=civil_zone()), CharField())


def _ended(level: Level) -> Any:
    """The year in which a case ended, as far as it may be read."""
    over = ~Q(status__in=LIVE_STATUSES) & told(level)
    year = Cast(ExtractYear(ended_on(level), tzinfo=civil_zone()), CharField())
    return CaseWhen(When(over, then=year), default=Value(NONE), output_field=CharField())


def _province(level: Level) -> Any:
    return CaseWhen(
        When(missing_from_division="", then=Value(UNKNOWN)),
        default=Substr("missing_from_division", 1, 2),
        output_field=CharField(),
    )


def _whole_years(earlier: Any, later: Any) -> Func:
    return Func(
        later,
        earlier,
        template="extract(year from age(%(expressions)s))::integer",
        output_field=IntegerField(),
    )


AGES: Mapping[str, int | None] = {"0-2": 3, "3-5": 6, "6-11": 12, "12-17": 18, "18+": None}
WAITS: Mapping[str, int | None] = {
    "0": 1,
    "1": 2,
    "2-4": 5,
    "5-9": 10,
    "10-19": 20,
    "20+": None,
}


def _outcome(level: Level) -> Any:
    kind = Subquery(confirmed_outcomes().values("kind")[:1], output_field=CharField())
    withdrawn = When(status=CaseStatus.WITHDRAWN, then=Value(OutcomeKind.WITHDRAWN.value))
    ended = When(told(level) & ~Q(status__in=LIVE_STATUSES), then=Coalesce(kind, Value(UNKNOWN)))
    return CaseWhen(withdrawn, ended, default=Value(NONE), output_field=CharField())


def _told_in_earlier_years(level: Level) -> Q:
    """Cases whose end was told to the family before this year began; internally all.

    Where children were found moves once a year, all of a year together: in figures that move from
    day to day, whoever was told yesterday would read today where their child is.
    """
    if level is Level.INTERNAL:
        return Q()
    year = timezone.now().astimezone(civil_zone()).year
    return Q(family_told_at__lt=datetime(year, 1, 1, tzinfo=civil_zone()))


def _found_province(level: Level) -> Any:
    province = Subquery(confirmed_outcomes().values("found_province")[:1])
    over = ~Q(status__in=LIVE_STATUSES) & told(level)
    return CaseWhen(
        When(
            over & _told_in_earlier_years(level),
            then=Coalesce(NullIf(province, Value("")), Value(UNKNOWN)),
        ),
        When(over, then=Value(UNKNOWN)),
        default=Value(NONE),
        output_field=CharField(),
    )


def _state(level: Level) -> Any:
    """open, found, or ended otherwise."""
    kinds = Outcome.objects.filter(
        kind__in=FOUND_KINDS,
        ended_at__isnull=True,
        steps__kind=StepKind.CONFIRMED,
        steps__undone_at__isnull=True,
    )
    found = Q(pk__in=kinds.values("case")) & ~Q(status__in=LIVE_STATUSES) & told(level)
    ended = ~Q(status__in=LIVE_STATUSES) & told(level)
    return CaseWhen(
        When(found, then=Value("found")),
        When(ended, then=Value("ended")),
        default=Value("open"),
        output_field=CharField(),
    )


def _solved_by(level: Level) -> Any:
    first = Clue.objects.filter(
        outcome__case=OuterRef("pk"), outcome__ended_at__isnull=True, rank=1
    )
    kind = Subquery(first.values("kind")[:1], output_field=CharField())
    return CaseWhen(
        When(
            ~Q(status__in=LIVE_STATUSES) & told(level),
            then=Coalesce(kind, Value(UNKNOWN)),
        ),
        default=Value(NONE),
        output_field=CharField(),
    )


@dataclass(frozen=True, slots=True)
class Facet:
    """One way to tell cases apart: `expression` gives the code, `words` a code's label.

    With `bands`, the expression gives a number, and each band the number that it ends before.
    """

    name: str
    label: Any
    expression: Callable[[Level], Any]
    words: Callable[[str], str]
    bands: Mapping[str, int | None] | None = None

    def rank(self, code: str) -> tuple[int, int, str]:
        """Where a code stands in a table: bands from the lowest on, what is not known last."""
        bands = list(self.bands or ())
        return (code == UNKNOWN, bands.index(code) if code in bands else 0, code)

    def annotated(self, cases: Any, level: Level) -> Any:
        """The cases with this facet's code under `facet_NAME`."""
        if self.bands is None:
            return cases.annotate(**{f"facet_{self.name}": self.expression(level)})
        number = f"number_{self.name}"
        whens = [
            When(**{f"{number}__lt": most}, then=Value(code))
            for code, most in self.bands.items()
            if most is not None
        ]
        last = next(code for code, most in self.bands.items() if most is None)
        whens.append(When(**{f"{number}__isnull": False}, then=Value(last)))
        return cases.annotate(**{number: self.expression(level)}).annotate(
            **{f"facet_{self.name}": CaseWhen(*whens, default=Value(UNKNOWN))}
        )


def _from(vocabulary: Any, **more: Any) -> Callable[[str], str]:
    labels = dict(vocabulary.choices)

    def words(code: str) -> str:
        if code == UNKNOWN:
            return str(_UNKNOWN)
        return str(labels.get(code) or more.get(code) or code)

    return words


_UNKNOWN = pgettext_lazy("statistics", "not known")
_NOT_ENDED = pgettext_lazy("statistics", "still open")
_STATES = {
    "open": pgettext_lazy("statistics", "open"),
    "found": pgettext_lazy("statistics", "found"),
    "ended": pgettext_lazy("statistics", "ended otherwise"),
}


def _province_name(code: str) -> str:
    if code == NONE:
        return str(_NOT_ENDED)
    found = division(f"{code}0000") if code != UNKNOWN else None
    if found is None:
        return str(_UNKNOWN)
    return found.name_zh if (get_language() or "").startswith("zh") else found.name_en


def _years_of(code: str) -> str:
    if code == UNKNOWN:
        return str(_UNKNOWN)
    return gettext("%(years)s years") % {"years": code.replace("-", "–")}


def _aged(code: str) -> str:
    if code == UNKNOWN:
        return str(_UNKNOWN)
    return gettext("aged %(years)s") % {"years": code.replace("-", "–")}


def _as_it_is(code: str) -> str:
    return str({UNKNOWN: _UNKNOWN, NONE: _NOT_ENDED}.get(code, code))


def _born(level: Level) -> Any:
    return _whole_years(F("child__birth_date_earliest"), F("missing_at_earliest"))


def _waited(level: Level) -> Any:
    return _whole_years(F("missing_at_earliest"), ended_on(level))


def ended_on(level: Level) -> Any:
    """When a case ended, as far as it may be read: its outcome's day, else when it was closed, else
    now.
    """
    day = Subquery(confirmed_outcomes().values("occurred_at_earliest")[:1])
    over = ~Q(status__in=LIVE_STATUSES) & told(level)
    return CaseWhen(When(over, then=Coalesce(day, F("ended_at"), F("updated_at"))), default=Now())


FACETS: Mapping[str, Facet] = {
    facet.name: facet
    for facet in (
        Facet(
            "state",
            pgettext_lazy("facet", "Open or found"),
            _state,
            lambda code: str(_STATES[code]),
        ),
        Facet("year", pgettext_lazy("facet", "Year of disappearance"), _year, _as_it_is),
        Facet("filed", pgettext_lazy("facet", "Year of the report"), _filed, _as_it_is),
        Facet("ended", pgettext_lazy("facet", "Year of the end"), _ended, _as_it_is),
        Facet("province", pgettext_lazy("facet", "Province"), _province, _province_name),
        Facet(
            "found_province",
            pgettext_lazy("facet", "Province where found"),
            _found_province,
            _province_name,
        ),
        Facet(
            "age",
            pgettext_lazy("facet", "Age when missing"),
            _born,
            _aged,
            AGES,
        ),
        Facet("sex", pgettext_lazy("facet", "Sex"), lambda level: _code("child__sex"), _from(Sex)),
        Facet(
            "place_type",
            pgettext_lazy("facet", "Kind of place"),
            lambda level: _code("place_type"),
            _from(PlaceType),
        ),
        Facet(
            "circumstance",
            pgettext_lazy("facet", "Circumstance"),
            lambda level: _code("circumstance"),
            _from(Circumstance),
        ),
        Facet(
            "child_situation",
            pgettext_lazy("facet", "Child's situation"),
            lambda level: _code("child_situation"),
            _from(ChildSituation),
        ),
        Facet(
            "outcome",
            pgettext_lazy("facet", "Outcome"),
            _outcome,
            _from(OutcomeKind, none=_NOT_ENDED),
        ),
        Facet(
            "solved_by",
            pgettext_lazy("facet", "What solved it"),
            _solved_by,
            _from(ClueKind, none=_NOT_ENDED),
        ),
        Facet(
            "waited",
            pgettext_lazy("facet", "Years until the end, or until now"),
            _waited,
            _years_of,
            WAITS,
        ),
    )
}


def counted(level: Level) -> Any:
    """The cases that figures are about: handed in, not emptied, and no double of another."""
    zone = civil_zone()
    return (
        Case.objects.filter(child__isnull=False)
        .exclude(status__in=[CaseStatus.DRAFT, CaseStatus.MERGED])
        .annotate(
            missing_year_first=ExtractYear("missing_at_earliest", tzinfo=zone),
            missing_year_last=ExtractYear("missing_at_latest", tzinfo=zone),
        )
    )
