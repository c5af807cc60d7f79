"""What the forms of both apps share: words, photos, marks, places, and refusals beside fields."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from casemgr.platform import images, places
from casemgr.platform.errors import Invalid
from casemgr.platform.places import Place
from casemgr.platform.text.characters import has_forbidden_characters
from casemgr.platform.vocabularies import BodyPart, MarkKind, Side

MARK_ROWS = 2


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

    def __init__(self, *, most: int, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)
        self.most = most

    def clean(self, value: "list[UploadedFile[bytes]] | None") -> list[bytes]:
        uploads = value or []
        if len(uploads) > self.most:
            raise forms.ValidationError(
                _("Choose at most %(most)s photos at a time. You can add more afterwards."),
                params={"most": self.most},
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
    """A form that can show what a service refused, beside the field it is about.

    `pointers` says where a service names a field by another word than the form does.
    """

    pointers: ClassVar[Mapping[str, str | None]] = {"image": "photos", "": None}

    def take_refusals(self, refused: Invalid) -> None:
        """Put each refusal beside its field; those of no field of this form go on top."""
        for pointer, (code, message) in refused.fields.items():
            name = self.pointers.get(pointer, pointer.split("/")[0])
            error = forms.ValidationError(str(message), code=code)
            self.add_error(name if name in self.fields else None, error)


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
