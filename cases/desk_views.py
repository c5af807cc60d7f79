"""Pages on which reviewers work on a case itself: its desk, a claim, and reported pages."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from casemgr.platform import audit
from casemgr.platform.access import Action, Actor, Group, can, declares
from casemgr.platform.accounts.second_factor import require_recent
from casemgr.platform.errors import DomainError, NotFound, Words, as_lines
from casemgr.platform.paging import part
from casemgr.platform.vocabularies import CaseStatus
from cases import (
    assignments,
    claims,
    desk_queue,
    harmful,
    lifecycle,
    protection,
    publication,
    second_seat,
    yearly,
)
from cases.consents import consented
from cases.forms import ActForm
from cases.models import Case, Claim, FlagKind, Verdict
from families.models import VerificationBasis

SHOWN = 50
# What a reviewer says by taking a step; a case comes to be open from three others.
STEP_WORDS: Mapping[CaseStatus, Words] = {
    CaseStatus.VERIFIED: _("I have read and checked it"),
    CaseStatus.OPEN: _("Open the search"),
    CaseStatus.LOCATED: _("The child was located"),
    CaseStatus.WITHDRAWN: _("End it: withdrawn"),
}
SEARCH_ON: Mapping[CaseStatus, Words] = {
    CaseStatus.LOCATED: _("Not located after all: search on"),
    CaseStatus.CLOSED: _("Missing after all: open it again"),
}
# Taking any of these asks for the second factor again.
RISKY = frozenset(
    {
        *("approve", "emergency", "approve_photo", "clear_flag"),
        *("verify", "told", "verdict", "take_over"),
    }
)

Given = Mapping[str, Any]
Act = Callable[[Actor, Case, Given], Any]


def _one(rows: "QuerySet[Any]", given: Given) -> Any:
    """The row that a form names; NotFound where it is not among `rows`."""
    found = rows.filter(pk=given["item"]).first() if given["item"] else None
    if found is None:
        raise NotFound
    return found


ACTS: dict[str, Act] = {
    "step": lambda actor, case, given: lifecycle.transition(
        actor=actor, case=case, to=CaseStatus(given["to"]), reason=given["words"]
    ),
    "approve": lambda actor, case, given: publication.approve_publication(actor=actor, case=case),
    "emergency": lambda actor, case, given: publication.publish_in_emergency(
        actor=actor, case=case, police_reference=given["police_reference"]
    ),
    "unpublish": lambda actor, case, given: publication.unpublish(
        actor=actor, case=case, reason=given["words"]
    ),
    "approve_photo": lambda actor, case, given: publication.approve_photo(
        actor=actor, photo=_one(case.photos.all(), given)
    ),
    "harmful": lambda actor, case, given: harmful.mark_case_photo(
        actor=actor, photo=_one(case.photos.all(), given), reason=given["words"]
    ),
    "decline": lambda actor, case, given: lifecycle.decline_withdrawal(
        actor=actor, case=case, reason=given["words"]
    ),
    "told": lambda actor, case, given: lifecycle.record_family_told(
        actor=actor, case=case, reason=given["words"]
    ),
    "raise_flag": lambda actor, case, given: protection.raise_flag(
        actor=actor, case=case, kind=FlagKind(given["kind"]), note=given["words"]
    ),
    "clear_flag": lambda actor, case, given: protection.clear_flag(
        actor=actor, flag=_one(case.protection_flags.all(), given), reason=given["words"]
    ),
    "verify": lambda actor, case, given: assignments.verify_guardian(
        actor=actor,
        case=case,
        guardian=_one(case.family.guardians.all(), given),
        basis=VerificationBasis(given["basis"]),
        police_reference=given["police_reference"],
        note=given["words"],
    ),
    "end_verification": lambda actor, case, given: assignments.end_verification(
        actor=actor,
        case=case,
        guardian=_one(case.family.guardians.all(), given),
        reason=given["words"],
    ),
    "enter_fact": lambda actor, case, given: claims.enter_fact(
        actor=actor, case=case, text=given["words"]
    ),
    "look_anew": lambda actor, case, given: yearly.look_anew(
        actor=actor, case=case, reason=given["words"]
    ),
    "take_over": lambda actor, case, given: second_seat.take_over(
        actor=actor,
        seat=_one(case.second_seats.filter(ended_at__isnull=True), given),
        reason=assignments.require_reason(given["words"]),
    ),
    "release": lambda actor, case, given: assignments.release(actor=actor, case=case),
}


@declares(Action.CREATE, Group.REVIEWS)
@require_http_methods(["GET", "POST"])
def desk(request: HttpRequest, reference: str) -> HttpResponse:
    """Everything that a reviewer with the case in hand can do to it; POST does one act."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    case = _in_hand(actor).filter(reference=reference).first()
    if case is None or not assignments.decides(actor, case):
        raise NotFound
    if request.method == "GET":
        return _desk_page(request, actor, case, [])
    given = _given(request, ACTS)
    if given["act"] in RISKY and (asked := require_recent(request)) is not None:
        return asked
    if wrong := _refused(lambda: ACTS[given["act"]](actor, case, given)):
        return _desk_page(request, actor, case, wrong)
    return redirect("queue") if given["act"] == "release" else redirect("desk", reference)


@declares(Action.CREATE, Group.REVIEWS)
@require_safe
def waiting_cases(request: HttpRequest) -> HttpResponse:
    """Cases that wait for a reviewer's step, by reference alone."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = part(desk_queue.waiting_for(actor), typed=request.GET.get("start"), size=SHOWN)
    page = {
        "cases": [(case, desk_queue.Waits(case.waits)) for case in found.rows],
        **found.pager,
    }
    return render(request, "cases/waiting.html", page)


def _in_hand(actor: Actor) -> "QuerySet[Case]":
    return Case.objects.visible_to(actor).with_card().select_related("family")


def _given(request: HttpRequest, acts: Mapping[str, Any]) -> Given:
    """What a form says, for an act that there is."""
    form = ActForm(request.POST)
    if not form.is_valid() or form.cleaned_data["act"] not in acts:
        raise NotFound
    return form.cleaned_data


def _refused(act: Callable[[], Any]) -> list[Words]:
    """Why an act is refused, in words; empty when it was done."""
    try:
        act()
    except NotFound:
        raise
    except ValueError as error:  # a choice that was left empty
        raise NotFound from error
    except DomainError as refused:
        return as_lines(refused)
    return []


def _desk_page(request: HttpRequest, actor: Actor, case: Case, wrong: list[Words]) -> HttpResponse:
    case.refresh_from_db()
    audit.record(
        actor, Action.READ, "case", [case.pk], groups=[Group.CASE_DETAIL, Group.CASE_PHOTOS]
    )
    guardians = case.family.guardians.filter(ended_at__isnull=True).order_by("created_at")
    reached = "contacts" in request.GET and can(actor, Action.READ, Group.FAMILY_CONTACT, case)
    if reached:
        guardians = guardians.select_related("contact")
        audit.record(actor, Action.READ, "case", [case.pk], groups=[Group.FAMILY_CONTACT])
    approvals = case.approvals.filter(ended_at__isnull=True).select_related("reviewer")
    page = {
        "case": case,
        "wrong": wrong,
        "steps": _steps(CaseStatus(case.status)),
        "approvals": approvals.order_by("given_at"),
        "consented": consented(case),
        "photos": case.photos.all(),
        "guardians": guardians,
        "contacts": reached,
        "flags": protection.flags_of(actor=actor, case=case),
        "claims": claims.waiting(actor).filter(case=case),
        "look_due": yearly.due(Case.objects.filter(pk=case.pk)).exists(),
        "seat_of_another": second_seat.of_another(actor, "case", case.pk),
        "late_seats": [
            seat
            for seat in case.second_seats.filter(ended_at__isnull=True)
            if second_seat.may_take_over(actor, seat)
        ],
        "flag_kinds": FlagKind.choices,
        "bases": VerificationBasis.choices,
    }
    return render(request, "cases/desk.html", page, status=400 if wrong else 200)


def _steps(status: CaseStatus) -> list[tuple[CaseStatus, Words]]:
    """Steps from here that are a reviewer's own, each with what its button says."""
    return [
        (to, SEARCH_ON.get(before, STEP_WORDS[to]) if to is CaseStatus.OPEN else STEP_WORDS[to])
        for before, to in lifecycle.STEPS
        if before is status and to in STEP_WORDS
    ]


CLAIM_ACTS: dict[str, Callable[[Actor, Claim, Given], Any]] = {
    "take": lambda actor, claim, given: claims.take_claim(actor=actor, claim=claim),
    "answer": lambda actor, claim, given: claims.record_answer(
        actor=actor,
        claim=claim,
        fact=_one(claim.case.withheld_facts.all(), given),
        agrees=given["agrees"],
    ),
    "verdict": lambda actor, claim, given: claims.give_verdict(
        actor=actor, claim=claim, verdict=Verdict(given["verdict"]), reason=given["words"]
    ),
}


@declares(Action.READ, Group.CLAIM_FACTS)
@require_http_methods(["GET", "POST"])
def claim(request: HttpRequest, claim_id: UUID) -> HttpResponse:
    """One claim, for its testers; POST takes it, writes an answer down or says what it is worth."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = claims.waiting(actor).filter(pk=claim_id).select_related("case").first()
    if found is None:
        raise NotFound
    wrong: list[Words] = []
    if request.method == "POST":
        given = _given(request, CLAIM_ACTS)
        if given["act"] in RISKY and (asked := require_recent(request)) is not None:
            return asked
        wrong = _refused(lambda: CLAIM_ACTS[given["act"]](actor, found, given))
        if not wrong:
            still = claims.waiting(actor).filter(pk=claim_id).exists()
            return redirect("claim", claim_id) if still else redirect("desk", found.case.reference)
    page = {
        "claim": found,
        "opened": _opened(actor, found),
        "wrong": wrong,
        "verdicts": Verdict.choices,
    }
    return render(request, "cases/claim.html", page, status=400 if wrong else 200)


def _opened(actor: Actor, claim: Claim) -> claims.OpenedClaim | None:
    """What the claim's testers see; None for somebody who could still become one."""
    try:
        return claims.opened(actor=actor, claim=claim)
    except NotFound:
        return None


@declares(Action.UPDATE, Group.PUBLIC_CARD)
@require_http_methods(["GET", "POST"])
def reports(request: HttpRequest) -> HttpResponse:
    """What strangers said about public cards; one click hides the card."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    waiting = publication.reported_to(actor).select_related("case__child")
    wrong: list[Words] = []
    if request.method == "POST":
        act = {"hide": publication.hide_page, "keep": publication.keep_page}
        given = _given(request, act)
        report = _one(waiting, given)
        wrong = _refused(lambda: act[given["act"]](actor=actor, report=report))
        if not wrong:
            return redirect("reports")
    found = part(waiting.order_by("made_at", "id"), typed=request.GET.get("start"), size=SHOWN)
    if seen := [row.pk for row in found.rows]:
        audit.record(actor, Action.READ, "page_report", seen, groups=[Group.PUBLIC_CARD])
    page = {"reports": found.rows, "wrong": wrong, **found.pager}
    return render(request, "cases/reports.html", page, status=400 if wrong else 200)
