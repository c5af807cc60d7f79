"""Name, zone, numbers and contact of this site, as bootstrapped, else as the environment says."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.conf import settings

# How long a process goes by what it read, in seconds.
HOLD_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True)
class Site:
    """What pages and letters say about the site; '' where nobody has said it."""

    name: str
    time_zone: str
    emergency_number: str
    hotline_number: str = ""
    data_protection_contact: str = ""


_held: tuple[Site, float] | None = None


def current() -> Site:
    """The site's settings, at most half a minute old."""
    global _held
    if _held is None or time.monotonic() - _held[1] > HOLD_SECONDS:
        _held = (_read(), time.monotonic())
    return _held[0]


def forget() -> None:
    """Read anew at the next question."""
    global _held
    _held = None


def address() -> str:
    """Where people reach the site, for links in letters: scheme and host, no slash at the end."""
    served = Path(settings.DEMO_DIR) / "address"
    if settings.DEMO and served.exists():
        return served.read_text().strip().rstrip("/")
    return str(settings.SITE_ADDRESS)


def _read() -> Site:
    from casemgr.platform.site.models import SiteSettings

    row = SiteSettings.objects.first()
    if row is None:
        return Site(settings.SITE_NAME, settings.CIVIL_TIME_ZONE, settings.EMERGENCY_NUMBER)
    return Site(
        row.name,
        row.time_zone,
        row.emergency_number,
        row.hotline_number,
        row.data_protection_contact,
    )
