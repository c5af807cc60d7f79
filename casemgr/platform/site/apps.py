"""What an operator says once about this site."""

from django.apps import AppConfig


class SiteConfig(AppConfig):
    """One row of settings."""

    name = "casemgr.platform.site"
    label = "site"
