"""Pages of the audit: all of it for the officer, their own acts for administrators."""

from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any, Final

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from casemgr.platform.access import Action, Actor, Group, Role, declares
from casemgr.platform.audit.reading import for_officer, own_acts
from casemgr.platform.audit.recording import record
from casemgr.platform.errors import NotFound
from casemgr.platform.fields import civil_zone

SHOWN: Final = 100


class WhichForm(forms.Form):
    """Which rows an officer asks for: a month, what they are about, whose acts, and from where."""

    month = forms.DateField(required=False, input_formats=["%Y-%m"])
    about = forms.UUIDField(required=False)
    by = forms.UUIDField(required=False)
    after = forms.IntegerField(required=False, min_value=0, max_value=2**63 - 1)


@declares(Action.READ, Group.AUDIT)
@require_safe
def audit(request: HttpRequest) -> HttpResponse:
    """One month of the audit, without content. The look itself is written down too."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if not actor.has(Role.DATA_PROTECTION):
        raise NotFound
    form = WhichForm(request.GET)
    if not form.is_valid():
        raise NotFound
    asked: dict[str, Any] = form.cleaned_data
    month = (asked["month"] or timezone.now().astimezone(civil_zone()).date()).replace(day=1)
    if not 2000 <= month.year <= 9000:
        raise NotFound
    later = _month_after(month)
    lines = for_officer(
        actor,
        since=_midnight(month),
        until=_midnight(later),
        about=asked["about"],
        by=asked["by"],
        after=asked["after"] or 0,
    )
    found = list(islice(lines, SHOWN + 1))
    about = [named for named in (asked["about"], asked["by"]) if named]
    record(actor, Action.READ, "audit", about, groups=[Group.AUDIT])
    page = {
        "lines": found[:SHOWN],
        "after": found[SHOWN - 1].row if len(found) > SHOWN else None,
        "month": month,
        "earlier": (month - timedelta(days=1)).replace(day=1),
        "later": later if later <= timezone.now().astimezone(civil_zone()).date() else None,
        "about": asked["about"],
        "by": asked["by"],
    }
    return render(request, "audit/audit.html", page)


@declares(Action.READ, Group.AUDIT)
@require_safe
def own(request: HttpRequest) -> HttpResponse:
    """What an administrator did and looked at, newest first: when, what, and of which kind."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if not actor.has(Role.ADMIN):
        raise NotFound
    acts = own_acts(actor).order_by("-pk").values("at", "action", "subject_type")[:SHOWN]
    return render(request, "audit/own.html", {"acts": acts})


def _month_after(month: date) -> date:
    return (month + timedelta(days=32)).replace(day=1)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=civil_zone())
