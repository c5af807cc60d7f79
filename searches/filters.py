"""What lists of sightings and matches can be narrowed by."""

from django_filters import rest_framework as filters

from casemgr.platform.rest.filters import TruthFilter, UpdatedSince
from casemgr.platform.vocabularies import Band, MatchStatus, Sex, SightingKind, Situation
from searches.models import SightingExternalId
from searches.querysets import SightingQuerySet


class SightingFilters(UpdatedSince):
    """Query parameters of `sightings/`."""

    kind = filters.ChoiceFilter(choices=SightingKind.choices)
    sex = filters.ChoiceFilter(choices=Sex.choices)
    situation = filters.ChoiceFilter(choices=Situation.choices)
    danger_now = TruthFilter()
    external_ids = filters.CharFilter(
        method="by_external_id", max_length=181, help_text="`system:id`, of your own systems."
    )

    def by_external_id(self, queryset: SightingQuerySet, name: str, value: str) -> SightingQuerySet:
        """The sighting that the asker's own system calls by this id."""
        system, _colon, known_as = value.partition(":")
        named = SightingExternalId.objects.filter(system=system, value=known_as)
        return queryset.filter(pk__in=named.values("sighting"))


class MatchFilters(UpdatedSince):
    """Query parameters of lists of matches."""

    band = filters.ChoiceFilter(choices=Band.choices)
    status = filters.ChoiceFilter(choices=MatchStatus.choices)
    case = filters.UUIDFilter(field_name="case_id")
    sighting = filters.UUIDFilter(field_name="sighting_id")
