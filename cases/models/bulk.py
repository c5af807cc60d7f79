"""Long jobs of partners' programs and alliances' coordinators: cases brought in and taken out."""

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import pgettext_lazy

from casemgr.platform.access import Action, Actor, Group, Role, ways
from casemgr.platform.crypto import EncryptedTextField
from casemgr.platform.partners.models import ApiClient, Partner
from casemgr.platform.storage import FileNameField
from cases.models.case import Case
from cases.querysets import led_by
from families.models import Alliance


class BulkStatus(models.TextChoices):
    """waiting → running → done, or refused as a whole; an import's undo: undoing → undone."""

    WAITING = "waiting", pgettext_lazy("job", "waiting")
    RUNNING = "running", pgettext_lazy("job", "running")
    DONE = "done", pgettext_lazy("job", "done")
    REFUSED = "refused", pgettext_lazy("job", "refused")
    UNDOING = "undoing", pgettext_lazy("job", "being undone")
    UNDONE = "undone", pgettext_lazy("job", "undone")


class BulkFormat(models.TextChoices):
    """How a file holds cases."""

    NDJSON = "ndjson", "NDJSON"
    CSV = "csv", "CSV"
    XLSX = "xlsx", "XLSX"


class ImportMode(models.TextChoices):
    """What becomes of the good rows of a file in which some are bad."""

    ALL_OR_NOTHING = "all_or_nothing", pgettext_lazy("import", "all rows or none")
    SKIP_BAD = "skip_bad", pgettext_lazy("import", "the good rows")


class RowOutcome(models.TextChoices):
    """What became of a row. `held`: a change that waits for the rest of the file; `left_out`: a
    good row that looks like a case which is there already.
    """

    CREATED = "created", pgettext_lazy("row", "created")
    UPDATED = "updated", pgettext_lazy("row", "updated")
    UNCHANGED = "unchanged", pgettext_lazy("row", "unchanged")
    REFUSED = "refused", pgettext_lazy("row", "refused")
    HELD = "held", pgettext_lazy("row", "held")
    UNDONE = "undone", pgettext_lazy("row", "undone")
    KEPT = "kept", pgettext_lazy("row", "kept")
    LEFT_OUT = "left_out", pgettext_lazy("row", "left out")


class ImportJobQuerySet(models.QuerySet["ImportJob"]):
    """Reads that depend on who asks start with `visible_to`."""

    def visible_to(self, actor: Actor) -> "ImportJobQuerySet":
        """One's own organisation's, and those of alliances that one leads."""
        if not ways(actor, Action.CREATE, Group.CASE_DETAIL):
            return self.none()
        if actor.partner_id is not None:
            return self.filter(partner=actor.partner_id)
        if actor.user is None:
            return self.none()
        return self.filter(alliance__in=led_by(actor))


class ImportJob(models.Model):
    """A file of cases on its way in, for an organisation or for an alliance.

    It acts as whoever sent it, with what they may do at the time of each step. `problem` says why
    the file as a whole was refused. `language` is that of the row's errors. `mapping` is the field
    behind each column as a person chose it ('': left out); without one the headings say it.
    `skip_alike`: rows that look like a case of the alliance's are left out.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, null=True, related_name="+")
    client = models.ForeignKey(ApiClient, on_delete=models.CASCADE, null=True, related_name="+")
    alliance = models.ForeignKey(Alliance, on_delete=models.CASCADE, null=True, related_name="+")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+"
    )
    format = models.CharField(max_length=6, choices=BulkFormat)
    mode = models.CharField(max_length=14, choices=ImportMode)
    dry_run = models.BooleanField(default=False)
    language = models.CharField(max_length=10, default="en")
    status = models.CharField(max_length=8, choices=BulkStatus, default=BulkStatus.WAITING)
    columns = ArrayField(models.CharField(max_length=60), default=list)
    mapping = ArrayField(models.CharField(max_length=60, blank=True), default=list)
    skip_alike = models.BooleanField(default=False)
    rows = models.PositiveIntegerField(null=True)
    done = models.PositiveIntegerField(default=0)
    problem_code = models.CharField(max_length=40, blank=True)
    problem = models.CharField(max_length=600, blank=True)
    original = FileNameField(max_length=120, blank=True)
    original_sha256 = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(auto_now=True)
    finished_at = models.DateTimeField(null=True)

    objects = ImportJobQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(client__isnull=False, partner__isnull=False, user__isnull=True)
                | Q(client__isnull=True, partner__isnull=True, user__isnull=False),
                name="import_by_somebody",
            )
        ]
        indexes = [
            models.Index(fields=["partner", "-created_at", "-id"], name="import_of_partner"),
            models.Index(fields=["alliance", "-created_at", "-id"], name="import_of_alliance"),
        ]


class ImportPart(models.Model):
    """Some rows of the file that are still to be taken in; gone once they are."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    job = models.ForeignKey(ImportJob, on_delete=models.CASCADE, related_name="parts")
    number = models.PositiveIntegerField()
    content = EncryptedTextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "number"], name="import_part_once")]


class ImportRow(models.Model):
    """What became of one row. `keys` are digests of its external ids, `likeness` one of its child's
    name and birth date; `held` is a change to come.

    `version` is when the case last changed by this import's hand.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    job = models.ForeignKey(ImportJob, on_delete=models.CASCADE, related_name="outcomes")
    number = models.PositiveIntegerField()
    outcome = models.CharField(max_length=9, choices=RowOutcome)
    case = models.ForeignKey(Case, on_delete=models.SET_NULL, null=True, related_name="+")
    keys = ArrayField(models.BigIntegerField(), default=list)
    likeness = models.BigIntegerField(null=True)
    errors = models.JSONField(default=list)
    held = EncryptedTextField(blank=True, default="")
    version = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "number"], name="import_row_once")]
        indexes = [
            models.Index(fields=["job", "outcome", "number"], name="import_row_outcome"),
            GinIndex(fields=["keys"], name="import_row_keys"),
            models.Index(fields=["job", "likeness"], name="import_row_likeness"),
        ]


class ImportPhoto(models.Model):
    """A photo that a row names by its file, until it is sent and after."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    job = models.ForeignKey(ImportJob, on_delete=models.CASCADE, related_name="photos")
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=200)
    row = models.PositiveIntegerField()
    photo = models.UUIDField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["job", "name"], name="import_photo_name_once")
        ]


class ImportSheetQuerySet(models.QuerySet["ImportSheet"]):
    """Reads that depend on who asks start with `visible_to`."""

    def visible_to(self, actor: Actor) -> "ImportSheetQuerySet":
        """One's own, for alliances that one leads."""
        if actor.user is None or not actor.has(Role.COORDINATOR):
            return self.none()
        return self.filter(user=actor.user, alliance__in=led_by(actor))


class ImportSheet(models.Model):
    """A file that a coordinator brought, while they say what its columns are.

    `columns` are its headings and `first_rows` its first rows, sealed, once it was read. `trial` is
    the dry run that showed what would become of it, `sent_as` the import that it ended as. The file
    goes when it is sent in, put away, or a day old.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    alliance = models.ForeignKey(Alliance, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    format = models.CharField(max_length=6, choices=BulkFormat)
    language = models.CharField(max_length=10, default="en")
    original = FileNameField(max_length=120, blank=True)
    original_sha256 = models.CharField(max_length=64, blank=True)
    columns = ArrayField(models.CharField(max_length=60, blank=True), default=list)
    first_rows = EncryptedTextField(blank=True, default="")
    mapping = ArrayField(models.CharField(max_length=60, blank=True), default=list)
    problem = models.CharField(max_length=600, blank=True)
    read_at = models.DateTimeField(null=True)
    trial = models.OneToOneField(
        ImportJob, on_delete=models.SET_NULL, null=True, related_name="tried"
    )
    sent_as = models.OneToOneField(
        ImportJob, on_delete=models.SET_NULL, null=True, related_name="sheet"
    )
    created_at = models.DateTimeField(db_default=Now())

    objects = ImportSheetQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["alliance", "user"], name="import_sheet_of_user")]


class RememberedColumns(models.Model):
    """Which field an alliance's headings were said to be, for its next file: pairs, newest last."""

    alliance = models.OneToOneField(
        Alliance, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    fields = models.JSONField(default=list)


class ExportFormat(models.TextChoices):
    """How cases are written into a file."""

    NDJSON = "ndjson", "NDJSON"
    CSV = "csv", "CSV"
    XLSX = "xlsx", "XLSX"
    PFIF = "pfif", "PFIF 1.4"


class ExportJob(models.Model):
    """Cases on their way out, to the one program that asked.

    What it writes is sealed to `public_key`; the other half of that key was told once, to the
    asker, and is not kept. `after` is the last case written.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    client = models.ForeignKey(ApiClient, on_delete=models.CASCADE, related_name="+")
    format = models.CharField(max_length=6, choices=ExportFormat)
    wanted_status = models.CharField(max_length=10, blank=True)
    updated_since = models.DateTimeField(null=True)
    status = models.CharField(max_length=8, choices=BulkStatus, default=BulkStatus.WAITING)
    public_key = models.BinaryField()
    rows = models.PositiveIntegerField(null=True)
    done = models.PositiveIntegerField(default=0)
    after_at = models.DateTimeField(null=True)
    after_id = models.UUIDField(null=True)
    problem_code = models.CharField(max_length=40, blank=True)
    problem = models.CharField(max_length=600, blank=True)
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(auto_now=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["client", "-created_at", "-id"], name="export_of_client"),
            models.Index(fields=["expires_at"], name="export_expiry"),
        ]


class ExportPart(models.Model):
    """Some cases of an export, sealed for the asker; `cases` are their ids."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    job = models.ForeignKey(ExportJob, on_delete=models.CASCADE, related_name="parts")
    number = models.PositiveIntegerField()
    content = models.BinaryField()
    cases = ArrayField(models.UUIDField(), default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "number"], name="export_part_once")]
        indexes = [GinIndex(fields=["cases"], name="export_part_cases")]
