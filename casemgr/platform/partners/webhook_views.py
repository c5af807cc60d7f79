"""What people who look after a partner do with its addresses: try one, send again, switch on."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from casemgr.platform.access import Action, Group, declares
from casemgr.platform.errors import NotFound
from casemgr.platform.partners import webhooks
from casemgr.platform.partners.models import Delivery, Webhook, WebhookState
from casemgr.platform.partners.views import actor_of, partner_or_404


@declares(Action.UPDATE, Group.PARTNERS)
@require_POST
def test(request: HttpRequest, partner_id: UUID, webhook_id: UUID) -> HttpResponse:
    """Send a message that tells of nothing."""
    webhook = _webhook(request, partner_id, webhook_id)
    webhooks.test(actor=actor_of(request), webhook=webhook)
    messages.success(request, _("A test is on its way. Open this page again to see how it went."))
    return redirect("partner", partner_id)


@declares(Action.UPDATE, Group.PARTNERS)
@require_POST
def enable(request: HttpRequest, partner_id: UUID, webhook_id: UUID) -> HttpResponse:
    """Switch an address on again."""
    webhook = _webhook(request, partner_id, webhook_id)
    webhooks.change(actor=actor_of(request), webhook=webhook, state=WebhookState.ACTIVE)
    messages.success(request, _("It is sent what happens from now on."))
    return redirect("partner", partner_id)


@declares(Action.UPDATE, Group.PARTNERS)
@require_POST
def replay(request: HttpRequest, partner_id: UUID, delivery_id: UUID) -> HttpResponse:
    """Hand a message over again."""
    seen = partner_or_404(request, partner_id)
    log = Delivery.objects.select_related("webhook__partner", "event")
    delivery = log.filter(webhook__partner=seen, pk=delivery_id).first()
    if delivery is None:
        raise NotFound
    webhooks.replay(actor=actor_of(request), delivery=delivery)
    messages.success(
        request, _("The message is on its way again. Open this page again to see how it went.")
    )
    return redirect("partner", partner_id)


def _webhook(request: HttpRequest, partner_id: UUID, webhook_id: UUID) -> Webhook:
    seen = partner_or_404(request, partner_id)
    found = Webhook.objects.select_related("partner").filter(partner=seen, pk=webhook_id).first()
    if found is None:
        raise NotFound
    return found
