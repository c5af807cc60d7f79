"""The API of who speaks for a child and what they agreed to, and of links between cases."""

from typing import Any, ClassVar
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from casemgr.platform.access import Access, Action, Group
from casemgr.platform.errors import Invalid, NotFound
from casemgr.platform.idempotency import Reply
from casemgr.platform.partners.models import Partner
from casemgr.platform.rest.parsing import body_of
from casemgr.platform.vocabularies import LinkKind
from cases import examples, lifecycle, links, services, speaking
from cases.api import OfCaseViewSet, mine_or_404
from cases.models import Case, CaseLink, Consent, ConsentPurpose
from cases.serializers import CaseLinkSerializer, ConsentSerializer
from families.models import Alliance, Guardian
from families.serializers import GuardianSerializer


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

    @extend_schema(
        summary="Consent to something, as a guardian or on one's signed word",
        examples=[examples.NEW_CONSENT],
    )
    def create(self, request: Request, pk: UUID) -> Response:
        """Only for who speaks for the child; asking twice changes nothing.

        A program names the `guardian`, one that it entered, whose word it has in writing.
        """
        case = self.case(pk, Action.UPDATE, Group.CASE_DETAIL)
        body = body_of(request, files={})

        def work() -> Reply:
            given = self.valid(ConsentSerializer, body.content)
            consent = services.give_consent(
                actor=self.actor,
                case=case,
                purpose=ConsentPurpose(given["purpose"]),
                alliance=_alliance(given.get("alliance_id")),
                partner=_partner(given.get("partner_id")),
                guardian_id=given.get("guardian_id"),
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


def _partner(wanted: UUID | None) -> Partner | None:
    """The partner that a case is to be shared with; any that there is."""
    if wanted is None:
        return None
    partner = Partner.objects.filter(pk=wanted).first()
    if partner is None:
        words = _("There is no partner with this id.")
        raise Invalid({"partner": ("unknown_partner", words)})
    return partner


@extend_schema_view(list=extend_schema(summary="Who speaks for the child"))
class GuardianViewSet(OfCaseViewSet):
    """Who speaks for the child; filing a case verifies nobody."""

    queryset = Guardian.objects.none()
    serializer_class = GuardianSerializer
    access: ClassVar = {
        "list": Access(Action.READ, Group.FAMILY_CONTACT),
        "create": Access(Action.CREATE, Group.FAMILY_CONTACT),
    }

    def list(self, request: Request, pk: UUID) -> Response:
        """Newest first, former ones among them."""
        case = self.case(pk, Action.READ, Group.FAMILY_CONTACT)
        self.record_read("case", [case.pk], Group.FAMILY_CONTACT)
        return self.page(Guardian.objects.filter(family=case.family_id), self.shapes)

    @extend_schema(
        summary="Write down who speaks for the child of a partner's own case",
        examples=[examples.NEW_GUARDIAN],
    )
    def create(self, request: Request, pk: UUID) -> Response:
        """For the partner that filed the case; how to reach them is never answered."""
        case = self.case(pk, Action.CREATE, Group.FAMILY_CONTACT)
        body = body_of(request, files={})

        def work() -> Reply:
            given = self.valid(GuardianSerializer, body.content)
            made = speaking.add_guardian(
                actor=self.actor,
                case=case,
                relation=given.get("relation", ""),
                contact=dict(given.get("contact") or {}),
            )
            return Reply(201, self.shape(Guardian.objects.get(pk=made.pk)))

        return self.once(body, work)


@extend_schema_view(list=extend_schema(summary="Cases that belong together with this one"))
class LinkViewSet(OfCaseViewSet):
    """Cases of the same child, of siblings or of one incident, for who sees both."""

    queryset = CaseLink.objects.none()
    serializer_class = CaseLinkSerializer
    access: ClassVar = {
        "list": Access(Action.READ, Group.CASE_DETAIL),
        "create": Access(Action.UPDATE, Group.CASE_DETAIL),
        "destroy": Access(Action.UPDATE, Group.CASE_DETAIL),
    }

    def list(self, request: Request, pk: UUID) -> Response:
        """Newest first."""
        case = self.case(pk, Action.READ, Group.CASE_DETAIL)
        self.record_read("case", [case.pk], Group.CASE_DETAIL)
        found = links.links_of(self.actor, case)
        return self.page(found, lambda rows: [self._shown(row, case) for row in rows])

    @extend_schema(summary="Link two cases", examples=[examples.NEW_LINK])
    def create(self, request: Request, pk: UUID) -> Response:
        """Asking twice changes nothing."""
        case = self.case(pk, Action.UPDATE, Group.CASE_DETAIL)
        body = body_of(request, files={})

        def work() -> Reply:
            given = self.valid(CaseLinkSerializer, body.content)
            other = _other(self.actor, given["case"])
            kind = LinkKind(given["kind"])
            made = links.link(actor=self.actor, case=case, other=other, kind=kind)
            return Reply(201, self._shown(CaseLink.objects.get(pk=made.pk), case))

        return self.once(body, work)

    @extend_schema(summary="Take a link away", responses={204: None})
    def destroy(self, request: Request, pk: UUID, link_id: UUID) -> Response:
        """From either end."""
        case = self.case(pk, Action.UPDATE, Group.CASE_DETAIL)
        held = links.links_of(self.actor, case).filter(pk=link_id).first()
        if held is None:
            raise NotFound
        links.unlink(actor=self.actor, case=case, held=held)
        return Response(status=204)

    def _shown(self, link: CaseLink, case: Case) -> Any:
        """The link from this case's end: `case` is the other one."""
        far = link.other_id if link.one_id == case.pk else link.one_id
        return CaseLinkSerializer(
            {"id": link.pk, "kind": link.kind, "case": far, "created_at": link.created_at}
        ).data


def _other(actor: Any, pk: UUID) -> Case:
    try:
        return mine_or_404(actor, pk)
    except NotFound:
        words = _("There is no case with this id that you can see.")
        raise Invalid({"case": ("unknown_case", words)}) from None
