"""Partner organisations and their programs."""

from django.apps import AppConfig


class PartnersConfig(AppConfig):
    """Registers who administers a partner, and how long traces of programs are kept."""

    name = "casemgr.platform.partners"
    label = "partners"

    def ready(self) -> None:
        from casemgr.platform.partners import relations, retention  # noqa: F401
