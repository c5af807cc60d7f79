"""The page on which verified guardians see which roles looked at their case, month by month."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from casemgr.platform import audit
from casemgr.platform.access import ROLE_NAMES, Action, Actor, Group, Role, can, declares
from casemgr.platform.errors import Words
from casemgr.platform.fields import civil_zone
from cases.models import Case
from families.models import Guardian

CASES: Final = 20
MONTHS: Final = 24


@dataclass(frozen=True, slots=True)
class LookedAt:
    """A case, and for each ended month of it, newest first, who looked in words."""

    case: Case
    months: list[tuple[date, list[Words]]]


@declares(Action.READ, Group.AUDIT)
@require_safe
def who_looked(request: HttpRequest) -> HttpResponse:
    """Roles by calendar month, once it has ended; nothing here depends on a match."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    verified = Guardian.objects.filter(
        user=actor.user_id, verified_at__isnull=False, ended_at__isnull=True
    )
    cases = Case.objects.visible_to(actor).filter(family__in=verified.values("family"))
    newest = cases.select_related("child", "family").order_by("-created_at", "-pk")[:CASES]
    mine = [case for case in newest if can(actor, Action.READ, Group.AUDIT, case)]
    months = _ended_months()
    looks = audit.roles_by_month([case.pk for case in mine], since=months[-1])
    shown = [
        LookedAt(
            case,
            [
                (month, _in_words(looks.get(case.pk, {}).get(month, set())))
                for month in months
                if month >= _first_day(case.created_at.astimezone(civil_zone()).date())
            ],
        )
        for case in mine
    ]
    audit.record(actor, Action.READ, "audit", [case.pk for case in mine], groups=[Group.AUDIT])
    return render(request, "cases/who_looked.html", {"shown": shown})


def _ended_months() -> list[date]:
    """First days of the last months that have ended by the site's clock, newest first."""
    months = []
    month = _first_day(timezone.now().astimezone(civil_zone()).date())
    for _ in range(MONTHS):
        month = _first_day(month - timedelta(days=1))
        months.append(month)
    return months


def _first_day(day: date) -> date:
    return day.replace(day=1)


def _in_words(roles: set[Role]) -> list[Words]:
    # A program holds a role for each scope, and all of them have one name.
    return list(dict.fromkeys(name for role, name in ROLE_NAMES.items() if role in roles))
