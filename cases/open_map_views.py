"""The map of open cases: a picture and a list for everybody, and data for one that can be moved."""

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from casemgr.platform import limits
from casemgr.platform.access import Action, Group, declares
from casemgr.platform.places import division_label
from cases.models import Case
from cases.open_map import drawn, open_places


@declares(Action.READ, Group.PUBLIC_CARD)
@require_safe
def open_map(request: HttpRequest) -> HttpResponse:
    """How many open cases each province has; a script puts a map that can be moved in its place."""
    limits.enforce(request, "reads")
    found = open_places(Case.objects.public())
    language = get_language() or "en"
    page = {
        "drawing": drawn(found.provinces),
        "provinces": [
            (row.unit.code, division_label(row.unit, language), row.count)
            for row in found.provinces
        ],
        "placeless": found.placeless,
        "tiles": settings.MAP_TILES,
        "tiles_credit": settings.MAP_TILES_CREDIT,
        "tiles_host": urlsplit(settings.MAP_TILES).hostname or "",
    }
    return render(request, "cases/open_map.html", page)


@declares(Action.READ, Group.PUBLIC_CARD)
@require_safe
def map_places(request: HttpRequest) -> HttpResponse:
    """For the script: code, name, latitude, longitude and count of each division with cases."""
    limits.enforce(request, "reads")
    language = get_language() or "en"
    rows = [
        [
            row.unit.code,
            division_label(row.unit, language),
            row.unit.latitude,
            row.unit.longitude,
            row.count,
        ]
        for row in open_places(Case.objects.public()).places
    ]
    return JsonResponse({"places": rows}, json_dumps_params={"ensure_ascii": False})
