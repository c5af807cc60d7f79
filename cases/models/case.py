"""A case, the child it is about, and what belongs to it. Photos are in `photos.py`."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgr.platform import references
from casemgr.platform.fields import (
    PartialDateField,
    PlaceField,
    partial_date_constraint,
    place_constraint,
)
from casemgr.platform.partners.models import Partner
from casemgr.platform.persons import MarkFields, PersonFields
from casemgr.platform.vocabularies import (
    CaseStatus,
    ChildSituation,
    Circumstance,
    PlaceType,
    TimelineKind,
)
from cases.querysets import CaseQuerySet
from families.models import Alliance, Family

LIVE_STATUSES = (
    CaseStatus.SUBMITTED,
    CaseStatus.VERIFIED,
    CaseStatus.OPEN,
    CaseStatus.LOCATED,
)

# What a family is not shown before a person has told them.
UNTOLD_STATUSES = (CaseStatus.LOCATED, CaseStatus.CLOSED)


class Case(models.Model):
    """One missing child, filed by a family; matched while live, public while open and consented.

    `public_since` is when the public card went up (None: it is not up), `public_until` when it
    comes down by itself unless a second reviewer agrees; `ever_public` never unsets, so that
    outsiders get one identical answer for whatever took a card down. `withdrawal_asked_at` ends
    publicity but not matching. Until `family_told_at` the family is shown nothing of a child
    having been located. `heard_at` is the family's last word, `card_reminders` what they were told
    since of their card's end, `looked_anew_at` a reviewer's last yearly look. `ended_at` is when
    the case last stopped being live. `partner` is the organisation whose program filed the case.
    `revision` grows with whatever matching reads; `card_tokens` is what the public search asks.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.CharField(max_length=16, unique=True, default=references.generate)
    family = models.ForeignKey(Family, on_delete=models.PROTECT, related_name="cases")
    alliance = models.ForeignKey(
        Alliance, on_delete=models.SET_NULL, null=True, blank=True, related_name="cases"
    )
    partner = models.ForeignKey(
        Partner, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    status = models.CharField(max_length=10, choices=CaseStatus, default=CaseStatus.DRAFT)
    public_name = models.CharField(max_length=60, blank=True)
    public_since = models.DateTimeField(null=True)
    public_until = models.DateTimeField(null=True)
    ever_public = models.BooleanField(default=False)
    withdrawal_asked_at = models.DateTimeField(null=True)
    family_told_at = models.DateTimeField(null=True)
    heard_at = models.DateTimeField(null=True)
    card_reminded_at = models.DateTimeField(null=True)
    card_reminders = models.PositiveSmallIntegerField(default=0)
    looked_anew_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    missing_at = PartialDateField()
    missing_from = PlaceField()
    place_type = models.CharField(max_length=24, choices=PlaceType, blank=True)
    circumstance = models.CharField(max_length=24, choices=Circumstance, blank=True)
    child_situation = models.CharField(max_length=24, choices=ChildSituation, blank=True)
    story = models.TextField(max_length=10_000, blank=True)
    police_reference = models.CharField(max_length=60, blank=True)
    dna_on_file = models.BooleanField(null=True)
    tokens = ArrayField(models.TextField(), default=list)
    card_tokens = ArrayField(models.TextField(), default=list)
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
                condition=Q(public_until__isnull=True) | Q(public_since__isnull=False),
                name="case_public_until_while_public",
            ),
            models.CheckConstraint(
                condition=Q(public_since__isnull=True) | Q(withdrawal_asked_at__isnull=True),
                name="case_withdrawal_ends_publicity",
            ),
            models.CheckConstraint(
                condition=Q(status__in=[CaseStatus.DRAFT, CaseStatus.WITHDRAWN])
                | ~Q(missing_at_text=""),
                name="case_submitted_says_when",
                violation_error_message=_("Say when the child went missing, in your own words."),
            ),
        ]
        indexes = [
            models.Index(fields=["partner", "-created_at", "-id"], name="case_partner_newest"),
            GinIndex(fields=["tokens"], name="case_tokens", condition=Q(status__in=LIVE_STATUSES)),
            models.Index(fields=["-public_since", "-id"], name="case_public"),
            GinIndex(
                fields=["card_tokens"],
                name="case_card_tokens",
                condition=Q(public_since__isnull=False),
            ),
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
    def status_to_family(self) -> str:
        """The status as guardians and coordinators are shown it.

        That a child was located, or a case closed upon it, stays `open` until the family was told.
        """
        if self.status in UNTOLD_STATUSES and self.family_told_at is None:
            return CaseStatus.OPEN
        return self.status

    @property
    def public(self) -> bool:
        """Whether anybody may see the card now."""
        if self.public_since is None:
            return False
        return self.public_until is None or self.public_until > timezone.now()


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


class TimelineEvent(models.Model):
    """One thing that happened to the child, as far as is known.

    `for_review`: a reviewer wrote it; it may say where the child is, so no family is shown it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="timeline")
    kind = models.CharField(max_length=24, choices=TimelineKind)
    occurred_at = PartialDateField()
    place = PlaceField()
    note = models.TextField(max_length=2_000, blank=True)
    for_review = models.BooleanField(default=False)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ("created_at", "id")
        constraints = [
            partial_date_constraint("occurred_at", "timeline"),
            place_constraint("place", "timeline"),
        ]


class ExternalId(models.Model):
    """The case's id in a partner's or an older system; a `partner` has each id once."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="external_ids")
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, null=True, related_name="+")
    system = models.CharField(max_length=60)
    value = models.CharField(max_length=120)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "system"], name="case_external_id_once"),
            models.UniqueConstraint(
                fields=["partner", "system", "value"], name="case_external_id_of_partner"
            ),
        ]
