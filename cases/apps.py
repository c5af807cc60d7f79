"""Cases of missing children."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """Registers what a case's actors are to it, and the work that its events make."""

    name = "cases"

    def ready(self) -> None:
        from cases import (  # noqa: F401
            case_files,
            claims,
            erasure,
            feed,
            follow_ups,
            handlers,
            outcomes,
            personal_data,
            protection,
            relations,
            retention,
            second_seat,
            word,
            yearly,
        )
        from cases.bulk import exports, import_work, sheets  # noqa: F401
        from cases.bulk import retention as bulk_retention  # noqa: F401
        from cases.pfif import records  # noqa: F401
