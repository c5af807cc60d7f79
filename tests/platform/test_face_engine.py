"""The face engine and the quality of faces, on drawn portraits."""

import importlib.util
import io
from collections.abc import Callable
from functools import cache
from importlib.machinery import ModuleSpec
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from casemgr.demo.portrait_seeds import DEMO_SEEDS
from casemgr.demo.portraits import draw, identity
from casemgr.platform.faces import FaceBox, FaceEngineUnavailable, engine
from casemgr.platform.faces.dlib_engine import EMBEDDER_FILE, LANDMARKS_FILE, DlibEngine
from casemgr.platform.faces.protocol import Embedding, Picture
from casemgr.platform.faces.quality import ADVICE, face_quality
from casemgr.platform.images import SAME_PICTURE_BITS, hamming, perceptual_hash

ONE_PERSON = 0.35


@cache
def portrait(person: int, variation: int = 0) -> Image.Image:
    return draw(identity(DEMO_SEEDS[person]), variation)


def only_face(picture: Image.Image) -> tuple[Picture, FaceBox]:
    rgb = np.asarray(picture)
    (box,) = engine().detect(rgb)
    return rgb, box


def embedding(picture: Image.Image) -> Embedding:
    return engine().embed(*only_face(picture))


def test_the_engine_is_one_per_process_and_says_what_it_is() -> None:
    assert engine() is engine()
    assert (engine().name, engine().dimension) == ("dlib-resnet-v1", 128)
    vector = embedding(portrait(0))
    assert vector.shape == (128,)
    assert vector.dtype == np.float32


def test_a_face_is_found_where_it_is() -> None:
    picture, box = only_face(portrait(0))
    height, width = picture.shape[:2]
    assert 0.3 * width < box.left + box.width / 2 < 0.7 * width
    assert 0.35 * height < box.top + box.height / 2 < 0.7 * height
    assert box.width > 0.3 * width


def test_several_faces_come_largest_first() -> None:
    wall = Image.new("RGB", (900, 600), (220, 214, 200))
    wall.paste(portrait(0).resize((240, 300)), (20, 150))
    wall.paste(portrait(1), (400, 0))
    first, second = engine().detect(np.asarray(wall))
    assert first.width > second.width
    assert first.left > 400 > second.left


def test_boxes_of_a_large_picture_are_in_its_own_pixels() -> None:
    _, box = only_face(portrait(0))
    large, large_box = only_face(portrait(0).resize((2400, 3000)))
    assert large_box.width == pytest.approx(5 * box.width, rel=0.25)
    assert engine().distance(embedding(portrait(0)), engine().embed(large, large_box)) < ONE_PERSON


def test_a_small_face_is_found_by_looking_closer() -> None:
    _, box = only_face(portrait(0).resize((96, 120)))
    assert 35 < box.width < 80


def test_a_picture_without_a_face_has_none() -> None:
    assert engine().detect(np.full((300, 400, 3), 200, dtype=np.uint8)) == []


def test_two_drawings_of_one_person_are_nearer_than_another_person() -> None:
    mine, again, other = (
        embedding(portrait(0)), embedding(portrait(0, 1)), embedding(portrait(1)),
    )  # fmt: skip
    assert engine().distance(mine, mine) == 0
    assert engine().distance(mine, again) < ONE_PERSON <= engine().distance(mine, other)


def same_picture(first: Image.Image, second: Image.Image) -> bool:
    one, two = perceptual_hash(first), perceptual_hash(second)
    assert one is not None
    assert two is not None
    return hamming(one, two) <= SAME_PICTURE_BITS


def jpeg(picture: Image.Image) -> Image.Image:
    data = io.BytesIO()
    picture.save(data, "JPEG", quality=30)
    return Image.open(data).convert("RGB")


def watermarked(picture: Image.Image) -> Image.Image:
    copy = picture.copy()
    ImageDraw.Draw(copy, "RGBA").text(
        (24, 510), "LOOKING FOR", fill=(255, 255, 255, 200), font_size=48
    )
    return copy


def half_size(picture: Image.Image) -> Image.Image:
    return picture.resize((picture.width // 2, picture.height // 2))


def without_edges(picture: Image.Image) -> Image.Image:
    x, y = picture.width // 10, picture.height // 10
    return picture.crop((x, y, picture.width - x, picture.height - y))


@pytest.mark.parametrize("change", [jpeg, half_size, watermarked])
def test_a_copy_is_found_by_its_hash(change: Callable[[Image.Image], Image.Image]) -> None:
    assert same_picture(portrait(0), change(portrait(0)))


def test_a_cropped_copy_is_found_by_its_face_alone_and_another_person_by_neither() -> None:
    original, cropped, other = portrait(0), without_edges(portrait(0)), portrait(1)
    assert not same_picture(original, cropped)
    assert engine().distance(embedding(original), embedding(cropped)) < ONE_PERSON
    assert not same_picture(original, other)
    assert engine().distance(embedding(original), embedding(other)) >= ONE_PERSON


def test_the_quality_of_a_face_is_told_with_one_piece_of_advice() -> None:
    picture, box = only_face(portrait(0))
    blurred = np.asarray(portrait(0).filter(ImageFilter.GaussianBlur(12)))
    dark = (picture * 0.12).astype(np.uint8)
    bright = np.clip(picture.astype(int) + 150, 0, 255).astype(np.uint8)
    told = {
        "good": face_quality(picture, box),
        "blurred": face_quality(blurred, box),
        "dark": face_quality(dark, box),
        "bright": face_quality(bright, box),
    }
    assert {name: (quality.level, quality.advice) for name, quality in told.items()} == {
        "good": ("good", ""),
        "blurred": ("poor", "blurred"),
        "dark": ("poor", "dark"),
        "bright": ("usable", "bright"),
    }


@pytest.mark.parametrize(
    ("width", "level", "advice"), [(30, "poor", "tiny"), (60, "usable", "small")]
)
def test_a_small_face_is_told_in_pixels(width: int, level: str, advice: str) -> None:
    _, box = only_face(portrait(0))
    factor = width / box.width
    small = portrait(0).resize((round(480 * factor), round(600 * factor)))
    there = FaceBox(
        left=round(box.left * factor),
        top=round(box.top * factor),
        width=width,
        height=width,
        score=box.score,
    )
    quality = face_quality(np.asarray(small), there)
    assert (quality.level, quality.advice) == (level, advice)
    assert f"{width} pixels wide" in ADVICE[advice] % quality.params


def test_a_box_over_the_edge_of_the_picture_is_judged_by_what_is_there() -> None:
    picture, _ = only_face(portrait(0))
    beyond = FaceBox(left=-60, top=-40, width=200, height=200, score=0.1)
    assert face_quality(picture, beyond).width == 200


def test_missing_or_changed_weights_say_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = np.zeros((8, 8, 3), dtype=np.uint8)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(FaceEngineUnavailable, match=r"models is missing.*Install"):
        DlibEngine().detect(picture)
    elsewhere = ModuleSpec("face_recognition_models", None, is_package=True)
    elsewhere.submodule_search_locations = [str(tmp_path)]
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: elsewhere)
    with pytest.raises(FaceEngineUnavailable, match=f"{LANDMARKS_FILE} cannot be read"):
        DlibEngine().detect(picture)
    (tmp_path / "models").mkdir()
    for name in (LANDMARKS_FILE, EMBEDDER_FILE):
        (tmp_path / "models" / name).write_bytes(b"something else")
    with pytest.raises(FaceEngineUnavailable, match="not the one this release knows"):
        DlibEngine().detect(picture)
