"""The API of outcomes: for reviewers with the case in hand; the family reads the status alone, and
partners' programs propose.
"""

from typing import Any, ClassVar
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from casemgr.platform.access import Access, Action, Group, Role, can
from casemgr.platform.accounts import second_factor
from casemgr.platform.dates import PartialDate
from casemgr.platform.errors import Invalid, NotFound
from casemgr.platform.idempotency import Reply
from casemgr.platform.rest.authentication import django_request
from casemgr.platform.rest.parsing import body_of
from casemgr.platform.vocabularies import IdentityEstablishedBy, Obstacle, OutcomeKind, Situation
from cases import (
    assignments,
    examples,
    lifecycle,
    outcome_proposals,
    outcome_steps,
    outcome_undo,
    outcomes,
)
from cases.api import OfCaseViewSet
from cases.models import Case, ContactWish, Outcome, StepKind
from cases.outcome_serializers import (
    OutcomeProposalSerializer,
    OutcomeSerializer,
    OutcomeStatusSerializer,
    ProposalReceivedSerializer,
    TakeStepSerializer,
    TouchedSerializer,
    UndoSerializer,
)

OUTCOME_OR_STATUS = PolymorphicProxySerializer(
    component_name="OutcomeOrStatus",
    serializers=[OutcomeSerializer, OutcomeStatusSerializer],
    resource_type_field_name=None,
)
OUTCOME_OR_PROPOSAL = PolymorphicProxySerializer(
    component_name="OutcomeOrProposal",
    serializers=[OutcomeSerializer, OutcomeProposalSerializer],
    resource_type_field_name=None,
)
OUTCOME_OR_RECEIVED = PolymorphicProxySerializer(
    component_name="OutcomeOrReceived",
    serializers=[OutcomeSerializer, ProposalReceivedSerializer],
    resource_type_field_name=None,
)

MOST_SHOWN = 50


class OfOutcomeViewSet(OfCaseViewSet):
    """What a reviewer with the case in hand does on its way to an outcome."""

    queryset = Outcome.objects.none()

    def in_hand(self, pk: UUID) -> Case:
        """The case, for a reviewer who decides on it; for everybody else there is no such thing."""
        case = self.case(pk, Action.READ, Group.OUTCOME_STATUS)
        if not assignments.decides(self.actor, case):
            raise NotFound
        return case

    def shown(self, case: Case) -> Any:
        """The outcome as it now stands; the look is written down."""
        outcome = Outcome.objects.select_related("case").filter(case=case, ended_at=None).first()
        if outcome is None:
            raise NotFound
        self.record_read("outcome", [outcome.pk, case.pk], Group.OUTCOME)
        return OutcomeSerializer(outcome, context=self.get_serializer_context()).data


class OutcomeViewSet(OfOutcomeViewSet):
    """How a case ended."""

    serializer_class = OutcomeSerializer
    access: ClassVar = {
        "retrieve": Access(Action.READ, Group.OUTCOME_STATUS),
        "create": Access(Action.CREATE, Group.OUTCOME),
    }

    @extend_schema(
        summary="How a case ended: in full for reviewers, the status for the family",
        responses=OUTCOME_OR_STATUS,
    )
    def retrieve(self, request: Request, pk: UUID) -> Response:
        """The family reads `open` until a person has told them."""
        case = self.case(pk, Action.READ, Group.OUTCOME_STATUS)
        if can(self.actor, Action.READ, Group.OUTCOME, case) and assignments.decides(
            self.actor, case
        ):
            if outcome_steps.standing(case) is not None:
                return Response(self.shown(case))
            status = case.status
        else:
            status = case.status_to_family
        self.record_read("case", [case.pk], Group.OUTCOME_STATUS)
        told: dict[str, Any] = {"status": status}
        if self.actor.has(Role.OUTCOMES_PROPOSE):
            told["proposals"] = outcome_proposals.received_from(self.actor, case)[:MOST_SHOWN]
        return Response(OutcomeStatusSerializer(told).data)

    @extend_schema(
        summary="Propose an outcome; two reviewers have to agree",
        request=OUTCOME_OR_PROPOSAL,
        responses={201: OUTCOME_OR_RECEIVED},
        examples=[examples.NEW_PROPOSAL, examples.PROPOSAL_RECEIVED],
    )
    def create(self, request: Request, pk: UUID) -> Response:
        """It decides nothing before the step `confirmed` of a second reviewer.

        What a partner's program proposes is put before reviewers. The answer says that it was
        received, and is the same whatever is known of the child.
        """
        if self.actor.program is not None:
            return self._receive(request, self.case(pk, Action.CREATE, Group.OUTCOME))
        case = self.in_hand(pk)
        second_factor.insist(django_request(request))
        body = body_of(request, files={})

        def work() -> Reply:
            given = self.valid(OutcomeSerializer, body.content)
            outcomes.propose(
                actor=self.actor,
                case=case,
                kind=OutcomeKind(given["kind"]),
                occurred_at=given.get("occurred_at", PartialDate()),
                situation_found=_code(Situation, given.get("situation_found")),
                obstacle=_code(Obstacle, given.get("obstacle")),
                note=given.get("note", ""),
                merged_into=self._joined(given.get("merged_into_id")),
            )
            return Reply(201, self.shown(case))

        return self.once(body, work)

    def _receive(self, request: Request, case: Case) -> Response:
        """A program's proposal."""
        body = body_of(request, files={})

        def work() -> Reply:
            given = self.valid(OutcomeProposalSerializer, body.content)
            made = outcome_proposals.receive(
                actor=self.actor,
                case=case,
                kind=OutcomeKind(given["kind"]),
                occurred_at=given.get("occurred_at") or PartialDate(),
                identity_by=[
                    IdentityEstablishedBy(code) for code in given.get("identity_established_by", [])
                ],
                situation_found=_code(Situation, given.get("situation_found")),
                note=given.get("note", ""),
            )
            made.refresh_from_db()
            return Reply(201, ProposalReceivedSerializer(made).data)

        return self.once(body, work)

    def _joined(self, wanted: UUID | None) -> Case | None:
        if wanted is None:
            return None
        found = Case.objects.visible_to(self.actor).filter(pk=wanted).first()
        if found is None:
            words = _("You have no other such case in hand.")
            raise Invalid({"merged_into": ("unknown_case", words)})
        return found


def _code(vocabulary: Any, value: str | None) -> Any:
    return vocabulary(value) if value else None


class OutcomeStepViewSet(OfOutcomeViewSet):
    """Steps on the way to an outcome."""

    serializer_class = TakeStepSerializer
    access: ClassVar = {"create": Access(Action.UPDATE, Group.OUTCOME)}

    @extend_schema(summary="Take one step on the way", responses={201: OutcomeSerializer})
    def create(self, request: Request, pk: UUID) -> Response:
        """Each step says what it needs before it; `confirmed` ends the case."""
        case = self.in_hand(pk)
        second_factor.insist(django_request(request))
        body = body_of(request, files={})

        def work() -> Reply:
            given = self.valid(TakeStepSerializer, body.content)
            self._take(case, StepKind(given["step"]), given)
            return Reply(201, self.shown(case))

        return self.once(body, work)

    def _take(self, case: Case, step: StepKind, given: dict[str, Any]) -> None:
        who: dict[str, Any] = {"actor": self.actor, "case": case}
        if step is StepKind.INFORMED:
            outcomes.inform_authorities(**who, authority=given.get("authority", ""))
        elif step is StepKind.SPOKEN:
            lifecycle.record_family_told(**who, reason=given.get("reason", ""))
        elif step is StepKind.LOCATED:
            outcomes.record_located(**who, place=given.get("place", ""))
        elif step is StepKind.IDENTITY:
            outcomes.establish_identity(
                **who,
                by=[
                    IdentityEstablishedBy(code) for code in given.get("identity_established_by", [])
                ],
                who=given.get("identity_who", ""),
                note=given.get("identity_note", ""),
            )
        elif step is StepKind.WISHES:
            if not given.get("child_wish"):
                raise Invalid({"child_wish": ("required", _("Say what the child wants."))})
            outcomes.record_wishes(
                **who,
                wish=ContactWish(given["child_wish"]),
                child_words=given.get("child_words", ""),
                guardian_words=given.get("guardian_words", ""),
            )
        else:
            outcomes.confirm(**who)


class OutcomeUndoViewSet(OfOutcomeViewSet):
    """Taking the last step back."""

    serializer_class = UndoSerializer
    access: ClassVar = {"create": Access(Action.UPDATE, Group.OUTCOME)}

    @extend_schema(
        summary="Take the last step back; says what that touched",
        responses={200: TouchedSerializer},
    )
    def create(self, request: Request, pk: UUID) -> Response:
        """Refused once others have built on it."""
        case = self.in_hand(pk)
        second_factor.insist(django_request(request))
        body = body_of(request, files={})

        def work() -> Reply:
            given = self.valid(UndoSerializer, body.content)
            touched = outcome_undo.undo(actor=self.actor, case=case, reason=given["reason"])
            return Reply(200, {"touched": [each.value for each in touched]})

        return self.once(body, work)
