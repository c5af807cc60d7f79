"""One audit row for all that a request looked at, written before the answer leaves."""

import logging
from collections.abc import Callable

from django.db.utils import Error
from django.http import HttpRequest, HttpResponse

from casemgr.platform.audit.recording import one_row_a_request
from casemgr.platform.error_pages import unavailable

log = logging.getLogger("homeward.audit")
Next = Callable[[HttpRequest], HttpResponse]


class AuditMiddleware:
    """Withholds the answer whose looks can't be written down."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with one_row_a_request() as reads:
            response = self.get_response(request)
        try:
            reads.flush()
        except Error as error:
            log.error("the audit is away (%s): an answer was withheld", type(error).__name__)
            return unavailable(request)
        return response
