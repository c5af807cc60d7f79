"""Cases of missing children."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """Registers what a case's actors are to it, and the work that its events make."""

    name = "cases"

    def ready(self) -> None:
        from cases import (  # noqa: F401
            erasure,
            feed,
            follow_ups,
            handlers,
            personal_data,
            relations,
            retention,
            word,
            yearly,
        )
