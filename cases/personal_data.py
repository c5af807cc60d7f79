"""What cases hold of a guardian: their own cases, as they told them."""

from uuid import UUID

from casemgr.platform.personal_data import Section, photos_of, plain, section
from cases.models import Case, CasePhoto, Consent
from families.models import Guardian

# What reviewers found out, when, is told in person: the status is as the family is shown it.
NOT_THEIRS = ("status", "family_told_at", "ended_at", "updated_at")


@section("cases")
def _cases(user_id: UUID) -> Section:
    families = Guardian.objects.filter(user=user_id, ended_at__isnull=True).values("family")
    found = Section()
    for case in Case.objects.filter(family__in=families).with_detail().order_by("created_at"):
        child = case.child
        found.rows.append(
            {
                **plain(case, leave_out=NOT_THEIRS),
                "status": case.status_to_family,
                "child": plain(child),
                "marks": [plain(mark) for mark in child.marks.all()],
                "timeline": [
                    plain(event, leave_out=("for_review",))
                    for event in case.timeline.filter(for_review=False)
                ],
                "external_ids": [plain(each) for each in case.external_ids.all()],
            }
        )
        photos = CasePhoto.objects.filter(case=case)
        found.photos += photos_of(f"case-{case.reference}", photos)
    return found


@section("consents")
def _consents(user_id: UUID) -> Section:
    rows = Consent.objects.filter(guardian__user=user_id).order_by("given_at")
    return Section([plain(row) for row in rows])
