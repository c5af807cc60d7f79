"""Which steps each kind of outcome needs, and what must hold of it before two reviewers agree."""

from collections.abc import Collection

from django.utils.translation import gettext_lazy as _

from casemgr.platform.dates import PartialDate
from casemgr.platform.errors import Conflict, Invalid
from casemgr.platform.fields import civil_zone
from casemgr.platform.vocabularies import CaseStatus, OutcomeKind
from cases import rules
from cases.models import PROOFS, Case, ContactWish, Outcome, ProtectionFlag, StepKind

_FOUND = frozenset({StepKind.INFORMED, StepKind.LOCATED, StepKind.IDENTITY})
# Somebody died: a named person tells the family before it is written down as the case's end.
_DIED = frozenset({StepKind.INFORMED, StepKind.IDENTITY, StepKind.SPOKEN})

NEEDS: dict[OutcomeKind, frozenset[StepKind]] = {
    OutcomeKind.REUNITED: _FOUND | {StepKind.SPOKEN, StepKind.WISHES},
    OutcomeKind.LOCATED_IN_CARE: _FOUND | {StepKind.WISHES},
    OutcomeKind.DECLINES_CONTACT: _FOUND | {StepKind.WISHES},
    OutcomeKind.RESCUED_FAMILY_UNKNOWN: frozenset({StepKind.INFORMED, StepKind.LOCATED}),
    OutcomeKind.RUNAWAY_RETURNED: _FOUND,
    OutcomeKind.DECEASED_ACCIDENT: _DIED,
    OutcomeKind.DECEASED_OTHER: _DIED,
    OutcomeKind.FAMILY_DISPUTE: frozenset(),
    OutcomeKind.REPORTED_IN_ERROR: frozenset(),
    OutcomeKind.FALSE_REPORT: frozenset(),
    OutcomeKind.WITHDRAWN: frozenset(),
    OutcomeKind.MERGED: frozenset(),
}
# Kinds in which the child was found; the others say nothing of where the child is.
FOUND_KINDS = (
    OutcomeKind.REUNITED,
    OutcomeKind.LOCATED_IN_CARE,
    OutcomeKind.DECLINES_CONTACT,
    OutcomeKind.RESCUED_FAMILY_UNKNOWN,
    OutcomeKind.RUNAWAY_RETURNED,
)
_PROVEN = frozenset(kind for kind, needs in NEEDS.items() if StepKind.IDENTITY in needs)
# Kinds that lead to a status of their own; all others close the case.
ENDS_AS = {
    OutcomeKind.WITHDRAWN: CaseStatus.WITHDRAWN,
    OutcomeKind.MERGED: CaseStatus.MERGED,
}


def check(outcome: Outcome, steps: Collection[str]) -> None:
    """Raise Invalid or Conflict unless what was established carries the outcome's kind."""
    kind = OutcomeKind(outcome.kind)
    missing = [step for step in StepKind if step in NEEDS[kind] and step not in steps]
    if missing:
        raise Conflict(
            "steps_missing",
            _("Not yet: %(step)s. This comes first.") % {"step": missing[0].label},
        )
    if kind in _PROVEN and not set(outcome.identity_by) & set(PROOFS):
        raise Conflict(
            "identity_not_proven",
            _("A face or a person's own word is never enough. DNA, police or papers must say it."),
        )
    _check_wish(outcome, kind)
    _check_flags(outcome, kind)
    if (kind is OutcomeKind.MERGED) != (outcome.merged_into_id is not None):
        raise Invalid(
            {"merged_into": ("required", _("Say which other case in your hands this one joins."))}
        )
    check_date(outcome.case, outcome.occurred_at)


def _check_wish(outcome: Outcome, kind: OutcomeKind) -> None:
    wish = outcome.child_wish
    if kind is OutcomeKind.DECLINES_CONTACT and wish != ContactWish.DECLINES:
        raise Conflict("wish_differs", _("Nobody wrote down that the child wants no contact."))
    if kind is OutcomeKind.REUNITED and wish not in {ContactWish.WANTS, ContactWish.TOO_YOUNG}:
        raise Conflict("wish_differs", _("The child did not say yes to contact."))
    if kind is OutcomeKind.RUNAWAY_RETURNED and wish == ContactWish.DECLINES:
        raise Conflict("wish_differs", _("The child did not say yes to contact."))


def _check_flags(outcome: Outcome, kind: OutcomeKind) -> None:
    together = {OutcomeKind.REUNITED, OutcomeKind.RUNAWAY_RETURNED}
    flags = ProtectionFlag.objects.filter(case=outcome.case_id, cleared_at__isnull=True)
    if kind in together and flags.exists():
        raise Conflict(
            "protected", _("This case is protected. Two reviewers have to clear that first.")
        )


def check_date(case: Case, occurred_at: PartialDate) -> None:
    """Raise Invalid for an outcome that lies ahead, or before the child went missing."""
    refusals: rules.Refusals = {}
    rules.refuse_future(occurred_at, "occurred_at", refusals)
    ended, missing = occurred_at.bounds(civil_zone()), case.missing_at.bounds(civil_zone())
    if ended is not None and missing is not None and ended[1] < missing[0]:
        refusals["occurred_at"] = (
            "before_disappearance",
            _("This lies before the child went missing. Please check both dates."),
        )
    if refusals:
        raise Invalid(refusals)
