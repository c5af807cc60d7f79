"""Acts on the accounts of staff. Giving a role and resetting a lost factor take two admins."""

from dataclasses import dataclass

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from casemgr.platform import audit
from casemgr.platform.access import Action, Actor, Group, can
from casemgr.platform.accounts.models import (
    Act,
    ProposalState,
    RoleGrant,
    StaffProposal,
    StaffRole,
    User,
)
from casemgr.platform.accounts.services import (
    INVITATION_LIFE,
    LINK_LIFE,
    grant_role,
    make_sign_in_link,
    vouch_for_email,
)
from casemgr.platform.errors import Conflict, Forbidden, NotFound
from casemgr.platform.notify.services import tell


@dataclass(frozen=True, slots=True)
class Agreed:
    """What a second admin's yes did. `secret` opens a one-time link to hand over; '' for none."""

    proposal: StaffProposal
    secret: str = ""


@transaction.atomic
def propose_role(*, actor: Actor, email: str, name: str, role: StaffRole) -> StaffProposal:
    """Ask a second admin to give `role` to whoever has this address, invited if they are new."""
    proposer = _admin(actor)
    user = User.objects.filter(email=email.lower()).first()
    if user is None:
        user = User.objects.create_user(email=email, display_name=name)
    if RoleGrant.objects.filter(user=user, role=role, revoked_at__isnull=True).exists():
        raise Conflict("already_granted", _("This person has that role."))
    return _propose(actor, proposer, user, Act.GRANT, role)


@transaction.atomic
def propose_factor_reset(*, actor: Actor, user: User) -> StaffProposal:
    """Ask a second admin to reset the second factor that a member of staff has lost."""
    return _propose(actor, _admin(actor), user, Act.RESET_FACTOR, "")


def _propose(actor: Actor, proposer: User, user: User, act: Act, role: str) -> StaffProposal:
    if user == proposer:
        raise Forbidden(_("Somebody else has to propose this for you."))
    proposal, made = StaffProposal.objects.get_or_create(
        user=user,
        act=act,
        role=role,
        state=ProposalState.WAITING,
        defaults={"proposed_by": proposer},
    )
    if made:
        audit.record(actor, Action.CREATE, "staff_proposal", [proposal.pk, user.pk], groups=_ALL)
        for admin in User.objects.with_role(StaffRole.ADMIN).exclude(
            pk__in=[user.pk, actor.user_id]
        ):
            tell(person=admin, kind="second_admin_wanted")
    return proposal


@transaction.atomic
def agree(*, actor: Actor, proposal: StaffProposal) -> Agreed:
    """Do what another admin proposed. Raises Conflict where it is no longer waiting."""
    _admin(actor)
    if actor.user_id in (proposal.proposed_by_id, proposal.user_id):
        raise Forbidden(
            _("This takes a second admin, who is neither its proposer nor its subject.")
        )
    _decide(actor, proposal, ProposalState.DONE)
    user = proposal.user
    if proposal.act == Act.RESET_FACTOR:
        return Agreed(proposal, _reset_factor(actor, user))
    grant_role(actor=actor, user=user, role=StaffRole(proposal.role))
    if user.has_usable_password() and user.last_login is not None:
        tell(person=user, kind="role_given", codes={"role": proposal.role})
        return Agreed(proposal)
    vouch_for_email(user)
    tell(person=user, kind="invitation", codes={"role": proposal.role}, about=proposal.pk)
    return Agreed(proposal, make_sign_in_link(actor=actor, user=user, life=INVITATION_LIFE))


def _reset_factor(actor: Actor, user: User) -> str:
    """Take away every factor and the password, end every session, and make a way back in.

    The password goes too: whoever has only that must not be able to set up a factor of their own.
    """
    Authenticator.objects.filter(user=user).delete()
    user.set_password(None)
    user.save(update_fields=["password"])
    for session in UserSession.objects.filter(user=user):
        session.end()
    tell(person=user, kind="factor_reset")
    return make_sign_in_link(actor=actor, user=user, life=LINK_LIFE)


@transaction.atomic
def drop(*, actor: Actor, proposal: StaffProposal) -> None:
    """Put a proposal away undone; any admin may, its proposer too."""
    _admin(actor)
    _decide(actor, proposal, ProposalState.DROPPED)


def _decide(actor: Actor, proposal: StaffProposal, state: ProposalState) -> None:
    moved = StaffProposal.objects.filter(pk=proposal.pk, state=ProposalState.WAITING).update(
        state=state, decided_by=actor.user, decided_at=Now()
    )
    if not moved:
        raise Conflict("decided", _("Somebody has decided on this in the meantime."))
    audit.record(
        actor, Action.UPDATE, "staff_proposal", [proposal.pk, proposal.user_id], groups=_ALL
    )


@transaction.atomic
def revoke_role(*, actor: Actor, user: User, role: StaffRole) -> None:
    """Take a role away, at once; one admin may. Two admins always remain."""
    _admin(actor)
    # Locked in one order, so that two admins can't take each other's role at the same time.
    grants = list(
        RoleGrant.objects.select_for_update()
        .filter(role=role, revoked_at__isnull=True)
        .order_by("pk")
    )
    held = [grant for grant in grants if grant.user_id == user.pk]
    if not held:
        raise NotFound
    if role == StaffRole.ADMIN and len(grants) <= 2:
        raise Conflict(
            "last_admins", _("Two admins have to remain. Give the role to another first.")
        )
    RoleGrant.objects.filter(pk__in=[grant.pk for grant in held]).update(revoked_at=Now())
    audit.record(actor, Action.ERASE, "role_grant", [held[0].pk, user.pk], groups=_ALL)


_ALL = [Group.ACCOUNTS]


def _admin(actor: Actor) -> User:
    if actor.user is None or not can(actor, Action.CREATE, Group.TOKENS):
        raise NotFound
    return actor.user
