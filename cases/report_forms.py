"""The screens of a family's report: a few plain questions each, every one of them open.

A form says what was told as changes to the case and the child; services decide what may be.
"""

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgr.platform import dates
from casemgr.platform.dates import PartialDate
from casemgr.platform.fields import civil_zone
from casemgr.platform.forms import MarkForm, PhotosField, RefusableForm, Words, located
from casemgr.platform.vocabularies import Circumstance, PlaceType, Sex
from cases.models import Case, ChildMark
from cases.services import name_pinyin

MAX_LISTED = 20
MAX_PHOTOS_AT_ONCE = 5
MARK_ROWS = 3
_BETWEEN = re.compile(r"[,，、;；/\n]+")
_DONT_KNOW = ("", _("I don't know"))

Changes = dict[str, Any]


class ListedWords(Words):
    """Several short words in one line, between commas of any script."""

    def __init__(self, *, each: int, **kwargs: Any) -> None:
        super().__init__(max_length=MAX_LISTED * (each + 2), **kwargs)
        self.each = each

    def clean(self, value: Any) -> list[str]:
        """The words in the order they were typed, without repeats."""
        typed = _BETWEEN.split(super().clean(value))
        words = list(dict.fromkeys(word.strip() for word in typed if word.strip()))
        if len(words) > MAX_LISTED or any(len(word) > self.each for word in words):
            raise forms.ValidationError(
                _("At most %(most)s, each of at most %(each)s characters, with commas between."),
                params={"most": MAX_LISTED, "each": self.each},
            )
        return words


class StepForm(RefusableForm):
    """One screen. What a reader left as it was is no change, so that nothing is parsed anew."""

    case_fields: ClassVar[tuple[str, ...]] = ()
    child_fields: ClassVar[tuple[str, ...]] = ()
    pointers: ClassVar[Mapping[str, str | None]] = {
        "child.sex": "sex",
        "child.birth_date": "birth_date",
        "child.given_name": "full_name",
        "": None,
    }

    def __init__(self, data: Any = None, files: Any = None, *, case: Case) -> None:
        shown = {name: _as_typed(getattr(case, name)) for name in self.case_fields}
        shown |= {name: _as_typed(getattr(case.child, name)) for name in self.child_fields}
        super().__init__(data, files, initial=shown)
        self.case = case

    def changes(self) -> tuple[Changes, Changes]:
        """What differs from the case as it is: columns of the case, columns of the child."""
        told = self.cleaned_data
        return (
            {n: self._value(n) for n in self.case_fields if told[n] != self._now(n)},
            {n: self._value(n) for n in self.child_fields if told[n] != self._now(n)},
        )

    def _now(self, name: str) -> Any:
        field, shown = self.fields[name], self.initial[name]
        return field.clean(shown) if isinstance(field, ListedWords) else shown

    def _value(self, name: str) -> Any:
        """What was typed as the model keeps it."""
        told = self.cleaned_data[name]
        if name in {"missing_at", "birth_date"}:
            zone = civil_zone()
            return dates.parse(told, today=timezone.localdate(timezone=zone), zone=zone)
        return located(told) if name == "missing_from" else told


def _as_typed(value: Any) -> Any:
    if isinstance(value, list):
        return ", ".join(value)
    if isinstance(value, PartialDate) or hasattr(value, "division_code"):
        return value.text
    return value


class ChildForm(StepForm):
    """Who is missing."""

    child_fields = ("full_name", "nicknames", "sex", "birth_date")

    full_name = Words(
        label=_("What is the child's name?"),
        help_text=_("As it is written. It is not shown to the public."),
        max_length=120,
    )
    nicknames = ListedWords(
        label=_("What is the child called at home?"),
        help_text=_("Pet names and other names, with commas between. For example: 毛毛, A-Mao."),
        each=80,
    )
    sex = forms.ChoiceField(
        label=_("Girl or boy?"),
        choices=[
            (Sex.FEMALE, _("A girl")),
            (Sex.MALE, _("A boy")),
            (Sex.UNKNOWN, _("I'll say later")),
        ],
        widget=forms.RadioSelect,
    )
    birth_date = Words(
        label=_("When was the child born?"),
        help_text=_("For example: 21 May 2016, spring 2016, or just 2016."),
        max_length=200,
    )

    def changes(self) -> tuple[Changes, Changes]:
        """A new name sounds differently, too."""
        case, child = super().changes()
        if "full_name" in child:
            child["name_pinyin"] = name_pinyin(child["full_name"]) if child["full_name"] else ""
        return case, child


class WhenForm(StepForm):
    """When and where the child went missing."""

    case_fields = ("missing_at", "missing_from", "place_type", "circumstance")

    missing_at = Words(
        label=_("When did you last know where the child was?"),
        help_text=_("For example: today at 3 pm, yesterday evening, 3 June, summer 2011."),
        max_length=200,
    )
    missing_from = Words(
        label=_("Where was that?"),
        help_text=_(
            "Town, street, market, village. The public sees the county at most; the rest is for "
            "reviewers."
        ),
        max_length=300,
    )
    place_type = forms.ChoiceField(
        label=_("What kind of place?"),
        required=False,
        choices=[_DONT_KNOW, *(c for c in PlaceType.choices if c[0] != PlaceType.UNKNOWN)],
    )
    circumstance = forms.ChoiceField(
        label=_("What do you think happened?"),
        help_text=_("Whatever it was, nobody here blames you. Only reviewers see it."),
        required=False,
        choices=[_DONT_KNOW, *(c for c in Circumstance.choices if c[0] != Circumstance.UNKNOWN)],
    )


class LooksForm(StepForm):
    """What the child looks like; marks are forms of their own."""

    child_fields = ("height_cm", "clothing", "description")

    height_cm = forms.IntegerField(
        label=_("How tall, in centimetres?"), required=False, min_value=20, max_value=250
    )
    clothing = Words(
        label=_("What was the child wearing?"),
        help_text=_("Colours, pictures on it, shoes, a bag, jewellery."),
        rows=2,
        max_length=1_000,
    )
    description = Words(
        label=_("What else does one notice?"),
        help_text=_("Hair, eyes, teeth, how the child walks and talks, habits, illnesses."),
        rows=4,
        max_length=10_000,
    )


class ChildMarkForm(MarkForm):
    """A mark, and whether it may be on the public page."""

    public = forms.BooleanField(label=_("May be on the public page"), required=False)


def child_mark_forms(case: Case, data: Any = None) -> list[ChildMarkForm]:
    """The marks that are known, and room for more."""
    known: list[ChildMark] = list(case.child.marks.all())
    rows = max(MARK_ROWS, len(known) + 1)
    return [
        ChildMarkForm(
            data,
            prefix=f"mark{row}",
            initial=_mark(known[row - 1]) if row <= len(known) else None,
        )
        for row in range(1, rows + 1)
    ]


def _mark(mark: ChildMark) -> dict[str, Any]:
    return {name: getattr(mark, name) for name in ("kind", "body_part", "side", "text", "public")}


class PhotosForm(StepForm):
    """Photos of the child."""

    photos = PhotosField(label=_("Photos"), most=MAX_PHOTOS_AT_ONCE)


class StoryForm(StepForm):
    """What else can help."""

    case_fields = ("story", "police_reference", "dna_on_file")
    child_fields = ("languages",)

    story = Words(
        label=_("What happened, in your words?"),
        help_text=_("Also what the child would remember: a river, a bridge, a song, an animal."),
        rows=6,
        max_length=10_000,
    )
    languages = ListedWords(
        label=_("Which languages or dialects does the child speak?"),
        help_text=_("With commas between."),
        each=60,
    )
    police_reference = Words(
        label=_("Number of the report to the police"),
        help_text=_("If there is one. It lets a reviewer check your report faster."),
        max_length=60,
    )
    dna_on_file = forms.TypedChoiceField(
        label=_("Have you given a blood sample to the police, for DNA?"),
        required=False,
        choices=[_DONT_KNOW, ("yes", _("Yes")), ("no", _("Not yet"))],
        coerce=lambda told: {"yes": True, "no": False}.get(told),
        empty_value=None,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["dna_on_file"] = {True: "yes", False: "no", None: ""}[self.case.dna_on_file]

    def _now(self, name: str) -> Any:
        return self.case.dna_on_file if name == "dna_on_file" else super()._now(name)


class ReachForm(forms.Form):
    """How a reviewer reaches the family; kept encrypted."""

    name = Words(
        label=_("Your name"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    phone = Words(
        label=_("Your phone number"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "type": "tel"}),
    )
    email = forms.EmailField(
        label=_("Your e-mail address"),
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    note = Words(
        label=_("When and how is it safe to call you?"),
        help_text=_("For example: after 8 pm; don't leave word with anybody else."),
        max_length=300,
    )


class PublicForm(StepForm):
    """What the family agrees to showing."""

    case_fields = ("public_name",)

    agreed = forms.TypedChoiceField(
        label=_("May there be a public page for the child?"),
        choices=[
            ("yes", _("Yes, show a public page")),
            ("no", _("No, search without one")),
        ],
        widget=forms.RadioSelect,
        coerce=lambda told: told == "yes",
        error_messages={"required": _("Choose one of the two.")},
    )
    public_name = Words(
        label=_("Which name may be shown?"),
        help_text=_("A pet name is best. Left empty, it says 'a girl' or 'a boy'."),
        max_length=60,
    )
