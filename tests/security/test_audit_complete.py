"""Whatever a request loads of a child's data is in its audit row: no route forgets.

Every address is asked by everybody, while every row that Django loads is noted down. What was
loaded for an answer and is not in the request's audit row is a look that nobody wrote down.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest
from django.db.models.signals import post_init
from django.urls import URLResolver, get_resolver

from casemgr.platform.audit import AuditEntry
from casemgr.platform.vocabularies import CaseStatus
from cases.models import Case, CasePhoto
from families.models import Contact
from families.services import set_contact
from searches.models import Match, Sighting, SightingPhoto
from tests.cast import Cast
from tests.factories import file_case, jpeg, log_sighting, store_match, work_off

pytestmark = pytest.mark.django_db
WATCHED = (Case, CasePhoto, Contact, Match, Sighting, SightingPhoto)
# What a path's parameters may stand for, by what the path is about.
OWNERS = {"cases": "case", "sightings": "sighting", "matches": "match", "media": "photo"}


def names_of(row: Any) -> tuple[set[UUID], bool]:
    """Ids any of which says that this row was looked at, and whether anybody may see it."""
    if isinstance(row, Case):
        return {row.pk, *row.photos.values_list("pk", flat=True)}, row.public
    if isinstance(row, CasePhoto):
        # Cards are built from all photos of a case, and show those that were ticked.
        return {row.pk, row.case_id}, row.case.public
    if isinstance(row, Sighting):
        return {row.pk, *row.photos.values_list("pk", flat=True)}, False
    if isinstance(row, SightingPhoto):
        return {row.pk, row.sighting_id}, False
    if isinstance(row, Contact):
        return set(row.guardian.family.cases.values_list("pk", flat=True)), False
    return {row.pk}, False


@contextmanager
def watching() -> Iterator[list[Any]]:
    """Every row of a watched model that is loaded meanwhile."""
    loaded: list[Any] = []

    def note(sender: Any, instance: Any, **_: Any) -> None:
        loaded.append(instance)

    for model in WATCHED:
        post_init.connect(note, sender=model)
    try:
        yield loaded
    finally:
        for model in WATCHED:
            post_init.disconnect(note, sender=model)


def addresses(patterns: list[Any], before: str = "/") -> Iterator[str]:
    for pattern in patterns:
        where = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, where)
        else:
            yield where


def filled(where: str, world: dict[str, Any]) -> list[str]:
    """The address with ids in it, once for each thing it may be about; [] where none fits."""
    if "^" in where:
        return []
    owner = next((kind for word, kind in OWNERS.items() if f"/{word}/" in where), "")
    found = []
    for kind in ("case", "sighting"):
        photo = world[f"{kind}_photo"]
        values = {
            "pk": world.get(owner),
            "photo_id": photo if owner in ("photo", kind) else None,
            "match_id": world["match"],
            "reference": world["reference"],
            "kind": kind,
            "size": "thumb",
        }
        names = re.findall(r"<\w+:(\w+)>", where)
        if all(values.get(name) for name in names):
            address = where
            for name in names:
                address = re.sub(rf"<\w+:{name}>", str(values[name]), address)
            found.append(address)
    return sorted(set(found))


@pytest.fixture
def world(cast: Cast) -> dict[str, Any]:
    """A public case and a report, each with a photo, that match, both in the reviewer's hand."""
    case = file_case(cast, public=True, in_hand_of=[cast.reviewer])
    guardian = cast.guardian.actor
    from cases.services import add_photo

    set_contact(actor=guardian, guardian=case.family.guardians.get(), name="林大海")
    case_photo = add_photo(actor=guardian, case=case, data=jpeg(3))
    sighting = log_sighting(cast, by=cast.volunteer, photos=[jpeg(4)]).sighting
    work_off("cases.develop_photo")
    work_off("searches.develop_photo")
    hidden = file_case(cast, by=cast.other_guardian, status=CaseStatus.OPEN)
    store_match(hidden, sighting)
    return {
        "case": case.pk,
        "reference": case.reference,
        "case_photo": case_photo.pk,
        "sighting": sighting.pk,
        "sighting_photo": sighting.photos.get().pk,
        "match": store_match(case, sighting).pk,
    }


ASKERS = ("anonymous", "volunteer", "guardian", "other_guardian", "coordinator", "reviewer")


def test_no_address_shows_what_its_audit_row_does_not_name(
    cast: Cast, world: dict[str, Any]
) -> None:
    asked, looked, missed = 0, 0, []
    for where in sorted(set(addresses(get_resolver().url_patterns))):
        for address in filled(where, world):
            for asker in ASKERS:
                browser = getattr(cast, asker).browser()
                with watching() as loaded:
                    response = browser.get(address)
                if response.status_code != 200:
                    continue
                asked += 1
                request_id = response.headers.get("X-Request-Id", "")
                rows = AuditEntry.objects.filter(action="R", request_id=request_id)
                assert rows.count() <= 1, address
                named = {key for row in rows for key in row.subject_ids}
                looked += bool(named)
                for row in list(loaded):
                    ids, is_public = names_of(row)
                    if not is_public and not ids & named:
                        missed.append((address, asker, type(row).__name__))
    assert not missed, "\n".join(map(str, sorted(set(missed))))
    assert asked > 60
    assert looked > 20


def test_a_look_that_is_not_written_down_is_found(cast: Cast, world: dict[str, Any]) -> None:
    """The watch itself sees a row that was loaded and not named."""
    with watching() as loaded:
        Sighting.objects.get(pk=world["sighting"])
    [row] = loaded
    ids, is_public = names_of(row)
    assert (is_public, world["sighting"] in ids) == (False, True)
