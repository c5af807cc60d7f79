"""Shapes of cases in the API, one serializer for each audience. Fields are listed one by one."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field, inline_serializer
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from casemgr.platform.fields import civil_zone
from casemgr.platform.places import division, public_label
from casemgr.platform.rest.fields import (
    CodeField,
    PartialDateField,
    PlaceField,
    StrictSerializer,
    words_field,
)
from casemgr.platform.rest.persons import (
    BLOOD_TYPES,
    MAX_EXTERNAL_IDS,
    MAX_MARKS,
    ExternalIdSerializer,
    MarkSerializer,
    PersonSerializer,
    many,
)
from casemgr.platform.rest.photos import ImageField, PhotoSerializer
from casemgr.platform.vocabularies import (
    BodyPart,
    CaseStatus,
    ChildSituation,
    Circumstance,
    LinkKind,
    MarkKind,
    PlaceType,
    Sex,
    Side,
    TimelineKind,
)
from cases.card import Ages, PublicCard, public_card
from cases.models import Case, CasePhoto, Consent, ConsentPurpose

MAX_NICKNAMES = 20


class CaseMarkSerializer(MarkSerializer):
    """A distinguishing mark, and whether the public card may show it."""

    public = serializers.BooleanField(required=False)


class ChildSerializer(PersonSerializer):
    """The person the case is about."""

    full_name = words_field(120)
    given_name = words_field(80)
    family_name = words_field(80)
    nicknames = serializers.ListField(
        child=serializers.CharField(max_length=80), max_length=MAX_NICKNAMES, required=False
    )
    name_pinyin = words_field(200)
    birth_date = PartialDateField()
    parents_blood_types = serializers.ListField(
        child=serializers.RegexField(
            r"^(A|B|AB|O)[+-]?\Z", max_length=3, error_messages={"invalid": BLOOD_TYPES}
        ),
        max_length=2,
        required=False,
    )
    height_as_of = PartialDateField()
    marks = many(CaseMarkSerializer, MAX_MARKS)


class CaseSerializer(StrictSerializer):
    """A case, loaded by `as_shown_to`, for those who file it, lead its alliance or one that it is
    shared with, or have it in hand.
    """

    id = serializers.UUIDField(read_only=True)
    reference = serializers.CharField(read_only=True)
    status = serializers.ChoiceField(
        choices=CaseStatus.choices,
        source="shown_status",
        read_only=True,
        help_text="That a child was located is told to the family by a person first.",
    )
    withdrawal_asked_at = serializers.DateTimeField(
        read_only=True,
        allow_null=True,
        help_text="The card is down; the search goes on until a reviewer has confirmed it.",
    )
    public = serializers.BooleanField(read_only=True)
    public_name = words_field(60)
    child = ChildSerializer(required=False)
    missing_at = PartialDateField()
    missing_from = PlaceField()
    place_type = CodeField(choices=PlaceType.choices, required=False, allow_blank=True)
    circumstance = CodeField(choices=Circumstance.choices, required=False, allow_blank=True)
    child_situation = CodeField(choices=ChildSituation.choices, required=False, allow_blank=True)
    story = words_field(10_000)
    police_reference = words_field(60)
    dna_on_file = serializers.BooleanField(required=False, allow_null=True)
    alliance = serializers.UUIDField(
        source="alliance_id",
        required=False,
        allow_null=True,
        help_text="An alliance that you are a member of.",
    )
    external_ids = many(ExternalIdSerializer, MAX_EXTERNAL_IDS)
    created_at = serializers.DateTimeField(read_only=True)
    updated_at = serializers.DateTimeField(read_only=True)

    def validate_external_ids(self, value: list[dict[str, str]]) -> list[dict[str, str]]:
        """One id for each system."""
        return one_for_each_system(value)


class CaseWrittenSerializer(serializers.Serializer[Case]):
    """What a program without the scope `cases:read` is told of a case that it wrote."""

    id = serializers.UUIDField()
    reference = serializers.CharField()
    status = serializers.ChoiceField(choices=CaseStatus.choices, source="shown_status")
    external_ids = ExternalIdSerializer(many=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


def one_for_each_system(pairs: list[dict[str, str]]) -> list[dict[str, str]]:
    """Refuse a system named twice."""
    if len({pair["system"] for pair in pairs}) != len(pairs):
        raise ValidationError(_("Name each system once."), code="duplicate")
    return pairs


class PublicMarkSerializer(serializers.Serializer[Any]):
    """A mark that the guardian ticked."""

    kind = serializers.ChoiceField(choices=MarkKind.choices)
    body_part = serializers.ChoiceField(choices=BodyPart.choices, allow_blank=True)
    side = serializers.ChoiceField(choices=Side.choices, allow_blank=True)
    text = serializers.CharField()


class PublicPhotoSerializer(serializers.Serializer[Any]):
    """A photo that the guardian ticked."""

    image_url = serializers.SerializerMethodField()
    thumb_url = serializers.SerializerMethodField()

    def get_image_url(self, photo: CasePhoto) -> str:
        """The public size."""
        return reverse("media", args=["case", photo.pk, "public"])

    def get_thumb_url(self, photo: CasePhoto) -> str:
        """The small size."""
        return reverse("media", args=["case", photo.pk, "thumb"])


@extend_schema_field(
    inline_serializer(
        "Ages", {"least": serializers.IntegerField(), "most": serializers.IntegerField()}
    )
)
class AgesField(serializers.JSONField):
    """Fewest and most whole years."""


@extend_schema_field(
    inline_serializer(
        "Months", {"earliest": serializers.CharField(), "latest": serializers.CharField()}
    )
)
class MonthsField(serializers.JSONField):
    """The months that a vague date leaves open."""


@extend_schema_field(
    inline_serializer(
        "County",
        {
            "label": serializers.CharField(),
            "division_code": serializers.CharField(allow_null=True),
        },
    )
)
class CountyField(serializers.JSONField):
    """A place to county, by name and code."""


class PublicCardSerializer(serializers.Serializer[Case]):
    """The public card: everything that anybody may see of a case, and nothing beyond it.

    Dates of the row itself are those of the card: when it last went up.
    """

    id = serializers.UUIDField()
    reference = serializers.CharField()
    public_name = serializers.CharField()
    sex = serializers.ChoiceField(choices=Sex.choices)
    birth_year = serializers.IntegerField(allow_null=True)
    age_then = AgesField(allow_null=True)
    age_now = AgesField(allow_null=True)
    missing_month = MonthsField(allow_null=True)
    missing_from = CountyField()
    marks = PublicMarkSerializer(many=True)
    photos = PublicPhotoSerializer(many=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()

    def to_representation(self, instance: Case) -> dict[str, Any]:
        """The card of a case loaded by `with_card`."""
        card = public_card(instance)
        public_since = self.fields["created_at"].to_representation(instance.public_since)
        return {
            "id": str(instance.pk),
            "reference": card.reference,
            "public_name": card.name,
            "sex": card.sex,
            "birth_year": card.birth_year,
            "age_then": _ages(card.age_then),
            "age_now": _ages(card.age_now),
            "missing_month": _months(card),
            "missing_from": _county(card),
            "marks": self.fields["marks"].to_representation(card.marks),
            "photos": self.fields["photos"].to_representation(card.photos),
            "created_at": public_since,
            "updated_at": public_since,
        }


def _ages(ages: Ages | None) -> dict[str, int] | None:
    return {"least": ages.least, "most": ages.most} if ages else None


def _months(card: PublicCard) -> dict[str, str] | None:
    bounds = card.missing_at.bounds(civil_zone())
    if bounds is None:
        return None
    return {"earliest": f"{bounds[0]:%Y-%m}", "latest": f"{bounds[1]:%Y-%m}"}


def _county(card: PublicCard) -> dict[str, str | None]:
    """Never finer than county; coordinates alone are told to the nearest prefecture, by name."""
    unit = card.missing_from.division()
    known = division(unit.code) if unit else None
    return {
        "label": public_label(card.missing_from, get_language() or "en"),
        "division_code": known.code if known else None,
    }


class TransitionSerializer(StrictSerializer):
    """One step of a case."""

    to = CodeField(choices=CaseStatus.choices)
    reason = words_field(500)


class CasePhotoSerializer(PhotoSerializer):
    """A photo of the child."""

    kind = "case"

    consent_public = serializers.BooleanField(read_only=True)


class CasePhotoUpload(StrictSerializer):
    """A photo of the child, as it is sent."""

    image = ImageField()
    taken_at = PartialDateField()
    consent_public = serializers.BooleanField(
        required=False, help_text="The guardian agrees to showing this photo on the public card."
    )


class CasePhotoTick(StrictSerializer):
    """Whether the guardian agrees to showing a photo."""

    consent_public = serializers.BooleanField()


class HarmfulSerializer(StrictSerializer):
    """Why nobody may see an image again."""

    reason = serializers.CharField(max_length=500)


class TimelineEventSerializer(StrictSerializer):
    """One thing that happened to the child, as far as is known."""

    id = serializers.UUIDField(read_only=True)
    kind = CodeField(choices=TimelineKind.choices)
    occurred_at = PartialDateField()
    place = PlaceField()
    note = words_field(2_000)
    created_at = serializers.DateTimeField(read_only=True)
    updated_at = serializers.DateTimeField(source="created_at", read_only=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """An event says something besides its kind."""
        if not any(attrs.get(name) for name in ("occurred_at", "place", "note")):
            words = str(_("Say when, where, or in a few words what."))
            raise ValidationError({"note": [ErrorDetail(words, code="required")]})
        return attrs


class ConsentSerializer(StrictSerializer):
    """A guardian's yes to one purpose, from when, until it was taken back."""

    id = serializers.UUIDField(read_only=True)
    purpose = CodeField(choices=ConsentPurpose.choices)
    alliance = serializers.UUIDField(
        source="alliance_id",
        required=False,
        allow_null=True,
        help_text="Which alliance the case may be shared with; only with the purpose `share`.",
    )
    partner = serializers.UUIDField(
        source="partner_id",
        required=False,
        allow_null=True,
        help_text="Which partner the case may be shared with; only with the purpose `share`.",
    )
    guardian = serializers.UUIDField(
        source="guardian_id",
        required=False,
        help_text="Whose word it is; a program names one that it entered, people need not.",
    )
    given_at = serializers.DateTimeField(read_only=True)
    revoked_at = serializers.DateTimeField(read_only=True, allow_null=True)
    created_at = serializers.DateTimeField(source="given_at", read_only=True)
    updated_at = serializers.SerializerMethodField()

    def get_updated_at(self, consent: Consent) -> datetime:
        """When it was given or taken back."""
        return consent.revoked_at or consent.given_at


class CaseLinkSerializer(StrictSerializer):
    """A case that belongs together with the one asked about."""

    id = serializers.UUIDField(read_only=True)
    kind = CodeField(choices=LinkKind.choices)
    case = serializers.UUIDField(help_text="The other case.")
    created_at = serializers.DateTimeField(read_only=True)
    updated_at = serializers.DateTimeField(source="created_at", read_only=True)


def split(values: Mapping[str, Any]) -> dict[str, Any]:
    """A validated case as the services' arguments: `case`, `child`, `marks`, `external_ids`."""
    case = dict(values)
    child = dict(case.pop("child", {}))
    return {
        "external_ids": case.pop("external_ids", None),
        "marks": child.pop("marks", None),
        "child": child,
        "case": case,
    }
