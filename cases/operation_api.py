"""The API of operations, for reviewers."""

from typing import Any, ClassVar
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from casemgr.platform import places
from casemgr.platform.access import Access, Action, Group
from casemgr.platform.errors import Invalid, NotFound
from casemgr.platform.idempotency import Reply
from casemgr.platform.rest.fields import CodeField, StrictSerializer, words_field
from casemgr.platform.rest.parsing import body_of
from casemgr.platform.rest.viewsets import ApiViewSet
from cases import operations
from cases.models import Case, Operation, SafetyCheck, SuspectKind
from cases.querysets import lock


class SuspectsSerializer(StrictSerializer):
    """How many suspects of one kind; kinds are never added up."""

    kind = CodeField(choices=SuspectKind.choices)
    count = serializers.IntegerField(min_value=0, max_value=10_000_000)
    note = words_field(200)


def _figure() -> serializers.IntegerField:
    return serializers.IntegerField(
        min_value=0, max_value=100_000_000, required=False, allow_null=True
    )


class OperationSerializer(StrictSerializer):
    """A rescue action as reported. Rows overlap (`part_of`): never add them up.

    `linked` counts the cases that two reviewers agreed it ended; `unexplained` says that it differs
    from `children_recovered` and no note says why.
    """

    id = serializers.UUIDField(read_only=True)
    name = serializers.CharField(max_length=200)
    period = words_field(100)
    begins_on = serializers.DateField(required=False, allow_null=True)
    ends_on = serializers.DateField(required=False, allow_null=True)
    part_of = serializers.UUIDField(source="part_of_id", required=False, allow_null=True)
    divisions = serializers.ListField(
        child=serializers.RegexField(r"^\d{6}\Z"), max_length=40, required=False
    )
    area = words_field(200)
    agencies = serializers.ListField(
        child=serializers.CharField(max_length=120), max_length=40, required=False
    )
    officers = _figure()
    children_recovered = _figure()
    children_sold = _figure()
    groups_broken = _figure()
    cases_solved = _figure()
    suspects = SuspectsSerializer(many=True, required=False)
    note = words_field(4_000)
    difference_note = words_field(2_000)
    historical = serializers.BooleanField(read_only=True)
    safety = serializers.ListField(
        child=CodeField(choices=SafetyCheck.choices), max_length=len(SafetyCheck), required=False
    )
    police_contact = words_field(500)
    linked = serializers.SerializerMethodField()
    unexplained = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField(read_only=True)
    updated_at = serializers.DateTimeField(read_only=True)

    def validate_divisions(self, value: list[str]) -> list[str]:
        """Refuse six digits that no division has or had."""
        if any(places.division(code) is None for code in value):
            raise ValidationError(
                _("No division has this code (GB/T 2260)."), code="unknown_division"
            )
        return value

    def validate_suspects(self, value: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """One line for each kind."""
        if len({line["kind"] for line in value}) != len(value):
            raise ValidationError([ErrorDetail(str(_("Name each kind once.")), code="duplicate")])
        return value

    def get_linked(self, operation: Operation) -> int:
        """What the context brings of all rows at once."""
        linked: int = self.context["reconciled"][operation.pk].linked
        return linked

    def get_unexplained(self, operation: Operation) -> bool:
        """What the context brings of all rows at once."""
        marked: bool = self.context["reconciled"][operation.pk].marked
        return marked


class LinkSerializer(StrictSerializer):
    """A case in your hands that the operation ended."""

    case = serializers.UUIDField()


class HandoverSerializer(StrictSerializer):
    """That the police took over."""

    note = words_field(2_000)
    id = serializers.UUIDField(read_only=True)
    at = serializers.DateTimeField(read_only=True)


class OfOperationViewSet(ApiViewSet):
    """Operations, which hold no content of any case."""

    queryset = Operation.objects.none()
    serializer_class: type[StrictSerializer] = OperationSerializer

    def found(self, pk: UUID) -> Operation:
        """The operation."""
        found = _all().filter(pk=pk).first()
        if found is None:
            raise NotFound
        return found

    def shown(self, rows: list[Operation]) -> list[Any]:
        """As they are answered; the look is written down."""
        self.record_read("operation", [row.pk for row in rows], Group.OPERATIONS)
        return self.all_as(OperationSerializer, rows, reconciled=operations.reconcile(rows))


def _linkable(wanted: UUID) -> Operation | None:
    """An operation of this site's own; nothing becomes a part of a published one."""
    return Operation.objects.filter(pk=wanted, historical=False).first()


def _all() -> "QuerySet[Operation]":
    return Operation.objects.prefetch_related("suspects")


@extend_schema_view(
    list=extend_schema(summary="Rescue operations"),
    retrieve=extend_schema(summary="One rescue operation"),
    create=extend_schema(summary="Write down an operation"),
    partial_update=extend_schema(summary="Change an operation"),
)
class OperationViewSet(OfOperationViewSet):
    """Operations, and how what they reported agrees with the cases here."""

    access: ClassVar = {
        "list": Access(Action.READ, Group.OPERATIONS),
        "retrieve": Access(Action.READ, Group.OPERATIONS),
        "create": Access(Action.CREATE, Group.OPERATIONS),
        "partial_update": Access(Action.UPDATE, Group.OPERATIONS),
    }

    def list(self, request: Request) -> Response:
        """Newest entry first."""
        return self.page(_all(), self.shown)

    def retrieve(self, request: Request, pk: UUID) -> Response:
        """With its suspects by kind."""
        found = self.found(pk)
        return self.single(self.shown([found])[0], found)

    def create(self, request: Request) -> Response:
        """Any reviewer may."""
        body = body_of(request, files={})

        def work() -> Reply:
            made = self._save(self.valid(OperationSerializer, body.content), None)
            return Reply(201, self.shown([self.found(made.pk)])[0])

        return self.once(body, work)

    def partial_update(self, request: Request, pk: UUID) -> Response:
        """Only what is sent is changed; suspects are replaced as a whole."""
        body = body_of(request, files={})
        with transaction.atomic():
            found = lock(Operation.objects.all(), self.found(pk).pk)
            self.require_version(found)
            given = self.valid(OperationSerializer, body.content, partial=True)
            self._save(given, found)
        changed = self.found(pk)
        return self.single(self.shown([changed])[0], changed)

    def _save(self, given: dict[str, Any], operation: Operation | None) -> Operation:
        values = dict(given)
        lines = values.pop("suspects", None)
        if "part_of_id" in values:
            wanted = values.pop("part_of_id")
            values["part_of"] = _linkable(wanted) if wanted else None
            if wanted and values["part_of"] is None:
                words = _("There is no operation with this id.")
                raise Invalid({"part_of": ("unknown_operation", words)})
        suspects = None
        if lines is not None:
            suspects = {
                SuspectKind(line["kind"]): (line["count"], line.get("note", "")) for line in lines
            }
        return operations.save_operation(
            actor=self.actor, values=values, suspects=suspects, operation=operation
        )


class OperationCaseViewSet(OfOperationViewSet):
    """Cases that an operation ended."""

    serializer_class = LinkSerializer
    access: ClassVar = {"create": Access(Action.UPDATE, Group.OPERATIONS)}

    @extend_schema(summary="Link a case in your hands", responses={200: OperationSerializer})
    def create(self, request: Request, pk: UUID) -> Response:
        """The case needs an outcome."""
        found = self.found(pk)
        body = body_of(request, files={})

        def work() -> Reply:
            wanted = self.valid(LinkSerializer, body.content)["case"]
            case = Case.objects.visible_to(self.actor).filter(pk=wanted).first()
            if case is None:
                words = _("You have no such case in hand.")
                raise Invalid({"case": ("unknown_case", words)})
            operations.link_case(actor=self.actor, operation=found, case=case)
            return Reply(200, self.shown([self.found(pk)])[0])

        return self.once(body, work)


class HandoverViewSet(OfOperationViewSet):
    """Handing over to the police."""

    serializer_class = HandoverSerializer
    access: ClassVar = {"create": Access(Action.UPDATE, Group.OPERATIONS)}

    @extend_schema(summary="Write down that the police took over")
    def create(self, request: Request, pk: UUID) -> Response:
        """Only once the whole safety list is ticked and a police contact is known."""
        found = self.found(pk)
        body = body_of(request, files={})

        def work() -> Reply:
            note = self.valid(HandoverSerializer, body.content).get("note", "")
            made = operations.hand_over(actor=self.actor, operation=found, note=note)
            made.refresh_from_db()
            return Reply(201, HandoverSerializer(made).data)

        return self.once(body, work)
