"""What lists of cases can be narrowed by.

A filter on a field that the public card does not show leaves only cases whose detail the asker may
read: otherwise the answer would tell the field.
"""

from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_filters import rest_framework as filters
from django_filters.constants import EMPTY_VALUES

from casemgr.platform import references
from casemgr.platform.references import ReferenceProblem
from casemgr.platform.rest.authentication import actor_of
from casemgr.platform.rest.filters import MomentFilter, TruthFilter
from casemgr.platform.rest.problems import refuse_parameter
from casemgr.platform.vocabularies import (
    CaseStatus,
    ChildSituation,
    Circumstance,
    PlaceType,
    Sex,
)
from cases.models import ExternalId
from cases.querysets import CaseQuerySet


class _OfDetail:
    """Leaves only cases whose detail the asker may read, once a value is given."""

    def filter(self, queryset: CaseQuerySet, value: Any) -> Any:
        """The asker's cases with this value."""
        if value in EMPTY_VALUES:
            return queryset
        mine = queryset.visible_to(actor_of(self.parent.request))  # type: ignore[attr-defined]
        return super().filter(mine, value)  # type: ignore[misc]


class DetailChoice(_OfDetail, filters.ChoiceFilter):  # type: ignore[misc]
    """A code that only the detail shows."""


class DetailId(_OfDetail, filters.UUIDFilter):  # type: ignore[misc]
    """An id that only the detail shows."""


class CaseFilters(filters.FilterSet):  # type: ignore[misc]
    """Query parameters of `cases/`."""

    reference = filters.CharFilter(
        method="by_reference",
        max_length=64,
        help_text="However it was typed: capitals and dashes don't matter.",
    )
    sex = filters.ChoiceFilter(field_name="child__sex", choices=Sex.choices)
    public = TruthFilter(method="by_public")
    status = DetailChoice(field_name="shown_status", choices=CaseStatus.choices)
    place_type = DetailChoice(choices=PlaceType.choices)
    circumstance = DetailChoice(choices=Circumstance.choices)
    child_situation = DetailChoice(choices=ChildSituation.choices)
    alliance = DetailId(field_name="alliance_id")
    external_ids = filters.CharFilter(
        method="by_external_id",
        max_length=181,
        help_text="`system:id`, of a case whose detail you may read.",
    )
    updated_since = MomentFilter(
        method="by_update", help_text="Only what changed at or after this ISO 8601 date-time."
    )

    def by_reference(self, queryset: CaseQuerySet, name: str, value: str) -> CaseQuerySet:
        """The one case; a slip of the pen is told apart from a case that nobody knows."""
        problem = references.check(value)
        if problem is ReferenceProblem.MISTYPED:
            raise refuse_parameter(
                name,
                "reference_mistyped",
                _("This reference has a slip in it. Please compare it letter by letter."),
            )
        if problem is ReferenceProblem.MALFORMED:
            raise refuse_parameter(
                name,
                "reference_malformed",
                _("A case reference looks like HW-234-567-8. Please type it whole."),
            )
        return queryset.filter(reference=references.normalise(value))

    def by_external_id(self, queryset: CaseQuerySet, name: str, value: str) -> CaseQuerySet:
        """The case that the asker's own system calls by this id."""
        system, _colon, known_as = value.partition(":")
        mine = queryset.visible_to(actor_of(self.request))
        return mine.filter(
            pk__in=ExternalId.objects.filter(system=system, value=known_as).values("case")
        )

    def by_public(self, queryset: CaseQuerySet, name: str, value: bool) -> CaseQuerySet:
        """Cases whose card is up, or those of one's own whose card is not."""
        if value:
            return queryset.public()
        return queryset.exclude(pk__in=queryset.model._default_manager.public().values("pk"))

    def by_update(self, queryset: CaseQuerySet, name: str, value: datetime) -> CaseQuerySet:
        """By the dates that the asker is shown: the case's own, or the card's."""
        mine = queryset.model._default_manager.all()
        seen = mine.visible_to(actor_of(self.request)).filter(updated_at__gte=value)
        return queryset.filter(Q(pk__in=seen.values("pk")) | Q(public_since__gte=value))
