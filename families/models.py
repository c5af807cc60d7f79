"""Who searches: families, guardians, their contacts, and the alliances they band together in."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from casemgr.platform.contacts import ContactIndexField
from casemgr.platform.crypto import EncryptedTextField


class Family(models.Model):
    """The people of one household who look for a child."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name_plural = "families"


class Guardian(models.Model):
    """One person who speaks for a family's child. Filing a report does not verify anybody."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    family = models.ForeignKey(Family, on_delete=models.CASCADE, related_name="guardians")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="guardianships"
    )
    relation = models.CharField(max_length=60, blank=True)
    verified_at = models.DateTimeField(null=True)
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    ended_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["family", "user"],
                condition=Q(ended_at__isnull=True, user__isnull=False),
                name="guardian_once_per_family",
            ),
            models.CheckConstraint(
                condition=Q(verified_at__isnull=True, verified_by__isnull=True)
                | Q(verified_at__isnull=False, verified_by__isnull=False),
                name="guardian_verified_by_somebody",
            ),
        ]


class VerificationBasis(models.TextChoices):
    """What a reviewer went by when they verified a guardian."""

    PAPERS = "papers", _("papers")
    POLICE = "police", _("a police reference")


class Verification(models.Model):
    """A reviewer found that a guardian is who they say; what that rests on is sealed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    guardian = models.ForeignKey(Guardian, on_delete=models.CASCADE, related_name="verifications")
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    basis = models.CharField(max_length=6, choices=VerificationBasis)
    police_reference = EncryptedTextField(blank=True, default="")
    note = EncryptedTextField(blank=True, default="")
    made_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["guardian"],
                condition=Q(ended_at__isnull=True),
                name="verification_once",
            )
        ]


class Contact(models.Model):
    """How to reach a guardian; written through encrypted columns only."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    guardian = models.OneToOneField(Guardian, on_delete=models.CASCADE, related_name="contact")
    name = EncryptedTextField(blank=True, default="")
    phone = EncryptedTextField(blank=True, default="")
    email = EncryptedTextField(blank=True, default="")
    note = EncryptedTextField(blank=True, default="")
    phone_index = ContactIndexField(of="phone", purpose="family contact")
    email_index = ContactIndexField(of="email", purpose="family contact")
    updated_at = models.DateTimeField(auto_now=True)


class Alliance(models.Model):
    """Families who search together."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=120, unique=True)
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return self.name


class MembershipRole(models.TextChoices):
    """What a member does in an alliance."""

    OWNER = "owner", _("owner")
    COORDINATOR = "coordinator", _("coordinator")
    MEMBER = "member", _("member")


class Membership(models.Model):
    """One person in one alliance, until they leave."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    alliance = models.ForeignKey(Alliance, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships"
    )
    role = models.CharField(max_length=11, choices=MembershipRole)
    joined_at = models.DateTimeField(db_default=Now())
    left_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["alliance", "user"],
                condition=Q(left_at__isnull=True),
                name="membership_once",
            )
        ]


class Invitation(models.Model):
    """A one-time way into an alliance; only the SHA-256 of its secret is kept."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    alliance = models.ForeignKey(Alliance, on_delete=models.CASCADE, related_name="invitations")
    role = models.CharField(max_length=11, choices=MembershipRole)
    digest = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    used_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    revoked_at = models.DateTimeField(null=True)
