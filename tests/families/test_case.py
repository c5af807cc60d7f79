"""An alliance's case, as those who lead the alliance see it and add to it."""

from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.db.models.functions import Now
from django.test import Client
from django.test.utils import CaptureQueriesContext

from casemgr.platform.audit.models import AuditEntry
from casemgr.platform.vocabularies import CaseStatus, TimelineKind
from cases import services, timeline
from cases.models import Case, CasePhoto, ChildMark, ConsentPurpose, ExternalId, TimelineEvent
from families.models import Alliance, Guardian, Membership
from families.services import set_contact
from searches import services as sighting_services
from tests import factories
from tests.cast import Cast
from tests.pages import text_of

pytestmark = pytest.mark.django_db


def own(cast: Cast, **facts: Any) -> Case:
    """A case of the coordinator's alliance, with somebody to reach."""
    case = factories.file_case(cast, **facts)
    Case.objects.filter(pk=case.pk).update(alliance=cast.alliance)
    guardian = Guardian.objects.get(family=case.family)
    set_contact(actor=cast.guardian.actor, guardian=guardian, name="Mother", phone="13800000000")
    return case


def place(cast: Cast, case: Case, step: str = "") -> str:
    return f"/alliances/{cast.alliance.pk}/cases/{case.reference}/{step}"


def test_those_who_lead_see_what_the_table_grants_of_an_own_case_and_nothing_more(
    cast: Cast,
) -> None:
    case = own(cast, status=CaseStatus.OPEN, in_hand_of=[cast.reviewer])
    actor = cast.reviewer.actor
    timeline.add_event(
        actor=actor, case=case, kind=TimelineKind.NOTE, note="CANARY seen in a far town"
    )
    timeline.add_event(
        actor=cast.guardian.actor, case=case, kind=TimelineKind.NOTE, note="A letter came."
    )
    ExternalId.objects.create(case=case, system="list", value="L-17")
    sighting = sighting_services.log_sighting(
        actor=cast.volunteer.actor, values=factories.SIGHTING_FACTS
    ).sighting
    factories.store_match(case, sighting)

    said = text_of(cast.coordinator.browser().get(place(cast, case)))
    for seen in (
        *("林小满", "2006-05-21", "summer 2011", "by the west gate market", "lanterns"),
        *("A letter came.", "L-17", "Mother", "13800000000"),
    ):
        assert seen in said, seen
    for secret in ("CANARY", "flowers", "railway", "bits"):
        assert secret not in said, secret
    entry = AuditEntry.objects.latest("id")
    assert {"f2", "f3", "f5", "f6"} <= set(entry.groups)


def test_of_a_case_that_is_shared_they_read_all_but_the_family_and_change_nothing(
    cast: Cast,
) -> None:
    case = own(cast, status=CaseStatus.OPEN)
    Case.objects.filter(pk=case.pk).update(alliance=None)
    services.give_consent(
        actor=cast.guardian.actor, case=case, purpose=ConsentPurpose.SHARE, alliance=cast.alliance
    )
    browser = cast.coordinator.browser()
    said = text_of(browser.get(place(cast, case)))
    assert "A family shares this case with the alliance." in said
    assert "by the west gate market" in said
    for secret in ("Mother", "13800000000", "Add a mark", "Change"):
        assert secret not in said, secret
    for step in ("child/", "event/", "hand-in/"):
        assert browser.post(place(cast, case, step), {}).status_code == 403, step


def test_a_child_who_was_located_stays_open_until_the_family_was_told(cast: Cast) -> None:
    case = own(cast, status=CaseStatus.LOCATED)
    browser = cast.coordinator.browser()
    before = text_of(browser.get(place(cast, case)))
    Case.objects.filter(pk=case.pk).update(status=CaseStatus.OPEN)
    assert text_of(browser.get(place(cast, case))) == before
    Case.objects.filter(pk=case.pk).update(status=CaseStatus.LOCATED, family_told_at=Now())
    told = text_of(browser.get(place(cast, case)))
    assert told != before
    assert browser.get(place(cast, case, "child/")).status_code == 404


def test_they_add_facts_screen_by_screen_and_hand_a_draft_in(cast: Cast) -> None:
    case = own(cast, child={"full_name": "", "given_name": "", "nicknames": []})
    kept = services.update_case(
        actor=cast.guardian.actor,
        case=case,
        case_changes={},
        child_changes={},
        marks=[{"kind": "scar", "body_part": "", "side": "", "text": "old", "public": True}],
    )
    browser = cast.coordinator.browser()
    answer = browser.post(place(cast, case, "hand-in/"))
    assert answer.status_code == 400
    assert "Give a name or a nickname" in text_of(answer)

    for step, told in (
        ("child/", {"full_name": "林小满", "sex": "female", "birth_date": "2006", "nicknames": ""}),
        ("when/", {"missing_at": "summer 2011", "missing_from": "the north gate"}),
        ("looks/", {"height_cm": "110", "clothing": "a red coat", "description": ""}),
        ("story/", {"story": "She waited.", "languages": "", "police_reference": "P-1"}),
        ("mark/", {"kind": "mole", "text": "behind the ear", "public": "on"}),
        ("mark/", {"kind": "mole", "text": "behind the ear", "public": "on"}),
        ("event/", {"kind": "note", "occurred_at": "2012", "note": "A letter.", "place": ""}),
        ("event/", {"kind": "note", "occurred_at": "2012", "note": "A letter.", "place": ""}),
    ):
        assert browser.get(place(cast, case, step)).status_code == 200
        answer = browser.post(place(cast, case, step), told)
        assert answer.status_code == 302, (step, text_of(answer))
    case = Case.objects.get(pk=kept.pk)
    assert (case.child.full_name, case.missing_from.text) == ("林小满", "the north gate")
    assert (case.story, case.child.height_cm) == ("She waited.", 110)
    # What may be shown is the guardian's to say: the old tick stays, no new one comes.
    assert set(ChildMark.objects.values_list("text", "public")) == {
        *(("old", True), ("behind the ear", False))
    }
    assert TimelineEvent.objects.get().note == "A letter."

    for _tap in range(2):
        assert browser.post(place(cast, case, "hand-in/")).status_code == 302
    case.refresh_from_db()
    assert case.status == CaseStatus.SUBMITTED


def test_photos_are_added_and_what_is_none_is_refused(cast: Cast) -> None:
    case, browser = own(cast), cast.coordinator.browser()
    picture = SimpleUploadedFile("a.jpg", factories.jpeg(4), "image/jpeg")
    assert browser.post(place(cast, case, "photos/"), {"photos": picture}).status_code == 302
    assert not case.photos.get().consent_public
    pdf = SimpleUploadedFile("a.jpg", b"%PDF-1.7", "image/jpeg")
    answer = browser.post(place(cast, case, "photos/"), {"photos": pdf})
    assert answer.status_code == 400
    assert CasePhoto.objects.count() == 1


def test_bad_input_is_named_beside_its_field(cast: Cast) -> None:
    case, browser = own(cast), cast.coordinator.browser()
    for step, told, words in (
        ("mark/", {}, "Say what the mark looks like."),
        ("event/", {"kind": "note"}, "Say in a few words what is known."),
        ("event/", {"kind": "x", "note": "a"}, "Select a valid choice"),
        ("event/", {"kind": "note", "note": "a", "occurred_at": "2099"}, "This date lies ahead."),
        ("child/", {"sex": "female", "full_name": "x" * 121}, "at most 120"),
        ("child/", {"sex": "female", "full_name": "a\x07b"}, "hidden character"),
    ):
        answer = browser.post(place(cast, case, step), told)
        assert answer.status_code == 400, step
        assert words in text_of(answer), step
    for step in ("reach/", "public/", "check/", "nothing/"):
        assert browser.get(place(cast, case, step)).status_code == 404, step
    assert browser.get(place(cast, case, "hand-in/")).status_code == 405


def test_strangers_find_nothing_and_members_are_refused(cast: Cast) -> None:
    case = own(cast, status=CaseStatus.OPEN)
    elsewhere = factories.file_case(cast, by=cast.other_guardian)
    browser = cast.coordinator.browser()
    assert browser.get(place(cast, elsewhere)).status_code == 404
    assert browser.get(place(cast, elsewhere, "child/")).status_code == 404
    for at in (place(cast, case), place(cast, case, "child/"), place(cast, case, "mark/")):
        assert cast.volunteer.browser().get(at).status_code == 404
        assert Client().get(at).status_code == 302
    other = Alliance.objects.create(name="Others")
    Membership.objects.create(alliance=other, user_id=cast.coordinator.user_id, role="owner")
    crossed = f"/alliances/{other.pk}/cases/{case.reference}/"
    assert browser.get(crossed).status_code == 404
    assert browser.get(f"/alliances/{uuid4()}/cases/{case.reference}/").status_code == 404
    Membership.objects.create(alliance=cast.alliance, user_id=cast.volunteer.user_id, role="member")
    assert cast.volunteer.browser().get(place(cast, case)).status_code == 403


def test_the_page_asks_as_much_for_two_marks_and_events_as_for_two_hundred(cast: Cast) -> None:
    case, browser = own(cast), cast.coordinator.browser()

    def asked(count: int) -> int:
        ChildMark.objects.bulk_create(
            ChildMark(child=case.child, kind="scar", text=str(n)) for n in range(count)
        )
        TimelineEvent.objects.bulk_create(
            TimelineEvent(case=case, kind="note", note=str(n)) for n in range(count)
        )
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(place(cast, case)).status_code == 200
        return len(queries)

    assert asked(2) == asked(198)
