"""Keeping nothing for longer than `settings.PERIODS` allows: one rule for each class of data.

Every rule is a job of its own, taken up once a day, in batches, and resumed after a crash. What is
a subject of its own is handed to erasing, the rest is deleted here. docs/retention.md lists them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import NAMESPACE_OID, UUID, uuid5

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from casemgr.platform import audit, idempotency, outbox, storage
from casemgr.platform.erasure.models import Erasure, State
from casemgr.platform.outbox import Job, JobState

HANDLER = "platform.retain"
BATCH = 200
# A little less than a day, so that the hour of the day does not wander.
DAILY = timedelta(hours=23)
# No worker holds a file without a row for as long as this.
ORPHAN_AGE = timedelta(days=1)

Work = Callable[[int], int]


@dataclass(frozen=True, slots=True)
class Rule:
    """`run` takes at most so many things away and returns how many it found."""

    name: str
    run: Work

    @property
    def subject(self) -> UUID:
        """What its job is about."""
        return uuid5(NAMESPACE_OID, f"homeward retention {self.name}")


_rules: dict[UUID, Rule] = {}


def daily(name: str) -> Callable[[Work], Work]:
    """Register a rule that runs once a day, and again at once while it finds whole batches."""

    def register(work: Work) -> Work:
        rule = Rule(name, work)
        _rules[rule.subject] = rule
        return work

    return register


def rules() -> list[Rule]:
    """Every rule, by name."""
    return sorted(_rules.values(), key=lambda rule: rule.name)


def owe_due() -> int:
    """Owe a job to every rule that has not run within a day; returns how many those are."""
    under_way = Q(state__in=[JobState.WAITING, JobState.RUNNING])
    lately = Q(state=JobState.DONE, finished_at__gt=Now() - DAILY)
    jobs = Job.objects.filter(under_way | lately, handler=HANDLER)
    rested = set(jobs.values_list("subject", flat=True))
    due = [rule for rule in rules() if rule.subject not in rested]
    for rule in due:
        with transaction.atomic():
            outbox.owe(HANDLER, rule.subject)
    return len(due)


@outbox.handler("retention.due", name=HANDLER)
def retain(claim: outbox.Claim) -> None:
    """Run one rule on one batch."""
    rule = _rules.get(claim.subject)
    if rule is None:
        return
    found = rule.run(BATCH)
    with claim.finishing():
        if found >= BATCH:
            outbox.owe(HANDLER, claim.subject)


@daily("stored answers")
def _stored_answers(limit: int) -> int:
    return idempotency.forget_old()


@daily("events and finished jobs")
def _outbox(limit: int) -> int:
    return outbox.forget_old(settings.PERIODS.outbox)


@daily("audit")
def _audit(limit: int) -> int:
    return audit.forget_old()


@daily("steps of finished erasures")
def _erasures(limit: int) -> int:
    old = Erasure.objects.filter(verified_at__lt=Now() - settings.PERIODS.erasure_record)
    return old.filter(state=State.VERIFIED).delete()[0]


@daily("files without a row")
def _orphans(limit: int) -> int:
    return storage.sweep_orphans(storage.known_names(), ORPHAN_AGE)
