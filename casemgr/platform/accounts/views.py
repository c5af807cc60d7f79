"""Signing in by a one-time link or a password, signing out, and the choice of language."""

from django.conf import settings
from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST
from django.views.i18n import set_language

from casemgr.platform import limits
from casemgr.platform.access import open_to_all
from casemgr.platform.accounts import services
from casemgr.platform.accounts.forms import SignInForm
from casemgr.platform.accounts.models import User

BACKEND = "django.contrib.auth.backends.ModelBackend"


@open_to_all("whoever isn't signed in yet has to be able to sign in")
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """E-mail address and password; then on to where the person was going."""
    onward = _onward(request)
    if request.method == "POST":
        limits.enforce(request, "sign_in", account=request.POST.get("email", "").strip().lower())
    form = SignInForm(request, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and form.user is not None:
        login(request, form.user, backend=BACKEND)
        return redirect(onward)
    status = 400 if form.errors else 200
    return render(request, "accounts/sign_in.html", {"form": form, "next": onward}, status=status)


@open_to_all("the link's secret is what lets somebody in")
@sensitive_variables("secret")
@require_http_methods(["GET", "POST"])
def sign_in_by_link(request: HttpRequest, secret: str) -> HttpResponse:
    """Opening the link changes nothing, since mail programs open links too; the button signs in."""
    if request.method == "GET":
        return _unlinked(render(request, "accounts/link.html", {"stay_at": "/"}))
    limits.enforce(request, "sign_in")
    user: User | None = services.use_sign_in_link(secret=secret)
    if user is None:
        page = render(request, "accounts/link.html", {"spent": True, "stay_at": "/"}, status=410)
        return _unlinked(page)
    login(request, user, backend=BACKEND)
    return redirect(settings.LOGIN_REDIRECT_URL)


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


def _onward(request: HttpRequest) -> str:
    """Where to go after signing in: a path of this site, else the start page."""
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
