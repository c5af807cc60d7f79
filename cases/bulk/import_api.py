"""The API of imports."""

from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from casemgr.platform.access import Access, Action, Group
from casemgr.platform.errors import NotFound
from casemgr.platform.idempotency import Reply
from casemgr.platform.partners.api import FeedCursor
from casemgr.platform.rest.pagination import CursorPagination
from casemgr.platform.rest.parsing import StrictMultiPartParser, body_of
from casemgr.platform.rest.photos import with_image
from casemgr.platform.rest.problems import refuse_parameter
from casemgr.platform.rest.viewsets import ApiViewSet
from cases.bulk import error_sheet, examples, import_photos, imports
from cases.bulk.serializers import (
    ImportPhotoSerializer,
    ImportPhotoUpload,
    ImportRowSerializer,
    ImportSerializer,
    ImportUpload,
)
from cases.models import ImportJob, ImportPhoto, ImportRow, RowOutcome

BRING_IN = Access(Action.CREATE, Group.CASE_DETAIL)


class BulkFileParser(StrictMultiPartParser):
    """multipart/form-data with one large file."""

    most_file = imports.MAX_BYTES
    most_body = imports.MAX_BYTES + 64 * 1024


class CsvRenderer(BaseRenderer):
    """Lets a client ask for CSV; what it is sent is made by the view."""

    media_type = error_sheet.CSV
    format = "csv"

    def render(self, data: Any, media_type: Any = None, context: Any = None) -> bytes:
        """A refusal on the way is JSON all the same."""
        return bytes(JSONRenderer().render(data))


class XlsxRenderer(CsvRenderer):
    """The same for XLSX."""

    media_type = error_sheet.XLSX
    format = "xlsx"


class OfImportViewSet(ApiViewSet):
    """Imports of the asker's organisation, or of alliances that they lead."""

    queryset: Any = ImportJob.objects.none()

    def job(self, pk: UUID) -> ImportJob:
        """The import, if it is the asker's to see; else it isn't there."""
        found = ImportJob.objects.visible_to(self.actor).filter(pk=pk).first()
        if found is None:
            raise NotFound
        return found

    def shape(self, job: ImportJob) -> Any:
        """One import as it stands."""
        return ImportSerializer(job, context={"counts": imports.counts([job])}).data


@extend_schema_view(
    list=extend_schema(summary="Imports, newest first"),
    retrieve=extend_schema(summary="How far an import is", examples=[examples.IMPORT]),
)
class ImportViewSet(OfImportViewSet):
    """Files of cases that are brought in by a worker."""

    serializer_class = ImportSerializer
    parser_classes = (BulkFileParser,)
    access: ClassVar = dict.fromkeys(("list", "retrieve", "create"), BRING_IN)

    def list(self, request: Request) -> Response:
        """Newest first."""

        def shown(rows: list[ImportJob]) -> Any:
            return self.all_as(ImportSerializer, rows, counts=imports.counts(rows))

        return self.page(ImportJob.objects.visible_to(self.actor), shown)

    def retrieve(self, request: Request, pk: UUID) -> Response:
        """Ask again now and then: `progress` goes from 0 to 1."""
        job = self.job(pk)
        return self.single(self.shape(job), job)

    @extend_schema(
        summary="Bring cases in from a file",
        request={"multipart/form-data": ImportUpload},
        responses={201: ImportSerializer},
    )
    def create(self, request: Request) -> Response:
        """The file is kept and worked through afterwards; cases come in as drafts."""
        body = body_of(request, files={"file": 1})

        def work() -> Reply:
            given = self.valid(ImportUpload, with_image(body))
            job = imports.start(
                actor=self.actor,
                data=given["file"],
                format=given["format"],
                mode=given["mode"],
                dry_run=given["dry_run"],
                alliance_id=given["alliance"],
            )
            return Reply(201, self.shape(ImportJob.objects.get(pk=job.pk)))

        return self.once(body, work)


class UndoViewSet(OfImportViewSet):
    """Taking an import back."""

    serializer_class = ImportSerializer
    access: ClassVar = {"create": BRING_IN}

    @extend_schema(
        summary="Take back what an import created", request=None, responses={200: ImportSerializer}
    )
    def create(self, request: Request, pk: UUID) -> Response:
        """What somebody has worked on since stays; `rows/?outcome=kept` names it."""
        job, body = self.job(pk), body_of(request, files={})

        def work() -> Reply:
            return Reply(200, self.shape(imports.undo(actor=self.actor, job=job)))

        return self.once(body, work)


class RowPagination(CursorPagination):
    """In the order of the file."""

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        """One page, by one query."""
        self.address = request.build_absolute_uri()
        owner = UUID(str(view.kwargs["pk"]))
        text = request.query_params.get(self.cursor_query_param)
        after = FeedCursor.decoded(text, owner).position if text else 0
        size = self._size(request)
        rows = list(queryset.filter(number__gt=after).order_by("number")[: size + 1])
        more, rows = len(rows) > size, rows[:size]
        self.next = FeedCursor(rows[-1].number, owner) if more else None  # type: ignore[assignment]
        self.previous = None
        return rows


@extend_schema_view(
    list=extend_schema(
        summary="What became of each row",
        parameters=[OpenApiParameter("outcome", str, enum=RowOutcome.values)],
    )
)
class ImportRowViewSet(OfImportViewSet):
    """The rows of an import, with what was wrong in them."""

    queryset = ImportRow.objects.none()
    serializer_class = ImportRowSerializer
    pagination_class = RowPagination
    parameters = ("outcome",)
    access: ClassVar = {"list": BRING_IN}

    def list(self, request: Request, pk: UUID) -> Response:
        """In the order of the file; `outcome=refused` leaves the bad ones."""
        rows = ImportRow.objects.filter(job=self.job(pk))
        if outcome := request.query_params.get("outcome"):
            if outcome not in RowOutcome.values:
                words = _("Use one of: %(codes)s.") % {"codes": ", ".join(RowOutcome.values)}
                raise refuse_parameter("outcome", "invalid_choice", words)
            rows = rows.filter(outcome=outcome)
        return self.page_of(rows, ImportRowSerializer)


class ErrorSheetViewSet(OfImportViewSet):
    """The bad rows as a sheet, to mend the file by."""

    access: ClassVar = {"csv": BRING_IN, "xlsx": BRING_IN}
    renderer_classes = (CsvRenderer, XlsxRenderer, JSONRenderer)

    @extend_schema(
        summary="The errors as CSV", responses={(200, CsvRenderer.media_type): OpenApiTypes.BINARY}
    )
    def csv(self, request: Request, pk: UUID) -> HttpResponse:
        """One line for each thing that is wrong."""
        return error_sheet.as_csv(self.job(pk))

    @extend_schema(
        summary="The errors as XLSX",
        responses={(200, XlsxRenderer.media_type): OpenApiTypes.BINARY},
    )
    def xlsx(self, request: Request, pk: UUID) -> HttpResponse:
        """One line for each thing that is wrong."""
        return error_sheet.as_xlsx(self.job(pk))


@extend_schema_view(list=extend_schema(summary="Photos that rows named, sent or awaited"))
class ImportPhotoViewSet(OfImportViewSet):
    """Photos by the names of their files; never by an address."""

    queryset = ImportPhoto.objects.none()
    serializer_class = ImportPhotoSerializer
    parser_classes = (StrictMultiPartParser,)
    access: ClassVar = {"list": BRING_IN, "create": Access(Action.CREATE, Group.CASE_PHOTOS)}
    limited_as: ClassVar = {"create": "photos"}

    def list(self, request: Request, pk: UUID) -> Response:
        """Newest first."""
        photos = ImportPhoto.objects.filter(job=self.job(pk))
        return self.page_of(photos, ImportPhotoSerializer)

    @extend_schema(
        summary="Send a photo that a row named",
        request={"multipart/form-data": ImportPhotoUpload},
        responses={201: ImportPhotoSerializer},
    )
    def create(self, request: Request, pk: UUID) -> Response:
        """It goes to the case of that row, as with `cases/{id}/photos/`."""
        job, body = self.job(pk), body_of(request, files={"image": 1})

        def work() -> Reply:
            given = self.valid(ImportPhotoUpload, with_image(body))
            held = import_photos.add(
                actor=self.actor, job=job, name=given["name"], data=given["image"]
            )
            return Reply(201, ImportPhotoSerializer(held).data)

        return self.once(body, work)
