"""A case's way: draft → submitted → verified → open → located → closed; withdrawn from any."""

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from casemgr.platform import audit, outbox
from casemgr.platform.access import Action, Actor, Group, Role, can
from casemgr.platform.errors import Conflict, Forbidden
from casemgr.platform.vocabularies import CaseStatus
from cases import rules
from cases.models import LIVE_STATUSES, Approval, Case, CaseFace, Consent, ConsentPurpose
from cases.querysets import lock
from cases.services import announce

# The steps that exist, and whether a guardian may take them or only a reviewer.
STEPS: dict[tuple[CaseStatus, CaseStatus], bool] = {
    (CaseStatus.DRAFT, CaseStatus.SUBMITTED): True,
    (CaseStatus.SUBMITTED, CaseStatus.VERIFIED): False,
    (CaseStatus.VERIFIED, CaseStatus.OPEN): False,
    (CaseStatus.OPEN, CaseStatus.LOCATED): False,
    (CaseStatus.LOCATED, CaseStatus.OPEN): False,
    (CaseStatus.LOCATED, CaseStatus.CLOSED): False,
    (CaseStatus.CLOSED, CaseStatus.OPEN): False,
} | {
    (status, CaseStatus.WITHDRAWN): True
    for status in CaseStatus
    if status not in {CaseStatus.WITHDRAWN, CaseStatus.MERGED}
}


@transaction.atomic
def transition(*, actor: Actor, case: Case, to: CaseStatus, reason: str = "") -> Case:
    """Take one step; leaving `open` takes the public card down in the same write.

    Raises Forbidden, Conflict (no such step from here) or Invalid (not ready to submit).
    """
    held: Case = lock(Case.objects.select_related("child"), case.pk)
    before = CaseStatus(held.status)
    guardian_may = STEPS.get((before, to))
    if guardian_may is None:
        raise Conflict(
            "no_such_step",
            _("A case that is %(before)s can't become %(to)s.")
            % {"before": before.label, "to": to.label},
        )
    if not can(actor, Action.UPDATE, Group.CASE_DETAIL, held):
        raise Forbidden
    if not guardian_may and not actor.has(Role.REVIEWER):
        raise Forbidden(_("Only a reviewer can take this step."))
    if to is CaseStatus.SUBMITTED:
        rules.check_submittable(held)
    _move(held, to)
    audit.record(
        actor, f"to_{to.value}", "case", [held.pk], groups=[Group.CASE_DETAIL], reason=reason
    )
    announce(held)
    if to is CaseStatus.OPEN:
        outbox.publish("case.opened", held.pk)
    if to is CaseStatus.WITHDRAWN:
        outbox.publish("case.withdrawn", held.pk)
    if to is CaseStatus.CLOSED:
        outbox.publish("case.closed", held.pk)
    return held


def _move(case: Case, to: CaseStatus) -> None:
    case.status = to
    if to is not CaseStatus.OPEN and case.public_since is not None:
        _take_down(case)
    case.save(update_fields=["status", "public_since", "updated_at"])
    CaseFace.objects.filter(photo__case=case).update(live=to in LIVE_STATUSES)


def _take_down(case: Case) -> None:
    case.public_since = None
    Approval.objects.filter(case=case, ended_at__isnull=True).update(ended_at=Now())


@transaction.atomic
def approve_publication(*, actor: Actor, case: Case) -> bool:
    """One reviewer's yes to showing an open, consented case; the second one's puts the card up.

    Returns whether the card is up now.
    """
    held: Case = lock(Case.objects.all(), case.pk)
    if not can(actor, Action.PUBLISH, Group.PUBLIC_CARD) or actor.user is None:
        raise Forbidden
    if not can(actor, Action.READ, Group.CASE_DETAIL, held):
        raise Forbidden
    if held.status != CaseStatus.OPEN or not _consented(held):
        raise Conflict(
            "not_publishable",
            _("A case is shown only while it is open and its guardian has agreed to it."),
        )
    Approval.objects.get_or_create(case=held, reviewer=actor.user, ended_at=None)
    audit.record(actor, Action.PUBLISH, "case", [held.pk], groups=[Group.PUBLIC_CARD])
    if Approval.objects.filter(case=held, ended_at__isnull=True).count() < 2:
        return False
    if held.public_since is None:
        _put_up(held)
    return True


def _consented(case: Case) -> bool:
    return Consent.objects.filter(
        case=case, purpose=ConsentPurpose.PUBLISH, revoked_at__isnull=True
    ).exists()


def _put_up(case: Case) -> None:
    case.ever_public = True
    case.save(update_fields=["ever_public"])
    Case.objects.filter(pk=case.pk).update(public_since=Now())
    mark_public_photos(case)
    outbox.publish("case.updated", case.pk)


def mark_public_photos(case: Case) -> None:
    """Remember which photos the public could have copied from now on."""
    case.photos.filter(consent_public=True, ever_public=False).update(ever_public=True)


@transaction.atomic
def unpublish(*, actor: Actor, case: Case, reason: str) -> None:
    """Take the card down at once; one reviewer or guardian is enough."""
    held: Case = lock(Case.objects.all(), case.pk)
    if not can(actor, Action.UPDATE, Group.CASE_DETAIL, held):
        raise Forbidden
    _take_down(held)
    held.save(update_fields=["public_since", "updated_at"])
    audit.record(actor, "unpublish", "case", [held.pk], groups=[Group.PUBLIC_CARD], reason=reason)
    outbox.publish("case.updated", held.pk)


@transaction.atomic
def revoke_consent(*, actor: Actor, consent: Consent) -> None:
    """A guardian takes a yes back; without any left, publicity ends in the same write."""
    case: Case = lock(Case.objects.all(), consent.case_id)
    if not can(actor, Action.UPDATE, Group.CASE_DETAIL, case):
        raise Forbidden
    Consent.objects.filter(pk=consent.pk, revoked_at__isnull=True).update(revoked_at=Now())
    audit.record(actor, Action.ERASE, "consent", [consent.pk], groups=[Group.CASE_DETAIL])
    if case.public_since is not None and not _consented(case):
        unpublish(actor=actor, case=case, reason="consent taken back")
