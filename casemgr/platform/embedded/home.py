"""Where the embedded servers live: data folder, socket folder, and the account they run as."""

import hashlib
import os
import pwd
import re
import shutil
import stat
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

# The kernel takes 107 bytes for a socket's path; the longest name here is ".s.PGSQL.5432.lock".
SOCKET_PATH_BYTES: Final = 107
LONGEST_NAME: Final = "/.s.PGSQL.5432.lock"
# Used by root when the server account can't get through a folder above VAR_DIR (as under /root).
SHARED_DATA: Final = Path("/var/lib/homeward")
SOCKETS_PARENT: Final = Path("/tmp")  # noqa: S108 - owner and mode are checked before each use
ACCOUNT: Final = "homeward"


class EmbeddedUnavailable(RuntimeError):
    """The embedded servers can't run here; the message says why and names the two variables."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"Homeward can't run its own PostgreSQL and Redis here: {reason}. Mend that, or set "
            "DATABASE_URL (PostgreSQL 15 or newer with pgvector 0.8 or newer) and "
            "CELERY_BROKER_URL (RabbitMQ or Redis) to servers of your own. "
            "docs/embedded.md says more."
        )


@dataclass(frozen=True)
class Account:
    """The unprivileged system account that root starts the servers as."""

    uid: int
    gid: int
    groups: tuple[int, ...]

    @classmethod
    def of(cls, entry: pwd.struct_passwd) -> "Account":
        """The account of a password-file entry, with its supplementary groups."""
        groups = os.getgrouplist(entry.pw_name, entry.pw_gid)
        return cls(uid=entry.pw_uid, gid=entry.pw_gid, groups=tuple(groups))


@dataclass(frozen=True)
class Home:
    """The folders of one VAR_DIR.

    `account` is set only for root, who runs the servers as it; None for root means that the
    account doesn't exist yet.
    """

    var: Path
    data: Path
    sockets: Path
    account: Account | None

    @property
    def owner(self) -> int:
        """The user number that the servers, their data and their sockets belong to."""
        return self.account.uid if self.account else os.geteuid()

    def trusted(self) -> bool:
        """Whether the socket folder exists, is private and belongs to the servers' account."""
        try:
            found = self.sockets.lstat()
        except OSError:
            return False
        private = stat.S_ISDIR(found.st_mode) and not found.st_mode & 0o077
        return private and found.st_uid == self.owner

    def prepare(self) -> "Home":
        """Create account and folders as needed; the folders are private to the account.

        Root can enter them anyway. Raises EmbeddedUnavailable where that can't be done safely.
        """
        try:
            self.var.parent.mkdir(parents=True, exist_ok=True)
            home = self
            if os.geteuid() == 0 and self.account is None:
                home = replace(self, account=_create_account(self.var))
            if home.data != home.var:
                SHARED_DATA.mkdir(mode=0o755, exist_ok=True)
            elif home.account and not can(home.var.parent, 1, home.account):
                raise EmbeddedUnavailable(
                    f"{home.data} holds a database, but its account can't get there any more; "
                    f"run chmod o+x on the folders above it"
                )
            own_folder(home.data, home.account)
            own_folder(home.sockets, home.account)
        except PermissionError as error:
            raise EmbeddedUnavailable(
                f"{error.filename} can't be created or entered by this user; "
                "VAR_DIR can name another folder"
            ) from error
        return home

    def folder(self, name: str) -> Path:
        """A private folder inside the data folder, created if need be."""
        path = self.data / name
        own_folder(path, self.account)
        return path

    def run_as(self) -> dict[str, Any]:
        """Keyword arguments that make `subprocess` start a program as the servers' account.

        The child gets a session of its own, so that neither an interrupt at the terminal nor the
        end of its parent reaches it, and an environment without our secrets.
        """
        identity: dict[str, Any] = {}
        if self.account:
            identity = {
                "user": self.account.uid,
                "group": self.account.gid,
                "extra_groups": list(self.account.groups),
            }
        return identity | {
            "cwd": self.data,
            "start_new_session": True,
            "umask": 0o077,
            "env": {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
        }

    def leave(self) -> None:
        """Remove a socket folder outside the data folder once nothing is left in it."""
        if self.sockets.parent == SOCKETS_PARENT:
            with suppress(OSError):
                self.sockets.rmdir()


def locate(var: Path) -> Home:
    """Choose the folders for `var`: the same answer in every process, and nothing is created."""
    data, account = var, None
    if os.geteuid() == 0:
        account = _find_account(var)
        shared = SHARED_DATA / _digest(var)
        already_here = (var / "postgres").exists()
        if not already_here and (shared.exists() or not can(var.parent, 1, account)):
            data = shared
    inside = data / "run"
    plain = re.fullmatch(r"[A-Za-z0-9_./-]+", str(inside))
    fits = len(os.fsencode(inside)) + len(LONGEST_NAME) <= SOCKET_PATH_BYTES
    sockets = inside if plain and fits else SOCKETS_PARENT / f"homeward-{_digest(var)}"
    return Home(var=var, data=data, sockets=sockets, account=account)


def can(path: Path, bits: int, account: Account | None) -> bool:
    """Whether `account` (None: just anyone) may use `path` in this way, judged by file modes.

    `bits` is 4 to read, 2 to write, 1 to execute or enter; every folder on the way down must let
    the account through. Folders that don't exist yet are ours to create and don't count.
    """
    wanted = [(path, bits)] + [(folder, 1) for folder in path.parents]
    return all(_grants(entry, need, account) for entry, need in wanted if entry.exists())


def _grants(path: Path, bits: int, account: Account | None) -> bool:
    found = path.stat()
    shift = 0
    if account and found.st_uid == account.uid:
        shift = 6
    elif account and found.st_gid in account.groups:
        shift = 3
    return (found.st_mode >> shift) & bits == bits


def own_folder(path: Path, account: Account | None) -> None:
    """Make sure that `path` is a folder of mode 0700 that belongs to `account` (None: to us).

    Root hands over a folder that root owns. Anybody else's folder is refused, and links aren't
    followed, so that nobody can lead root to a folder of their choice.
    """
    owner = account.uid if account else os.geteuid()
    with suppress(FileExistsError):
        path.mkdir(mode=0o700)
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except NotADirectoryError as error:
        raise EmbeddedUnavailable(f"{path} isn't a folder") from error
    try:
        found = os.fstat(descriptor)
        if account and found.st_uid == 0:
            os.fchown(descriptor, account.uid, account.gid)
        elif found.st_uid != owner:
            raise EmbeddedUnavailable(
                f"{path} belongs to {_name(found.st_uid)}, not to {_name(owner)}; "
                "VAR_DIR can name another folder"
            )
        if stat.S_IMODE(found.st_mode) != 0o700:
            os.fchmod(descriptor, 0o700)
    finally:
        os.close(descriptor)


def _digest(var: Path) -> str:
    return hashlib.sha256(os.fsencode(var)).hexdigest()[:16]


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"


def _find_account(var: Path) -> Account | None:
    """Whoever owns VAR_DIR, so that root helps an ordinary user; else our own account."""
    try:
        owner = var.stat().st_uid if var.exists() else 0
        return Account.of(pwd.getpwuid(owner) if owner else pwd.getpwnam(ACCOUNT))
    except KeyError:
        return None


def _create_account(var: Path) -> Account:
    """PostgreSQL refuses to run as root, so root gets it a system account without a login."""
    if var.exists() and (owner := var.stat().st_uid):
        raise EmbeddedUnavailable(f"{var} belongs to user {owner}, who has no account here")
    useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if useradd is None:
        raise EmbeddedUnavailable(
            f"root needs a system account named {ACCOUNT} to run them, and useradd isn't installed"
        )
    command = [useradd, "--system", "--no-create-home", "--home-dir", "/nonexistent"]
    command += ["--shell", "/usr/sbin/nologin", ACCOUNT]
    complaint = ""
    # Another useradd may hold the password file for a moment, or create this very account.
    for _ in range(20):
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
        with suppress(KeyError):
            return Account.of(pwd.getpwnam(ACCOUNT))
        complaint = done.stderr.strip()
        time.sleep(0.2)
    raise EmbeddedUnavailable(f"the system account {ACCOUNT} can't be created: {complaint}")
