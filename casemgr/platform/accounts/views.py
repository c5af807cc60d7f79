"""One's account: links in, what is set up, asking who somebody is once more, and language."""

from allauth.account.app_settings import AppSettings
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.i18n import set_language

from casemgr.platform import limits
from casemgr.platform.access import Action, Actor, Group, Role, declares, may_ever, open_to_all
from casemgr.platform.accounts import confirming, second_factor, services
from casemgr.platform.accounts.forms import ProfileForm
from casemgr.platform.accounts.models import User


@open_to_all("the link's secret is what lets somebody in")
@sensitive_variables("secret")
@require_http_methods(["GET", "POST"])
def sign_in_by_link(request: HttpRequest, secret: str) -> HttpResponse:
    """Opening the link changes nothing, since mail programs open links too; the button signs in.

    Whoever has a second factor is asked for it then, as after a password.
    """
    if request.method == "GET":
        return _unlinked(render(request, "accounts/link.html", {"stay_at": "/"}))
    limits.enforce(request, "sign_in")
    user: User | None = services.use_sign_in_link(secret=secret)
    if user is None:
        page = render(request, "accounts/link.html", {"spent": True, "stay_at": "/"}, status=410)
        return _unlinked(page)
    if request.user != user:
        logout(request)
    record_authentication(request, user, "link")
    second_factor.mark_demo(request)
    first = not settings.DEMO and not user.has_usable_password()
    login = Login(
        user=user,
        email_verification=AppSettings.EmailVerificationMethod.NONE,
        redirect_url=reverse("account_set_password") if first else settings.LOGIN_REDIRECT_URL,
    )
    answer: HttpResponse = perform_login(request, login)
    return answer


@open_to_all("ends the asker's own session")
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    logout(request)
    return redirect("home")


@open_to_all("shows nothing; sets the asker's own language")
@csrf_exempt
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Set the language cookie.

    Without a token on purpose: a public page then needs no cookie, and the worst that another site
    can do is to change the language.
    """
    return set_language(request)


@declares(Action.READ, Group.ACCOUNTS)
@require_http_methods(["GET", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """What the asker's account holds; POST changes name and language."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    user = second_factor.person_of(request)
    assert user is not None
    form = ProfileForm(request.POST or None, instance=user)
    if request.method == "POST" and form.is_valid():
        services.update_profile(actor=actor, user=user, **form.cleaned_data)
        return redirect("account")
    page = {
        "form": form,
        "factor": second_factor.is_set_up(user),
        "verified_guardian": actor.has(Role.GUARDIAN),
        "exports_cases": may_ever(actor, Action.EXPORT, Group.EXPORTS),
        "reads_audit": actor.has(Role.DATA_PROTECTION),
        "reads_own_acts": actor.has(Role.ADMIN),
    }
    return render(request, "accounts/account.html", page, status=400 if form.errors else 200)


@declares(Action.READ, Group.ACCOUNTS)
@require_safe
def factor(request: HttpRequest) -> HttpResponse:
    """What second factors there are, and which staff roles wait for one to be shown."""
    user = second_factor.person_of(request)
    assert user is not None
    kinds = Authenticator.Type
    mine = list(Authenticator.objects.filter(user=user).order_by("created_at"))
    page = {
        "app": next((one for one in mine if one.type == kinds.TOTP), None),
        "passkeys": [one for one in mine if one.type == kinds.WEBAUTHN],
        "codes": next((one for one in mine if one.type == kinds.RECOVERY_CODES), None),
        "withheld": request.actor.withheld,  # type: ignore[attr-defined]
    }
    return render(request, "accounts/factor.html", page)


@declares(Action.READ, Group.ACCOUNTS)
@sensitive_post_parameters("password", confirming.CODE)
@require_http_methods(["GET", "POST"])
def confirm(request: HttpRequest) -> HttpResponse:
    """Ask once more who it is: by second factor, else by password; then on to where one was."""
    user = second_factor.person_of(request)
    assert user is not None
    if second_factor.is_set_up(user):
        page = confirming.confirm(request, user)
    elif user.has_usable_password():
        page = confirming.confirm_password(request, user)
    else:
        logout(request)
        return redirect("account_reset_password")
    return page if page is not None else redirect(_onward(request))


def _onward(request: HttpRequest) -> str:
    """Where to go on: a path of this site, else the start page."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if safe else settings.LOGIN_REDIRECT_URL


def _unlinked(page: HttpResponse) -> HttpResponse:
    """The secret stands in the address: nothing that the page links to is told more than the site.

    Not `no-referrer`: browsers then send the form without its origin, and it would be refused.
    """
    page["Referrer-Policy"] = "strict-origin"
    return page
