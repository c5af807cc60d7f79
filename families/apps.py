"""Families, the people who speak for a child, and alliances."""

from django.apps import AppConfig


class FamiliesConfig(AppConfig):
    """Registers the roles and relations that families and alliances give."""

    name = "families"

    def ready(self) -> None:
        from families import erasure, personal_data, relations  # noqa: F401
