"""Pages for somebody who thinks they were taken as a child: what to expect, and telling it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from casemgr.platform.access import Action, Group, declares, open_to_all
from casemgr.platform.errors import Invalid
from casemgr.platform.forms import MarkForm, mark_forms
from casemgr.platform.idempotency import KeyReused
from searches.seeker_forms import SeekerForm
from searches.views import ask_before_another, log_once


@open_to_all("says what happens when a grown child tells of themselves; shows nobody's data")
@require_safe
def seeker(request: HttpRequest) -> HttpResponse:
    """'I think I was taken': what helps, who reads it, and what is never told to anybody."""
    return render(request, "searches/seeker.html")


@declares(Action.CREATE, Group.SIGHTING)
@sensitive_post_parameters("contact_name", "contact_phone", "contact_email")
@require_http_methods(["GET", "POST"])
def new_seeker(request: HttpRequest) -> HttpResponse:
    """A seeker's own sighting, in three steps. However often it is sent, it makes one."""
    if request.method == "GET":
        return _form_page(request, SeekerForm(), mark_forms())
    form, marks = SeekerForm(request.POST, request.FILES), mark_forms(request.POST)
    if not all([form.is_valid(), *(mark.is_valid() for mark in marks)]):
        return _form_page(request, form, marks, status=400)
    try:
        receipt = log_once(request, form, marks)
    except KeyReused:
        ask_before_another(request, form)
        return _form_page(request, form, marks, status=422)
    except Invalid as refused:
        form.take_refusals(refused)
        return _form_page(request, form, marks, status=400)
    page = {"code": receipt, "seeker": True, "stay_at": "/"}
    return render(request, "searches/received.html", page, status=201)


def _form_page(
    request: HttpRequest, form: SeekerForm, marks: list[MarkForm], status: int = 200
) -> HttpResponse:
    page = {
        "form": form,
        "marks": marks,
        "wrong_marks": [mark for mark in marks if mark.errors],
        "photos_lost": form.is_bound and bool(request.FILES),
    }
    return render(request, "searches/new_seeker.html", page, status=status)
