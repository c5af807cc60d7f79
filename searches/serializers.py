"""Shapes of sightings, receipts and matches in the API, one serializer for each audience."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from casemgr.platform.access import Role
from casemgr.platform.photos import SEALED, PhotoFields
from casemgr.platform.rest.authentication import actor_of
from casemgr.platform.rest.fields import (
    CodeField,
    PartialDateField,
    PlaceField,
    StrictSerializer,
    words_field,
)
from casemgr.platform.rest.persons import (
    MAX_EXTERNAL_IDS,
    MAX_MARKS,
    ExternalIdSerializer,
    MarkSerializer,
    PersonSerializer,
    many,
)
from casemgr.platform.rest.photos import ImageField, PhotoSerializer
from casemgr.platform.vocabularies import (
    Band,
    MatchStatus,
    PhotoShows,
    PhotoStatus,
    ReviewDecision,
    SightingKind,
    Situation,
)
from cases.models import HarmfulImage
from cases.serializers import one_for_each_system
from searches.explain import explain
from searches.models import Evidence, Match, Sighting

OLDEST = 120


class ContactSerializer(StrictSerializer):
    """How to reach the reporter. It is never answered."""

    name = words_field(120)
    phone = words_field(40)
    email = serializers.EmailField(required=False, allow_blank=True, max_length=254)


class SightingFields(PersonSerializer):
    """What a reporter says; the same fields for whoever may read the sighting."""

    kind = CodeField(choices=SightingKind.choices)
    seen_at = PartialDateField()
    place = PlaceField()
    reporter_place = PlaceField(
        help_text="Where the reporter is; never taken for where the child is."
    )
    apparent_age_min = serializers.IntegerField(
        min_value=0, max_value=OLDEST, required=False, allow_null=True
    )
    apparent_age_max = serializers.IntegerField(
        min_value=0, max_value=OLDEST, required=False, allow_null=True
    )
    height_as_of = PartialDateField()
    marks = many(MarkSerializer, MAX_MARKS)
    name_heard = words_field(120)
    situation = CodeField(choices=Situation.choices, required=False, allow_blank=True)
    companions = words_field(2_000)
    vehicle = words_field(200)
    memories = words_field(10_000)
    source_url = serializers.URLField(
        max_length=2_000,
        required=False,
        allow_blank=True,
        help_text="Where it was seen online. It is never fetched.",
    )
    danger_now = serializers.BooleanField(required=False)
    dna_on_file = serializers.BooleanField(required=False, allow_null=True)
    birth_date = PartialDateField()
    separated_at = PartialDateField()
    separated_from = PlaceField()
    admitted_at = PartialDateField()
    contact = ContactSerializer(required=False, write_only=True)
    external_ids = many(ExternalIdSerializer, MAX_EXTERNAL_IDS)

    def validate_external_ids(self, value: list[dict[str, str]]) -> list[dict[str, str]]:
        """One id for each system."""
        return one_for_each_system(value)

    def validate_source_url(self, value: str) -> str:
        """Only addresses that a reviewer's browser may follow."""
        if value and not value.lower().startswith(("http://", "https://")):
            raise serializers.ValidationError(
                _("Give an address that begins with http:// or https://."), code="invalid"
            )
        return value


class SightingSerializer(SightingFields):
    """A sighting for its reporter, and for reviewers with a case that it may be of."""

    id = serializers.UUIDField(read_only=True)
    created_at = serializers.DateTimeField(read_only=True)
    updated_at = serializers.DateTimeField(read_only=True)


class SightingReceived(serializers.Serializer[Any]):
    """The whole answer to a new sighting, whatever is on file."""

    id = serializers.UUIDField()
    receipt = serializers.CharField(
        help_text="A secret code that opens this sighting. It is told once, and kept nowhere."
    )


class SightingMultipart(serializers.Serializer[Any]):
    """A sighting with its photos in one request."""

    data = SightingFields(required=False)  # type: ignore[assignment]
    photos = serializers.ListField(child=ImageField(), max_length=3, required=False)


class ReceiptSerializer(SightingFields):
    """What a receipt opens. `status` never moves with review."""

    id = serializers.UUIDField(read_only=True)
    status = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField(read_only=True)
    updated_at = serializers.DateTimeField(read_only=True)

    def get_status(self, sighting: Sighting) -> str:
        """`received`, or `withdrawn` once the reporter took it back."""
        return "received" if sighting.withdrawn_at is None else "withdrawn"


class SightingPhotoSerializer(PhotoSerializer):
    """A photo sent with a sighting; never public."""

    kind = "sighting"

    shows = serializers.ChoiceField(choices=PhotoShows.choices, read_only=True)
    subject_face = serializers.IntegerField(read_only=True, allow_null=True)

    def to_representation(self, instance: PhotoFields) -> dict[str, Any]:
        """As declared; to the sender a photo that a reviewer sealed reads as it did before.

        A reviewer sees a sighting only where it may be of a child on file, so that their having
        looked would tell.
        """
        if instance.refused_code == SEALED and self._sealed_by_another(instance):
            instance.status, instance.refused_code = PhotoStatus.READY, ""
        return super().to_representation(instance)

    def _sealed_by_another(self, photo: PhotoFields) -> bool:
        actor = actor_of(self.context["request"])
        if actor.has(Role.REVIEWER):
            return False
        marked = HarmfulImage.objects.filter(photo_id=photo.pk, marked_by__isnull=False)
        return marked.exclude(marked_by=actor.user_id).exists()


class SightingPhotoUpload(StrictSerializer):
    """One more photo, as it is sent."""

    image = ImageField()
    taken_at = PartialDateField()
    shows = CodeField(choices=PhotoShows.choices, required=False)
    subject_face = serializers.IntegerField(
        min_value=0,
        max_value=200,
        required=False,
        allow_null=True,
        help_text="Which face is the child, counted from 0, where several are found.",
    )


class EvidenceSerializer(serializers.Serializer[Evidence]):
    """One comparison: signed bits, both values, and why, in the asker's language."""

    comparison = serializers.CharField()
    weight_bits = serializers.FloatField()
    level = serializers.CharField()
    case_value = serializers.CharField()
    sighting_value = serializers.CharField()
    explanation = serializers.SerializerMethodField()

    def get_explanation(self, evidence: Evidence) -> str:
        """One sentence."""
        return explain(evidence)


class SettlingQuestionSerializer(serializers.Serializer[Any]):
    """What would settle a match best, asked in words from a fixed list."""

    field = serializers.CharField()
    ask = serializers.CharField()


class MatchSerializer(serializers.Serializer[Match]):
    """A judged pair, for reviewers who have its case in hand."""

    id = serializers.UUIDField()
    case = serializers.UUIDField(source="case_id")
    sighting = serializers.UUIDField(source="sighting_id")
    weight_bits = serializers.FloatField(help_text="The sum over the evidence.")
    probability = serializers.FloatField()
    band = serializers.ChoiceField(choices=Band.choices)
    status = serializers.ChoiceField(choices=MatchStatus.choices)
    evidence = EvidenceSerializer(many=True)
    settling_question = SettlingQuestionSerializer(
        allow_null=True, help_text="Always null in this version."
    )
    engine_version = serializers.CharField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()

    def to_representation(self, instance: Match) -> dict[str, Any]:
        """As declared; there is no settling question yet."""
        instance.settling_question = None  # type: ignore[attr-defined]
        shown: dict[str, Any] = super().to_representation(instance)
        return shown


class ReviewSerializer(StrictSerializer):
    """One reviewer's decision on a match."""

    id = serializers.UUIDField(read_only=True)
    reviewer = serializers.UUIDField(source="reviewer_id", read_only=True)
    decision = CodeField(choices=ReviewDecision.choices)
    reason = serializers.CharField(max_length=2_000)
    created_at = serializers.DateTimeField(read_only=True)
    updated_at = serializers.DateTimeField(source="created_at", read_only=True)


def split(values: dict[str, Any]) -> dict[str, Any]:
    """A validated sighting as the services' arguments."""
    facts = dict(values)
    apart = {name: facts.pop(name, None) for name in ("marks", "contact", "external_ids")}
    return {"facts": facts, **apart}
