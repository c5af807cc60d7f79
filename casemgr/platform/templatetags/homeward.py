"""Tags and filters that every template has: icons, photos, places, dates, foreign words."""

import json
import re
from datetime import date, datetime
from typing import Any

from django import template
from django.core.serializers.json import DjangoJSONEncoder
from django.forms import BoundField
from django.templatetags.static import static
from django.urls import reverse
from django.utils import formats
from django.utils.crypto import salted_hmac
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, pgettext

from casemgr.platform.access import ACTION_NAMES, ROLE_NAMES, Role
from casemgr.platform.accounts import browsers
from casemgr.platform.accounts.models import User
from casemgr.platform.dates import PartialDate
from casemgr.platform.fields import civil_zone
from casemgr.platform.persons import MarkFields
from casemgr.platform.photos import PhotoFields, advice_words
from casemgr.platform.places import Place, public_label

register = template.Library()

_HAN = re.compile(r"[㐀-鿿]")
_PHOTO_KINDS = {"casephoto": "case", "sightingphoto": "sighting"}
_WIDEST_MONTH_DAYS = 45


@register.simple_tag
def icon(name: str) -> SafeString:
    """An ornament from icons.svg; the words beside it carry the meaning."""
    return format_html(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>',
        static("icons.svg"),
        name,
    )


@register.simple_tag
def photo_url(photo: PhotoFields, size: str) -> str:
    """Where one size of a photo is served; asking there is checked every time."""
    kind = _PHOTO_KINDS[str(photo._meta.model_name)]
    return reverse("media", args=[kind, photo.pk, size])


@register.filter
def act_words(action: str) -> str:
    """What a row of the audit says was done; a step of its own keeps its code."""
    return str(ACTION_NAMES.get(action, action))


@register.filter
def role_words(roles: str) -> str:
    """The roles of a row of the audit, in words."""
    return ", ".join(dict.fromkeys(str(ROLE_NAMES[Role(role)]) for role in roles.split()))


@register.filter
def browser_name(agent: str) -> str:
    """The browser and the system that a user agent names."""
    return browsers.spoken(agent)


@register.filter
def photo_advice(photo: PhotoFields) -> str:
    """What would make a better photo, or why this one can't be used; '' where all is well."""
    return advice_words(photo)


@register.filter
def coarse(place: Place) -> str:
    """The place to county, in the reader's language."""
    return public_label(place, get_language() or "en")


@register.filter
def month(when: PartialDate) -> str:
    """The month, else the year or years, that a vague date leaves open; '' where nobody knows."""
    bounds = when.bounds(civil_zone())
    if bounds is None:
        return ""
    first, last = bounds
    if (last - first).days <= _WIDEST_MONTH_DAYS:
        middle = first + (last - first) / 2
        return formats.date_format(middle, "YEAR_MONTH_FORMAT")
    if first.year == last.year:
        return year(first.year)
    if when.earliest is None:
        return gettext("before %(year)s") % {"year": last.year}
    if when.latest is None:
        return gettext("after %(year)s") % {"year": first.year}
    return gettext("between %(first)s and %(last)s") % {"first": first.year, "last": last.year}


@register.filter
def year(number: int) -> str:
    """A year as it is written by itself."""
    return pgettext("date", "%(year)s") % {"year": number}


@register.filter
def mark_codes(mark: MarkFields) -> str:
    """A distinguishing mark in the words of the vocabularies: what it is, and where."""
    part = mark.get_body_part_display()
    if part and mark.side:
        side = mark.get_side_display()
        part = pgettext("mark", "%(side)s %(part)s") % {"side": side, "part": part}
    kind = mark.get_kind_display()
    return pgettext("mark", "%(kind)s, %(part)s") % {"kind": kind, "part": part} if part else kind


@register.filter
def span(when: PartialDate) -> str:
    """The days that a vague date leaves open, for those who may see the whole of it."""
    bounds = when.bounds(civil_zone())
    if bounds is None or when.earliest is None or when.latest is None:
        return ""
    first, last = (_day(bound.astimezone(civil_zone()).date()) for bound in bounds)
    if first == last:
        return first
    return gettext("%(first)s to %(last)s") % {"first": first, "last": last}


@register.filter
def moment(when: datetime) -> str:
    """Day and time of the site's own clock."""
    local = when.astimezone(civil_zone())
    words = {"day": _day(local.date()), "time": local.strftime("%H:%M")}
    return pgettext("moment", "%(day)s, %(time)s") % words


@register.filter
def day(when: datetime) -> str:
    """The day by the site's own clock."""
    return _day(when.astimezone(civil_zone()).date())


@register.filter
def topic(label: Any) -> str:
    """A field's label as something that words can follow, without its question mark."""
    return str(label).rstrip("?？")


def _day(day: date) -> str:
    return formats.date_format(day, "DATE_FORMAT")


@register.filter
def spoken(text: Any) -> Any:
    """Chinese words in a page of another language, marked so that they are read out as Chinese."""
    if _HAN.search(str(text)) and not (get_language() or "").startswith("zh"):
        return format_html('<span lang="zh">{}</span>', text)
    return text


@register.filter
def grouped(number: int | None) -> str:
    """A count with its thousands apart, `–` for none: 18,518."""
    return "–" if number is None else f"{number:,}"


@register.filter
def mark_of(account: User) -> str:
    """Tells a phone whose page this is, the same each time, and to nobody who that is."""
    return salted_hmac("homeward.phone", str(account.pk)).hexdigest()[:16]


@register.filter
def unbroken(text: str) -> SafeString:
    """A reference or code that no line end may cut."""
    return format_html('<span class="nowrap">{}</span>', text)


@register.filter
def help_id(field: BoundField) -> str:
    """The id that Django's widgets name in aria-describedby for a field's help."""
    return f"{field.auto_id}_helptext"


@register.filter
def error_id(field: BoundField) -> str:
    """The id that Django's widgets name in aria-describedby for a field's errors."""
    return f"{field.auto_id}_error"


@register.filter
def as_json(data: Any) -> str:
    """Data for a script, to stand (escaped by the template) in an attribute."""
    return json.dumps(data, cls=DjangoJSONEncoder)


@register.filter
def unlocalised(number: float) -> str:
    """A number as drawings need it, with a point in every language."""
    return f"{number:g}"
