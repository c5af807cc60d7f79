"""The API of PFIF, for programs: two Atom feeds, and an address that takes records in."""

from collections.abc import Mapping
from typing import IO, Any, ClassVar, Final

from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.parsers import BaseParser
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from casemgr.platform.access import Group
from casemgr.platform.idempotency import Reply
from casemgr.platform.rest.parsing import Body
from casemgr.platform.rest.permissions import NeedsScope
from casemgr.platform.rest.problems import Refused, refuse_parameter
from casemgr.platform.rest.viewsets import ApiViewSet
from cases.bulk.import_api import CsvRenderer
from cases.models import PfifNote, PfifRecord
from cases.pfif import exporting, records, uploading
from cases.pfif.shape import moment
from cases.querysets import DETAIL_GROUPS

USUAL: Final = 10
MOST: Final = 200
MOST_SKIPPED: Final = 10_000


class XmlParser(BaseParser):
    """XML up to 4 MiB, as bytes; `shape.read` reads it, and fetches nothing."""

    media_type = "application/xml"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """The body as bytes; raises Refused past the limit."""
        data: bytes = stream.read(uploading.MAX_BYTES + 1)
        if len(data) > uploading.MAX_BYTES:
            raise Refused(413, "too_large", _("Send at most 4 MiB of XML at once."))
        return data


class TextXmlParser(XmlParser):
    """The same under its older name."""

    media_type = "text/xml"


class AtomRenderer(CsvRenderer):
    """Lets a client ask for Atom."""

    media_type = "application/atom+xml"
    format = "atom"


class PfifCountsSerializer(serializers.Serializer[Any]):
    """Records by what became of them."""

    written = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    ended = serializers.IntegerField(help_text="Expired at home, and dropped here.")
    refused = serializers.IntegerField()


class PfifErrorSerializer(serializers.Serializer[Any]):
    """Why a record was not taken."""

    kind = serializers.ChoiceField(choices=["person", "note"])
    record = serializers.CharField(help_text="Its id.")
    pointer = serializers.CharField(help_text="A slash and the field.")
    code = serializers.CharField(help_text="Stable.")
    detail = serializers.CharField()


class PfifReportSerializer(serializers.Serializer[Any]):
    """What became of an upload."""

    persons = PfifCountsSerializer()
    notes = PfifCountsSerializer()
    errors = PfifErrorSerializer(many=True)  # type: ignore[assignment]


class PfifViewSet(ApiViewSet):
    """Records that a partner uploads."""

    queryset: Any = PfifRecord.objects.none()
    serializer_class = PfifReportSerializer
    parser_classes = (XmlParser, TextXmlParser)
    access: ClassVar = {"create": NeedsScope("cases:write")}

    @extend_schema(
        summary="Upload person and note records (PFIF 1.1 to 1.4)",
        request={"application/xml": OpenApiTypes.BINARY, "text/xml": OpenApiTypes.BINARY},
        responses={200: PfifReportSerializer},
    )
    def create(self, request: Request) -> Response:
        """Each record is taken or refused by itself; the answer counts them and names the bad."""
        data = request.data if isinstance(request.data, bytes) else b""

        def work() -> Reply:
            report = uploading.upload(actor=self.actor, data=data)
            return Reply(200, PfifReportSerializer(report).data)

        return self.once(Body({}, {"xml": [data]}), work)


_PARAMETERS: Final = [
    OpenApiParameter("min_entry_date", str, description="From then on, oldest first; in UTC."),
    OpenApiParameter("skip", int, description="How many to pass over."),
    OpenApiParameter("max_results", int, description="10 unless you say otherwise, at most 200."),
]


class PfifFeedViewSet(ApiViewSet):
    """Atom feeds of what the program may read."""

    queryset: Any = PfifRecord.objects.none()
    parameters = ("min_entry_date", "skip", "max_results")
    access: ClassVar = dict.fromkeys(("persons", "notes"), NeedsScope("cases:read"))
    renderer_classes = (AtomRenderer, JSONRenderer)

    @extend_schema(
        summary="Person records as Atom",
        parameters=_PARAMETERS,
        responses={(200, AtomRenderer.media_type): OpenApiTypes.BINARY},
    )
    def persons(self, request: Request) -> HttpResponse:
        """Newest first, or from `min_entry_date` on. What ended is a tombstone: drop your copy."""
        records.keep_up(self.actor)
        rows = self._page(records.told_to(self.actor))
        self.record_read("case", [row.case_id for row in rows if row.case_id], *DETAIL_GROUPS)
        shown = records.shown(rows, self.actor)
        return self._answer(exporting.person_feed(shown, request.build_absolute_uri()))

    @extend_schema(
        summary="Note records as Atom",
        parameters=_PARAMETERS,
        responses={(200, AtomRenderer.media_type): OpenApiTypes.BINARY},
    )
    def notes(self, request: Request) -> HttpResponse:
        """Notes that your organisation sent. Nothing here depends on whether a sighting matched."""
        mine = PfifNote.objects.filter(partner=self.actor.partner_id).select_related("record")
        rows = self._page(mine.exclude(record__lost__contains=[self.actor.partner_id]))
        read = [row.record.case_id for row in rows if row.record.case_id]
        self.record_read("case", read, Group.CASE_DETAIL)
        shown = [records.note_fields(row) for row in rows]
        return self._answer(exporting.note_feed(shown, request.build_absolute_uri()))

    def _page(self, rows: Any) -> list[Any]:
        since = self.request.query_params.get("min_entry_date")
        if since is not None:
            when = moment(since)
            if when is None:
                words = _("Write a moment in UTC as 2026-11-24T08:00:00Z.")
                raise refuse_parameter("min_entry_date", "invalid", words)
            rows = rows.filter(entry_date__gte=when)
        order = ("-entry_date", "-id") if since is None else ("entry_date", "id")
        skip = self._number("skip", 0, 0, MOST_SKIPPED)
        most = self._number("max_results", USUAL, 1, MOST)
        return list(rows.order_by(*order)[skip : skip + most])

    def _number(self, name: str, usual: int, least: int, most: int) -> int:
        text = self.request.query_params.get(name)
        if text is None:
            return usual
        if not (text.isascii() and text.isdigit() and least <= int(text[:9]) <= most):
            words = _("This is a number from %(least)s to %(most)s.")
            raise refuse_parameter(name, "out_of_range", words % {"least": least, "most": most})
        return int(text)

    def _answer(self, content: bytes) -> HttpResponse:
        return HttpResponse(content, content_type=AtomRenderer.media_type)
