"""The API of cases."""

from collections.abc import Sequence
from typing import Any, ClassVar
from uuid import UUID

from django.db import transaction
from django.db.models import prefetch_related_objects
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema, extend_schema_view
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from casemgr.platform.access import Access, Action, Group, can
from casemgr.platform.errors import Forbidden, Gone, Invalid, NotFound
from casemgr.platform.idempotency import Reply
from casemgr.platform.rest.parsing import StrictJSONParser, StrictMultiPartParser, body_of
from casemgr.platform.rest.permissions import AnyAccount, PeopleOnly
from casemgr.platform.rest.photos import with_image
from casemgr.platform.rest.viewsets import ApiViewSet
from casemgr.platform.vocabularies import CaseStatus
from cases import examples, harmful, lifecycle, publication, services, timeline
from cases.filters import CaseFilters
from cases.models import Case, CasePhoto, TimelineEvent
from cases.querysets import DETAIL_GROUPS, lock
from cases.serializers import (
    CasePhotoSerializer,
    CasePhotoTick,
    CasePhotoUpload,
    CaseSerializer,
    CaseWrittenSerializer,
    HarmfulSerializer,
    PublicCardSerializer,
    TimelineEventSerializer,
    TransitionSerializer,
    split,
)
from families.models import Alliance

CASE_OR_CARD = PolymorphicProxySerializer(
    component_name="CaseOrCard",
    serializers=[CaseSerializer, PublicCardSerializer],
    resource_type_field_name=None,
)
CASE_OR_CARDS = PolymorphicProxySerializer(
    component_name="CaseOrCard",
    serializers=[CaseSerializer, PublicCardSerializer],
    resource_type_field_name=None,
    many=True,
)
CASE_OR_WRITTEN = PolymorphicProxySerializer(
    component_name="CaseOrWritten",
    serializers=[CaseSerializer, CaseWrittenSerializer],
    resource_type_field_name=None,
)


@extend_schema_view(
    list=extend_schema(
        summary="Cases: own ones in full, other people's as public cards",
        responses=CASE_OR_CARDS,
    ),
    retrieve=extend_schema(
        summary="One case, in full or as its public card",
        responses=CASE_OR_CARD,
        examples=[examples.CARD],
    ),
    create=extend_schema(
        summary="File a case, as a draft",
        responses={201: CASE_OR_WRITTEN},
        examples=[examples.NEW_CASE],
    ),
    partial_update=extend_schema(
        summary="Change some facts of a case", responses={200: CASE_OR_WRITTEN}
    ),
)
class CaseViewSet(ApiViewSet):
    """Cases. To outsiders a once-public case answers one identical 410, whatever the cause."""

    queryset = Case.objects.none()
    serializer_class = CaseSerializer
    filterset_class = CaseFilters
    access: ClassVar = {
        "list": Access(Action.READ, Group.PUBLIC_CARD),
        "retrieve": Access(Action.READ, Group.PUBLIC_CARD),
        "create": AnyAccount(
            "filing a case is what makes somebody its unverified guardian",
            program=Access(Action.CREATE, Group.CASE_DETAIL),
        ),
        "partial_update": Access(Action.UPDATE, Group.CASE_DETAIL),
    }
    limited_as: ClassVar = {"list": "reads", "retrieve": "reads"}
    statuses: ClassVar = {"retrieve": [410]}

    def list(self, request: Request) -> Response:
        """Newest first."""
        mine = Case.objects.visible_to(self.actor)
        everything = (Case.objects.public() | mine).with_child().as_shown_to(self.actor)

        def shown(rows: list[Case]) -> list[Any]:
            seen = {case.pk for case in rows}
            full = set(mine.filter(pk__in=seen).values_list("pk", flat=True))
            self.record_read("case", full, *DETAIL_GROUPS)
            prefetch_related_objects([row for row in rows if row.pk in full], "external_ids")
            prefetch_related_objects([row for row in rows if row.pk not in full], "photos")
            # Making a serializer costs more than showing a row with it.
            context = self.get_serializer_context()
            whole, card = CaseSerializer(context=context), PublicCardSerializer(context=context)
            return [(whole if row.pk in full else card).to_representation(row) for row in rows]

        return self.page(everything, shown)

    def retrieve(self, request: Request, pk: UUID) -> Response:
        """In full for those who see the detail, else the public card while it is up."""
        mine = Case.objects.visible_to(self.actor).as_shown_to(self.actor)
        case = mine.with_detail().filter(pk=pk).first()
        if case is not None:
            self.record_read("case", [case.pk], *DETAIL_GROUPS)
            shape = CaseSerializer(case, context=self.get_serializer_context())
            return self.single(shape.data, case)
        card = Case.objects.public().with_card().filter(pk=pk).first()
        if card is not None:
            return Response(PublicCardSerializer(card, context=self.get_serializer_context()).data)
        if Case.objects.filter(pk=pk, ever_public=True).exists():
            raise Gone
        raise NotFound

    def create(self, request: Request) -> Response:
        """The filer speaks for the child from now on, unverified; a program for nobody."""
        body = body_of(request, files={})

        def work() -> Reply:
            parts = split(self.valid(CaseSerializer, body.content))
            self._set_alliance(parts["case"])
            filed = services.file_case(
                actor=self.actor,
                case=parts["case"],
                child=parts["child"],
                marks=parts["marks"] or (),
                external_ids=parts["external_ids"] or (),
            )
            return Reply(201, written(self, filed.pk))

        return self.once(body, work)

    def partial_update(self, request: Request, pk: UUID) -> Response:
        """Only what is sent is changed; marks and ids are replaced as wholes."""
        body = body_of(request, files={})
        with transaction.atomic():
            case = mine_or_404(self.actor, pk)
            case = lock(Case.objects.all(), case.pk)
            self.require_version(case)
            parts = split(self.valid(CaseSerializer, body.content, partial=True))
            self._set_alliance(parts["case"])
            changed = services.update_case(
                actor=self.actor,
                case=case,
                case_changes=parts["case"],
                child_changes=parts["child"],
                marks=parts["marks"],
                external_ids=parts["external_ids"],
            )
        return self.single(written(self, changed.pk), changed)

    def _set_alliance(self, values: dict[str, Any]) -> None:
        """The alliance by its id: one that the actor belongs to, or none."""
        if "alliance_id" not in values:
            return
        wanted = values.pop("alliance_id")
        values["alliance"] = None
        if wanted is None:
            return
        if self.actor.user is not None:
            mine = Alliance.objects.filter(
                memberships__user=self.actor.user, memberships__left_at__isnull=True
            )
            values["alliance"] = mine.filter(pk=wanted).first()
        if values["alliance"] is None:
            words = _("You are not a member of an alliance with this id.")
            raise Invalid({"alliance": ("unknown_alliance", words)})


def written(view: ApiViewSet, pk: UUID) -> Any:
    """The case as it now stands; to a program without the scope to read it, that it was written."""
    case = Case.objects.with_detail().as_shown_to(view.actor).get(pk=pk)
    actor = view.actor
    reads = actor.program is None or can(actor, Action.READ, Group.CASE_DETAIL, case)
    shape = CaseSerializer if reads else CaseWrittenSerializer
    return shape(case, context=view.get_serializer_context()).data


def mine_or_404(actor: Any, pk: UUID) -> Case:
    """The case, if the actor may read or change its detail; else it isn't there."""
    case = Case.objects.within_reach(actor).filter(pk=pk).first()
    if case is None:
        raise NotFound
    return case


class OfCaseViewSet(ApiViewSet):
    """Something that belongs to one case, for those who may read the case's detail."""

    def case(self, pk: UUID, action: Action, group: Group) -> Case:
        """The case, on which the actor may do `action` to `group`."""
        case = mine_or_404(self.actor, pk)
        if not can(self.actor, action, group, case):
            raise Forbidden
        return case

    def shape(self, obj: Any) -> Any:
        """One object as it is answered."""
        serializer = self.get_serializer_class()
        return serializer(obj, context=self.get_serializer_context()).data

    def shapes(self, rows: list[Any]) -> list[Any]:
        """A page's objects as they are answered."""
        return self.all_as(self.get_serializer_class(), rows)


class TransitionViewSet(OfCaseViewSet):
    """The only way to change a case's status."""

    queryset = Case.objects.none()
    serializer_class = TransitionSerializer
    access: ClassVar = {"create": Access(Action.UPDATE, Group.CASE_DETAIL)}

    @extend_schema(
        summary="Take a case one step on",
        responses={200: CASE_OR_WRITTEN},
        examples=[examples.SUBMIT],
    )
    def create(self, request: Request, pk: UUID) -> Response:
        """Leaving `open` takes the public card down at once.

        `withdrawn`, asked for by the family, ends publicity and is confirmed by a reviewer.
        """
        case = self.case(pk, Action.UPDATE, Group.CASE_DETAIL)
        body = body_of(request, files={})

        def work() -> Reply:
            step = self.valid(TransitionSerializer, body.content)
            moved = lifecycle.transition(
                actor=self.actor,
                case=case,
                to=CaseStatus(step["to"]),
                reason=step.get("reason", ""),
            )
            return Reply(200, written(self, moved.pk))

        return self.once(body, work)


@extend_schema_view(
    list=extend_schema(summary="Photos of the child"),
    retrieve=extend_schema(summary="One photo of the child"),
)
class CasePhotoViewSet(OfCaseViewSet):
    """Photos of the child, public only when ticked, and only while the card is up."""

    queryset = CasePhoto.objects.none()
    serializer_class = CasePhotoSerializer
    parser_classes = (StrictMultiPartParser,)
    access: ClassVar = {
        "list": Access(Action.READ, Group.CASE_PHOTOS),
        "retrieve": Access(Action.READ, Group.CASE_PHOTOS),
        "create": Access(Action.CREATE, Group.CASE_PHOTOS),
        "partial_update": Access(Action.UPDATE, Group.CASE_DETAIL),
    }
    limited_as: ClassVar = {"create": "photos"}

    def list(self, request: Request, pk: UUID) -> Response:
        """Newest first."""
        case = self.case(pk, Action.READ, Group.CASE_PHOTOS)
        self.record_read("case", [case.pk], Group.CASE_PHOTOS)
        return self.page(CasePhoto.objects.filter(case=case), self.shapes)

    def retrieve(self, request: Request, pk: UUID, photo_id: UUID) -> Response:
        """How far it is, and what was seen in it."""
        case = self.case(pk, Action.READ, Group.CASE_PHOTOS)
        photo = CasePhoto.objects.filter(case=case, pk=photo_id).first()
        if photo is None:
            raise NotFound
        self.record_read("case_photo", [photo.pk], Group.CASE_PHOTOS)
        return self.single(self.shape(photo), photo)

    @extend_schema(
        summary="Add a photo of the child",
        request={"multipart/form-data": CasePhotoUpload},
        responses={201: CasePhotoSerializer},
    )
    def create(self, request: Request, pk: UUID) -> Response:
        """Kept and queued; ask again for what was seen in it."""
        case = self.case(pk, Action.CREATE, Group.CASE_PHOTOS)
        body = body_of(request, files={"image": 1})

        def work() -> Reply:
            given = dict(self.valid(CasePhotoUpload, with_image(body)))
            data = given.pop("image")
            photo = services.add_photo(actor=self.actor, case=case, data=data, **given)
            return Reply(201, self.shape(CasePhoto.objects.get(pk=photo.pk)))

        return self.once(body, work)

    def get_parsers(self) -> Sequence[BaseParser]:  # type: ignore[override]
        """A photo comes in parts; a change to one is JSON."""
        if self.request is not None and self.request.method == "PATCH":
            return [StrictJSONParser()]
        return super().get_parsers()

    @extend_schema(
        summary="Tick a photo for the public card, or untick it",
        request={"application/json": CasePhotoTick},
        responses={200: CasePhotoSerializer},
    )
    def partial_update(self, request: Request, pk: UUID, photo_id: UUID) -> Response:
        """Ticked while the card is up, it is shown once a reviewer has looked at it."""
        case = self.case(pk, Action.UPDATE, Group.CASE_DETAIL)
        given = self.valid(CasePhotoTick, body_of(request, files={}).content)
        with transaction.atomic():
            photo = CasePhoto.objects.select_for_update().filter(case=case, pk=photo_id).first()
            if photo is None:
                raise NotFound
            self.require_version(photo)
            publication.tick_photo(actor=self.actor, photo=photo, public=given["consent_public"])
        photo.refresh_from_db()
        return self.single(self.shape(photo), photo)


class HarmfulCasePhotoViewSet(OfCaseViewSet):
    """Sealing an image that nobody may see again."""

    queryset = CasePhoto.objects.none()
    serializer_class = HarmfulSerializer
    access: ClassVar = {"create": PeopleOnly(Access(Action.READ, Group.CASE_PHOTOS))}

    @extend_schema(
        summary="Mark a photo as harmful: it is sealed at once",
        responses={200: CasePhotoSerializer},
    )
    def create(self, request: Request, pk: UUID, photo_id: UUID) -> Response:
        """It is never shown, matched or exported again."""
        case = self.case(pk, Action.READ, Group.CASE_PHOTOS)
        photo = CasePhoto.objects.filter(case=case, pk=photo_id).first()
        if photo is None:
            raise NotFound
        body = body_of(request, files={})

        def work() -> Reply:
            given = self.valid(HarmfulSerializer, body.content)
            harmful.mark_case_photo(actor=self.actor, photo=photo, reason=given["reason"])
            photo.refresh_from_db()
            return Reply(
                200, CasePhotoSerializer(photo, context=self.get_serializer_context()).data
            )

        return self.once(body, work)


@extend_schema_view(list=extend_schema(summary="What happened to the child, as far as is known"))
class TimelineViewSet(OfCaseViewSet):
    """The child's way, event by event."""

    queryset = TimelineEvent.objects.none()
    serializer_class = TimelineEventSerializer
    access: ClassVar = {
        "list": Access(Action.READ, Group.CASE_DETAIL),
        "create": Access(Action.UPDATE, Group.CASE_DETAIL),
    }

    def list(self, request: Request, pk: UUID) -> Response:
        """Newest entry first; what reviewers wrote is there for reviewers alone."""
        case = self.case(pk, Action.READ, Group.CASE_DETAIL)
        self.record_read("case", [case.pk], Group.CASE_DETAIL)
        return self.page(timeline.events_shown_to(self.actor, case), self.shapes)

    @extend_schema(summary="Put something on the timeline")
    def create(self, request: Request, pk: UUID) -> Response:
        """Anybody who may change the case may add to its timeline."""
        case = self.case(pk, Action.UPDATE, Group.CASE_DETAIL)
        body = body_of(request, files={})

        def work() -> Reply:
            given = dict(self.valid(TimelineEventSerializer, body.content))
            event = timeline.add_event(actor=self.actor, case=case, **given)
            return Reply(201, self.shape(TimelineEvent.objects.get(pk=event.pk)))

        return self.once(body, work)
