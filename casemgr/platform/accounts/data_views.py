"""What is held on a person, for that person: a copy to take away, and closing the account."""

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from casemgr.platform import erasure, limits
from casemgr.platform.access import Action, Actor, Group, declares
from casemgr.platform.accounts import second_factor
from casemgr.platform.accounts.models import User
from casemgr.platform.errors import DomainError, NotFound, Words, as_lines
from casemgr.platform.personal_data import export_person


@declares(Action.READ, Group.ACCOUNTS)
@require_http_methods(["GET", "POST"])
def own_data(request: HttpRequest) -> HttpResponse:
    """Say what a copy and closing mean; POST does one of them for whoever proved who they are."""
    wrong: list[Words] = []
    if request.method == "POST":
        act = _ACTS.get(request.POST.get("act", ""))
        if act is None:
            raise NotFound
        limits.enforce(request, "writes")
        if not second_factor.is_fresh(request):
            return redirect(f"{reverse('confirm')}?{urlencode({'next': request.path})}")
        user = second_factor.person_of(request)
        assert user is not None
        try:
            return act(request, user)
        except DomainError as refused:
            wrong = as_lines(refused)
    return render(request, "accounts/own_data.html", {"wrong": wrong}, status=400 if wrong else 200)


def _copy(request: HttpRequest, user: User) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return HttpResponse(
        export_person(actor=actor, user=user),
        content_type="application/zip",
        headers={
            "Content-Disposition": 'attachment; filename="my-data.zip"',
            "Cache-Control": "no-store",
        },
    )


def _close(request: HttpRequest, user: User) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    erasure.ask(actor=actor, kind=erasure.Kind.ACCOUNT, obj=user)
    logout(request)
    return redirect("account_inactive")


_ACTS = {"copy": _copy, "close": _close}
