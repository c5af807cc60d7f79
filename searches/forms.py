"""Forms of sightings, receipts and decisions. What they mean is checked by the services."""

import uuid
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from casemgr.platform import dates, images, places
from casemgr.platform.errors import Invalid
from casemgr.platform.fields import civil_zone
from casemgr.platform.places import Place
from casemgr.platform.text.characters import has_forbidden_characters
from casemgr.platform.vocabularies import (
    BodyPart,
    MarkKind,
    ReviewDecision,
    Sex,
    Side,
    SightingKind,
)
from searches import rules
from searches.services import MAX_PHOTOS_AT_ONCE

MARK_ROWS = 2
OLDEST = 120
# Where a service names a field by another word than the form does.
_POINTERS = {"image": "photos", "": None}


def plain(text: str) -> None:
    """Refuse what no keyboard types and no database keeps."""
    if has_forbidden_characters(text):
        raise forms.ValidationError(
            _("There is a hidden character in this text that we can't keep. Please type it anew.")
        )


class Words(forms.CharField):
    """A text that may be left empty."""

    def __init__(self, *, rows: int = 0, **kwargs: Any) -> None:
        widget = forms.Textarea(attrs={"rows": rows}) if rows else forms.TextInput()
        kwargs.setdefault("widget", widget)
        super().__init__(required=False, **kwargs)
        self.validators.insert(0, plain)


class PhotosInput(forms.FileInput):
    """Every file sent under one name, from however many inputs."""

    allow_multiple_selected = True

    def value_from_datadict(
        self, data: Mapping[str, Any], files: "MultiValueDict[str, UploadedFile[bytes]]", name: str
    ) -> Any:
        return files.getlist(name)


class PhotosField(forms.Field):
    """Photos as bytes; one that can't be used is refused before anything is kept."""

    widget = PhotosInput

    def clean(self, value: "list[UploadedFile[bytes]] | None") -> list[bytes]:
        uploads = value or []
        if len(uploads) > MAX_PHOTOS_AT_ONCE:
            raise forms.ValidationError(
                _("Choose at most %(most)s photos. You can add more afterwards with your code."),
                params={"most": MAX_PHOTOS_AT_ONCE},
            )
        # One byte too many is enough to see that a photo is too large.
        photos = [upload.read(images.MAX_BYTES + 1) for upload in uploads]
        for photo in photos:
            try:
                images.inspect(photo)
            except images.ImageRefused as refused:
                raise forms.ValidationError(str(refused.message), code=refused.code) from refused
        return photos


class RefusableForm(forms.Form):
    """A form that can show what a service refused, beside the field it is about."""

    def take_refusals(self, refused: Invalid) -> None:
        """Put each refusal beside its field; those of no field of this form go on top."""
        for pointer, (code, message) in refused.fields.items():
            name = _POINTERS.get(pointer, pointer.split("/")[0])
            error = forms.ValidationError(str(message), code=code)
            self.add_error(name if name in self.fields else None, error)


class SightingForm(RefusableForm):
    """What somebody saw, where, and what else they can tell. Only something to go by is needed."""

    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    photos = PhotosField(label=_("Photos"), required=False)
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

    def clean(self) -> dict[str, Any]:
        """Ask the service's rules together with the form's own: one look at all that is wrong."""
        # Refused photos were something to go by; what is wrong with them is said already.
        photos = 1 if "photos" in self.errors else len(self.cleaned_data["photos"])
        if not self.errors.keys() - {"photos"}:
            try:
                rules.check_sighting(self.values(), photos=photos)
            except Invalid as refused:
                self.take_refusals(refused)
        return self.cleaned_data

    def values(self) -> dict[str, Any]:
        """The facts as `log_sighting` takes them."""
        told = self.cleaned_data
        return {
            "kind": SightingKind.STREET,
            "sex": told["sex"] or Sex.UNKNOWN,
            "apparent_age_min": told["apparent_age_min"],
            "apparent_age_max": told["apparent_age_max"],
            "danger_now": told["danger_now"],
            "seen_at": dates.parse(
                told["seen_at"], today=timezone.localdate(timezone=civil_zone()), zone=civil_zone()
            ),
            "place": self._place(),
            "reporter_place": located(told["reporter_place"]),
            **{
                name: told[name] for name in ("description", "name_heard", "clothing", "companions")
            },
        }

    def contact(self) -> dict[str, str]:
        """How to reach the reporter, as far as they left it."""
        return {name: self.cleaned_data[f"contact_{name}"] for name in ("name", "phone", "email")}

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


def located(text: str, **point: Any) -> Place:
    """The place with the division that its words name, if they name one."""
    division = places.find(text) if text else None
    return Place(text=text, division_code=division.code if division else None, **point)


class MarkForm(forms.Form):
    """One distinguishing mark; without a kind or words there is none."""

    kind = forms.ChoiceField(
        label=_("Kind of mark"), required=False, choices=[("", "…"), *MarkKind.choices]
    )
    body_part = forms.ChoiceField(
        label=_("Where on the body"), required=False, choices=[("", "…"), *BodyPart.choices]
    )
    side = forms.ChoiceField(label=_("Side"), required=False, choices=[("", "…"), *Side.choices])
    text = Words(label=_("What it looks like"), max_length=300)

    def mark(self) -> dict[str, str] | None:
        """The mark as services take it, or None."""
        told = self.cleaned_data
        if not told.get("kind") and not told.get("text"):
            return None
        return {**told, "kind": told["kind"] or MarkKind.OTHER}


def mark_forms(data: Mapping[str, Any] | None = None) -> list[MarkForm]:
    """As many marks as the page has room for."""
    return [MarkForm(data, prefix=f"mark{number}") for number in range(1, MARK_ROWS + 1)]


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
    photos = PhotosField(label=_("More photos"), required=False)


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


class SecondLookForm(DecisionForm):
    """As a decision, but a yes or no."""

    decision = forms.ChoiceField(
        label=_("What do you see?"),
        choices=SAME_CHILD,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of the two.")},
    )
