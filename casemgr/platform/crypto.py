"""Encrypt what must not be readable in a stolen database, and look it up without reading it.

One key ring serves fields and files: `settings.FIELD_KEYS`, Fernet keys, newest first. The first
one encrypts, all of them decrypt, so a key is replaced by putting a new one in front, rewriting,
and then taking the old one away.
"""

import hashlib
import hmac
import os
from base64 import urlsafe_b64decode
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NoReturn

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core import checks
from django.core.exceptions import FieldError
from django.db import models
from django.db.models.lookups import Lookup


class DecryptionError(Exception):
    """None of the keys opens this; it was damaged, or its key was taken away too early."""


def encrypt(text: str) -> bytes:
    """Encrypt with the newest key, giving an ASCII Fernet token."""
    return _fernet(_keys()).encrypt(text.encode())


def decrypt(token: bytes) -> str:
    """Open a token with whichever key fits; raises `DecryptionError`."""
    try:
        return _fernet(_keys()).decrypt(token).decode()
    except InvalidToken as error:
        raise DecryptionError("no key opens this token") from error


def is_current(token: bytes) -> bool:
    """Whether the newest key made this token."""
    try:
        _fernet(_keys()[:1]).decrypt(token)
    except InvalidToken:
        return False
    return True


def blind_index(value: str, purpose: str) -> str:
    """A keyed digest (64 hex digits) of `value`, to store beside its encrypted form.

    The same value under two purposes gives two digests, so tables cannot be joined on them. The
    caller brings the value into one form first. Look up with `blind_indexes`.
    """
    return blind_indexes(value, purpose)[0]


def blind_indexes(value: str, purpose: str) -> list[str]:
    """The digests of `value` under every key, newest first: for `field__in=` while keys change."""
    use = f"blind index: {purpose}"
    return [
        hmac.new(_derived(key, use), value.encode(), hashlib.sha256).hexdigest() for key in _keys()
    ]


_SEAL_MAGIC: Final = b"HWSEAL1\n"
_KEY_ID_BYTES: Final = 8
_NONCE_BYTES: Final = 12
SEAL_HEADER: Final = len(_SEAL_MAGIC) + _KEY_ID_BYTES


def seal_bytes(data: bytes, *, name: str) -> bytes:
    """Encrypt a file's bytes (AES-256-GCM), bound to the name it is stored under."""
    key = _keys()[0]
    nonce = os.urandom(_NONCE_BYTES)
    header = _SEAL_MAGIC + _key_id(key)
    body = AESGCM(_derived(key, "sealed file")).encrypt(nonce, data, header + name.encode())
    return header + nonce + body


def unseal_bytes(sealed: bytes, *, name: str) -> bytes:
    """Open what `seal_bytes` made under the same name; raises `DecryptionError`."""
    header = sealed[: len(_SEAL_MAGIC) + _KEY_ID_BYTES]
    nonce = sealed[len(header) : len(header) + _NONCE_BYTES]
    body = memoryview(sealed)[len(header) + _NONCE_BYTES :]
    for key in _keys():
        if header == _SEAL_MAGIC + _key_id(key):
            try:
                return AESGCM(_derived(key, "sealed file")).decrypt(
                    nonce, body, header + name.encode()
                )
            except (InvalidTag, ValueError) as error:
                raise DecryptionError(f"the sealed file {name} was changed") from error
    raise DecryptionError(f"no key opens the sealed file {name}")


def is_sealed_with_current(header: bytes) -> bool:
    """Whether the newest key sealed the file that begins with these `SEAL_HEADER` bytes."""
    return header == _SEAL_MAGIC + _key_id(_keys()[0])


def _keys() -> tuple[str, ...]:
    return tuple(settings.FIELD_KEYS)


@lru_cache(maxsize=8)
def _fernet(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


@lru_cache(maxsize=64)
def _derived(key: str, use: str) -> bytes:
    """A 32-byte key for one use only, so that no two uses ever share one."""
    info = f"homeward {use}".encode()
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(urlsafe_b64decode(key))


def _key_id(key: str) -> bytes:
    return _derived(key, "key id")[:_KEY_ID_BYTES]


if TYPE_CHECKING:
    _TextBase = models.Field[str, str]
else:
    _TextBase = models.Field


class EncryptedTextField(_TextBase):
    """Text that the database only ever holds encrypted (in a `bytea` column).

    It can be read, written and tested for NULL, and nothing else: every other lookup, an index or
    a unique constraint would compare ciphertexts, which never match, so they are refused. Put a
    `blind_index` beside it where an exact look-up is needed.
    """

    description = "Encrypted text"

    def get_internal_type(self) -> str:
        return "BinaryField"

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> str | None:
        return None if value is None else decrypt(bytes(value))

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return None if value is None else encrypt(self.to_python(value) or "")

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        token = value if prepared else self.get_prep_value(value)
        return None if token is None else connection.Database.Binary(token)

    def to_python(self, value: Any) -> str | None:
        return value if value is None or isinstance(value, str) else str(value)

    def get_lookup(self, lookup_name: str) -> "type[Lookup[Any]] | None":
        if lookup_name != "isnull":
            raise FieldError(
                f"{self.name} is encrypted: only isnull can be asked of it, not {lookup_name}"
            )
        return super().get_lookup(lookup_name)

    def value_to_string(self, obj: models.Model) -> NoReturn:
        raise FieldError(f"{self.name} is encrypted and is not written into a plain dump")

    def formfield(self, *args: Any, **kwargs: Any) -> Any:
        from django import forms

        return super().formfield(
            *args, **{"form_class": forms.CharField, "widget": forms.Textarea, **kwargs}
        )

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:
        found = super().check(**kwargs)
        if self.unique or getattr(self, "db_index", False):
            found.append(
                checks.Error(
                    "An encrypted field cannot be unique, indexed or a primary key.",
                    hint="Put a blind_index field beside it.",
                    obj=self,
                    id="homeward.E001",
                )
            )
        return found
