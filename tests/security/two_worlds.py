"""Two worlds that differ in one secret; what outsiders are told in them must be the same bytes.

A *pair* is drawn from a seed: who asks, in which language, by which door, with which facts, and
which secret. Each world is built from nothing, asked, and undone. What is a world's own (ids,
codes, references, versions) is replaced by the order in which it first appeared, so that "the same
as before" and "another one" still differ; moments are blanked.
"""

import json
import random
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.core import mail
from django.db import transaction

from casemgr.platform.audit import AuditEntry
from casemgr.platform.vocabularies import CaseStatus, ReviewDecision
from cases import claims, lifecycle, protection, publication
from cases import services as case_services
from cases.models import Case, ConsentPurpose, FlagKind
from families.models import VerificationBasis
from families.verification import verify
from searches import reviewing
from searches.models import Match
from tests import factories
from tests.api.helpers import BASE, RECEIPT, SIGHTINGS, receipt_header, upload
from tests.cast import Cast, Person
from tests.pages import fresh_key, receipt_in
from tests.searches.test_matching_end_to_end import as_jpeg, drawn
from tests.security.test_audit import again_at, last_month

CASES = f"{BASE}cases/"
PLACE = "canary-shelter-by-the-harbour"
PARTS = ("", "photos/", "timeline/", "consents/", "guardians/", "matches/")
OWN = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"  # ids
    r"|HW-[0-9A-Z]{3}-[0-9A-Z]{3}-[0-9A-Z]"  # references
    r"|\b[a-z0-9]{6}(?:-[a-z0-9]{6}){2}\b"  # receipts
    r'|(?<=data-account=")[0-9a-f]{16}'  # whose page it is, for their phone
)
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(?:Z|\+00:00)|cursor=[\w=%.-]+")
TOKEN = re.compile(r'(csrfmiddlewaretoken" value="|csrftoken=|sessionid=|expires=)[^";]+')
NAMES = ("林小满", "王小明", "Bauyrzhan", "Chen Mei", "阿依古丽")


class World:
    """What one world answered, made comparable as it comes."""

    def __init__(self) -> None:
        self.answers: list[str] = []
        self._seen: dict[str, str] = {}

    def hear(self, response: Any) -> Any:
        """Keep an answer: status, headers and every byte of the body."""
        headers = {
            name: self._order(value) if name == "ETag" else self._plain(value)
            for name, value in sorted(response.items())
            if name != "X-Request-Id"
        }
        cookies = sorted(self._plain(cookie.OutputString()) for cookie in response.cookies.values())
        body = self._plain(response.content.decode())
        self.answers.append(f"{response.status_code} {headers} {cookies} {body}")
        return response

    def hear_letters(self) -> None:
        """Keep every letter that was sent."""
        told = sorted(f"{letter.to} {letter.subject} {letter.body}" for letter in mail.outbox)
        self.answers += [self._plain(letter) for letter in told if "-desk@" not in letter]

    def _plain(self, text: str) -> str:
        text = TOKEN.sub(r"\1*", MOMENT.sub("*", text))
        return OWN.sub(lambda found: self._order(found[0]), text)

    def _order(self, own: str) -> str:
        return self._seen.setdefault(own, f"<{len(self._seen)}>")


def differing_bytes(one: list[str], other: list[str]) -> int:
    """In how many bytes two worlds' answers differ; a missing answer counts whole."""
    count = 0
    for first, second in zip(one, other, strict=False):
        a, b = first.encode(), second.encode()
        count += sum(x != y for x, y in zip(a, b, strict=False)) + abs(len(a) - len(b))
    longer = one if len(one) > len(other) else other
    return count + sum(len(text.encode()) for text in longer[min(len(one), len(other)) :])


class _Undone(Exception):
    """Takes a world back."""


@contextmanager
def undone() -> Iterator[None]:
    """Whatever happens within has not happened."""
    mail.outbox.clear()
    try:
        with transaction.atomic():
            yield
            raise _Undone
    except _Undone:
        pass


@dataclass(slots=True)
class Pair:
    """One pair. `secret` 0 and 1 are its two worlds."""

    seed: int
    story: str
    rng: random.Random = field(init=False)

    def begun(self) -> "Pair":
        """The pair, about to draw what both worlds share."""
        self.rng = random.Random(self.seed)
        return self

    def world(self, secret: int) -> tuple[list[str], list[str]]:
        """What outsiders were told, and what reviewers were."""
        self.begun()
        with undone():
            outside, inside = World(), World()
            cast = Cast()
            language = self.rng.choice(("en", "zh-hans"))
            STORIES[self.story](self, cast, outside, secret, language)
            outside.hear_letters()
            look_inside(cast, inside)
        return outside.answers, inside.answers

    def facts(self) -> dict[str, Any]:
        """A child's facts, which both worlds share."""
        name = self.rng.choice(NAMES)
        return {"full_name": name, "given_name": name[-2:], "sex": self.rng.choice(SEXES)}


SEXES = ("female", "male")


def look_inside(cast: Cast, world: World) -> None:
    """What a reviewer at the desk reads: here the worlds do differ, or there is no secret."""
    api, browser = cast.desk[0].api(), cast.desk[0].browser()
    for address in ("matches/", "cases/"):
        world.hear(api.get(f"{BASE}{address}"))
    world.hear(browser.get("/review/"))
    for case in Case.objects.order_by("created_at", "pk"):
        world.hear(browser.get(f"/review/cases/{case.reference}/"))


def ask_of_case(pair: Pair, person: Person, case: Case, world: World, language: str) -> None:
    """What somebody can ask about a case: parts, lists, some filters, steps and pages."""
    api, browser = person.api(language=language), person.browser(language=language)
    for part in PARTS:
        world.hear(api.get(f"{CASES}{case.pk}/{part}"))
    for address in ("cases/", "matches/", "sightings/", "alliances/"):
        world.hear(api.get(f"{BASE}{address}"))
    for query in pair.rng.sample(QUERIES, 4):
        world.hear(api.get(CASES, query))
    step = {"to": pair.rng.choice(("located", "closed", "open", "verified"))}
    world.hear(api.post(f"{CASES}{case.pk}/transitions/", step))
    for page in ("/", f"/cases/{case.reference}/", "/review/", "/account/", *OWN_PAGES):
        world.hear(browser.get(page))


OWN_PAGES = ("/account/who-looked/", "/account/still-searching/", "/notices/", "/account/data/")
QUERIES: tuple[dict[str, str], ...] = (
    *({"status": status} for status in CaseStatus.values),
    {"public": "true"},
    {"public": "false"},
    {"sex": "female"},
    {"limit": "1"},
    {"updated_since": "2020-01-01T00:00:00Z"},
    {"ordering": "-matches"},
    {"protection_flags": "1"},
)


# --- stories --------------------------------------------------------------------------------------


def find(cast: Cast, case: Case, *, close: bool = False) -> None:
    """Two reviewers let a sighting through, and the child is located."""
    sighting = factories.log_sighting(cast, memories=PLACE, kind="seeker").sighting
    match = factories.store_match(case, sighting)
    for person in cast.desk:
        decide(person, match)
    lifecycle.transition(actor=cast.desk[0].actor, case=case, to=CaseStatus.LOCATED)
    if close:
        factories.end_case(cast, case)


def decide(person: Person, match: Match) -> None:
    reviewing.decide(
        actor=person.actor, match=match, decision=ReviewDecision.ACCEPT, reason="it is her"
    )


def flag(cast: Cast, case: Case) -> None:
    protection.raise_flag(
        actor=cast.desk[0].actor, case=case, kind=FlagKind.CUSTODY_ORDER, note=PLACE
    )


FATES_OF_A_CARD: tuple[Callable[[Cast, Case], None], ...] = (
    find,
    lambda cast, case: find(cast, case, close=True),
    flag,
    lambda cast, case: publication.unpublish(actor=cast.desk[0].actor, case=case, reason="doubt"),
)
FATES_WITHOUT: tuple[Callable[[Cast, Case], None], ...] = (
    lambda cast, case: None,
    find,
    lambda cast, case: find(cast, case, close=True),
    flag,
)


def t01_what_became_of_the_child(
    pair: Pair, cast: Cast, world: World, secret: int, language: str
) -> None:
    """T1: a parent (or who says so) asks after a case that was found, closed, hidden or not."""
    public, verified = pair.rng.random() < 0.5, pair.rng.random() < 0.5
    fates = pair.rng.sample(FATES_OF_A_CARD if public else FATES_WITHOUT, 2)
    case = factories.file_case(cast, public=public, status=CaseStatus.OPEN, child=pair.facts())
    if verified:
        basis = VerificationBasis.PAPERS
        guardian = case.family.guardians.get()
        verify(actor=cast.desk[0].actor, guardian=guardian, basis=basis, note="seen")
    ask_of_case(pair, cast.guardian, case, world, language)
    with in_the_month_before(case):
        fates[secret](cast, case)
    if pair.rng.random() < 0.5:
        claims.make_claim(actor=cast.guardian.actor, case=case, statement="I am her father.")
    factories.work_off()
    ask_of_case(pair, cast.guardian, case, world, language)
    ask_of_case(pair, cast.anonymous, case, world, language)


@contextmanager
def in_the_month_before(case: Case) -> Iterator[None]:
    """What happens within is written down in last month's audit too, of a case older than that."""
    last = AuditEntry.objects.order_by("pk").last()
    assert last is not None
    yield
    for entry in list(AuditEntry.objects.filter(pk__gt=last.pk)):
        again_at(entry, last_month())
    long_ago = last_month() - timedelta(days=62)
    Case.objects.filter(pk=case.pk).update(created_at=long_ago)


def t02_a_flag_nobody_sees(
    pair: Pair, cast: Cast, world: World, secret: int, language: str
) -> None:
    """T2: a custody order lies on an unpublished case, or none; the filer and all others ask."""
    case = factories.file_case(
        cast,
        status=pair.rng.choice((CaseStatus.SUBMITTED, CaseStatus.VERIFIED, CaseStatus.OPEN)),
        case={"alliance": cast.alliance},
        child=pair.facts(),
    )
    if secret:
        flag(cast, case)
    consent = pair.rng.random() < 0.5
    if consent:
        case_services.give_consent(
            actor=cast.guardian.actor, case=case, purpose=ConsentPurpose.PUBLISH
        )
    factories.work_off()
    other = pair.rng.choice((cast.volunteer, cast.coordinator, cast.anonymous))
    for person in (cast.guardian, other):
        ask_of_case(pair, person, case, world, language)


def t02_a_stalker_files_a_case(
    pair: Pair, cast: Cast, world: World, secret: int, language: str
) -> None:
    """T2: the child whom a stalker describes is among the sightings, or somebody else is."""
    face = pair.rng.randrange(6)
    photos = [as_jpeg(drawn(face if secret else face + 6))] if pair.seed % PHOTO_EVERY == 0 else []
    facts = pair.facts()
    factories.log_sighting(
        cast,
        by=cast.volunteer,
        photos=photos,
        kind="institution",
        sex=facts["sex"] if secret else "unknown",
        name_heard=facts["full_name"] if secret else "",
        description=PLACE,
    )
    factories.work_off()
    case = factories.file_case(cast, status=CaseStatus.OPEN, child=facts)
    ask_of_case(pair, cast.guardian, case, world, language)
    if photos:
        image = upload(as_jpeg(drawn(face, 2)))
        api = cast.guardian.api(language=language)
        world.hear(api.post(f"{CASES}{case.pk}/photos/", {"image": image}, format="multipart"))
    factories.work_off()
    for match in Match.objects.filter(case=case):
        for person in cast.desk:
            decide(person, match)
    factories.work_off()
    ask_of_case(pair, cast.guardian, case, world, language)


def t04_a_sighting_as_a_search(
    pair: Pair, cast: Cast, world: World, secret: int, language: str
) -> None:
    """T4: a reporter tries to learn from a report whether the child is on file."""
    facts, face = pair.facts(), pair.rng.randrange(6)
    with_photo = pair.seed % PHOTO_EVERY == 0
    on_file = facts if secret else {**facts, "full_name": "Otherwise", "given_name": "Other"}
    born = {} if secret else {"sex": SEXES[facts["sex"] == "female"]}
    case = factories.file_case(cast, status=CaseStatus.OPEN, child={**on_file, **born})
    if with_photo:
        data = as_jpeg(drawn(face if secret else face + 6))
        case_services.add_photo(actor=cast.guardian.actor, case=case, data=data)
    factories.work_off()
    person = pair.rng.choice((cast.anonymous, cast.volunteer))
    sent = {"kind": "seeker", "sex": facts["sex"], "name_heard": facts["full_name"]}
    sent |= {"birth_date": "2006-05-21", "memories": "lanterns by a gate"}
    photos = [as_jpeg(drawn(face, 2))] if with_photo else []
    receipt = report(pair, person, sent, photos, world, language)
    ask_of_report(person, receipt, world, language)
    factories.work_off()
    for match in Match.objects.filter(case=case):
        for each in cast.desk:
            decide(each, match)
    factories.work_off()
    ask_of_report(person, receipt, world, language)


def report(
    pair: Pair, person: Person, sent: dict[str, Any], photos: list[bytes], world: World,
    language: str,
) -> str:  # fmt: skip
    """Send a sighting, by the API or by the page; its receipt."""
    if photos or pair.rng.random() < 0.5:
        files = [upload(photo) for photo in photos]
        body: Any = {"data": json.dumps(sent), "photos": files} if photos else sent
        api = person.api(language=language)
        answer = api.post(SIGHTINGS, body, format="multipart" if photos else "json")
        world.hear(answer)
        return str(answer.json()["receipt"])
    browser = person.browser(language=language)
    told = {"description": f"{sent['name_heard']}, by the west gate", "sex": sent["sex"]}
    page = browser.post("/sightings/new/", {**told, "key": fresh_key(browser)})
    return receipt_in(world.hear(page))


def ask_of_report(person: Person, receipt: str, world: World, language: str) -> None:
    """Everything that a reporter can ask, by receipt and by account."""
    api, browser = person.api(language=language), person.browser(language=language)
    mine = receipt_header(receipt)
    own = world.hear(api.get(RECEIPT, headers=mine)).json()["id"]
    for part in ("", "photos/", "matches/"):
        world.hear(api.get(f"{SIGHTINGS}{own}/{part}", headers=mine))
    for query in ({}, {"sex": "female"}, {"limit": "1"}, {"matched": "1"}):
        world.hear(api.get(SIGHTINGS, query, headers=mine))
    world.hear(api.get(SIGHTINGS))
    world.hear(browser.post("/receipt/", {"code": receipt}))
    for page in ("/", "/review/", "/notices/", "/account/data/"):
        world.hear(browser.get(page))


# Faces take seconds, so only some pairs have photos.
PHOTO_EVERY = 25
STORIES: dict[str, Callable[[Pair, Cast, World, int, str], None]] = {
    "T1": t01_what_became_of_the_child,
    "T2 flag": t02_a_flag_nobody_sees,
    "T2 stalker": t02_a_stalker_files_a_case,
    "T4": t04_a_sighting_as_a_search,
}


def pairs(count: int) -> list[Pair]:
    """That many pairs, of the stories by turns; T11 (filters, counts, versions) is in each."""
    names = list(STORIES)
    return [Pair(seed, names[seed % len(names)]) for seed in range(count)]
