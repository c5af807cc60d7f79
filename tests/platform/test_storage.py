"""Private files: sealed, durable, unguessable, and never without a row for long."""

import contextlib
import hashlib
import os
import stat
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, InterfaceError, OperationalError, transaction
from pytest_django import Settings

from casemgr.platform import storage
from casemgr.platform.idempotency import IdempotencyKey
from casemgr.platform.storage import FileDamaged, SealedFile, StoredFiles
from tests.platform import hostile

PHOTO = hostile.jpeg((320, 240))
DAY = timedelta(days=1)


@pytest.fixture
def root(private_files: Path) -> Path:
    """The folder of this test's private files, a short name for it."""
    return private_files


def files(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


def test_an_original_comes_back_byte_for_byte_with_its_digest() -> None:
    sealed = storage.seal(PHOTO)
    assert sealed.sha256 == hashlib.sha256(PHOTO).hexdigest()
    assert storage.unseal(sealed.name, sha256=sealed.sha256) == PHOTO


def test_an_original_of_fifteen_megabytes_is_sealed() -> None:
    data = os.urandom(1024) * 15 * 1024
    sealed = storage.seal(data)
    assert storage.unseal(sealed.name, sha256=sealed.sha256) == data


def test_the_disk_shows_no_original_and_no_one_else_may_read_it(root: Path) -> None:
    storage.seal(PHOTO)
    (path,) = files(root)
    assert PHOTO[:64] not in path.read_bytes()
    assert b"JFIF" not in path.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in path.parents[:2]} == {0o700}


def test_the_same_photo_twice_gives_two_names_that_tell_nothing(root: Path) -> None:
    first, second = storage.seal(PHOTO), storage.seal(PHOTO)
    assert first.name != second.name
    assert first.sha256 == second.sha256
    assert first.sha256[:8] not in first.name
    assert len({path.read_bytes() for path in files(root)}) == 2


def test_a_changed_cut_or_swapped_original_is_noticed(root: Path) -> None:
    sealed, other = storage.seal(PHOTO), storage.seal(PHOTO + b" ")
    path = root / sealed.name
    whole = path.read_bytes()
    flipped = bytearray(whole)
    flipped[len(flipped) // 2] ^= 1
    for damaged in (bytes(flipped), whole[:-1], b"", (root / other.name).read_bytes()):
        path.write_bytes(damaged)
        with pytest.raises(FileDamaged):
            storage.unseal(sealed.name, sha256=sealed.sha256)


def test_an_original_that_is_not_the_one_of_its_row_is_noticed() -> None:
    sealed, other = storage.seal(PHOTO), storage.seal(PHOTO + b" ")
    with pytest.raises(FileDamaged):
        storage.unseal(sealed.name, sha256=other.sha256)


def test_a_derivative_is_read_and_deleted_and_deleting_twice_is_no_error(root: Path) -> None:
    name = storage.put_derivative(b"small picture")
    assert storage.read(name) == b"small picture"
    storage.delete(name)
    storage.delete(name)
    assert files(root) == []
    with pytest.raises(FileNotFoundError):
        storage.read(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "/etc/passwd",
        "../../settings.py",
        "originals/../../x",
        "originals/ab",
        "derivatives/ab/c",
    ],
)
def test_a_name_that_is_not_ours_leads_nowhere(name: str, root: Path) -> None:
    (root / "originals").mkdir(parents=True)
    for act in (storage.read, storage.delete):
        with pytest.raises(FileNotFoundError):
            act(name)
    with pytest.raises(FileNotFoundError):
        storage.unseal(name, sha256="0" * 64)


def test_a_disk_that_refuses_leaves_no_half_file(root: Path) -> None:
    root.mkdir()
    blocked = root / "originals"
    blocked.write_text("a file where the folder should be")
    with pytest.raises(OSError, match="originals"):
        storage.seal(PHOTO)
    assert files(root) == [blocked]


def row(key: str) -> IdempotencyKey:
    return IdempotencyKey.objects.create(principal="a", route="b", key=key)


def photo_and_row(key: str) -> tuple[SealedFile, str]:
    """Two files and a row, in one transaction, as a service writes them."""
    with StoredFiles() as stored, transaction.atomic():
        written = stored.seal(PHOTO), stored.put_derivative(b"small")
        row(key)
    return written


@pytest.mark.django_db
def test_files_of_a_transaction_that_stands_stay() -> None:
    sealed, small = photo_and_row("c")
    assert storage.unseal(sealed.name, sha256=sealed.sha256) == PHOTO
    assert storage.read(small) == b"small"


@pytest.mark.django_db
def test_files_of_a_transaction_that_fails_are_gone(root: Path) -> None:
    row("c")
    with pytest.raises(IntegrityError):
        photo_and_row("c")
    assert files(root) == []


@pytest.mark.parametrize("lost", [OperationalError, InterfaceError])
def test_files_stay_when_nobody_knows_whether_the_commit_stands(
    root: Path, lost: type[Exception]
) -> None:
    with contextlib.suppress(lost), StoredFiles() as stored:
        stored.seal(PHOTO)
        raise lost("server closed the connection unexpectedly")
    assert len(files(root)) == 1


def aged(root: Path, name: str, age: timedelta) -> str:
    then = time.time() - age.total_seconds()
    os.utime(root / name, (then, then))
    return name


def test_the_sweep_takes_old_files_without_a_row_and_nothing_else(root: Path) -> None:
    orphan = aged(root, storage.seal(PHOTO).name, 2 * DAY)
    small_orphan = aged(root, storage.put_derivative(b"small"), 2 * DAY)
    known = aged(root, storage.seal(PHOTO).name, 2 * DAY)
    young = storage.put_derivative(b"in an open transaction")
    stranger = root / "originals" / "README"
    stranger.write_text("put here by an operator")
    aged(root, "originals/README", 2 * DAY)

    assert storage.sweep_orphans({known}, DAY) == 2
    left = {str(path.relative_to(root)) for path in files(root)}
    assert left == {known, young, "originals/README"}
    assert not {orphan, small_orphan} & left
    assert storage.sweep_orphans({known}, DAY) == 0


def test_the_sweep_of_an_empty_storage_finds_nothing() -> None:
    assert storage.sweep_orphans(set(), DAY) == 0


def test_the_sweep_refuses_to_touch_files_that_may_still_get_their_row() -> None:
    with pytest.raises(ValueError, match="hour"):
        storage.sweep_orphans(set(), timedelta(minutes=59))


def test_private_files_are_not_under_anything_that_is_served(settings: Settings) -> None:
    private = Path(settings.PRIVATE_ROOT)
    served = [
        Path(folder) for folder in (settings.STATIC_ROOT, *settings.STATICFILES_DIRS) if folder
    ]
    assert served
    assert not any(private.is_relative_to(folder) for folder in served)
