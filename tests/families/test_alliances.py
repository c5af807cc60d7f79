"""Alliances: coming in by invitation, handing over, leaving."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db.models.functions import Now
from rest_framework.test import APIClient

from casemgr.platform.access import Role
from casemgr.platform.errors import Conflict, Forbidden, Gone, NotFound
from families import alliances
from families.models import Alliance, Invitation, Membership, MembershipRole
from families.services import found_alliance
from tests.api.helpers import BASE, refused
from tests.cast import Cast, Person
from tests.refusals import refuses

pytestmark = pytest.mark.django_db
OWNER, COORDINATOR, MEMBER = (
    MembershipRole.OWNER,
    MembershipRole.COORDINATOR,
    MembershipRole.MEMBER,
)


def founded(owner: Person) -> Alliance:
    assert owner.user is not None
    return found_alliance(actor=owner.actor, name="On the same road", owner=owner.user)


def join(alliance: Alliance, by: Person, person: Person, role: MembershipRole = MEMBER) -> None:
    secret = alliances.invite(actor=by.actor, alliance=alliance, role=role)
    alliances.accept_invitation(actor=person.actor, secret=secret)


def roles(alliance: Alliance) -> dict[str, str]:
    current = Membership.objects.filter(alliance=alliance, left_at__isnull=True)
    return {str(member.user): member.role for member in current.select_related("user")}


def test_an_invitation_lets_one_person_in_once_and_is_kept_as_a_digest(cast: Cast) -> None:
    alliance = founded(cast.guardian)
    secret = alliances.invite(actor=cast.guardian.actor, alliance=alliance, role=MEMBER)
    assert secret.startswith("hwinv_")
    row = Invitation.objects.values().get()
    assert secret not in str(row)
    assert secret.removeprefix("hwinv_") not in str(row)

    alliances.accept_invitation(actor=cast.volunteer.actor, secret=secret)
    assert roles(alliance) == {"guardian": "owner", "volunteer": "member"}
    with refuses(Gone, "gone"):
        alliances.accept_invitation(actor=cast.other_guardian.actor, secret=secret)


def test_no_invitation_says_why_it_does_not_work(cast: Cast) -> None:
    alliance = founded(cast.guardian)

    def invited() -> str:
        return alliances.invite(actor=cast.guardian.actor, alliance=alliance, role=MEMBER)

    old, revoked = invited(), invited()
    Invitation.objects.filter(revoked_at__isnull=True).update(
        expires_at=Now() - timedelta(seconds=1)
    )
    alliances.revoke_invitation(
        actor=cast.guardian.actor, invitation=Invitation.objects.latest("created_at")
    )
    words = set()
    for secret in (old, revoked, "hwinv_never", ""):
        with pytest.raises(Gone) as refused:
            alliances.accept_invitation(actor=cast.volunteer.actor, secret=secret)
        words.add(str(refused.value))
    assert len(words) == 1
    with pytest.raises(Forbidden):
        alliances.accept_invitation(actor=cast.anonymous.actor, secret=invited())


def test_who_invites_whom(cast: Cast) -> None:
    alliance = founded(cast.guardian)
    join(alliance, cast.guardian, cast.other_guardian, COORDINATOR)
    join(alliance, cast.other_guardian, cast.volunteer)
    with refuses(Conflict, "member"):
        join(alliance, cast.guardian, cast.volunteer)

    for person, role in (
        (cast.guardian, OWNER),
        (cast.other_guardian, COORDINATOR),
        (cast.volunteer, MEMBER),
    ):
        with pytest.raises(Forbidden):
            alliances.invite(actor=person.actor, alliance=alliance, role=role)
    for stranger in (cast.coordinator, cast.reviewer, cast.anonymous):
        with pytest.raises(NotFound):
            alliances.invite(actor=stranger.actor, alliance=alliance, role=MEMBER)
        with pytest.raises(NotFound):
            alliances.members_of(actor=stranger.actor, alliance=alliance)
    assert alliances.members_of(actor=cast.volunteer.actor, alliance=alliance).count() == 3


def test_leading_is_handed_over_and_the_last_owner_does_not_just_go(cast: Cast) -> None:
    alliance = founded(cast.guardian)
    join(alliance, cast.guardian, cast.volunteer)
    assert cast.volunteer.user is not None
    assert cast.reviewer.user is not None
    with refuses(Conflict, "last_owner"):
        alliances.leave(actor=cast.guardian.actor, alliance=alliance)
    with pytest.raises(Forbidden):
        alliances.hand_over(actor=cast.volunteer.actor, alliance=alliance, to=cast.volunteer.user)
    with pytest.raises(NotFound):
        alliances.hand_over(actor=cast.guardian.actor, alliance=alliance, to=cast.reviewer.user)

    alliances.hand_over(actor=cast.guardian.actor, alliance=alliance, to=cast.volunteer.user)
    assert roles(alliance) == {"guardian": "coordinator", "volunteer": "owner"}
    alliances.leave(actor=cast.guardian.actor, alliance=alliance)
    assert Role.COORDINATOR not in cast.guardian.actor.roles
    alliances.leave(actor=cast.volunteer.actor, alliance=alliance)
    assert roles(alliance) == {}


def test_an_owner_removes_a_member_and_their_invitations_with_them(cast: Cast) -> None:
    alliance = founded(cast.guardian)
    join(alliance, cast.guardian, cast.other_guardian, COORDINATOR)
    secret = alliances.invite(actor=cast.other_guardian.actor, alliance=alliance, role=MEMBER)
    assert cast.other_guardian.user is not None
    assert cast.guardian.user is not None
    with pytest.raises(Forbidden):
        alliances.remove_member(
            actor=cast.other_guardian.actor, alliance=alliance, user=cast.guardian.user
        )

    alliances.remove_member(
        actor=cast.guardian.actor, alliance=alliance, user=cast.other_guardian.user
    )
    assert roles(alliance) == {"guardian": "owner"}
    with refuses(Gone, "gone"):
        alliances.accept_invitation(actor=cast.volunteer.actor, secret=secret)


# --- through the API ----------------------------------------------------------------------------

ALLIANCES = f"{BASE}alliances/"


def test_an_alliance_is_founded_joined_handed_over_and_left_through_the_api(cast: Cast) -> None:
    owner, other = cast.guardian.api(), cast.volunteer.api()
    made = owner.post(ALLIANCES, {"name": "On the same road"})
    assert made.status_code == 201
    address = f"{ALLIANCES}{made.json()['id']}/"
    assert [member["role"] for member in made.json()["members"]] == ["owner"]
    taken = other.post(ALLIANCES, {"name": "On the same road"})
    assert refused(taken, 400, "invalid") == {"/name": "taken"}
    invited = owner.post(f"{address}invitations/", {"role": "member"})
    joined = other.post(f"{ALLIANCES}join/", {"secret": invited.json()["secret"]})

    assert joined.status_code == 201
    assert other.get(address).json() == owner.get(address).json() == joined.json()
    assert other.get(ALLIANCES).json()["results"] == [joined.json()]
    refused(
        cast.other_guardian.api().post(f"{ALLIANCES}join/", {"secret": invited.json()["secret"]}),
        410,
        "gone",
    )
    refused(other.post(f"{address}invitations/", {"role": "member"}), 403, "forbidden")
    refused(owner.delete(f"{address}membership/"), 409, "last_owner")
    handed = owner.post(f"{address}owner/", {"user": str(cast.volunteer.user_id)})
    assert {member["name"]: member["role"] for member in handed.json()["members"]} == {
        "guardian": "coordinator",
        "volunteer": "owner",
    }
    assert owner.delete(f"{address}membership/").status_code == 204
    refused(owner.get(address), 404, "not_found")


def test_an_alliance_is_not_there_for_those_who_are_not_in_it(cast: Cast) -> None:
    alliance = founded(cast.guardian)
    address, absent = f"{ALLIANCES}{alliance.pk}/", f"{ALLIANCES}{uuid4()}/"
    for person in (cast.volunteer, cast.coordinator, cast.reviewer):
        api = person.api()

        def asked(where: str, api: APIClient = api) -> list[Any]:
            return [
                api.get(where),
                api.post(f"{where}invitations/", {"role": "member"}),
                api.post(f"{where}owner/", {"user": str(uuid4())}),
                api.delete(f"{where}membership/"),
            ]

        for there, nowhere in zip(asked(address), asked(absent), strict=True):
            refused(there, 404, "not_found")
            assert there.content == nowhere.content
    refused(cast.anonymous.api().get(address), 401, "not_authenticated")
    assert roles(alliance) == {"guardian": "owner"}
