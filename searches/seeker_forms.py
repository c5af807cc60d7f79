"""What somebody tells who thinks they were taken as a child: a sighting of themselves."""

from typing import Any, ClassVar

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgr.platform.dates import PartialDate
from casemgr.platform.errors import Invalid
from casemgr.platform.fields import civil_zone
from casemgr.platform.forms import PhotosField, Words, located
from casemgr.platform.vocabularies import PhotoShows, Sex, SightingKind
from cases.report_forms import ListedWords
from cases.rules import Refusals, refuse_future
from searches.forms import ToldForm, parsed
from searches.services import MAX_PHOTOS_AT_ONCE


class SeekerForm(ToldForm):
    """What is remembered, when and where they came away, what they look like."""

    photo_fields = ("photos_then", "photos_now")
    pointers: ClassVar = {**ToldForm.pointers, "photos": None}

    memories = Words(
        label=_("What do you remember?"),
        help_text=_(
            "People, the house, a river or a hill, food, a song, a word that nobody says where "
            "you live now, the way you were brought. Small things count."
        ),
        rows=7,
        max_length=10_000,
    )
    name_heard = Words(
        label=_("What were you called then?"),
        help_text=_("A pet name or a family name, as it sounded."),
        max_length=120,
    )
    languages = ListedWords(
        label=_("Which language or dialect was spoken at home?"),
        help_text=_("If several, with commas between."),
        each=60,
    )
    separated_at = Words(
        label=_("When did you come away from your family?"),
        help_text=_("A year or a season is enough. For example: spring 1999, about 1998."),
        max_length=200,
    )
    separated_from = Words(
        label=_("Where was that?"),
        help_text=_("A village, a town, a province: whatever you know, or were told."),
        max_length=300,
    )
    place = Words(
        label=_("Where did you grow up after that?"),
        help_text=_("A county or a city is enough. Nobody who is looking is told of it."),
        max_length=300,
    )
    sex = forms.ChoiceField(
        label=_("Are you a woman or a man?"),
        choices=[
            (Sex.FEMALE, _("A woman")),
            (Sex.MALE, _("A man")),
            (Sex.UNKNOWN, _("I'd rather not say")),
        ],
        initial=Sex.UNKNOWN,
        widget=forms.RadioSelect,
        required=False,
    )
    birth_date = Words(
        label=_("When were you born?"),
        help_text=_("As far as you know, or were told. For example: 1996, about 1995."),
        max_length=200,
    )
    description = Words(
        label=_("What else should we know?"),
        help_text=_("What stayed the same since you were small: hair, ears, teeth, an illness."),
        rows=3,
        max_length=10_000,
    )
    photos_then = PhotosField(label=_("Photos of you as a child"), most=MAX_PHOTOS_AT_ONCE)
    then_taken = Words(
        label=_("About when were they taken?"),
        help_text=_("For example: 2001, spring 2003."),
        max_length=200,
    )
    photos_now = PhotosField(label=_("Photos of you today"), most=MAX_PHOTOS_AT_ONCE)
    dna_on_file = forms.TypedChoiceField(
        label=_("Have you given a blood sample to the police, for DNA?"),
        required=False,
        choices=[("", _("I don't know")), ("yes", _("Yes")), ("no", _("Not yet"))],
        coerce=lambda told: {"yes": True, "no": False}.get(told),
        empty_value=None,
        widget=forms.RadioSelect,
    )

    def clean(self) -> dict[str, Any]:
        """Also a photo's date can't lie ahead."""
        refusals: Refusals = {}
        refuse_future(parsed(self.cleaned_data.get("then_taken", "")), "then_taken", refusals)
        if refusals:
            self.take_refusals(Invalid(refusals))
        return super().clean()

    def take_refusals(self, refused: Invalid) -> None:
        """As every form does; what would be enough is said in a seeker's words."""
        fields = dict(refused.fields)
        if fields.get("", ("",))[0] == "nothing_to_go_by":
            fields[""] = (
                "nothing_to_go_by",
                _("Tell one thing that you remember, or add a photo. Any one of them will do."),
            )
        super().take_refusals(Invalid(fields))

    def values(self) -> dict[str, Any]:
        """The facts as `log_sighting` takes them. The moment of telling is no date of theirs."""
        told = self.cleaned_data
        kept = ("memories", "name_heard", "languages", "description", "dna_on_file")
        return {
            "kind": SightingKind.SEEKER,
            "sex": told["sex"] or Sex.UNKNOWN,
            "birth_date": parsed(told["birth_date"]),
            "separated_at": parsed(told["separated_at"]),
            "separated_from": located(told["separated_from"]),
            "place": located(told["place"]),
            **{name: told[name] for name in kept},
        }

    def told_of_photos(self) -> list[dict[str, Any]]:
        """Which photos are of then, and when that was; those of today are not taken for old."""
        told = self.cleaned_data
        today = timezone.localdate(timezone=civil_zone())
        then = {"shows": PhotoShows.CHILD_THEN, "taken_at": parsed(told["then_taken"])}
        now = {"shows": PhotoShows.CHILD_NOW, "taken_at": PartialDate("", today, today)}
        return [then] * len(told["photos_then"]) + [now] * len(told["photos_now"])
