"""Checks of the outside world that `manage.py check --database default` and `migrate` run."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import NotSupportedError, OperationalError, connections

from casemgr.platform.embedded.versions import server_problem

CANNOT_CONNECT = "platform.E001"
UNFIT_SERVER = "platform.E002"


@register(Tags.database)
def check_database_server(
    *, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Each named PostgreSQL can be reached, is new enough and has a new enough pgvector."""
    found = (_problem(alias) for alias in databases or ())
    return [error for error in found if error is not None]


def _problem(alias: str) -> Error | None:
    connection = connections[alias]
    if connection.vendor != "postgresql":
        return Error(
            f"Database {alias!r} isn't PostgreSQL, and Homeward works with nothing else.",
            hint="Point DATABASE_URL at PostgreSQL 15 or newer with pgvector 0.8 or newer.",
            id=UNFIT_SERVER,
        )
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT current_setting('server_version_num')::int, coalesce("
                "(SELECT extversion FROM pg_extension WHERE extname = 'vector'),"
                "(SELECT default_version FROM pg_available_extensions WHERE name = 'vector'))"
            )
            pg_version, vector_version = cursor.fetchone()
    except NotSupportedError as error:
        # Django itself refuses the oldest servers before we can ask them anything.
        return Error(
            f"The database server is too old: {error}",
            hint="Upgrade it, or point DATABASE_URL at PostgreSQL 15 or newer.",
            id=UNFIT_SERVER,
        )
    except OperationalError as error:
        return Error(
            f"Database {alias!r} can't be reached: {error}",
            hint="Check DATABASE_URL, and that the server runs and lets this user in.",
            id=CANNOT_CONNECT,
        )
    problem = server_problem(pg_version, vector_version)
    return Error(problem, id=UNFIT_SERVER) if problem else None
