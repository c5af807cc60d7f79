"""How long sightings and their reporters' contacts are kept."""

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from casemgr.platform import erasure, outbox, retention
from casemgr.platform.erasure import Kind, Why
from casemgr.platform.faces.replaced import renew
from casemgr.platform.notify.kinds import Kind as NoticeKind
from casemgr.platform.notify.kinds import register
from casemgr.platform.notify.services import tell
from casemgr.platform.vocabularies import MatchStatus, SightingKind
from cases.retention import ENDED
from searches.models import Match, ReporterContact, Sighting, SightingFace
from searches.querysets import FLEETING, SightingQuerySet

LASTING = (SightingKind.SEEKER, SightingKind.INSTITUTION)
LEADS = (MatchStatus.LEAD, MatchStatus.CONFIRMED)

register(
    NoticeKind(
        "sighting_reminder",
        _("What you told us is still kept"),
        _(
            "You told us of a child, or that you are searching for your family. We keep it until "
            "you take it back. Open it with your receipt if something has changed."
        ),
        page="receipt",
    )
)


@retention.daily("street and online sightings")
def _fleeting(limit: int) -> int:
    """A lead stays while its case is not over; a rejected match shortens nothing.

    To their reporters all of them are closed once the period is over (`visible_to`).
    """
    lead = Match.objects.filter(sighting=OuterRef("pk"), status__in=LEADS)
    old = Sighting.objects.standing().filter(
        ~Exists(lead.exclude(case__status__in=ENDED)),
        kind__in=FLEETING,
        created_at__lt=Now() - settings.PERIODS.sighting,
    )
    return _erase(old, limit)


@retention.daily("unactionable sightings")
def _unactionable(limit: int) -> int:
    old = Sighting.objects.standing().filter(
        unactionable__agreed_at__lt=Now() - settings.PERIODS.unactionable_sighting
    )
    return _erase(old, limit)


def _erase(sightings: SightingQuerySet, limit: int) -> int:
    ids = list(sightings.order_by("created_at").values_list("pk", flat=True)[:limit])
    for sighting_id in ids:
        erasure.request(Kind.SIGHTING, sighting_id, why=Why.RETENTION)
    return len(ids)


@retention.daily("faces of a replaced engine, in sightings")
def _replaced(limit: int) -> int:
    return renew(SightingFace.objects.all(), handler="searches.develop_photo", limit=limit)


@retention.daily("reminders")
def _reminders(limit: int) -> int:
    """Those who told something that is kept until they take it back are told so once a year."""
    before = Now() - settings.PERIODS.reminder
    due = Sighting.objects.standing().filter(
        Q(reminded_at__isnull=True, created_at__lt=before) | Q(reminded_at__lt=before),
        kind__in=LASTING,
    )
    rows = list(due.select_related("reporter").order_by("created_at")[:limit])
    for sighting in rows:
        with transaction.atomic():
            Sighting.objects.filter(pk=sighting.pk).update(reminded_at=Now())
            outbox.publish("sighting.reminder_due", sighting.pk)
            if sighting.reporter is not None and sighting.reporter.is_active:
                tell(person=sighting.reporter, kind="sighting_reminder")
    return len(rows)


@retention.daily("reporters' contacts")
def _contacts(limit: int) -> int:
    """Once every case that the sighting led to is over, nobody needs to ring the reporter."""
    before = Now() - settings.PERIODS.reporter
    lead = Match.objects.filter(sighting=OuterRef("sighting"), status__in=LEADS)
    over = lead.filter(case__status__in=ENDED, case__updated_at__lt=before)
    contacts = ReporterContact.objects.filter(
        Exists(over), ~Exists(lead.exclude(pk__in=over.values("pk")))
    )
    return contacts.delete()[0]
