"""Planting canaries: words that stand nowhere else, in every column and file of one subject.

Which columns there are is read from the models, so that a column added tomorrow is planted too.
"""

import io
import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import numpy as np
from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.contrib.sessions.models import Session
from django.core.files.storage import storages
from django.db import connection, models
from PIL import Image

from casemgr.platform import audit, crypto, idempotency
from casemgr.platform.access import Actor
from casemgr.platform.accounts.models import User
from casemgr.platform.audit import AuditEntry, AuditSubject
from casemgr.platform.crypto import EncryptedTextField
from casemgr.platform.erasure.reach import dependents
from casemgr.platform.photos import FaceFields
from casemgr.platform.storage import FileNameField
from tests.factories import stored_files

SHORTEST = 20
"""Columns for fewer letters hold codes, not words."""
NEVER = {"reference", "receipt_digest", "original_sha256", "digest", "password", "engine"}
NEVER |= {"phone_index", "email_index"}
"""Columns that nobody writes into, or that must hold what they hold for the row to work."""


def canary(number: int) -> str:
    """One subject's word, of letters and digits that stand nowhere else."""
    return f"canary{number:04d}x"


def photo(number: int) -> bytes:
    """A JPEG whose comment holds the canary."""
    rng = np.random.default_rng(number)
    image = Image.fromarray(rng.integers(0, 255, (12, 12, 3), dtype=np.uint8), "RGB")
    buffer = io.BytesIO()
    image.resize((240, 300)).save(buffer, "JPEG", comment=canary(number).encode())
    return buffer.getvalue()


def plant(row: models.Model, word: str, *, within: tuple[str, ...] = ()) -> int:
    """Write `word` into every column for words of `row` and of all that hangs on it.

    `within` names models that are left alone. Returns how many columns took it.
    """
    planted = 0
    model = type(row)
    if model._meta.label in within:
        return 0
    columns = {
        field.name: value
        for field in model._meta.concrete_fields
        if field.name not in NEVER and (value := _filled(field, word)) is not None
    }
    if columns:
        model._base_manager.filter(pk=row.pk).update(**columns)
    planted += len(columns)
    for dependent, name in dependents(model):
        for each in dependent._base_manager.filter(**{name: row.pk}):
            planted += plant(each, word, within=within)
    return planted


def _filled(field: "models.Field[Any, Any]", word: str) -> Any:
    """What the column holds with the word in it, or None for columns that take no words."""
    if field.choices or field.unique or isinstance(field, FileNameField):
        return None
    if isinstance(field, EncryptedTextField | models.TextField):
        return f"in my words: {word}."
    if isinstance(field, models.CharField):
        return word if (field.max_length or 0) >= SHORTEST else None
    if isinstance(field, ArrayField) and isinstance(
        field.base_field, models.CharField | models.TextField
    ):
        length = getattr(field.base_field, "max_length", None) or 99
        return [word] if length >= SHORTEST else None
    if isinstance(field, models.JSONField):
        return {"word": word}
    return None


def plant_face(model: type[FaceFields], photo_id: UUID, number: int) -> None:
    """A face with an embedding that is the subject's alone."""
    columns = {
        "photo_id": photo_id,
        "engine": "dlib-resnet-v1",
        "embedding": np.full(128, embedding(number), dtype=np.float32),
        "box": [1, 2, 3, 4],
        "width_px": 40,
        "quality": "good",
    }
    model._default_manager.filter(**{"photo_id": photo_id}).delete()
    model._default_manager.create(**columns)


def embedding(number: int) -> float:
    """Each component of the subject's embedding."""
    return float(np.float32(0.5 + number / 65_536))


def plant_traces(subject: UUID, word: str) -> None:
    """What the platform keeps beside: an audit reason, a stored answer, an event's data."""
    from django.db import transaction

    from casemgr.platform import outbox

    audit.record(Actor(), "unpublish", "case", [subject], reason=f"because of {word}")
    idempotency.run(
        principal="anonymous",
        route="/api/v1/sightings/",
        key=str(uuid4()),
        print_="0" * 64,
        work=lambda: idempotency.Reply(201, {"id": str(subject), "words": word}),
    )
    with transaction.atomic():
        outbox.publish("case.updated", uuid4(), {"about": str(subject), "code": word})


def plant_session(user: User, word: str) -> None:
    """A signed-in browser that remembers the word."""
    from importlib import import_module

    from django.conf import settings

    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session["_auth_user_id"] = str(user.pk)
    session["note"] = word
    session.create()


def find(word: str) -> dict[str, int]:
    """Everywhere that `word` still is: every table as text, what is encrypted, every file."""
    found: dict[str, int] = {}
    for where, text in everything():
        if word in text:
            found[where] = found.get(where, 0) + text.count(word)
    return found


def everything() -> Iterator[tuple[str, str]]:
    """All that is stored, in the clear, as (where, text)."""
    for table in connection.introspection.table_names():
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT t::text FROM "{table}" AS t')  # noqa: S608 - a table's name
            yield table, "\n".join(text for (text,) in cursor.fetchall())
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, EncryptedTextField):
                values = model._base_manager.values_list(field.name, flat=True)
                where = f"{model._meta.db_table}.{field.name} decrypted"
                yield where, "\n".join(value for value in values if value)
    reasons = [entry.reason for entry in AuditEntry.objects.exclude(reason_sealed=None)]
    yield "audit reasons opened", "\n".join(reasons)
    sessions = [json.dumps(session.get_decoded()) for session in Session.objects.all()]
    yield "sessions decoded", "\n".join(sessions)
    for name in stored_files():
        with storages["private"].open(name) as file:
            data = file.read()
        yield f"file {name}", data.decode("latin-1")
        if name.startswith("originals/"):
            yield f"file {name} unsealed", crypto.unseal_bytes(data, name=name).decode("latin-1")


def pseudonym_known(subject: UUID) -> bool:
    """Whether the audit can still be led back to `subject`."""
    return AuditSubject.objects.filter(subject=subject).exists()
