"""Cases of missing children."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """Registers what a case's actors are to it, and the work that its events make."""

    name = "cases"

    def ready(self) -> None:
        from cases import erasure, handlers, personal_data, relations, retention  # noqa: F401
