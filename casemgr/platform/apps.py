"""The platform: what every room of the house stands on."""

from django.apps import AppConfig
from django.conf import settings


class PlatformConfig(AppConfig):
    """Loads the Celery app, so that ringing works from every process, and reads the limits."""

    name = "casemgr.platform"
    label = "platform"

    def ready(self) -> None:
        from casemgr import celery  # noqa: F401
        from casemgr.platform import checks, limits  # noqa: F401

        limits.check_all(settings.LIMITS)
