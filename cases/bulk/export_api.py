"""The API of exports, for programs. What people take out needs two of them, and is elsewhere."""

from typing import Any, ClassVar
from uuid import UUID

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiParameter,
    extend_schema,
    extend_schema_field,
    extend_schema_view,
)
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from casemgr.platform.errors import NotFound
from casemgr.platform.idempotency import Reply
from casemgr.platform.rest.fields import CodeField, StrictSerializer
from casemgr.platform.rest.parsing import body_of
from casemgr.platform.rest.permissions import NeedsScope
from casemgr.platform.rest.viewsets import ApiViewSet
from casemgr.platform.vocabularies import CaseStatus
from cases.bulk import examples, exports
from cases.bulk.import_api import CsvRenderer, XlsxRenderer
from cases.bulk.serializers import ProblemField
from cases.models import BulkStatus, ExportFormat, ExportJob

KEY_HEADER = "Export-Key"


class PfifRenderer(CsvRenderer):
    """Lets a client ask for XML."""

    media_type = "application/xml"
    format = "xml"


class NdjsonRenderer(CsvRenderer):
    """Lets a client ask for lines of JSON."""

    media_type = "application/x-ndjson"
    format = "ndjson"


TYPES = {
    ExportFormat.CSV: CsvRenderer.media_type,
    ExportFormat.XLSX: XlsxRenderer.media_type,
    ExportFormat.PFIF: PfifRenderer.media_type,
    ExportFormat.NDJSON: NdjsonRenderer.media_type,
}


class ExportRequest(StrictSerializer):
    """Which cases, and how they are written."""

    format = CodeField(choices=ExportFormat.choices)
    status = CodeField(choices=CaseStatus.choices, required=False)
    updated_since = serializers.DateTimeField(required=False, allow_null=True)


class ExportSerializer(serializers.Serializer[ExportJob]):
    """An export and how far it is."""

    id = serializers.UUIDField()
    format = serializers.ChoiceField(choices=ExportFormat.choices)
    status = serializers.ChoiceField(choices=BulkStatus.choices)
    progress = serializers.SerializerMethodField(help_text="0 to 1.")
    rows = serializers.IntegerField(allow_null=True)
    problem = serializers.SerializerMethodField(help_text="Why it was refused, or null.")
    expires_at = serializers.DateTimeField(help_text="Until when it can be fetched.")
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)

    def get_progress(self, job: ExportJob) -> float:
        """How many of the cases are written."""
        if job.status not in (BulkStatus.WAITING, BulkStatus.RUNNING):
            return 1.0
        return round(min(job.done / job.rows, 0.99), 2) if job.rows else 0.0

    @extend_schema_field(ProblemField(allow_null=True))
    def get_problem(self, job: ExportJob) -> dict[str, str] | None:
        """A stable code, and words."""
        return {"code": job.problem_code, "detail": job.problem} if job.problem_code else None


class NewExportSerializer(ExportSerializer):
    """An export with the key that opens it, which is told this once and not kept."""

    key = serializers.CharField()


@extend_schema_view(
    list=extend_schema(summary="Exports that this program asked for"),
    retrieve=extend_schema(summary="How far an export is", examples=[examples.EXPORT]),
)
class ExportViewSet(ApiViewSet):
    """Cases that the organisation may read, as a file for the program that asked."""

    queryset = ExportJob.objects.none()
    serializer_class = ExportSerializer
    access: ClassVar = dict.fromkeys(("list", "retrieve", "create"), NeedsScope("cases:read"))

    def list(self, request: Request) -> Response:
        """Newest first."""
        mine = exports.of_asker(self.actor)
        return self.page_of(mine, ExportSerializer)

    def retrieve(self, request: Request, pk: UUID) -> Response:
        """Without its key."""
        job = exports.of_asker(self.actor).filter(pk=pk).first()
        if job is None:
            raise NotFound
        return self.single(ExportSerializer(job).data, job)

    @extend_schema(
        summary="Ask for an export", request=ExportRequest, responses={201: NewExportSerializer}
    )
    def create(self, request: Request) -> Response:
        """The answer holds the `key` that opens the file, once."""
        body = body_of(request, files={})

        def work() -> Reply:
            given = self.valid(ExportRequest, body.content)
            job, key = exports.start(actor=self.actor, **given)
            return Reply(201, {**ExportSerializer(job).data, "key": key})

        return self.once(body, work)


class ExportFileViewSet(ApiViewSet):
    """The file."""

    queryset: Any = ExportJob.objects.none()
    access: ClassVar = {"retrieve": NeedsScope("cases:read")}
    statuses: ClassVar = {"retrieve": [403, 409, 410]}
    renderer_classes = (CsvRenderer, XlsxRenderer, NdjsonRenderer, PfifRenderer, JSONRenderer)

    @extend_schema(
        summary="Fetch the file of an export",
        parameters=[
            OpenApiParameter(
                KEY_HEADER, str, OpenApiParameter.HEADER, required=True, description="The `key`."
            )
        ],
        responses={(200, media_type): OpenApiTypes.BINARY for media_type in TYPES.values()},
    )
    def retrieve(self, request: Request, pk: UUID) -> StreamingHttpResponse:
        """Opened with the key while it is sent; 410 once it is too old or no longer yours."""
        key = self.request.headers.get(KEY_HEADER, "")[:200]
        job, content = exports.hand_over(actor=self.actor, job_id=pk, key=key)
        return StreamingHttpResponse(
            content,
            content_type=TYPES[ExportFormat(job.format)],
            headers={
                "Content-Disposition": f'attachment; filename="cases-{job.pk}.{SUFFIX[job.format]}"'
            },
        )


SUFFIX = {"csv": "csv", "xlsx": "xlsx", "ndjson": "ndjson", "pfif": "xml"}
