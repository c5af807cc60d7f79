"""The API of cases."""

from collections.abc import Sequence
from typing import Any, ClassVar
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema, extend_schema_view
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from casemgr.platform.access import Access, Action, Group, can
from casemgr.platform.errors import Forbidden, Gone, Invalid, NotFound
from casemgr.platform.idempotency import Reply
from casemgr.platform.rest.parsing import StrictJSONParser, StrictMultiPartParser, body_of
from casemgr.platform.rest.permissions import AnyAccount
from casemgr.platform.rest.photos import with_image
from casemgr.platform.rest.viewsets import ApiViewSet
from casemgr.platform.vocabularies import CaseStatus
from cases import examples, harmful, lifecycle, publication, services, timeline
from cases.filters import CaseFilters
from cases.models import Case, CasePhoto, Consent, ConsentPurpose, TimelineEvent
from cases.querysets import lock
from cases.serializers import (
    CasePhotoSerializer,
    CasePhotoTick,
    CasePhotoUpload,
    CaseSerializer,
    ConsentSerializer,
    HarmfulSerializer,
    PublicCardSerializer,
    TimelineEventSerializer,
    TransitionSerializer,
    split,
)
from families.models import Alliance, Guardian
from families.serializers import GuardianSerializer

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
DETAIL_GROUPS = (Group.CASE_DETAIL, Group.CASE_PLACE)


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
    create=extend_schema(summary="File a case, as a draft", examples=[examples.NEW_CASE]),
    partial_update=extend_schema(summary="Change some facts of a case"),
)
class CaseViewSet(ApiViewSet):
    """Cases. To outsiders a once-public case answers one identical 410, whatever the cause."""

    queryset = Case.objects.none()
    serializer_class = CaseSerializer
    filterset_class = CaseFilters
    access: ClassVar = {
        "list": Access(Action.READ, Group.PUBLIC_CARD),
        "retrieve": Access(Action.READ, Group.PUBLIC_CARD),
        "create": AnyAccount("filing a case is what makes somebody its unverified guardian"),
        "partial_update": Access(Action.UPDATE, Group.CASE_DETAIL),
    }
    limited_as: ClassVar = {"list": "reads", "retrieve": "reads"}
    statuses: ClassVar = {"retrieve": [410]}

    def list(self, request: Request) -> Response:
        """Newest first."""
        mine = Case.objects.visible_to(self.actor)
        everything = (Case.objects.public() | mine).with_detail().as_shown_to(self.actor)

        def shown(rows: list[Case]) -> list[Any]:
            seen = {case.pk for case in rows}
            full = set(mine.filter(pk__in=seen).values_list("pk", flat=True))
            self.record_read("case", full, *DETAIL_GROUPS)
            return [self._shown(case, full=case.pk in full) for case in rows]

        return self.page(everything, shown)

    def _shown(self, case: Case, *, full: bool) -> Any:
        shape = CaseSerializer if full else PublicCardSerializer
        return shape(case, context=self.get_serializer_context()).data

    def retrieve(self, request: Request, pk: UUID) -> Response:
        """In full for those who see the detail, else the public card while it is up."""
        mine = Case.objects.visible_to(self.actor).as_shown_to(self.actor)
        case = mine.with_detail().filter(pk=pk).first()
        if case is not None:
            self.record_read("case", [case.pk], *DETAIL_GROUPS)
            return self.single(self._shown(case, full=True), case)
        card = Case.objects.public().with_card().filter(pk=pk).first()
        if card is not None:
            return Response(self._shown(card, full=False))
        if Case.objects.filter(pk=pk, ever_public=True).exists():
            raise Gone
        raise NotFound

    def create(self, request: Request) -> Response:
        """The filer speaks for the child from now on, unverified."""
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
            return Reply(201, self._again(filed.pk))

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
        return self.single(self._again(changed.pk), changed)

    def _again(self, pk: UUID) -> Any:
        """The case as it now stands."""
        case = Case.objects.with_detail().as_shown_to(self.actor).get(pk=pk)
        return self._shown(case, full=True)

    def _set_alliance(self, values: dict[str, Any]) -> None:
        """The alliance by its id: one that the actor belongs to, or none."""
        if "alliance_id" not in values:
            return
        wanted = values.pop("alliance_id")
        values["alliance"] = None
        if wanted is None:
            return
        mine = Alliance.objects.filter(
            memberships__user=self.actor.user, memberships__left_at__isnull=True
        )
        values["alliance"] = mine.filter(pk=wanted).first()
        if values["alliance"] is None:
            words = _("You are not a member of an alliance with this id.")
            raise Invalid({"alliance": ("unknown_alliance", words)})


def mine_or_404(actor: Any, pk: UUID) -> Case:
    """The case, if the actor may read its detail; else it isn't there."""
    case = Case.objects.visible_to(actor).filter(pk=pk).first()
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
        return [self.shape(row) for row in rows]


class TransitionViewSet(OfCaseViewSet):
    """The only way to change a case's status."""

    queryset = Case.objects.none()
    serializer_class = TransitionSerializer
    access: ClassVar = {"create": Access(Action.UPDATE, Group.CASE_DETAIL)}

    @extend_schema(
        summary="Take a case one step on",
        responses={200: CaseSerializer},
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
            again = Case.objects.with_detail().as_shown_to(self.actor).get(pk=moved.pk)
            return Reply(200, CaseSerializer(again, context=self.get_serializer_context()).data)

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
    access: ClassVar = {"create": Access(Action.READ, Group.CASE_PHOTOS)}

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


@extend_schema_view(list=extend_schema(summary="What was consented to, by whom, until when"))
class ConsentViewSet(OfCaseViewSet):
    """Consents are given by a guardian, and taken back one by one."""

    queryset = Consent.objects.none()
    made_field = "given_at"
    serializer_class = ConsentSerializer
    access: ClassVar = {
        "list": Access(Action.READ, Group.CASE_DETAIL),
        "create": Access(Action.UPDATE, Group.CASE_DETAIL),
        "destroy": Access(Action.UPDATE, Group.CASE_DETAIL),
    }

    def list(self, request: Request, pk: UUID) -> Response:
        """Newest first, taken-back ones among them."""
        case = self.case(pk, Action.READ, Group.CASE_DETAIL)
        self.record_read("case", [case.pk], Group.CASE_DETAIL)
        return self.page(Consent.objects.filter(case=case), self.shapes)

    @extend_schema(summary="Consent to something, as a guardian")
    def create(self, request: Request, pk: UUID) -> Response:
        """Only somebody who speaks for the child can; asking twice changes nothing."""
        case = self.case(pk, Action.UPDATE, Group.CASE_DETAIL)
        body = body_of(request, files={})

        def work() -> Reply:
            given = self.valid(ConsentSerializer, body.content)
            purpose = ConsentPurpose(given["purpose"])
            consent = services.give_consent(
                actor=self.actor,
                case=case,
                purpose=purpose,
                alliance=_alliance(given.get("alliance_id")),
            )
            return Reply(201, self.shape(Consent.objects.get(pk=consent.pk)))

        return self.once(body, work)

    @extend_schema(summary="Take a consent back", responses={204: None})
    def destroy(self, request: Request, pk: UUID, consent_id: UUID) -> Response:
        """Without any consent left, the public card comes down in the same write."""
        case = self.case(pk, Action.UPDATE, Group.CASE_DETAIL)
        consent = Consent.objects.filter(case=case, pk=consent_id).first()
        if consent is None:
            raise NotFound
        lifecycle.revoke_consent(actor=self.actor, consent=consent)
        return Response(status=204)


def _alliance(wanted: UUID | None) -> Alliance | None:
    """The alliance that a case is to be shared with; any that there is."""
    if wanted is None:
        return None
    alliance = Alliance.objects.filter(pk=wanted).first()
    if alliance is None:
        words = _("There is no alliance with this id.")
        raise Invalid({"alliance": ("unknown_alliance", words)})
    return alliance


@extend_schema_view(list=extend_schema(summary="Who speaks for the child"))
class GuardianViewSet(OfCaseViewSet):
    """Who speaks for the child; filing a case verifies nobody."""

    queryset = Guardian.objects.none()
    serializer_class = GuardianSerializer
    access: ClassVar = {"list": Access(Action.READ, Group.FAMILY_CONTACT)}

    def list(self, request: Request, pk: UUID) -> Response:
        """Newest first, former ones among them."""
        case = self.case(pk, Action.READ, Group.FAMILY_CONTACT)
        self.record_read("case", [case.pk], Group.FAMILY_CONTACT)
        return self.page(Guardian.objects.filter(family=case.family_id), self.shapes)
