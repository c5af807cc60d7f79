"""How the params of a reason are written and turned into words. Pure: the caller brings the tongue.

A param is one of
- a plain string, shown as it is (a name, a word from a description, a date);
- a number, shown as it is;
- a code of a vocabulary, `{"list": "body_part", "code": "shoulder"}`, shown by its label; the list
  "term" is the bilingual vocabulary of `casemgr.platform.text`, without its "t:";
- a quantity, `{"unit": "year", "count": 9}`, shown with the right plural;
- a tuple of these, shown as a list; a tuple in a tuple is one item, its parts shown together
  ('red jacket', 红色外套).
"""

from collections.abc import Callable, Mapping
from typing import Final

from casemgr.platform.i18n import N_
from searches.matching.types import Param

UNITS: Final = {
    "hour": (N_("%(count)s hour"), N_("%(count)s hours")),
    "day": (N_("%(count)s day"), N_("%(count)s days")),
    "month": (N_("%(count)s month"), N_("%(count)s months")),
    "year": (N_("%(count)s year"), N_("%(count)s years")),
    "month_old": (N_("%(count)s month old"), N_("%(count)s months old")),
    "year_old": (N_("%(count)s year old"), N_("%(count)s years old")),
    "cm": (N_("%(count)s cm"),) * 2,
    "km": (N_("%(count)s km"),) * 2,
}
"""Message for one and for many of each unit a quantity may have."""

HOURS_A_DAY: Final = 24
DAYS_A_MONTH: Final = 30.44
DAYS_A_YEAR: Final = 365.25


def code(vocabulary: str, value: str) -> Param:
    """A vocabulary code, to be labelled when shown."""
    return {"list": vocabulary, "code": value}


def quantity(unit: str, count: float) -> Param:
    """A whole number of `unit`, one of UNITS."""
    return {"unit": unit, "count": round(count)}


def lapse(days: float) -> Param:
    """A length of time in the unit a person would use: hours, days, months or years."""
    if days < 0.8:
        return quantity("hour", max(1, days * HOURS_A_DAY))
    if days < 60:
        return quantity("day", days)
    if days < 2 * DAYS_A_YEAR:
        return quantity("month", days / DAYS_A_MONTH)
    return quantity("year", days / DAYS_A_YEAR)


def distance(km: float) -> Param:
    """A distance rounded the way people say it: 3, 40, 350, 1,500 km."""
    if km < 20:
        return quantity("km", km)
    step = 10 if km < 300 else 50 if km < 1000 else 100
    return quantity("km", round(km / step) * step)


def fill(
    reason: str,
    params: Mapping[str, Param],
    *,
    translate: Callable[[str], str],
    label: Callable[[str, str], str],
    joiner: str = ", ",
    tight_joiner: str = " ",
) -> str:
    """Return `reason` as a sentence: translated, its placeholders filled.

    `translate` is gettext and `label(list, code)` gives a code's label; the joiners stand between
    the items of a list, and between the parts of one item. A quantity is translated by its English
    form for one or for many, which serves English and Chinese; a language with more forms needs
    ngettext here.
    """

    def shown(param: Param, between: str) -> str:
        if isinstance(param, str | int | float):
            return str(param)
        if isinstance(param, tuple | list):
            return between.join(shown(part, tight_joiner) for part in param)
        if "unit" in param:
            count = int(param["count"])
            one, many = UNITS[str(param["unit"])]
            return translate(one if count == 1 else many) % {"count": f"{count:,}"}
        return label(str(param["list"]), str(param["code"]))

    return translate(reason) % {name: shown(param, joiner) for name, param in params.items()}
