"""What partners' programs are told of a case: how what is so differs from what they know.

Everybody is told of the public card alone: up, changed, down; and down in the same way whatever
took it down. Partners who read the detail are told what the family is shown, and no earlier.
"""

import hashlib
import json
from uuid import UUID

from casemgr.platform import outbox
from casemgr.platform.outbox import Claim
from casemgr.platform.partners import feed
from casemgr.platform.vocabularies import CaseStatus
from cases import outcome_steps
from cases.models import Case, Consent, ConsentPurpose, StepKind, ToldToPartners
from cases.querysets import shared_with_partner
from cases.serializers import PublicCardSerializer

ENDS = {
    CaseStatus.OPEN: "case.opened",
    CaseStatus.CLOSED: "case.closed",
    CaseStatus.WITHDRAWN: "case.withdrawn",
    CaseStatus.MERGED: "case.withdrawn",
}


@outbox.handler(
    *("case.changed", "case.opened", "case.updated", "case.closed", "case.withdrawn"),
    *("outcome.recorded", "case.erased"),
    name="cases.feed",
)
def tell_partners(claim: Claim) -> None:
    """Bring the feed up to what is so now; told already, it says nothing."""
    with claim.finishing():
        case = Case.objects.select_for_update(of=("self",)).filter(pk=claim.subject).first()
        if case is None:
            feed.forget([claim.subject])
        elif not hasattr(case, "child"):
            _tell_of_shell(case)
        else:
            _tell(case)


def _tell(case: Case) -> None:
    told, _made = ToldToPartners.objects.get_or_create(case=case)
    readers = _readers(case)
    data = {"case": str(case.pk), "reference": case.reference}
    before = ToldToPartners(card=told.card, status=told.status, version=told.version)
    told.card, told.version = _card(case), case.updated_at.isoformat()
    told.status = case.status_to_family
    ended = case.family_told_at is not None and outcome_steps.has_step(case, StepKind.CONFIRMED)
    outcome = ended and not told.outcome
    told.outcome = ended
    told.save(update_fields=["card", "status", "version", "outcome"])
    if told.card != before.card:
        happened = "case.updated"
        if not before.card:
            happened = "case.opened"
        elif not told.card:
            happened = "case.withdrawn"
        feed.append(happened, case.pk, data, besides=readers)
    for reader in readers:
        if told.status != before.status:
            happened = ENDS.get(CaseStatus(told.status), "case.updated")
            feed.append(happened, case.pk, data, partner_id=reader)
        elif (told.card, told.version) != (before.card, before.version):
            feed.append("case.updated", case.pk, data, partner_id=reader)
        if outcome:
            feed.append("outcome.recorded", case.pk, data, partner_id=reader)


def _tell_of_shell(case: Case) -> None:
    """Of an erased case nothing stays in the feed but that it is to be dropped."""
    feed.forget([case.pk])
    if case.ever_public:
        feed.append("case.withdrawn", case.pk, {"case": str(case.pk)})


def _readers(case: Case) -> list[UUID]:
    """Partners who read the detail: the one that filed it, and those it is shared with."""
    shared = Consent.objects.filter(
        case=case, purpose=ConsentPurpose.SHARE, partner__isnull=False, revoked_at__isnull=True
    )
    named = set(shared.values_list("partner_id", flat=True))
    readers = {each for each in named if each and shared_with_partner(each, case.pk).exists()}
    return sorted(readers | ({case.partner_id} if case.partner_id else set()))


def _card(case: Case) -> str:
    """A digest of the public card, which changes when the card does; '' while it is not up."""
    shown = Case.objects.public().with_card().filter(pk=case.pk).first()
    if shown is None:
        return ""
    card = {**PublicCardSerializer(shown).data, "age_now": None}
    plain = json.dumps(card, sort_keys=True, default=str)
    return hashlib.sha256(plain.encode()).hexdigest()
