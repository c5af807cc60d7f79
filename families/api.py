"""The API of alliances (provisional): who is in, coming in by invitation, handing over, leaving."""

from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from casemgr.platform.accounts import second_factor
from casemgr.platform.errors import NotFound
from casemgr.platform.idempotency import Reply
from casemgr.platform.rest.authentication import django_request
from casemgr.platform.rest.parsing import body_of
from casemgr.platform.rest.permissions import AnyAccount
from casemgr.platform.rest.viewsets import ApiViewSet
from families import alliances, services
from families.models import Alliance, MembershipRole
from families.serializers import (
    AllianceSerializer,
    HandOverSerializer,
    InvitationSerializer,
    JoinSerializer,
)

MEMBERS_ONLY = AnyAccount("whether somebody is in the alliance is asked of each one")


class OfAllianceViewSet(ApiViewSet):
    """Something of one alliance, for those who are in it."""

    queryset = Alliance.objects.none()

    def alliance(self, pk: UUID) -> Alliance:
        """The alliance, if the actor is in it; else it isn't there."""
        found = alliances.alliances_of(self.actor).filter(pk=pk).first()
        if found is None:
            raise NotFound
        return found

    def shape(self, alliance: Alliance) -> Any:
        """An alliance with its members, as somebody in it sees it."""
        return AllianceSerializer(
            {
                "id": alliance.pk,
                "name": alliance.name,
                "members": alliances.members_of(actor=self.actor, alliance=alliance),
                "created_at": alliance.created_at,
                "updated_at": alliance.updated_at,
            }
        ).data


@extend_schema_view(
    list=extend_schema(summary="The alliances that you are in"),
    retrieve=extend_schema(summary="One alliance that you are in"),
)
class AllianceViewSet(OfAllianceViewSet):
    """Families who search together."""

    serializer_class = AllianceSerializer
    access: ClassVar = {"list": MEMBERS_ONLY, "retrieve": MEMBERS_ONLY, "create": MEMBERS_ONLY}

    def list(self, request: Request) -> Response:
        """Newest first."""
        mine = alliances.alliances_of(self.actor)
        return self.page(mine, lambda rows: [self.shape(row) for row in rows])

    def retrieve(self, request: Request, pk: UUID) -> Response:
        """With everybody who is in it."""
        alliance = self.alliance(pk)
        return self.single(self.shape(alliance), alliance)

    @extend_schema(summary="Found an alliance, and be its owner")
    def create(self, request: Request) -> Response:
        """Its name must be free."""
        body = body_of(request, files={})

        def work() -> Reply:
            given = self.valid(AllianceSerializer, body.content)
            user = self.actor.user
            assert user is not None
            made = services.found_alliance(actor=self.actor, name=given["name"], owner=user)
            return Reply(201, self.shape(Alliance.objects.get(pk=made.pk)))

        return self.once(body, work)


class InvitationViewSet(OfAllianceViewSet):
    """One-time ways into an alliance."""

    serializer_class = InvitationSerializer
    access: ClassVar = {"create": MEMBERS_ONLY}

    @extend_schema(summary="Invite one person; the secret is told once")
    def create(self, request: Request, pk: UUID) -> Response:
        """Coordinators invite members, owners also coordinators. Good for seven days."""
        alliance = self.alliance(pk)
        body = body_of(request, files={})

        def work() -> Reply:
            given = self.valid(InvitationSerializer, body.content)
            role = MembershipRole(given["role"])
            secret = alliances.invite(actor=self.actor, alliance=alliance, role=role)
            return Reply(201, {"role": role, "secret": secret})

        return self.once(body, work)


class JoinViewSet(OfAllianceViewSet):
    """Coming in by an invitation."""

    serializer_class = JoinSerializer
    access: ClassVar = {"create": AnyAccount("whoever was given the secret may come in")}
    statuses: ClassVar = {"create": [410]}

    @extend_schema(summary="Come in by an invitation", responses={201: AllianceSerializer})
    def create(self, request: Request) -> Response:
        """An invitation that can't be used any more answers 410, whatever the cause."""
        body = body_of(request, files={})

        def work() -> Reply:
            given = self.valid(JoinSerializer, body.content)
            joined = alliances.accept_invitation(actor=self.actor, secret=given["secret"])
            return Reply(201, self.shape(joined.alliance))

        return self.once(body, work)


class OwnMembershipViewSet(OfAllianceViewSet):
    """One's own place in an alliance."""

    serializer_class = HandOverSerializer
    access: ClassVar = {"create": MEMBERS_ONLY, "destroy": MEMBERS_ONLY}

    @extend_schema(
        summary="Hand the alliance over to another member", responses={200: AllianceSerializer}
    )
    def create(self, request: Request, pk: UUID) -> Response:
        """The owner is a coordinator from then on."""
        alliance = self.alliance(pk)
        second_factor.insist(django_request(request))
        body = body_of(request, files={})

        def work() -> Reply:
            given = self.valid(HandOverSerializer, body.content)
            members = alliances.members_of(actor=self.actor, alliance=alliance)
            to = members.filter(user=given["user"]).first()
            if to is None:
                raise NotFound
            alliances.hand_over(actor=self.actor, alliance=alliance, to=to.user)
            return Reply(200, self.shape(alliance))

        return self.once(body, work)

    @extend_schema(summary="Leave the alliance", responses={204: None})
    def destroy(self, request: Request, pk: UUID) -> Response:
        """The last owner hands over first."""
        alliances.leave(actor=self.actor, alliance=self.alliance(pk))
        return Response(status=204)
