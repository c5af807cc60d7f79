"""Putting everything encrypted under the first key, while the system runs.

Safe to stop and to start again: what is under the first key already is passed over. Each value is
exchanged only if it is still what was read, so that nobody's change is lost.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import connection, models

from casemgr.platform import crypto, storage
from casemgr.platform.contacts import ContactIndexField
from casemgr.platform.crypto import DecryptionError, EncryptedTextField
from casemgr.platform.storage import FileNameField

BATCH = 500
Model = type[models.Model]
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Counts:
    """What was found under the first key, was put there, is still under another, or won't open."""

    current: int = 0
    renewed: int = 0
    old: int = 0
    unreadable: int = 0


def rotate(progress: Progress) -> Counts:
    """Renew every value and every sealed file; `progress` hears how many of how many were seen."""
    return _walk(progress, change=True)


def check(progress: Progress) -> Counts:
    """Count only; `old` is what a key's removal would make unreadable."""
    return _walk(progress, change=False)


def encrypted_columns() -> list[tuple[Model, list[EncryptedTextField]]]:
    """Every model with encrypted columns, found by walking the models."""
    found = [(model, encrypted_columns_of(model)) for model in apps.get_models()]
    return [(model, fields) for model, fields in found if fields]


def encrypted_columns_of(model: Model) -> list[EncryptedTextField]:
    """One model's encrypted columns."""
    fields = model._meta.local_concrete_fields
    return [each for each in fields if isinstance(each, EncryptedTextField)]


def sealed_columns() -> list[tuple[Model, FileNameField]]:
    """Every column that may name a sealed file."""
    return [
        (model, field)
        for model in apps.get_models()
        for field in model._meta.local_concrete_fields
        if isinstance(field, FileNameField)
    ]


def _walk(progress: Progress, *, change: bool) -> Counts:
    columns, files = encrypted_columns(), sealed_columns()
    total = sum(model._base_manager.count() for model, _fields in columns)
    total += sum(_sealed_rows(model, field).count() for model, field in files)
    counts: Counter[str] = Counter()
    seen = 0
    for model, fields in columns:
        for key, *tokens in _rows(model, fields):
            for field, token in zip(fields, tokens, strict=True):
                counts[_column(model, field, key, token, change=change)] += token is not None
            seen += 1
            progress(seen, max(total, seen))
    for model, name_field in files:
        rows = _sealed_rows(model, name_field).order_by("pk").values_list("pk", name_field.name)
        for key, name in rows.iterator(chunk_size=BATCH):
            counts[_file(model, name_field, key, name, change=change)] += 1
            seen += 1
            progress(seen, max(total, seen))
    return Counts(**{name: counts[name] for name in ("current", "renewed", "old", "unreadable")})


def _rows(model: Model, fields: list[EncryptedTextField]) -> Iterator[tuple[Any, ...]]:
    """(key, token, …) of every row, in order of key, as the database holds them."""
    table, by = _quoted(model._meta.db_table), _column_name(model._meta.pk)
    names = ", ".join([by, *(_column_name(each) for each in fields)])
    last: Any = None
    while True:
        after = f"WHERE {by} > %s" if last is not None else ""
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {names} FROM {table} {after} ORDER BY {by} LIMIT {BATCH}",  # noqa: S608 - our own names
                [] if last is None else [last],
            )
            rows = cursor.fetchall()
        for found in rows:
            yield (found[0], *(None if each is None else bytes(each) for each in found[1:]))
        if len(rows) < BATCH:
            return
        last = rows[-1][0]


def _column(
    model: Model, field: EncryptedTextField, key: Any, token: bytes | None, *, change: bool
) -> str:
    if token is None or crypto.is_current(token):
        return "current"
    try:
        text = crypto.decrypt(token)
    except DecryptionError:
        return "unreadable"
    if not change:
        return "old"
    table, by = _quoted(model._meta.db_table), _column_name(model._meta.pk)
    values: dict[str, bytes | str] = {_column_name(field): crypto.encrypt(text)}
    values |= _indexes(model, field, text)
    settings = ", ".join(f"{column} = %s" for column in values)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET {settings}"  # noqa: S608 - our own names
            f" WHERE {by} = %s AND {_column_name(field)} = %s",
            [*values.values(), key, token],
        )
    return "renewed"


def _indexes(model: Model, field: EncryptedTextField, text: str) -> dict[str, str]:
    """Blind indexes beside a column are of its key too."""
    beside = f"{field.name}_index"
    try:
        index = model._meta.get_field(beside)
    except FieldDoesNotExist:
        return {}
    if not isinstance(index, ContactIndexField):
        return {}
    return {_column_name(index): index.digest(text)}


def _sealed_rows(model: Model, field: FileNameField) -> "models.QuerySet[Any]":
    return model._base_manager.filter(**{f"{field.name}__startswith": storage.SEALED_PREFIX})


def _file(model: Model, field: FileNameField, key: Any, name: str, *, change: bool) -> str:
    try:
        if storage.is_current(name):
            return "current"
        if not change:
            storage.unseal_unchecked(name)
            return "old"
        renewed = storage.seal(storage.unseal_unchecked(name)).name
    except (FileNotFoundError, storage.FileDamaged):
        return "unreadable"
    rows = model._base_manager.filter(pk=key, **{field.name: name})
    taken = rows.update(**{field.name: renewed})
    storage.delete(name if taken else renewed)
    return "renewed"


def _column_name(field: Any) -> str:
    return _quoted(field.column)


def _quoted(name: str) -> str:
    return str(connection.ops.quote_name(name))
