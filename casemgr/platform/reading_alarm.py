"""An alarm when one account looks at very many cases, in a day or little by little in 30 days.

It may be browsing, or a stolen account. Each is raised once a day and account, the slow one once in
30 days, to the data-protection officers, and stops nobody: whoever
reviews much on a busy day goes on, and a person finds out why.
"""

import logging
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgr.platform.access import Action
from casemgr.platform.accounts.models import StaffRole, User
from casemgr.platform.audit.models import resolve
from casemgr.platform.fields import civil_zone
from casemgr.platform.notify.kinds import Kind, register
from casemgr.platform.notify.models import Notice
from casemgr.platform.notify.services import tell

log = logging.getLogger("homeward.audit")
KIND = "many_reads"
KIND_SLOW = "many_reads_30_days"
SLOW = timedelta(days=30)

register(
    Kind(
        KIND,
        _("One account looked at very many cases today"),
        _("It may be a busy day, or somebody who browses. The audit shows whose account it is."),
        page="audit",
        at_once=True,
    ),
    Kind(
        KIND_SLOW,
        _("One account looked at very many cases in 30 days"),
        _("It may be much work, or somebody who browses slowly. The audit shows whose it is."),
        page="audit",
    ),
)

Cases = Callable[[Collection[UUID]], set[UUID]]
_counted: list[Cases] = []

_LOOKED = """
SELECT who, array_agg(DISTINCT named) FROM (
    SELECT who, unnest(subjects) AS named FROM platform_auditentry
    WHERE action = %s AND at >= %s AND who IS NOT NULL
) AS looks GROUP BY who HAVING count(DISTINCT named) >= %s
"""


def counted(cases: Cases) -> Cases:
    """Register the function that says which of some ids are cases."""
    _counted.append(cases)
    return cases


def watch() -> int:
    """Raise the alarm for whoever passed `READS_ALARM` cases since midnight; returns how often."""
    today = timezone.now().astimezone(civil_zone()).replace(hour=0, minute=0, second=0)
    return _watch(KIND, today.replace(microsecond=0), settings.READS_ALARM)


def watch_slowly() -> int:
    """The same for whoever passed `READS_ALARM_30_DAYS` cases in the last 30 days."""
    return _watch(KIND_SLOW, timezone.now() - SLOW, settings.READS_ALARM_30_DAYS)


def _watch(kind: str, since: datetime, limit: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_LOOKED, [Action.READ.value, since, limit])
        suspects = cursor.fetchall()
    return sum(_raise(kind, who, since) for who, named in suspects if _cases_in(named) >= limit)


def _cases_in(pseudonyms: list[UUID]) -> int:
    ids = set(resolve(pseudonyms).values())
    return sum(len(cases(ids)) for cases in _counted)


@transaction.atomic
def _raise(kind: str, who: UUID, since: datetime) -> bool:
    """Tell the officers, unless they were told of this account since. `who` is a pseudonym."""
    officers = User.objects.with_role(StaffRole.DATA_PROTECTION).order_by("pk")
    audience = list(officers.select_for_update(of=("self",), no_key=True))
    told = Notice.objects.filter(kind=kind, about=str(who), created_at__gte=since)
    fresh = [officer for officer in audience if not told.filter(person=officer).exists()]
    for officer in fresh:
        tell(person=officer, kind=kind, about=who)
    if fresh:
        log.warning("one account looked at very many cases: %s", kind)
    return bool(fresh)
