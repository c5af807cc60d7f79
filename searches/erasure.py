"""Erasing sightings, and what sightings hold of an account that is erased."""

from uuid import UUID

from django.db.models import F
from django.db.models.functions import Now

from casemgr.platform import outbox
from casemgr.platform.erasure import Holdings, Kind, Why, part, reach
from cases.models import HarmfulImage
from searches import flood
from searches.models import ReporterContact, Sighting, SightingFace, SightingPhoto


@part(Kind.SIGHTING)
class SightingPart:
    """The report, its photos, faces, matches and whatever else hangs on it."""

    model = Sighting

    def hide(self, subject: UUID, *, fully: bool) -> None:
        """It is matched no more, and only its reporter can open it."""
        standing = Sighting.objects.filter(pk=subject, withdrawn_at__isnull=True)
        sighting = standing.select_for_update().first()
        if sighting is None:
            return
        flood.promote(sighting)
        standing.update(withdrawn_at=Now(), updated_at=Now(), revision=F("revision") + 1)
        SightingFace.objects.filter(photo__sighting=subject).update(live=False)
        outbox.publish("sighting.withdrawn", subject)

    def is_needed(self, subject: UUID) -> bool:
        """While one of its images waits to be handed over to the police."""
        photos = SightingPhoto.objects.filter(sighting=subject).values("pk")
        waiting = HarmfulImage.objects.filter(handed_over_at__isnull=True)
        return waiting.filter(photo_id__in=photos).exists()

    def holdings(self, subject: UUID) -> Holdings:
        """All of it. Photos are locked before the sighting, as the worker that develops does."""
        rows = Sighting.objects.filter(pk=subject)
        found = reach(Sighting, rows.values_list("pk", flat=True))
        digests = rows.values_list("receipt_digest", flat=True)
        return found | Holdings(needles=frozenset(digests))

    def erase(self, subject: UUID, *, why: Why) -> None:
        """Delete it with everything that hangs on it."""
        Sighting.objects.filter(pk=subject).delete()


@part(Kind.ACCOUNT)
class ReporterPart:
    """What somebody saw stays, for the child's sake; that it was they who saw it goes."""

    model = ReporterContact

    def hide(self, subject: UUID, *, fully: bool) -> None:
        """Nothing here is shown by itself."""

    def is_needed(self, subject: UUID) -> bool:
        """Nothing here is."""
        return False

    def holdings(self, subject: UUID) -> Holdings:
        """Contacts have no ids of their own to look for."""
        return Holdings()

    def erase(self, subject: UUID, *, why: Why) -> None:
        """Take the reporter and their contact from every sighting of theirs."""
        mine = Sighting.objects.filter(reporter=subject)
        ReporterContact.objects.filter(sighting__in=mine).delete()
        mine.update(reporter=None)
