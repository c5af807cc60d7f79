"""What is in the tables, as digests, so that one sees whether a request changed anything."""

from functools import cache
from typing import Final

from django.db import connection

# What a request may write without having changed anything: that it was made.
TRACES: Final = (
    *("platform_audit", "platform_idempotency", "partners_request", "partners_accesstoken"),
    *("django_", "account_", "mfa_"),
)


@cache
def _question() -> str:
    names = connection.introspection.table_names()
    parts = [
        f"SELECT '{name}', md5(string_agg(t::text, ',' ORDER BY t::text)) FROM \"{name}\" t"  # noqa: S608 - names of ours
        for name in sorted(names)
        if not name.startswith(TRACES)
    ]
    return " UNION ALL ".join(parts)


def rows() -> dict[str, str]:
    """A digest of every table that a request could change."""
    with connection.cursor() as cursor:
        cursor.execute(_question())
        return dict(cursor.fetchall())
