"""Records of the People Finder Interchange Format: what we were sent, and what we told."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from casemgr.platform.crypto import EncryptedTextField
from casemgr.platform.partners.models import Partner
from cases.models.case import Case


class PfifRecord(models.Model):
    """One person's record. Once `blanked_at`, its id and dates are all that is left of it.

    With a `partner` it came from there, and `fields` is what it said, as JSON; without, it is ours,
    and what it says is worked out from the case each time. `told` are the partners that were given
    it, who are told when it ends; `lost` those of them who may not read it any more. `record_id`
    names nothing of the case.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    record_id = models.CharField(max_length=200, unique=True)
    case = models.OneToOneField(Case, on_delete=models.SET_NULL, null=True, related_name="pfif")
    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, null=True, related_name="+")
    fields = EncryptedTextField(blank=True, default="")
    told = ArrayField(models.UUIDField(), default=list)
    lost = ArrayField(models.UUIDField(), default=list)
    entry_date = models.DateTimeField()
    source_date = models.DateTimeField()
    expiry_date = models.DateTimeField(null=True)
    blanked_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [
            models.Index(fields=["entry_date", "id"], name="pfif_record_entry"),
            models.Index(fields=["expiry_date"], name="pfif_record_expiry"),
        ]


class PfifNote(models.Model):
    """A note on a record, as it was sent; nothing of it is left once the record is blanked."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    record = models.ForeignKey(PfifRecord, on_delete=models.CASCADE, related_name="notes")
    note_id = models.CharField(max_length=200, unique=True)
    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="+")
    fields = EncryptedTextField()
    entry_date = models.DateTimeField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["entry_date", "id"], name="pfif_note_entry")]
