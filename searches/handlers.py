"""Work that sightings' and cases' events make here."""

from django.db import transaction

from casemgr.platform import images, outbox, photo_pipeline, storage
from casemgr.platform.outbox import Claim
from casemgr.platform.storage import StoredFiles
from cases import harmful
from cases.querysets import lock
from searches import duplicates, fairness, flood, matching_service, services
from searches.models import Sighting, SightingFace, SightingPhoto


@outbox.handler("sighting_photo.added", name="searches.develop_photo", queue="photos")
def develop_photo(claim: Claim) -> None:
    """Make a sighting photo's derivatives and its face, then hold the sighting against cases."""
    photo = SightingPhoto.objects.select_related("sighting").filter(pk=claim.subject).first()
    if photo is None:
        return
    with transaction.atomic():
        if harmful.keep_out(photo, kind="sighting"):
            return
    try:
        developed = photo_pipeline.develop(photo, subject_face=photo.subject_face)
    except images.ImageRefused as refused:
        with claim.finishing():
            photo_pipeline.refuse(photo, refused.code)
            services.announce(photo.sighting_id)
        return
    with StoredFiles() as files, claim.finishing():
        if harmful.keep_out(photo, kind="sighting", phash=developed.picture.perceptual_hash):
            return
        unused = photo_pipeline.write(files, photo, developed)
        flood.recognise(photo)
        SightingFace.objects.filter(photo=photo).delete()
        # Read anew and held: it may have been withdrawn while the photo was worked on.
        sighting: Sighting = lock(Sighting.objects.all(), photo.sighting_id)
        if developed.face:
            SightingFace.objects.create(
                photo=photo,
                live=sighting.withdrawn_at is None,
                **photo_pipeline.face_columns(developed.face),
            )
        services.announce(photo.sighting_id)
    for name in unused:
        storage.delete(name)


@outbox.handler(
    "sighting.received",
    "sighting.changed",
    "sighting.withdrawn",
    name="searches.match_sighting",
    queue="matching",
)
def match_sighting(claim: Claim) -> None:
    """Hold one sighting against every live case."""
    matching_service.match_sighting(claim)


@outbox.handler("case.changed", name="searches.match_case", queue="matching")
def match_case(claim: Claim) -> None:
    """Hold one case against every standing sighting."""
    matching_service.match_case(claim)
    fairness.rematched(claim.subject)


@outbox.handler(fairness.REMATCH_DUE, name=fairness.REMATCH, queue="matching")
def rematch_case(claim: Claim) -> None:
    """The same for a case whose turn has come round."""
    match_case(claim)


@outbox.handler(name=duplicates.HOLD, queue="matching")
def hold_against_cases(claim: Claim) -> None:
    """Hold a case against the other live ones: it may be filed twice, or with a sibling."""
    duplicates.hold(claim)
