"""PFIF 1.4: feeds, uploads and exports, held against rules that were written by themselves."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine
from django.conf import settings
from django.utils import timezone

from casemgr.platform import erasure, retention
from casemgr.platform.erasure import Kind, Why
from casemgr.platform.partners import services as partners
from casemgr.platform.partners.models import Partner
from casemgr.platform.vocabularies import CaseStatus
from cases import lifecycle
from cases.models import (
    Case,
    Consent,
    ConsentPurpose,
    PfifNote,
    PfifRecord,
    TakeReason,
    TimelineEvent,
)
from cases.pfif.mapping import person_of
from cases.services import give_consent, take_in_hand
from tests import factories
from tests.api.helpers import BASE, refused
from tests.cast import Cast, ProgramOf
from tests.partners import pfif_rules
from tests.partners.test_exports import exported, fetched

pytestmark = pytest.mark.django_db
UPLOAD, PERSONS, NOTES = f"{BASE}pfif/", f"{BASE}pfif/person/", f"{BASE}pfif/note/"
HOME = "other.example.org"
FULL = {
    "person_record_id": f"{HOME}/17",
    "expiry_date": "2090-01-01T00:00:00Z",
    "author_name": "Aunt Lin",
    "author_email": "aunt@example.org",
    "author_phone": "+86 10 0000 0000",
    "source_name": "Other",
    "source_date": "2026-11-01T08:00:00Z",
    "source_url": "https://other.example.org/17",
    "full_name": "林小满\nLin Xiaoman",
    "given_name": "小满",
    "family_name": "林",
    "alternate_names": "满满\nManman",
    "description": "Laughs a lot.\nMissing since: summer 2011\nHeight in cm: 110\n"
    "Marks: scar | eyebrow | left | small",
    "sex": "female",
    "date_of_birth": "2006-05",
    "age": "4-5",
    "home_street": "Lantern Road",
    "home_neighborhood": "Xishan",
    "home_city": "Kunming",
    "home_state": "CN-53",
    "home_postal_code": "650100",
    "home_country": "CN",
    "photo_url": "https://other.example.org/17.jpg",
    "profile_urls": "https://a.example.org/1\nhttps://b.example.org/2",
}
NOTE = {
    "note_record_id": f"{HOME}/n1",
    "author_name": "Teacher",
    "source_date": "2026-11-02T08:00:00Z",
    "author_made_contact": "false",
    "status": "believed_alive",
    "last_known_location": "Linyi, a school",
    "text": "I saw her by the school in Linyi.",
}


def xml(*records: Any, version: str = "1.4") -> bytes:
    """A document of (kind, fields, notes within)."""

    def one(kind: str, fields: dict[str, str], notes: tuple[Any, ...] = ()) -> str:
        inner = "".join(f"<p:{name}>{text}</p:{name}>" for name, text in fields.items())
        return f"<p:{kind}>{inner}{''.join(one('note', note) for note in notes)}</p:{kind}>"

    body = "".join(one(*record) for record in records)
    return f'<p:pfif xmlns:p="http://zesty.ca/pfif/{version}">{body}</p:pfif>'.encode()


def domain(cast: Cast, partner: Partner, name: str) -> None:
    partners.set_pfif_domain(actor=cast.admin.actor, partner=partner, domain=name)


def send(who: ProgramOf, data: bytes, *scopes: str) -> Any:
    return who.api(*scopes).post(UPLOAD, data, content_type="application/xml")


def sent(who: ProgramOf, data: bytes) -> Any:
    answer = send(who, data)
    assert answer.status_code == 200, answer.json()
    return answer.json()


def feed(who: ProgramOf, where: str = PERSONS, query: str = "?max_results=200") -> bytes:
    answer = who.api().get(where + query)
    assert answer.status_code == 200, answer.content
    assert answer["Content-Type"] == "application/atom+xml"
    return bytes(answer.content)


def good(document: bytes) -> dict[str, dict[str, str]]:
    """Its persons, once the rules have nothing to say against it."""
    assert pfif_rules.problems(document, now=timezone.now()) == []
    return pfif_rules.records(document)


def shared(cast: Cast, status: CaseStatus = CaseStatus.OPEN) -> Case:
    marks = [{"kind": "scar", "body_part": "eyebrow", "side": "left", "text": "small"}]
    case = factories.file_case(
        cast, status=status, marks=marks, child={"height_cm": 110, "clothing": "a red coat"}
    )
    give_consent(
        actor=cast.guardian.actor, case=case, purpose=ConsentPurpose.SHARE, partner=cast.partner
    )
    return case


def test_a_case_that_is_looked_for_is_a_record_by_the_rules(cast: Cast) -> None:
    case = shared(cast)
    [record] = good(feed(cast.program)).values()

    assert record["full_name"] == "林小满"
    assert (record["sex"], record["date_of_birth"]) == ("female", "2006-05-21")
    assert "Missing since: summer 2011" in record["description"]
    assert "Marks: scar | eyebrow | left | small" in record["description"]
    assert str(case.pk) not in str(record)
    lives = timezone.now() + timedelta(days=300)
    assert record["expiry_date"] > lives.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert good(feed(cast.other_program)) == {}


def test_an_export_is_by_the_rules_and_comes_back_whole_elsewhere(cast: Cast) -> None:
    shared(cast)
    job, key = exported(cast, "pfif")
    document = fetched(cast, job, key)
    [ours] = good(document).values()
    assert job["id"].encode() in document
    [note] = pfif_rules.records(document, "note").values()
    assert note["status"] == "information_sought"

    # To another house, where our domain is a partner's.
    Partner.objects.filter(pk=cast.other_program.client.partner_id).update(
        pfif_domain=urlsplit(settings.SITE_ADDRESS).hostname
    )
    PfifRecord.objects.all().delete()
    report = sent(cast.other_program, document)
    assert report["errors"] == []
    assert (report["persons"]["written"], report["notes"]["written"]) == (1, 1)
    [theirs] = good(feed(cast.other_program)).values()
    assert {**theirs, "entry_date": ""} == {**ours, "entry_date": ""}
    case = Case.objects.get(partner=cast.other_program.client.partner_id)
    child = case.child
    assert (child.full_name, child.sex, child.height_cm) == ("林小满", "female", 110)
    assert (case.missing_at.text, child.clothing) == ("summer 2011", "a red coat")
    assert case.missing_from.division_code == "530112"
    assert child.marks.get().body_part == "eyebrow"


WHOLE: dict[str, Any] = {
    "sex": "female",
    "full_name": "林小满",
    "given_name": "小满",
    "family_name": "林",
    "nicknames": ["满满", "Manman"],
    "birth_date": "spring 2006",
    "height_cm": 110,
    "weight_kg": 18,
    "blood_type": "AB",
    "ethnicity": "Yi",
    "languages": ["zh", "Kunming dialect"],
    "clothing": "a red coat & <white> boots",
    "description": 'Laughs a lot: "ha, ha".\n\nShy with strangers\n> at first',
    "marks": [
        {"kind": "scar", "body_part": "eyebrow", "side": "left", "text": "3 cm; fine | pale"},
        {"kind": "birthmark", "body_part": "back", "side": "", "text": "half-moon"},
        {"kind": "other", "body_part": "", "side": "", "text": "walks on her toes"},
    ],
}


def test_a_full_case_comes_back_from_its_export_with_every_fact_and_so_does_the_copy_of_the_copy(
    cast: Cast,
) -> None:
    body = {
        "child": WHOLE,
        "missing_at": "summer 2011",
        "missing_from": {"text": "昆明西山 — by the lake", "division_code": "530112"},
    }
    answer = cast.program.api().post(f"{BASE}cases/", body)
    assert answer.status_code == 201, answer.json()
    first = Case.objects.get()
    lifecycle.transition(actor=cast.program.actor, case=first, to=CaseStatus.SUBMITTED)
    document = fetched(cast, *exported(cast, "pfif"))
    [ours] = good(document).values()

    Partner.objects.filter(pk=cast.other_program.client.partner_id).update(
        pfif_domain=urlsplit(settings.SITE_ADDRESS).hostname
    )
    PfifRecord.objects.all().delete()
    assert sent(cast.other_program, document)["errors"] == []
    [theirs] = good(feed(cast.other_program)).values()
    assert {**theirs, "entry_date": ""} == {**ours, "entry_date": ""}
    copy = Case.objects.exclude(pk=first.pk).get()
    said = cast.other_program.api().get(f"{BASE}cases/{copy.pk}/").json()
    before = cast.program.api().get(f"{BASE}cases/{first.pk}/").json()
    for name in WHOLE:
        if name not in ("marks", "nicknames"):
            assert said["child"][name] == before["child"][name], name
    assert set(WHOLE["nicknames"]) <= set(said["child"]["nicknames"])
    # `|` and `;` set the parts of a line apart, so they become commas within words.
    commas = str.maketrans("|;", ",,")
    wanted = [{**mark, "text": mark["text"].translate(commas)} for mark in WHOLE["marks"]]
    assert [{name: mark[name] for name in wanted[0]} for mark in said["child"]["marks"]] == wanted
    for name in ("missing_at", "missing_from"):
        assert said[name] == before[name]

    lifecycle.transition(actor=cast.other_program.actor, case=copy, to=CaseStatus.SUBMITTED)
    assert {**person_of(Case.objects.with_detail().get(pk=copy.pk)), "alternate_names": ""} == {
        name: text
        for name, text in {**ours, "alternate_names": ""}.items()
        if name not in ("person_record_id", "entry_date", "expiry_date", "source_date")
    }


def test_what_is_shared_later_is_found_by_who_reads_on_from_a_date(cast: Cast) -> None:
    case = shared(cast)
    before = feed(cast.program)
    hour_ago = timezone.now() - timedelta(hours=1)
    PfifRecord.objects.update(entry_date=hour_ago - timedelta(hours=1))
    other = Partner.objects.get(pk=cast.other_program.client.partner_id)
    give_consent(actor=cast.guardian.actor, case=case, purpose=ConsentPurpose.SHARE, partner=other)
    since = hour_ago.strftime("%Y-%m-%dT%H:%M:%SZ")

    assert len(good(feed(cast.other_program, query=f"?min_entry_date={since}"))) == 1
    assert pfif_rules.changes(before, feed(cast.program)) == []


def test_nothing_that_pfif_can_hold_is_lost(cast: Cast) -> None:
    domain(cast, cast.partner, HOME)
    report = sent(cast.program, xml(("person", FULL, (NOTE,))))

    assert report == {
        "persons": {"written": 1, "unchanged": 0, "ended": 0, "refused": 0},
        "notes": {"written": 1, "unchanged": 0, "ended": 0, "refused": 0},
        "errors": [],
    }
    [record] = good(feed(cast.program)).values()
    assert {k: v for k, v in record.items() if k != "entry_date"} == FULL
    notes = feed(cast.program, NOTES)
    good(notes)
    [note] = pfif_rules.records(notes, "note").values()
    assert {k: v for k, v in note.items() if k != "entry_date"} == {
        **NOTE,
        "person_record_id": f"{HOME}/17",
    }
    case = Case.objects.get()
    assert (case.status, case.child.nicknames) == (
        CaseStatus.DRAFT,
        ["Lin Xiaoman", "满满", "Manman"],
    )
    again = sent(cast.program, xml(("person", FULL, (NOTE,))))
    assert (again["persons"]["unchanged"], again["notes"]["unchanged"]) == (1, 1)
    changed = {**FULL, "given_name": "满", "source_date": "2026-11-03T08:00:00Z"}
    assert sent(cast.program, xml(("person", changed)))["persons"]["written"] == 1
    assert Case.objects.get().child.given_name == "满"
    assert sent(cast.program, xml(("person", FULL)))["errors"][0]["code"] == "stale"


def test_what_a_note_says_of_a_place_reaches_no_family(cast: Cast) -> None:
    domain(cast, cast.partner, HOME)
    case = shared(cast)
    [record_id] = good(feed(cast.program))
    report = sent(cast.program, xml(("note", {**NOTE, "person_record_id": record_id})))

    assert report["notes"]["written"] == 1
    assert TimelineEvent.objects.get().for_review
    for where in (f"{BASE}cases/{case.pk}/", f"{BASE}cases/{case.pk}/timeline/"):
        for who in (cast.guardian, cast.program):
            assert "Linyi" not in who.api().get(where).content.decode()


@pytest.mark.parametrize("version", ["1.1", "1.2", "1.3"])
def test_older_names_are_taken(cast: Cast, version: str) -> None:
    domain(cast, cast.partner, HOME)
    old = {
        "person_record_id": f"{HOME}/1",
        "source_date": "2026-11-01T08:00:00Z",
        "full_name": "Lin",
        "first_name": "Xiaoman",
        "last_name": "Lin",
        "home_zip": "650100",
        "other": "Laughs a lot.",
    }
    data = xml(("person", old, ({**NOTE, "found": "true"},)), version=version).replace(
        b"<p:author_made_contact>false</p:author_made_contact>", b""
    )
    if version == "1.1":
        data = data.replace(b"pfif/1.1", b"pfif/1.2")
    assert sent(cast.program, data)["errors"] == []
    [record] = good(feed(cast.program)).values()
    assert (record["given_name"], record["home_postal_code"]) == ("Xiaoman", "650100")
    assert record["description"] == "Laughs a lot."


LOL = b"""<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<pfif xmlns="http://zesty.ca/pfif/1.4"><person>&b;</person></pfif>"""
OUTSIDE = b"""<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>
<pfif xmlns="http://zesty.ca/pfif/1.4"><person>&a;</person></pfif>"""


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (LOL, 400, "forbidden_xml"),
        (OUTSIDE, 400, "forbidden_xml"),
        (b'<!DOCTYPE x SYSTEM "http://192.0.2.1/x"><x/>', 400, "forbidden_xml"),
        (b"<pfif", 400, "malformed_xml"),
        (b"\xff\xfe<", 400, "malformed_xml"),
        (b"<a>" * 100_000, 400, "malformed_xml"),
        (b"<rss/>", 400, "not_pfif"),
        (b'<p xmlns="http://zesty.ca/pfif/1.4"/>', 400, "not_pfif"),
        (xml(*[("person", {})] * 301), 400, "too_many_records"),
        (b" " * (4 * 1024 * 1024 + 1), 413, "too_large"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_what_is_no_pfif_is_refused_and_leaves_nothing(
    cast: Cast, data: bytes, status: int, code: str
) -> None:
    domain(cast, cast.partner, HOME)
    refused(send(cast.program, data), status, code)

    assert (PfifRecord.objects.count(), Case.objects.count()) == (0, 0)


BAD = [
    ({"person_record_id": "elsewhere.org/17"}, "person_record_id", "other_domain"),
    ({"person_record_id": "17"}, "person_record_id", "invalid"),
    ({"source_date": ""}, "source_date", "required"),
    ({"source_date": "yesterday"}, "source_date", "invalid"),
    ({"source_date": "2089-01-01T00:00:00Z"}, "source_date", "in_the_future"),
    ({"full_name": ""}, "full_name", "required"),
    ({"sex": "dragon"}, "sex", "invalid_choice"),
    ({"date_of_birth": "last May"}, "date_of_birth", "invalid"),
    ({"age": "ten"}, "age", "invalid"),
    ({"dna": "yes"}, "dna", "unknown_field"),
    ({"full_name": "x" * 10_001}, "full_name", "too_long"),
    ({"full_name": "x" * 200}, "child/full_name", "too_long"),
]


@pytest.mark.parametrize(("changes", "field", "code"), BAD)
def test_a_bad_record_is_named_and_the_others_are_taken(
    cast: Cast, changes: dict[str, str], field: str, code: str
) -> None:
    domain(cast, cast.partner, HOME)
    bad = {name: text for name, text in (FULL | changes).items() if text}
    other = {**FULL, "person_record_id": f"{HOME}/18"}
    report = sent(cast.program, xml(("person", bad), ("person", other)))

    assert (report["persons"]["written"], report["persons"]["refused"]) == (1, 1)
    [error] = report["errors"]
    assert (error["pointer"], error["code"]) == (f"/{field}", code)
    assert (Case.objects.count(), PfifRecord.objects.count()) == (1, 1)


def test_notes_need_a_known_person_and_a_right_of_their_own_for_a_death(cast: Cast) -> None:
    domain(cast, cast.partner, HOME)
    sent(cast.program, xml(("person", FULL)))
    about = {**NOTE, "person_record_id": f"{HOME}/17"}
    dead = xml(("note", {**about, "status": "believed_dead"}))
    answer = send(cast.program, dead, "cases:read", "cases:write").json()
    assert answer["errors"][0]["code"] == "insufficient_scope"
    assert sent(cast.program, dead)["notes"]["written"] == 1
    stranger = xml(("note", {**about, "person_record_id": f"{HOME}/99"}))
    assert sent(cast.program, stranger)["errors"][0]["code"] == "unknown_person"
    theirs = xml(("note", {**about, "note_record_id": "elsewhere.org/1"}))
    assert sent(cast.program, theirs)["errors"][0]["code"] == "other_domain"
    wrong = sent(cast.program, xml(("note", {**about, "status": "fine"})))["errors"][0]
    assert (wrong["code"], "believed_alive" in wrong["detail"]) == ("invalid_choice", True)


def test_without_a_domain_or_a_scope_nothing_is_uploaded(cast: Cast) -> None:
    refused(send(cast.program, xml(("person", FULL))), 403, "no_pfif_domain")
    domain(cast, cast.partner, HOME)
    refused(send(cast.program, xml(("person", FULL)), "cases:read"), 403, "insufficient_scope")
    for person in (cast.coordinator, cast.reviewer):
        refused(person.api().get(PERSONS), 404, "not_found")
    other = send(cast.other_program, xml(("person", FULL)))
    refused(other, 403, "no_pfif_domain")


def tombstone(record: dict[str, str]) -> bool:
    return set(record) == pfif_rules.LEFT and record["source_date"] == record["entry_date"]


@pytest.mark.parametrize("how", ["located and told", "withdrawn", "consent ended", "erased"])
def test_a_record_ends_as_a_tombstone_and_never_before_the_family_knows(
    cast: Cast, how: str
) -> None:
    case = shared(cast)
    first = feed(cast.program)
    [(record_id, before)] = good(first).items()
    if how == "consent ended":
        lifecycle.revoke_consent(actor=cast.guardian.actor, consent=Consent.objects.get())
    elif how == "withdrawn":
        lifecycle.transition(actor=cast.guardian.actor, case=case, to=CaseStatus.WITHDRAWN)
    elif how == "erased":
        erasure.request(Kind.CASE, case.pk, why=Why.RETENTION)
        factories.work_off()
    else:
        desk = cast.desk[0].actor
        lifecycle.transition(actor=desk, case=case, to=CaseStatus.LOCATED)
        assert good(feed(cast.program)) == {record_id: before}
        factories.tell_family(cast, case)
    ended = feed(cast.program)
    [(same, after)] = good(ended).items()
    assert same == record_id
    assert pfif_rules.changes(first, ended) == []
    assert tombstone(after)
    assert after["entry_date"] >= before["entry_date"]
    assert good(feed(cast.program)) == {record_id: after}
    assert pfif_rules.records(feed(cast.program, NOTES), "note") == {}


def test_an_uploaded_record_says_nothing_of_an_outcome_before_the_family_is_told(
    cast: Cast,
) -> None:
    domain(cast, cast.partner, HOME)
    sent(cast.program, xml(("person", FULL)))
    case = Case.objects.get()
    lifecycle.transition(actor=cast.program.actor, case=case, to=CaseStatus.SUBMITTED)
    for person in cast.desk:
        take_in_hand(actor=person.actor, reference=case.reference, why=TakeReason.NEW)
    for step in (CaseStatus.VERIFIED, CaseStatus.OPEN):
        lifecycle.transition(actor=cast.desk[0].actor, case=case, to=step)
    before = good(feed(cast.program))
    lifecycle.transition(actor=cast.desk[0].actor, case=case, to=CaseStatus.LOCATED)
    factories.end_case(cast, case)
    case.refresh_from_db()

    assert case.status == CaseStatus.CLOSED
    assert good(feed(cast.program)) == before
    Case.objects.update(family_told_at=timezone.now())
    [after] = good(feed(cast.program)).values()
    assert tombstone(after)


def test_an_uploaded_record_expires_with_its_home_and_by_the_clock(cast: Cast) -> None:
    domain(cast, cast.partner, HOME)
    sent(cast.program, xml(("person", FULL, (NOTE,))))
    over = {
        "person_record_id": f"{HOME}/17",
        "source_date": "2026-11-05T08:00:00Z",
        "expiry_date": "2026-11-05T08:00:00Z",
    }
    assert sent(cast.program, xml(("person", over)))["persons"]["ended"] == 1
    [record] = good(feed(cast.program)).values()
    assert tombstone(record)
    assert Case.objects.get().status == CaseStatus.WITHDRAWN
    assert (PfifNote.objects.count(), PfifRecord.objects.get().fields) == (0, "")

    sent(cast.program, xml(("person", {**FULL, "person_record_id": f"{HOME}/18"})))
    with time_machine.travel("2090-01-01T12:00:00Z"):
        [rule] = [rule for rule in retention.rules() if rule.name == "expired PFIF records"]
        rule.run(10)
    assert set(PfifRecord.objects.values_list("fields", flat=True)) == {""}


def test_a_feed_is_read_on_from_where_one_stopped(cast: Cast) -> None:
    domain(cast, cast.partner, HOME)
    for number in range(12):
        sent(cast.program, xml(("person", {**FULL, "person_record_id": f"{HOME}/{number}"})))
    newest = feed(cast.program, query="")
    assert len(good(newest)) == 10
    assert pfif_rules.order_of(newest, oldest_first=False) == []
    seen: list[str] = []
    for skip in (0, 5, 10):
        query = f"?min_entry_date=2020-01-01T00:00:00Z&skip={skip}&max_results=5"
        page = feed(cast.program, query=query)
        assert pfif_rules.order_of(page, oldest_first=True) == []
        seen += list(good(page))
    assert seen == [f"{HOME}/{number}" for number in range(12)]
    api = cast.program.api()
    for query, code in (
        ("max_results=201", "out_of_range"),
        ("skip=-1", "out_of_range"),
        ("min_entry_date=today", "invalid"),
        ("colour=red", "unknown_parameter"),
    ):
        refused(api.get(f"{PERSONS}?{query}"), 400, code)


def test_a_long_feed_takes_as_few_queries_as_a_short_one(
    cast: Cast, django_assert_max_num_queries: Any
) -> None:
    for _number in range(3):
        cast.program.api().post(
            f"{BASE}cases/",
            {"child": {"sex": "female", "given_name": "Lin"}, "missing_at": "2011"},
        )
    for case in Case.objects.all():
        lifecycle.transition(actor=cast.program.actor, case=case, to=CaseStatus.SUBMITTED)
    api = cast.program.api()
    api.get(PERSONS)
    with django_assert_max_num_queries(25):
        short = api.get(f"{PERSONS}?max_results=1").content
    with django_assert_max_num_queries(25):
        long = api.get(f"{PERSONS}?max_results=200").content
    assert (len(good(short)), len(good(long))) == (1, 3)


def test_an_administrator_says_which_records_are_an_organisations_own(cast: Cast) -> None:
    browser = cast.admin.browser()
    where = f"/partners/{cast.partner.pk}/domain/"
    assert browser.post(where, {"domain": "Lighthouse.example.ORG"}).status_code == 302
    cast.partner.refresh_from_db()
    assert cast.partner.pfif_domain == "lighthouse.example.org"
    assert b"lighthouse.example.org" in browser.get(f"/partners/{cast.partner.pk}/").content
    own = urlsplit(settings.SITE_ADDRESS).hostname
    for wrong in ("not a domain", own):
        assert browser.post(where, {"domain": wrong}).status_code == 400
    other = cast.other_program.client.partner_id
    assert (
        browser.post(f"/partners/{other}/domain/", {"domain": "lighthouse.example.org"}).status_code
        == 400
    )
    assert cast.partner_admin.browser().post(where, {"domain": ""}).status_code == 404
