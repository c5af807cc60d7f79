"""Finding an encrypted phone number or e-mail address again, exactly, without reading another."""

import re
from typing import TYPE_CHECKING, Any

from django.db import models

from casemgr.platform.crypto import blind_index, blind_indexes

_NOT_DIGITS = re.compile(r"\D")
# China's own prefix; written or left out, the number is the same.
_HOME = re.compile(r"^(?:00|\+)?86(?=1\d{10}$)")


def normal(value: str) -> str:
    """One form for what two people may write differently; '' for what is no contact at all."""
    value = value.strip().casefold()
    if "@" in value:
        return value
    return _HOME.sub("", _NOT_DIGITS.sub("", value))


def digests(value: str, purpose: str) -> list[str]:
    """What an index column may hold for `value`, for `field__in=`; nothing for no contact."""
    plain = normal(value)
    return blind_indexes(plain, purpose) if plain else []


if TYPE_CHECKING:
    _IndexBase = models.CharField[str, str]
else:
    _IndexBase = models.CharField


class ContactIndexField(_IndexBase):
    """The blind index of the encrypted column named `of`, kept up to date whenever it is saved."""

    def __init__(self, *args: Any, of: str = "", purpose: str = "", **options: Any) -> None:
        self.of, self.purpose = of, purpose
        defaults = {"max_length": 64, "blank": True, "default": "", "db_index": True}
        super().__init__(*args, **{**defaults, "editable": False, **options})

    def deconstruct(self) -> Any:
        name, path, arguments, options = super().deconstruct()
        return name, path, arguments, {**options, "of": self.of, "purpose": self.purpose}

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        """The index of what the row holds now."""
        digest = self.digest(getattr(model_instance, self.of))
        setattr(model_instance, self.attname, digest)
        return digest

    def digest(self, value: str | None) -> str:
        """What this column holds for `value`."""
        plain = normal(value or "")
        return blind_index(plain, self.purpose) if plain else ""
