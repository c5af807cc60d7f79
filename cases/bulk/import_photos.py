"""Photos of an import: rows name them by file, and each is sent by itself afterwards."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from casemgr.platform.access import Actor
from casemgr.platform.errors import Conflict, Invalid
from cases import services
from cases.models import BulkStatus, ImportJob, ImportPhoto


@transaction.atomic
def add(*, actor: Actor, job: ImportJob, name: str, data: bytes) -> ImportPhoto:
    """Put a photo on the case whose row names it. Raises Invalid for a name that no row has."""
    if job.status != BulkStatus.DONE:
        words = _("Photos are taken once the import is done.")
        raise Conflict("import_not_done", words)
    wanted = ImportPhoto.objects.select_for_update(of=("self",)).select_related("case")
    held = wanted.filter(job=job, name=name.strip().casefold()).first()
    if held is None:
        words = _("No row of this import names a photo like this.")
        raise Invalid({"name": ("unknown_photo_name", words)})
    if held.photo is not None:
        raise Conflict("photo_taken_in", _("This photo was sent already."))
    photo = services.add_photo(actor=actor, case=held.case, data=data)
    held.photo = photo.pk
    held.save(update_fields=["photo"])
    return held
