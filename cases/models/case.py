"""A case, the child it is about, and what belongs to it. Photos are in `photos.py`."""

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from casemgr.platform import references
from casemgr.platform.crypto import EncryptedTextField
from casemgr.platform.fields import (
    PartialDateField,
    PlaceField,
    partial_date_constraint,
    place_constraint,
)
from casemgr.platform.persons import MarkFields, PersonFields
from casemgr.platform.vocabularies import (
    CaseStatus,
    ChildSituation,
    Circumstance,
    PlaceType,
    TimelineKind,
)
from cases.querysets import CaseQuerySet
from families.models import Alliance, Family, Guardian

LIVE_STATUSES = (
    CaseStatus.SUBMITTED,
    CaseStatus.VERIFIED,
    CaseStatus.OPEN,
    CaseStatus.LOCATED,
)


class Case(models.Model):
    """One missing child, filed by a family; matched while live, public while open and consented.

    `public_since` is when the public card went up (None: it is not up); `ever_public` never unsets,
    so that outsiders get one identical answer for whatever took a card down. `revision` grows with
    whatever matching reads.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.CharField(max_length=16, unique=True, default=references.generate)
    family = models.ForeignKey(Family, on_delete=models.PROTECT, related_name="cases")
    alliance = models.ForeignKey(
        Alliance, on_delete=models.SET_NULL, null=True, blank=True, related_name="cases"
    )
    status = models.CharField(max_length=10, choices=CaseStatus, default=CaseStatus.DRAFT)
    public_name = models.CharField(max_length=60, blank=True)
    public_since = models.DateTimeField(null=True)
    ever_public = models.BooleanField(default=False)
    missing_at = PartialDateField()
    missing_from = PlaceField()
    place_type = models.CharField(max_length=24, choices=PlaceType, blank=True)
    circumstance = models.CharField(max_length=24, choices=Circumstance, blank=True)
    child_situation = models.CharField(max_length=24, choices=ChildSituation, blank=True)
    story = models.TextField(max_length=10_000, blank=True)
    police_reference = models.CharField(max_length=60, blank=True)
    dna_on_file = models.BooleanField(null=True)
    tokens = ArrayField(models.TextField(), default=list)
    revision = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(auto_now=True)

    objects = CaseQuerySet.as_manager()

    class Meta:
        constraints = [
            partial_date_constraint("missing_at", "case"),
            place_constraint("missing_from", "case"),
            models.CheckConstraint(
                condition=Q(public_since__isnull=True) | Q(status=CaseStatus.OPEN),
                name="case_public_only_while_open",
                violation_error_message=_("Only an open case can be shown to the public."),
            ),
            models.CheckConstraint(
                condition=Q(public_since__isnull=True) | Q(ever_public=True),
                name="case_public_is_remembered",
            ),
            models.CheckConstraint(
                condition=Q(status__in=[CaseStatus.DRAFT, CaseStatus.WITHDRAWN])
                | ~Q(missing_at_text=""),
                name="case_submitted_says_when",
                violation_error_message=_("Say when the child went missing, in your own words."),
            ),
        ]
        indexes = [
            GinIndex(fields=["tokens"], name="case_tokens", condition=Q(status__in=LIVE_STATUSES)),
            models.Index(fields=["-public_since", "-id"], name="case_public"),
            models.Index(fields=["-created_at", "-id"], name="case_newest"),
            models.Index(fields=["missing_from_division"], name="case_division"),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def is_live(self) -> bool:
        """Whether sightings are held against this case."""
        return self.status in LIVE_STATUSES

    @property
    def public(self) -> bool:
        """Whether anybody may see the card now."""
        return self.public_since is not None


class Child(PersonFields):
    """The person the case is about."""

    case = models.OneToOneField(Case, on_delete=models.CASCADE, related_name="child")
    full_name = models.CharField(max_length=120, blank=True)
    given_name = models.CharField(max_length=80, blank=True)
    family_name = models.CharField(max_length=80, blank=True)
    nicknames = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    name_pinyin = models.CharField(max_length=200, blank=True)
    birth_date = PartialDateField()
    height_as_of = PartialDateField()
    parents_blood_types = ArrayField(models.CharField(max_length=3), default=list, blank=True)

    class Meta:
        constraints = [
            partial_date_constraint("birth_date", "child"),
            models.CheckConstraint(
                condition=Q(height_cm__isnull=True) | Q(height_cm__range=(20, 250)),
                name="child_height_possible",
            ),
        ]
        indexes = [
            models.Index(fields=["sex", "birth_date_earliest"], name="child_sex_birth"),
        ]

    def names(self) -> list[str]:
        """Every name the child is known by, as written, without repeats."""
        given = [self.full_name, self.given_name, *self.nicknames, self.name_pinyin]
        return list(dict.fromkeys(name for name in given if name))


class ChildMark(MarkFields):
    """A distinguishing mark; shown to the public only when the guardian ticked it."""

    child = models.ForeignKey(Child, on_delete=models.CASCADE, related_name="marks")
    public = models.BooleanField(default=False)


class ConsentPurpose(models.TextChoices):
    """What a guardian can agree to; each can be taken back by itself."""

    PUBLISH = "publish", _("show the public card")
    PUBLISH_PHOTO = "publish_photo", _("show a photo on the public card")
    SHARE = "share", _("share the case with another alliance")


class Consent(models.Model):
    """A guardian's yes to one purpose, from when, until it was taken back."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="consents")
    guardian = models.ForeignKey(Guardian, on_delete=models.PROTECT, related_name="consents")
    purpose = models.CharField(max_length=16, choices=ConsentPurpose)
    given_at = models.DateTimeField(db_default=Now())
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "guardian", "purpose"],
                condition=Q(revoked_at__isnull=True),
                name="consent_once",
            )
        ]


class WithheldFact(models.Model):
    """A fact kept to test a claim with: never published, exported or used in matching."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="withheld_facts")
    text = EncryptedTextField()
    created_at = models.DateTimeField(db_default=Now())


class ClaimPaper(models.Model):
    """A document shown to prove who somebody is to the child; note and file are sealed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="claim_papers")
    note = EncryptedTextField(blank=True, default="")
    sealed_file = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField(db_default=Now())


class TimelineEvent(models.Model):
    """One thing that happened to the child, as far as is known."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="timeline")
    kind = models.CharField(max_length=24, choices=TimelineKind)
    occurred_at = PartialDateField()
    place = PlaceField()
    note = models.TextField(max_length=2_000, blank=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ("created_at", "id")
        constraints = [
            partial_date_constraint("occurred_at", "timeline"),
            place_constraint("place", "timeline"),
        ]


class Assignment(models.Model):
    """A reviewer who has taken a case in hand; without it they see no content."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="assignments")
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="assignments"
    )
    taken_at = models.DateTimeField(db_default=Now())
    released_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "reviewer"],
                condition=Q(released_at__isnull=True),
                name="assignment_once",
            )
        ]


class Approval(models.Model):
    """One reviewer's yes to showing the case to the public; two different ones are needed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="approvals")
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    given_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "reviewer"],
                condition=Q(ended_at__isnull=True),
                name="approval_once_per_reviewer",
            )
        ]


class ExternalId(models.Model):
    """The case's id in a partner's or an older system."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="external_ids")
    system = models.CharField(max_length=60)
    value = models.CharField(max_length=120)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "system"], name="case_external_id_once")
        ]
