"""Pages of whoever saw a child: telling it, and what a receipt code opens. See review_views.py too.

Nothing here moves with review: a reporter sees what they told, and whether they took it back.
"""

import time
from typing import Any
from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from casemgr.platform import audit, idempotency, limits
from casemgr.platform.access import (
    GUARDIANS,
    Action,
    Actor,
    Group,
    any_account,
    declares,
    may_ever,
)
from casemgr.platform.errors import Conflict, DomainError, Invalid, NotFound
from casemgr.platform.forms import MarkForm, mark_forms
from casemgr.platform.idempotency import KeyReused, Reply
from casemgr.platform.paging import newest_first
from searches import evidence, flood, services
from searches.forms import AddForm, ReceiptForm, SightingForm, ToldForm
from searches.models import Sighting
from searches.receipts import open_receipt

ROUTE = "pages:sightings"
PAGE_SIZE = 50
# How long a second tap waits for the first one's answer.
WAIT_SECONDS = 8.0
WAIT_STEP_SECONDS = 0.25


@declares(Action.CREATE, Group.SIGHTING)
@sensitive_post_parameters("contact_name", "contact_phone", "contact_email")
@require_http_methods(["GET", "POST"])
def new_sighting(request: HttpRequest) -> HttpResponse:
    """One form in three steps. However often it is sent, it makes one sighting."""
    if request.method == "GET":
        return _form_page(request, SightingForm(), mark_forms())
    form, marks = SightingForm(request.POST, request.FILES), mark_forms(request.POST)
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
    page = {"code": receipt, "danger_now": form.cleaned_data["danger_now"], "stay_at": "/"}
    return render(request, "searches/received.html", page, status=201)


def log_once(request: HttpRequest, form: ToldForm, marks: list[MarkForm]) -> str:
    """The receipt of a valid form's sighting, the same one however often the form is sent.

    Raises KeyReused when it was sent before with other words, and Invalid.
    """
    actor: Actor = request.actor  # type: ignore[attr-defined]
    photos = form.pictures()
    key: UUID = form.cleaned_data["key"]

    def work() -> Reply:
        received = services.log_sighting(
            actor=actor,
            values=form.values(),
            marks=[told for mark in marks if (told := mark.mark())],
            contact=form.contact(),
            photos=photos,
            told_of_photos=form.told_of_photos(),
            turn=flood.turn_of(request, photos=len(photos)),
        )
        return Reply(201, {"id": str(received.sighting.pk), "receipt": received.receipt})

    typed = {name: request.POST.getlist(name) for name in request.POST}
    content = {name: typed[name] for name in typed.keys() - {"csrfmiddlewaretoken", "key"}}
    idempotency.check_key(str(key), anonymous=actor.user is None)
    reply = _patiently(
        principal=str(actor.user_id or "anonymous"),
        route=ROUTE,
        key=str(key),
        print_=idempotency.fingerprint(
            content, {name: form.cleaned_data[name] for name in form.photo_fields}
        ),
        work=work,
    )
    return str(reply.body["receipt"])


def ask_before_another(request: HttpRequest, form: ToldForm) -> None:
    """Give a form that was sent before with other words a key of its own, and say so."""
    form.data = {**request.POST.dict(), "key": uuid4()}
    form.add_error(
        None,
        _(
            "You have sent this form before, with other words. What you sent then is safe. To "
            "send this as another sighting, press the button once more."
        ),
    )


def _patiently(**asked: Any) -> Reply:
    """The reply, also when a first tap on the button is still being worked on."""
    until = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            return idempotency.run(**asked)
        except Conflict:
            if time.monotonic() > until:
                raise
            time.sleep(WAIT_STEP_SECONDS)


def _form_page(
    request: HttpRequest, form: SightingForm, marks: list[MarkForm], status: int = 200
) -> HttpResponse:
    page = {
        "form": form,
        "marks": marks,
        "wrong_marks": [mark for mark in marks if mark.errors],
        "photos_lost": form.is_bound and bool(request.FILES),
    }
    return render(request, "searches/new_sighting.html", page, status=status)


@declares(Action.READ, Group.SIGHTING)
@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
def receipt(request: HttpRequest) -> HttpResponse:
    """Open one's own sighting by its code; the code travels in forms only, never in an address."""
    if request.method == "GET":
        return render(request, "searches/receipt.html", {"form": ReceiptForm()})
    limits.enforce(request, "receipts")
    form = ReceiptForm(request.POST)
    opened = None
    if form.is_valid():
        opened = open_receipt(request.actor, form.cleaned_data["code"])  # type: ignore[attr-defined]
        if opened is None:
            form.add_error(
                "code",
                _("We know no such code. Check it letter by letter: it has no O, I, L, U, 0 or 1."),
            )
    if opened is None:
        return render(request, "searches/receipt.html", {"form": form}, status=400)
    holder, sighting = opened
    act = _ACTS.get(request.POST.get("act", ""), _show)
    return act(request, holder, sighting, form.cleaned_data["code"])


def _show(
    request: HttpRequest,
    holder: Actor,
    sighting: Sighting,
    code: str,
    *,
    form: AddForm | None = None,
    said: str = "",
) -> HttpResponse:
    audit.record(holder, Action.READ, "sighting", [sighting.pk], groups=[Group.SIGHTING])
    refused = form is not None and bool(form.errors)
    page = {
        "sighting": sighting,
        "gaps": evidence.own_gaps(sighting),
        "code": code,
        "form": form or AddForm(),
        "said": said,
        "photos_lost": refused and bool(request.FILES),
        "stay_at": request.path,
    }
    return render(request, "searches/own_sighting.html", page, status=400 if refused else 200)


def _add(request: HttpRequest, holder: Actor, sighting: Sighting, code: str) -> HttpResponse:
    """More words and photos; a second tap adds the same words no second time."""
    form = AddForm(request.POST, request.FILES)
    if not form.is_valid():
        return _show(request, holder, sighting, code, form=form)
    words, photos = form.cleaned_data["description"].strip(), form.cleaned_data["photos"]
    limits.enforce(request, "photos", amount=len(photos))
    try:
        services.add_told(actor=holder, sighting=sighting, words=words, photos=photos)
    except Invalid as refused:
        form.take_refusals(refused)
        return _show(request, holder, sighting, code, form=form)
    except DomainError as refused:
        form.add_error(None, str(refused.message))
        return _show(request, holder, sighting, code, form=form)
    said = _("Thank you. It has been added.") if words or photos else ""
    known = Sighting.objects.visible_to(holder).with_detail()
    sighting = known.filter(pk=sighting.pk).first() or sighting
    return _show(request, holder, sighting, code, said=said)


def _ask_withdraw(
    request: HttpRequest, holder: Actor, sighting: Sighting, code: str
) -> HttpResponse:
    return render(request, "searches/withdraw.html", {"code": code, "stay_at": request.path})


def _withdraw(request: HttpRequest, holder: Actor, sighting: Sighting, code: str) -> HttpResponse:
    services.withdraw(actor=holder, sighting=sighting)
    sighting.refresh_from_db(fields=["withdrawn_at"])
    return _show(request, holder, sighting, code, said=_("It has been taken back."))


@declares(Action.READ, Group.SIGHTING)
@require_http_methods(["GET", "POST"])
def my_sighting(request: HttpRequest, sighting_id: UUID) -> HttpResponse:
    """A sighting that was told from the asker's account, without its code."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if actor.user is None:
        raise NotFound
    mine = Sighting.objects.of_reporter(actor.user.pk).with_detail()
    sighting = mine.filter(pk=sighting_id).first()
    if sighting is None:
        raise NotFound
    if request.method == "GET":
        return _show(request, actor, sighting, "")
    act = _ACTS.get(request.POST.get("act", ""), _show)
    return act(request, actor, sighting, "")


@any_account("shows the asker's own sightings and nobody else's")
@require_safe
def my_sightings(request: HttpRequest) -> HttpResponse:
    """What was told from the asker's account, newest first."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    assert actor.user is not None
    mine = Sighting.objects.of_reporter(actor.user.pk)
    page = newest_first(mine, by="created_at", after=request.GET.get("after", ""), size=PAGE_SIZE)
    if page.rows:
        seen = [row.pk for row in page.rows]
        audit.record(actor, Action.READ, "sighting", seen, groups=[Group.SIGHTING])
    shown = {"sightings": page.rows, "after": page.after}
    return render(request, "searches/my_sightings.html", shown)


@any_account("leads the asker to the page of their own work; shows nothing")
@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    """Where somebody starts who has just signed in."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if may_ever(actor, Action.READ, Group.MATCHES):
        return redirect("queue")
    if actor.roles & GUARDIANS:
        return redirect("my-cases")
    return redirect("my-sightings")


_ACTS = {"add": _add, "ask_withdraw": _ask_withdraw, "withdraw": _withdraw}
