"""What the API tells of those who speak for a child."""

from datetime import datetime

from rest_framework import serializers

from families.models import Guardian


class GuardianSerializer(serializers.Serializer[Guardian]):
    """One person who speaks for the child; how to reach them is not told here."""

    id = serializers.UUIDField(read_only=True)
    relation = serializers.CharField(read_only=True)
    verified_at = serializers.DateTimeField(read_only=True, allow_null=True)
    ended_at = serializers.DateTimeField(read_only=True, allow_null=True)
    created_at = serializers.DateTimeField(read_only=True)
    updated_at = serializers.SerializerMethodField()

    def get_updated_at(self, guardian: Guardian) -> datetime:
        """The last of the things that happen to a guardianship."""
        marks = (guardian.created_at, guardian.verified_at, guardian.ended_at)
        return max(mark for mark in marks if mark is not None)
