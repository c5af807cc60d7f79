"""People with an account."""

from typing import Any

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Registers staff's roles, what people are told, and that setting a factor up proves it."""

    name = "casemgr.platform.accounts"
    label = "accounts"

    def ready(self) -> None:
        from allauth.mfa.signals import authenticator_added

        from casemgr.platform.accounts import erasure, notices, retention, roles  # noqa: F401

        authenticator_added.connect(_prove, dispatch_uid="homeward.accounts")


def _prove(*, request: Any, authenticator: Any, **_: Any) -> None:
    from casemgr.platform.accounts import second_factor

    if authenticator.type != authenticator.Type.RECOVERY_CODES:
        second_factor.mark(request, authenticator)
