"""Every way to change something, by the address that does it, and the cell that it belongs to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import uuid4

from casemgr.platform.rest.viewsets import etag
from cases.models import Case, CasePhoto
from searches.models import Sighting
from tests.api.helpers import upload
from tests.factories import jpeg
from tests.security.grid import setting
from tests.security.grid.people import Principal
from tests.security.grid.world import STATES, World

API: Final = "/api/v1/"
LIVING: Final = tuple(state for state in STATES if state != "erased")
SEARCHED: Final = ("submitted", "verified", "open", "located")
MOVABLE: Final = tuple(state for state in LIVING if state not in ("withdrawn", "merged"))

Body = Callable[[World], Mapping[str, Any]]
May = Callable[[Principal], bool]


@dataclass(frozen=True, slots=True)
class Probe:
    """One request that would change `writes` (tables).

    Granted by the matrix for `action` on `group` of `on`, and only to those who pass `also`; acts
    beside the letters to those who pass `instead`. It works in `states`; in all others whoever may
    is `told` so and nothing changes, and where it is `loose` others may be told it too. `prepare`
    sets the stage first; `needs_code` sends a receipt's code along.
    """

    name: str
    surface: str
    method: str
    path: str
    cell: str
    on: str
    body: Body
    writes: tuple[str, ...]
    also: May | None = None
    instead: May | None = None
    states: tuple[str, ...] = LIVING
    told: tuple[int, ...] = (400, 409)
    headers: Body | None = None
    prepare: Callable[[World], None] | None = None
    needs_code: bool = False
    loose: bool = False

    @property
    def group(self) -> str:
        """f1 to f20."""
        return self.cell.split()[0]

    @property
    def action(self) -> str:
        """One of C U P A X D."""
        return self.cell.split()[1]


def is_(relation: str, to: str = "case") -> May:
    """Those who are this to an object."""
    return lambda who: relation in who.relations(to)


def column(name: str) -> May:
    """Those with a column of the matrix."""
    return lambda who: name in who.columns


def account(who: Principal) -> bool:
    """Anybody who is signed in to an account that stands."""
    return who.has_account


def everybody(who: Principal) -> bool:
    """Anybody but who sends a header that nothing answers to."""
    return who.name not in ("revoked_token", "unknown_receipt")


def named(*names: str) -> May:
    """One or two of the grid's people."""
    return lambda who: who.name in names


def _seals(who: Principal) -> bool:
    return bool(who.relations("case") & set("oas"))


def just(**values: Any) -> Body:
    """The same body in every world."""
    return lambda world: values


def item(key: str, **values: Any) -> Body:
    """An act on a thing that the world names."""
    return lambda world: {"item": world.ids[key], **values}


def photo(**values: Any) -> Body:
    """One photo in parts."""
    return lambda world: {**values, "image": upload(jpeg(9, size=(64, 80)))}


def _version(model: Any, key: str) -> Body:
    def header(world: World) -> Mapping[str, Any]:
        row = model.objects.filter(pk=world.ids[key]).first()
        return {"If-Match": etag(row) if row is not None else '"gone"'}

    return header


CASE_VERSION: Final = _version(Case, "case")
PHOTO_VERSION: Final = _version(CasePhoto, "photo")
SIGHTING_VERSION: Final = _version(Sighting, "sighting")
_CASE, _SIGHTING, _MATCH = "cases/{case}/", "sightings/{sighting}/", "matches/{match}/"
_ALLIANCE = "alliances/{alliance}/"


def _rest(name: str, how: str, cell: str, body: Body, *writes: str, **more: Any) -> Probe:
    method, path = how.split()
    on = more.pop("on", "case")
    return Probe(name, "rest", method.lower(), API + path, cell, on, body, writes, **more)


def _step(world: World) -> Mapping[str, Any]:
    following = {"submitted": "verified", "verified": "open", "closed": "open"}
    return {"to": following.get(world.state, "verified")}


REST: Final = (
    _rest(
        "file a case",
        "POST cases/",
        "f2 C",
        just(public_name="x", child={"sex": "female"}),
        "cases_case",
        instead=lambda who: account(who) or "cW" in who.columns,
        states=STATES,
    ),
    _rest("change", f"PATCH {_CASE}", "f2 U", just(story="y"), "cases_case", headers=CASE_VERSION),
    _rest(
        "move the place",
        f"PATCH {_CASE}",
        "f5 U",
        just(missing_from={"text": "elsewhere"}),
        "cases_case",
        headers=CASE_VERSION,
    ),
    _rest(
        "withdraw",
        f"POST {_CASE}transitions/",
        "f2 U",
        just(to="withdrawn", reason="their wish"),
        "cases_case",
        states=MOVABLE,
    ),
    _rest(
        "next step",
        f"POST {_CASE}transitions/",
        "f2 U",
        _step,
        "cases_case",
        also=is_("s"),
        states=("submitted", "verified", "closed"),
        loose=True,
    ),
    _rest(
        "outcome",
        f"POST {_CASE}transitions/",
        "f13 U",
        just(to="located"),
        "cases_case",
        also=is_("s"),
        states=("open",),
        loose=True,
    ),
    _rest(
        "step to an outcome",
        f"POST {_CASE}outcome/steps/",
        "f13 U",
        just(step="informed", authority="Kunming police"),
        "cases_outcome",
        states=SEARCHED,
    ),
    _rest(
        "propose an outcome",
        f"POST {_CASE}outcome/",
        "f13 C",
        just(kind="located_in_care"),
        "cases_outcome",
        states=(),
    ),
    _rest(
        "take a step to an outcome back",
        f"POST {_CASE}outcome/undo/",
        "f13 U",
        just(reason="by mistake"),
        "cases_outcome",
        states=(),
    ),
    _rest("photo", f"POST {_CASE}photos/", "f3 C", photo(), "cases_casephoto"),
    _rest(
        "tick a photo",
        f"PATCH {_CASE}photos/{{photo}}/",
        "f2 U",
        just(consent_public=True),
        "cases_casephoto",
        also=is_("o"),
        headers=PHOTO_VERSION,
    ),
    _rest(
        "untick a photo",
        f"PATCH {_CASE}photos/{{photo}}/",
        "f2 U",
        just(consent_public=False),
        "cases_casephoto",
        headers=PHOTO_VERSION,
    ),
    _rest(
        "seal a photo",
        f"POST {_CASE}photos/{{photo}}/harmful/",
        "f3 D",
        just(reason="harmful"),
        "cases_harmfulimage",
        instead=_seals,
    ),
    _rest(
        "timeline",
        f"POST {_CASE}timeline/",
        "f2 U",
        just(kind="note", note="x"),
        "cases_timelineevent",
    ),
    _rest(
        "consent",
        f"POST {_CASE}consents/",
        "f2 U",
        just(purpose="publish_photo"),
        "cases_consent",
        also=is_("o"),
    ),
    _rest(
        "take a consent back",
        f"DELETE {_CASE}consents/{{consent}}/",
        "f2 U",
        just(),
        "cases_consent",
    ),
    _rest(
        "tell of a sighting",
        "POST sightings/",
        "f9 C",
        just(kind="street", description="x", contact={"name": "n"}),
        "searches_sighting",
        "searches_reportercontact",
        on="sighting",
        instead=everybody,
        states=STATES,
    ),
    _rest(
        "correct a sighting",
        f"PATCH {_SIGHTING}",
        "f9 U",
        just(description="y"),
        "searches_sighting",
        on="sighting",
        headers=SIGHTING_VERSION,
        states=STATES,
    ),
    _rest(
        "change who reports",
        f"PATCH {_SIGHTING}",
        "f10 U",
        just(contact={"name": "somebody"}),
        "searches_reportercontact",
        on="sighting",
        headers=SIGHTING_VERSION,
        states=STATES,
    ),
    _rest(
        "photo of a sighting",
        f"POST {_SIGHTING}photos/",
        "f9 C",
        photo(),
        "searches_sightingphoto",
        on="sighting",
        also=is_("o", "sighting"),
        states=STATES,
    ),
    _rest(
        "seal a photo of a sighting",
        f"POST {_SIGHTING}photos/{{sighting_photo}}/harmful/",
        "f9 D",
        just(reason="harmful"),
        "cases_harmfulimage",
        on="sighting",
        instead=lambda who: bool(who.relations("sighting")),
        states=STATES,
    ),
    _rest(
        "add by receipt",
        "PATCH receipts/me/",
        "f9 C",
        just(description="z"),
        "searches_sighting",
        on="sighting",
        also=named("receipt"),
        headers=SIGHTING_VERSION,
        states=STATES,
    ),
    _rest(
        "take back by receipt",
        "DELETE receipts/me/",
        "f19 D",
        just(),
        "searches_sighting",
        on="sighting",
        instead=named("receipt"),
        states=STATES,
    ),
    _rest(
        "say no",
        f"POST {_MATCH}reviews/",
        "f12 C",
        just(decision="reject", reason="another child"),
        "searches_review",
        on="match",
    ),
    _rest(
        "say yes",
        f"POST {_MATCH}reviews/",
        "f12 A",
        just(decision="accept", reason="the same child"),
        "searches_review",
        on="match",
    ),
    _rest(
        "take a decision back",
        f"DELETE {_MATCH}reviews/{{own_review}}/",
        "f12 C",
        just(),
        "searches_review",
        on="match",
        also=named("in_hand"),
        prepare=setting.own_review,
    ),
    _rest(
        "found an alliance",
        "POST alliances/",
        "f18 C",
        just(name="Harbour"),
        "families_alliance",
        on="alliance",
        instead=account,
        states=STATES,
    ),
    _rest(
        "invite",
        f"POST {_ALLIANCE}invitations/",
        "f18 C",
        just(role="member"),
        "families_invitation",
        on="alliance",
        also=column("CO"),
        states=STATES,
    ),
    _rest(
        "hand over",
        f"POST {_ALLIANCE}owner/",
        "f18 U",
        lambda world: {"user": str(world.users["member"].pk)},
        "families_membership",
        on="alliance",
        instead=named("coordinator"),
        states=STATES,
    ),
    _rest(
        "leave",
        f"DELETE {_ALLIANCE}membership/",
        "f18 D",
        just(),
        "families_membership",
        on="alliance",
        instead=is_("o", "alliance"),
        prepare=setting.second_owner,
        states=STATES,
    ),
    _rest(
        "join",
        "POST alliances/join/",
        "f18 C",
        lambda world: {"secret": world.ids["secret"]},
        "families_membership",
        on="alliance",
        instead=lambda who: account(who) and not who.relations("alliance"),
        prepare=setting.invitation,
        loose=True,
        states=STATES,
    ),
)


def _page(name: str, path: str, cell: str, body: Body, *writes: str, **more: Any) -> Probe:
    on = more.pop("on", "case")
    return Probe(name, "html", "post", path, cell, on, body, writes, **more)


def _desk(act: str, cell: str, body: Body, *writes: str, **more: Any) -> Probe:
    def whole(world: World) -> Mapping[str, Any]:
        return {"act": act, "words": "because of this", **body(world)}

    also = more.pop("also", is_("s"))
    more = {"also": also, **more}
    return _page(f"desk: {act}", "/review/cases/{reference}/", cell, whole, *writes, **more)


def _claim(act: str, body: Body, *writes: str, **more: Any) -> Probe:
    def whole(world: World) -> Mapping[str, Any]:
        return {"act": act, "words": "because of this", **body(world)}

    return _page(
        f"claim: {act}", "/review/claims/{claim}/", "f7 C", whole, *writes, also=is_("s"), **more
    )


def _receipt(act: str, cell: str, **more: Any) -> Probe:
    def body(world: World) -> Mapping[str, Any]:
        return {"act": act, "description": "more words"}

    return _page(
        f"receipt: {act}",
        "/receipt/",
        cell,
        body,
        "searches_sighting",
        on="sighting",
        instead=named("receipt"),
        needs_code=True,
        states=STATES,
        loose=True,
        **more,
    )


_OPEN: Final = ("open",)
_PUBLISHES: Final[Mapping[str, Any]] = {"states": _OPEN, "on": "card"}
PAGES: Final = (
    _desk("step", "f2 U", _step, "cases_case", states=("submitted", "verified", "closed")),
    _desk(
        "approve",
        "f1 P",
        just(),
        "cases_case",
        "cases_approval",
        prepare=setting.to_publish,
        **_PUBLISHES,
    ),
    _desk(
        "emergency",
        "f1 P",
        just(police_reference="12"),
        "cases_case",
        "cases_approval",
        prepare=setting.to_publish_alone,
        **_PUBLISHES,
    ),
    _desk(
        "approve_photo",
        "f1 P",
        item("photo"),
        "cases_casephoto",
        prepare=setting.ticked,
        **_PUBLISHES,
    ),
    _desk("unpublish", "f2 U", just(), "cases_case"),
    _desk("harmful", "f3 D", item("photo"), "cases_harmfulimage", instead=is_("s")),
    _desk(
        "decline",
        "f2 U",
        just(),
        "cases_case",
        prepare=setting.asked_to_withdraw,
        states=("draft", "submitted", "verified", "located", "closed", "merged"),
    ),
    _desk(
        "told",
        "f14 U",
        just(),
        "cases_case",
        instead=is_("s"),
        prepare=setting.may_be_told,
        states=("located", "closed"),
    ),
    _desk("raise_flag", "f8 C", just(kind="custody_order"), "cases_protectionflag"),
    _desk("clear_flag", "f8 U", item("flag"), "cases_flagclearing"),
    _desk("verify", "f6 U", item("unverified", basis="papers"), "families_verification"),
    _desk(
        "end_verification", "f6 U", item("verified"), "families_guardian", prepare=setting.verified
    ),
    _desk("enter_fact", "f7 C", just(), "cases_withheldfact"),
    _desk("release", "f15 U", just(), "cases_assignment"),
    _page(
        "outcome: inform",
        "/review/cases/{reference}/outcome/",
        "f13 U",
        just(act="inform", authority="Kunming police"),
        "cases_outcome",
        also=is_("s"),
        states=SEARCHED,
    ),
    _page(
        "withdraw one's own",
        "/my/cases/{reference}/withdraw/",
        "f2 U",
        just(reason="their wish"),
        "cases_case",
        also=is_("o"),
        states=SEARCHED,
    ),
    _page(
        "ask for a copy of a case's file",
        "/cases/{reference}/copy/",
        "f19 X",
        just(act="ask", words="for the police"),
        "cases_casefile",
        states=(*SEARCHED, "closed"),
    ),
    _claim("take", just(), "cases_claimtester", prepare=setting.untested, instead=is_("s")),
    _claim("answer", item("fact", agrees="on"), "cases_claimanswer", instead=named("in_hand")),
    _claim("verdict", just(verdict="refuse"), "cases_claim", instead=named("in_hand")),
    _page(
        "hide a page",
        "/review/reports/",
        "f1 U",
        item("report", act="hide"),
        "cases_pagereport",
        on="card",
    ),
    _page(
        "keep a page",
        "/review/reports/",
        "f1 U",
        item("report", act="keep"),
        "cases_pagereport",
        on="card",
        also=is_("s"),
        loose=True,
    ),
    _page(
        "take in hand",
        "/review/take/",
        "f15 C",
        lambda world: {"reference": world.ids["reference"], "why": "new"},
        "cases_assignment",
        on="operations",
        prepare=setting.released,
    ),
    _page(
        "match: no",
        "/review/matches/{match}/",
        "f12 C",
        just(decision="reject", reason="another child"),
        "searches_review",
        on="match",
    ),
    _page(
        "match: yes",
        "/review/matches/{match}/",
        "f12 A",
        just(decision="accept", reason="the same child"),
        "searches_review",
        on="match",
    ),
    _page(
        "undo",
        "/review/matches/{match}/undo/",
        "f12 C",
        just(),
        "searches_review",
        on="match",
        also=named("in_hand"),
        prepare=setting.own_review,
    ),
    _page(
        "begin a second look",
        "/review/second-look/",
        "f12 C",
        just(),
        "searches_secondlook",
        on="operations",
        instead=named("without"),
        prepare=setting.look_is_due,
        told=(302,),
        loose=True,
    ),
    _page(
        "second look",
        "/review/second-look/{look}/",
        "f12 C",
        just(decision="accept", reason="the same child"),
        "searches_secondlook",
        on="match",
        instead=named("blind"),
    ),
    _page(
        "tell of a sighting",
        "/sightings/new/",
        "f9 C",
        lambda world: {"key": str(uuid4()), "kind": "street", "description": "x"},
        "searches_sighting",
        on="sighting",
        instead=lambda who: True,
        states=STATES,
    ),
    _receipt("add", "f9 C"),
    _receipt("withdraw", "f19 D"),
    _page(
        "profile",
        "/account/",
        "f18 U",
        just(display_name="new", language="en"),
        "accounts_user",
        on="account",
        states=STATES,
    ),
    _page(
        "sessions",
        "/account/sessions/",
        "f17 D",
        just(),
        "usersessions_usersession",
        on="account",
        prepare=setting.second_sessions,
        states=STATES,
    ),
    _page(
        "notices",
        "/notices/read/",
        "f18 U",
        just(),
        "notify_notice",
        on="account",
        instead=account,
        prepare=setting.notices,
        states=STATES,
    ),
    _page(
        "propose a role",
        "/staff/propose-role/",
        "f18 C",
        just(email="new@example.org", name="new", role="RV"),
        "accounts_staffproposal",
        on="staff",
        also=column("AD"),
        states=STATES,
    ),
    _page(
        "propose a reset",
        "/staff/{colleague}/reset/",
        "f17 C",
        just(),
        "accounts_staffproposal",
        on="staff",
        states=STATES,
    ),
    _page(
        "revoke a role",
        "/staff/{colleague}/revoke/",
        "f18 D",
        just(role="RV"),
        "accounts_rolegrant",
        on="staff",
        also=column("AD"),
        states=STATES,
    ),
    _page(
        "agree",
        "/staff/proposals/{proposal}/",
        "f17 C",
        just(),
        "accounts_staffproposal",
        on="staff",
        prepare=setting.proposal,
        states=STATES,
    ),
)
PARTNERS: Final = (
    _page(
        "found a partner",
        "/partners/found/",
        "f21 C",
        just(name="Beacon"),
        "partners_partner",
        on="partner",
        states=STATES,
    ),
    _page(
        "stop a partner",
        "/partners/{partner}/stop/",
        "f21 D",
        just(),
        "partners_partner",
        on="partner",
        states=STATES,
    ),
    _page(
        "add a program",
        "/partners/{partner}/clients/",
        "f21 U",
        just(name="importer", scopes=["cases:read"]),
        "partners_apiclient",
        on="partner",
        states=STATES,
    ),
)


def _file(**more: Any) -> Body:
    """A small file of cases."""

    def body(world: World) -> Mapping[str, Any]:
        data = b'{"child": {"full_name": "Lin"}}'
        alliance = {"alliance": world.ids["alliance"]} if "alliance" in more else {}
        return {"file": upload(data), "format": "ndjson", **alliance}

    return body


BULK: Final = (
    Probe(
        "bring cases in for an organisation",
        "rest",
        "post",
        f"{API}imports/",
        "f2 C",
        "organisation",
        _file(),
        ("cases_importjob",),
        loose=True,
    ),
    Probe(
        "bring cases in for an alliance",
        "rest",
        "post",
        f"{API}imports/",
        "f2 C",
        "alliance",
        _file(alliance=True),
        ("cases_importjob",),
        also=column("CO"),
        loose=True,
    ),
    Probe(
        "take cases out",
        "rest",
        "post",
        f"{API}exports/",
        "f19 X",
        "organisation",
        just(format="csv"),
        ("cases_exportjob",),
    ),
)
WRITES: Final = REST + PAGES + PARTNERS + BULK
