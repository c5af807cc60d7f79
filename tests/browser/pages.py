"""Every page that somebody can reach, found by the URL resolver, with somebody who may see it.

The world is that of the permission grid and of the replays: whoever adds a route with a new kind of
id plants the thing there. Each address is asked by those of `ASKING`, one after the other, and is
visited by the first who is shown a page. One that shows itself to nobody is in `Pages.unseen`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client

from casemgr.platform.accounts.services import make_sign_in_link
from cases import report
from cases.models import PageReportKind
from cases.report_views import STEPS
from tests.accounts.helpers import PASSWORD
from tests.security.grid import setting
from tests.security.grid.people import Principal, account
from tests.security.grid.reads import routes
from tests.security.grid.world import World
from tests.security.replays.spots import SECRETS, paths
from tests.security.replays.things import Things, plant

ASKING: Final = (
    *("nobody", "guardian", "in_hand", "coordinator", "admin", "partner_admin", "officer"),
    *("equipped", "blind", "without", "member", "reporter", "institution", "halfway"),
)
"""Who is asked; the first to whom an address shows a page goes there."""
ALONE: Final[Mapping[str, str]] = {
    "/account/confirm/": "equipped",  # whoever has no password is signed out there
    "/account/factor/": "equipped",
    "/account/passkeys/add/": "equipped",
    "/alliances/": "coordinator",
    "/my/sightings/": "reporter",
    "/my/sightings/<uuid:sighting_id>/": "reporter",
}
"""Addresses that show the most to one of them, who alone is asked."""
OTHERS: Final = ("/review/rescued/<uuid:sighting_id>/",)
"""Addresses of what only the second set of things has: a child who asked for themselves."""
NO_PAGE: Final[Mapping[str, str]] = {
    "/sign-in/phone/": "there is one only with a provider of texts",
    "/my/": "leads on to what the person comes for",
    "/cases/look-up/": "leads on to a case, or says that it can't: see BESIDES",
    "/sign-in/passkey/": "answers the script of the page of signing in",
    "/oauth/token/": "answers programs alone",
}
"""Addresses that show nobody a page of their own, and why not."""
BESIDES: Final = ("/nowhere/", "/cases/look-up/?reference=x", "/?lost_after=x&q=Xiaoman", "/?q=Zzz")
"""What anybody may be shown instead: nothing there, mistyped, not understood, not found."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One address, who goes there, and their session."""

    where: str
    path: str
    who: str
    session: str


@dataclass(slots=True)
class Pages:
    """All visits to be made in a world, and the routes whose page nobody sees."""

    visits: list[Visit] = field(default_factory=list)
    unseen: list[str] = field(default_factory=list)


def reachable() -> Pages:
    """Make the world, and find who sees what in it; the world stays in the database."""
    world, (things, others) = plant("open")
    _equip(world)
    people = {each.name: each for each in world.people}
    asking = [people[name] for name in ASKING]
    found = Pages([Visit("besides", path, "nobody", "") for path in BESIDES])
    for where in dict.fromkeys(where for where, _view in routes()):
        if where.startswith(("/api/", "/media/")) and not where.endswith("/docs/"):
            continue  # programs read these, not people
        seen = [_asked(where, path, asking) for path in _addresses(where, world, things, others)]
        found.visits += [each for each in seen if isinstance(each, Visit)]
        if where not in NO_PAGE and not any(seen):
            found.unseen.append(where)
    return found


def _asked(where: str, path: str, asking: list[Principal]) -> Visit | bool:
    """The visit of the first who is shown a page; else whether the address is no page at all."""
    for who in asking:
        if where in ALONE and who.name != ALONE[where]:
            continue
        # A planted passkey has no key in it: to ask for it is beyond the page.
        client = Client(raise_request_exception=False, HTTP_ACCEPT_LANGUAGE="en")
        if who.session:
            client.cookies["sessionid"] = who.session
        answer = client.get(path, follow="password/new" in where)
        html = answer.headers.get("Content-Type", "").startswith("text/html")
        if answer.status_code == 405 or (answer.status_code == 200 and not html):
            return True
        if answer.status_code == 200:
            return Visit(where, path, who.name, who.session)
    return False


def _addresses(where: str, world: World, things: Things, others: Things) -> Iterator[str]:
    """The route with its places filled; what is one page for each word, once for each."""
    if where in _SECRET:
        yield _SECRET[where](world)
        return
    assert not any(f"{secret}>" in where for secret in SECRETS), f"{where}: no secret is planted"
    words = {
        "/report/<str:reference>/<str:name>/": ("/child/", STEPS),
        "/cases/<str:reference>/tell/<str:kind>/": ("/report/", PageReportKind.values),
    }
    for template in paths(where):
        before, after = words.get(where, ("", [""]))
        for word in after:
            path = template.removesuffix(before) + f"/{word}/" if before else template
            yield path.format_map(others.ids if where in OTHERS else things.ids)
            if where.startswith("/report/"):
                yield path.format_map({"reference": world.ids["draft"]})


def _equip(world: World) -> None:
    """Somebody with a password, an app, recovery codes and a report begun; and a second sign-in of
    theirs that stands before the second factor.
    """
    user = account("equipped")
    user.set_password(PASSWORD)
    user.save(update_fields=["password"])
    TOTP.activate(user, generate_totp_secret())
    RecoveryCodes.activate(user)
    world.users["equipped"] = user
    world.ids["draft"] = report.begin(actor=world.actor("equipped")).reference
    equipped = Principal("equipped", ("VO",), user)
    equipped.open_session()
    client = Client()
    client.post("/sign-in/", {"login": str(user.email), "password": PASSWORD})
    halfway = Principal("halfway", ("AN",), session=client.cookies["sessionid"].value)
    world.people += [equipped, halfway]


def _invitation(world: World) -> str:
    setting.invitation(world)
    return f"/alliances/join/{world.ids['secret']}/"


def _link(world: World) -> str:
    secret = make_sign_in_link(actor=world.actor("admin"), user=world.users["volunteer"])
    return f"/sign-in/link/{secret}/"


def _confirmation(world: World) -> str:
    address = EmailAddress.objects.create(user=world.users["volunteer"], email="new@example.org")
    return f"/confirm-address/{EmailConfirmationHMAC(address).key}/"


def _new_password(world: World) -> str:
    user = world.users["equipped"]
    key = default_token_generator.make_token(user)
    return f"/password/new/{user_pk_to_url_str(user)}-{key}/"


_SECRET: Final[Mapping[str, Any]] = {
    "/alliances/join/<str:secret>/": _invitation,
    "/sign-in/link/<str:secret>/": _link,
    "/confirm-address/<str:key>/": _confirmation,
    "/^password/new/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>[^/]+)/$": _new_password,
}
"""Pages behind a one-time secret, each with its address in a world."""
