"""A public card in one line and one picture, for feeds and for links that are shared."""

from django.urls import reverse
from django.utils.translation import gettext as _

from casemgr.platform import site
from casemgr.platform.templatetags.homeward import coarse, month
from cases.card import PublicCard


def address_of(card: PublicCard) -> str:
    """Where the card's page is, with the site's address."""
    return site.address() + reverse("case", args=[card.reference])


def words_of(card: PublicCard) -> str:
    """As on the card: age, county and month, each where it is known, and the reference."""
    parts = []
    if card.age_then and card.age_now:
        parts.append(
            _("then %(then)s, now about %(now)s") % {"then": card.age_then, "now": card.age_now}
        )
    if place := coarse(card.missing_from):
        parts.append(str(place))
    if when := month(card.missing_at):
        parts.append(_("missing since %(when)s") % {"when": when})
    return " · ".join([*parts, card.reference])


def picture_of(card: PublicCard) -> str:
    """Where the card's first photo is, at the size that the public may see; '' without one."""
    if not card.photos:
        return ""
    return site.address() + reverse("media", args=["case", card.photos[0].pk, "public"])
