"""What must hold of a sighting's facts, whichever door they came in by; what decisions come to."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from casemgr.platform.errors import Invalid
from casemgr.platform.vocabularies import MatchStatus, ReviewDecision
from cases.rules import Refusals, refuse_future

DATES = ("seen_at", "height_as_of", "birth_date", "separated_at", "admitted_at")


def check_sighting(values: Mapping[str, Any], *, photos: int) -> None:
    """Raise Invalid for facts that can't be, or when there is nothing to go by."""
    refusals: Refusals = {}
    for name in DATES:
        refuse_future(values.get(name), name, refusals)
    youngest, oldest = values.get("apparent_age_min"), values.get("apparent_age_max")
    if youngest is not None and oldest is not None and oldest < youngest:
        refusals["apparent_age_max"] = (
            "out_of_order",
            _("The older age must not be below the younger one."),
        )
    place = values.get("place")
    says_where = place is not None and (place.text or place.division_code or place.wgs84())
    if not (photos or values.get("description") or values.get("memories") or says_where):
        refusals[""] = (
            "nothing_to_go_by",
            _("Add a photo, a place, or a few words about what you saw. Any one of them will do."),
        )
    if refusals:
        raise Invalid(refusals)


def status_after(decisions: list[str]) -> MatchStatus:
    """Two yes: a lead. Two no, or one alone: rejected. Otherwise somebody else is needed."""
    accepted = decisions.count(ReviewDecision.ACCEPT)
    rejected = decisions.count(ReviewDecision.REJECT)
    if accepted >= 2:
        return MatchStatus.LEAD
    if rejected >= 2 or (rejected == 1 and len(decisions) == 1):
        return MatchStatus.REJECTED
    if not decisions:
        return MatchStatus.PROPOSED
    if accepted == 0 and rejected == 0:
        return MatchStatus.NEEDS_INFORMATION
    return MatchStatus.IN_REVIEW
