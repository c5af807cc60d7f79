"""What a phone keeps of this site so that it works without a network: the shell, and nobody's data.

The shell is the site's own files and the pages of `PAGES`, filled in for nobody. The service worker
(static/offline/worker.js) keeps what is listed here and nothing else; see docs/offline.md.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from casemgr.platform.access import open_to_all
from casemgr.platform.errors import NotFound
from casemgr.platform.forms import mark_forms
from casemgr.platform.site import Site, current
from searches.forms import SightingForm

# The browser asks each time whether there is a newer one; it may keep what it has.
KEEPABLE: Final = "no-cache"
WORKER: Final = "offline/worker.js"
FILES: Final = (
    *("homeward.css", "homeward.js", "icons.svg", "logo.svg", "icons/192.png"),
    *(f"offline/{name}.js" for name in ("store", "sending", "site", "list", "photos", "sighting")),
)
NAMES_JOINED_BY: Final = " · "
LAMP, PAPER = "#0b5563", "#fbf8f3"


def _sighting_page() -> dict[str, Any]:
    return {"form": SightingForm(), "marks": mark_forms()}


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the shell; `stands_for` names the route whose page it replaces offline, if any."""

    template: str
    stands_for: str = ""
    context: Callable[[], dict[str, Any]] = dict


PAGES: Final = {
    "sighting": Page("searches/new_sighting.html", "new-sighting", _sighting_page),
    "seeing": Page("site/on_seeing.html", "on-seeing"),
    "missing": Page("cases/report/start.html", "report-start"),
    "phone": Page("offline/phone.html", "on-this-phone"),
    "away": Page("offline/away.html"),
    "unsent": Page("offline/unsent.html"),
}


@open_to_all("a page of the shell, the same bytes for everybody; shows nobody's data")
@require_safe
def shell(request: HttpRequest, language: str, page: str) -> HttpResponse:
    """One page of the shell, as it is kept on a phone."""
    if language not in dict(settings.LANGUAGES) or page not in PAGES:
        raise NotFound
    headers = {"Cache-Control": KEEPABLE, "Content-Language": language}
    return HttpResponse(rendered(language, page), headers=headers)


@open_to_all("lists what is on the asker's own phone, which the site does not know")
@require_safe
def on_this_phone(request: HttpRequest) -> HttpResponse:
    """What waits on this phone; the browser fills it in."""
    return render(request, PAGES["phone"].template)


@open_to_all("a program of the site's own; shows nobody's data")
@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """The program that keeps the shell. From the root, so that it hears of every address."""
    tongues = list(dict(settings.LANGUAGES))
    known = {
        "version": version(current()),
        "languages": tongues,
        "files": [static(name) for name in FILES],
        "pages": {
            page: {language: reverse("shell", args=[language, page]) for language in tongues}
            for page in PAGES
        },
        "standsFor": {
            reverse(page.stands_for): name for name, page in PAGES.items() if page.stands_for
        },
    }
    body = f"self.SHELL = {json.dumps(known)};\nimportScripts({json.dumps(static(WORKER))});\n"
    headers = {"Cache-Control": KEEPABLE}
    return HttpResponse(body, content_type="text/javascript; charset=utf-8", headers=headers)


@open_to_all("names the site for a phone's home screen; shows nobody's data")
@require_safe
def manifest(request: HttpRequest, language: str) -> HttpResponse:
    """The web app manifest, in the language of the page that leads to it."""
    if language not in dict(settings.LANGUAGES):
        raise NotFound
    with translation.override(language):
        name = name_in(language, current().name)
        told = {
            "id": "/",
            "name": name,
            "short_name": name,
            "description": _(
                "Where a report of a missing child, a sighting and a rescue meet, safely."
            ),
            "lang": language,
            "dir": "rtl" if translation.get_language_bidi() else "ltr",
            "start_url": reverse("home"),
            "scope": "/",
            "display": "standalone",
            "background_color": PAPER,
            "theme_color": LAMP,
            "icons": [
                _icon("icons/192.png", 192),
                _icon("icons/512.png", 512),
                _icon("icons/512-maskable.png", 512, purpose="maskable"),
            ],
            "shortcuts": [
                {"name": _("I have seen a child"), "url": reverse("new-sighting")},
                {"name": _("My child is missing"), "url": reverse("report-start")},
            ],
        }
    answer = JsonResponse(
        told,
        content_type="application/manifest+json",
        json_dumps_params={"ensure_ascii": False},
    )
    answer["Cache-Control"] = KEEPABLE
    answer["Content-Language"] = language
    return answer


def _icon(name: str, size: int, purpose: str = "any") -> dict[str, str]:
    return {
        "src": static(name),
        "sizes": f"{size}x{size}",
        "type": "image/png",
        "purpose": purpose,
    }


def name_in(language: str, name: str) -> str:
    """The half of 'Homeward · 归途' that is in this language; a name of one language as it is."""
    latin, _dot, han = name.partition(NAMES_JOINED_BY)
    return han if han and language.startswith("zh") else latin


def rendered(language: str, page: str) -> str:
    """A page of the shell. It is filled in for nobody, so that the asker can't matter."""
    nobody = HttpRequest()
    nobody.method = "GET"
    nobody.path = nobody.path_info = reverse("shell", args=[language, page])
    nobody.user = AnonymousUser()
    shown = PAGES[page]
    with translation.override(language):
        context = {**shown.context(), "shell": page}
        return render_to_string(shown.template, context, request=nobody)


@lru_cache(maxsize=4)
def version(site: Site) -> str:
    """Moves with every byte of the shell; a phone that hears another one renews all it has."""
    digest = hashlib.sha256()
    for name in (*FILES, WORKER):
        found = finders.find(name)
        assert isinstance(found, str)
        digest.update(static(name).encode() + Path(found).read_bytes())
    for language in dict(settings.LANGUAGES):
        for page in PAGES:
            digest.update(rendered(language, page).encode())
    return digest.hexdigest()[:16]
