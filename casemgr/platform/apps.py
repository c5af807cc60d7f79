"""The platform: what every room of the house stands on."""

from django.apps import AppConfig


class PlatformConfig(AppConfig):
    """Loads the Celery app, so that ringing works from every process."""

    name = "casemgr.platform"
    label = "platform"

    def ready(self) -> None:
        from casemgr import celery  # noqa: F401
        from casemgr.platform import checks  # noqa: F401
