"""Showing a case to the public: two reviewers agree, one takes it down.

In an emergency one reviewer with a police reference may show it for 72 hours of the database's
time, within which a second one decides; else it comes down by itself.
"""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from casemgr.platform import audit, outbox
from casemgr.platform.access import Action, Actor, Group, can
from casemgr.platform.accounts.models import StaffRole, User
from casemgr.platform.errors import Conflict, Forbidden, Invalid
from casemgr.platform.notify.kinds import Kind, register
from casemgr.platform.notify.services import tell
from casemgr.platform.vocabularies import CaseStatus, PhotoStatus
from cases import assignments, second_seat
from cases.consents import consented, may_show_photos, take_back
from cases.models import (
    Approval,
    Case,
    CasePhoto,
    Consent,
    ConsentPurpose,
    PageReport,
    PageReportKind,
    ProtectionFlag,
)
from cases.querysets import lock
from cases.speaking import speaks_as
from families.models import Guardian
from families.services import guardian_of, kin_of, kin_with

EMERGENCY = timedelta(hours=72)
COMES_DOWN = "cases.end_emergency"
REPORTED = "page.reported"
TOLD_AGAIN = timedelta(hours=1)

register(
    Kind(
        "page_reported",
        _("A public page was reported"),
        _("Somebody says that a page is about them, or wrong. Please look now; you can hide it."),
        page="reports",
        at_once=True,
    )
)


@transaction.atomic
def approve_publication(*, actor: Actor, case: Case) -> bool:
    """One reviewer's yes to showing an open, consented case; the second one's puts the card up.

    Returns whether the card is up now. Raises Forbidden (kin, or of the first one's alliance while
    somebody else could do it), Conflict (not to be shown).
    """
    held, reviewer = _publishable(actor, case)
    earlier = _standing(held)
    if reviewer.pk in earlier:
        return held.public
    if earlier:
        assignments.require_another(
            actor, held, earlier=earlier, subject=("case", held.pk), group=Group.PUBLIC_CARD
        )
    Approval.objects.create(case=held, reviewer=reviewer)
    audit.record(actor, Action.PUBLISH, "case", [held.pk], groups=[Group.PUBLIC_CARD])
    if earlier and held.public_since is None:
        _put_up(held)
    elif earlier:
        Case.objects.filter(pk=held.pk).update(public_until=None, updated_at=Now())
    second_seat.settle("case", held.pk)
    return bool(earlier)


@second_seat.subject("case")
def _waits_for_second(case_id: UUID) -> second_seat.Waiting | None:
    """A card to which one reviewer has agreed; urgent while it is up on that one's word alone."""
    case = Case.objects.filter(pk=case_id, status=CaseStatus.OPEN).first()
    agreed = _standing(case) if case is not None else set()
    if case is None or len(agreed) != 1:
        return None
    return second_seat.Waiting(case, agreed, urgent=case.public_until is not None)


@transaction.atomic
def publish_in_emergency(*, actor: Actor, case: Case, police_reference: str) -> None:
    """Show a fresh case at once, for 72 hours; once for each case.

    Raises Forbidden, Invalid without the police reference that the reviewer checked, Conflict.
    """
    held, reviewer = _publishable(actor, case)
    if not police_reference.strip():
        words = _("Give the police reference that you checked.")
        raise Invalid({"police_reference": ("required", words)})
    if held.public_since is not None:
        raise Conflict("already_public", _("This case is shown already."))
    if held.approvals.filter(emergency=True).exists():
        raise Conflict(
            "emergency_used",
            _("This case was shown in an emergency before. Now two reviewers have to agree."),
        )
    if _standing(held):
        raise Conflict(
            "second_person_needed", _("A reviewer has agreed already. Add your yes to theirs.")
        )
    Approval.objects.create(
        case=held, reviewer=reviewer, emergency=True, police_reference=police_reference.strip()
    )
    _put_up(held, until=Now() + EMERGENCY)
    _come_down_later(held)
    second_seat.settle("case", held.pk)
    audit.record(actor, "publish_in_emergency", "case", [held.pk], groups=[Group.PUBLIC_CARD])


def _come_down_later(case: Case) -> None:
    """Owe the taking down, not to be rung for before the time is over by the database's clock."""
    outbox.owe(COMES_DOWN, case.pk)
    outbox.Job.objects.filter(handler=COMES_DOWN, subject=case.pk).update(due_at=Now() + EMERGENCY)


def _publishable(actor: Actor, case: Case) -> tuple[Case, User]:
    """The case, locked, and the reviewer who may agree to showing it."""
    held: Case = lock(Case.objects.select_related("family"), case.pk)
    if not can(actor, Action.PUBLISH, Group.PUBLIC_CARD):
        raise Forbidden
    reviewer = assignments.deciding_user(actor, held)
    end_if_overdue(held)
    if ProtectionFlag.objects.filter(case=held, cleared_at__isnull=True).exists():
        raise Conflict(
            "protected", _("This case is protected. Two reviewers have to clear that first.")
        )
    if (
        held.status != CaseStatus.OPEN
        or held.withdrawal_asked_at is not None
        or not consented(held)
    ):
        raise Conflict(
            "not_publishable",
            _("A case is shown only while it is open and its guardian has agreed to it."),
        )
    return held, reviewer


def _standing(case: Case) -> set[UUID]:
    standing = Approval.objects.filter(case=case, ended_at__isnull=True)
    return set(standing.values_list("reviewer_id", flat=True))


def _put_up(case: Case, *, until: CombinedExpression | None = None) -> None:
    case.ever_public = True
    case.save(update_fields=["ever_public", "updated_at"])
    Case.objects.filter(pk=case.pk).update(public_since=Now(), public_until=until)
    mark_public_photos(case)
    outbox.publish("case.updated", case.pk)


def take_down(case: Case) -> None:
    """End publicity on a locked case; the caller saves `updated_at` and says why."""
    case.public_since = case.public_until = None
    Case.objects.filter(pk=case.pk).update(public_since=None, public_until=None)
    Approval.objects.filter(case=case, ended_at__isnull=True).update(ended_at=Now())
    second_seat.settle("case", case.pk)


@transaction.atomic
def unpublish(*, actor: Actor, case: Case, reason: str) -> None:
    """Take the card down at once; one reviewer or guardian is enough.

    A guardian's doing so is a no to publicity that stands against other guardians' yes.
    """
    held: Case = lock(Case.objects.select_related("family"), case.pk)
    if not can(actor, Action.UPDATE, Group.CASE_DETAIL, held):
        raise Forbidden
    guardian = guardian_of(actor, held.family)
    if guardian is not None:
        take_back(guardian, held, ConsentPurpose.PUBLISH)
    hide(actor, held, reason)


def hide(actor: Actor, case: Case, reason: str) -> None:
    """Take down the card of a locked case, and write down whose doing it was and why."""
    take_down(case)
    case.save(update_fields=["updated_at"])
    audit.record(actor, "unpublish", "case", [case.pk], groups=[Group.PUBLIC_CARD], reason=reason)
    outbox.publish("case.updated", case.pk)


@transaction.atomic
def end_if_overdue(case: Case) -> None:
    """Take an emergency's card down for good once its 72 hours are over, in database time."""
    overdue = Case.objects.filter(pk=case.pk, public_until__lte=Now())
    if overdue.exists():
        take_down(case)
        case.save(update_fields=["updated_at"])
        outbox.publish("case.updated", case.pk)


@transaction.atomic
def revoke_consent(*, actor: Actor, consent: Consent) -> None:
    """Take a yes back; what rested on it ends in the same write.

    A guardian who does so objects as well, so that another guardian's yes no longer counts.
    """
    case: Case = lock(Case.objects.select_related("family"), consent.case_id)
    if not can(actor, Action.UPDATE, Group.CASE_DETAIL, case):
        raise Forbidden
    guardian = speaks_as(actor, case, consent.guardian_id if actor.program else None)
    if actor.program is not None and guardian is None:
        raise Forbidden
    Consent.objects.filter(pk=consent.pk, revoked_at__isnull=True).update(revoked_at=Now())
    audit.record(actor, Action.ERASE, "consent", [consent.pk], groups=[Group.CASE_DETAIL])
    purpose = ConsentPurpose(consent.purpose)
    if guardian is not None:
        take_back(guardian, case, purpose, consent.alliance, consent.partner)
    if purpose is ConsentPurpose.PUBLISH and case.public_since is not None and not consented(case):
        hide(actor, case, "consent taken back")
    if purpose is ConsentPurpose.PUBLISH_PHOTO:
        case.photos.filter(consent_public=True).update(consent_public=False, updated_at=Now())


# --- photos on the card -----------------------------------------------------------------------


def mark_public_photos(case: Case) -> None:
    """Remember which photos the public could have copied from now on.

    Only those that a reviewer could look at; one that is still being developed needs its own yes.
    """
    case.photos.filter(consent_public=True, ever_public=False, status=PhotoStatus.READY).update(
        ever_public=True
    )


@transaction.atomic
def tick_photo(*, actor: Actor, photo: CasePhoto, public: bool) -> None:
    """A guardian agrees to showing a photo, or whoever may change the case unticks it.

    Ticked while the card is up, it waits for a reviewer's yes, unless it was public before.
    """
    case: Case = lock(Case.objects.select_related("family"), photo.case_id)
    if not can(actor, Action.UPDATE, Group.CASE_DETAIL, case):
        raise Forbidden
    if public and not may_show_photos(actor, case):
        raise Forbidden(_("Only somebody who speaks for the child can agree to showing a photo."))
    CasePhoto.objects.filter(pk=photo.pk).update(consent_public=public, updated_at=Now())
    audit.record(actor, Action.UPDATE, "case_photo", [photo.pk], groups=[Group.CASE_PHOTOS])


@transaction.atomic
def approve_photo(*, actor: Actor, photo: CasePhoto) -> None:
    """A reviewer's yes to a photo that was ticked after the card went up. Raises Conflict."""
    case: Case = lock(Case.objects.all(), photo.case_id)
    assignments.deciding_user(actor, case)
    shown = CasePhoto.objects.filter(
        pk=photo.pk, consent_public=True, status=PhotoStatus.READY, case__in=Case.objects.public()
    )
    if not shown.update(ever_public=True, updated_at=Now()):
        raise Conflict(
            "not_publishable",
            _("A photo is shown only on a public card, and when the guardian has ticked it."),
        )
    audit.record(actor, Action.PUBLISH, "case_photo", [photo.pk], groups=[Group.PUBLIC_CARD])
    outbox.publish("case.updated", case.pk)


# --- what strangers say about a page ----------------------------------------------------------


@transaction.atomic
def report_page(
    *, actor: Actor, case: Case, kind: PageReportKind, words: str = "", contact: str = ""
) -> PageReport:
    """Somebody says that a public card is wrong, or is about them; reviewers are asked to look.

    Raises Conflict when the card is not up.
    """
    if not Case.objects.public().filter(pk=case.pk).exists():
        raise Conflict("not_public", _("This page is not shown any more."))
    report = PageReport.objects.create(
        case=case, kind=kind, words=words.strip()[:2_000], contact=contact.strip()[:200]
    )
    audit.record(actor, Action.CREATE, "page_report", [report.pk], groups=[Group.PUBLIC_CARD])
    outbox.publish(REPORTED, report.pk)
    return report


@outbox.handler(REPORTED, name="cases.tell_of_reported_page")
def tell_of_report(claim: outbox.Claim) -> None:
    """Tell every reviewer who is not kin, at whatever hour: one of them can hide the page.

    Of one card once an hour and kind while nobody has looked, so that a flood of reports is no
    flood of letters.
    """
    report = PageReport.objects.filter(pk=claim.subject).select_related("case").first()
    with claim.finishing():
        if report is None or report.handled_at is not None or _told_lately(report):
            return
        kin = kin_of(report.case.family_id)
        for reviewer in User.objects.with_role(StaffRole.REVIEWER).exclude(pk__in=kin):
            tell(person=reviewer, kind="page_reported", about=report.pk)


def _told_lately(report: PageReport) -> bool:
    earlier = PageReport.objects.filter(
        case=report.case_id,
        kind=report.kind,
        handled_at__isnull=True,
        made_at__lt=report.made_at,
        made_at__gt=report.made_at - TOLD_AGAIN,
    )
    return earlier.exists()


def reported_to(actor: Actor) -> "QuerySet[PageReport]":
    """What strangers said and nobody has answered; of their kin's cards a reviewer reads none."""
    kin = Guardian.objects.filter(family=OuterRef("case__family"), user__in=kin_with(actor.user_id))
    return PageReport.objects.filter(~Exists(kin), handled_at__isnull=True)


@transaction.atomic
def hide_page(*, actor: Actor, report: PageReport) -> None:
    """A reviewer takes the reported card down with one click; the case need not be in hand."""
    _handle(actor, report, hid_page=True)
    held: Case = lock(Case.objects.all(), report.case_id)
    if held.public_since is not None:
        hide(actor, held, "page reported")


@transaction.atomic
def keep_page(*, actor: Actor, report: PageReport) -> None:
    """A reviewer with the case in hand finds nothing wrong with the reported card."""
    assignments.deciding_user(actor, report.case)
    _handle(actor, report, hid_page=False)


def _handle(actor: Actor, report: PageReport, *, hid_page: bool) -> None:
    if actor.user is None or not can(actor, Action.UPDATE, Group.PUBLIC_CARD):
        raise Forbidden
    fresh = PageReport.objects.filter(pk=report.pk, handled_at__isnull=True)
    fresh.update(handled_at=Now(), handled_by=actor.user, hid_page=hid_page)
    audit.record(
        actor,
        "hide_page" if hid_page else "keep_page",
        "page_report",
        [report.pk],
        groups=[Group.PUBLIC_CARD],
    )
