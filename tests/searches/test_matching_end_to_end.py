"""From a stored sighting or case to explained matches, by the jobs that workers run."""

import io
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone
from PIL import Image, ImageDraw

from casemgr.demo import portraits
from casemgr.demo.portrait_seeds import DEMO_SEEDS
from casemgr.platform.dates import PartialDate
from casemgr.platform.outbox import Job
from casemgr.platform.places import Place
from casemgr.platform.vocabularies import Band, CaseStatus, MatchStatus
from cases import lifecycle, services
from cases.models import Case
from searches import candidates, profiles
from searches import services as sighting_services
from searches.models import Match, Sighting
from tests import factories
from tests.cast import Cast

Change = Callable[[Image.Image], bytes]


def drawn(identity: int, variation: int = 1) -> Image.Image:
    return portraits.draw(portraits.identity(DEMO_SEEDS[identity]), variation)


def as_jpeg(image: Image.Image, quality: int = 90) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def recompressed_resized_and_watermarked(image: Image.Image) -> bytes:
    copy = image.resize((image.width * 2 // 3, image.height * 2 // 3))
    ImageDraw.Draw(copy).text((10, copy.height - 24), "please share", fill=(255, 255, 255))
    return as_jpeg(copy, quality=40)


def cropped_by_a_tenth(image: Image.Image) -> bytes:
    x, y = image.width // 10, image.height // 10
    return as_jpeg(image.crop((x, y, image.width - x, image.height - y)))


def with_photo(cast: Cast, identity: int, *, public: bool = False) -> Case:
    case = factories.file_case(cast, status=CaseStatus.OPEN)
    services.add_photo(
        actor=cast.guardian.actor, case=case, data=as_jpeg(drawn(identity)), consent_public=public
    )
    factories.work_off()
    return case


def only_a_photo(cast: Cast, data: bytes) -> Sighting:
    nothing_else: dict[str, Any] = {
        "sex": "unknown",
        "seen_at": None,
        "place": None,
        "apparent_age_min": None,
        "apparent_age_max": None,
        "description": "",
    }
    received = factories.log_sighting(cast, photos=[data], **nothing_else)
    factories.work_off()
    return received.sighting


def found_by_picture(sighting: Sighting) -> set[object]:
    profile = profiles.of_sighting(Sighting.objects.with_detail().get(pk=sighting.pk))
    found: set[object] = set()
    for picture in profile.pictures:
        found |= candidates.by_picture("cases_casephoto", "case_id", picture.phash)
    return found


@pytest.mark.slow
def test_the_same_picture_changed_a_little_is_found_by_its_hash(cast: Cast) -> None:
    case = with_photo(cast, 0)
    copy = only_a_photo(cast, recompressed_resized_and_watermarked(drawn(0)))
    assert found_by_picture(copy) == {case.pk}
    lines = {line.comparison: line for line in Match.objects.get(sighting=copy).evidence.all()}
    assert lines["picture"].weight_bits > 0


@pytest.mark.slow
def test_a_cropped_picture_is_found_by_the_face(cast: Cast) -> None:
    case = with_photo(cast, 0)
    copy = only_a_photo(cast, cropped_by_a_tenth(drawn(0)))
    match = Match.objects.get(sighting=copy)
    lines = {line.comparison: line for line in match.evidence.all()}
    assert match.case == case
    assert lines["face"].weight_bits > 0


@pytest.mark.slow
def test_another_persons_picture_is_found_by_neither(cast: Cast) -> None:
    with_photo(cast, 0)
    other = only_a_photo(cast, as_jpeg(drawn(1)))
    assert found_by_picture(other) == set()
    assert not Match.objects.filter(sighting=other).exists()


@pytest.mark.slow
def test_a_public_photo_posted_back_as_a_sighting_raises_nothing(cast: Cast) -> None:
    case = with_photo(cast, 0, public=True)
    lifecycle.mark_public_photos(case)
    copy = only_a_photo(cast, recompressed_resized_and_watermarked(drawn(0)))
    assert found_by_picture(copy) == {case.pk}
    assert not Match.objects.filter(sighting=copy).exists()


def seen_near(cast: Cast) -> Sighting:
    """A sighting that fits the factories' case well."""
    return factories.log_sighting(
        cast,
        name_heard="Manman",
        place=Place(text="west gate market", division_code="530112"),
        seen_at=PartialDate("2011-09-02", date(2011, 9, 2), date(2011, 9, 2)),
    ).sighting


def test_a_sighting_finds_an_older_case_and_says_why(cast: Cast) -> None:
    case = factories.file_case(cast, status=CaseStatus.SUBMITTED)
    sighting = seen_near(cast)
    factories.work_off()
    match = Match.objects.get(case=case, sighting=sighting)
    lines = {line.comparison: line for line in match.evidence.all()}
    assert {"name", "sex", "age", "place"} <= set(lines)
    assert match.weight_bits == pytest.approx(sum(line.weight_bits for line in lines.values()))
    assert match.status == MatchStatus.PROPOSED
    assert match.band in Band.values


def test_a_case_filed_a_day_after_a_sighting_finds_that_sighting(cast: Cast) -> None:
    with time_machine.travel(timezone.now() - timedelta(days=1), tick=True):
        sighting = seen_near(cast)
        factories.work_off()
    assert not Match.objects.exists()
    case = factories.file_case(cast, status=CaseStatus.SUBMITTED)
    factories.work_off()
    assert Match.objects.get().case == case
    assert Match.objects.get().sighting == sighting


def test_a_draft_is_held_against_nothing(cast: Cast) -> None:
    seen_near(cast)
    factories.file_case(cast)
    factories.work_off()
    assert not Match.objects.exists()


def test_a_changed_case_is_judged_again_and_a_match_that_no_longer_holds_is_superseded(
    cast: Cast,
) -> None:
    case = factories.file_case(cast, status=CaseStatus.SUBMITTED)
    seen_near(cast)
    factories.work_off()
    first = Match.objects.get()
    services.update_case(
        actor=cast.guardian.actor,
        case=case,
        case_changes={},
        child_changes={
            "sex": "male",
            "nicknames": [],
            "full_name": "石大山",
            "given_name": "大山",
            "family_name": "石",
            "birth_date": PartialDate("2012", date(2012, 1, 1), date(2012, 12, 31)),
        },
    )
    factories.work_off()
    again = Match.objects.get()
    assert again.pk == first.pk
    assert again.status == MatchStatus.SUPERSEDED


def test_judging_twice_leaves_the_same_rows(cast: Cast) -> None:
    factories.file_case(cast, status=CaseStatus.SUBMITTED)
    sighting = seen_near(cast)
    factories.work_off()
    before = list(Match.objects.values("pk", "weight_bits", "status"))
    lines = Match.objects.get().evidence.count()
    for job in Job.objects.filter(subject=sighting.pk):
        sighting_services.announce(sighting.pk)
        assert job.handler
    factories.work_off()
    assert list(Match.objects.values("pk", "weight_bits", "status")) == before
    assert Match.objects.get().evidence.count() == lines


def test_what_people_decided_is_left_as_they_saw_it(cast: Cast) -> None:
    factories.file_case(cast, status=CaseStatus.SUBMITTED)
    sighting = seen_near(cast)
    factories.work_off()
    Match.objects.update(status=MatchStatus.LEAD)
    weight = Match.objects.get().weight_bits
    sighting_services.update_sighting(
        actor=cast.anonymous.actor.__class__(receipt=sighting.pk),
        sighting=sighting,
        changes={"sex": "male", "name_heard": "Dashan"},
    )
    factories.work_off()
    match = Match.objects.get()
    assert (match.status, match.weight_bits) == (MatchStatus.LEAD, weight)


def test_a_withdrawn_sighting_loses_its_matches(cast: Cast) -> None:
    factories.file_case(cast, status=CaseStatus.SUBMITTED)
    sighting = seen_near(cast)
    factories.work_off()
    sighting_services.withdraw(
        actor=cast.anonymous.actor.__class__(receipt=sighting.pk), sighting=sighting
    )
    factories.work_off()
    assert Match.objects.get().status == MatchStatus.SUPERSEDED


def test_a_closed_case_is_matched_no_more_and_a_reopened_one_is(cast: Cast) -> None:
    case = factories.file_case(cast, status=CaseStatus.LOCATED, in_hand_of=[cast.reviewer])
    factories.end_case(cast, case)
    factories.work_off()
    seen_near(cast)
    factories.work_off()
    assert not Match.objects.exists()
    lifecycle.transition(actor=cast.reviewer.actor, case=case, to=CaseStatus.OPEN)
    factories.work_off()
    assert Match.objects.get().case == case


def test_place_and_date_are_never_a_filter(cast: Cast) -> None:
    case = factories.file_case(cast, status=CaseStatus.SUBMITTED)
    far = factories.log_sighting(
        cast,
        name_heard="林小满",
        seen_at=PartialDate("2019", date(2019, 1, 1), date(2019, 12, 31)),
        place=Place(text="哈尔滨", division_code="230100"),
        apparent_age_min=12,
        apparent_age_max=14,
    ).sighting
    factories.work_off()
    assert Match.objects.filter(case=case, sighting=far).exists()
