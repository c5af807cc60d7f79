"""Photos are decoded apart: whatever a decoder does there, the worker and the next photo are well.

Decoders that misbehave are planted in a real keeper (`planted`), under the limits of life.
"""

import sys
from collections.abc import Callable, Iterator

import pytest
from PIL import Image

from casemgr.platform import images
from casemgr.platform.images import DarkroomLost, ImageRefused, darkroom
from casemgr.platform.outbox import Job, JobState
from casemgr.platform.vocabularies import PhotoStatus
from tests import factories
from tests.api.helpers import SIGHTINGS
from tests.cast import Cast
from tests.platform.hostile import saved

BAD = b"<misbehave>"
Plant = Callable[[str], None]
PLANTED = """
import os, signal, socket, sys
from casemgr.platform.images import keeper
from casemgr.platform.images.refusal import ImageRefused
keeper.CPU_SECONDS = 1
good = keeper.decode
def hoard():
    kept = []
    while True:
        kept.append(bytearray(64 * 1024 * 1024))
def spin():
    while True:
        pass
def tried():
    told = []
    for what in (
        lambda: open("/etc/hostname"), lambda: open("/tmp/x", "w"), socket.socket,
        lambda: os.read(0, 1), lambda: os.write(1, b"x"), os.pipe,
    ):
        try:
            what()
            told.append("done")
        except OSError as error:
            told.append(error.strerror)
    told.append(str(sorted(set(os.environ) - {"LC_CTYPE"})))
    raise ImageRefused("unreadable", "; ".join(told))
def nonsense():
    os.write(3, b"xxxx" * 9) or os._exit(0)
    for sink in range(4, 12):
        try:
            os.write(sink, b"xxxx" * 9)
        except OSError:
            pass
    os._exit(0)
def bad(data, long_edge=None):
    if not data.endswith(b"<misbehave>"):
        return good(data, long_edge=long_edge)
    HOW()
keeper.decode = bad
keeper.main()
"""


@pytest.fixture
def planted(monkeypatch: pytest.MonkeyPatch) -> Iterator[Plant]:
    """Have a keeper decode with something that misbehaves on every photo that ends in BAD."""

    def plant(how: str) -> None:
        darkroom._close()
        program = PLANTED.replace("HOW()", how)
        monkeypatch.setattr(darkroom, "COMMAND", (sys.executable, "-c", program))

    yield plant
    darkroom._close()


def photo(kind: str = "JPEG") -> bytes:
    return saved(Image.linear_gradient("L").resize((1500, 900)).convert("RGB"), kind)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_a_photo_is_decoded_apart_into_the_same_pixels(kind: str) -> None:
    picture, _claims = darkroom.decode(photo(kind))

    assert picture.size == (1024, 614)
    assert picture.tobytes() == images.decode(photo(kind), long_edge=1024).tobytes()


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ("hoard()", "too_costly"),
        ("spin()", "too_costly"),
        ("os.abort()", "unreadable"),
        ("os.kill(os.getpid(), signal.SIGSEGV)", "unreadable"),
        ("os._exit(0)", "unreadable"),
        ("nonsense()", "unreadable"),
        ("1 / 0", "unreadable"),
    ],
)
def test_a_decoder_that_misbehaves_costs_that_photo_alone(
    planted: Plant, how: str, code: str
) -> None:
    planted(how)

    with pytest.raises(ImageRefused) as refused:
        darkroom.decode(photo() + BAD)

    assert refused.value.code == code
    assert darkroom._keeper is not None
    keeper = darkroom._keeper._process.pid
    assert darkroom.decode(photo())[0].size == (1024, 614)
    assert darkroom._keeper._process.pid == keeper


def test_a_decoder_that_is_stopped_from_outside_says_nothing_of_the_photo(planted: Plant) -> None:
    planted("os.kill(os.getpid(), signal.SIGKILL)")

    with pytest.raises(DarkroomLost):
        darkroom.decode(photo() + BAD)

    assert darkroom.decode(photo())[0].size == (1024, 614)


def test_a_keeper_that_dies_is_followed_by_another(planted: Plant) -> None:
    planted("os.kill(os.getppid(), signal.SIGKILL)")

    with pytest.raises(DarkroomLost):
        darkroom.decode(photo() + BAD)

    assert darkroom.decode(photo())[0].size == (1024, 614)


def test_a_decoder_opens_nothing_and_finds_no_secret(
    planted: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIELD_KEYS", "secret")
    planted("tried()")

    with pytest.raises(ImageRefused) as refused:
        darkroom.decode(photo() + BAD)

    told = refused.value.detail.split("; ")
    assert told[:3] == ["Too many open files"] * 3
    assert told[3:5] == ["Bad file descriptor"] * 2
    assert told[5] == "Too many open files"
    assert told[6] == "['LANG', 'MALLOC_ARENA_MAX', 'OPENBLAS_NUM_THREADS']"


@pytest.mark.django_db
def test_a_photo_that_asks_for_too_much_is_set_aside_with_its_reason_and_the_worker_lives(
    planted: Plant, cast: Cast
) -> None:
    planted("hoard()")
    bad = factories.log_sighting(cast, by=cast.volunteer, photos=[factories.jpeg(1) + BAD])
    good = factories.log_sighting(cast, by=cast.volunteer, photos=[factories.jpeg(2)])

    factories.work_off()

    assert not Job.objects.exclude(state=JobState.DONE).exists()
    set_aside, ready = (each.sighting.photos.get() for each in (bad, good))
    assert (set_aside.status, set_aside.refused_code) == (PhotoStatus.REJECTED, "too_costly")
    assert ready.status == PhotoStatus.READY
    [shown] = cast.volunteer.api().get(f"{SIGHTINGS}{bad.sighting.pk}/photos/").json()["results"]
    assert shown["advice_code"] == "too_costly"
    assert "a smaller copy" in shown["advice"]
