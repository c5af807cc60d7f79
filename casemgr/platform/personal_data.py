"""Everything held on a person, for that person: a zip with `data.json` and their photos.

Each app says what it holds of an account (`@section`). What is about others stays out: matches,
reviews, what a claim is tested with, protection flags, who else looked.
"""

import io
import json
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction

from casemgr.platform import audit, storage
from casemgr.platform.access import Action, Actor, Group
from casemgr.platform.accounts.models import User
from casemgr.platform.audit import AuditEntry
from casemgr.platform.crypto import EncryptedTextField
from casemgr.platform.errors import Forbidden
from casemgr.platform.photos import PhotoFields
from casemgr.platform.vocabularies import PhotoStatus

# Ours alone, and of no meaning to anybody: where files lie, what matching reads, what keys look up.
_INTERNAL = (
    "tokens",
    "card_tokens",
    "revision",
    "password",
    "receipt_digest",
    "likeness",
    "content_print",
    "phone_index",
    "email_index",
)


@dataclass(slots=True)
class Section:
    """One part of the export: rows under a name, and photos as (name in the zip, photo)."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    photos: list[tuple[str, PhotoFields]] = field(default_factory=list)


Collector = Callable[[UUID], Section]
_sections: dict[str, Collector] = {}


def section(name: str) -> Callable[[Collector], Collector]:
    """Register what an app holds of an account, under a name in the export."""

    def register(collect: Collector) -> Collector:
        _sections[name] = collect
        return collect

    return register


@transaction.atomic
def export_person(*, actor: Actor, user: User) -> bytes:
    """The zip, for the account's owner alone. Raises Forbidden."""
    if actor.user_id is None or actor.user_id != user.pk:
        raise Forbidden
    audit.record(actor, Action.EXPORT, "account", [user.pk], groups=[Group.EXPORTS])
    collected = {name: collect(user.pk) for name, collect in sorted(_sections.items())}
    data = {name: each.rows for name, each in collected.items()}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        text = json.dumps(data, cls=_Encoder, ensure_ascii=False, indent=2)
        archive.writestr("data.json", text)
        for each in collected.values():
            for name, photo in each.photos:
                archive.writestr(f"photos/{name}.jpg", storage.read(photo.reviewer_file))
    return buffer.getvalue()


def plain(row: models.Model, *, leave_out: Iterable[str] = ()) -> dict[str, Any]:
    """A row's columns by name, what is encrypted in the clear; without what is only ours."""
    hidden = {*_INTERNAL, *leave_out}
    columns = {}
    for each in row._meta.concrete_fields:
        if each.name in hidden or _is_internal(each):
            continue
        value = getattr(row, each.attname)
        if value not in ("", None, [], {}):
            columns[each.name] = value
    return columns


def photos_of(label: str, photos: Iterable[PhotoFields]) -> list[tuple[str, PhotoFields]]:
    """Those that can be shown, each with a name of its own."""
    ready = [photo for photo in photos if photo.status == PhotoStatus.READY]
    return [(f"{label}-{photo.pk}", photo) for photo in ready]


def _is_internal(each: "models.Field[Any, Any]") -> bool:
    return isinstance(each, storage.FileNameField) or (
        isinstance(each, models.BinaryField) and not isinstance(each, EncryptedTextField)
    )


class _Encoder(DjangoJSONEncoder):
    def default(self, o: Any) -> Any:
        return o.hex() if isinstance(o, bytes) else super().default(o)


@section("account")
def _account(user_id: UUID) -> Section:
    return Section([plain(user) for user in User.objects.filter(pk=user_id)])


@section("own_acts")
def _acts(user_id: UUID) -> Section:
    """When they did what; what they looked at is in the other sections, or somebody else's."""
    acts = AuditEntry.objects.by(user_id).values("at", "action", "subject_type")
    return Section([dict(act) for act in acts])
