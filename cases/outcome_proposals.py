"""What partners propose as a case's outcome: received, put before reviewers, and set aside.

The partner learns that it was received and nothing else. So the answer depends on nothing that the
partner may not read: not on whether the child was located, nor on what became of earlier ones.
"""

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from casemgr.platform import audit
from casemgr.platform.access import Action, Actor, Group, can
from casemgr.platform.accounts.models import User
from casemgr.platform.dates import PartialDate
from casemgr.platform.errors import Conflict, Forbidden
from casemgr.platform.notify import services as notices
from casemgr.platform.notify.kinds import Kind, register
from casemgr.platform.vocabularies import IdentityEstablishedBy, OutcomeKind, Situation
from cases import assignments, outcome_rules
from cases.models import LIVE_STATUSES, Case, OutcomeProposal, ProposalEnd
from cases.querysets import lock
from families.models import Guardian
from families.services import kin_with

LONGEST = 4_000
PROPOSED = "outcome_proposed"
# One case joins another only by a reviewer who has both in hand.
KINDS = tuple(kind for kind in OutcomeKind if kind is not OutcomeKind.MERGED)

register(
    Kind(
        code=PROPOSED,
        subject=_("A partner tells how a case ended"),
        body=_("A partner organisation tells how a case ended. The queue says which case."),
        page="queue",
        every=timedelta(hours=1),
    )
)


@transaction.atomic
def receive(
    *,
    actor: Actor,
    case: Case,
    kind: OutcomeKind,
    occurred_at: PartialDate,
    identity_by: Sequence[IdentityEstablishedBy] = (),
    situation_found: Situation | None = None,
    note: str = "",
) -> OutcomeProposal:
    """A program's word on how the case ended; the one before it of its organisation waits no more.

    Raises Forbidden, Invalid for a date that can't be, Conflict where the case is not looked for as
    far as its partner may know.
    """
    held: Case = lock(Case.objects.select_related("family"), case.pk)
    if actor.program is None or not can(actor, Action.CREATE, Group.OUTCOME, held):
        raise Forbidden
    if held.status_to_family not in LIVE_STATUSES:
        raise Conflict("not_live", _("This case is not looked for."))
    outcome_rules.check_date(held, occurred_at)
    partner_id = actor.program.partner_id
    _end(OutcomeProposal.objects.filter(case=held, partner=partner_id), ProposalEnd.REPLACED)
    made = OutcomeProposal(
        case=held,
        partner_id=partner_id,
        kind=kind,
        identity_by=sorted(set(identity_by)),
        situation_found=situation_found or "",
        note=note.strip()[:LONGEST],
    )
    made.occurred_at = occurred_at
    made.save()
    # Its own id, never the case's: a guardian reads which roles looked at the case.
    audit.record(actor, Action.CREATE, "outcome_proposal", [made.pk], groups=[Group.OUTCOME])
    for person in assignments.reviewers_of(held):
        notices.tell(person=person, kind=PROPOSED)
    return made


@transaction.atomic
def set_aside(*, actor: Actor, case: Case, proposal: OutcomeProposal, reason: str) -> None:
    """A reviewer with the case in hand says why nothing comes of it. Raises Conflict, Forbidden."""
    held: Case = lock(Case.objects.select_related("family"), case.pk)
    reviewer = assignments.deciding_user(actor, held)
    if not can(actor, Action.UPDATE, Group.OUTCOME, held):
        raise Forbidden
    reason = assignments.require_reason(reason)
    mine = OutcomeProposal.objects.filter(pk=proposal.pk, case=held)
    if not _end(mine, ProposalEnd.SET_ASIDE, by=reviewer, reason=reason):
        raise Conflict("not_waiting", _("This proposal does not wait any more."))
    audit.record(
        actor,
        "set_aside",
        "outcome_proposal",
        [proposal.pk],
        groups=[Group.OUTCOME],
        reason=reason,
    )


def consider(case: Case, by: User) -> None:
    """A reviewer has proposed an outcome, so what partners said of it waits no more."""
    _end(OutcomeProposal.objects.filter(case=case), ProposalEnd.CONSIDERED, by=by)


def waiting(case: Case) -> "QuerySet[OutcomeProposal]":
    """What partners said of a case's end and nobody has acted on, the latest first."""
    return OutcomeProposal.objects.filter(case=case, ended_at__isnull=True)


def received_from(actor: Actor, case: Case) -> "QuerySet[OutcomeProposal]":
    """All that the program's organisation sent of this case, with the scope to send it."""
    if actor.program is None or not can(actor, Action.CREATE, Group.OUTCOME, case):
        return OutcomeProposal.objects.none()
    return OutcomeProposal.objects.filter(case=case, partner=actor.program.partner_id)


def cases_with_some(actor: Actor) -> "QuerySet[Case]":
    """Cases of which a partner says that they ended, for the queue; none of the reviewer's kin."""
    kin = Guardian.objects.filter(family=OuterRef("family"), user__in=kin_with(actor.user_id))
    some = OutcomeProposal.objects.filter(case=OuterRef("pk"), ended_at__isnull=True)
    return Case.objects.filter(Exists(some), ~Exists(kin)).order_by("created_at", "pk")


def _end(
    proposals: "QuerySet[OutcomeProposal]",
    how: ProposalEnd,
    *,
    by: User | None = None,
    reason: str = "",
) -> int:
    return proposals.filter(ended_at__isnull=True).update(
        ended_at=Now(), ended_as=how, ended_by=by, reason=reason
    )
