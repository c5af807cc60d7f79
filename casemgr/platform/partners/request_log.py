"""Writes a line for each request that a client made, for the people who look after it."""

import logging
import time
from collections.abc import Callable
from typing import Any

from django.db.utils import Error
from django.http import HttpRequest, HttpResponse

from casemgr.platform.access import Program
from casemgr.platform.partners.models import RequestLine

log = logging.getLogger("homeward.partners")
Next = Callable[[HttpRequest], HttpResponse]


class RequestLogMiddleware:
    """A line that can't be written is missed, and holds nobody up: the audit is kept elsewhere."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.monotonic()
        response = self.get_response(request)
        program: Program | None = getattr(request, "program", None)
        if program is not None:
            try:
                _write(request, response, program, time.monotonic() - began)
            except Error as error:
                log.warning("a line of the request log is missing: %s", type(error).__name__)
        return response


def _write(request: HttpRequest, response: HttpResponse, program: Program, seconds: float) -> None:
    match = request.resolver_match
    said: Any = getattr(response, "data", None)
    code = said.get("code", "") if response.status_code >= 400 and isinstance(said, dict) else ""
    RequestLine.objects.create(
        client_id=program.client_id,
        method=(request.method or "")[:7],
        route=(match.route if match else "")[:120],
        status=response.status_code,
        code=str(code)[:60],
        milliseconds=round(seconds * 1000),
        request_id=str(getattr(request, "request_id", "")),
    )
