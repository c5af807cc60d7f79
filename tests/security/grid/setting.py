"""What has to be so before a probe can do what it asks for; undone with the probe."""

import hashlib
from datetime import timedelta

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db.models.functions import Now

from casemgr.platform.accounts import staff
from casemgr.platform.accounts.models import RoleGrant, StaffRole
from casemgr.platform.notify.models import Notice
from casemgr.platform.vocabularies import ReviewDecision
from cases.models import (
    Approval,
    Assignment,
    Case,
    CasePhoto,
    ClaimTester,
    ConsentPurpose,
    ProtectionFlag,
)
from cases.services import give_consent
from families.models import Guardian, Invitation, Membership, MembershipRole
from searches import reviewing
from searches.models import Match, Review, SecondLook
from tests.security.grid.world import World

NOBODYS = "00000000-0000-4000-8000-000000000000"


def own_review(world: World) -> None:
    """The reviewer with the case in hand has just said no."""
    world.ids["own_review"] = NOBODYS
    SecondLook.objects.filter(pk=world.ids["look"]).delete()
    match = Match.objects.filter(pk=world.ids["match"]).first()
    if match is not None:
        review = reviewing.decide(
            actor=world.actor("in_hand"),
            match=match,
            decision=ReviewDecision.REJECT,
            reason="another child",
        )
        world.ids["own_review"] = str(review.pk)


def second_owner(world: World) -> None:
    """Somebody else owns the alliance too, so that its owner may go."""
    of_it = Membership.objects.filter(alliance__pk=world.ids["alliance"])
    of_it.filter(user=world.users["suspended_coordinator"]).update(role=MembershipRole.OWNER)


def invitation(world: World) -> None:
    """A one-time way into the alliance."""
    world.ids["secret"] = "hwinv_of-the-grid"
    Invitation.objects.create(
        alliance_id=world.ids["alliance"],
        role=MembershipRole.MEMBER,
        digest=hashlib.sha256(world.ids["secret"].encode()).hexdigest(),
        invited_by=world.users["coordinator"],
        expires_at=Now() + timedelta(days=1),
    )


def to_publish(world: World) -> None:
    """The card is down, nothing protects the case, and one reviewer has agreed."""
    to_publish_alone(world)
    if Case.objects.filter(pk=world.ids["case"], child__isnull=False).exists():
        Approval.objects.create(
            case_id=world.ids["case"], reviewer=world.users["suspended_reviewer"]
        )


def to_publish_alone(world: World) -> None:
    """The card is down, nothing protects the case, and nobody has agreed."""
    of_case = {"case": world.ids["case"]}
    ProtectionFlag.objects.filter(**of_case).update(cleared_at=Now())
    Approval.objects.filter(**of_case).update(ended_at=Now())
    Case.objects.filter(pk=world.ids["case"]).update(public_since=None, public_until=None)
    case = Case.objects.filter(pk=world.ids["case"], child__isnull=False).first()
    if case is not None:
        give_consent(actor=world.actor("guardian"), case=case, purpose=ConsentPurpose.PUBLISH)


def ticked(world: World) -> None:
    """The guardian has ticked the photo after the card went up."""
    CasePhoto.objects.filter(pk=world.ids["photo"]).update(consent_public=True)


def asked_to_withdraw(world: World) -> None:
    """The family has asked, and no card is up."""
    cases = Case.objects.filter(pk=world.ids["case"], public_since=None, child__isnull=False)
    cases.update(withdrawal_asked_at=Now())


def may_be_told(world: World) -> None:
    """Nothing protects the case, all guardians are verified, and the family was not told yet."""
    ProtectionFlag.objects.filter(case__pk=world.ids["case"]).update(cleared_at=Now())
    speaking = Guardian.objects.filter(family__cases__pk=world.ids["case"])
    speaking.update(verified_at=Now(), verified_by=world.users["colleague"])
    Case.objects.filter(pk=world.ids["case"]).update(family_told_at=None)


def verified(world: World) -> None:
    """The id of the verified guardian."""
    guardian = Guardian.objects.filter(user=world.users["guardian"]).first()
    world.ids["verified"] = str(guardian.pk) if guardian else NOBODYS


def untested(world: World) -> None:
    """Nobody tests the claim yet."""
    ClaimTester.objects.filter(claim__pk=world.ids["claim"]).delete()


def released(world: World) -> None:
    """Nobody has the case in hand."""
    Assignment.objects.filter(case__pk=world.ids["case"]).update(released_at=Now())


def look_is_due(world: World) -> None:
    """A pair waits for a third reviewer who is new to it, and nobody looks at it."""
    SecondLook.objects.filter(pk=world.ids["look"]).update(reviewer=None, taken_at=None)
    Review.objects.filter(match__pk=world.ids["match"]).update(ended_at=Now())


def second_sessions(world: World) -> None:
    """Everybody is signed in somewhere else too."""
    for user in world.users.values():
        key = f"grid{user.pk.hex}"[:40]
        Session.objects.create(session_key=key, session_data="", expire_date=Now())
        UserSession.objects.create(user=user, session_key=key, ip="127.0.0.1", user_agent="x")


def notices(world: World) -> None:
    """Everybody has an unread notice."""
    for user in world.users.values():
        Notice.objects.create(person=user, kind="role_given")


def proposal(world: World) -> None:
    """Another admin has proposed that the volunteer review."""
    made = staff.propose_role(
        actor=world.actor("second_admin"),
        email=world.users["volunteer"].email or "",
        name="",
        role=StaffRole.REVIEWER,
    )
    world.ids["proposal"] = str(made.pk)
    assert not RoleGrant.objects.filter(user=world.users["volunteer"]).exists()
