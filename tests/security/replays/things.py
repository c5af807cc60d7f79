"""Two sets of things with ids that belong to different people, and who may know of which.

The first set is that of the permission grid's world, with what the grid has no need of; the second
belongs to another family, alliance, reporter, reviewer and partner.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from allauth.mfa.models import Authenticator
from django.db.models.functions import Now
from django.utils import timezone

from casemgr.platform.access import SCOPES, Actor
from casemgr.platform.accounts import staff
from casemgr.platform.accounts.models import StaffRole, User
from casemgr.platform.partners import services as partner_services
from casemgr.platform.partners import webhooks
from casemgr.platform.partners.models import ApiClient, Delivery, Partner
from casemgr.platform.vocabularies import LinkKind, ReviewDecision
from cases import claims, operations
from cases import services as case_services
from cases.models import (
    Assignment,
    Case,
    CaseLink,
    Claim,
    ConsentPurpose,
    ExportJob,
    FlagKind,
    FollowUp,
    ImportJob,
    ImportSheet,
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
from searches.models import CasePair, SecondLook, SightingAssignment
from tests import factories
from tests.cast import ProgramOf
from tests.security.grid import matrix
from tests.security.grid.matrix import CLIENTS
from tests.security.grid.people import Principal, account, join
from tests.security.grid.world import World
from tests.security.grid.world import build as build_world

# Who may know that a thing is there: whoever may do this to that group of that object.
KNOWN_BY: Final[Mapping[str, tuple[str, str, str]]] = {
    "case": ("R", "f2", "case"),
    "reference": ("R", "f2", "case"),
    "photo": ("R", "f3", "case"),
    "consent": ("R", "f2", "case"),
    "link": ("R", "f2", "case"),
    "claim": ("R", "f7", "case"),
    "fact": ("R", "f7", "case"),
    "flag": ("R", "f8", "case"),
    "report": ("U", "f1", "card"),
    "guardian": ("R", "f6", "case"),
    "follow_up": ("R", "f13", "case"),
    "operation": ("R", "f15", "operations"),
    "sighting": ("R", "f9", "sighting"),
    "sighting_photo": ("R", "f9", "sighting"),
    "match": ("R", "f11", "match"),
    "review": ("R", "f12", "match"),
    "colleague": ("U", "f18", "staff"),
    "proposal": ("U", "f18", "staff"),
    "partner": ("R", "f21", "partner"),
    "client": ("R", "f21", "partner"),
    "appointment": ("R", "f21", "partner"),
    "webhook": ("U", "f17", "partner"),
    "delivery": ("U", "f17", "partner"),
    "import": ("U", "f2", "partner"),
    "list": ("C", "f18", "alliance"),
}
# Who may know of the others is said by name (`Things.known_to`) or by a relation.
BY_RELATION: Final[Mapping[str, str]] = {
    "alliance": "alliance",
    "member": "alliance",
    "membership": "alliance",
}
BY_NAME: Final = ("look", "passkey", "export", "sheet", "pair")
KINDS: Final = (*KNOWN_BY, *BY_RELATION, *BY_NAME)
_PARTNERS: Final = ("webhook", "delivery")


@dataclass(slots=True)
class Things:
    """Ids by kind, who is what to them, and whether the case's card is, or was once, up."""

    name: str
    ids: dict[str, str] = field(default_factory=dict)
    holds: dict[str, dict[str, str]] = field(default_factory=dict)
    known_to: dict[str, str] = field(default_factory=dict)
    public: bool = False
    ever_public: bool = False

    def known(self, who: Principal, kind: str) -> bool:
        """Whether somebody may know of the thing of this kind, by the written matrix alone."""
        holds = self.holds.get(who.name, {})
        if kind in BY_NAME:
            return who.name == self.known_to.get(kind)
        if kind in BY_RELATION:
            return bool(holds.get(BY_RELATION[kind]))
        action, group, on = KNOWN_BY[kind]
        if kind in _PARTNERS and set(who.columns) & {"PA", "AD"}:
            group, action = "f21", "R"
        return matrix.granted(who.columns, action, group, frozenset(holds.get(on, "")))


def plant(state: str) -> tuple[World, tuple[Things, Things]]:
    """The grid's world with the case in `state`, more people, and both sets."""
    world = build_world(state)
    first, second = _first(world), _second(world)
    for name in ("seeker", "other_reporter"):
        world.people.append(_signed_in(Principal(name, ("VO",), world.users[name])))
    world.people.append(
        _signed_in(Principal("other_partner_admin", ("VO", "PA"), world.users["other_partner"]))
    )
    _programs(world, second)
    return world, (first, second)


def _signed_in(who: Principal) -> Principal:
    who.open_session()
    return who


def _first(world: World) -> Things:
    """The grid's things, and those kinds that it has none of."""
    holds = {who.name: dict(who.holds) for who in world.people}
    for name in ("partner_admin", "program"):
        holds[name]["partner"] = "p"
    things = Things("first", dict(world.ids), holds)
    things.known_to = {"look": "blind", "passkey": "guardian", "export": "program"}
    things.known_to |= {"sheet": "coordinator", "pair": "in_hand"}
    things.ids |= _lists(world.users["coordinator"])
    assert world.program is not None
    things.ids |= _bulk(world.program.client)
    things.ids |= {"membership": str(world.users["member"].memberships.get().pk)}
    case = Case.objects.get(pk=world.ids["case"])
    things.public, things.ever_public = world.public, case.ever_public
    partner = Partner.objects.get(pk=world.ids["partner"])
    things.ids |= {"guardian": world.ids["unverified"], "appointment": str(partner.admins.get().pk)}
    if world.state == "erased":
        return things
    owner = world.users["guardian"]
    things.ids["passkey"] = _passkey(owner)
    things.ids |= _beside(world, case, world.actor("guardian"), "in_hand")
    things.ids |= _webhook(world, partner)
    proposed = staff.propose_factor_reset(
        actor=world.actor("second_admin"), user=world.users["blind"]
    )
    things.ids["proposal"] = str(proposed.pk)
    return things


def _second(world: World) -> Things:
    """Things of people who have nothing to do with the first."""
    for name in ("seeker", "other_reporter", "other_partner"):
        world.users[name] = account(name)
    filer, reviewer = world.actor("stranger_verified"), world.actor("without")
    case = Case.objects.get(family__guardians__user=world.users["stranger_verified"])
    elsewhere = world.users["elsewhere"].memberships.get().alliance
    Case.objects.filter(pk=case.pk).update(alliance=elsewhere)
    join(elsewhere, world.users["seeker"], MembershipRole.MEMBER)
    case_services.take_in_hand(actor=reviewer, reference=case.reference, why=TakeReason.NEW)
    photo = case_services.add_photo(actor=filer, case=case, data=factories.jpeg(5))
    factories.work_off("cases.develop_photo")
    consent = case_services.give_consent(
        actor=filer, case=case, purpose=ConsentPurpose.SHARE, alliance=elsewhere
    )
    Guardian.objects.filter(family=case.family).update(verified_at=Now())
    told = sighting_services.log_sighting(
        actor=world.actor("other_reporter"),
        values={**factories.SIGHTING_FACTS, "kind": "seeker"},
        photos=[factories.jpeg(6)],
    ).sighting
    SightingAssignment.objects.create(sighting=told, reviewer=world.users["without"])
    sighting_services.log_sighting(
        actor=world.actor("seeker"), values={**factories.SIGHTING_FACTS, "kind": "seeker"}
    )
    factories.work_off("searches.develop_photo")
    match = factories.store_match(case, told)
    review = reviewing.decide(
        actor=reviewer, match=match, decision=ReviewDecision.REJECT, reason="another child"
    )
    # One in ten rejected pairs has one already.
    look, _new = SecondLook.objects.update_or_create(
        match=match,
        defaults={
            "standing": ReviewDecision.REJECT,
            "reviewer": world.users["put_back"],
            "taken_at": Now(),
        },
    )
    claims.enter_fact(actor=reviewer, case=case, text="A star on the left shoe.")
    claims.make_claim(actor=filer, case=case, statement="I am her aunt.")
    claim = Claim.objects.get(case=case)
    claims.take_claim(actor=reviewer, claim=claim)
    flag = ProtectionFlag.objects.create(
        case=case, kind=FlagKind.THREAT, note="quiet", raised_by=world.users["without"]
    )
    report = PageReport.objects.create(case=case, kind=PageReportKind.REPORT, words="wrong")
    admin = world.actor("admin")
    partner = partner_services.found_partner(actor=admin, name="Harbour")
    partner_services.appoint_admin(
        actor=admin, partner=partner, email=str(world.users["other_partner"].email)
    )
    client = partner_services.add_client(
        actor=admin, partner=partner, name="importer", scopes=list(SCOPES)
    )
    proposed = staff.propose_role(
        actor=world.actor("second_admin"), email="new@example.org", name="", role=StaffRole.REVIEWER
    )
    rows = {"case": case, "photo": photo, "consent": consent, "sighting": told, "match": match}
    rows |= {"sighting_photo": told.photos.get(), "review": review, "look": look, "claim": claim}
    rows |= {"flag": flag, "report": report, "partner": partner, "client": client.client}
    rows |= {"alliance": elsewhere, "colleague": world.users["without"], "proposal": proposed}
    rows |= {"member": world.users["seeker"]}
    rows |= {"membership": world.users["elsewhere"].memberships.get()}
    rows |= {"fact": WithheldFact.objects.get(case=case)}
    rows |= {"guardian": case.family.guardians.get(), "appointment": partner.admins.get()}
    things = Things("second", {kind: str(row.pk) for kind, row in rows.items()})
    things.ids |= {"reference": case.reference, "passkey": _passkey(world.users["seeker"])}
    things.ids |= _beside(world, case, filer, "without")
    things.ids |= _webhook(world, partner)
    hand = {"case": "s", "sighting": "s", "match": "s"}
    things.holds = {
        "stranger_verified": {"case": "o"},
        "elsewhere": {"case": "ap", "alliance": "oa"},
        "without": hand,
        # A second look shows the sighting, not the case nor the match itself.
        "put_back": {},
        "other_reporter": {"sighting": "o"},
        "seeker": {"alliance": "o"},
        "other_partner_admin": {"partner": "p"},
    }
    things.known_to = {"look": "put_back", "passkey": "seeker", "export": "other_program"}
    things.known_to |= {"sheet": "elsewhere", "pair": "without"}
    things.ids |= _lists(world.users["elsewhere"])
    return things


def _beside(world: World, case: Case, filer: Actor, reviewer: str) -> dict[str, str]:
    """A link to a second case of the same people, a check after coming home, an operation."""
    family = case.family
    more = case_services.file_case(
        actor=filer,
        case={**factories.CASE_FACTS, "alliance_id": case.alliance_id},
        child=factories.CHILD_FACTS,
    )
    Case.objects.filter(pk=more.pk).update(family=family)
    Assignment.objects.create(case=more, reviewer=world.users[reviewer])
    one, other = sorted((case, more), key=lambda end: end.pk)
    link = CaseLink.objects.create(one=one, other=other, kind=LinkKind.SIBLING)
    pair = CasePair.objects.create(
        left=one,
        right=other,
        kind=LinkKind.DUPLICATE,
        weight_bits=20,
        prior_bits=-14,
        probability=0.9,
        band="strong",
    )
    outcome = Outcome.objects.filter(case=case).first() or Outcome.objects.create(case=case)
    due = timezone.now().date()
    check = FollowUp.objects.create(outcome=outcome, months=3, due_on=due)
    operation = operations.save_operation(
        actor=world.actor(reviewer), values={"name": f"of {reviewer}"}
    )
    found = {"link": str(link.pk), "pair": str(pair.pk)}
    return found | {"follow_up": str(check.pk), "operation": str(operation.pk)}


def _webhook(world: World, partner: Partner) -> dict[str, str]:
    made, _secret = webhooks.add(
        actor=_program(world, partner).actor,
        partner=partner,
        url="https://partner.example.org/events",
        types=["case.opened"],
    )
    sent = Delivery.objects.create(webhook=made)
    return {"webhook": str(made.pk), "delivery": str(sent.pk)}


def _program(world: World, partner: Partner, *scopes: str) -> ProgramOf:
    told = partner_services.add_client(
        actor=world.actor("admin"), partner=partner, name="more", scopes=scopes or list(SCOPES)
    )
    return ProgramOf(told.client, told.secret)


def _bulk(client: ApiClient) -> dict[str, str]:
    """A file of cases that came in for the client's organisation, and one on its way out to it."""
    brought = ImportJob.objects.create(
        client=client, partner=client.partner, format="ndjson", mode="skip_bad", status="done"
    )
    taken = ExportJob.objects.create(
        client=client, format="ndjson", public_key=b"k" * 32, expires_at=Now() + timedelta(days=1)
    )
    return {"import": str(brought.pk), "export": str(taken.pk)}


def _lists(leader: User) -> dict[str, str]:
    """A list that came in for an alliance, and one whose columns its leader is still telling."""
    whose = {"alliance": leader.memberships.get().alliance, "user": leader}
    came_in = ImportJob.objects.create(**whose, format="csv", mode="skip_bad", status="done")
    sheet = ImportSheet.objects.create(
        **whose,
        format="csv",
        original="originals/00/none",
        columns=["name"],
        mapping=["child.full_name"],
        first_rows='[[2, ["x"], ""]]',
        read_at=timezone.now(),
    )
    return {"list": str(came_in.pk), "sheet": str(sheet.pk)}


def _programs(world: World, things: Things) -> None:
    """A program of the second partner for each scope alone, and one with all."""
    partner = Partner.objects.get(pk=things.ids["partner"])
    for name, columns, scopes in [
        ("other_program", CLIENTS, ()),
        *((f"program with {scope}", (role.value,), (scope,)) for scope, role in SCOPES.items()),
    ]:
        program = _program(world, partner, *scopes)
        world.people.append(Principal(name, columns, header=f"Bearer {program.token()}"))
        if not scopes:
            things.ids |= _bulk(program.client)
        things.holds[name] = {"partner": "p"}


def _passkey(owner: User) -> str:
    held = Authenticator.objects.create(
        user=owner, type=Authenticator.Type.WEBAUTHN, data={"name": "mine"}
    )
    return str(held.pk)
