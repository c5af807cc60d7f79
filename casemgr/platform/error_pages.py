"""Refusals and accidents as pages, in words, with nothing of the request in them."""

import logging
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.shortcuts import render
from django.utils.translation import gettext as _

from casemgr.platform.errors import DomainError, Gone, NotFound

Next = Callable[[HttpRequest], HttpResponse]
API_PREFIX = "/api/"

logger = logging.getLogger(__name__)


class ErrorPageMiddleware:
    """Turns what a service refused into a page, unless the view has done so itself."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """The page for a DomainError or a request cut short; anything else is left to Django."""
        if isinstance(error, DomainError):
            page = page_for(request, error)
            for name, value in error.headers.items():
                page[name] = value
            # A refusal is no accident. The log has no use for it, nor for the secrets that some
            # addresses hold.
            page._has_been_logged = True  # type: ignore[attr-defined]
            return page
        if isinstance(error, UnreadablePostError):
            return cut_short(request)
        return None


def page_for(request: HttpRequest, error: DomainError) -> HttpResponse:
    """The page that tells what `error` tells."""
    if isinstance(error, NotFound):
        return not_found(request, error)
    if isinstance(error, Gone):
        heading = _("This child is no longer being looked for")
    elif error.status == 403:
        heading = _("This isn't yours to do")
    elif error.status == 409:
        heading = _("This has changed since you opened it")
    elif error.status == 429:
        heading = _("One moment, please")
    elif error.status == 503:
        heading = _("Closed for a moment")
    else:
        heading = _("That didn't work")
    return _page(request, error.status, heading, str(error.message))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: Django could not make sense of the request, or refused its size."""
    return _page(
        request,
        400,
        _("We couldn't read that"),
        _("Something in what was sent is too large or not in order. Go back and try once more."),
    )


def cut_short(request: HttpRequest) -> HttpResponse:
    """400: the connection ended before the request did, so that nothing of it was taken."""
    return _page(
        request,
        400,
        _("That didn't get through"),
        _("The connection ended before everything was here. Please send it again."),
    )


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403."""
    return _page(
        request, 403, _("This isn't yours to do"), _("You can see this, but not change it.")
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: not there, or not for the asker to know of."""
    return _page(
        request,
        404,
        _("There is nothing here"),
        _("The address may have a typing mistake, or the page is not for you to see."),
    )


def unavailable(request: HttpRequest) -> HttpResponse:
    """503: what was asked for can't be shown right now; asking again later may help."""
    return _page(
        request,
        503,
        _("We can't show this right now"),
        _("Something that we need for it is away. Nothing is lost. Try again in a few minutes."),
    )


def broken(request: HttpRequest) -> HttpResponse:
    """500, written without touching the database, which may be what broke."""
    if request.path.startswith(API_PREFIX):
        return _problem(500, _("Something broke on our side"))
    return HttpResponse(render_broken(), status=500)


def render_broken() -> str:
    """The page that needs nothing but itself."""
    from django.template.loader import render_to_string

    return render_to_string("errors/broken.html")


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without its token: mostly a page left open for long, or cookies switched off."""
    return _page(
        request,
        403,
        _("This page had been open for too long"),
        _(
            "For safety we didn't take the form. Go back, load the page again, and send it once "
            "more. What you typed is still there in most browsers."
        ),
    )


def _page(request: HttpRequest, status: int, heading: str, text: str) -> HttpResponse:
    if request.path.startswith(API_PREFIX):
        return _problem(status, heading, text)
    return render(
        request,
        "errors/page.html",
        {"heading": heading, "text": text, "stay_at": "/"},
        status=status,
    )


_CODES = {403: "forbidden", 404: "not_found", 500: "broken", 503: "unavailable"}


def _problem(status: int, title: str, detail: str = "") -> HttpResponse:
    """For programs that asked outside any view of the API."""
    return JsonResponse(
        {
            "type": "about:blank",
            "title": title,
            "status": status,
            "detail": detail or title,
            "code": _CODES.get(status, "bad_request"),
        },
        status=status,
        content_type="application/problem+json",
        json_dumps_params={"ensure_ascii": False},
    )
