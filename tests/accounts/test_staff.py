"""Bootstrap, invitations and lost factors: what takes two admins, and what no single one can do."""

import io
import re
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from casemgr.platform import site
from casemgr.platform.access import actor_for
from casemgr.platform.accounts import staff
from casemgr.platform.accounts.models import RoleGrant, SignInLink, StaffProposal, StaffRole, User
from casemgr.platform.errors import Conflict, Forbidden, NotFound
from tests.accounts.helpers import PASSWORD, letters, path_in, set_up_app, sign_up, signed_in_as
from tests.cast import Cast, Person
from tests.pages import text_of

pytestmark = pytest.mark.django_db(transaction=True)

OPTIONS = {
    "name": "Lantern",
    "time_zone": "Asia/Chongqing",
    "emergency_number": "110",
    "hotline_number": "400 123 4567",
    "data_protection_contact": "privacy@example.org",
    "admins": ["ada@example.org", "ben@example.org"],
    "reviewers": ["cai@example.org", "dee@example.org"],
}
CODE = re.compile(r'id="code">([^<\s]+)<')


def bootstrap(**changed: object) -> list[str]:
    """Run the command; the paths of the links that it prints."""
    out = io.StringIO()
    call_command("bootstrap", **{**OPTIONS, **changed}, stdout=out)
    return [path[0] for path in re.findall(r"http://[^/]+((/\S+))", out.getvalue())]


def admin(name: str) -> Person:
    user = User.objects.create_user(email=f"{name}@example.org", display_name=name)
    RoleGrant.objects.create(user=user, role=StaffRole.ADMIN)
    return Person(user)


@pytest.fixture
def two() -> tuple[Person, Person]:
    return admin("ada"), admin("ben")


def propose(asker: Person, email: str, role: str = "RV") -> StaffProposal:
    answer = asker.browser().post(
        "/staff/propose-role/", {"email": email, "name": "Fay", "role": role}
    )
    assert answer.status_code == 302, text_of(answer)
    return StaffProposal.objects.get(state="waiting")


# --- the first start ------------------------------------------------------------------------------


def test_bootstrap_sets_the_site_up_and_lets_four_people_in_once(cast: Cast) -> None:
    paths = bootstrap()

    assert [(g.user.email, g.role) for g in RoleGrant.objects.order_by("user__email")] == [
        ("ada@example.org", "AD"),
        ("ben@example.org", "AD"),
        ("cai@example.org", "RV"),
        ("dee@example.org", "RV"),
    ]
    assert site.current().time_zone == "Asia/Chongqing"
    assert "Lantern" in text_of(Client().get("/"))
    browser = Client()
    assert browser.post(paths[0])["Location"] == "/account/password/first/"
    assert browser.post("/account/password/first/", {"password1": PASSWORD})["Location"] == (
        "/account/factor/"
    )
    assert browser.get("/staff/")["Location"] == "/account/factor/"
    set_up_app(browser)
    assert browser.get("/staff/").status_code == 200
    assert Client().post(paths[0]).status_code == 410


def test_bootstrap_works_only_while_there_is_no_admin(two: tuple[Person, Person]) -> None:
    with pytest.raises(CommandError, match="has an administrator"):
        bootstrap()

    assert not SignInLink.objects.exists()


@pytest.mark.parametrize(
    "changed",
    [
        {"admins": ["ada@example.org", "cai@example.org"]},
        {"time_zone": "Asia/Nowhere"},
        {"data_protection_contact": "nobody"},
    ],
    ids=["three people", "no such zone", "no address"],
)
def test_bootstrap_refuses_what_cannot_be_and_leaves_nothing(changed: dict[str, object]) -> None:
    with pytest.raises(CommandError):
        bootstrap(**changed)

    assert not User.objects.exists()


def test_only_digests_of_links_are_kept() -> None:
    paths = bootstrap()
    secrets = [path.split("/")[-2] for path in paths]

    kept = str(list(SignInLink.objects.values()))

    assert [secret for secret in secrets if secret in kept] == []


# --- roles ----------------------------------------------------------------------------------------


def test_two_admins_invite_a_reviewer_whom_one_alone_cannot_make(
    two: tuple[Person, Person],
) -> None:
    ada, ben = two
    proposal = propose(ada, "fay@example.org")
    address = f"/staff/proposals/{proposal.pk}/"
    assert ada.browser().post(address, {"act": "agree"}).status_code == 403
    assert not RoleGrant.objects.filter(role=StaffRole.REVIEWER).exists()
    assert len(letters("ben@example.org")) == 1

    handed_over = CODE.findall(text_of(ben.browser().post(address, {"act": "agree"})))

    grant = RoleGrant.objects.get(role=StaffRole.REVIEWER)
    assert (grant.user.email, grant.granted_by) == ("fay@example.org", ben.user)
    browser = Client()
    browser.post(handed_over[0].removeprefix("http://127.0.0.1:8000"))
    assert signed_in_as(browser) == str(grant.user.pk)


def test_an_invitation_by_letter_lets_in_once_and_for_seven_days(
    two: tuple[Person, Person],
) -> None:
    ada, ben = two
    staff.agree(actor=ben.actor, proposal=propose(ada, "fay@example.org"))
    path = path_in(letters("fay@example.org")[0])
    link = SignInLink.objects.order_by("-expires_at").first()

    assert link is not None
    assert timedelta(days=6) < link.expires_at - timezone.now() <= timedelta(days=7)
    assert Client().post(path).status_code == 302
    assert Client().post(path).status_code == 410


def test_who_has_an_account_is_told_of_the_role_and_sent_no_way_in(
    two: tuple[Person, Person],
) -> None:
    ada, ben = two
    sign_up("fay@example.org")
    before = len(letters("fay@example.org"))

    agreed = staff.agree(actor=ben.actor, proposal=propose(ada, "fay@example.org"))

    letter = letters("fay@example.org")[before]
    assert (agreed.secret, "reviewer" in str(letter.body)) == ("", True)
    assert "/sign-in/link/" not in str(letter.body)


def test_a_proposal_is_decided_once(two: tuple[Person, Person]) -> None:
    ada, ben = two
    proposal = propose(ada, "fay@example.org")
    staff.drop(actor=ada.actor, proposal=proposal)

    with pytest.raises(Conflict):
        staff.agree(actor=ben.actor, proposal=proposal)

    assert not RoleGrant.objects.filter(role=StaffRole.REVIEWER).exists()


def test_a_role_is_taken_away_at_once_and_two_admins_remain(
    cast: Cast, two: tuple[Person, Person]
) -> None:
    ada, ben = two
    reviewer = cast.reviewer.browser()
    assert reviewer.get("/review/").status_code == 200

    ada.browser().post(f"/staff/{cast.reviewer.user_id}/revoke/", {"role": "RV"})

    assert reviewer.get("/review/").status_code == 404
    assert ben.user is not None
    with pytest.raises(Conflict):
        staff.revoke_role(actor=ada.actor, user=ben.user, role=StaffRole.ADMIN)


@pytest.mark.parametrize("name", ["anonymous", "volunteer", "coordinator", "reviewer"])
def test_nobody_else_reaches_what_admins_do(cast: Cast, name: str) -> None:
    person: Person = getattr(cast, name)
    target = cast.second_reviewer.user
    assert target is not None

    pages = [person.browser().get("/staff/")] + [
        person.browser().post(path, {"role": "RV", "email": "x@example.org", "name": "x"})
        for path in (
            "/staff/propose-role/",
            f"/staff/{target.pk}/reset/",
            f"/staff/{target.pk}/revoke/",
        )
    ]

    assert {page.status_code for page in pages} == ({302} if name == "anonymous" else {404})
    with pytest.raises(NotFound):
        staff.propose_factor_reset(actor=person.actor, user=target)
    assert not StaffProposal.objects.exists()


# --- a lost factor --------------------------------------------------------------------------------


def test_a_lost_factor_is_reset_by_two_admins_and_takes_the_password_with_it(
    two: tuple[Person, Person],
) -> None:
    ada, ben = two
    browser = sign_up("fay@example.org")
    fay = User.objects.get(email="fay@example.org")
    RoleGrant.objects.create(user=fay, role=StaffRole.REVIEWER)
    set_up_app(browser)
    ada.browser().post(f"/staff/{fay.pk}/reset/")
    proposal = StaffProposal.objects.get()
    with pytest.raises(Forbidden):
        staff.agree(actor=ada.actor, proposal=proposal)
    with pytest.raises(NotFound):
        staff.agree(actor=actor_for(fay), proposal=proposal)
    assert Authenticator.objects.filter(user=fay).exists()

    page = ben.browser().post(f"/staff/proposals/{proposal.pk}/", {"act": "agree"})

    assert not Authenticator.objects.filter(user=fay).exists()
    assert browser.get("/account/").status_code == 302
    thief = Client()
    thief.post("/sign-in/", {"login": "fay@example.org", "password": PASSWORD})
    assert signed_in_as(thief) is None
    back = Client()
    back.post(CODE.findall(text_of(page))[0].removeprefix("http://127.0.0.1:8000"))
    assert signed_in_as(back) == str(fay.pk)
    assert back.get("/review/")["Location"] == "/account/factor/"


def test_nobody_proposes_their_own_reset(two: tuple[Person, Person]) -> None:
    ada, _ben = two
    assert ada.user is not None

    with pytest.raises(Forbidden):
        staff.propose_factor_reset(actor=ada.actor, user=ada.user)
