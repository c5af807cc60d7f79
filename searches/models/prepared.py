"""Live cases as matching reads them in bulk."""

from django.db import models

from cases.models import Case


class PreparedCase(models.Model):
    """A live case taken apart for matching, as of one `revision`; it goes when the case does.

    `packed` is what `searches.matching.batch.pack` makes of `version`, and holds personal data.
    `changed_in` is the transaction that wrote it, by which workers find what is new to them.
    """

    case = models.OneToOneField(
        Case, on_delete=models.CASCADE, primary_key=True, related_name="prepared"
    )
    revision = models.PositiveIntegerField()
    version = models.PositiveSmallIntegerField()
    packed = models.BinaryField()
    changed_in = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["changed_in"], name="prepared_changed")]
