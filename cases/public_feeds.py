"""Open, consented cases as Atom and JSON Feed, for sites that show them: public cards alone.

A copy is good for half a minute, so that a child who is found has left every reader that keeps to
that within a minute.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from casemgr.platform import limits, site
from casemgr.platform.access import Action, Group, declares
from cases.card import public_card
from cases.card_words import address_of, picture_of, words_of
from cases.models import Case

NEWEST: Final = 100
CACHING: Final = "public, max-age=30, must-revalidate"


@dataclass(frozen=True, slots=True)
class Entry:
    """One child's card, in words."""

    address: str
    title: str
    text: str
    picture: str
    up_since: datetime


@declares(Action.READ, Group.PUBLIC_CARD)
@require_safe
def atom(request: HttpRequest) -> HttpResponse:
    """The newest cards as Atom (RFC 4287)."""
    limits.enforce(request, "reads")
    feed = Atom1Feed(
        title=_title(),
        link=site.address() + reverse("home"),
        description="",
        language=get_language() or "en",
        feed_url=site.address() + reverse("cases-atom"),
    )
    for entry in _entries():
        feed.add_item(
            title=entry.title,
            link=entry.address,
            description=entry.text,
            unique_id=entry.address,
            pubdate=entry.up_since,
            updateddate=entry.up_since,
        )
    return HttpResponse(
        feed.writeString("utf-8"),
        content_type="application/atom+xml; charset=utf-8",
        headers={"Cache-Control": CACHING},
    )


@declares(Action.READ, Group.PUBLIC_CARD)
@require_safe
def json_feed(request: HttpRequest) -> HttpResponse:
    """The newest cards as JSON Feed 1.1."""
    limits.enforce(request, "reads")
    items: list[dict[str, Any]] = [
        {
            "id": entry.address,
            "url": entry.address,
            "title": entry.title,
            "content_text": entry.text,
            "date_published": entry.up_since.isoformat(),
            **({"image": entry.picture} if entry.picture else {}),
        }
        for entry in _entries()
    ]
    return JsonResponse(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": _title(),
            "home_page_url": site.address() + reverse("home"),
            "feed_url": site.address() + reverse("cases-json"),
            "language": get_language() or "en",
            "items": items,
        },
        content_type="application/feed+json",
        headers={"Cache-Control": CACHING},
        json_dumps_params={"ensure_ascii": False},
    )


def _title() -> str:
    return _("Open cases · %(site)s") % {"site": site.current().name}


def _entries() -> Iterable[Entry]:
    cases = Case.objects.public().with_card().order_by("-public_since", "-id")[:NEWEST]
    for case in cases:
        card = public_card(case)
        assert case.public_since is not None
        yield Entry(
            address=address_of(card),
            title=card.name,
            text=words_of(card),
            picture=picture_of(card),
            up_since=case.public_since,
        )
