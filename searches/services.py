"""Writes to sightings. Matching is in `matching_service.py`, decisions in `reviewing.py`."""

import hashlib
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from casemgr.platform import audit, erasure, names, outbox, photo_pipeline, text
from casemgr.platform.access import Action, Actor, Group, can
from casemgr.platform.contacts import digests
from casemgr.platform.errors import Conflict, Forbidden, Invalid
from casemgr.platform.partners import feed
from casemgr.platform.persons import mark_tokens
from casemgr.platform.storage import StoredFiles
from cases.querysets import lock
from cases.rules import Refusals, refuse_future
from cases.services import columns
from searches import flood, rules
from searches.models import (
    ReporterContact,
    Sighting,
    SightingExternalId,
    SightingMark,
    SightingPhoto,
)

MARK_FIELDS = ("kind", "body_part", "side", "text")
CONTACT_FIELDS = ("name", "phone", "email")
MAX_PHOTOS = 10
MAX_PHOTOS_AT_ONCE = 3
# As much as the API takes at once; what is added bit by bit may not grow beyond it either.
MAX_DESCRIPTION = 10_000

# 18 characters of a 30-letter alphabet without look-alikes: 88 bits, beyond guessing.
RECEIPT_ALPHABET = "23456789abcdefghjkmnpqrstvwxyz"
RECEIPT_LENGTH = 18


@dataclass(frozen=True, slots=True)
class Received:
    """A stored sighting and the secret code that opens it; the code is not kept anywhere."""

    sighting: Sighting
    receipt: str


def log_sighting(
    *,
    actor: Actor,
    values: Mapping[str, Any],
    marks: Sequence[Mapping[str, Any]] = (),
    contact: Mapping[str, str] | None = None,
    external_ids: Iterable[Mapping[str, str]] = (),
    photos: Sequence[bytes] = (),
    told_of_photos: Sequence[Mapping[str, Any]] = (),
    turn: int | None = None,
) -> Received:
    """Store a sighting, its photos and the work they make, all or nothing.

    `told_of_photos`: for each photo, or for none, its taken_at, shows and subject_face.
    With a `turn` the work waits in the slow lane (see `flood.turn_of`). The answer never depends on
    what is on file. Raises Invalid.
    """
    if not can(actor, Action.CREATE, Group.SIGHTING):
        raise Forbidden
    rules.check_sighting(values, photos=len(photos))
    receipt = new_receipt()
    with StoredFiles() as files, transaction.atomic():
        sighting = Sighting.objects.create(
            reporter=actor.user,
            partner_id=actor.partner_id,
            receipt_digest=receipt_digest(receipt),
            **values,
        )
        _replace_marks(sighting, marks)
        _set_contact(sighting, contact or {})
        _replace_external_ids(sighting, external_ids)
        _index(sighting)
        for position, (data, said) in enumerate(zip_longest(photos, told_of_photos)):
            pointer = f"photos/{position}"
            _store_photo(files, actor, sighting, data, pointer=pointer, turn=turn, **(said or {}))
        flood.regroup(sighting)
        audit.record(actor, Action.CREATE, "sighting", [sighting.pk], groups=[Group.SIGHTING])
        outbox.publish("sighting.received", sighting.pk, turn=turn)
        if actor.partner_id is not None:
            ours = {"sighting": str(sighting.pk)}
            feed.append("sighting.received", sighting.pk, ours, partner_id=actor.partner_id)
    return Received(sighting, receipt)


@transaction.atomic
def update_sighting(
    *,
    actor: Actor,
    sighting: Sighting,
    changes: Mapping[str, Any],
    marks: Sequence[Mapping[str, Any]] | None = None,
    contact: Mapping[str, str] | None = None,
    external_ids: Iterable[Mapping[str, str]] | None = None,
) -> Sighting:
    """Add or correct facts; the sighting is then held against every live case again."""
    if not may_change(actor, sighting, contact=contact is not None):
        raise Forbidden
    held: Sighting = lock(Sighting.objects.all(), sighting.pk)
    _refuse_if_withdrawn(held)
    merged = {name: changes.get(name, getattr(held, name)) for name in _CHECKED} | dict(changes)
    rules.check_sighting(merged, photos=held.photos.count())
    for name, value in changes.items():
        setattr(held, name, value)
    held.save(update_fields=[*columns(Sighting, changes), "updated_at"])
    if marks is not None:
        _replace_marks(held, marks)
    if contact is not None:
        _set_contact(held, contact)
    if external_ids is not None:
        _replace_external_ids(held, external_ids)
    _index(held)
    flood.regroup(held)
    audit.record(actor, Action.UPDATE, "sighting", [held.pk], groups=[Group.SIGHTING])
    announce(held.pk)
    return held


def announce(sighting_id: UUID) -> None:
    """What matching reads of the sighting changed: hold it against every live case again."""
    Sighting.objects.filter(pk=sighting_id).update(revision=F("revision") + 1)
    outbox.publish("sighting.changed", sighting_id)


_CHECKED = (
    *rules.DATES,
    "apparent_age_min",
    "apparent_age_max",
    "description",
    "memories",
    "place",
)


def may_change(actor: Actor, sighting: Sighting, *, contact: bool = False) -> bool:
    """The reporter, by account or receipt; a receipt may add to and withdraw its sighting.

    A reviewer may correct what was seen, and never who saw it (`contact`).
    """
    groups = [Group.SIGHTING] + [Group.REPORTER] * contact
    return actor.receipt == sighting.pk or all(
        can(actor, Action.UPDATE, group, sighting) for group in groups
    )


def add_photo(*, actor: Actor, sighting: Sighting, data: bytes, **columns_: Any) -> SightingPhoto:
    """Seal one more photo. `columns_`: taken_at, shows, subject_face. Raises Invalid, Conflict."""
    if not can(actor, Action.CREATE, Group.SIGHTING, sighting):
        raise Forbidden
    refusals: Refusals = {}
    refuse_future(columns_.get("taken_at"), "taken_at", refusals)
    if refusals:
        raise Invalid(refusals)
    with StoredFiles() as files, transaction.atomic():
        held: Sighting = lock(Sighting.objects.all(), sighting.pk)
        _refuse_if_withdrawn(held)
        _refuse_too_many(held, more=1)
        photo = _store_photo(files, actor, held, data, pointer="image", **columns_)
        flood.regroup(held)
        return photo


def add_told(*, actor: Actor, sighting: Sighting, words: str, photos: Sequence[bytes]) -> None:
    """Add words and photos, all or nothing, and nothing a second time. Raises Invalid, Conflict."""
    if not may_change(actor, sighting):
        raise Forbidden
    with StoredFiles() as files, transaction.atomic():
        held: Sighting = lock(Sighting.objects.all(), sighting.pk)
        _refuse_if_withdrawn(held)
        known = set(held.photos.values_list("original_sha256", flat=True))
        sent = {hashlib.sha256(data).hexdigest(): data for data in photos}
        new = [data for digest, data in sent.items() if digest not in known]
        _refuse_too_many(held, more=len(new))
        for data in new:
            _store_photo(files, actor, held, data, pointer="photos")
        if new:
            flood.regroup(held)
        if words and not held.description.endswith(words):
            told = f"{held.description}\n\n{words}".strip()
            if len(told) > MAX_DESCRIPTION:
                refusal = ("too_long", _("This is too long. Please shorten it."))
                raise Invalid({"description": refusal})
            update_sighting(actor=actor, sighting=held, changes={"description": told})


@transaction.atomic
def withdraw(*, actor: Actor, sighting: Sighting) -> None:
    """Take a sighting back: it is hidden at once and soon erased. Twice is as good as once."""
    if not may_change(actor, sighting):
        raise Forbidden
    held: Sighting = lock(Sighting.objects.all(), sighting.pk)
    if held.withdrawn_at is not None:
        return
    erasure.request(erasure.Kind.SIGHTING, held.pk, why=erasure.Why.PERSON, actor=actor)


def new_receipt() -> str:
    """A secret code a person can copy by hand, in groups of six."""
    letters = "".join(secrets.choice(RECEIPT_ALPHABET) for _ in range(RECEIPT_LENGTH))
    return "-".join(letters[start : start + 6] for start in range(0, RECEIPT_LENGTH, 6))


def receipt_digest(receipt: str) -> str:
    """SHA-256 of the code without its dashes, spaces and capitals."""
    plain = "".join(character for character in receipt.lower() if character.isalnum())
    return hashlib.sha256(plain.encode()).hexdigest()


def _store_photo(
    files: StoredFiles,
    actor: Actor,
    sighting: Sighting,
    data: bytes,
    *,
    pointer: str,
    turn: int | None = None,
    **columns_: Any,
) -> SightingPhoto:
    received = photo_pipeline.receive(files, data, pointer=pointer)
    photo = SightingPhoto.objects.create(sighting=sighting, **received, **columns_)
    audit.record(actor, Action.CREATE, "sighting_photo", [photo.pk], groups=[Group.SIGHTING])
    outbox.publish("sighting_photo.added", photo.pk, turn=turn)
    return photo


def _refuse_too_many(sighting: Sighting, *, more: int) -> None:
    if more and sighting.photos.count() + more > MAX_PHOTOS:
        raise Conflict(
            "too_many_photos",
            _("This sighting has %(most)s photos already. That is enough to go by.")
            % {"most": MAX_PHOTOS},
        )


def _refuse_if_withdrawn(sighting: Sighting) -> None:
    if sighting.withdrawn_at is not None:
        raise Conflict(
            "withdrawn", _("This sighting was taken back. Log a new one to tell us more.")
        )


def _replace_marks(sighting: Sighting, marks: Sequence[Mapping[str, Any]]) -> None:
    sighting.marks.all().delete()
    SightingMark.objects.bulk_create(
        SightingMark(sighting=sighting, **{k: v for k, v in mark.items() if k in MARK_FIELDS})
        for mark in marks
    )


def _replace_external_ids(sighting: Sighting, external_ids: Iterable[Mapping[str, str]]) -> None:
    sighting.external_ids.all().delete()
    rows = [
        SightingExternalId(
            sighting=sighting,
            partner_id=sighting.partner_id,
            system=pair["system"],
            value=pair["id"],
        )
        for pair in external_ids
    ]
    try:
        with transaction.atomic():
            SightingExternalId.objects.bulk_create(rows)
    except IntegrityError:
        words = _("You have given this external id to another sighting.")
        raise Conflict("external_id_taken", words) from None


def reporters_with(value: str) -> "QuerySet[ReporterContact]":
    """Reporters who left exactly this phone number or e-mail address, however it was written."""
    wanted = digests(value, "reporter contact")
    return ReporterContact.objects.filter(Q(phone_index__in=wanted) | Q(email_index__in=wanted))


def _set_contact(sighting: Sighting, contact: Mapping[str, str]) -> None:
    given = {name: contact[name] for name in CONTACT_FIELDS if contact.get(name)}
    if given:
        ReporterContact.objects.update_or_create(sighting=sighting, defaults=given)


def _index(sighting: Sighting) -> None:
    parts = [
        sighting.name_heard,
        sighting.clothing,
        sighting.description,
        sighting.memories,
        sighting.companions,
        sighting.place.text,
        sighting.separated_from.text,
        *sighting.languages,
        *(mark.text for mark in sighting.marks.all()),
    ]
    words = text.tokens("\n".join(part for part in parts if part))
    keys = names.name_keys(sighting.name_heard)
    sighting.tokens = sorted(words | keys | mark_tokens(sighting.marks.all()))
    sighting.save(update_fields=["tokens"])
