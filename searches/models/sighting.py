"""Sightings: what somebody saw, holds or is. Photos are in `photos.py`."""

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from casemgr.platform.contacts import ContactIndexField
from casemgr.platform.crypto import EncryptedTextField
from casemgr.platform.fields import (
    PartialDateField,
    PlaceField,
    partial_date_constraint,
    place_constraint,
)
from casemgr.platform.partners.models import Partner
from casemgr.platform.persons import MarkFields, PersonFields
from casemgr.platform.vocabularies import SightingKind, Situation
from searches.querysets import SightingQuerySet


class Sighting(PersonFields):
    """Somebody saw a child (street, online), holds one (institution), or is one (seeker).

    `receipt_digest` is the SHA-256 of the reporter's secret code. What a reporter can read never
    moves with review: only `withdrawn_at` changes it. `repeats`, `content_print` and `likeness`
    tell sightings apart that say the same (see `flood.py`).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=11, choices=SightingKind)
    reporter = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="sightings"
    )
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, null=True, related_name="+")
    receipt_digest = models.CharField(max_length=64, unique=True)
    seen_at = PartialDateField()
    place = PlaceField()
    reporter_place = PlaceField()
    apparent_age_min = models.PositiveSmallIntegerField(null=True, blank=True)
    apparent_age_max = models.PositiveSmallIntegerField(null=True, blank=True)
    height_as_of = PartialDateField()
    name_heard = models.CharField(max_length=120, blank=True)
    situation = models.CharField(max_length=24, choices=Situation, blank=True)
    companions = models.TextField(max_length=2_000, blank=True)
    vehicle = models.CharField(max_length=200, blank=True)
    memories = models.TextField(max_length=10_000, blank=True)
    source_url = models.CharField(max_length=2_000, blank=True)
    danger_now = models.BooleanField(default=False)
    dna_on_file = models.BooleanField(null=True)
    birth_date = PartialDateField()
    separated_at = PartialDateField()
    separated_from = PlaceField()
    admitted_at = PartialDateField()
    tokens = ArrayField(models.TextField(), default=list)
    revision = models.PositiveIntegerField(default=1)
    withdrawn_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)
    matched_at = models.DateTimeField(null=True)
    repeats = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="+")
    content_print = models.CharField(max_length=64, blank=True)
    likeness = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(auto_now=True)

    objects = SightingQuerySet.as_manager()

    class Meta:
        constraints = [
            *(
                partial_date_constraint(name, "sighting")
                for name in (
                    "seen_at",
                    "height_as_of",
                    "birth_date",
                    "separated_at",
                    "admitted_at",
                )
            ),
            *(
                place_constraint(name, "sighting")
                for name in ("place", "reporter_place", "separated_from")
            ),
            models.CheckConstraint(
                condition=Q(apparent_age_min__isnull=True)
                | Q(apparent_age_max__isnull=True)
                | Q(apparent_age_max__gte=F("apparent_age_min")),
                name="sighting_age_in_order",
                violation_error_message=_("The older age must not be below the younger one."),
            ),
        ]
        indexes = [
            GinIndex(
                fields=["tokens"], name="sighting_tokens", condition=Q(withdrawn_at__isnull=True)
            ),
            models.Index(fields=["-created_at", "-id"], name="sighting_newest"),
            models.Index(fields=["partner", "-created_at", "-id"], name="sighting_partner_newest"),
            models.Index(fields=["sex", "seen_at_earliest"], name="sighting_sex_seen"),
            models.Index(fields=["place_division"], name="sighting_division"),
            models.Index(
                fields=["content_print"],
                name="sighting_original",
                condition=Q(repeats__isnull=True, withdrawn_at__isnull=True),
            ),
        ]


class SightingMark(MarkFields):
    """A distinguishing mark that the reporter saw."""

    sighting = models.ForeignKey(Sighting, on_delete=models.CASCADE, related_name="marks")


class ReporterContact(models.Model):
    """How to reach the reporter, if they left a way; encrypted, its reads need a reason."""

    sighting = models.OneToOneField(Sighting, on_delete=models.CASCADE, related_name="contact")
    name = EncryptedTextField(blank=True, default="")
    phone = EncryptedTextField(blank=True, default="")
    email = EncryptedTextField(blank=True, default="")
    phone_index = ContactIndexField(of="phone", purpose="reporter contact")
    email_index = ContactIndexField(of="email", purpose="reporter contact")


class SightingExternalId(models.Model):
    """The sighting's id in a partner's system; a `partner` has each id once."""

    sighting = models.ForeignKey(Sighting, on_delete=models.CASCADE, related_name="external_ids")
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, null=True, related_name="+")
    system = models.CharField(max_length=60)
    value = models.CharField(max_length=120)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["sighting", "system"], name="sighting_external_id_once"
            ),
            models.UniqueConstraint(
                fields=["partner", "system", "value"], name="sighting_external_id_of_partner"
            ),
        ]
