"""Cases that belong together."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from casemgr.platform.vocabularies import LinkKind
from cases.models.case import Case


class CaseLink(models.Model):
    """Two cases of one child, of siblings, or of one incident. It reads the same from both ends.

    `found_in_review`: reviewers found it by holding cases against each other. Then it is there for
    those alone who have both in hand, since it may tell one family of another's case.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=13, choices=LinkKind)
    one = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    other = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    found_in_review = models.BooleanField(default=False)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            # The smaller id stands first, so that a pair is linked in one row.
            models.CheckConstraint(condition=Q(one__lt=F("other")), name="case_link_in_order"),
            models.UniqueConstraint(fields=["one", "other", "kind"], name="case_link_once"),
        ]
