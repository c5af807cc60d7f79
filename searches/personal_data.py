"""What sightings hold of an account: what it reported, and nothing of what was made of it."""

from collections.abc import Iterable
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from casemgr.platform.personal_data import Section, photos_of, plain, section
from searches.models import ReporterContact, Sighting

# These move with review, or with what others reported.
NOT_THEIRS = ("matched_at", "repeats", "updated_at")


@section("sightings")
def _sightings(user_id: UUID) -> Section:
    found = Section()
    sightings = Sighting.objects.of_reporter(user_id).with_detail().order_by("created_at")
    for sighting in sightings:
        found.rows.append(
            {
                **plain(sighting, leave_out=NOT_THEIRS),
                "marks": [plain(mark) for mark in sighting.marks.all()],
                "contact": [plain(contact) for contact in _contacts(sighting)],
                "external_ids": [plain(each) for each in sighting.external_ids.all()],
            }
        )
        found.photos += photos_of(f"sighting-{sighting.pk}", sighting.photos.all())
    return found


def _contacts(sighting: Sighting) -> Iterable[ReporterContact]:
    """What the reporter left, while the sighting is younger than any contact can be erased.

    Later a contact is gone where the sighting led to a case that is over, and would tell so.
    """
    if timezone.now() - sighting.created_at > settings.PERIODS.reporter:
        return ()
    return ReporterContact.objects.filter(sighting=sighting)
