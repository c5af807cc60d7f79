"""Taking a copy of a case's file out of the house: asked by one, agreed to by another, then gone.

A coordinator of the case's alliance or a reviewer with the case in hand asks and says why. Somebody
else who may do the same answers; a reviewer's wish only another reviewer. The copy is written at
the yes, lies encrypted, can be fetched by who asked and nobody else, and is erased after
`CASE_FILE_HOURS`. Once a case was taken back or erased nothing can be fetched.
"""

from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgr.platform import access, audit, outbox, storage
from casemgr.platform.access import Action, Actor, Group, Role, can
from casemgr.platform.accounts.models import User
from casemgr.platform.errors import Conflict, Forbidden, NotFound
from casemgr.platform.fields import civil_zone
from casemgr.platform.notify import services as notices
from casemgr.platform.notify.kinds import Kind, register
from casemgr.platform.storage import StoredFiles
from casemgr.platform.vocabularies import CaseStatus
from cases import assignments, file_writing
from cases.models import Assignment, Case, CaseFile
from cases.querysets import lock
from cases.relations import to_case
from families.models import Guardian, Membership, MembershipRole
from families.services import kin_with

ENDS: Final = "cases.end_case_file"
ASKED, READY = "case_file_asked", "case_file_ready"
OVER = (CaseStatus.DRAFT, CaseStatus.WITHDRAWN, CaseStatus.MERGED)
register(
    Kind(
        ASKED,
        _("Somebody asks for a copy of a case's file"),
        _("A second person has to agree or refuse. Please look at it."),
        page="case-files",
    ),
    Kind(
        READY,
        _("The copy that you asked for is ready"),
        _("You can fetch it for a short time; then it is erased here."),
        page="case-files",
    ),
)


def may_export(actor: Actor, case: Case) -> bool:
    """Whether the actor may ask for, or answer about, a copy of this case's file. Kin never."""
    if actor.user is None or not can(actor, Action.EXPORT, Group.EXPORTS, case):
        return False
    return assignments.decides(actor, case) or "a" in to_case(actor, case)


@transaction.atomic
def ask(*, actor: Actor, case: Case, reason: str) -> CaseFile:
    """Ask for a copy. Raises Forbidden, Invalid without a reason, Conflict while one is under way
    and for a case that is not searched for by its family any more.
    """
    held = _held(actor, case)
    reason = assignments.require_reason(reason)
    assert actor.user is not None
    if CaseFile.objects.filter(case=held, asked_by=actor.user, ended_at__isnull=True).exists():
        raise Conflict("asked_already", _("You have asked for a copy already."))
    made = CaseFile.objects.create(
        case=held,
        asked_by=actor.user,
        as_reviewer=assignments.decides(actor, held),
        reason=reason,
    )
    _record(actor, "ask_case_file", made, reason)
    for person in _who_can_answer(made):
        notices.tell(person=person, kind=ASKED)
    return made


def may_answer(actor: Actor, wanted: CaseFile) -> bool:
    """Whether the actor could be the second person about this wish."""
    return (
        wanted.answered_by_id is None
        and wanted.ended_at is None
        and actor.user_id != wanted.asked_by_id
        and may_export(actor, wanted.case)
        and (assignments.decides(actor, wanted.case) or not wanted.as_reviewer)
    )


def agree(*, actor: Actor, wanted: CaseFile) -> None:
    """The second person's yes: the copy is written and its reader told.

    Raises Forbidden, Conflict where the case was taken back, or its reader may not read it now.
    """
    with StoredFiles() as files, transaction.atomic():
        held = _held(actor, wanted.case)
        asked = _answerable(actor, wanted)
        if asked.as_reviewer:
            assignments.require_another(
                actor,
                held,
                earlier={asked.asked_by_id},
                subject=("case_file", asked.pk),
                group=Group.EXPORTS,
            )
        reader = access.actor_for(asked.asked_by)
        if not may_export(reader, held):
            raise Conflict("not_theirs", _("Whoever asked may not read this case any more."))
        sealed = files.seal(file_writing.write(held, reader=reader, mark=_mark(asked)))
        lasts = timedelta(hours=settings.CASE_FILE_HOURS)
        CaseFile.objects.filter(pk=asked.pk).update(
            answered_by=actor.user,
            sealed_file=sealed.name,
            sha256=sealed.sha256,
            until=Now() + lasts,
        )
        outbox.owe(ENDS, asked.pk)
        outbox.Job.objects.filter(handler=ENDS, subject=asked.pk).update(due_at=Now() + lasts)
        _record(actor, Action.APPROVE, asked)
        notices.tell(person=asked.asked_by, kind=READY)


@transaction.atomic
def refuse(*, actor: Actor, wanted: CaseFile, reason: str) -> None:
    """The second person's no. Raises Forbidden, Invalid without a reason."""
    _held(actor, wanted.case)
    asked = _answerable(actor, wanted)
    reason = assignments.require_reason(reason)
    CaseFile.objects.filter(pk=asked.pk).update(answered_by=actor.user, ended_at=Now())
    _record(actor, "refuse_case_file", asked, reason)


@transaction.atomic
def fetch(*, actor: Actor, wanted: CaseFile) -> bytes:
    """The zip, for who asked. Raises NotFound for everybody else, Conflict once it is over."""
    if actor.user_id != wanted.asked_by_id:
        raise NotFound
    _held(actor, wanted.case)
    ready = CaseFile.objects.filter(pk=wanted.pk, until__gt=Now(), ended_at__isnull=True)
    found = ready.exclude(sealed_file="").first()
    if found is None:
        raise Conflict("gone", _("This copy is not there any more. Ask for another one."))
    _record(actor, Action.EXPORT, found)
    return storage.unseal(found.sealed_file, sha256=found.sha256)


def shown_to(actor: Actor) -> "QuerySet[CaseFile]":
    """Wishes under way of cases that the actor may see.

    What reviewers ask for is shown to reviewers with the case in hand alone: that one of them wants
    a copy just now, and why, may tell that something was found.
    """
    in_hand = Assignment.objects.filter(
        case=OuterRef("case"), reviewer=actor.user_id, released_at__isnull=True
    )
    kin = Guardian.objects.filter(family=OuterRef("case__family"), user__in=kin_with(actor.user_id))
    deciding = Exists(in_hand) & ~Exists(kin) if actor.has(Role.REVIEWER) else Q(pk__in=[])
    return (
        CaseFile.objects.filter(ended_at__isnull=True, case__in=Case.objects.visible_to(actor))
        .filter(Q(as_reviewer=False) | deciding)
        .select_related("case__family", "asked_by")
        .order_by("asked_at", "id")
    )


@outbox.handler(name=ENDS)
def end(claim: outbox.Claim) -> None:
    """Erase a copy whose time is over."""
    with claim.finishing():
        over = CaseFile.objects.select_for_update().filter(pk=claim.subject, until__lte=Now())
        found = over.first()
        if found is None:
            return
        name = found.sealed_file
        CaseFile.objects.filter(pk=found.pk).update(sealed_file="", sha256="", ended_at=Now())
    if name:
        storage.delete(name)


def _held(actor: Actor, case: Case) -> Case:
    """The case, locked and still the family's wish, for whoever may export it."""
    held: Case = lock(Case.objects.select_related("family"), case.pk)
    if not may_export(actor, held):
        raise Forbidden
    if held.status_to_family in OVER or held.withdrawal_asked_at is not None:
        raise Conflict(
            "case_over", _("This case was taken back, or not handed in. No copy leaves the house.")
        )
    return held


def _answerable(actor: Actor, wanted: CaseFile) -> CaseFile:
    rows = CaseFile.objects.select_related("case", "asked_by")
    asked = rows.select_for_update(of=("self",)).filter(pk=wanted.pk).first()
    if asked is None:
        raise NotFound
    if asked.answered_by_id is not None or asked.ended_at is not None:
        raise Conflict("answered", _("Somebody has answered this already."))
    if actor.user_id == asked.asked_by_id:
        raise Conflict("second_person_needed", _("A second person has to do this. You are one."))
    if not may_answer(actor, asked):
        raise Forbidden
    return asked


def _who_can_answer(wanted: CaseFile) -> list[User]:
    """Those who may be told of the wish: the alliance's leaders, else reviewers with the case."""
    in_hand = Assignment.objects.filter(case=wanted.case, released_at__isnull=True)
    who = User.objects.filter(pk__in=in_hand.values("reviewer"))
    if not wanted.as_reviewer:
        leading = Membership.objects.filter(
            alliance=wanted.case.alliance_id,
            left_at__isnull=True,
            role__in=[MembershipRole.OWNER, MembershipRole.COORDINATOR],
        )
        who |= User.objects.filter(pk__in=leading.values("user"))
    people = who.filter(is_active=True).order_by("pk")
    return [person for person in people if may_answer(access.actor_for(person), wanted)]


def _mark(wanted: CaseFile) -> str:
    now = timezone.now().astimezone(civil_zone())
    name = wanted.asked_by.display_name or wanted.asked_by.email or str(wanted.asked_by_id)
    return f"{wanted.case.reference} · {name[:40]} · {now:%Y-%m-%d %H:%M}"


def _record(actor: Actor, act: Action | str, wanted: CaseFile, reason: str = "") -> None:
    audit.record(
        actor,
        act,
        "case_file",
        [wanted.pk, wanted.case_id],
        groups=[Group.EXPORTS, Group.CASE_DETAIL, Group.CASE_PHOTOS],
        reason=reason,
    )
