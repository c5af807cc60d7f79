"""The page on which reviewers take a case, step by step, to its outcome."""

from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from casemgr.platform import audit, dates, references
from casemgr.platform.access import Action, Actor, Group, declares
from casemgr.platform.accounts.second_factor import require_recent
from casemgr.platform.dates import PartialDate
from casemgr.platform.errors import DomainError, Invalid, NotFound, Words, as_lines
from casemgr.platform.fields import civil_zone
from casemgr.platform.vocabularies import (
    CaseStatus,
    IdentityEstablishedBy,
    Obstacle,
    OutcomeKind,
    Situation,
)
from cases import (
    assignments,
    lifecycle,
    outcome_proposals,
    outcome_rules,
    outcome_undo,
    outcomes,
    second_seat,
)
from cases.models import (
    LIVE_STATUSES,
    Case,
    ContactWish,
    OutcomeProposal,
    OutcomeStep,
    StepKind,
)
from cases.outcome_forms import OutcomeForm

Given = dict[str, Any]
# Taking any of these asks for the second factor again.
RISKY = frozenset({"told", "propose", "confirm", "undo", "reopen", "evidence"})


def spoken_date(text: str) -> PartialDate:
    """A date in somebody's own words, as the site's clock reads them."""
    zone = civil_zone()
    return dates.parse(text, today=timezone.now().astimezone(zone).date(), zone=zone)


def _propose(actor: Actor, case: Case, given: Given) -> Any:
    joined = None
    if given["merged_into"]:
        wanted = references.normalise(given["merged_into"])
        joined = Case.objects.visible_to(actor).filter(reference=wanted).first()
        if joined is None:
            words = _("You have no other such case in hand.")
            raise Invalid({"merged_into": ("unknown_case", words)})
    if not given["kind"]:
        raise Invalid({"kind": ("required", _("Say how it ended."))})
    return outcomes.propose(
        actor=actor,
        case=case,
        kind=OutcomeKind(given["kind"]),
        occurred_at=spoken_date(given["occurred_at"]),
        situation_found=Situation(given["situation_found"]) if given["situation_found"] else None,
        obstacle=Obstacle(given["obstacle"]) if given["obstacle"] else None,
        note=given["note"],
        merged_into=joined,
    )


def _named_proposal(case: Case, given: Given) -> OutcomeProposal:
    found = outcome_proposals.waiting(case).filter(pk=given["item"]).first()
    if found is None:
        raise NotFound
    return found


def _wishes(actor: Actor, case: Case, given: Given) -> Any:
    if not given["wish"]:
        raise Invalid({"wish": ("required", _("Say what the child wants."))})
    return outcomes.record_wishes(
        actor=actor,
        case=case,
        wish=ContactWish(given["wish"]),
        child_words=given["child_words"],
        guardian_words=given["guardian_words"],
    )


def _evidence(actor: Actor, case: Case, given: Given) -> HttpResponse:
    """The sealed document, as a file that no browser opens by itself."""
    return HttpResponse(
        outcomes.open_evidence(actor=actor, case=case, reason=given["reason"]),
        content_type="application/octet-stream",
        headers={
            "Cache-Control": "no-store",
            "Content-Disposition": f'attachment; filename="evidence-{case.reference}.bin"',
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "X-Content-Type-Options": "nosniff",
        },
    )


ACTS: dict[str, Callable[[Actor, Case, Given], Any]] = {
    "inform": lambda actor, case, given: outcomes.inform_authorities(
        actor=actor, case=case, authority=given["authority"]
    ),
    "told": lambda actor, case, given: lifecycle.record_family_told(
        actor=actor, case=case, reason=given["reason"]
    ),
    "located": lambda actor, case, given: outcomes.record_located(
        actor=actor, case=case, place=given["place"]
    ),
    "identity": lambda actor, case, given: outcomes.establish_identity(
        actor=actor,
        case=case,
        by=[IdentityEstablishedBy(code) for code in given["identity_by"]],
        who=given["identity_who"],
        note=given["identity_note"],
        evidence=given["evidence"],
    ),
    "wishes": _wishes,
    "propose": _propose,
    "confirm": lambda actor, case, given: outcomes.confirm(actor=actor, case=case),
    "undo": lambda actor, case, given: outcome_undo.undo(
        actor=actor, case=case, reason=given["reason"]
    ),
    "set_aside": lambda actor, case, given: outcome_proposals.set_aside(
        actor=actor,
        case=case,
        proposal=_named_proposal(case, given),
        reason=given["reason"],
    ),
    "evidence": _evidence,
    "reopen": lambda actor, case, given: lifecycle.transition(
        actor=actor,
        case=case,
        to=CaseStatus.OPEN,
        reason=assignments.require_reason(given["reason"]),
    ),
}


@declares(Action.READ, Group.OUTCOME)
@require_http_methods(["GET", "POST"])
def outcome(request: HttpRequest, reference: str) -> HttpResponse:
    """How far a case is on its way, what each step said, and what comes next; POST takes a step."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    case = Case.objects.visible_to(actor).filter(reference=reference).first()
    if case is None or not assignments.decides(actor, case):
        raise NotFound
    if request.method == "GET":
        return _page(request, actor, case, [])
    form = OutcomeForm(request.POST, request.FILES)
    act = ACTS.get(request.POST.get("act", ""))
    if act is None:
        raise NotFound
    if not form.is_valid():
        errors = form.errors.get_json_data().values()
        wrong: list[Words] = [line["message"] for lines in errors for line in lines]
        return _page(request, actor, case, wrong)
    given = form.cleaned_data
    if given["act"] in RISKY and (asked := require_recent(request)) is not None:
        return asked
    try:
        done = act(actor, case, given)
    except NotFound:
        raise
    except DomainError as refused:
        return _page(request, actor, case, as_lines(refused))
    return done if isinstance(done, HttpResponse) else redirect("outcome", reference)


def _page(request: HttpRequest, actor: Actor, case: Case, wrong: list[Words]) -> HttpResponse:
    case.refresh_from_db()
    steps = OutcomeStep.objects.filter(undone_at__isnull=True).select_related("by")
    found = list(case.outcomes.prefetch_related(Prefetch("steps", steps), "clues"))
    for each in found:
        each.case = case
    current = next((each for each in found if each.ended_at is None), None)
    audit.record(actor, Action.READ, "case", [case.pk], groups=[Group.CASE_DETAIL])
    if found:
        keys = [each.pk for each in found]
        audit.record(actor, Action.READ, "outcome", keys, groups=[Group.OUTCOME])
    told = list(outcome_proposals.waiting(case))
    if told:
        keys = [each.pk for each in told]
        audit.record(actor, Action.READ, "outcome_proposal", keys, groups=[Group.OUTCOME])
    done = {step.kind: step for step in current.steps.all()} if current else {}
    last = max(done.values(), key=lambda step: step.at, default=None)
    page = {
        "case": case,
        "outcome": current,
        "earlier": [each for each in found if each.ended_at is not None],
        "done": [(step, done[step]) for step in StepKind if step in done],
        "taken": set(done),
        "live": case.status in LIVE_STATUSES,
        "mine": bool(done.get(StepKind.PROPOSED))
        and done[StepKind.PROPOSED].by_id == actor.user_id,
        "seat_of_another": second_seat.of_another(actor, "outcome", current.pk)
        if current
        else None,
        "last": last,
        "touched": outcome_undo.touches(current, last) if current and last else [],
        "identity_step": done.get(StepKind.IDENTITY),
        "identity_ways": _named(current.identity_by if current else []),
        "lists": LISTS,
        "needs": [
            (kind.label, [step.label for step in StepKind if step in needs])
            for kind, needs in outcome_rules.NEEDS.items()
        ],
        "told": [
            (each, each.partner_id == case.partner_id, _named(each.identity_by)) for each in told
        ],
        "said": told[0] if told else None,
        "joins": references.normalise(request.GET.get("merged_into", "")[:20]),
        "wrong": wrong,
    }
    return render(request, "cases/outcome.html", page, status=400 if wrong else 200)


LISTS = {
    "identity": IdentityEstablishedBy.choices,
    "wish": ContactWish.choices,
    "kind": OutcomeKind.choices,
    "situation": Situation.choices,
    "obstacle": Obstacle.choices,
}


def _named(ways: Sequence[str]) -> list[Any]:
    return [IdentityEstablishedBy(code).label for code in ways]
