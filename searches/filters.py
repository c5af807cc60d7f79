"""What lists of sightings and matches can be narrowed by."""

from django_filters import rest_framework as filters

from casemgr.platform.rest.filters import TruthFilter, UpdatedSince
from casemgr.platform.vocabularies import Band, MatchStatus, Sex, SightingKind, Situation


class SightingFilters(UpdatedSince):
    """Query parameters of `sightings/`."""

    kind = filters.ChoiceFilter(choices=SightingKind.choices)
    sex = filters.ChoiceFilter(choices=Sex.choices)
    situation = filters.ChoiceFilter(choices=Situation.choices)
    danger_now = TruthFilter()


class MatchFilters(UpdatedSince):
    """Query parameters of lists of matches."""

    band = filters.ChoiceFilter(choices=Band.choices)
    status = filters.ChoiceFilter(choices=MatchStatus.choices)
    case = filters.UUIDFilter(field_name="case_id")
    sighting = filters.UUIDFilter(field_name="sighting_id")
