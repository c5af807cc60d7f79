"""An alarm when one account looks at very many cases in a day: browsing, or a stolen account.

It is raised once a day for each account, to the data-protection officers, and stops nobody: whoever
reviews much on a busy day goes on, and a person finds out why.
"""

import logging
from collections.abc import Callable, Collection
from datetime import datetime
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

register(
    Kind(
        KIND,
        _("One account looked at very many cases today"),
        _("It may be a busy day, or somebody who browses. The audit shows whose account it is."),
        page="audit",
        at_once=True,
    )
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
    today = today.replace(microsecond=0)
    with connection.cursor() as cursor:
        cursor.execute(_LOOKED, [Action.READ.value, today, settings.READS_ALARM])
        suspects = cursor.fetchall()
    return sum(_raise(who, today) for who, named in suspects if _cases_in(named) >= _limit())


def _limit() -> int:
    limit: int = settings.READS_ALARM
    return limit


def _cases_in(pseudonyms: list[UUID]) -> int:
    ids = set(resolve(pseudonyms).values())
    return sum(len(cases(ids)) for cases in _counted)


@transaction.atomic
def _raise(who: UUID, today: datetime) -> bool:
    """Tell the officers, unless they were told of this account today. `who` is a pseudonym."""
    officers = User.objects.with_role(StaffRole.DATA_PROTECTION).order_by("pk")
    audience = list(officers.select_for_update(of=("self",), no_key=True))
    told = Notice.objects.filter(kind=KIND, about=str(who), created_at__gte=today)
    fresh = [officer for officer in audience if not told.filter(person=officer).exists()]
    for officer in fresh:
        tell(person=officer, kind=KIND, about=who)
    if fresh:
        log.warning("one account looked at %s cases or more today", settings.READS_ALARM)
    return bool(fresh)
