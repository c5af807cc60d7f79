"""Which PostgreSQL and pgvector Homeward can work with."""

import re
from typing import Final

OLDEST_POSTGRES: Final = 15
OLDEST_VECTOR: Final = (0, 8)


def server_problem(pg_version: int, vector_version: str | None) -> str | None:
    """Say in one message what is wrong with a server and what fixes it; None if it will do.

    `pg_version` is libpq's number (180004 is 18.4); `vector_version` is pgvector's installed
    version, or else the one the server offers, or None where it offers none.
    """
    major = pg_version // 10000
    if major < OLDEST_POSTGRES:
        return (
            f"The database server is PostgreSQL {major}, which is too old. Upgrade it to "
            f"PostgreSQL {OLDEST_POSTGRES} or newer, or point DATABASE_URL at a newer server."
        )
    if vector_version is None:
        return (
            "The database server has no pgvector. Install pgvector 0.8 or newer on it (the "
            f"package is often called postgresql-{major}-pgvector), or point DATABASE_URL at a "
            "server that has it."
        )
    if _numbers(vector_version) < OLDEST_VECTOR:
        return (
            f"The database server's pgvector is {vector_version}, which is too old. Install "
            "pgvector 0.8 or newer on it, then run in Homeward's database: "
            "ALTER EXTENSION vector UPDATE;"
        )
    return None


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))
