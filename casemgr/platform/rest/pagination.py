"""Lists by opaque cursor, newest first: stable while rows are added, and without totals."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from rest_framework import pagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param

from casemgr.platform import crypto
from casemgr.platform.rest.problems import Refused, refuse_parameter

MAX_PAGE: Final = 200
_NAME: Final = "list cursor"


@dataclass(frozen=True, slots=True)
class Cursor:
    """The row next to which a page begins, and whether the page is before (newer) or after it."""

    at: datetime
    row: UUID
    before: bool

    def encoded(self) -> str:
        """The cursor sealed: it says nothing about the row, and can't be made up."""
        plain = json.dumps([self.at.isoformat(), str(self.row), self.before]).encode()
        return urlsafe_b64encode(crypto.seal_bytes(plain, name=_NAME)).decode().rstrip("=")


def decoded(text: str) -> Cursor:
    """The cursor that `encoded` made; a 400 for anything else."""
    try:
        sealed = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
        at, row, before = json.loads(crypto.unseal_bytes(sealed, name=_NAME))
        return Cursor(datetime.fromisoformat(at), UUID(row), bool(before))
    except (ValueError, InvalidTag, crypto.DecryptionError):
        raise broken_cursor() from None


def broken_cursor() -> Refused:
    """A 400 for a cursor that was not made here, or not for this list, to be raised."""
    words = _("This cursor is not one of ours. Start the list anew.")
    return refuse_parameter("cursor", "broken_cursor", words)


class CursorPagination(pagination.BasePagination):
    """`{next, previous, results}`, ordered by when a row was made, then by id.

    A view whose rows call that moment otherwise names the column in `made_field`.
    """

    cursor_query_param = "cursor"
    page_size_query_param = "page_size"
    page_size = 50
    max_page_size = MAX_PAGE

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        """One page of `queryset`, by one query."""
        self.address = request.build_absolute_uri()
        size = self._size(request)
        text = request.query_params.get(self.cursor_query_param)
        cursor = decoded(text) if text else None
        backwards = cursor is not None and cursor.before
        made = str(getattr(view, "made_field", "created_at"))
        if cursor is not None:
            queryset = queryset.filter(_beside(cursor, made))
        order = (made, "id") if backwards else (f"-{made}", "-id")
        rows = list(queryset.order_by(*order)[: size + 1])
        more = len(rows) > size
        rows = rows[:size]
        if backwards:
            rows.reverse()
        self.next = Cursor(getattr(rows[-1], made), rows[-1].pk, False) if rows else None
        self.previous = Cursor(getattr(rows[0], made), rows[0].pk, True) if rows else None
        if not more and not backwards:
            self.next = None
        if cursor is None or (backwards and not more):
            self.previous = None
        return rows

    def _size(self, request: Request) -> int:
        text = request.query_params.get(self.page_size_query_param)
        if text is None:
            return self.page_size
        if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= MAX_PAGE):
            words = _("page_size is a number from 1 to %(most)s.") % {"most": MAX_PAGE}
            raise refuse_parameter(self.page_size_query_param, "out_of_range", words)
        return int(text)

    def get_paginated_response(self, data: Any) -> Response:
        """The page and the addresses of its neighbours."""
        return Response(
            {"next": self._link(self.next), "previous": self._link(self.previous), "results": data}
        )

    def _link(self, cursor: Cursor | None) -> str | None:
        if cursor is None:
            return None
        address = remove_query_param(self.address, self.cursor_query_param)
        return replace_query_param(address, self.cursor_query_param, cursor.encoded())

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """The schema of a page whose results follow `schema`."""
        link = {
            "type": ["string", "null"],
            "format": "uri",
            "example": "https://homeward.example/api/v1/…/?cursor=SFdTRUFMMQ",
        }
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {
                "next": {**link, "description": "The page of older rows; null at the end."},
                "previous": {**link, "description": "The page of newer rows; null at the start."},
                "results": schema,
            },
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """What a list takes besides its filters."""
        return [
            {
                "name": self.cursor_query_param,
                "in": "query",
                "description": "From `next` or `previous` of a page; means nothing by itself.",
                "schema": {"type": "string"},
            },
            {
                "name": self.page_size_query_param,
                "in": "query",
                "description": "How many rows a page holds.",
                "schema": {
                    "type": "integer",
                    "minimum": 1,
                    "maximum": MAX_PAGE,
                    "default": self.page_size,
                },
            },
        ]


def _beside(cursor: Cursor, made: str) -> Q:
    """Rows strictly newer (before) or older; the first condition is there for the index."""
    way = "gt" if cursor.before else "lt"
    strictly = Q(**{f"{made}__{way}": cursor.at}) | Q(**{f"id__{way}": cursor.row})
    return Q(**{f"{made}__{way}e": cursor.at}) & strictly
