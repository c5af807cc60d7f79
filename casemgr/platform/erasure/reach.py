"""Everything that hangs on a row, found by walking the models, so that no new table is missed."""

from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import ForeignObjectRel

from casemgr.platform.erasure.parts import Holdings
from casemgr.platform.storage import FileNameField

Model = type[models.Model]


def dependents(model: Model) -> Iterator[tuple[Model, str]]:
    """Models whose rows go with a row of `model`, each with the field that points at it."""
    for relation in model._meta.get_fields(include_hidden=True):
        if (
            isinstance(relation, ForeignObjectRel)
            and (relation.one_to_many or relation.one_to_one)
            and getattr(relation, "on_delete", None) is models.CASCADE
        ):
            yield relation.related_model, relation.field.name


def reach(model: Model, keys: Iterable[Any]) -> Holdings:
    """Ids and file names of these rows and of all that hangs on them; rows with files are locked.

    They are locked before their names are read: a worker that is developing a photo has written
    its names by then, or will find the photo gone.
    """
    ids: set[UUID] = set()
    files: set[str] = set()
    _collect(model, list(keys), ids, files)
    return Holdings(ids=frozenset(ids), files=frozenset(files))


def _collect(model: Model, keys: list[Any], ids: set[UUID], files: set[str]) -> None:
    if not keys:
        return
    ids.update(key for key in keys if isinstance(key, UUID))
    if names := file_fields(model):
        rows = model._default_manager.select_for_update().filter(pk__in=keys).order_by("pk")
        for row in rows.values_list(*names):
            files.update(name for name in row if name)
    for dependent, field in dependents(model):
        rows = dependent._default_manager.filter(**{f"{field}__in": keys})
        _collect(dependent, list(rows.values_list("pk", flat=True)), ids, files)


def file_fields(model: Model) -> list[str]:
    """The columns of a model that name files of the private storage."""
    return [each.name for each in model._meta.concrete_fields if isinstance(each, FileNameField)]


def blank(row: models.Model, *, keep: Iterable[str]) -> list[str]:
    """Empty every column but the key and those in `keep`; returns the names of those emptied.

    A column that is added later is emptied too, unless somebody says that it may stay.
    """
    kept = set(keep)
    emptied = [
        each for each in row._meta.concrete_fields if not each.primary_key and each.name not in kept
    ]
    for each in emptied:
        empty = None if each.null else each.get_default()
        if empty is None and not each.null:
            raise ValueError(f"{row._meta.label}.{each.name} has no empty value: name it in `keep`")
        setattr(row, each.attname, empty)
    return [each.name for each in emptied]
