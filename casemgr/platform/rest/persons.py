"""What cases and sightings both say of a person, and the ids they have elsewhere."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from casemgr.platform.rest.fields import CodeField, StrictSerializer, words_field
from casemgr.platform.vocabularies import BodyPart, MarkKind, Sex, Side

MAX_LANGUAGES = 20
MAX_MARKS = 40
MAX_EXTERNAL_IDS = 20
BLOOD_TYPES = _("Use one of: A, B, AB, O, with + or - where that is known.")


class MarkSerializer(StrictSerializer):
    """A distinguishing mark."""

    kind = CodeField(choices=MarkKind.choices)
    body_part = CodeField(choices=BodyPart.choices, required=False, allow_blank=True)
    side = CodeField(choices=Side.choices, required=False, allow_blank=True)
    text = words_field(300)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Marks are replaced as a whole, so each one needs its kind."""
        self.require(attrs, "kind")
        return attrs


class PersonSerializer(StrictSerializer):
    """The Person description. Empty and null mean unknown, never 'no'."""

    sex = CodeField(choices=Sex.choices, required=False)
    height_cm = serializers.IntegerField(
        min_value=20, max_value=250, required=False, allow_null=True
    )
    weight_kg = serializers.IntegerField(
        min_value=1, max_value=300, required=False, allow_null=True
    )
    blood_type = serializers.RegexField(
        r"^(|A|B|AB|O)[+-]?\Z",
        max_length=3,
        required=False,
        allow_blank=True,
        error_messages={"invalid": BLOOD_TYPES},
    )
    ethnicity = words_field(60)
    languages = serializers.ListField(
        child=serializers.CharField(max_length=60),
        max_length=MAX_LANGUAGES,
        required=False,
        help_text="BCP 47 tags or names of dialects.",
    )
    clothing = words_field(1_000)
    description = words_field(10_000)


class ExternalIdSerializer(StrictSerializer):
    """The object's id in another system."""

    system = serializers.CharField(max_length=60)
    id = serializers.CharField(max_length=120, source="value")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Both parts, also in a partial change."""
        self.require(attrs, "system", "value")
        return {"system": attrs["system"], "id": attrs["value"]}


def many(shape: type[serializers.Serializer[Any]], most: int) -> Any:
    """A list of at most `most` of `shape`, which may be left out."""
    return shape(many=True, required=False, max_length=most)  # type: ignore[call-arg]
