"""Shapes of bulk jobs in the API."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field, inline_serializer
from rest_framework import serializers

from casemgr.platform.rest.fields import CodeField, StrictSerializer
from casemgr.platform.rest.photos import ImageField
from cases.bulk.imports import UNDER_WAY
from cases.models import (
    BulkFormat,
    BulkStatus,
    ImportJob,
    ImportMode,
    ImportPhoto,
    ImportRow,
    RowOutcome,
)


@extend_schema_field(OpenApiTypes.BINARY)
class FileField(serializers.Field[bytes, bytes, Any, Any]):
    """The bytes of one file."""

    def to_internal_value(self, data: Any) -> bytes:
        """The bytes as sent."""
        if not isinstance(data, bytes):
            self.fail("required")
        return data


class ImportUpload(StrictSerializer):
    """A file of cases, as it is sent."""

    file = FileField()
    format = CodeField(choices=BulkFormat.choices)
    mode = CodeField(choices=ImportMode.choices, default=ImportMode.ALL_OR_NOTHING)
    dry_run = serializers.BooleanField(
        required=False, default=False, help_text="Everything is checked, nothing is kept."
    )
    alliance = serializers.UUIDField(
        required=False,
        allow_null=True,
        default=None,
        help_text="For people: an alliance that they coordinate. Programs leave it out.",
    )


@extend_schema_field(
    inline_serializer(
        "ImportCounts",
        {outcome: serializers.IntegerField() for outcome in RowOutcome.values if outcome != "held"},
    )
)
class CountsField(serializers.JSONField):
    """Rows by what became of them."""


@extend_schema_field(
    inline_serializer(
        "JobProblem", {"code": serializers.CharField(), "detail": serializers.CharField()}
    )
)
class ProblemField(serializers.JSONField):
    """Why a job was refused as a whole."""


class ImportSerializer(serializers.Serializer[ImportJob]):
    """An import and how far it is. `context["counts"]` holds the counts by id."""

    id = serializers.UUIDField()
    format = serializers.ChoiceField(choices=BulkFormat.choices)
    mode = serializers.ChoiceField(choices=ImportMode.choices)
    dry_run = serializers.BooleanField()
    alliance = serializers.UUIDField(source="alliance_id", allow_null=True)
    status = serializers.ChoiceField(choices=BulkStatus.choices)
    progress = serializers.SerializerMethodField(help_text="0 to 1.")
    rows = serializers.IntegerField(allow_null=True, help_text="Null until they are counted.")
    counts = serializers.SerializerMethodField()
    problem = serializers.SerializerMethodField(help_text="Why all of it was refused, or null.")
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)

    @extend_schema_field({"type": "number", "minimum": 0, "maximum": 1})
    def get_progress(self, job: ImportJob) -> float:
        """How much of the rows is done; of an undo, how much is taken back."""
        if job.status not in UNDER_WAY:
            return 1.0
        whole = job.rows or 0
        if job.status == BulkStatus.UNDOING:
            whole = job.done + self._counts(job)[RowOutcome.CREATED]
        return round(min(job.done / whole, 0.99), 2) if whole else 0.0

    @extend_schema_field(CountsField)
    def get_counts(self, job: ImportJob) -> dict[str, int]:
        """By outcome; what is held back counts as updated once it is."""
        return self._counts(job)

    def _counts(self, job: ImportJob) -> dict[str, int]:
        known = self.context["counts"].get(job.pk, {})
        return {
            outcome: known.get(outcome, 0)
            for outcome in RowOutcome.values
            if outcome != RowOutcome.HELD
        }

    @extend_schema_field(ProblemField(allow_null=True))
    def get_problem(self, job: ImportJob) -> dict[str, str] | None:
        """A stable code, and words in the language that the file was sent with."""
        if not job.problem_code:
            return None
        return {"code": job.problem_code, "detail": job.problem}


class RowErrorSerializer(serializers.Serializer[Any]):
    """One thing that is wrong in a row."""

    pointer = serializers.CharField(help_text="Into the row as the API would be sent it.")
    column = serializers.CharField(required=False, help_text="The sheet's own heading.")
    code = serializers.CharField(help_text="Stable.")
    detail = serializers.CharField()


class ImportRowSerializer(serializers.Serializer[ImportRow]):
    """What became of one row."""

    row = serializers.IntegerField(source="number", help_text="As the file counts: from 1.")
    outcome = serializers.ChoiceField(choices=RowOutcome.choices)
    case = serializers.UUIDField(source="case_id", allow_null=True)
    errors = RowErrorSerializer(many=True)  # type: ignore[assignment]


class ImportPhotoUpload(StrictSerializer):
    """A photo that a row named, as it is sent."""

    name = serializers.CharField(max_length=200, help_text="As the row has it.")
    image = ImageField()


class ImportPhotoSerializer(serializers.Serializer[ImportPhoto]):
    """A photo that a row named; `photo` is null until it was sent."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    row = serializers.IntegerField()
    case = serializers.UUIDField(source="case_id")
    photo = serializers.UUIDField(allow_null=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField(source="created_at")
