"""Pages on which a copy of a case's file is asked for, agreed to by another, and fetched."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from casemgr.platform import audit, limits, references
from casemgr.platform.access import Action, Actor, Group, declares
from casemgr.platform.accounts.second_factor import require_recent
from casemgr.platform.errors import DomainError, Forbidden, NotFound, Words, as_lines
from cases import case_files
from cases.forms import ActForm
from cases.models import Case, CaseFile

SHOWN = 100


@declares(Action.EXPORT, Group.EXPORTS)
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Copies under way that concern the actor; `reference` leads to a case's own page."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if wanted := request.GET.get("reference", "")[:40]:
        return redirect("case-file", references.normalise(wanted) or "-")
    found = list(case_files.shown_to(actor)[:SHOWN])
    if found:
        seen = [key for each in found for key in (each.pk, each.case_id)]
        audit.record(actor, Action.READ, "case_file", seen, groups=[Group.CASE_DETAIL])
    return render(request, "cases/case_files.html", {"files": found})


@declares(Action.EXPORT, Group.EXPORTS)
@require_http_methods(["GET", "POST"])
def case_file(request: HttpRequest, reference: str) -> HttpResponse:
    """One case's copies; POST asks, answers or fetches, with the second factor shown anew."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    case = Case.objects.visible_to(actor).select_related("family").filter(reference=reference)
    found = case.first()
    if found is None:
        raise NotFound
    if not case_files.may_export(actor, found):
        raise Forbidden
    if request.method == "GET":
        return _page(request, actor, found, [])
    form = ActForm(request.POST)
    if not form.is_valid() or form.cleaned_data["act"] not in _ACTS:
        raise NotFound
    if (asked := require_recent(request)) is not None:
        return asked
    limits.enforce(request, "writes")
    try:
        answer = _ACTS[form.cleaned_data["act"]](actor, found, form.cleaned_data)
    except NotFound:
        raise
    except DomainError as refused:
        return _page(request, actor, found, as_lines(refused))
    return answer or redirect("case-file", reference)


def _ask(actor: Actor, case: Case, given: dict[str, Any]) -> None:
    case_files.ask(actor=actor, case=case, reason=given["words"])


def _agree(actor: Actor, case: Case, given: dict[str, Any]) -> None:
    case_files.agree(actor=actor, wanted=_named(actor, case, given))


def _refuse(actor: Actor, case: Case, given: dict[str, Any]) -> None:
    case_files.refuse(actor=actor, wanted=_named(actor, case, given), reason=given["words"])


def _fetch(actor: Actor, case: Case, given: dict[str, Any]) -> HttpResponse:
    return HttpResponse(
        case_files.fetch(actor=actor, wanted=_named(actor, case, given)),
        content_type="application/zip",
        headers={
            "Content-Disposition": f'attachment; filename="{case.reference}.zip"',
            "Cache-Control": "no-store",
        },
    )


_ACTS: dict[str, Any] = {"ask": _ask, "agree": _agree, "refuse": _refuse, "fetch": _fetch}


def _named(actor: Actor, case: Case, given: dict[str, Any]) -> CaseFile:
    rows = case_files.shown_to(actor).filter(case=case)
    found = rows.filter(pk=given["item"]).first() if given["item"] else None
    if found is None:
        raise NotFound
    return found


def _page(request: HttpRequest, actor: Actor, case: Case, wrong: list[Words]) -> HttpResponse:
    rows = case_files.shown_to(actor).filter(case=case)
    files = [(each, case_files.may_answer(actor, each)) for each in rows]
    audit.record(
        actor,
        Action.READ,
        "case_file",
        [case.pk, *(each.pk for each, _answerable in files)],
        groups=[Group.CASE_DETAIL],
    )
    page = {
        "case": case,
        "files": files,
        "mine": any(each.asked_by_id == actor.user_id for each, _answerable in files),
        "me": actor.user_id,
        "over": case.status_to_family in case_files.OVER or case.withdrawal_asked_at is not None,
        "wrong": wrong,
    }
    return render(request, "cases/case_file.html", page, status=400 if wrong else 200)
