"""Private files: originals sealed, derivatives rebuilt, nothing reachable by a link.

Everything lies in Django's storage alias `private` (a folder outside any served one, or an object
store) under random names, so a name tells nothing and a file can only be reached through a view
that asks who is asking. On a file system every file and its folders are synced to disk before a
name is given back: a row that names a file is never younger than the file.
"""

import hashlib
import hmac
import os
import re
import uuid
from collections.abc import Container, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

from django.apps import apps
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages
from django.db import InterfaceError, OperationalError, models
from django.utils import timezone

from casemgr.platform.crypto import (
    SEAL_HEADER,
    DecryptionError,
    is_sealed_with_current,
    seal_bytes,
    unseal_bytes,
)

_SEALED: Final = "originals"
SEALED_PREFIX: Final = f"{_SEALED}/"
_DERIVED: Final = "derivatives"
_LEDGER: Final = "erasures"
_LINKS: Final = "links"
LINK_SECONDS: Final = 60
_NAME: Final = re.compile(rf"(?:{_SEALED}|{_DERIVED})/[0-9a-f]{{2}}/[0-9a-f]{{32}}(?:\.jpg)?")
# No request or job holds a transaction open for as long as this.
_YOUNGEST_ORPHAN: Final = timedelta(hours=1)


if TYPE_CHECKING:
    _NameBase = models.CharField[str, str]
else:
    _NameBase = models.CharField


class FileNameField(_NameBase):
    """A column that holds the name of a file stored here, and how such columns are found.

    To migrations it is a plain CharField.
    """

    def deconstruct(self) -> Any:
        name, _path, arguments, options = super().deconstruct()
        return name, "django.db.models.CharField", arguments, options


class FileDamaged(Exception):
    """A stored file is not what was stored: changed, cut short, or sealed with a lost key."""


@dataclass(frozen=True, slots=True)
class SealedFile:
    """Where an original lies, and the SHA-256 (hex) of its bytes as they were sent."""

    name: str
    sha256: str


def seal(data: bytes) -> SealedFile:
    """Encrypt an original and store it durably under a new random name."""
    name = _new_name(_SEALED, "")
    _write(name, seal_bytes(data, name=name))
    return SealedFile(name, hashlib.sha256(data).hexdigest())


def unseal(name: str, *, sha256: str) -> bytes:
    """The original as it was sent; raises `FileDamaged` unless its SHA-256 is the given one.

    Raises `FileNotFoundError` when there is no such file.
    """
    data = unseal_unchecked(name)
    if not hmac.compare_digest(hashlib.sha256(data).hexdigest(), sha256):
        raise FileDamaged(f"{name} is not the file that its row describes")
    return data


def unseal_unchecked(name: str) -> bytes:
    """The original as it was sealed, for whoever has no row to hold it against. As `unseal`."""
    try:
        return unseal_bytes(read(name), name=name)
    except DecryptionError as error:
        raise FileDamaged(str(error)) from error


def is_current(name: str) -> bool:
    """Whether the newest key sealed this original; raises `FileNotFoundError`."""
    with _private().open(_checked(name)) as file:
        return is_sealed_with_current(bytes(file.read(SEAL_HEADER)))


def put_derivative(data: bytes) -> str:
    """Store a rebuilt JPEG durably under a new random name, and return the name."""
    name = _new_name(_DERIVED, ".jpg")
    _write(name, data)
    return name


def read(name: str) -> bytes:
    """The stored bytes (of an original: still sealed); `FileNotFoundError` when there are none."""
    with _private().open(_checked(name)) as file:
        return bytes(file.read())


def link(name: str, *, caching: str) -> str | None:
    """Where a browser may fetch a derivative for LINK_SECONDS; None where the site hands bytes on.

    Whoever holds the link holds the right, so it is given to nobody who was not asked about. The
    store answers with `caching` as Cache-Control, and with a photo's type and name.
    """
    if _LINKS not in settings.STORAGES:
        return None
    answer = {
        "ResponseCacheControl": caching,
        "ResponseContentType": "image/jpeg",
        "ResponseContentDisposition": 'inline; filename="photo.jpg"',
    }
    if not _checked(name).startswith(f"{_DERIVED}/"):
        raise FileNotFoundError(name)
    # Only an object store has more than a name to say.
    return str(storages[_LINKS].url(name, parameters=answer, expire=LINK_SECONDS))  # type: ignore[call-arg]


def delete(name: str) -> None:
    """Remove a file; one that is gone already is no error."""
    _private().delete(_checked(name))


class StoredFiles:
    """Files written for one transaction: when it fails, they are removed again.

    Wrap it around the transaction, not within::

        with StoredFiles() as files, transaction.atomic():
            sealed = files.seal(data)
            Photo.objects.create(...)

    A lost database connection leaves the files: the commit may stand all the same, and then a row
    needs them. If it did not, `sweep_orphans` finds them, as it does after a killed process.
    """

    def __init__(self) -> None:
        self._names: list[str] = []

    def seal(self, data: bytes) -> SealedFile:
        sealed = seal(data)
        self._names.append(sealed.name)
        return sealed

    def put_derivative(self, data: bytes) -> str:
        name = put_derivative(data)
        self._names.append(name)
        return name

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is not None and not isinstance(error, OperationalError | InterfaceError):
            for name in self._names:
                delete(name)


def sweep_orphans(known_names: Container[str], older_than: timedelta) -> int:
    """Delete files that no row names and that are older than `older_than`; return how many.

    `known_names` holds every name that any row mentions, gathered just before the call. Younger
    files may belong to a transaction still open, so less than an hour is refused with ValueError.
    Files that this module did not name are left alone.
    """
    if older_than < _YOUNGEST_ORPHAN:
        raise ValueError("files younger than an hour may still get their row")
    newest = timezone.now() - older_than
    swept = 0
    for name in _stored_names():
        if name not in known_names and _modified(name) < newest:
            delete(name)
            swept += 1
    return swept


def known_names() -> set[str]:
    """Every name that any row of any table mentions."""
    found: set[str] = set()
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, FileNameField):
                names = model._default_manager.exclude(**{field.name: ""})
                found.update(names.values_list(field.name, flat=True).iterator())
    return found


def put_ledger_line(line_id: uuid.UUID, text: str) -> None:
    """Keep one line of the erasure ledger durably beside the photos; again changes nothing."""
    name = f"{_LEDGER}/{line_id}.json"
    if not _private().exists(name):
        _write(name, text.encode())


def ledger_ids() -> Iterator[uuid.UUID]:
    """The ids of the ledger's lines here."""
    try:
        _folders, files = _private().listdir(_LEDGER)
    except FileNotFoundError:
        return
    for file in files:
        yield uuid.UUID(file.removesuffix(".json"))


def ledger_line(line_id: uuid.UUID) -> str:
    """One line's text."""
    with _private().open(f"{_LEDGER}/{line_id}.json") as file:
        return bytes(file.read()).decode()


def _private() -> Storage:
    return storages["private"]


def _new_name(folder: str, suffix: str) -> str:
    unique = uuid.uuid4().hex
    return f"{folder}/{unique[:2]}/{unique}{suffix}"


def _checked(name: str) -> str:
    """Refuse a name that is not ours, whatever path it would lead to."""
    if _NAME.fullmatch(name) is None:
        raise FileNotFoundError(name)
    return name


def _write(name: str, data: bytes) -> None:
    storage = _private()
    try:
        stored_as = storage.save(name, ContentFile(data))
        _sync(storage, stored_as)
    except BaseException:
        storage.delete(name)
        raise
    if stored_as != name:
        storage.delete(stored_as)
        raise OSError(f"{name} exists already")


def _sync(storage: Storage, name: str) -> None:
    """Flush a file and the folders that lead to it; an object store has done so by itself."""
    try:
        path = Path(storage.path(name))
    except NotImplementedError:
        return
    for entry in (path, *path.parents[: len(Path(name).parents)]):
        descriptor = os.open(entry, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _stored_names() -> Iterator[str]:
    storage = _private()
    for folder in (_SEALED, _DERIVED):
        try:
            shards, _ = storage.listdir(folder)
        except FileNotFoundError:
            continue
        for shard in shards:
            _, files = storage.listdir(f"{folder}/{shard}")
            for file in files:
                name = f"{folder}/{shard}/{file}"
                if _NAME.fullmatch(name):
                    yield name


def _modified(name: str) -> datetime:
    try:
        return _private().get_modified_time(name)
    except FileNotFoundError:
        # Removed by its owner since it was listed: as good as brand new, so it is left to them.
        return timezone.now()
