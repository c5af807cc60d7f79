"""The reviewers' API: matches and decisions. Nobody else ever learns that there are any."""

from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from casemgr.platform.access import Access, Action, Group, can
from casemgr.platform.accounts import second_factor
from casemgr.platform.errors import Forbidden, NotFound
from casemgr.platform.idempotency import Reply
from casemgr.platform.rest.authentication import django_request
from casemgr.platform.rest.parsing import body_of
from casemgr.platform.rest.viewsets import ApiViewSet
from casemgr.platform.vocabularies import ReviewDecision
from cases.models import Case
from searches import examples, reviewing
from searches.filters import MatchFilters
from searches.models import Match, Review, Sighting
from searches.serializers import MatchSerializer, ReviewSerializer


class OfMatchViewSet(ApiViewSet):
    """Matches of the cases that a reviewer has in hand."""

    def match(self, pk: UUID, action: Action, group: Group) -> Match:
        """The match, on which the actor may do `action` to `group`."""
        found = Match.objects.visible_to(self.actor).filter(pk=pk).first()
        if found is None:
            raise NotFound
        if not can(self.actor, action, group, found):
            raise Forbidden
        return found

    def record_look(self, matches: list[Match]) -> None:
        """A match's evidence tells of its case and its sighting too."""
        seen = [key for row in matches for key in (row.pk, row.case_id, row.sighting_id)]
        self.record_read("match", seen, Group.MATCHES)

    def shape(self, obj: Any) -> Any:
        """One object as it is answered."""
        serializer = self.get_serializer_class()
        return serializer(obj, context=self.get_serializer_context()).data

    def matches(self, queryset: "QuerySet[Match]") -> Response:
        """One page of matches with their evidence."""

        def shown(rows: list[Match]) -> list[Any]:
            self.record_look(rows)
            return self.all_as(self.get_serializer_class(), rows)

        return self.page(queryset.prefetch_related("evidence"), shown)


@extend_schema_view(
    list=extend_schema(summary="Matches of the cases that you have in hand"),
    retrieve=extend_schema(summary="One match, with why it was proposed"),
)
class MatchViewSet(OfMatchViewSet):
    """Judged pairs of a case and a sighting."""

    queryset = Match.objects.none()
    serializer_class = MatchSerializer
    filterset_class = MatchFilters
    access: ClassVar = {
        "list": Access(Action.READ, Group.MATCHES),
        "retrieve": Access(Action.READ, Group.MATCHES),
    }

    def list(self, request: Request) -> Response:
        """Newest first."""
        return self.matches(Match.objects.visible_to(self.actor))

    def retrieve(self, request: Request, pk: UUID) -> Response:
        """Machine scores propose; people decide."""
        match = self.match(pk, Action.READ, Group.MATCHES)
        self.record_look([match])
        return self.single(self.shape(match), match)


@extend_schema_view(list=extend_schema(summary="Matches of one case"))
class CaseMatchViewSet(OfMatchViewSet):
    """Matches of one case that the reviewer has in hand."""

    queryset = Match.objects.none()
    serializer_class = MatchSerializer
    filterset_class = MatchFilters
    access: ClassVar = {"list": Access(Action.READ, Group.MATCHES)}

    def list(self, request: Request, pk: UUID) -> Response:
        """Newest first."""
        case = Case.objects.visible_to(self.actor).filter(pk=pk).first()
        if case is None:
            raise NotFound
        return self.matches(Match.objects.visible_to(self.actor).filter(case=case))


@extend_schema_view(list=extend_schema(summary="Matches of one sighting"))
class SightingMatchViewSet(OfMatchViewSet):
    """Matches of one sighting with cases that the reviewer has in hand."""

    queryset = Match.objects.none()
    serializer_class = MatchSerializer
    filterset_class = MatchFilters
    access: ClassVar = {"list": Access(Action.READ, Group.MATCHES)}

    def list(self, request: Request, pk: UUID) -> Response:
        """Newest first."""
        sighting = Sighting.objects.visible_to(self.actor).filter(pk=pk).first()
        if sighting is None:
            raise NotFound
        return self.matches(Match.objects.visible_to(self.actor).filter(sighting=sighting))


@extend_schema_view(list=extend_schema(summary="Decisions on a match"))
class ReviewViewSet(OfMatchViewSet):
    """Two different reviewers must accept before a match is a lead."""

    queryset = Review.objects.none()
    serializer_class = ReviewSerializer
    access: ClassVar = {
        "list": Access(Action.READ, Group.REVIEWS),
        "create": Access(Action.CREATE, Group.REVIEWS),
        "destroy": Access(Action.CREATE, Group.REVIEWS),
    }

    def list(self, request: Request, pk: UUID) -> Response:
        """Newest first."""
        match = self.match(pk, Action.READ, Group.REVIEWS)
        self.record_read("match", [match.pk], Group.REVIEWS)
        standing = Review.objects.filter(match=match, ended_at__isnull=True)
        return self.page_of(standing, self.get_serializer_class())

    @extend_schema(summary="Decide on a match", examples=[examples.REVIEW])
    def create(self, request: Request, pk: UUID) -> Response:
        """Once for each reviewer; a reason is always asked for."""
        match = self.match(pk, Action.CREATE, Group.REVIEWS)
        second_factor.insist(django_request(request))
        body = body_of(request, files={})

        def work() -> Reply:
            given = self.valid(ReviewSerializer, body.content)
            review = reviewing.decide(
                actor=self.actor,
                match=match,
                decision=ReviewDecision(given["decision"]),
                reason=given["reason"],
            )
            return Reply(201, self.shape(Review.objects.get(pk=review.pk)))

        return self.once(body, work)

    @extend_schema(summary="Take your decision back, within ten minutes", responses={204: None})
    def destroy(self, request: Request, pk: UUID, review_id: UUID) -> Response:
        """Only one's own, and only before anybody built on it."""
        match = self.match(pk, Action.CREATE, Group.REVIEWS)
        review = Review.objects.filter(match=match, pk=review_id).first()
        if review is None:
            raise NotFound
        reviewing.undo(actor=self.actor, review=review)
        return Response(status=204)
