"""One case in one state, with a word of its own in every field group, and everybody around it."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from uuid import UUID

from django.db.models.functions import Now

from casemgr.platform import access, erasure
from casemgr.platform.access import SCOPES, Actor
from casemgr.platform.accounts.models import StaffRole, User
from casemgr.platform.dates import PartialDate
from casemgr.platform.partners import services as partner_services
from casemgr.platform.places import Place
from casemgr.platform.vocabularies import CaseStatus, ReviewDecision, TimelineKind
from cases import claims, lifecycle, publication, timeline
from cases import services as case_services
from cases.models import (
    Assignment,
    Case,
    Claim,
    ClaimPaper,
    ConsentPurpose,
    FlagKind,
    Outcome,
    PageReport,
    PageReportKind,
    ProtectionFlag,
    TakeReason,
    WithheldFact,
)
from families.models import Guardian, MembershipRole
from searches import reviewing
from searches import services as sighting_services
from searches.matching.types import Evidence
from searches.models import SecondLook
from tests import factories
from tests.cast import ProgramOf
from tests.security.grid.matrix import CLIENTS
from tests.security.grid.people import (
    UNKNOWN_RECEIPT,
    UNKNOWN_TOKEN,
    Principal,
    account,
    alliance,
    join,
    stripped,
    suspended,
)
from tests.security.grid.rows import rows

STATES: Final = (
    "draft",
    "submitted",
    "verified",
    "open",
    "located",
    "closed",
    "withdrawn",
    "merged",
    "erased",
)
WORDS: Final = {
    "f1": "Canaryfaone",
    "f2": "Canaryfbtwo",
    "f5": "Canaryfefive",
    "f6": "Canaryffsix",
    "f7": "Canaryfgseven",
    "f8": "Canaryfheight",
    "f9": "Canaryfinine",
    "f10": "Canaryfjten",
    "f11": "Canaryfkeleven",
    "f12": "Canaryfltwelve",
    "f13": "Canaryfmthirteen",
    "f21": "Canaryftwentyone",
    "f18": "canaryfreighteen@example.org",
}
"""Each stands in its field group alone. f3 and f9's photos are known by their ids."""
_WAY: Final = (CaseStatus.SUBMITTED, CaseStatus.VERIFIED, CaseStatus.OPEN, CaseStatus.LOCATED)
_BEFORE: Final = {"merged": "verified", "erased": "open", "withdrawn": "open", "closed": "located"}


@dataclass(slots=True)
class World:
    """What a request needs to name, and who may ask."""

    state: str
    ids: dict[str, str] = field(default_factory=dict)
    words: dict[str, list[str]] = field(default_factory=dict)
    rows_known_by: dict[str, list[str]] = field(default_factory=dict)
    people: list[Principal] = field(default_factory=list)
    users: dict[str, User] = field(default_factory=dict)
    receipt: str = ""
    program: ProgramOf | None = None
    before: dict[str, str] = field(default_factory=dict)

    def untouched(self) -> dict[str, str]:
        """The tables before any request; each is undone after it was looked at."""
        if not self.before:
            self.before = rows()
        return self.before

    def actor(self, name: str) -> Actor:
        """Somebody as services see them."""
        return access.actor_for(self.users[name])

    def case(self) -> Case:
        """The case as it stands."""
        return Case.objects.select_related("family").get(pk=self.ids["case"])

    @property
    def public(self) -> bool:
        """Whether the card is up."""
        return self.state == "open"


def build(state: str) -> World:
    """The world of a case in `state`."""
    world = World(state)
    _accounts(world)
    case = _file(world)
    _sighting(world, case)
    _hands(world, case)
    _secrets(world, case)
    _to_state(world, case)
    _beside_the_state(world, case)
    if state == "erased":
        erased = erasure.request(erasure.Kind.CASE, case.pk, why=erasure.Why.RETENTION)
        erasure.run(erased.pk)
    world.people = _principals(world)
    for each in world.people:
        each.open_session()
    close_accounts(world)
    return world


def _accounts(world: World) -> None:
    plain = "volunteer reporter guardian unverified stranger stranger_verified member coordinator"
    plain += " elsewhere shared former left suspended_guardian suspended_coordinator signed_out"
    users = {name: account(name) for name in plain.split()}
    for name in ("in_hand", "without", "put_back", "no_factor", "blind", "suspended_reviewer"):
        users[name] = account(name, StaffRole.REVIEWER)
    users["revoked"] = account("revoked", StaffRole.REVIEWER)
    users["colleague"] = account("colleague", StaffRole.REVIEWER, email=WORDS["f18"])
    users["institution"] = account("institution", StaffRole.INSTITUTION)
    users["officer"] = account("officer", StaffRole.DATA_PROTECTION)
    for name in ("admin", "second_admin", "third_admin"):
        users[name] = account(name, StaffRole.ADMIN)
    world.users = users
    own = alliance("Lanterns", users["coordinator"])
    join(own, users["member"], MembershipRole.MEMBER)
    join(own, users["suspended_coordinator"], MembershipRole.COORDINATOR)
    join(own, users["left"], MembershipRole.COORDINATOR, left_at=Now())
    other = alliance("Elsewhere", users["elsewhere"])
    shared = alliance("Bridges", users["shared"])
    partner = partner_services.found_partner(actor=world.actor("admin"), name=WORDS["f21"])
    users["partner_admin"] = account("partner_admin")
    partner_services.appoint_admin(
        actor=world.actor("admin"), partner=partner, email=str(users["partner_admin"].email)
    )
    told = partner_services.add_client(
        actor=world.actor("admin"), partner=partner, name="importer", scopes=list(SCOPES)
    )
    world.program = ProgramOf(told.client, told.secret)
    world.ids |= {"partner": str(partner.pk), "client": str(told.client.pk)}
    world.ids |= {"alliance": str(own.pk), "other": str(other.pk), "shared": str(shared.pk)}


def _file(world: World) -> Case:
    """The case with words in f1, f2, f3, f5 and f6."""
    filer = world.actor("guardian")
    place = Place(text=f"by the well of {WORDS['f5']}", division_code="530112")
    case = case_services.file_case(
        actor=filer,
        case={
            **factories.CASE_FACTS,
            "public_name": WORDS["f1"],
            "story": f"It was {WORDS['f2']}.",
            "missing_from": place,
            "alliance_id": UUID(world.ids["alliance"]),
        },
        child={**factories.CHILD_FACTS, "full_name": WORDS["f2"], "nicknames": []},
    )
    filer = world.actor("guardian")
    admitted = world.users["second_admin"]
    guardians = Guardian.objects.filter(family=case.family)
    guardians.update(verified_at=Now(), verified_by=admitted, relation=WORDS["f6"])
    Guardian.objects.create(family=case.family, user=world.users["unverified"])
    for name in ("suspended_guardian", "signed_out"):
        Guardian.objects.create(family=case.family, user=world.users[name])
    Guardian.objects.create(family=case.family, user=world.users["former"], ended_at=Now())
    photo = case_services.add_photo(actor=filer, case=case, data=factories.jpeg(1))
    factories.work_off("cases.develop_photo")
    timeline.add_event(
        actor=filer,
        case=case,
        kind=TimelineKind.NOTE,
        note=f"seen as {WORDS['f2']}",
        occurred_at=PartialDate("2012", date(2012, 1, 1), date(2012, 12, 31)),
    )
    world.ids |= {"case": str(case.pk), "reference": case.reference, "photo": str(photo.pk)}
    world.ids["unverified"] = str(guardians.get(user=world.users["unverified"]).pk)
    for name in ("stranger", "stranger_verified"):
        theirs = case_services.file_case(
            actor=world.actor(name), case=factories.CASE_FACTS, child=factories.CHILD_FACTS
        )
        if name == "stranger_verified":
            speaks = Guardian.objects.filter(family=theirs.family)
            speaks.update(verified_at=Now(), verified_by=admitted)
    return case


def _sighting(world: World, case: Case) -> None:
    """A sighting with words in f9 and f10, and a match with words in f11."""
    received = sighting_services.log_sighting(
        actor=world.actor("reporter"),
        values={**factories.SIGHTING_FACTS, "description": f"She wore {WORDS['f9']}."},
        contact={"name": WORDS["f10"]},
        photos=[factories.jpeg(2)],
    )
    factories.work_off("searches.develop_photo")
    line = Evidence(
        comparison="sex",
        level="same",
        weight_bits=14.0,
        case_value=WORDS["f11"],
        sighting_value="female",
        reason="Both are said to be a %(sex)s.",
        params={"sex": {"list": "sex", "code": "female"}},
    )
    match = factories.store_match(case, received.sighting, evidence=[line])
    photo = received.sighting.photos.get()
    world.receipt = received.receipt
    world.ids |= {"sighting": str(received.sighting.pk), "sighting_photo": str(photo.pk)}
    world.ids["match"] = str(match.pk)


def _hands(world: World, case: Case) -> None:
    """Who has, or had, the case in hand; one of them has said what they make of the match."""
    held = "in_hand put_back no_factor blind suspended_reviewer revoked colleague"
    for name in held.split():
        case_services.take_in_hand(
            actor=world.actor(name), reference=case.reference, why=TakeReason.NEW
        )
    Assignment.objects.filter(reviewer=world.users["put_back"]).update(released_at=Now())
    match = case.matches.get()
    review = reviewing.decide(
        actor=world.actor("colleague"),
        match=match,
        decision=ReviewDecision.ACCEPT,
        reason=f"It is {WORDS['f12']}.",
    )
    look = SecondLook.objects.create(
        match=match,
        standing=ReviewDecision.ACCEPT,
        reviewer=world.users["blind"],
        taken_at=Now(),
    )
    world.ids |= {"review": str(review.pk), "look": str(look.pk)}


def _secrets(world: World, case: Case) -> None:
    """Words in f7: facts, a claim that is being tested, and a paper."""
    claims.enter_fact(actor=world.actor("colleague"), case=case, text=f"Scar {WORDS['f7']}.")
    claims.make_claim(actor=world.actor("guardian"), case=case, statement=f"I am {WORDS['f7']}.")
    claims.add_paper(actor=world.actor("guardian"), case=case, note=f"Deed {WORDS['f7']}")
    claim = Claim.objects.get(case=case)
    claims.take_claim(actor=world.actor("in_hand"), claim=claim)
    world.ids["claim"] = str(claim.pk)
    world.ids["fact"] = str(WithheldFact.objects.get(case=case).pk)
    world.ids["paper"] = str(ClaimPaper.objects.get(case=case).pk)


def _to_state(world: World, case: Case) -> None:
    goal = _BEFORE.get(world.state, world.state)
    guardian, reviewer = world.actor("guardian"), world.actor("colleague")
    if goal == "draft":
        _outcome(world, case)
        return
    for step in _WAY[: _WAY.index(CaseStatus(goal)) + 1]:
        actor = guardian if step is CaseStatus.SUBMITTED else reviewer
        lifecycle.transition(actor=actor, case=case, to=step)
    if goal == "open":
        case_services.give_consent(actor=guardian, case=case, purpose=ConsentPurpose.PUBLISH)
        for name in ("colleague", "in_hand"):
            publication.approve_publication(actor=world.actor(name), case=case)
    if world.state == "withdrawn":
        lifecycle.transition(actor=reviewer, case=case, to=CaseStatus.WITHDRAWN)
    _outcome(world, case)
    if world.state == "merged":
        Case.objects.filter(pk=case.pk).update(status=CaseStatus.MERGED)
    if world.state == "closed":
        Case.objects.filter(pk=case.pk).update(status=CaseStatus.CLOSED, family_told_at=Now())


def _outcome(world: World, case: Case) -> None:
    """A place where the child is, as two reviewers keep it, in whatever state the case is."""
    Outcome.objects.create(case=case, place=f"a home in {WORDS['f13']}")


def _beside_the_state(world: World, case: Case) -> None:
    """What any state may have: a share, a flag, a reported page."""
    share = case_services.give_consent(
        actor=world.actor("guardian"),
        case=case,
        purpose=ConsentPurpose.SHARE,
        alliance=world.users["shared"].memberships.get().alliance,
    )
    flag = ProtectionFlag.objects.create(
        case=case,
        kind=FlagKind.THREAT,
        note=f"Hide from {WORDS['f8']}",
        raised_by=world.users["colleague"],
    )
    report = PageReport.objects.create(case=case, kind=PageReportKind.REPORT, words="not right")
    world.ids |= {
        name: str(world.users[name].pk) for name in ("colleague", "member", "partner_admin")
    }
    world.ids |= {"consent": str(share.pk), "flag": str(flag.pk), "report": str(report.pk)}
    world.words = {group: [word] for group, word in WORDS.items()}
    world.rows_known_by = {
        "f3": [world.ids["photo"]],
        "f7": [world.ids["fact"], world.ids["paper"]],
        "f9": [world.ids["sighting_photo"]],
    }


def _principals(world: World) -> list[Principal]:
    users, alive = world.users, world.state != "erased"

    def one(name: str, *columns: str, **more: Any) -> Principal:
        user = users[more.pop("who", name)]
        return Principal(name, columns, user, **more)

    def on_case(relation: str, **others: str) -> dict[str, str]:
        return {"account": "o", **others, **({"case": relation} if alive else {})}

    assert world.program is not None
    own = {"account": "o"}
    led = {"alliance": "oa", "account": "o"}
    hand = on_case("s", **({"sighting": "s", "match": "s"} if alive else {}))
    receipt = f"Receipt {world.receipt}"
    guardian = ("VO", "FV") if alive else ("VO",)
    unverified = ("VO", "FU") if alive else ("VO",)
    return [
        Principal("nobody", ("AN",)),
        Principal("receipt", ("AN",), header=receipt, holds={"sighting": "o"}),
        one("volunteer", "VO", holds=own),
        one("reporter", "VO", holds={**own, "sighting": "o"}),
        one("unverified", *unverified, holds=on_case("o")),
        one("guardian", *guardian, holds=on_case("o")),
        one("stranger", "VO", "FU", holds=own, never=True),
        one("stranger_verified", "VO", "FV", holds=own, never=True),
        one("institution", "VO", "IN", holds=own),
        one("coordinator", "VO", "CO", holds=led | on_case("a")),
        one("shared", "VO", "CO", holds=on_case("p")),
        one("elsewhere", "VO", "CO", holds=own, never=True),
        one("member", "VO", holds={**own, "alliance": "o"}, never=True),
        one("in_hand", "VO", "RV", holds=hand),
        one("blind", "VO", "RV", holds={k: v for k, v in hand.items() if k != "match"}),
        one("without", "VO", "RV", holds=own, never=True),
        one("put_back", "VO", "RV", holds=own, never=True),
        one("officer", "VO", "DP", holds=own),
        one("admin", "VO", "AD", holds=own),
        one("partner_admin", "VO", "PA", holds={**own, "partner": "p"}),
        Principal(
            "program",
            CLIENTS,
            header=f"Bearer {world.program.token()}",
            holds={"organisation": "p"},
        ),
        one("former", "VO", holds=own, never=True),
        one("left", "VO", holds=own, never=True),
        one("revoked", "VO", who="revoked", holds=own, never=True),
        one("no_factor", "VO", holds=own, factor=False, never=True),
        one("suspended_guardian", "AN", never=True),
        one("suspended_coordinator", "AN", never=True),
        one("suspended_reviewer", "AN", never=True),
        one("signed_out", "AN", signed_out=True, never=True),
        Principal("revoked_token", ("AN",), header=UNKNOWN_TOKEN, never=True),
        Principal("unknown_receipt", ("AN",), header=UNKNOWN_RECEIPT, never=True),
    ]


def close_accounts(world: World) -> None:
    """Suspend and strip those whose rights have ended, after they signed in."""
    for name in ("suspended_guardian", "suspended_coordinator", "suspended_reviewer"):
        suspended(world.users[name])
    stripped(world.users["revoked"])
