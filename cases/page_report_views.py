"""What a visitor says of a public card: that it is about them, or that something is wrong."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from casemgr.platform import limits
from casemgr.platform.access import Action, Actor, Group, declares
from casemgr.platform.errors import NotFound
from casemgr.platform.forms import RefusableForm, Words
from cases import publication
from cases.card import find_public, public_name
from cases.models import PageReportKind


class PageReportForm(RefusableForm):
    """Words, and a way to answer them; neither is asked of somebody whom the page is about."""

    words = Words(label=_("What should we know?"), rows=4, max_length=2_000)
    contact = Words(
        label=_("How can we reach you?"),
        help_text=_("Only if you like: a phone number or e-mail address. Reviewers alone see it."),
        max_length=200,
    )

    def __init__(self, *args: Any, kind: PageReportKind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind

    def clean_words(self) -> str:
        """Somebody who finds a fault says which."""
        words = str(self.cleaned_data["words"]).strip()
        if not words and self.kind is PageReportKind.REPORT:
            raise forms.ValidationError(_("Say in a few words what is wrong."), code="required")
        return words


@declares(Action.READ, Group.PUBLIC_CARD)
@require_http_methods(["GET", "POST"])
def report(request: HttpRequest, reference: str, kind: str) -> HttpResponse:
    """Ask what is wrong, or what the person whom the page is about wants to say; keep it."""
    if kind not in PageReportKind.values:
        raise NotFound
    what = PageReportKind(kind)
    limits.enforce(request, "reads" if request.method == "GET" else "writes")
    case = find_public(reference)
    if case.reference != reference:
        return redirect("page-report", reference=case.reference, kind=kind)
    actor: Actor = request.actor  # type: ignore[attr-defined]
    form = PageReportForm(request.POST if request.method == "POST" else None, kind=what)
    if form.is_valid():
        publication.report_page(actor=actor, case=case, kind=what, **form.cleaned_data)
        return render(request, "cases/page_reported.html", {"about_me": what == "about_me"})
    page = {
        "form": form,
        "about_me": what is PageReportKind.ABOUT_ME,
        "name": public_name(case),
        "reference": reference,
    }
    return render(request, "cases/page_report.html", page, status=400 if form.errors else 200)
