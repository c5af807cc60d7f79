"""A case's route: what is on it, in which order, how sure, and who may see it."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from casemgr.platform.audit import AuditEntry
from casemgr.platform.dates import PartialDate
from casemgr.platform.places import Place
from casemgr.platform.vocabularies import (
    CaseStatus,
    IdentityEstablishedBy,
    MatchStatus,
    TimelineKind,
)
from cases import outcomes
from cases.models import Case, Outcome
from cases.timeline import add_event
from searches.models import Match
from searches.route import Certainty, in_order, route, stops_of
from tests.cast import Cast
from tests.factories import end_case, file_case, log_sighting, store_match
from tests.pages import text_of

pytestmark = pytest.mark.django_db


def day(text: str) -> PartialDate:
    moment = date.fromisoformat(text)
    return PartialDate(text, moment, moment)


def lead(cast: Cast, case: Case, when: str, where: str, status: str = MatchStatus.LEAD) -> Match:
    sighting = log_sighting(cast, seen_at=day(when), place=Place(text=where)).sighting
    match = store_match(case, sighting)
    Match.objects.filter(pk=match.pk).update(status=status)
    return match


def in_hand(cast: Cast) -> Case:
    facts = {"missing_at": day("2005-06-03"), "missing_from": Place(text="云南昆明")}
    return file_case(cast, status=CaseStatus.OPEN, in_hand_of=[cast.reviewer], case=facts)


def test_the_route_runs_from_the_disappearance_by_what_is_known_to_where_the_child_is(
    cast: Cast,
) -> None:
    case = in_hand(cast)
    lead(cast, case, "2014-10-14", "广东深圳")
    lead(cast, case, "2010-02-01", "湖南长沙", MatchStatus.CONFIRMED)
    proposed = store_match(case, log_sighting(cast, place=Place(text="福建厦门")).sighting)
    add_event(
        actor=cast.reviewer.actor,
        case=case,
        kind=TimelineKind.TRANSFER,
        occurred_at=day("2006-01-01"),
        place=Place(text="贵州贵阳"),
    )
    outcomes.inform_authorities(actor=cast.reviewer.actor, case=case, authority="police")
    outcomes.record_located(actor=cast.reviewer.actor, case=case, place="福建泉州")

    found = stops_of(cast.reviewer.actor, case)

    assert [(stop.place.text, stop.certainty) for stop in found] == [
        ("云南昆明", Certainty.TOLD),
        ("贵州贵阳", Certainty.TOLD),
        ("湖南长沙", Certainty.PROVEN),
        ("广东深圳", Certainty.LEAD),
        ("福建泉州", Certainty.TOLD),
    ]
    assert proposed.pk not in [stop.match for stop in found]
    drawn = route(found)
    assert drawn.drawing is not None
    assert (len(drawn.drawing.spots), len(drawn.drawing.curves)) == (5, 3)
    assert [row.number for row in drawn.stops] == [1, 2, 3, 4, 5]
    assert (drawn.first, drawn.last) == ("2005", "2014")


def test_the_page_tells_its_reviewers_the_way_in_both_languages(cast: Cast) -> None:
    case = in_hand(cast)
    match = lead(cast, case, "2014-10-14", "广东深圳")
    address = f"/review/cases/{case.reference}/route/"

    page = text_of(cast.reviewer.browser().get(address))
    assert "A lead: two reviewers let it through. Not proven." in page
    assert f"/review/matches/{match.pk}/" in page
    assert "maps/china" in page
    chinese = text_of(cast.reviewer.browser(language="zh-hans").get(address))
    assert "两位审核员已放行" in chinese
    looked = AuditEntry.objects.filter(action="R", groups__contains=["f5", "f9", "f11", "f13"])
    assert looked.count() == 2
    assert len(looked[0].subjects) == 3


def test_nobody_else_learns_of_the_page(cast: Cast) -> None:
    case = in_hand(cast)
    address = f"/review/cases/{case.reference}/route/"

    for person in (cast.guardian, cast.coordinator, cast.volunteer, cast.admin):
        assert person.browser().get(address).status_code == 404
    loose = file_case(cast, status=CaseStatus.OPEN, in_hand_of=())
    away = cast.reviewer.browser().get(f"/review/cases/{loose.reference}/route/")
    assert away.status_code == 404


def test_a_stop_that_nobody_dates_or_places_is_listed_and_not_drawn(cast: Cast) -> None:
    facts = {"missing_at": PartialDate("long ago"), "missing_from": Place(text="somewhere")}
    case = file_case(cast, status=CaseStatus.OPEN, in_hand_of=[cast.reviewer], case=facts)
    drawn = route(stops_of(cast.reviewer.actor, case))

    assert drawn.drawing is None
    assert (drawn.stops[0].x, drawn.stops[0].within_km, drawn.first) == (None, None, "")
    page = text_of(cast.reviewer.browser().get(f"/review/cases/{case.reference}/route/"))
    assert "long ago" in page
    assert "somewhere" in page


def test_the_page_asks_no_more_for_many_leads_than_for_one(cast: Cast) -> None:
    def asked(leads: int) -> int:
        case = in_hand(cast)
        for number in range(leads):
            lead(cast, case, f"2014-10-{number + 1:02}", "广东深圳")
        browser = cast.reviewer.browser()
        with CaptureQueriesContext(connection) as queries:
            page = browser.get(f"/review/cases/{case.reference}/route/")
        assert text_of(page).count("A lead: two reviewers") == leads
        return len(queries)

    assert asked(1) == asked(9)


def test_the_match_page_draws_both_places(cast: Cast) -> None:
    case = in_hand(cast)
    match = lead(cast, case, "2014-10-14", "广东深圳", MatchStatus.PROPOSED)

    page = text_of(cast.reviewer.browser().get(f"/review/matches/{match.pk}/"))

    assert page.count('class="spot ') == 2
    assert "Only proposed: nobody has decided yet." in page


def test_order_is_that_of_time(cast: Cast) -> None:
    case = in_hand(cast)
    for when in ("2014-10-14", "2010-02-01"):
        lead(cast, case, when, "广东深圳")
    stops = stops_of(cast.reviewer.actor, case)
    assert [stop.when.text for stop in stops] == ["2005-06-03", "2010-02-01", "2014-10-14"]
    assert in_order(reversed(stops)) == stops


def test_where_a_child_is_counts_as_confirmed_only_by_two_and_never_by_a_face(cast: Cast) -> None:
    case = file_case(cast, status=CaseStatus.OPEN, in_hand_of=[cast.reviewer, *cast.desk])
    actor = cast.reviewer.actor

    def sure() -> Certainty:
        return stops_of(actor, case)[-1].certainty

    outcomes.inform_authorities(actor=actor, case=case, authority="police")
    outcomes.record_located(actor=actor, case=case, place="福建泉州")
    for proof in (IdentityEstablishedBy.BIOMETRIC_REVIEW, IdentityEstablishedBy.DNA):
        outcomes.establish_identity(actor=actor, case=case, by=[proof], who="somebody")
        assert sure() is Certainty.TOLD
    end_case(cast, case)
    assert sure() is Certainty.PROVEN
    Outcome.objects.filter(case=case).update(identity_by=[IdentityEstablishedBy.BIOMETRIC_REVIEW])
    assert sure() is Certainty.TOLD
