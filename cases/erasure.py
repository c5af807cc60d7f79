"""Erasing a case: the child, the photos, and the family where it has no other case."""

from uuid import UUID

from django.db.models import F
from django.db.models.functions import Now

from casemgr.platform import outbox
from casemgr.platform.erasure import Holdings, Kind, Why, part, reach
from casemgr.platform.erasure.reach import blank, dependents
from casemgr.platform.vocabularies import CaseStatus
from cases import second_seat
from cases.models import Approval, Case, CaseFace, HarmfulImage
from families.models import Family, Guardian

# Whoever once saw the card gets the one answer that any card gets which is no longer up.
SHELL = ("reference", "family", "ever_public", "created_at", "updated_at", "revision")
# Of a case whose time was up the codes stay for the statistics, with nobody they are about.
CODES = ("place_type", "circumstance", "child_situation")


@part(Kind.CASE)
class CasePart:
    """Everything that hangs on the case, in whatever app, goes with it."""

    model = Case

    def hide(self, subject: UUID, *, fully: bool) -> None:
        """Take the card down; matching goes on until a second person has agreed."""
        Approval.objects.filter(case=subject, ended_at__isnull=True).update(ended_at=Now())
        cases = Case.objects.filter(pk=subject)
        cases.update(public_since=None, public_until=None, updated_at=Now())
        second_seat.settle("case", subject)
        if fully:
            second_seat.leave(subject)
            cases.update(status=CaseStatus.WITHDRAWN, revision=F("revision") + 1)
            CaseFace.objects.filter(photo__case=subject).update(live=False)
            outbox.publish("case.withdrawn", subject)
            outbox.publish("case.changed", subject)

    def is_needed(self, subject: UUID) -> bool:
        """While one of its images waits to be handed over to the police."""
        case_photos = Case.objects.filter(pk=subject).values("photos")
        waiting = HarmfulImage.objects.filter(handed_over_at__isnull=True)
        return waiting.filter(photo_id__in=case_photos).exists()

    def holdings(self, subject: UUID) -> Holdings:
        """The case and all that hangs on it; with the family's last case, the family too."""
        found = reach(Case, Case.objects.filter(pk=subject).values_list("pk", flat=True))
        case = (
            Case.objects.select_for_update(of=("self",))
            .filter(pk=subject, child__isnull=False)
            .first()
        )
        if case is None:
            return Holdings()
        if _is_last(case):
            guardians = Guardian.objects.filter(family=case.family_id)
            found |= reach(Guardian, guardians.values_list("pk", flat=True))
        if case.ever_public:
            return found | Holdings(kept=frozenset({subject}))
        return found | Holdings(needles=frozenset({case.reference}))

    def erase(self, subject: UUID, *, why: Why) -> None:
        """Delete what hangs on the case, then the case, or all of it but its shell."""
        case = Case.objects.select_for_update().filter(pk=subject).first()
        if case is None:
            return
        last = _is_last(case)
        for model, name in dependents(Case):
            model._default_manager.filter(**{name: case}).delete()
        if case.ever_public:
            emptied = blank(case, keep=SHELL + (CODES if why is Why.RETENTION else ()))
            case.status = CaseStatus.WITHDRAWN
            case.save(update_fields=emptied)
        else:
            case.delete()
        if last:
            Guardian.objects.filter(family=case.family_id).delete()
            Family.objects.filter(pk=case.family_id, cases__isnull=True).delete()


def _is_last(case: Case) -> bool:
    others = Case.objects.filter(family=case.family_id, child__isnull=False)
    return not others.exclude(pk=case.pk).exists()
