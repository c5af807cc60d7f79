"""The way of a case to its outcome: step by step, and decided by two.

Authorities informed → a named reviewer speaks to the guardian (`lifecycle.record_family_told`) →
located → identity established → wishes → an outcome proposed → a second reviewer agrees, which ends
the case. Everything here is for reviewers with the case in hand; of the place nobody else learns.
"""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from casemgr.platform import audit, outbox, places, storage
from casemgr.platform.access import Action, Actor, Group, can
from casemgr.platform.accounts.models import User
from casemgr.platform.dates import PartialDate
from casemgr.platform.errors import Conflict, Forbidden, Invalid, NotFound
from casemgr.platform.storage import StoredFiles
from casemgr.platform.vocabularies import (
    CaseStatus,
    IdentityEstablishedBy,
    Obstacle,
    OutcomeKind,
    Situation,
)
from cases import (
    assignments,
    follow_ups,
    lifecycle,
    outcome_proposals,
    outcome_rules,
    outcome_steps,
    second_seat,
)
from cases.models import LIVE_STATUSES, Case, ContactWish, Outcome, StepKind
from cases.querysets import lock

LONGEST = 4_000
EVIDENCE_BYTES = 15 * 1024 * 1024


@transaction.atomic
def inform_authorities(*, actor: Actor, case: Case, authority: str) -> Outcome:
    """Write down which authority was told, with its reference: the first step of every way."""
    held, reviewer = _held(actor, case)
    outcome = _under_way(held) or Outcome(case=held)
    outcome.authority = _words(authority, "authority")
    outcome.save()
    return _taken(actor, outcome, StepKind.INFORMED, reviewer)


@transaction.atomic
def record_located(*, actor: Actor, case: Case, place: str) -> Outcome:
    """The child was found. Where they are is sealed; the public card comes down in this write.

    Raises Conflict before the authorities were informed, and for a place once it is hidden.
    """
    held, reviewer = _held(actor, case)
    outcome = _after(held, StepKind.INFORMED)
    place = place.strip()[:LONGEST]
    if place and Outcome.objects.filter(case=held, place_hidden=True).exists():
        raise Conflict("place_hidden", _("This person wants no contact. No place is kept."))
    outcome.place = place or None
    province = places.province_of(unit.code) if (unit := places.find(place)) else None
    outcome.found_province = province.code[:2] if province else ""
    outcome.save(update_fields=["place", "found_province", "updated_at"])
    if held.status == CaseStatus.OPEN:
        lifecycle.move(actor, held, CaseStatus.LOCATED)
    return _taken(actor, outcome, StepKind.LOCATED, reviewer)


def establish_identity(
    *,
    actor: Actor,
    case: Case,
    by: Sequence[IdentityEstablishedBy],
    who: str,
    note: str = "",
    evidence: bytes = b"",
) -> Outcome:
    """Who the child is: how, by whom, and up to 15 MB of evidence, all sealed.

    Raises Invalid without a way or a name, Conflict before the authorities were informed.
    """
    if len(evidence) > EVIDENCE_BYTES:
        raise Invalid({"evidence": ("too_large", _("This file is larger than 15 MB."))})
    if not by:
        raise Invalid({"identity_by": ("required", _("Say how it was established."))})
    with StoredFiles() as files, transaction.atomic():
        held, reviewer = _held(actor, case)
        outcome = _after(held, StepKind.INFORMED)
        outcome.identity_by = sorted(set(by))
        outcome.identity_who = _words(who, "identity_who")
        outcome.identity_note = note.strip()[:LONGEST]
        if evidence:
            sealed = files.seal(evidence)
            outcome.evidence_file, outcome.evidence_sha256 = sealed.name, sealed.sha256
        outcome.save(
            update_fields=[
                "identity_by",
                "identity_who",
                "identity_note",
                "evidence_file",
                "evidence_sha256",
                "updated_at",
            ]
        )
        return _taken(actor, outcome, StepKind.IDENTITY, reviewer)


def open_evidence(*, actor: Actor, case: Case, reason: str) -> bytes:
    """The sealed document of the outcome that stands, for who has the case in hand and says why.

    The look is written down with its reason before a byte is read. Raises Invalid without a reason,
    NotFound where there is none, FileDamaged where it is not what was sealed.
    """
    assignments.deciding_user(actor, case)
    outcome = outcome_steps.standing(case)
    if not can(actor, Action.READ, Group.OUTCOME, case) or outcome is None:
        raise NotFound
    if not outcome.evidence_file:
        raise NotFound
    reason = assignments.require_reason(reason)
    audit.record(
        actor, "open_evidence", "outcome", [outcome.pk], groups=[Group.OUTCOME], reason=reason
    )
    if not outcome.evidence_sha256:  # sealed before digests were kept
        return storage.unseal_unchecked(outcome.evidence_file)
    return storage.unseal(outcome.evidence_file, sha256=outcome.evidence_sha256)


@transaction.atomic
def record_wishes(
    *, actor: Actor, case: Case, wish: ContactWish, child_words: str, guardian_words: str = ""
) -> Outcome:
    """What the child and the guardian want. A no to contact hides the place at once, for ever."""
    held, reviewer = _held(actor, case)
    outcome = _after(held, StepKind.LOCATED)
    outcome.child_wish = wish
    outcome.child_words = child_words.strip()[:LONGEST]
    outcome.guardian_words = guardian_words.strip()[:LONGEST]
    outcome.save(update_fields=["child_wish", "child_words", "guardian_words", "updated_at"])
    if wish is ContactWish.DECLINES:
        _hide_place(held)
        outcome.refresh_from_db(fields=["place", "place_hidden"])
    return _taken(actor, outcome, StepKind.WISHES, reviewer)


@transaction.atomic
def propose(
    *,
    actor: Actor,
    case: Case,
    kind: OutcomeKind,
    occurred_at: PartialDate,
    situation_found: Situation | None = None,
    obstacle: Obstacle | None = None,
    note: str = "",
    merged_into: Case | None = None,
) -> Outcome:
    """One reviewer's word on how the case ended; it decides nothing before a second one's.

    Raises Conflict where a step is missing, the identity is not proven, the child's wish is
    another, or an outcome is proposed already; Invalid for a date that can't be.
    """
    held, reviewer = _held(actor, case)
    outcome = _under_way(held) or Outcome.objects.create(case=held)
    if StepKind.PROPOSED in outcome.standing_steps():
        raise Conflict("already_proposed", _("An outcome is proposed already. Take it back first."))
    if merged_into is not None and (
        merged_into.pk == held.pk or not assignments.decides(actor, merged_into)
    ):
        raise Invalid({"merged_into": ("unknown_case", _("You have no other such case in hand."))})
    outcome.kind, outcome.occurred_at = kind, occurred_at
    outcome.situation_found, outcome.obstacle = situation_found or "", obstacle or ""
    outcome.note, outcome.merged_into = note.strip()[:LONGEST], merged_into
    outcome_rules.check(outcome, outcome.standing_steps())
    outcome.save()
    outcome_proposals.consider(held, reviewer)
    _taken(actor, outcome, StepKind.PROPOSED, reviewer)
    second_seat.settle("outcome", outcome.pk)
    return outcome


@second_seat.subject("outcome")
def _waits_for_second(outcome_id: UUID) -> second_seat.Waiting | None:
    """An outcome that one reviewer has proposed."""
    outcome = Outcome.objects.filter(pk=outcome_id, ended_at__isnull=True).first()
    steps = outcome.standing_steps() if outcome is not None else {}
    if outcome is None or StepKind.PROPOSED not in steps or StepKind.CONFIRMED in steps:
        return None
    return second_seat.Waiting(outcome.case, {steps[StepKind.PROPOSED].by_id})


@transaction.atomic
def confirm(*, actor: Actor, case: Case) -> Outcome:
    """A second reviewer agrees, and the case ends. The family is told nothing by this.

    Raises Conflict for the same reviewer, where nothing is proposed or no longer holds; Forbidden
    for an ally of the first one while somebody else could do it.
    """
    held, reviewer = _held(actor, case, Action.APPROVE)
    outcome = _after(held, StepKind.PROPOSED)
    steps = outcome.standing_steps()
    assignments.require_another(
        actor,
        held,
        earlier={steps[StepKind.PROPOSED].by_id},
        subject=("outcome", outcome.pk),
        group=Group.OUTCOME,
    )
    outcome.case = held
    outcome_rules.check(outcome, steps)
    kind = OutcomeKind(outcome.kind)
    outcome.came_from = held.status
    outcome.save(update_fields=["came_from", "updated_at"])
    if kind is OutcomeKind.DECLINES_CONTACT:
        _hide_place(held)
    lifecycle.move(actor, held, outcome_rules.ENDS_AS.get(kind, CaseStatus.CLOSED))
    _taken(actor, outcome, StepKind.CONFIRMED, reviewer)
    second_seat.settle("outcome", outcome.pk)
    follow_ups.schedule(outcome)
    if held.family_told_at is not None:
        outbox.publish(outcome_steps.RECORDED, held.pk)
    return outcome


def _held(actor: Actor, case: Case, action: Action = Action.UPDATE) -> tuple[Case, User]:
    """The case, locked and looked for still, and the reviewer who may work on its outcome."""
    held: Case = lock(Case.objects.select_related("family"), case.pk)
    reviewer = assignments.deciding_user(actor, held)
    if not can(actor, action, Group.OUTCOME, held):
        raise Forbidden
    if held.status not in LIVE_STATUSES:
        raise Conflict("not_live", _("This case is not looked for any more. Open it again first."))
    return held, reviewer


def _under_way(case: Case) -> Outcome | None:
    outcome = outcome_steps.standing(case)
    if outcome is not None:
        outcome.case = case
    return outcome


def _after(case: Case, before: StepKind) -> Outcome:
    """The outcome under way, on which `before` was done; raises Conflict."""
    outcome = _under_way(case)
    if outcome is None or before not in outcome.standing_steps():
        raise Conflict(
            "steps_missing", _("Not yet: %(step)s. This comes first.") % {"step": before.label}
        )
    return outcome


def _taken(actor: Actor, outcome: Outcome, kind: StepKind, by: User) -> Outcome:
    """Write the step down. The outcome's own id, never the case's: a guardian may read about it."""
    outcome_steps.add(outcome, kind, by)
    audit.record(actor, kind.value, "outcome", [outcome.pk], groups=[Group.OUTCOME])
    return outcome


def _hide_place(case: Case) -> None:
    """Empty every place that was ever kept for this case."""
    Outcome.objects.filter(case=case).update(place=None, found_province="", place_hidden=True)


def _words(text: str, pointer: str) -> str:
    words = text.strip()
    if not words:
        raise Invalid({pointer: ("required", _("Please write a few words."))})
    return words[:LONGEST]
