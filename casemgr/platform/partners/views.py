"""Pages of partners: the site's administrators found them, their own look after their programs."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from casemgr.platform import audit, site
from casemgr.platform.access import Action, Actor, Group, can, declares
from casemgr.platform.accounts.second_factor import reauthenticated_within
from casemgr.platform.errors import DomainError, NotFound
from casemgr.platform.partners import services
from casemgr.platform.partners.forms import (
    SCOPE_LABELS,
    AppointForm,
    ClientForm,
    DomainForm,
    PartnerForm,
)
from casemgr.platform.partners.models import (
    ApiClient,
    Delivery,
    Partner,
    PartnerAdmin,
    RequestLine,
)

NEWEST_LINES = 100
NEWEST_DELIVERIES = 30


@declares(Action.READ, Group.PARTNERS)
@require_safe
def partners(request: HttpRequest) -> HttpResponse:
    """The organisations that the asker looks after; to the site's administrators, all."""
    return _list(request, PartnerForm())


@declares(Action.CREATE, Group.PARTNERS)
@require_POST
@reauthenticated_within(minutes=5)
def found(request: HttpRequest) -> HttpResponse:
    """Take a new organisation in."""
    form = PartnerForm(request.POST)
    if form.is_valid():
        try:
            made = services.found_partner(actor=actor_of(request), name=form.cleaned_data["name"])
            return redirect("partner", made.pk)
        except DomainError as refused:
            form.add_error("name", str(refused.message))
    return _list(request, form)


@declares(Action.READ, Group.PARTNERS)
@require_safe
def partner(request: HttpRequest, partner_id: UUID) -> HttpResponse:
    """One organisation: its programs, who looks after them, what they asked for lately."""
    return _page(request, partner_or_404(request, partner_id))


@declares(Action.CREATE, Group.PARTNERS)
@require_POST
@reauthenticated_within(minutes=5)
def appoint(request: HttpRequest, partner_id: UUID) -> HttpResponse:
    """Let somebody look after the organisation's programs."""
    seen, form = partner_or_404(request, partner_id), AppointForm(request.POST)
    if form.is_valid():
        try:
            services.appoint_admin(
                actor=actor_of(request), partner=seen, email=form.cleaned_data["email"]
            )
            messages.success(request, _("They look after this organisation from now on."))
            return redirect("partner", seen.pk)
        except DomainError as refused:
            form.add_error("email", str(refused.message))
    return _page(request, seen, appoint_form=form)


@declares(Action.CREATE, Group.PARTNERS)
@require_POST
@reauthenticated_within(minutes=5)
def set_domain(request: HttpRequest, partner_id: UUID) -> HttpResponse:
    """Say which PFIF records are the organisation's own."""
    seen, form = partner_or_404(request, partner_id), DomainForm(request.POST)
    if form.is_valid():
        try:
            services.set_pfif_domain(
                actor=actor_of(request), partner=seen, domain=form.cleaned_data["domain"]
            )
            messages.success(request, _("Kept."))
            return redirect("partner", seen.pk)
        except DomainError as refused:
            form.add_error("domain", str(refused.message))
    return _page(request, seen, domain_form=form)


@declares(Action.CREATE, Group.PARTNERS)
@require_POST
@reauthenticated_within(minutes=5)
def dismiss(request: HttpRequest, partner_id: UUID, person_id: UUID) -> HttpResponse:
    """End somebody's looking after the programs."""
    seen = partner_or_404(request, partner_id)
    admin = PartnerAdmin.objects.filter(partner=seen, pk=person_id).first()
    if admin is None:
        raise NotFound
    services.dismiss_admin(actor=actor_of(request), admin=admin)
    messages.success(request, _("They look after this organisation no more."))
    return redirect("partner", seen.pk)


@declares(Action.ERASE, Group.PARTNERS)
@require_POST
def stop(request: HttpRequest, partner_id: UUID) -> HttpResponse:
    """The kill switch; it asks for nothing more, since seconds may matter."""
    seen = partner_or_404(request, partner_id)
    services.stop(actor=actor_of(request), partner=seen)
    return redirect("partner", seen.pk)


@declares(Action.CREATE, Group.PARTNERS)
@require_POST
@reauthenticated_within(minutes=5)
def resume(request: HttpRequest, partner_id: UUID) -> HttpResponse:
    """Let the programs go on."""
    seen = partner_or_404(request, partner_id)
    services.resume(actor=actor_of(request), partner=seen)
    messages.success(request, _("Its programs go on from their next request."))
    return redirect("partner", seen.pk)


@declares(Action.UPDATE, Group.PARTNERS)
@require_POST
@reauthenticated_within(minutes=5)
def add_client(request: HttpRequest, partner_id: UUID) -> HttpResponse:
    """A new program; its secret is shown once."""
    seen, form = partner_or_404(request, partner_id), ClientForm(request.POST)
    if form.is_valid():
        try:
            told = services.add_client(actor=actor_of(request), partner=seen, **form.cleaned_data)
            return _tell(request, told)
        except DomainError as refused:
            form.add_error(None, str(refused.message))
    return _page(request, seen, client_form=form)


@declares(Action.UPDATE, Group.PARTNERS)
@require_POST
@reauthenticated_within(minutes=5)
def rotate(request: HttpRequest, partner_id: UUID, client_id: UUID) -> HttpResponse:
    """A new secret, shown once; with `at_once` the one before ends now."""
    client = _client(request, partner_id, client_id)
    told = services.rotate_secret(
        actor=actor_of(request), client=client, at_once=request.POST.get("at_once") == "yes"
    )
    return _tell(request, told)


@declares(Action.ERASE, Group.PARTNERS)
@require_POST
def revoke(request: HttpRequest, partner_id: UUID, client_id: UUID) -> HttpResponse:
    """Take a program away."""
    client = _client(request, partner_id, client_id)
    services.revoke_client(actor=actor_of(request), client=client)
    messages.success(request, _("The program was taken away: %(name)s.") % {"name": client.name})
    return redirect("partner", client.partner_id)


def actor_of(request: HttpRequest) -> Actor:
    """Who is asking."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def partner_or_404(request: HttpRequest, partner_id: UUID) -> Partner:
    """The organisation, for those who look after it; else it isn't there."""
    seen = Partner.objects.visible_to(actor_of(request)).filter(pk=partner_id).first()
    if seen is None:
        raise NotFound
    return seen


def _client(request: HttpRequest, partner_id: UUID, client_id: UUID) -> ApiClient:
    seen = partner_or_404(request, partner_id)
    client = ApiClient.objects.select_related("partner").filter(partner=seen, pk=client_id).first()
    if client is None:
        raise NotFound
    return client


def _list(request: HttpRequest, form: Form) -> HttpResponse:
    actor = actor_of(request)
    seen = list(Partner.objects.visible_to(actor).order_by("name"))
    ids = [each.pk for each in seen]
    if ids:
        audit.record(actor, Action.READ, "partner", ids, groups=[Group.PARTNERS])
    page = {"partners": seen, "form": form, "may_found": can(actor, Action.CREATE, Group.PARTNERS)}
    return render(request, "partners/partners.html", page, status=400 if form.errors else 200)


def _page(request: HttpRequest, seen: Partner, **forms: Form) -> HttpResponse:
    actor = actor_of(request)
    audit.record(actor, Action.READ, "partner", [seen.pk], groups=[Group.PARTNERS])
    clients = list(
        seen.clients.filter(revoked_at__isnull=True)
        .prefetch_related("secrets")
        .order_by("created_at")
    )
    lines = RequestLine.objects.filter(client__partner=seen).select_related("client")
    page: dict[str, Any] = {
        "partner": seen,
        "clients": clients,
        "scope_labels": SCOPE_LABELS,
        "webhooks": seen.webhooks.order_by("created_at"),
        "deliveries": Delivery.objects.filter(webhook__partner=seen)
        .select_related("webhook", "event")
        .order_by("-created_at", "-pk")[:NEWEST_DELIVERIES],
        "admins": seen.admins.filter(ended_at__isnull=True).select_related("user"),
        "lines": lines.order_by("-pk")[:NEWEST_LINES],
        "may_found": can(actor, Action.CREATE, Group.PARTNERS),
        "appoint_form": AppointForm(),
        "domain_form": DomainForm(initial={"domain": seen.pfif_domain}),
        "client_form": ClientForm(),
        **forms,
    }
    refused = any(form.errors for form in forms.values())
    return render(request, "partners/partner.html", page, status=400 if refused else 200)


def _tell(request: HttpRequest, told: services.Told) -> HttpResponse:
    page = {
        "client": told.client,
        "secret": told.secret,
        "token_address": site.address() + reverse("token"),
    }
    return render(request, "partners/secret.html", page)
