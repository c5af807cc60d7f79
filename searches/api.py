"""The API of sightings and receipts. Reviewers' matches are in `review_api.py`."""

from typing import Any, ClassVar
from uuid import UUID

from django.db import transaction
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from casemgr.platform.access import Access, Action, Group, can
from casemgr.platform.errors import Forbidden, NotFound
from casemgr.platform.idempotency import Reply
from casemgr.platform.rest.authentication import django_request
from casemgr.platform.rest.parsing import StrictJSONParser, StrictMultiPartParser, body_of
from casemgr.platform.rest.permissions import WithReceipt
from casemgr.platform.rest.photos import with_image
from casemgr.platform.rest.viewsets import ApiViewSet
from cases.querysets import lock
from cases.serializers import HarmfulSerializer
from searches import examples, flood, harmful, services
from searches.filters import SightingFilters
from searches.models import Sighting, SightingPhoto
from searches.serializers import (
    ReceiptSerializer,
    SightingFields,
    SightingMultipart,
    SightingPhotoSerializer,
    SightingPhotoUpload,
    SightingReceived,
    SightingSerializer,
    split,
)


class OfSightingViewSet(ApiViewSet):
    """What reporters and receipt holders do with their sighting, and reviewers read of it."""

    def sighting(self, pk: UUID) -> Sighting:
        """The sighting, if the actor may read it; else it isn't there."""
        found = Sighting.objects.visible_to(self.actor).with_detail().filter(pk=pk).first()
        if found is None:
            raise NotFound
        if not can(self.actor, Action.READ, Group.SIGHTING, found):
            raise Forbidden
        return found

    def own_sighting(self, pk: UUID) -> Sighting:
        """The sighting, if the actor may add photos to it; else it isn't there."""
        if self.actor.program is None:
            return self.sighting(pk)
        found = Sighting.objects.within_reach(self.actor).filter(pk=pk).first()
        if found is None:
            raise NotFound
        return found

    def change(self, pk: UUID, content: Any) -> Sighting:
        """Change what `content` gives, if the version asked for still stands."""
        with transaction.atomic():
            held: Sighting = lock(Sighting.objects.all(), self.sighting(pk).pk)
            self.require_version(held)
            parts = split(self.valid(SightingFields, content, partial=True))
            services.update_sighting(
                actor=self.actor,
                sighting=held,
                changes=parts["facts"],
                marks=parts["marks"],
                contact=parts["contact"],
                external_ids=parts["external_ids"],
            )
        return self.sighting(pk)

    def shape(self, obj: Any) -> Any:
        """One object as it is answered."""
        serializer = self.get_serializer_class()
        return serializer(obj, context=self.get_serializer_context()).data


@extend_schema_view(
    list=extend_schema(summary="Your own sightings; a reviewer's, those of cases in hand"),
    retrieve=extend_schema(summary="One sighting"),
)
class SightingViewSet(OfSightingViewSet):
    """Sightings. Nothing that is answered here depends on what is on file."""

    queryset = Sighting.objects.none()
    serializer_class = SightingSerializer
    filterset_class = SightingFilters
    parser_classes = (StrictJSONParser, StrictMultiPartParser)
    access: ClassVar = {
        "list": Access(Action.READ, Group.SIGHTING),
        "retrieve": Access(Action.READ, Group.SIGHTING),
        "create": Access(Action.CREATE, Group.SIGHTING),
        "partial_update": Access(Action.UPDATE, Group.SIGHTING),
    }
    # Never refused: what is too much goes to the slow lane.
    limited_as: ClassVar = {"create": None}

    def list(self, request: Request) -> Response:
        """Newest first."""

        def shown(rows: list[Sighting]) -> list[Any]:
            self.record_read("sighting", [row.pk for row in rows], Group.SIGHTING)
            return self.all_as(self.get_serializer_class(), rows)

        return self.page(Sighting.objects.visible_to(self.actor).with_detail(), shown)

    def retrieve(self, request: Request, pk: UUID) -> Response:
        """As its reporter told it."""
        sighting = self.sighting(pk)
        self.record_read("sighting", [sighting.pk], Group.SIGHTING)
        return self.single(self.shape(sighting), sighting)

    @extend_schema(
        summary="Log a sighting, with or without an account",
        request={
            "application/json": SightingFields,
            "multipart/form-data": SightingMultipart,
        },
        responses={201: SightingReceived},
        examples=[examples.NEW_SIGHTING, examples.RECEIVED],
    )
    def create(self, request: Request) -> Response:
        """Always the same answer: an id and a receipt. Needs one of photo, place, words."""
        most = services.MAX_PHOTOS_AT_ONCE
        body = body_of(request, files={"photos": most}, json_part="data")
        photos = body.files.get("photos", ())

        def work() -> Reply:
            parts = split(self.valid(SightingFields, body.content))
            received = services.log_sighting(
                actor=self.actor,
                values=parts["facts"],
                marks=parts["marks"] or (),
                contact=parts["contact"],
                external_ids=parts["external_ids"] or (),
                photos=photos,
                turn=flood.turn_of(django_request(self.request), photos=len(photos)),
            )
            return Reply(201, {"id": str(received.sighting.pk), "receipt": received.receipt})

        return self.once(body, work)

    @extend_schema(
        summary="Add to a sighting of your own, or correct it",
        request={"application/json": SightingFields(partial=True)},
        responses={200: SightingSerializer},
    )
    def partial_update(self, request: Request, pk: UUID) -> Response:
        """Only what is sent is changed; marks and ids are replaced as wholes."""
        changed = self.change(pk, body_of(request, files={}).content)
        return self.single(self.shape(changed), changed)


@extend_schema_view(
    list=extend_schema(summary="Photos of a sighting"),
    retrieve=extend_schema(summary="One photo of a sighting"),
)
class SightingPhotoViewSet(OfSightingViewSet):
    """Photos of a sighting, up to ten; none is ever public."""

    queryset = SightingPhoto.objects.none()
    serializer_class = SightingPhotoSerializer
    parser_classes = (StrictMultiPartParser,)
    access: ClassVar = {
        "list": Access(Action.READ, Group.SIGHTING),
        "retrieve": Access(Action.READ, Group.SIGHTING),
        "create": WithReceipt(Access(Action.CREATE, Group.SIGHTING)),
    }
    limited_as: ClassVar = {"create": "photos"}

    def list(self, request: Request, pk: UUID) -> Response:
        """Newest first."""
        sighting = self.sighting(pk)
        self.record_read("sighting", [sighting.pk], Group.SIGHTING)
        photos = SightingPhoto.objects.filter(sighting=sighting)
        return self.page_of(photos, self.get_serializer_class())

    def retrieve(self, request: Request, pk: UUID, photo_id: UUID) -> Response:
        """How far it is, and what was seen in it."""
        photo = SightingPhoto.objects.filter(sighting=self.sighting(pk), pk=photo_id).first()
        if photo is None:
            raise NotFound
        self.record_read("sighting_photo", [photo.pk], Group.SIGHTING)
        return self.single(self.shape(photo), photo)

    @extend_schema(
        summary="Add a photo to your sighting, also with its receipt",
        request={"multipart/form-data": SightingPhotoUpload},
        responses={201: SightingPhotoSerializer},
    )
    def create(self, request: Request, pk: UUID) -> Response:
        """Kept and queued; ask again for what was seen in it."""
        sighting = self.own_sighting(pk)
        body = body_of(request, files={"image": 1})

        def work() -> Reply:
            given = dict(self.valid(SightingPhotoUpload, with_image(body)))
            data = given.pop("image")
            photo = services.add_photo(actor=self.actor, sighting=sighting, data=data, **given)
            return Reply(201, self.shape(SightingPhoto.objects.get(pk=photo.pk)))

        return self.once(body, work)


class HarmfulSightingPhotoViewSet(OfSightingViewSet):
    """Sealing an image that nobody may see again."""

    queryset = SightingPhoto.objects.none()
    serializer_class = HarmfulSerializer
    access: ClassVar = {"create": WithReceipt(Access(Action.READ, Group.SIGHTING), people=True)}

    @extend_schema(
        summary="Mark a photo as harmful, also with its receipt: it is sealed at once",
        responses={200: SightingPhotoSerializer},
    )
    def create(self, request: Request, pk: UUID, photo_id: UUID) -> Response:
        """It is never shown, matched or exported again."""
        photo = SightingPhoto.objects.filter(sighting=self.sighting(pk), pk=photo_id).first()
        if photo is None:
            raise NotFound
        body = body_of(request, files={})

        def work() -> Reply:
            given = self.valid(HarmfulSerializer, body.content)
            harmful.mark_sighting_photo(actor=self.actor, photo=photo, reason=given["reason"])
            photo.refresh_from_db()
            return Reply(
                200, SightingPhotoSerializer(photo, context=self.get_serializer_context()).data
            )

        return self.once(body, work)


class ReceiptViewSet(OfSightingViewSet):
    """The sighting that a receipt opens. What it answers never moves with review."""

    queryset = Sighting.objects.none()
    serializer_class = ReceiptSerializer
    # Adding to one's own sighting is all that a receipt may do: the table grants AN no update.
    access: ClassVar = {
        "retrieve": WithReceipt(Access(Action.READ, Group.SIGHTING)),
        "partial_update": WithReceipt(Access(Action.CREATE, Group.SIGHTING)),
        "destroy": WithReceipt(Access(Action.CREATE, Group.SIGHTING)),
    }

    def receipt(self) -> UUID:
        """The id of the receipt's sighting; without a receipt, a 401."""
        if self.actor.receipt is None:
            raise NotAuthenticated
        return self.actor.receipt

    @extend_schema(summary="What you told us")
    def retrieve(self, request: Request) -> Response:
        """Your own words and the status, `received` or `withdrawn`."""
        sighting = self.sighting(self.receipt())
        self.record_read("sighting", [sighting.pk], Group.SIGHTING)
        return self.single(self.shape(sighting), sighting)

    @extend_schema(
        summary="Add to what you told us",
        request={"application/json": SightingFields(partial=True)},
        responses={200: ReceiptSerializer},
    )
    def partial_update(self, request: Request) -> Response:
        """Only what is sent is changed."""
        changed = self.change(self.receipt(), body_of(request, files={}).content)
        return self.single(self.shape(changed), changed)

    @extend_schema(summary="Take your sighting back", responses={204: None})
    def destroy(self, request: Request) -> Response:
        """It is matched no more; asking twice changes nothing."""
        services.withdraw(actor=self.actor, sighting=self.sighting(self.receipt()))
        return Response(status=204)
