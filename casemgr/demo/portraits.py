"""Friendly drawn portraits of invented children, for the demo and the tests.

`identity(seed)` is a person, `draw(person, variation)` one picture of them. Both are wholly
determined by their seeds. The pictures are shaded enough for the face engine to find the face and
to tell these people apart; no photograph of anyone is involved.
"""

import math
from typing import Final

import numpy as np
from PIL import Image, ImageFilter

from casemgr.demo.portrait_canvas import (
    SUPERSAMPLE,
    Canvas,
    Colour,
    Pose,
    darker,
    ellipse,
    mix,
    smooth,
)
from casemgr.demo.portrait_face import (
    Mood,
    paint_eyes,
    paint_glasses,
    paint_head,
    paint_marks,
    paint_mouth,
    paint_nose,
)
from casemgr.demo.portrait_hair import paint_hair_behind, paint_hair_in_front
from casemgr.demo.portrait_identity import Identity, identity

__all__ = ["Identity", "draw", "identity"]

CLOTHES: Final[tuple[Colour, ...]] = (
    (206, 84, 76), (232, 142, 92), (240, 196, 108), (126, 166, 118), (88, 142, 148),
    (92, 120, 168), (150, 118, 160), (222, 156, 160), (244, 236, 222), (98, 92, 96),
)  # fmt: skip
BACKGROUNDS: Final[tuple[Colour, ...]] = (
    (236, 222, 198), (214, 224, 214), (206, 220, 228), (240, 214, 198), (226, 216, 230),
    (198, 206, 196), (232, 230, 222), (216, 200, 182),
)  # fmt: skip
MAX_ROLL: Final = math.radians(8)


def draw(
    who: Identity,
    variation_seed: int,
    *,
    size: tuple[int, int] = (480, 600),
    age_years: float | None = None,
) -> Image.Image:
    """One picture, as (width, height) RGB, of `who`, at their own age unless `age_years` is given.

    The variation decides pose, light, expression, clothes, background and how the hair falls.
    """
    rng = np.random.default_rng([22, who.seed, variation_seed])
    if age_years is not None:
        who = who.at_age(age_years)
    wide, high = size
    unit = high * 0.236 * float(rng.uniform(0.92, 1.06))
    pose = Pose(
        centre=(
            wide * (0.5 + float(rng.normal(0, 0.015))),
            high * (0.485 + float(rng.normal(0, 0.012))),
        ),
        unit=unit,
        roll=float(np.clip(rng.normal(0, 0.055), -MAX_ROLL, MAX_ROLL)),
        yaw=float(np.clip(rng.normal(0, 0.09), -0.2, 0.2)),
        pitch=float(np.clip(rng.normal(0, 0.05), -0.1, 0.1)),
    )
    light = float(rng.uniform(-0.8, 0.8))
    mood = Mood(
        smile=float(np.clip(rng.normal(0.66, 0.28), -0.05, 1.1)),
        mouth_open=float(rng.uniform(0.45, 0.9)) if rng.random() < 0.3 else 0.0,
        gaze=(float(rng.normal(0, 0.18)), float(rng.normal(0, 0.25))),
        lids=float(np.clip(rng.normal(0.02, 0.06), -0.06, 0.16)),
        brow_raise=float(np.clip(rng.normal(0.0, 0.014), -0.03, 0.04)),
    )
    canvas = Canvas(size, pose)
    _paint_background(canvas, rng)
    sway = float(rng.normal(0, 0.05))
    paint_hair_behind(canvas, who, sway)
    _paint_body(canvas, who, rng)
    skin_mask = paint_head(canvas, who, light)
    paint_marks(canvas, who, skin_mask)
    paint_eyes(canvas, who, mood, skin_mask)
    paint_nose(canvas, who, skin_mask, light)
    paint_mouth(canvas, who, mood, skin_mask)
    if who.glasses:
        paint_glasses(canvas, who)
    paint_hair_in_front(canvas, who, skin_mask, rng)
    return _finish(canvas, rng, light)


def _paint_background(canvas: Canvas, rng: np.random.Generator) -> None:
    base = BACKGROUNDS[int(rng.integers(len(BACKGROUNDS)))]
    everywhere = np.array([(-9.0, -9.0), (9.0, -9.0), (9.0, 9.0), (-9.0, 9.0)])
    canvas.fill(everywhere, base)
    for _ in range(4):
        x, y = float(rng.uniform(-2, 2)), float(rng.uniform(-2.2, 2.4))
        tone = mix(base, (255, 252, 244), 0.6) if rng.random() < 0.5 else darker(base, 0.16)
        radius = float(rng.uniform(0.5, 1.3))
        canvas.fill(ellipse(x, y, radius, radius), tone, blur=0.35, opacity=0.6)


def _paint_body(canvas: Canvas, who: Identity, rng: np.random.Generator) -> None:
    """Neck, shoulders and something to wear."""
    cloth = CLOTHES[int(rng.integers(len(CLOTHES)))]
    second = CLOTHES[int(rng.integers(len(CLOTHES)))]
    kind = int(rng.integers(4))
    chin, half = who.chin_length, 0.36
    top = chin + 0.17
    neck = smooth([(-half, chin - 0.45), (-half, top), (-half - 0.18, top + 0.22), (0, top + 0.5),
                   (half + 0.18, top + 0.22), (half, top), (half, chin - 0.45)])  # fmt: skip
    canvas.fill(neck, darker(who.skin, 0.08))
    canvas.fill(ellipse(0, chin + 0.02, 0.55, 0.24), darker(who.skin, 0.42), blur=0.08,
                opacity=0.75, clip=canvas.mask(neck))  # fmt: skip
    shoulders = smooth([(-half - 0.06, top + 0.04), (-1.0, top + 0.26), (-1.5, top + 0.7),
                        (-1.75, 4.2), (1.75, 4.2), (1.5, top + 0.7), (1.0, top + 0.26),
                        (half + 0.06, top + 0.04), (0.24, top + 0.25), (0, top + 0.32),
                        (-0.24, top + 0.25)])  # fmt: skip
    canvas.fill(shoulders, cloth, blur=0.008)
    mask = canvas.mask(shoulders)
    for side in (-1, 1):
        canvas.fill(ellipse(side * 1.55, top + 1.0, 0.4, 0.9), darker(cloth, 0.3), blur=0.18,
                    opacity=0.7, clip=mask)  # fmt: skip
    if kind == 0:
        for y in np.arange(top + 0.3, 4.0, 0.3):
            stripe = [(-2.0, float(y) + 0.2), (0.0, float(y)), (2.0, float(y) + 0.2)]
            canvas.line(stripe, 0.11, mix(second, (255, 255, 255), 0.25), ends=(1, 1), clip=mask)
    elif kind == 1:
        for side in (-1, 1):
            collar = np.array([(side * 0.04, top + 0.34), (side * 0.46, top + 0.02),
                               (side * 0.62, top + 0.26), (side * 0.3, top + 0.58)])  # fmt: skip
            canvas.fill(collar, mix(cloth, (255, 255, 255), 0.75), blur=0.012)
    elif kind == 2:
        rim = [(-half - 0.05, top + 0.05), (-0.24, top + 0.27), (0, top + 0.34),
               (0.24, top + 0.27), (half + 0.05, top + 0.05)]  # fmt: skip
        canvas.line(rim, 0.11, darker(second, 0.1), ends=(0.9, 0.9))
    else:
        for side in (-1, 1):
            strap = [(side * 0.72, top + 0.16), (side * 0.62, top + 0.8), (side * 0.58, 4.2)]
            canvas.line(strap, 0.24, darker(second, 0.18), ends=(1, 1), clip=mask)


def _finish(canvas: Canvas, rng: np.random.Generator, light: float) -> Image.Image:
    """Shrink to size, soften by 2 pixels at the painted scale, then light, tint and grain."""
    image = canvas.image.filter(ImageFilter.GaussianBlur(SUPERSAMPLE))
    image = image.resize(canvas.size, Image.Resampling.BOX)
    wide, high = canvas.size
    pixels = np.asarray(image, dtype=np.float32)
    across = np.linspace(-1, 1, wide, dtype=np.float32)[None, :, None]
    down = np.linspace(-1, 1, high, dtype=np.float32)[:, None, None]
    gain = float(rng.uniform(0.9, 1.06)) * (1 + 0.09 * light * across - 0.04 * down)
    tint = np.array([1.0, 1.0, 1.0], dtype=np.float32) + rng.normal(0, 0.018, 3).astype(np.float32)
    grain = rng.standard_normal((high, wide, 1), dtype=np.float32) * float(rng.uniform(1.5, 4.0))
    lit = pixels * gain * tint + grain
    return Image.fromarray(np.clip(lit, 0, 255).astype(np.uint8))
