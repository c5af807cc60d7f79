"""The API of statistics: for everybody, each at their level."""

from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from casemgr.platform.access import Access, Action, Group
from casemgr.platform.rest.viewsets import ApiViewSet
from cases.models import Case
from cases.statistics.facets import FACETS, Level, level_of
from cases.statistics.selectors import Figures, figures, survival
from cases.statistics.suppression import LEAST

WHERE = [
    OpenApiParameter(name, str, description=f"Only cases with this code of `{name}`.")
    for name in FACETS
]
BY = OpenApiParameter(
    "by", str, description="Facets to count by, with commas between. Three in all, with filters."
)


class FiguresRowSerializer(serializers.Serializer[Any]):
    """One line: a code for each facet of `by`. A count that is withheld is null."""

    codes = serializers.ListField(child=serializers.CharField())
    words = serializers.ListField(child=serializers.CharField())
    count = serializers.IntegerField(allow_null=True)


class FiguresSerializer(serializers.Serializer[Figures]):
    """Counts of cases at the reader's level. Below `withheld_below`, and where a difference would
    tell such a count, they are null.
    """

    level = serializers.ChoiceField(choices=[level.value for level in Level])
    by = serializers.ListField(child=serializers.CharField())
    where = serializers.DictField(child=serializers.CharField())
    total = serializers.IntegerField(allow_null=True)
    rows = FiguresRowSerializer(many=True)
    withheld_below = serializers.SerializerMethodField()
    as_of = serializers.DateTimeField()

    def get_withheld_below(self, shown: Figures) -> int | None:
        """The least count that is shown; null where all are."""
        return None if shown.level is Level.INTERNAL else LEAST


class StepSerializer(serializers.Serializer[Any]):
    """From `time` (years) on, the share `missing` is estimated to be missing still."""

    time = serializers.FloatField()
    at_risk = serializers.IntegerField()
    found = serializers.IntegerField()
    missing = serializers.FloatField()


class SurvivalSerializer(serializers.Serializer[Any]):
    """The Kaplan-Meier estimate; empty where it can't be told without telling small counts."""

    level = serializers.ChoiceField(choices=[level.value for level in Level])
    steps = StepSerializer(many=True)


class StatisticsViewSet(ApiViewSet):
    """What all cases together say."""

    queryset = Case.objects.none()
    serializer_class = FiguresSerializer
    parameters: ClassVar = ("by", *FACETS)
    access: ClassVar = {
        "figures": Access(Action.READ, Group.STATISTICS),
        "survival": Access(Action.READ, Group.STATISTICS),
    }
    limited_as: ClassVar = {"figures": "reads", "survival": "reads"}

    @extend_schema(
        summary="Counts of cases by up to three facets",
        parameters=[BY, *WHERE],
        responses=FiguresSerializer,
    )
    def figures(self, request: Request) -> Response:
        """Small counts are withheld from everybody but reviewers."""
        by = [name for name in request.query_params.get("by", "").split(",") if name]
        found = figures(level_of(self.actor), by, self._where(request))
        return Response(FiguresSerializer(found).data)

    @extend_schema(
        summary="How long recovery takes",
        parameters=WHERE,
        responses=SurvivalSerializer,
    )
    def survival(self, request: Request) -> Response:
        """Children still missing count as censored."""
        level = level_of(self.actor)
        steps = survival(level, self._where(request))
        return Response(SurvivalSerializer({"level": level, "steps": steps}).data)

    def _where(self, request: Request) -> dict[str, str]:
        given = request.query_params
        return {name: given[name][:60] for name in FACETS if name in given}
