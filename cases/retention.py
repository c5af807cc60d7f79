"""How long cases, what claims are tested with, and faces of children who were found are kept."""

from datetime import timedelta
from functools import partial

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Greatest, Now

from casemgr.platform import erasure, outbox, retention, storage
from casemgr.platform.erasure import Kind, Why
from casemgr.platform.faces.replaced import renew
from casemgr.platform.vocabularies import CaseStatus, PhotoStatus
from cases.models import (
    Case,
    CaseFace,
    CasePhoto,
    Claim,
    ClaimPaper,
    ClaimTester,
    FollowUp,
    PageReport,
    Verdict,
    WithheldFact,
)

FOLLOW_UP_GRACE = timedelta(days=90)
ENDED = (CaseStatus.CLOSED, CaseStatus.WITHDRAWN, CaseStatus.MERGED)


@retention.daily("ended cases")
def _ended_cases(limit: int) -> int:
    old = Case.objects.alias(since=Greatest("ended_at", "updated_at")).filter(
        status__in=ENDED,
        child__isnull=False,
        since__lt=Now() - settings.PERIODS.closed_case,
    )
    # The last check falls due when the period ends; whoever makes it is given time to.
    waiting = FollowUp.objects.due().filter(due_on__gt=Now() - FOLLOW_UP_GRACE)
    old = old.exclude(pk__in=waiting.values("outcome__case"))
    ids = list(old.order_by("updated_at").values_list("pk", flat=True)[:limit])
    for case_id in ids:
        erasure.request(Kind.CASE, case_id, why=Why.RETENTION)
    return len(ids)


@retention.daily("claims")
def _claims(limit: int) -> int:
    """Papers and words of decided claims; withheld facts once no claim can be tested any more."""
    before = Now() - settings.PERIODS.claim_papers
    decided = Claim.objects.filter(decided_at__lt=before)
    over = Q(case__claims__in=decided.filter(verdict=Verdict.RELEASE)) | Q(
        case__status__in=ENDED, case__updated_at__lt=before
    )
    with transaction.atomic():
        papers = ClaimPaper.objects.filter(Q(claim__in=decided) | over).distinct()
        rows = list(papers.values_list("pk", "sealed_file"))
        gone = ClaimPaper.objects.filter(pk__in=[pk for pk, _file in rows]).delete()[0]
        gone += WithheldFact.objects.filter(
            pk__in=WithheldFact.objects.filter(over).values("pk")
        ).delete()[0]
        decided.update(statement="")
        ClaimTester.objects.filter(claim__in=decided).update(reason="")
        transaction.on_commit(partial(_remove, [name for _pk, name in rows if name]))
    return gone


@retention.daily("words about a public page")
def _page_reports(limit: int) -> int:
    handled = PageReport.objects.filter(handled_at__lt=Now() - settings.PERIODS.claim_papers)
    return handled.delete()[0]


@retention.daily("faces of a replaced engine, in cases")
def _replaced(limit: int) -> int:
    return renew(CaseFace.objects.all(), handler="cases.develop_photo", limit=limit)


@retention.daily("faces of ended cases")
def _faces(limit: int) -> int:
    """A net under `forget_faces`."""
    return CaseFace.objects.filter(photo__case__status__in=ENDED).delete()[0]


@outbox.handler("case.closed", "case.withdrawn", name="cases.forget_faces")
def forget_faces(claim: outbox.Claim) -> None:
    """A child who is not searched for any more has no face on file."""
    faces = CaseFace.objects.filter(photo__case=claim.subject, photo__case__status__in=ENDED)
    with claim.finishing():
        faces.delete()


@outbox.handler("case.opened", name="cases.find_faces_again")
def find_faces_again(claim: outbox.Claim) -> None:
    """A case that is opened once more gets its photos looked at once more."""
    photos = CasePhoto.objects.filter(
        case=claim.subject, status=PhotoStatus.READY, faces_found__gt=0, face__isnull=True
    )
    with claim.finishing():
        for photo_id in photos.values_list("pk", flat=True):
            outbox.owe("cases.develop_photo", photo_id)


def _remove(names: list[str]) -> None:
    for name in names:
        storage.delete(name)
