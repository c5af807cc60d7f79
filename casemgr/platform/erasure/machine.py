"""The way of an erasure: each step is one transaction, and knows by its row where it stands.

A crash between two steps, or within one, leaves a row that the next run takes up again.
"""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import models, transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgr.platform import audit, idempotency, outbox, storage
from casemgr.platform.access import Action, Actor, Group, can
from casemgr.platform.audit.subjects import forget as forget_in_audit
from casemgr.platform.erasure import ledger
from casemgr.platform.erasure.models import OPEN_STATES, Erasure, Kind, LegalHold, State, Why
from casemgr.platform.erasure.parts import Holdings, holdings_of, parts_of
from casemgr.platform.errors import Conflict, Forbidden
from casemgr.platform.partners import feed

HANDLER = "platform.erase"
# What is not erased this long after it was due is late: 24 h in all are promised.
LATE = timedelta(hours=1)


def ask(*, actor: Actor, kind: Kind, obj: models.Model) -> Erasure:
    """Somebody asks for what is theirs, or an officer for anything. Raises Forbidden.

    A sighting or an account goes by its person's own word; a case, and whatever an officer begins,
    needs a second person (`approve`).
    """
    own_account = kind is Kind.ACCOUNT and actor.user_id == obj.pk
    if not own_account and not can(actor, Action.ERASE, Group.EXPORTS, obj):
        raise Forbidden
    why = Why.OFFICER if is_officer(actor) and not own_account else Why.PERSON
    return request(kind, obj.pk, why=why, actor=actor)


@transaction.atomic
def request(kind: Kind, subject: UUID, *, why: Why, actor: Actor | None = None) -> Erasure:
    """Begin an erasure and hide its subject in the same transaction; twice is as good as once.

    The caller has asked whether `actor` may; None is the clock or a restore.
    """
    needs_two = why is Why.OFFICER or (why is Why.PERSON and kind is Kind.CASE)
    found = Erasure.objects.filter(kind=kind, subject=subject, state__in=OPEN_STATES).first()
    if found is not None and (found.state != State.REQUESTED or needs_two):
        return found
    made = found or Erasure.objects.create(
        kind=kind,
        subject=subject,
        why=why,
        state=State.REQUESTED,
        requested_by=actor.user_id if actor else None,
    )
    if actor is not None:
        audit.record(actor, Action.ERASE, kind, [subject], groups=[Group.EXPORTS])
    if needs_two:
        _hide(made, fully=False)
    else:
        _agree(made, wait=why is Why.PERSON)
    return made


@transaction.atomic
def approve(*, actor: Actor, erasure: Erasure) -> None:
    """A data-protection officer, another person than who asked, agrees. Raises Forbidden."""
    held = _locked(erasure.pk)
    _check_second_person(actor, held)
    Erasure.objects.filter(pk=held.pk).update(approved_by=actor.user_id)
    audit.record(actor, Action.APPROVE, held.kind, [held.subject], groups=[Group.EXPORTS])
    _agree(held, wait=True)


@transaction.atomic
def refuse(*, actor: Actor, erasure: Erasure, reason: str) -> None:
    """A data-protection officer says no, and why; its people may put it up again. As `approve`."""
    held = _locked(erasure.pk)
    _check_second_person(actor, held)
    Erasure.objects.filter(pk=held.pk).update(state=State.REFUSED)
    audit.record(
        actor, "refuse_erasure", held.kind, [held.subject], groups=[Group.EXPORTS], reason=reason
    )


def is_officer(actor: Actor) -> bool:
    """Whether the actor may erase whatever it is, together with a second person."""
    return can(actor, Action.ERASE, Group.EXPORTS)


def _check_second_person(actor: Actor, erasure: Erasure) -> None:
    if erasure.state != State.REQUESTED:
        raise Conflict("erasure_decided", _("This has been decided already."))
    if not is_officer(actor) or actor.user_id in (None, erasure.requested_by):
        raise Forbidden(_("This needs a data-protection officer who did not ask for it."))


def _agree(erasure: Erasure, *, wait: bool) -> None:
    """From here on it goes by itself. `wait`: two people may still place a legal hold."""
    hours = settings.ERASURE_WAIT_HOURS if wait else 0
    due_at = timezone.now() + timedelta(hours=hours)
    Erasure.objects.filter(pk=erasure.pk).update(state=State.HIDDEN, due_at=due_at)
    erasure.state, erasure.due_at = State.HIDDEN, due_at
    _hide(erasure, fully=True)
    if hours == 0:
        outbox.owe(HANDLER, erasure.pk)


def _hide(erasure: Erasure, *, fully: bool) -> None:
    for each in parts_of(erasure.kind):
        each.hide(erasure.subject, fully=fully)
    Erasure.objects.filter(pk=erasure.pk, hidden_at__isnull=True).update(hidden_at=Now())


def _locked(erasure_id: UUID) -> Erasure:
    return Erasure.objects.select_for_update().get(pk=erasure_id)


def is_held(kind: str, subject: UUID) -> bool:
    """Whether two people keep it from being erased now."""
    holds = LegalHold.objects.filter(kind=kind, subject=subject, ended_at__isnull=True)
    return holds.filter(confirmed_by__isnull=False, expires_at__gt=Now()).exists()


def is_kept(erasure: Erasure) -> bool:
    """By two people or by law. Nothing keeps what had been erased and a restore brought back."""
    if erasure.why == Why.RESTORE:
        return False
    needed = any(each.is_needed(erasure.subject) for each in parts_of(erasure.kind))
    return needed or is_held(erasure.kind, erasure.subject)


def step(erasure_id: UUID) -> bool:
    """Take the next step, if there is one and it is due; returns whether one was taken."""
    state = Erasure.objects.filter(pk=erasure_id).values_list("state", flat=True).first()
    if state == State.HIDDEN:
        return _erase_rows(erasure_id)
    if state == State.ERASING:
        return _remove_files(erasure_id)
    return False


def run(erasure_id: UUID) -> None:
    """Take every step that is due."""
    while step(erasure_id):
        pass


def advance_due() -> int:
    """Owe work to every erasure whose time has come; returns how many there are."""
    due = Erasure.objects.filter(state__in=[State.HIDDEN, State.ERASING], due_at__lte=Now())
    ids = [erasure.pk for erasure in due.order_by("due_at") if not is_kept(erasure)]
    for erasure_id in ids:
        with transaction.atomic():
            outbox.owe(HANDLER, erasure_id)
    return len(ids)


@outbox.handler("erasure.due", name=HANDLER)
def erase(claim: outbox.Claim) -> None:
    """Take an erasure as far as it goes."""
    run(claim.subject)


def _erase_rows(erasure_id: UUID) -> bool:
    """One transaction: the ledger has its line, and no row of the subject is left."""
    with transaction.atomic():
        held = _locked(erasure_id)
        waits = held.due_at is None or held.due_at > timezone.now()
        if held.state != State.HIDDEN or waits or is_kept(held):
            return False
        found = Holdings.load(held.holdings) | holdings_of(held.kind, held.subject)
        ledger.write(held, found)
        for each in parts_of(held.kind):
            each.erase(held.subject, why=Why(held.why))
        _forget_traces(held, found)
        held.state, held.holdings = State.ERASING, found.dump()
        held.save(update_fields=["state", "holdings"])
    return True


def _forget_traces(erasure: Erasure, found: Holdings) -> None:
    """What the platform itself keeps beside the subject's own tables."""
    ids = found.ids | found.kept | {erasure.subject}
    forget_in_audit(ids)
    outbox.forget(ids)
    feed.forget(ids)
    idempotency.forget(ids, user_id=erasure.subject if erasure.kind == Kind.ACCOUNT else None)
    if erasure.kind == Kind.CASE and erasure.subject in found.kept:
        outbox.publish("case.erased", erasure.subject)


def _remove_files(erasure_id: UUID) -> bool:
    erasure = Erasure.objects.get(pk=erasure_id)
    ledger.keep_beside_the_photos(erasure.pk)
    for name in sorted(Holdings.load(erasure.holdings).files):
        storage.delete(name)
    rows = Erasure.objects.filter(pk=erasure.pk, state=State.ERASING)
    return rows.update(state=State.ERASED, erased_at=Now()) == 1
