"""What a service says when it will not do something. Views and the API turn these into answers."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.functional import Promise

Words = str | Promise


class DomainError(Exception):
    """A refusal with a stable `code`, words for the asker, and the HTTP status it becomes.

    `headers` go out with the answer.
    """

    status = 400
    headers: Mapping[str, str] = {}

    def __init__(self, code: str, message: Words) -> None:
        super().__init__(code)
        self.code = code
        self.message = message

    def __str__(self) -> str:
        return str(self.message)


class Invalid(DomainError):
    """One or more fields are not acceptable: {pointer: (code, message)}; '' is the whole."""

    status = 400

    def __init__(self, fields: Mapping[str, tuple[str, Words]]) -> None:
        code, message = next(iter(fields.values()))
        super().__init__("invalid", message)
        self.fields = dict(fields)
        self.first_code = code


class NotFound(DomainError):
    """Not there, or not for the asker to know of."""

    status = 404

    def __init__(self) -> None:
        from django.utils.translation import gettext_lazy as _

        super().__init__("not_found", _("There is nothing here, or it is not for you to see."))


class Gone(DomainError):
    """Once public, and no longer; one identical answer, whatever the cause."""

    status = 410

    def __init__(self, message: Words | None = None) -> None:
        from django.utils.translation import gettext_lazy as _

        super().__init__(
            "gone",
            message
            or _("This child is no longer being looked for here. Please stop sharing the notice."),
        )


class Forbidden(DomainError):
    """The asker may see it but not do this."""

    status = 403

    def __init__(self, message: Words | None = None) -> None:
        from django.utils.translation import gettext_lazy as _

        super().__init__("forbidden", message or _("You can see this, but not change it."))


class MissingScope(DomainError):
    """A program asks for what none of its token's scopes opens; `scopes` are those that would."""

    status = 403

    def __init__(self, scopes: Sequence[str]) -> None:
        from django.utils.translation import gettext_lazy as _

        wanted = " ".join(scopes)
        words = _("This needs one of these scopes: %(scopes)s.")
        super().__init__("insufficient_scope", words % {"scopes": wanted})
        self.headers = {"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{wanted}"'}


class Conflict(DomainError):
    """The thing has moved on since the asker looked."""

    status = 409


class Stale(DomainError):
    """The ETag sent with If-Match is no longer the current one."""

    status = 412

    def __init__(self) -> None:
        from django.utils.translation import gettext_lazy as _

        super().__init__(
            "stale",
            _("Someone has changed this since you read it. Read it again, then send your change."),
        )


def as_lines(error: DomainError) -> list[Any]:
    """The words of every refused field, in order."""
    if isinstance(error, Invalid):
        return [message for _code, message in error.fields.values()]
    return [error.message]
