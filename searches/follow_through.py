"""The follow-through of a sighting whose child is found and whose family is unknown.

A reviewer takes it in hand and writes down what was done. Nothing of it reaches the reporter: what
they are shown comes from their own words (`evidence.told`), whatever reviewers do.
"""

from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from casemgr.platform import audit
from casemgr.platform.access import Action, Actor, Group, Role, can
from casemgr.platform.errors import Conflict, Forbidden, NotFound
from casemgr.platform.vocabularies import SightingKind
from cases.assignments import require_reason
from cases.querysets import lock
from searches.models import (
    FollowThroughKind,
    FollowThroughStep,
    Sighting,
    SightingAssignment,
)
from searches.querysets import SightingQuerySet

KINDS: Final = (SightingKind.INSTITUTION, SightingKind.SEEKER)
LONGEST: Final = 2_000
# What has to stand before a step.
AFTER: Final = {
    FollowThroughKind.DNA_TAKEN: FollowThroughKind.DNA_ASKED,
    FollowThroughKind.DNA_KEPT: FollowThroughKind.DNA_TAKEN,
}


def followed() -> SightingQuerySet:
    """Sightings of found children and grown seekers that stand."""
    rows: SightingQuerySet = Sighting.objects.filter(kind__in=KINDS, withdrawn_at__isnull=True)
    return rows


def waiting() -> SightingQuerySet:
    """Those that nobody has in hand, the oldest first."""
    held = SightingAssignment.objects.filter(sighting=OuterRef("pk"), released_at__isnull=True)
    return followed().originals().exclude(Exists(held)).order_by("created_at", "pk")


def in_hand(actor: Actor) -> SightingQuerySet:
    """Those that a reviewer has in hand, the latest first; none for who is no reviewer any more."""
    if not actor.has(Role.REVIEWER):
        return followed().none()
    held = SightingAssignment.objects.filter(
        sighting=OuterRef("pk"), reviewer=actor.user_id, released_at__isnull=True
    )
    return followed().filter(Exists(held)).order_by("-created_at", "-pk")


@transaction.atomic
def take(*, actor: Actor, sighting: Sighting) -> SightingAssignment:
    """Take a sighting in hand. Raises Forbidden; NotFound for one's own or of another kind."""
    if not can(actor, Action.CREATE, Group.REVIEWS) or actor.user is None:
        raise Forbidden
    held = followed().filter(pk=sighting.pk).exclude(reporter=actor.user).first()
    if held is None:
        raise NotFound
    assignment, made = SightingAssignment.objects.get_or_create(
        sighting=held, reviewer=actor.user, released_at=None
    )
    if made:
        audit.record(actor, "take_in_hand", "sighting", [held.pk], groups=[Group.SIGHTING])
    return assignment


@transaction.atomic
def put_back(*, actor: Actor, sighting: Sighting) -> None:
    """Put it back; the reviewer sees it no more, unless by a case of theirs."""
    standing = SightingAssignment.objects.filter(
        sighting=sighting, reviewer=actor.user_id, released_at__isnull=True
    )
    if standing.update(released_at=Now()):
        audit.record(actor, "put_back", "sighting", [sighting.pk], groups=[Group.SIGHTING])


@transaction.atomic
def record(
    *, actor: Actor, sighting: Sighting, kind: FollowThroughKind, note: str = ""
) -> FollowThroughStep:
    """Write down that something was done.

    Raises NotFound for who has not the sighting in hand, Conflict for a step that stands already
    or lacks the one before it.
    """
    held = _held(actor, sighting)
    standing = _standing(held)
    if kind in standing:
        raise Conflict("done_before", _("This is written down already."))
    before = AFTER.get(kind)
    if before is not None and before not in standing:
        words = _("First write down: %(step)s.")
        raise Conflict("step_missing", words % {"step": before.label})
    assert actor.user is not None
    step = FollowThroughStep.objects.create(
        sighting=held, kind=kind, by=actor.user, note=note.strip()[:LONGEST]
    )
    audit.record(actor, kind.value, "sighting", [held.pk], groups=[Group.SIGHTING])
    return step


@transaction.atomic
def take_back(*, actor: Actor, sighting: Sighting, kind: FollowThroughKind, reason: str) -> None:
    """Take a step back. Raises Invalid without a reason, Conflict where another rests on it."""
    reason = require_reason(reason)
    held = _held(actor, sighting)
    standing = _standing(held)
    if any(after in standing for after, before in AFTER.items() if before is kind):
        raise Conflict("built_upon", _("A later step rests on this one. Take that back first."))
    rows = held.follow_through.filter(kind=kind, undone_at__isnull=True)
    if not rows.update(undone_at=Now()):
        raise NotFound
    audit.record(actor, "undo", "sighting", [held.pk], groups=[Group.SIGHTING], reason=reason)


def _held(actor: Actor, sighting: Sighting) -> Sighting:
    held: Sighting = lock(Sighting.objects.all(), sighting.pk)
    if held.kind not in KINDS or held.withdrawn_at is not None:
        raise NotFound
    if not can(actor, Action.CREATE, Group.REVIEWS) or not in_hand(actor).filter(pk=held.pk):
        raise NotFound
    return held


def _standing(sighting: Sighting) -> set[str]:
    rows = sighting.follow_through.filter(undone_at__isnull=True)
    return set(rows.values_list("kind", flat=True))
