"""Sightings, matches and reviews."""

from django.apps import AppConfig


class SearchesConfig(AppConfig):
    """Registers what a sighting's and a match's actors are to it, and the work events make."""

    name = "searches"

    def ready(self) -> None:
        from searches import (  # noqa: F401
            erasure,
            handlers,
            pair_watch,
            personal_data,
            relations,
            retention,
            reviewing,
            telling,
            worker,
        )
