"""Partner organisations and their programs."""

from django.apps import AppConfig


class PartnersConfig(AppConfig):
    """Registers who administers a partner, what they are told, and what is sent and kept."""

    name = "casemgr.platform.partners"
    label = "partners"

    def ready(self) -> None:
        from casemgr.platform.partners import (  # noqa: F401
            notices,
            relations,
            retention,
            webhooks,
        )
