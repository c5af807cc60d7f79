"""Forms of sightings, receipts and decisions. What they mean is checked by the services."""

import uuid
from typing import Any, ClassVar

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from casemgr.platform import dates
from casemgr.platform.dates import PartialDate
from casemgr.platform.errors import Invalid
from casemgr.platform.fields import civil_zone
from casemgr.platform.forms import PhotosField, RefusableForm, Words, located, plain
from casemgr.platform.places import Place
from casemgr.platform.vocabularies import ReviewDecision, Sex, SightingKind
from cases.models import TakeReason
from searches import rules
from searches.models import PairDecision
from searches.services import MAX_PHOTOS_AT_ONCE

OLDEST = 120


class TakeForm(RefusableForm):
    """Why a reviewer takes a case in hand."""

    why = forms.ChoiceField(
        label=_("Why do you take this case?"),
        choices=[row for row in TakeReason.choices if row[0] != TakeReason.SECOND_LOOK],
        widget=forms.RadioSelect,
        error_messages={"required": _("Say why you take this case. It is written down.")},
    )
    words = Words(
        label=_("In your words"),
        help_text=_("No names, and nothing of what is in the case: officers read this."),
        max_length=300,
    )


class ToldForm(RefusableForm):
    """What a sighting's form has, whoever tells it: its key, photos, and a way to be reached."""

    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    contact_name = Words(
        label=_("Your name"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    contact_phone = Words(
        label=_("Your phone number"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "type": "tel"}),
    )
    contact_email = forms.EmailField(
        label=_("Your e-mail address"),
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    photo_fields: ClassVar[tuple[str, ...]] = ("photos",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # How to be reached is asked last, and what is wrong with it stands last.
        self.order_fields([name for name in self.fields if not name.startswith("contact_")])

    def clean(self) -> dict[str, Any]:
        """Ask the service's rules together with the form's own: one look at all that is wrong."""
        # Refused photos were something to go by; what is wrong with them is said already.
        refused_photos = self.errors.keys() & set(self.photo_fields)
        photos = 1 if refused_photos else len(self.pictures())
        if not self.errors.keys() - refused_photos:
            try:
                rules.check_sighting(self.values(), photos=photos)
            except Invalid as refused:
                self.take_refusals(refused)
        return self.cleaned_data

    def values(self) -> dict[str, Any]:
        """The facts as `log_sighting` takes them."""
        raise NotImplementedError

    def pictures(self) -> list[bytes]:
        """Every photo that was sent."""
        return [photo for name in self.photo_fields for photo in self.cleaned_data[name]]

    def told_of_photos(self) -> list[dict[str, Any]]:
        """What was said of each of `pictures`; nothing, unless a form asks."""
        return [{} for _photo in self.pictures()]

    def contact(self) -> dict[str, str]:
        """How to reach the reporter, as far as they left it."""
        return {name: self.cleaned_data[f"contact_{name}"] for name in ("name", "phone", "email")}


def parsed(text: str) -> PartialDate:
    """When something was, read from today at the site."""
    zone = civil_zone()
    return dates.parse(text, today=timezone.localdate(timezone=zone), zone=zone)


class SightingForm(ToldForm):
    """What somebody saw, where, and what else they can tell. Only something to go by is needed."""

    photos = PhotosField(label=_("Photos"), most=MAX_PHOTOS_AT_ONCE)
    description = Words(
        label=_("In your words"),
        help_text=_("What did you notice? Hair, clothes, how the child spoke, who was there."),
        rows=4,
        max_length=10_000,
    )
    sex = forms.ChoiceField(
        label=_("Girl or boy?"),
        choices=[
            (Sex.FEMALE, _("A girl")),
            (Sex.MALE, _("A boy")),
            (Sex.UNKNOWN, _("I don't know")),
        ],
        initial=Sex.UNKNOWN,
        widget=forms.RadioSelect,
        required=False,
    )
    apparent_age_min = forms.IntegerField(
        label=pgettext_lazy("age", "From"), required=False, min_value=0, max_value=OLDEST
    )
    apparent_age_max = forms.IntegerField(
        label=pgettext_lazy("age", "To"), required=False, min_value=0, max_value=OLDEST
    )
    danger_now = forms.BooleanField(
        label=_("I think the child is in danger right now"), required=False
    )
    place = Words(
        label=_("Where was the child?"),
        help_text=_("A street, a market, a station, a village: whatever you know."),
        max_length=300,
    )
    place_latitude = forms.FloatField(
        label=_("Position"), required=False, min_value=-90, max_value=90, widget=forms.HiddenInput
    )
    place_longitude = forms.FloatField(
        label=_("Position"), required=False, min_value=-180, max_value=180, widget=forms.HiddenInput
    )
    place_precision_m = forms.IntegerField(
        label=_("Position"),
        required=False,
        min_value=0,
        max_value=1_000_000,
        widget=forms.HiddenInput,
    )
    seen_at = Words(
        label=_("When was that?"),
        help_text=_("For example: just now, yesterday afternoon, 3 June, spring 2009."),
        max_length=200,
    )
    reporter_place = Words(
        label=_("Where are you now?"),
        help_text=_("Only if you like. It is never taken for the child's place."),
        max_length=300,
    )
    name_heard = Words(
        label=_("A name you heard"),
        help_text=_("As it sounded to you. A nickname helps too."),
        max_length=120,
    )
    clothing = Words(label=_("Clothing"), max_length=1_000)
    companions = Words(label=_("Who was with the child?"), rows=2, max_length=2_000)

    def values(self) -> dict[str, Any]:
        """The facts as `log_sighting` takes them."""
        told = self.cleaned_data
        return {
            "kind": SightingKind.STREET,
            "sex": told["sex"] or Sex.UNKNOWN,
            "apparent_age_min": told["apparent_age_min"],
            "apparent_age_max": told["apparent_age_max"],
            "danger_now": told["danger_now"],
            "seen_at": parsed(told["seen_at"]),
            "place": self._place(),
            "reporter_place": located(told["reporter_place"]),
            **{
                name: told[name] for name in ("description", "name_heard", "clothing", "companions")
            },
        }

    def _place(self) -> Place:
        told = self.cleaned_data
        latitude, longitude = told["place_latitude"], told["place_longitude"]
        if latitude is None or longitude is None:
            return located(told["place"])
        return located(
            told["place"],
            latitude=latitude,
            longitude=longitude,
            precision_m=told["place_precision_m"],
        )


class ReceiptForm(forms.Form):
    """The code that opens one's own sighting."""

    code = forms.CharField(
        label=_("Your code"),
        max_length=60,
        help_text=_("Eighteen letters and digits. Dashes and capitals don't matter."),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )


class AddForm(RefusableForm):
    """More words, or more photos, for a sighting."""

    description = Words(label=_("More words"), rows=4, max_length=5_000)
    photos = PhotosField(label=_("More photos"), most=MAX_PHOTOS_AT_ONCE)


SAME_CHILD = [
    (ReviewDecision.ACCEPT, _("Could be the same child")),
    (ReviewDecision.REJECT, _("Not the same child")),
]


class DecisionForm(RefusableForm):
    """One reviewer's decision and why."""

    decision = forms.ChoiceField(
        label=_("Your decision"),
        choices=[*SAME_CHILD, (ReviewDecision.NEEDS_INFORMATION, _("More is needed to tell"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of the three.")},
    )
    reason = forms.CharField(
        label=_("Why?"),
        help_text=_("What settled it for you. Other reviewers will read it."),
        max_length=2_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        validators=[plain],
    )


class PairForm(DecisionForm):
    """What a reviewer makes of two cases, and why."""

    decision = forms.ChoiceField(
        label=_("What are they?"),
        choices=PairDecision.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of the four.")},
    )


class SecondLookForm(DecisionForm):
    """As a decision, but a yes or no."""

    decision = forms.ChoiceField(
        label=_("What do you see?"),
        choices=SAME_CHILD,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of the two.")},
    )
