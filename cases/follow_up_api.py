"""The API of follow-ups: for reviewers with the case in hand, and nobody else."""

from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from casemgr.platform.access import Access, Action, Group
from casemgr.platform.errors import NotFound
from casemgr.platform.idempotency import Reply
from casemgr.platform.rest.fields import CodeField, StrictSerializer, words_field
from casemgr.platform.rest.parsing import body_of
from casemgr.platform.rest.viewsets import ApiViewSet
from cases import follow_ups
from cases.models import Concern, FollowUp, Standing

SIDES = ("health", "schooling", "household_registration", "counselling")


class FollowUpSerializer(StrictSerializer):
    """One check after a child came home."""

    id = serializers.UUIDField(read_only=True)
    case = serializers.UUIDField(source="outcome.case_id", read_only=True)
    months = serializers.IntegerField(read_only=True)
    due_on = serializers.DateField(read_only=True)
    health = CodeField(choices=Standing.choices, required=False)
    schooling = CodeField(choices=Standing.choices, required=False)
    household_registration = CodeField(choices=Standing.choices, required=False)
    counselling = CodeField(choices=Standing.choices, required=False)
    child_wishes = words_field(follow_ups.LONGEST)
    guardian_wishes = words_field(follow_ups.LONGEST)
    concern = CodeField(choices=Concern.choices)
    concern_note = words_field(follow_ups.LONGEST)
    note = words_field(follow_ups.LONGEST)
    done_at = serializers.DateTimeField(read_only=True, allow_null=True)
    handled_at = serializers.DateTimeField(read_only=True, allow_null=True)
    handled_note = serializers.CharField(read_only=True)
    created_at = serializers.DateTimeField(read_only=True)
    updated_at = serializers.DateTimeField(read_only=True)


class HandledSerializer(StrictSerializer):
    """What was done about an urgent concern."""

    note = serializers.CharField(max_length=follow_ups.LONGEST)


class OfFollowUpViewSet(ApiViewSet):
    """Checks of the cases that a reviewer has in hand."""

    queryset = FollowUp.objects.none()
    serializer_class: type[StrictSerializer] = FollowUpSerializer

    def found(self, pk: UUID) -> FollowUp:
        """The check; NotFound for everybody without the case in hand."""
        mine = FollowUp.objects.visible_to(self.actor).select_related("outcome__case")
        found = mine.filter(pk=pk).first()
        if found is None:
            raise NotFound
        return found

    def shown(self, rows: list[FollowUp]) -> list[Any]:
        """The checks as they are answered; the look is written down."""
        seen = [key for row in rows for key in (row.pk, row.outcome.case_id)]
        self.record_read("follow_up", seen, Group.OPERATIONS)
        return self.all_as(FollowUpSerializer, rows)


@extend_schema_view(
    list=extend_schema(summary="Follow-ups of the cases that you have in hand"),
    retrieve=extend_schema(summary="One follow-up"),
)
class FollowUpViewSet(OfFollowUpViewSet):
    """Checks one, three, six and twelve months after a child came home."""

    access: ClassVar = {
        "list": Access(Action.READ, Group.OPERATIONS),
        "retrieve": Access(Action.READ, Group.OPERATIONS),
    }

    def list(self, request: Request) -> Response:
        """Those planned last come first."""
        mine = FollowUp.objects.visible_to(self.actor).select_related("outcome__case")
        return self.page(mine, self.shown)

    def retrieve(self, request: Request, pk: UUID) -> Response:
        """What it found, once it was made."""
        found = self.found(pk)
        return self.single(self.shown([found])[0], found)


class FollowUpRecordViewSet(OfFollowUpViewSet):
    """Writing down what a check found."""

    access: ClassVar = {"create": Access(Action.UPDATE, Group.OPERATIONS)}

    @extend_schema(summary="Write down what a follow-up found", responses={200: FollowUpSerializer})
    def create(self, request: Request, pk: UUID) -> Response:
        """Once; an urgent concern is told to other reviewers at once."""
        found = self.found(pk)
        body = body_of(request, files={})

        def work() -> Reply:
            given = dict(self.valid(FollowUpSerializer, body.content))
            sides = {name: Standing(given.pop(name)) for name in SIDES if name in given}
            concern = Concern(given.pop("concern"))
            follow_ups.record(
                actor=self.actor, follow_up=found, standings=sides, concern=concern, **given
            )
            return Reply(200, self.shown([self.found(pk)])[0])

        return self.once(body, work)


class FollowUpConcernViewSet(OfFollowUpViewSet):
    """Seeing to an urgent concern."""

    serializer_class = HandledSerializer
    access: ClassVar = {"create": Access(Action.UPDATE, Group.OPERATIONS)}

    @extend_schema(
        summary="Write down what was done about an urgent concern",
        responses={200: FollowUpSerializer},
    )
    def create(self, request: Request, pk: UUID) -> Response:
        """By another reviewer than the one who raised it."""
        found = self.found(pk)
        body = body_of(request, files={})

        def work() -> Reply:
            note = self.valid(HandledSerializer, body.content)["note"]
            follow_ups.handle_concern(actor=self.actor, follow_up=found, note=note)
            return Reply(200, self.shown([self.found(pk)])[0])

        return self.once(body, work)
