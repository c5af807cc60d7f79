"""What the API tells of those who speak for a child, and of alliances."""

from datetime import datetime

from rest_framework import serializers

from casemgr.platform.rest.fields import CodeField, StrictSerializer, words_field
from families.models import Guardian, Membership, MembershipRole


class GuardianContactSerializer(StrictSerializer):
    """How to reach somebody who speaks for the child. It is never answered."""

    name = words_field(120)
    phone = words_field(40)
    email = serializers.EmailField(required=False, allow_blank=True, max_length=254)
    note = words_field(500)


class GuardianSerializer(StrictSerializer):
    """One person who speaks for the child; how to reach them is not told here."""

    id = serializers.UUIDField(read_only=True)
    relation = words_field(60)
    contact = GuardianContactSerializer(required=False, write_only=True)
    verified_at = serializers.DateTimeField(read_only=True, allow_null=True)
    ended_at = serializers.DateTimeField(read_only=True, allow_null=True)
    created_at = serializers.DateTimeField(read_only=True)
    updated_at = serializers.SerializerMethodField()

    def get_updated_at(self, guardian: Guardian) -> datetime:
        """The last of the things that happen to a guardianship."""
        marks = (guardian.created_at, guardian.verified_at, guardian.ended_at)
        return max(mark for mark in marks if mark is not None)


class MemberSerializer(serializers.Serializer[Membership]):
    """One person in an alliance; how to reach them is not told."""

    user = serializers.UUIDField(source="user_id", read_only=True)
    name = serializers.CharField(source="user.display_name", read_only=True)
    role = serializers.ChoiceField(choices=MembershipRole.choices, read_only=True)
    joined_at = serializers.DateTimeField(read_only=True)


class AllianceSerializer(StrictSerializer):
    """An alliance, for those who are in it."""

    id = serializers.UUIDField(read_only=True)
    name = serializers.CharField(max_length=120)
    members = MemberSerializer(many=True, read_only=True)
    created_at = serializers.DateTimeField(read_only=True)
    updated_at = serializers.DateTimeField(read_only=True)


class InvitationSerializer(StrictSerializer):
    """A new invitation; its secret is told once and kept nowhere."""

    role = CodeField(choices=MembershipRole.choices)
    secret = serializers.CharField(read_only=True)


class JoinSerializer(StrictSerializer):
    """The secret of an invitation."""

    secret = serializers.CharField(max_length=100, write_only=True)


class HandOverSerializer(StrictSerializer):
    """Who is to be the owner."""

    user = serializers.UUIDField()
