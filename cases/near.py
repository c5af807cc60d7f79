"""Open cases near a place: by the county, prefecture or province that a card itself tells."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

from django import forms
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from casemgr.platform import places
from casemgr.platform.forms import Words
from casemgr.platform.places import Division, distance_km
from cases.card_index import DIGITS
from cases.querysets import CaseQuerySet
from cases.told_places import told_in_words

DISTANCES: Final = (50, 100, 200, 300, 500)
USUAL_KM: Final = 100
_CODE = re.compile(r"[0-9]{6}")


def _distances() -> Iterator[tuple[int, str]]:
    for km in DISTANCES:
        yield km, gettext("%(km)s km") % {"km": km}


class NearForm(forms.Form):
    """A place in words or by its code, and how far around it; the division is worked out of it."""

    place = Words(
        label=_("Near which place?"),
        help_text=_("A county, a city or a province. For example: Kunming, 深圳市南山区."),
        max_length=60,
    )
    within = forms.TypedChoiceField(
        label=_("How far?"),
        choices=_distances,
        coerce=int,
        initial=USUAL_KM,
    )

    def clean_place(self) -> Division | None:
        """The division that was meant; None where nothing was typed."""
        typed = str(self.cleaned_data["place"]).strip()
        if not typed:
            return None
        unit = places.division(typed) if _CODE.fullmatch(typed) else places.find(typed)
        if unit is None:
            raise forms.ValidationError(
                _("We know no such place. Try the name of the county or city it lies in.")
            )
        return unit

    @property
    def unit(self) -> Division | None:
        """Where to look; None while nothing valid was asked."""
        unit: Division | None = self.cleaned_data.get("place") if self.is_bound else None
        return unit

    def narrow(self, cases: CaseQuerySet) -> CaseQuerySet:
        """Of `cases`, whose cards are up, those that tell a place around the one asked for."""
        told: dict[str, Any] = self.cleaned_data
        unit: Division | None = told.get("place")
        if unit is None or self.errors:
            return cases.none()
        if unit.level == "province":
            of_code = Q(missing_from_division__startswith=unit.code[:2])
        else:
            of_code = Q(missing_from_division__in=codes_around(unit.code, told["within"]))
        in_words = [
            pk
            for pk, there in told_in_words(cases)
            if there is not None and _is_around(unit, there, told["within"])
        ]
        return cases.filter(of_code | Q(pk__in=in_words))


def _is_around(centre: Division, unit: Division, km: int) -> bool:
    if centre.level == "province":
        return unit.code[:2] == centre.code[:2]
    return unit.code in codes_around(centre.code, km)


@lru_cache(maxsize=512)
def codes_around(code: str, km: int) -> frozenset[str]:
    """Codes, also former ones, of what lies in a division or has its seat within `km` of its own.

    Provinces are left out unless it is one: that a child was lost somewhere in a province says
    nothing of a city in it.
    """
    centre = places.divisions()[code]
    inside = code[: DIGITS[centre.level]]
    found: list[str] = []
    for unit in places.divisions().values():
        if unit.level == "province" and unit.code != code:
            continue
        apart = distance_km(centre.latitude, centre.longitude, unit.latitude, unit.longitude)
        if unit.code.startswith(inside) or apart <= km:
            found += [unit.code, *unit.former_codes]
    return frozenset(found)


def kilometres(centre: Division, unit: Division | None) -> int | None:
    """How far a division's seat is from another's, in tens; None where one of them is a province
    or unknown.
    """
    if unit is None or "province" in (unit.level, centre.level):
        return None
    apart = distance_km(centre.latitude, centre.longitude, unit.latitude, unit.longitude)
    return round(apart / 10) * 10
