"""Everything that is told to a person."""

from django.apps import AppConfig


class NotifyConfig(AppConfig):
    """Registers the work that a new notice makes."""

    name = "casemgr.platform.notify"
    label = "notify"

    def ready(self) -> None:
        from casemgr.platform.notify import handlers  # noqa: F401
