"""The public card: all that anybody may see of a case."""

from uuid import uuid4

from casemgr.platform.places import Place
from casemgr.platform.vocabularies import CaseStatus
from cases import lifecycle, services
from cases.models import Case, ConsentPurpose, TakeReason
from tests import factories
from tests.api.helpers import BASE, refused
from tests.cast import Cast

CASES = f"{BASE}cases/"
SECRETS = ("林小满", "west gate", "lanterns", "2006-05-21", "KM-2011", "25.05", "102.66")


def test_anybody_sees_the_card_and_nothing_beyond_it(cast: Cast) -> None:
    case = factories.file_case(
        cast,
        public=True,
        case={
            "police_reference": "KM-2011",
            "missing_from": Place("west gate", "530112", latitude=25.05, longitude=102.66),
        },
        marks=[
            {"kind": "mole", "body_part": "cheek", "side": "left", "public": True},
            {"kind": "scar", "text": "private"},
        ],
    )
    response = cast.anonymous.api().get(f"{CASES}{case.pk}/")
    body = response.json()
    assert body == {
        "id": str(case.pk),
        "reference": case.reference,
        "public_name": "Xiaoman",
        "sex": "female",
        "birth_year": 2006,
        "age_then": {"least": 5, "most": 5},
        "age_now": {"least": 20, "most": 20},
        "missing_month": {"earliest": "2011-06", "latest": "2011-08"},
        "missing_from": {"label": "Xishan, Kunming, Yunnan", "division_code": "530112"},
        "marks": [{"kind": "mole", "body_part": "cheek", "side": "left", "text": ""}],
        "photos": [],
        "created_at": body["created_at"],
        "updated_at": body["created_at"],
    }
    assert not any(secret in response.content.decode() for secret in (*SECRETS, "private"))
    for stranger in (cast.anonymous, cast.volunteer, cast.other_guardian, cast.reviewer):
        assert stranger.api().get(f"{CASES}{case.pk}/").json() == body
        assert stranger.api().get(CASES).json()["results"] == [body]


def test_one_mark_stays_back_where_all_are_ticked(cast: Cast) -> None:
    marks = [{"kind": kind, "public": True} for kind in ("scar", "mole", "burn")]
    case = factories.file_case(cast, public=True, marks=marks)
    seen = {
        tuple(
            mark["kind"] for mark in cast.anonymous.api().get(f"{CASES}{case.pk}/").json()["marks"]
        )
        for _ in range(3)
    }
    assert seen == {("burn", "mole")}


def test_ticked_photos_are_shown_by_their_public_addresses(cast: Cast) -> None:
    case = factories.file_case(cast)
    for seed, ticked in ((1, True), (2, False)):
        services.add_photo(
            actor=cast.guardian.actor,
            case=case,
            data=factories.jpeg(seed),
            consent_public=ticked,
        )
    factories.work_off("cases.develop_photo")
    publish(cast, case)
    photo = case.photos.get(consent_public=True)
    assert cast.anonymous.api().get(f"{CASES}{case.pk}/").json()["photos"] == [
        {
            "image_url": f"/media/case/{photo.pk}/public/",
            "thumb_url": f"/media/case/{photo.pk}/thumb/",
        }
    ]


def publish(cast: Cast, case: Case) -> None:
    guardian, (first, second) = cast.guardian.actor, cast.desk
    for reviewer in (first, second):
        services.take_in_hand(actor=reviewer.actor, reference=case.reference, why=TakeReason.NEW)
    lifecycle.transition(actor=guardian, case=case, to=CaseStatus.SUBMITTED)
    for step in (CaseStatus.VERIFIED, CaseStatus.OPEN):
        lifecycle.transition(actor=first.actor, case=case, to=step)
    services.give_consent(actor=guardian, case=case, purpose=ConsentPurpose.PUBLISH)
    for reviewer in (first, second):
        lifecycle.approve_publication(actor=reviewer.actor, case=case)


def test_whatever_took_a_card_down_the_answer_is_the_same(cast: Cast) -> None:
    answers = set()
    for step in (CaseStatus.LOCATED, CaseStatus.WITHDRAWN, None):
        case = factories.file_case(cast, public=True)
        actor = cast.desk[0].actor
        if step is None:
            lifecycle.unpublish(actor=actor, case=case, reason="doubt")
        else:
            lifecycle.transition(actor=actor, case=case, to=step)
        for outsider in (cast.anonymous, cast.volunteer):
            response = outsider.api().get(f"{CASES}{case.pk}/")
            refused(response, 410, "gone")
            answers.add(response.content)
        assert cast.guardian.api().get(f"{CASES}{case.pk}/").status_code == 200
    assert len(answers) == 1


def test_a_case_that_was_never_public_is_not_there(cast: Cast) -> None:
    case = factories.file_case(cast, status=CaseStatus.OPEN)
    anonymous = cast.anonymous.api()
    absent = anonymous.get(f"{CASES}{uuid4()}/")
    there = anonymous.get(f"{CASES}{case.pk}/")
    refused(there, 404, "not_found")
    assert there.content == absent.content
    assert anonymous.get(CASES).json()["results"] == []


def test_private_changes_do_not_move_the_card(cast: Cast) -> None:
    case = factories.file_case(cast, public=True)
    anonymous = cast.anonymous.api()
    before = anonymous.get(f"{CASES}{case.pk}/").content
    services.update_case(
        actor=cast.guardian.actor, case=case, case_changes={"story": "more"}, child_changes={}
    )
    assert anonymous.get(f"{CASES}{case.pk}/").content == before
