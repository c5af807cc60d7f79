"""What reviewers see of pairs of cases, and what they decide on them.

One reviewer's word links two cases, for reviewers to see. Joining them takes two, by the outcome
`merged` of the one that joins the other.
"""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from casemgr.platform import audit
from casemgr.platform.access import Action, Actor, Group, Role, can, relations_of
from casemgr.platform.errors import Conflict, Forbidden, NotFound
from casemgr.platform.vocabularies import LinkKind
from cases import assignments, links
from cases.models import Assignment, Case, CaseLink
from cases.querysets import lock
from families.models import Guardian
from families.services import kin_with
from searches.models import CasePair, PairDecision
from searches.querysets import PAIR_SIDES, CasePairQuerySet


@relations_of(CasePair)
def to_pair(actor: Actor, pair: CasePair) -> Iterable[str]:
    """s: has both of the pair's cases in hand."""
    if actor.user is None:
        return ()
    held = Assignment.objects.filter(
        reviewer=actor.user, released_at__isnull=True, case__in=[pair.left_id, pair.right_id]
    )
    return {"s"} if held.values("case").distinct().count() == len(PAIR_SIDES) else ()


def waiting(actor: Actor) -> CasePairQuerySet:
    """Pairs that nobody has decided on, likeliest first: by reference alone, and whether the actor
    has each case in hand. Those with a case of the actor's kin are left out. One query.
    """
    if actor.user is None or not actor.has(Role.REVIEWER):
        return CasePair.objects.none()
    own = Exists(_kin_of_either(actor))
    in_hand = Assignment.objects.filter(reviewer=actor.user, released_at__isnull=True)
    return (
        CasePair.objects.waiting()
        .exclude(own)
        .select_related("left", "right")
        .annotate(
            left_mine=Exists(in_hand.filter(case=OuterRef("left"))),
            right_mine=Exists(in_hand.filter(case=OuterRef("right"))),
        )
        .order_by("-probability", "id")
    )


def _kin_of_either(actor: Actor) -> "QuerySet[Guardian]":
    either = Q(family=OuterRef("left__family")) | Q(family=OuterRef("right__family"))
    return Guardian.objects.filter(either, user__in=kin_with(actor.user_id))


def opened(actor: Actor, pair_id: UUID) -> CasePair:
    """A pair with all that its page shows. Raises NotFound, also for kin of either child."""
    found = (
        CasePair.objects.visible_to(actor)
        .exclude(Exists(_kin_of_either(actor)))
        .select_related(
            "left__child", "left__alliance", "right__child", "right__alliance", "decided_by"
        )
        .prefetch_related(
            *(f"{side}__{what}" for side in PAIR_SIDES for what in ("child__marks", "photos__face"))
        )
        .filter(pk=pair_id)
        .first()
    )
    if found is None or not can(actor, Action.READ, Group.MATCHES, found):
        raise NotFound
    return found


@transaction.atomic
def decide(*, actor: Actor, pair: CasePair, decision: PairDecision, reason: str) -> CasePair:
    """Settle a pair; unless the children are different, its cases are linked as that.

    Raises Forbidden without both cases in hand and for kin, Invalid without a reason, Conflict
    where it is settled or one of the cases is over.
    """
    held = _held(actor, pair)
    reason = assignments.require_reason(reason)
    if held.decision:
        raise Conflict("already_decided", _("Somebody has decided on this pair already."))
    if decision is not PairDecision.DIFFERENT:
        links.link(
            actor=actor,
            case=held.left,
            other=held.right,
            kind=LinkKind(decision),
            found_in_review=True,
        )
    CasePair.objects.filter(pk=held.pk).update(
        decision=decision, decided_by=actor.user, decided_at=Now(), reason=reason, news=[]
    )
    _record(actor, Action.CREATE, held, reason)
    held.refresh_from_db()
    return held


@transaction.atomic
def take_back(*, actor: Actor, pair: CasePair, reason: str) -> CasePair:
    """Ask about a settled pair once more; the link that the decision made goes.

    Raises as `decide`, and Conflict once one of the cases was joined with the other.
    """
    held = _held(actor, pair)
    reason = assignments.require_reason(reason)
    if not held.decision:
        raise Conflict("not_decided", _("Nobody has decided on this pair yet."))
    CaseLink.objects.filter(
        one=held.left_id, other=held.right_id, kind=held.decision, found_in_review=True
    ).delete()
    CasePair.objects.filter(pk=held.pk).update(
        decision="", decided_by=None, decided_at=None, reason=""
    )
    _record(actor, "undo", held, reason)
    held.refresh_from_db()
    return held


def _held(actor: Actor, pair: CasePair) -> CasePair:
    """The pair, locked after its cases, for a reviewer who decides on both of them."""
    ids = [pair.left_id, pair.right_id]
    cases = {
        case.pk: case
        for case in Case.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk__in=ids)
        .order_by("pk")
    }
    held: CasePair = lock(CasePair.objects.all(), pair.pk)
    held.left, held.right = cases[held.left_id], cases[held.right_id]
    for case in (held.left, held.right):
        assignments.deciding_user(actor, case)
    if not can(actor, Action.CREATE, Group.REVIEWS, held):
        raise Forbidden
    if not (held.left.is_live and held.right.is_live):
        raise Conflict("not_live", _("One of these cases is not looked for any more."))
    return held


def _record(actor: Actor, act: Action | str, pair: CasePair, reason: str) -> None:
    audit.record(
        actor,
        act,
        "case_pair",
        [pair.pk, pair.left_id, pair.right_id],
        groups=[Group.REVIEWS],
        reason=reason,
    )
