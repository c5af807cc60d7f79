"""What must hold of a case's facts, whichever door they came in by."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgr.platform.dates import PartialDate
from casemgr.platform.errors import Invalid, Words
from casemgr.platform.fields import civil_zone
from casemgr.platform.vocabularies import Sex
from cases.models import Case

Refusals = dict[str, tuple[str, Words]]
AHEAD = timedelta(hours=24)


def refuse_future(value: PartialDate | None, pointer: str, refusals: Refusals) -> None:
    """A date that begins more than a day from now can't have happened yet."""
    bounds = value.bounds(civil_zone()) if value else None
    if bounds and bounds[0] > timezone.now() + AHEAD:
        refusals[pointer] = ("in_the_future", _("This date lies ahead. Please check it."))


def check_case(case: Mapping[str, Any], child: Mapping[str, Any]) -> None:
    """Raise Invalid for facts that can't be, naming each field."""
    refusals: Refusals = {}
    refuse_future(case.get("missing_at"), "missing_at", refusals)
    for name in ("birth_date", "height_as_of"):
        refuse_future(child.get(name), f"child.{name}", refusals)
    if refusals:
        raise Invalid(refusals)


def check_submittable(case: Case) -> None:
    """Raise Invalid unless the case says sex, when, and a name or nickname."""
    refusals: Refusals = {}
    child = case.child
    if child.sex == Sex.UNKNOWN:
        refusals["child.sex"] = ("required", _("Say whether the child is a girl or a boy."))
    if not case.missing_at.text:
        refusals["missing_at"] = (
            "required",
            _("Say when the child went missing, in your own words. A rough time is enough."),
        )
    if not child.names():
        refusals["child.given_name"] = (
            "required",
            _("Give a name or a nickname, as the child is called at home."),
        )
    if refusals:
        raise Invalid(refusals)
