"""Pages on which a guardian shares a case with another alliance, and ends that at any time."""

from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from casemgr.platform import audit, limits
from casemgr.platform.access import Action, Actor, Group, declares
from casemgr.platform.errors import NotFound
from casemgr.platform.forms import plain
from casemgr.platform.vocabularies import CaseStatus
from cases import report, services, sharing
from cases.models import Case, ConsentPurpose
from families.alliances import alliances_of
from families.models import Alliance, Guardian


class ShareForm(forms.Form):
    """With whom, by name: alliances stand in no list for everybody."""

    name = forms.CharField(
        label=_("Name of the alliance"),
        help_text=_("Exactly as they write it. Ask somebody who leads it."),
        max_length=120,
        validators=[plain],
    )

    def clean_name(self) -> Alliance:
        """The alliance of that name."""
        typed = self.cleaned_data["name"]
        exact = Alliance.objects.filter(name=typed).first()
        close = list(Alliance.objects.filter(name__iexact=typed)[:2])
        found = exact or (close[0] if len(close) == 1 else None)
        if found is None:
            raise forms.ValidationError(
                _("We know no alliance of this name. Ask them how it is written.")
            )
        return found


@declares(Action.UPDATE, Group.CASE_DETAIL)
@require_http_methods(["GET", "POST"])
def index(request: HttpRequest, reference: str) -> HttpResponse:
    """Which alliances may see the case; POST names another one, and changes nothing yet."""
    actor, case, guardian = _own(request, reference)
    if case.status == CaseStatus.DRAFT:
        return redirect("report-start")
    form = ShareForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        return redirect("my-case-share", case.reference, form.cleaned_data["name"].pk)
    shares = sharing.shares_of(case, guardian)
    told = [each.alliance.pk for each in shares] + [case.alliance_id]
    page = {
        "case": case,
        "shares": shares,
        "mine": alliances_of(actor).exclude(pk__in=[pk for pk in told if pk]).order_by("name"),
        "form": form,
        "open": _open(case),
    }
    _seen(actor, case)
    status = 400 if form.errors else 200
    return render(request, "families/sharing.html", page, status=status)


@declares(Action.UPDATE, Group.CASE_DETAIL)
@require_http_methods(["GET", "POST"])
def share(request: HttpRequest, reference: str, alliance_id: UUID) -> HttpResponse:
    """One alliance: what it would see, or sees; POST says yes or no, which counts at once."""
    actor, case, guardian = _own(request, reference)
    alliance = Alliance.objects.filter(pk=alliance_id).first()
    if alliance is None or case.status == CaseStatus.DRAFT:
        raise NotFound
    if request.method == "POST":
        act = request.POST.get("act")
        shareable = _open(case) and case.alliance_id != alliance.pk
        if act not in ("share", "stop") or (act == "share" and not shareable):
            raise NotFound
        limits.enforce(request, "writes")
        if act == "stop":
            sharing.stop_sharing(actor=actor, case=case, guardian=guardian, alliance=alliance)
        else:
            services.give_consent(
                actor=actor, case=case, purpose=ConsentPurpose.SHARE, alliance=alliance
            )
        return redirect("my-case-sharing", case.reference)
    _seen(actor, case)
    page = {
        "case": case,
        "share": sharing.share_with(case, guardian, alliance),
        "own": case.alliance_id == alliance.pk,
        "open": _open(case),
    }
    return render(request, "families/share.html", page)


def _own(request: HttpRequest, reference: str) -> tuple[Actor, Case, Guardian]:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor, *report.own_case(actor, reference)


def _open(case: Case) -> bool:
    """Whether the case can be shared with somebody new; ending it is always possible."""
    return case.status_to_family in report.CHANGEABLE


def _seen(actor: Actor, case: Case) -> None:
    audit.record(actor, Action.READ, "case", [case.pk], groups=[Group.CASE_DETAIL])
