"""Shapes of outcomes in the API: all of it for reviewers on the case, one word for the family."""

from typing import Any

from rest_framework import serializers

from casemgr.platform.rest.fields import (
    CodeField,
    PartialDateField,
    StrictSerializer,
    words_field,
)
from casemgr.platform.vocabularies import (
    CaseStatus,
    IdentityEstablishedBy,
    Obstacle,
    OutcomeKind,
    Situation,
)
from cases import outcome_proposals
from cases.models import ContactWish, Outcome, StepKind
from cases.outcome_undo import Touched
from cases.outcomes import LONGEST

STEPS = [step for step in StepKind.choices if step[0] != StepKind.PROPOSED]


class ProposalReceivedSerializer(serializers.Serializer[Any]):
    """That a partner's proposal was received. Nothing of what becomes of it is ever added."""

    id = serializers.UUIDField(read_only=True)
    created_at = serializers.DateTimeField(read_only=True)
    updated_at = serializers.DateTimeField(
        source="created_at", read_only=True, help_text="The same: it never moves with review."
    )


class OutcomeStatusSerializer(serializers.Serializer[Any]):
    """What the family is shown: the case's status, and that only once a person has told them."""

    status = serializers.ChoiceField(choices=CaseStatus.choices)
    proposals = ProposalReceivedSerializer(
        many=True,
        required=False,
        help_text="For programs that may propose: what their organisation sent, newest first.",
    )


class OutcomeProposalSerializer(StrictSerializer):
    """How a case ended, as a partner's program says it; two reviewers decide."""

    kind = CodeField(choices=[(kind.value, kind.label) for kind in outcome_proposals.KINDS])
    occurred_at = PartialDateField(required=False)
    identity_established_by = serializers.ListField(
        child=CodeField(choices=IdentityEstablishedBy.choices),
        max_length=len(IdentityEstablishedBy),
        required=False,
    )
    situation_found = CodeField(choices=Situation.choices, required=False, allow_blank=True)
    note = words_field(
        outcome_proposals.LONGEST, help_text="For reviewers; sealed. Never where the child is."
    )


class OutcomeStepSerializer(serializers.Serializer[Any]):
    """One step that stands."""

    kind = serializers.ChoiceField(choices=StepKind.choices)
    at = serializers.DateTimeField()
    by = serializers.UUIDField(source="by_id")


class ClueSerializer(serializers.Serializer[Any]):
    """What helped to solve the case, the most decisive first."""

    rank = serializers.IntegerField()
    kind = serializers.CharField()
    note = serializers.CharField()


class OutcomeSerializer(StrictSerializer):
    """How a case ended, or how far it is. Reviewers propose by `kind` and what goes with it.

    `place` is null where none is kept, and for ever once the child wants no contact.
    """

    id = serializers.UUIDField(read_only=True)
    status = serializers.ChoiceField(
        choices=CaseStatus.choices, source="case.status", read_only=True
    )
    kind = CodeField(choices=OutcomeKind.choices)
    occurred_at = PartialDateField()
    situation_found = CodeField(choices=Situation.choices, required=False, allow_blank=True)
    obstacle = CodeField(choices=Obstacle.choices, required=False, allow_blank=True)
    note = words_field(LONGEST)
    merged_into = serializers.UUIDField(
        source="merged_into_id",
        required=False,
        allow_null=True,
        help_text="Another case that you have in hand; only with the kind `merged`.",
    )
    operation = serializers.UUIDField(source="operation_id", read_only=True, allow_null=True)
    authority = serializers.CharField(read_only=True)
    place = serializers.CharField(read_only=True, allow_null=True)
    place_hidden = serializers.BooleanField(read_only=True)
    identity_established_by = serializers.ListField(
        source="identity_by", child=serializers.CharField(), read_only=True
    )
    identity_who = serializers.CharField(read_only=True)
    identity_note = serializers.CharField(read_only=True)
    child_wish = serializers.CharField(read_only=True)
    child_words = serializers.CharField(read_only=True)
    guardian_words = serializers.CharField(read_only=True)
    steps = OutcomeStepSerializer(many=True, read_only=True)
    clues = ClueSerializer(many=True, read_only=True)
    created_at = serializers.DateTimeField(read_only=True)
    updated_at = serializers.DateTimeField(read_only=True)

    def to_representation(self, instance: Outcome) -> dict[str, Any]:
        """The outcome with the steps that stand."""
        shown: dict[str, Any] = super().to_representation(instance)
        standing = sorted(instance.standing_steps().values(), key=lambda step: step.at)
        shown["steps"] = OutcomeStepSerializer(standing, many=True).data
        return shown


class TakeStepSerializer(StrictSerializer):
    """One step to take. What else it needs depends on `step`; the rest is left out."""

    step = CodeField(choices=STEPS)
    authority = words_field(LONGEST, help_text="With `informed`: which one, and its reference.")
    reason = words_field(500, help_text="With `spoken`: that it happened, never what was said.")
    place = words_field(LONGEST, help_text="With `located`; sealed.")
    identity_established_by = serializers.ListField(
        child=CodeField(choices=IdentityEstablishedBy.choices),
        max_length=len(IdentityEstablishedBy),
        required=False,
        help_text="With `identity`.",
    )
    identity_who = words_field(LONGEST, help_text="With `identity`: by whom.")
    identity_note = words_field(LONGEST, help_text="With `identity`: what it rests on.")
    child_wish = CodeField(
        choices=ContactWish.choices, required=False, allow_blank=True, help_text="With `wishes`."
    )
    child_words = words_field(LONGEST, help_text="With `wishes`.")
    guardian_words = words_field(LONGEST, help_text="With `wishes`.")


class UndoSerializer(StrictSerializer):
    """Why the last step is taken back."""

    reason = serializers.CharField(max_length=500)


class TouchedSerializer(serializers.Serializer[Any]):
    """What taking it back touched."""

    touched = serializers.ListField(child=serializers.ChoiceField(choices=Touched.choices))
