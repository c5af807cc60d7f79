"""The user: a random key, an e-mail address or a phone number, and no user name."""

import uuid
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from casemgr.platform.access import Action, Actor, Group, Role, ways
from casemgr.platform.accounts.passwords import normal


class UserQuerySet(models.QuerySet["User"]):
    """Reads that depend on who asks start with `visible_to`."""

    def visible_to(self, actor: Actor) -> "UserQuerySet":
        """Everybody to those who look after accounts, oneself to anybody."""
        granted = ways(actor, Action.READ, Group.ACCOUNTS)
        if frozenset() in granted:
            return self.all()
        return self.filter(pk=actor.user_id) if granted and actor.user_id else self.none()

    def with_role(self, role: Role | str) -> "UserQuerySet":
        """Active people who hold a staff role now."""
        held = RoleGrant.objects.filter(role=str(role), revoked_at__isnull=True)
        return self.filter(is_active=True, pk__in=held.values("user"))


class UserManager(BaseUserManager["User"]):
    """Makes users with normalised addresses."""

    def get_queryset(self) -> UserQuerySet:
        """Everybody."""
        return UserQuerySet(self.model, using=self._db)

    def visible_to(self, actor: Actor) -> UserQuerySet:
        """See UserQuerySet."""
        return self.get_queryset().visible_to(actor)

    def with_role(self, role: Role | str) -> UserQuerySet:
        """See UserQuerySet."""
        return self.get_queryset().with_role(role)

    def create_user(
        self,
        *,
        email: str | None = None,
        phone: str | None = None,
        password: str | None = None,
        **fields: Any,
    ) -> "User":
        """A user who signs in with `email` or `phone`; without a password, by links only."""
        user = self.model(
            email=self.normalize_email(email).lower() if email else None,
            phone=phone or None,
            **fields,
        )
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """Somebody with an account; what they may do follows from roles, never from flags here."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(_("e-mail address"), null=True, unique=True)
    phone = models.CharField(_("phone number"), max_length=20, null=True, unique=True)
    phone_verified_at = models.DateTimeField(null=True)
    display_name = models.CharField(_("name shown to colleagues"), max_length=80, blank=True)
    language = models.CharField(max_length=10, default="en")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(db_default=Now())

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = UserManager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(email__isnull=False) | Q(phone__isnull=False),
                name="user_has_email_or_phone",
                violation_error_message=_("Give an e-mail address or a phone number."),
            )
        ]

    def __str__(self) -> str:
        return self.display_name or str(self.id)

    @property
    def shown(self) -> str:
        """How colleagues see the person: by name, else by address."""
        return self.display_name or self.email or str(self.id)

    def set_password(self, raw_password: str | None) -> None:
        """Hash a password in its normal form."""
        super().set_password(normal(raw_password) if raw_password else raw_password)

    def check_password(self, raw_password: str | None) -> bool:
        """Whether this is the password, however its characters were typed."""
        return super().check_password(normal(raw_password) if raw_password else raw_password)


class StaffRole(models.TextChoices):
    """Roles that are granted to a person, not earned by filing a case."""

    REVIEWER = Role.REVIEWER.value, _("reviewer")
    DATA_PROTECTION = Role.DATA_PROTECTION.value, _("data-protection officer")
    ADMIN = Role.ADMIN.value, _("administrator")
    INSTITUTION = Role.INSTITUTION.value, _("institution")


class RoleGrant(models.Model):
    """One person holding one staff role, from when, given by whom, until when."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="grants")
    role = models.CharField(max_length=2, choices=StaffRole)
    granted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    granted_at = models.DateTimeField(db_default=Now())
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role"],
                condition=Q(revoked_at__isnull=True),
                name="role_granted_once",
            )
        ]


class Act(models.TextChoices):
    """What takes two admins."""

    GRANT = "grant", _("give a role")
    RESET_FACTOR = "reset_factor", _("reset a lost second factor")


class ProposalState(models.TextChoices):
    """waiting → done by a second admin, or dropped."""

    WAITING = "waiting"
    DONE = "done"
    DROPPED = "dropped"


class StaffProposal(models.Model):
    """What one admin wants done and a second has to agree to. `user` is whom it is about."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    act = models.CharField(max_length=12, choices=Act)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="proposals")
    role = models.CharField(max_length=2, choices=StaffRole, blank=True)
    state = models.CharField(max_length=7, choices=ProposalState, default=ProposalState.WAITING)
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(db_default=Now())
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["act", "user", "role"],
                condition=Q(state="waiting"),
                name="proposal_once",
            ),
            models.CheckConstraint(
                condition=~Q(state="done") | ~Q(decided_by=models.F("proposed_by")),
                name="proposal_by_two",
            ),
            models.CheckConstraint(
                condition=Q(act="grant") & ~Q(role="") | Q(act="reset_factor", role=""),
                name="proposal_of_a_role",
            ),
        ]


class UsedCode(models.Model):
    """A code of an authenticator app that was taken, for as long as it could be sent again."""

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    code = models.CharField(max_length=12)
    used_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "code"], name="code_taken_once")]


class SignInLink(models.Model):
    """A one-time link into an account; only the SHA-256 of its secret is kept."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
