"""Writes to links between cases, and reading them from either end."""

from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from casemgr.platform import audit
from casemgr.platform.access import Action, Actor, Group, can
from casemgr.platform.errors import Forbidden, Invalid
from casemgr.platform.vocabularies import LinkKind
from cases import assignments
from cases.models import Assignment, Case, CaseLink


def links_of(actor: Actor, case: Case) -> "models.QuerySet[CaseLink]":
    """Links of a case whose other end the actor may read too; others would tell of it.

    Those found in review are there for reviewers with both ends in hand alone.
    """
    seen = Case.objects.within_reach(actor).values("pk")
    either = Q(one=case, other__in=seen) | Q(other=case, one__in=seen)
    found = CaseLink.objects.filter(either)
    if not assignments.decides(actor, case):
        return found.filter(found_in_review=False)
    in_hand = Assignment.objects.filter(reviewer=actor.user_id, released_at__isnull=True)
    ends = in_hand.values("case")
    return found.filter(Q(found_in_review=False) | Q(one__in=ends, other__in=ends))


@transaction.atomic
def link(
    *, actor: Actor, case: Case, other: Case, kind: LinkKind, found_in_review: bool = False
) -> CaseLink:
    """Link two cases, both of which the actor may change. Twice is as good as once.

    One that was found in review and that somebody tells by themselves is made as if it were new.
    Raises Forbidden, or Invalid for a case and itself.
    """
    for end in (case, other):
        if not can(actor, Action.UPDATE, Group.CASE_DETAIL, end):
            raise Forbidden
    if case.pk == other.pk:
        raise Invalid({"case": ("invalid", _("A case can't be linked to itself."))})
    one, second = sorted((case, other), key=lambda end: end.pk)
    ends = {"one": one, "other": second, "kind": kind}
    if not found_in_review:
        CaseLink.objects.filter(**ends, found_in_review=True).delete()
    made, new = CaseLink.objects.get_or_create(
        **ends, defaults={"found_in_review": found_in_review}
    )
    if new:
        subjects = [made.pk, one.pk, second.pk]
        audit.record(actor, Action.CREATE, "case_link", subjects, groups=[Group.CASE_DETAIL])
    return made


@transaction.atomic
def unlink(*, actor: Actor, case: Case, held: CaseLink) -> None:
    """Take a link away, from either end."""
    if not can(actor, Action.UPDATE, Group.CASE_DETAIL, case):
        raise Forbidden
    subjects = [held.pk, held.one_id, held.other_id]
    audit.record(actor, Action.ERASE, "case_link", subjects, groups=[Group.CASE_DETAIL])
    held.delete()
