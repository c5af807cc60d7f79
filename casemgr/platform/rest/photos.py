"""How a photo is told of: how far it is, what was seen in it, where it is shown."""

from typing import Any

from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from casemgr.platform import images
from casemgr.platform.access import Role
from casemgr.platform.photos import PhotoFields, advice_words
from casemgr.platform.rest.authentication import actor_of
from casemgr.platform.rest.fields import PartialDateField
from casemgr.platform.rest.parsing import Body
from casemgr.platform.vocabularies import PhotoQuality, PhotoStatus


@extend_schema_field(OpenApiTypes.BINARY)
class ImageField(serializers.Field[bytes, bytes, Any, Any]):
    """The bytes of one photo: JPEG, PNG, WebP or HEIC, up to 15 MB and 40 megapixels."""

    default_error_messages = {"invalid": images.ImageRefused("not_a_photo").message}

    def to_internal_value(self, data: Any) -> bytes:
        """The bytes as sent; what is in them is looked at by the service."""
        if not isinstance(data, bytes):
            self.fail("invalid")
        return data


class PhotoSerializer(serializers.Serializer[Any]):
    """What every photo's answer holds; `kind` is the word in the addresses of its pictures."""

    kind = ""

    id = serializers.UUIDField(read_only=True)
    status = serializers.ChoiceField(choices=PhotoStatus.choices, read_only=True)
    faces = serializers.IntegerField(
        source="faces_found",
        read_only=True,
        allow_null=True,
        help_text="How many faces were found; null until somebody has looked.",
    )
    quality = serializers.ChoiceField(
        choices=PhotoQuality.choices,
        read_only=True,
        allow_null=True,
        help_text="How well the face can be compared; null until somebody has looked.",
    )
    advice = serializers.SerializerMethodField(
        help_text="What would make a better photo, or why this one can't be used; else ''."
    )
    advice_code = serializers.CharField(read_only=True)
    taken_at = PartialDateField(read_only=True)
    image_url = serializers.SerializerMethodField(help_text="A JPEG; null until it is ready.")
    thumb_url = serializers.SerializerMethodField(help_text="A small JPEG; null until it is ready.")
    created_at = serializers.DateTimeField(read_only=True)
    updated_at = serializers.DateTimeField(read_only=True)

    def get_advice(self, photo: PhotoFields) -> str:
        """The advice in the asker's language."""
        return advice_words(photo)

    @extend_schema_field({"type": ["string", "null"], "format": "uri-reference"})
    def get_image_url(self, photo: PhotoFields) -> str | None:
        """The largest size that the asker may see."""
        actor = actor_of(self.context["request"])
        return self._address(photo, "reviewer" if actor.has(Role.REVIEWER) else "public")

    @extend_schema_field({"type": ["string", "null"], "format": "uri-reference"})
    def get_thumb_url(self, photo: PhotoFields) -> str | None:
        """The smallest size."""
        return self._address(photo, "thumb")

    def _address(self, photo: PhotoFields, size: str) -> str | None:
        if photo.status != PhotoStatus.READY:
            return None
        return reverse("media", args=[self.kind, photo.pk, size])

    def to_representation(self, instance: PhotoFields) -> dict[str, Any]:
        """As declared; a photo that could not be read tells so by its code."""
        shown: dict[str, Any] = super().to_representation(instance)
        shown["quality"] = shown["quality"] or None
        shown["advice_code"] = instance.refused_code or instance.advice
        return shown


def with_image(body: Body) -> Any:
    """The body's fields with the `image` part among them, for an upload's serializer."""
    content = body.content
    if not isinstance(content, dict):
        raise ValidationError({"image": "required"})
    return {**content, **{name: files[0] for name, files in body.files.items()}}
