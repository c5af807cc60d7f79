"""Small, loud readers of the environment: a value of the wrong shape stops the start."""

import binascii
import os
from base64 import urlsafe_b64decode
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured


def text(name: str, default: str = "") -> str:
    """The variable (an empty one counts as unset), or what the file `NAME_FILE` names holds."""
    if path := os.environ.get(f"{name}_FILE"):
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ImproperlyConfigured(f"{name}_FILE names a file that can't be read.") from error
    return os.environ.get(name) or default


def flag(name: str, *, default: bool = False) -> bool:
    """1/0, true/false, yes/no or on/off."""
    value = text(name).lower()
    if value == "":
        return default
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"{name} must be 1 or 0, not {value!r}.")


def number(name: str, default: int, *, least: int = 0) -> int:
    """A whole number of at least `least`."""
    value = text(name, str(default))
    try:
        parsed = int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}.") from None
    if parsed < least:
        raise ImproperlyConfigured(f"{name} must be at least {least}, not {parsed}.")
    return parsed


def words(name: str, default: Sequence[str] = ()) -> list[str]:
    """A comma-separated list without blanks."""
    value = text(name)
    return [part.strip() for part in value.split(",") if part.strip()] if value else list(default)


def is_strong_secret(value: str) -> bool:
    """At least 32 characters, eight of them different."""
    return len(value) >= 32 and len(set(value)) >= 8


def is_strong_key(value: str) -> bool:
    """A Fernet key: 32 bytes in URL-safe base64, eight of them different."""
    try:
        key = urlsafe_b64decode(value)
    except (ValueError, binascii.Error):
        return False
    return len(key) == 32 and len(set(key)) >= 8


def choice(name: str, options: Sequence[str]) -> str:
    """One of `options`; the first is the default."""
    value = text(name, options[0])
    if value not in options:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(options)}, not {value!r}.")
    return value


def database(url: str) -> dict[str, object]:
    """Django's DATABASES entry for a `postgresql://` address; a socket folder goes in `?host=`."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured("DATABASE_URL must start with postgresql://.")
    options = dict(parse_qsl(parts.query))
    host = options.pop("host", None) or parts.hostname or ""
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or options.pop("port", "")),
        "OPTIONS": options,
    }
