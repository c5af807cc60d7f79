"""What anybody can look for among the public cards: only what a card itself says."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Final

from django import forms
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from casemgr.platform import places
from casemgr.platform.fields import civil_zone
from casemgr.platform.forms import Words
from casemgr.platform.places import division_label
from casemgr.platform.vocabularies import Sex
from cases import card_index
from cases.querysets import CaseQuerySet

OLDEST: Final = 120
FIRST_YEAR: Final = 1900
# Over more years than this a search rules too little out for their tokens to be worth asking.
MOST_YEARS: Final = 40


def _provinces() -> Iterable[tuple[str, str]]:
    yield "", str(_("Anywhere"))
    language = get_language() or "en"
    for unit in places.divisions().values():
        if unit.level == "province" and unit.until is None:
            yield unit.code, division_label(unit, language)


class PublicSearchForm(forms.Form):
    """Words, sex, age today, province and years; what is left empty asks for nothing."""

    q = Words(label=_("Name or place"), max_length=60)
    sex = forms.ChoiceField(
        label=_("Girl or boy"),
        required=False,
        choices=[("", _("Either")), (Sex.FEMALE, _("A girl")), (Sex.MALE, _("A boy"))],
    )
    province = forms.ChoiceField(label=_("Last seen in"), required=False, choices=_provinces)
    age_from = forms.IntegerField(
        label=_("Age today, from"), required=False, min_value=0, max_value=OLDEST
    )
    age_to = forms.IntegerField(
        label=pgettext_lazy("age", "to"), required=False, min_value=0, max_value=OLDEST
    )
    year_from = forms.IntegerField(
        label=_("Missing since, from"), required=False, min_value=FIRST_YEAR, max_value=9999
    )
    year_to = forms.IntegerField(
        label=pgettext_lazy("year", "to"), required=False, min_value=FIRST_YEAR, max_value=9999
    )

    def clean(self) -> dict[str, Any]:
        """Ends in order."""
        told = self.cleaned_data
        for first, last in (("age_from", "age_to"), ("year_from", "year_to")):
            one, other = told.get(first), told.get(last)
            if one is not None and other is not None and one > other:
                self.add_error(first, _("The first is larger than the second."))
        return told

    @property
    def asks(self) -> bool:
        """Whether anything is looked for."""
        return self.is_bound and any(self.data.get(name) for name in self.fields)

    def narrow(self, cases: CaseQuerySet) -> CaseQuerySet:
        """Of `cases`, whose cards are up, those whose cards say what is looked for."""
        told = self.cleaned_data
        if told["q"]:
            cases = _saying(cases, told["q"])
        if told["sex"]:
            cases = _under(cases, card_index.sex_token(told["sex"]))
        if told["province"]:
            cases = _under(cases, card_index.division_token(told["province"][:2]))
        return self._of_age(self._of_years(cases))

    def _of_years(self, cases: CaseQuerySet) -> CaseQuerySet:
        """Those who may have gone missing within the years."""
        first, last = self.cleaned_data["year_from"], self.cleaned_data["year_to"]
        if first is None and last is None:
            return cases
        if first is not None:
            cases = cases.filter(missing_at_latest__gte=_new_year(first))
        if last is not None:
            cases = cases.filter(missing_at_earliest__lt=_new_year(last + 1))
        return _within(cases, card_index.missing_between, first, last)

    def _of_age(self, cases: CaseQuerySet) -> CaseQuerySet:
        """Those whose age a card tells, and may be within the bounds."""
        least, most = self.cleaned_data["age_from"], self.cleaned_data["age_to"]
        if least is None and most is None:
            return cases
        born = "child__birth_date"
        told = F(f"{born}_earliest") + card_index.WIDEST_AGE
        cases = cases.filter(**{f"{born}_latest__lte": told})
        if least is not None:
            cases = cases.filter(**{f"{born}_earliest__lte": _years_ago(least)})
        if most is not None:
            cases = cases.filter(**{f"{born}_latest__gt": _years_ago(most + 1)})
        this_year = timezone.localdate(timezone=civil_zone()).year
        first = None if most is None else this_year - most - 1
        return _within(cases, card_index.born_between, first, this_year - (least or 0))


def _under(cases: CaseQuerySet, token: str) -> CaseQuerySet:
    return cases.filter(card_tokens__contains=[token])


def _within(
    cases: CaseQuerySet,
    tokens: Callable[[int, int], list[str]],
    first: int | None,
    last: int | None,
) -> CaseQuerySet:
    """Those with a token of one of these years, where that rules out enough to be worth it."""
    this_year = timezone.localdate(timezone=civil_zone()).year
    years = max(first or FIRST_YEAR, FIRST_YEAR), min(last or this_year, this_year)
    if years[1] - years[0] > MOST_YEARS:
        return cases
    return cases.filter(card_tokens__overlap=tokens(*years))


def _saying(cases: CaseQuerySet, words: str) -> CaseQuerySet:
    """Cards whose name has these words in it, or whose county, prefecture or province they name."""
    unnamed = Q(public_name="")
    found = (
        Q(public_name__icontains=words)
        | unnamed & Q(child__given_name__icontains=words)
        | unnamed & Q(child__given_name="", child__nicknames__0__icontains=words)
    )
    indexed = Q(card_tokens__contains=card_index.name_part_tokens(words))
    unit = places.find(words)
    if unit is not None:
        code = unit.code[: card_index.DIGITS[unit.level]]
        there = Q(card_tokens__contains=[card_index.division_token(code)])
        found, indexed = found | there, indexed | there
    return cases.filter(indexed, found)


def _new_year(year: int) -> datetime:
    return datetime(min(year, 9999), 1, 1, tzinfo=civil_zone())


def _years_ago(years: int) -> datetime:
    today = timezone.localdate(timezone=civil_zone())
    day = min(today.day, 28) if today.month == 2 else today.day
    return datetime(today.year - years, today.month, day, tzinfo=civil_zone())
