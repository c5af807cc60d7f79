"""People with an account."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Registers the roles that staff hold."""

    name = "casemgr.platform.accounts"
    label = "accounts"

    def ready(self) -> None:
        from casemgr.platform.accounts import roles  # noqa: F401
