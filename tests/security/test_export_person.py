"""Everything held on a person is handed to them, and nothing of anybody else."""

import io
import json
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from casemgr.platform import retention
from casemgr.platform.accounts.models import User
from casemgr.platform.audit import AuditEntry
from casemgr.platform.errors import Forbidden
from casemgr.platform.personal_data import export_person
from casemgr.platform.vocabularies import CaseStatus, MatchStatus
from cases import lifecycle
from cases.models import Case, WithheldFact
from cases.services import add_photo
from families.services import set_contact
from searches.models import Match, ReporterContact, Sighting
from tests.cast import Cast, Person
from tests.factories import file_case, jpeg, log_sighting, store_match, work_off
from tests.security import canaries

pytestmark = pytest.mark.django_db


def user_of(person: Person) -> User:
    assert person.user is not None
    return person.user


def export(person: Person) -> tuple[dict[str, Any], list[str], bytes]:
    data = export_person(actor=person.actor, user=user_of(person))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = archive.namelist()
        everything = b"".join(archive.read(name) for name in names)
        return json.loads(archive.read("data.json")), names, everything


def furnished(cast: Cast) -> Any:
    """A guardian with a case in which every column holds a canary, a photo and a report."""
    case = file_case(cast, status=CaseStatus.OPEN)
    actor = cast.guardian.actor
    add_photo(actor=actor, case=case, data=jpeg(3))
    set_contact(actor=actor, guardian=case.family.guardians.get(), name="林大海", phone="138")
    WithheldFact.objects.create(case=case, text="the left shoe was red")
    sighting = log_sighting(cast, by=cast.guardian, photos=[jpeg(4)]).sighting
    ReporterContact.objects.create(sighting=sighting, phone="139 0013")
    work_off()
    return case


def test_the_zip_holds_every_word_and_photo_of_the_person(cast: Cast) -> None:
    case = furnished(cast)
    data, names, _all = export(cast.guardian)

    assert set(data) == {
        "account", "cases", "consents", "contacts", "guardianships", "memberships",
        "own_acts", "sightings",
    }  # fmt: skip
    [told] = data["cases"]
    assert (told["reference"], told["child"]["full_name"]) == (case.reference, "林小满")
    assert told["story"] == case.story
    assert data["contacts"][0]["name"] == "林大海"
    [sighting] = data["sightings"]
    assert sighting["contact"][0]["phone"] == "139 0013"
    assert sighting["description"].startswith("A girl selling flowers")
    assert data["account"][0]["email"] == "guardian@example.org"
    photos = [name for name in names if name.startswith("photos/")]
    assert len(photos) == 2
    assert AuditEntry.objects.filter(action="X").count() == 1


def test_every_column_for_words_is_in_it(cast: Cast) -> None:
    case = furnished(cast)
    word = canaries.canary(1)
    # What partners were told is kept in digests of ours.
    within = ("cases.WithheldFact", "searches.Match", "cases.Assignment", "cases.CasePhoto",
              "cases.ToldToPartners")  # fmt: skip
    planted = canaries.plant(case, word, within=within)
    planted += canaries.plant(case.family.guardians.get(), word)

    data, _names, _all = export(cast.guardian)
    counted = json.dumps(data).count(word)
    # Search tokens are ours; the guardianship's own words stand once.
    assert planted - 2 <= counted <= planted


def test_nothing_of_others_and_nothing_that_tells_of_a_match_is_in_it(cast: Cast) -> None:
    case = furnished(cast)
    sighting = log_sighting(cast, by=cast.volunteer, description="seen by somebody else").sighting
    before = export(cast.guardian)[0]
    store_match(case, sighting, bits=20.0, band="strong")
    lifecycle.transition(actor=cast.desk[0].actor, case=case, to=CaseStatus.LOCATED)
    after, _names, everything = export(cast.guardian)

    for world in (before, after):
        world["own_acts"].clear()
    assert before == after
    for secret in (b"left shoe", b"somebody else", b"located", str(sighting.pk).encode()):
        assert secret not in everything
    for field in ("tokens", "revision", "receipt_digest", "matched_at", "phash", "embedding"):
        assert f'"{field}"'.encode() not in everything


def test_when_a_contact_is_erased_cannot_be_told(cast: Cast) -> None:
    case = file_case(cast, status=CaseStatus.OPEN)
    told = [log_sighting(cast, by=cast.volunteer).sighting for _ in "ab"]
    for sighting in told:
        ReporterContact.objects.create(sighting=sighting, phone="139 0013")
    match = store_match(case, told[0])
    Match.objects.filter(pk=match.pk).update(status=MatchStatus.CONFIRMED)
    long_ago = timezone.now() - settings.PERIODS.reporter - timedelta(days=1)
    Case.objects.update(status=CaseStatus.CLOSED, public_since=None, updated_at=long_ago)
    Sighting.objects.update(created_at=long_ago)
    [rule] = [rule for rule in retention.rules() if rule.name == "reporters' contacts"]
    assert rule.run(retention.BATCH) == 1

    exported = export(cast.volunteer)[0]["sightings"]
    assert [sighting["contact"] for sighting in exported] == [[], []]


@pytest.mark.parametrize("asker", ["anonymous", "volunteer", "reviewer", "coordinator"])
def test_nobody_else_gets_it(cast: Cast, asker: str) -> None:
    with pytest.raises(Forbidden):
        export_person(actor=getattr(cast, asker).actor, user=user_of(cast.guardian))
