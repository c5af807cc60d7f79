"""Work that a case's events make."""

from django.db import transaction

from casemgr.platform import images, outbox, photo_pipeline, storage
from casemgr.platform.outbox import Claim
from casemgr.platform.storage import StoredFiles
from cases import harmful, publication
from cases.models import Case, CaseFace, CasePhoto
from cases.querysets import lock
from cases.services import announce


@outbox.handler("case_photo.added", name="cases.develop_photo", queue="photos")
def develop_photo(claim: Claim) -> None:
    """Make a case photo's derivatives and its face, then have the case held against sightings."""
    photo = CasePhoto.objects.select_related("case").filter(pk=claim.subject).first()
    if photo is None:
        return
    with transaction.atomic():
        if harmful.keep_out(photo, kind="case"):
            return
    try:
        developed = photo_pipeline.develop(photo)
    except images.ImageRefused as refused:
        with claim.finishing():
            photo_pipeline.refuse(photo, refused.code)
        return
    with StoredFiles() as files, claim.finishing():
        if harmful.keep_out(photo, kind="case", phash=developed.picture.perceptual_hash):
            return
        unused = photo_pipeline.write(files, photo, developed)
        CaseFace.objects.filter(photo=photo).delete()
        # Read anew and held: the case may have taken a step while the photo was worked on.
        case: Case = lock(Case.objects.all(), photo.case_id)
        if developed.face:
            CaseFace.objects.create(
                photo=photo,
                live=case.is_live,
                **photo_pipeline.face_columns(developed.face),
            )
        announce(case)
    for name in unused:
        storage.delete(name)


@outbox.handler(name=publication.COMES_DOWN)
def end_emergency(claim: Claim) -> None:
    """Take down a card that was put up in an emergency and that no second reviewer agreed to."""
    with claim.finishing():
        case = Case.objects.select_for_update().filter(pk=claim.subject).first()
        if case is not None:
            publication.end_if_overdue(case)
