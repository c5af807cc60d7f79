"""Claims to be somebody to a child, tested by two reviewers against facts that were never shown.

The claimant is told one thing, whatever becomes of it. Facts and statement are seen by the two
testers and by nobody else, and neither tester sees what the other one heard before saying what they
make of it. A yes counts only after a cooling-off; a refusal counts at once.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from casemgr.platform import audit
from casemgr.platform.access import Action, Actor, Group, Role, can
from casemgr.platform.accounts.models import User
from casemgr.platform.errors import Conflict, Forbidden, Invalid, NotFound
from casemgr.platform.storage import StoredFiles
from cases import assignments, second_seat
from cases.models import (
    Case,
    Claim,
    ClaimAnswer,
    ClaimPaper,
    ClaimTester,
    Verdict,
    WithheldFact,
)
from cases.querysets import lock
from families.services import kin_with, related

COOLING_OFF = timedelta(hours=48)
# A refused claimant who tries again within this time is told the same, and nothing is opened.
AGAIN_AFTER = timedelta(days=30)
TESTERS = 2
LONGEST = 10_000
PAPER_BYTES = 15 * 1024 * 1024


@transaction.atomic
def enter_fact(*, actor: Actor, case: Case, text: str) -> None:
    """Keep a fact that only the true family knows. From now on not even its writer is shown it."""
    if not can(actor, Action.CREATE, Group.CLAIM_FACTS, case):
        raise Forbidden
    fact = WithheldFact.objects.create(case=case, text=_words(text, "text"), entered_by=actor.user)
    audit.record(actor, Action.CREATE, "withheld_fact", [fact.pk], groups=[Group.CLAIM_FACTS])


@transaction.atomic
def make_claim(*, actor: Actor, case: Case, statement: str, claimant: User | None = None) -> None:
    """Somebody who speaks for a case, or leads its alliance, says who they are to the child.

    A reviewer with the case in hand writes one down for a `claimant` who came in person. Nothing is
    answered, so that a first claim, a second and one after a refusal are all told the same.
    """
    words = _words(statement, "statement")
    if not can(actor, Action.CREATE, Group.CLAIM_FACTS, case) or actor.user is None:
        raise Forbidden
    if claimant is not None:
        assignments.deciding_user(actor, case)
    elif actor.has(Role.REVIEWER) and assignments.decides(actor, case):
        raise Invalid({"claimant": ("required", _("Say whose claim this is."))})
    who = claimant or actor.user
    lock(Case.objects.all(), case.pk)
    theirs = Claim.objects.filter(case=case, claimant=who)
    if theirs.filter(
        Q(decided_at__isnull=True) | Q(verdict=Verdict.REFUSE, decided_at__gt=Now() - AGAIN_AFTER)
    ).exists():
        audit.record(actor, "claim_again", "claim", [case.pk], groups=[Group.CLAIM_FACTS])
        return
    claim = Claim.objects.create(
        case=case, claimant=who, statement=words, cooling_until=Now() + COOLING_OFF
    )
    audit.record(actor, Action.CREATE, "claim", [claim.pk], groups=[Group.CLAIM_FACTS])


def add_paper(*, actor: Actor, case: Case, note: str, data: bytes = b"") -> None:
    """Seal a document (up to 15 MB) that shows who somebody is to the child."""
    if not can(actor, Action.CREATE, Group.CLAIM_FACTS, case):
        raise Forbidden
    if len(data) > PAPER_BYTES:
        raise Invalid({"file": ("too_large", _("This file is larger than 15 MB."))})
    with StoredFiles() as files, transaction.atomic():
        paper = ClaimPaper.objects.create(
            case=case,
            claim=Claim.objects.filter(
                case=case, claimant=actor.user, decided_at__isnull=True
            ).first(),
            note=_words(note, "note"),
            sealed_file=files.seal(data).name if data else "",
        )
        audit.record(actor, Action.CREATE, "claim_paper", [paper.pk], groups=[Group.CLAIM_FACTS])


def waiting(actor: Actor) -> "QuerySet[Claim]":
    """Undecided claims of the cases that a reviewer has in hand; what is in them is `opened`."""
    if not actor.has(Role.REVIEWER):
        return Claim.objects.none()
    return (
        Claim.objects.filter(
            decided_at__isnull=True,
            case__assignments__reviewer=actor.user_id,
            case__assignments__released_at__isnull=True,
        )
        .exclude(claimant=actor.user_id)
        .order_by("made_at", "id")
        .defer("statement")
    )


@transaction.atomic
def take_claim(*, actor: Actor, claim: Claim) -> ClaimTester:
    """Become one of a claim's two testers.

    Raises NotFound without the case in hand, Forbidden for kin of the case or of the claimant,
    Conflict when two have it or it is decided.
    """
    held: Claim = lock(Claim.objects.select_related("case"), claim.pk)
    if not assignments.decides(actor, held.case):
        raise NotFound
    reviewer = assignments.deciding_user(actor, held.case)
    if reviewer.pk == held.claimant_id or related(reviewer.pk, held.claimant_id):
        raise Forbidden(_("You are too close to this claim to test it."))
    mine = held.testers.filter(reviewer=reviewer).first()
    if mine is not None:
        return mine
    _refuse_if_decided(held)
    earlier = set(held.testers.values_list("reviewer_id", flat=True))
    if len(earlier) >= TESTERS:
        raise Conflict("claim_taken", _("Two reviewers are testing this claim already."))
    if earlier:
        assignments.require_another(
            actor,
            held.case,
            earlier=earlier,
            subject=("claim", held.pk),
            group=Group.CLAIM_FACTS,
            not_one_of=[held.claimant_id],
        )
    tester = ClaimTester.objects.create(claim=held, reviewer=reviewer)
    audit.record(actor, "take_claim", "claim", [held.pk], groups=[Group.CLAIM_FACTS])
    second_seat.settle("claim", held.pk)
    return tester


@second_seat.subject("claim")
def _waits_for_second(claim_id: UUID) -> second_seat.Waiting | None:
    """An undecided claim that one reviewer tests; nobody close to the claimant can be second."""
    claim = Claim.objects.filter(pk=claim_id, decided_at__isnull=True).first()
    testers = set(ClaimTester.objects.filter(claim=claim_id).values_list("reviewer_id", flat=True))
    if claim is None or len(testers) != 1:
        return None
    close = kin_with(claim.claimant_id).values_list("user_id", flat=True)
    return second_seat.Waiting(claim.case, testers, barred={claim.claimant_id, *close})


@dataclass(frozen=True, slots=True)
class OpenedClaim:
    """What a tester works with: the claimant's words, the facts, the papers, their own answers."""

    statement: str
    facts: tuple[WithheldFact, ...]
    papers: tuple[ClaimPaper, ...]
    answers: dict[WithheldFact, bool]


@transaction.atomic
def opened(*, actor: Actor, claim: Claim) -> OpenedClaim:
    """A claim as its testers see it, until it is decided. Raises NotFound for everybody else."""
    tester = _tester(actor, claim)
    facts = tuple(_facts(claim))
    papers = tuple(ClaimPaper.objects.filter(Q(claim=claim) | Q(case=claim.case, claim=None)))
    audit.record(
        actor,
        Action.READ,
        "claim",
        [claim.pk, *(fact.pk for fact in facts), *(paper.pk for paper in papers)],
        groups=[Group.CLAIM_FACTS],
    )
    heard = {answer.fact_id: answer.agrees for answer in tester.answers.all()}
    return OpenedClaim(
        statement=tester.claim.statement,
        facts=facts,
        papers=papers,
        answers={fact: heard[fact.pk] for fact in facts if fact.pk in heard},
    )


@transaction.atomic
def record_answer(*, actor: Actor, claim: Claim, fact: WithheldFact, agrees: bool) -> None:
    """A tester writes down whether one answer agreed with one fact; once, for good."""
    tester = _tester(actor, claim)
    if not _facts(claim).filter(pk=fact.pk).exists():
        raise NotFound
    _answer, made = ClaimAnswer.objects.get_or_create(
        tester=tester, fact=fact, defaults={"agrees": agrees}
    )
    if not made:
        raise Conflict("answered", _("You have written down an answer to this already."))
    audit.record(actor, "test_claim", "claim", [claim.pk, fact.pk], groups=[Group.CLAIM_FACTS])


@transaction.atomic
def give_verdict(*, actor: Actor, claim: Claim, verdict: Verdict, reason: str) -> Claim:
    """A tester says what they make of the claim. One refusal refuses it, two yes release it.

    Raises Conflict before every fact was asked about, for a yes within the cooling-off, and for a
    second verdict of the same tester.
    """
    held: Claim = lock(Claim.objects.all(), claim.pk)
    tester = _tester(actor, held)
    reason = assignments.require_reason(reason)
    if tester.verdict:
        raise Conflict("decided_by_you", _("You have said what you make of this claim."))
    if verdict is Verdict.RELEASE:
        asked = tester.answers.values("fact")
        if not asked.exists():
            raise Conflict(
                "no_facts",
                _("There is no fact to test this claim with. Enter one that the child knows."),
            )
        if _facts(held).exclude(pk__in=asked).exists():
            raise Conflict("facts_left", _("Ask about every fact before you say yes."))
        if Claim.objects.filter(pk=held.pk, cooling_until__gt=Now()).exists():
            raise Conflict(
                "cooling_off", _("It is too early for a yes. Let the cooling-off pass first.")
            )
    ClaimTester.objects.filter(pk=tester.pk).update(verdict=verdict, reason=reason, voted_at=Now())
    yes = held.testers.filter(verdict=Verdict.RELEASE).count()
    if verdict is Verdict.REFUSE or yes == TESTERS:
        Claim.objects.filter(pk=held.pk).update(verdict=verdict, decided_at=Now())
    second_seat.settle("claim", held.pk)
    audit.record(actor, f"verdict_{verdict.value}", "claim", [held.pk], groups=[Group.CLAIM_FACTS])
    held.refresh_from_db(fields=["verdict", "decided_at"])
    return held


def _tester(actor: Actor, claim: Claim) -> ClaimTester:
    """The actor's part in an undecided claim, while they have the case in hand."""
    tester = (
        ClaimTester.objects.filter(
            claim=claim, reviewer=actor.user_id, claim__decided_at__isnull=True
        )
        .select_related("claim__case")
        .first()
    )
    if tester is None or not assignments.decides(actor, tester.claim.case):
        raise NotFound
    return tester


def _facts(claim: Claim) -> "QuerySet[WithheldFact]":
    """The facts that a claim is tested with: none that the claimant entered."""
    facts = WithheldFact.objects.filter(case=claim.case_id)
    return facts.exclude(entered_by=claim.claimant_id).order_by("created_at", "id")


def _refuse_if_decided(claim: Claim) -> None:
    if claim.decided_at is not None:
        raise Conflict("already_decided", _("This claim has been decided."))


def _words(text: str, pointer: str) -> str:
    words = text.strip()
    if not words:
        raise Invalid({pointer: ("required", _("Please write a few words."))})
    if len(words) > LONGEST:
        raise Invalid({pointer: ("too_long", _("This is too long. Please shorten it."))})
    return words
