"""A demo's own database: made, recognised and thrown away, and never anybody else's."""

from enum import Enum
from typing import Final

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from psycopg import sql

from casemgr import env
from casemgr.demo.models import DemoRun

LEFT_BY_A_START: Final = {"django_migrations"}
"""Tables of a first migration that was cut short before the demo's mark was written."""


class State(Enum):
    """What the database is that the demo would use."""

    MISSING = "missing"
    EMPTY = "empty"
    UNFINISHED = "unfinished"
    WHOLE = "whole"
    NOT_A_DEMO = "not a demo"


class NotADemo(RuntimeError):
    """The database holds something else; it is left alone."""

    def __init__(self) -> None:
        super().__init__(
            f"The database {settings.DEMO_DATABASE} isn't empty and isn't a demo's, so it is left "
            "alone. Set DEMO_DATABASE to another name, or remove that database yourself."
        )


def state() -> State:
    """Looks only. A demo's mark is a row of DemoRun."""
    with _maintenance() as server:
        named = "SELECT 1 FROM pg_database WHERE datname = %s"
        if server.execute(named, [settings.DEMO_DATABASE]).fetchone() is None:
            return State.MISSING
    tables = set(connection.introspection.table_names())
    connection.close()
    if DemoRun._meta.db_table not in tables:
        return State.EMPTY if tables <= LEFT_BY_A_START else State.NOT_A_DEMO
    runs = list(DemoRun.objects.all())
    connection.close()
    if not runs:
        return (
            State.EMPTY
            if tables <= LEFT_BY_A_START | {DemoRun._meta.db_table}
            else (State.NOT_A_DEMO)
        )
    return State.WHOLE if runs[0].finished_at else State.UNFINISHED


def create(seed: int) -> DemoRun:
    """A fresh demo database with all tables; raises NotADemo for what is something else's."""
    drop()
    with _maintenance() as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(_name()))
    # The mark comes first, so that a start that is cut short can be told from somebody's data.
    call_command("migrate", "demo", verbosity=0, skip_checks=True)
    run = DemoRun.objects.create(seed=seed)
    call_command("migrate", verbosity=0, skip_checks=True)
    return run


def bring_up_to_date() -> None:
    """Give a demo that an earlier version made the tables of this one."""
    call_command("migrate", verbosity=0, skip_checks=True)
    connection.close()


def drop() -> None:
    """Throw the demo's database away if there is one; raises NotADemo for any other."""
    if state() is State.NOT_A_DEMO:
        raise NotADemo
    connection.close()
    with _maintenance() as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(_name()))


def _name() -> sql.Identifier:
    return sql.Identifier(settings.DEMO_DATABASE)


def _maintenance() -> psycopg.Connection:
    """A connection to the server's other database, from where this one can be made and dropped."""
    parameters = connection.get_connection_params()
    parameters["dbname"] = env.database(settings.DATABASE_URL)["NAME"] or "postgres"
    if parameters["dbname"] == settings.DEMO_DATABASE:
        parameters["dbname"] = "postgres"
    return psycopg.connect(**parameters, autocommit=True)
