"""Paint the hair: what falls behind the head, and the cap and fringe in front of it."""

import math

import numpy as np
from PIL import Image

from casemgr.demo.portrait_canvas import Canvas, Points, darker, ellipse, mix, smooth
from casemgr.demo.portrait_face import head_outline
from casemgr.demo.portrait_identity import Identity

LONG = {"long", "curly_long"}
SHORT_SIDES = {"crop", "spiky", "crew", "side", "buns", "ponytail", "pigtails", "braids"}


def paint_hair_behind(canvas: Canvas, who: Identity, sway: float) -> None:
    """What is seen beside and below the head: falls, tails, braids and buns."""
    base, wide, volume = darker(who.hair, 0.18), who.face_width, who.hair_volume
    if who.hair_style in LONG:
        fall = smooth([(0, -who.forehead - volume), (wide + volume, -0.5), (wide + volume, 0.5),
                       (wide * 0.98 + volume + sway, 1.75), (0, 1.9),
                       (-wide * 0.98 - volume + sway, 1.75), (-wide - volume, 0.5),
                       (-wide - volume, -0.5)])  # fmt: skip
        canvas.fill(fall, base, blur=0.01)
        if who.hair_style == "curly_long":
            for y in np.linspace(0.0, 1.7, 8):
                for side in (-1, 1):
                    curl = ellipse(side * (wide + volume * 0.9) + sway * y, float(y), 0.19, 0.19)
                    canvas.fill(curl, base, blur=0.01)
    elif who.hair_style == "bob":
        end = 0.7 + 0.35 * who.fringe
        bob = smooth([(0, -who.forehead - volume), (wide + volume, -0.5), (wide + volume, 0.3),
                      (wide + volume * 0.7, end), (0.4, end + 0.05), (-0.4, end + 0.05),
                      (-wide - volume * 0.7, end), (-wide - volume, 0.3),
                      (-wide - volume, -0.5)])  # fmt: skip
        canvas.fill(bob, base, blur=0.01)
    elif who.hair_style in {"pigtails", "braids"}:
        for side in (-1, 1):
            _paint_tail(canvas, who, side, sway)
    elif who.hair_style == "buns":
        for side in (-1, 1):
            x, y = side * wide * 0.72, -who.forehead - 0.02
            canvas.fill(ellipse(x, y, 0.3, 0.29), base, blur=0.01)
            canvas.fill(ellipse(x - 0.06, y - 0.06, 0.14, 0.1), mix(base, (255, 235, 220), 0.18),
                        blur=0.05)  # fmt: skip
    elif who.hair_style == "ponytail":
        side = 1 if who.parting > 0 else -1
        tail = smooth([(side * 0.2, -who.forehead - 0.1), (side * (wide + 0.25), -0.9),
                       (side * (wide + 0.34) + sway, 0.1), (side * (wide + 0.14) + sway, 0.9),
                       (side * (wide - 0.05), 0.1)])  # fmt: skip
        canvas.fill(tail, base, blur=0.01)


def _paint_tail(canvas: Canvas, who: Identity, side: int, sway: float) -> None:
    base, wide = darker(who.hair, 0.1), who.face_width
    tie = ((226, 84, 96), (84, 132, 208), (244, 184, 72))[who.seed % 3]
    if who.hair_style == "pigtails":
        x = side * (wide + 0.1)
        tail = smooth([(x - side * 0.12, -0.42), (x + side * 0.32, -0.5),
                       (x + side * 0.44 + sway, 0.2), (x + side * 0.18 + sway, 0.85),
                       (x + side * 0.04, 0.2)])  # fmt: skip
        canvas.fill(tail, base, blur=0.01)
        canvas.fill(ellipse(x + side * 0.05, -0.36, 0.09, 0.11), tie, blur=0.01)
        return
    for step, y in enumerate(np.linspace(0.35, 1.6, 6)):
        x = side * (wide * 0.98 + 0.06 * (step % 2)) + sway * step * 0.3
        canvas.fill(ellipse(x, float(y), 0.17, 0.19, side * 0.4), base, blur=0.01)
        canvas.fill(ellipse(x - 0.04, float(y) - 0.05, 0.05, 0.08, side * 0.4),
                    mix(base, (255, 235, 220), 0.16), blur=0.03)  # fmt: skip
    canvas.fill(ellipse(side * wide * 1.0 + sway * 1.6, 1.72, 0.1, 0.07), tie, blur=0.01)


def paint_hair_in_front(
    canvas: Canvas, who: Identity, skin_mask: Image.Image, rng: np.random.Generator
) -> None:
    """The cap of hair over the skull, its fringe, a soft shadow under it and a shine on it."""
    cap = _cap(who, rng)
    canvas.fill(
        cap + np.array([0.0, 0.05]), darker(who.skin, 0.45), blur=0.05, opacity=0.55, clip=skin_mask
    )
    canvas.fill(cap, who.hair, blur=0.01)
    mask = canvas.mask(cap)
    if who.hair_style in {"curly", "curly_long"}:
        _paint_curls(canvas, who, rng)
    _paint_strands(canvas, who, mask, rng)
    shine = smooth([(-0.7, -0.95), (0, -1.15), (0.7, -0.95), (0.55, -0.82), (0, -0.98),
                    (-0.55, -0.82)])  # fmt: skip
    canvas.fill(shine * (who.face_width, who.forehead / 1.28),
                mix(who.hair, (255, 236, 214), 0.5), blur=0.07, opacity=0.4, clip=mask)  # fmt: skip


def _cap(who: Identity, rng: np.random.Generator) -> Points:
    side_end = _side_end(who)
    outer = head_outline(who)
    outer = outer[outer[:, 1] < side_end]
    # Thin out towards the ears: a cap of even thickness would end in a helmet's corners.
    fade = 0.55 if who.hair_style in SHORT_SIDES else 0.3
    thick = np.clip((side_end - outer[:, 1:]) / fade, 0, 1) ** 0.5 * who.hair_volume
    outer = outer + outer / np.linalg.norm(outer, axis=1, keepdims=True) * thick
    order = np.argsort(np.arctan2(outer[:, 0], -outer[:, 1]))
    outer = outer[order]
    if who.hair_style == "spiky":
        outer = _spiked(outer, who, rng)
    inner = _hairline(who, side_end, rng)
    return np.concatenate([outer, inner[::-1]])


def _side_end(who: Identity) -> float:
    if who.hair_style in SHORT_SIDES:
        return 0.02 + 0.2 * who.fringe if who.hair_style != "crew" else -0.16
    if who.hair_style in {"bowl", "curly"}:
        return 0.3
    return 0.75


def _spiked(outer: Points, who: Identity, rng: np.random.Generator) -> Points:
    """Push every other stretch of the crown outwards."""
    angle = np.arctan2(outer[:, 0], -outer[:, 1])
    teeth = np.abs(((angle * 3.2 + who.parting) % 1.0) - 0.5) * 2
    push = 1 + 0.2 * (1 - teeth) * np.clip(np.cos(angle) + 0.35, 0, 1)
    return outer * push[:, None]


def _hairline(who: Identity, side_end: float, rng: np.random.Generator) -> Points:
    """From the left side-burn up over the forehead and down to the right one."""
    wide, high = who.face_width, -who.hairline * who.forehead / 1.28
    burn = 0.92 * wide
    jitter = float(rng.normal(0, 0.012))
    if who.hair_style in {"bowl", "bob"} or (who.hair_style in LONG and who.fringe > 0.5):
        level = who.eye_drop - who.brow_gap - 0.12 + 0.1 * who.fringe + jitter
        middle = [(-0.84 * wide, level + 0.06), (-0.4, level), (0.0, level - 0.03), (0.4, level),
                  (0.84 * wide, level + 0.06)]  # fmt: skip
    elif who.hair_style in {"side", "ponytail"}:
        part = who.parting if abs(who.parting) > 0.2 else 0.35
        side = 1 if part > 0 else -1
        sweep = who.eye_drop - who.brow_gap - 0.14 + jitter
        middle = [(-side * 0.84 * wide, sweep + 0.1), (-side * 0.35, sweep - 0.12),
                  (part, high - 0.22), (part + side * 0.1, high - 0.24),
                  (side * 0.84 * wide, high + 0.18)]  # fmt: skip
        middle = middle if side > 0 else middle[::-1]
    elif who.hair_style in {"long", "curly_long", "buns", "braids", "pigtails"}:
        middle = [(-0.86 * wide, high + 0.42), (-0.45 * wide + who.parting * 0.3, high + 0.08),
                  (who.parting * 0.5, high - 0.22), (0.45 * wide + who.parting * 0.3, high + 0.08),
                  (0.86 * wide, high + 0.42)]  # fmt: skip
    else:
        middle = [(-0.8 * wide, high + 0.2), (-0.4, high + 0.02 + jitter), (0.0, high - 0.04),
                  (0.4, high + 0.02 - jitter), (0.8 * wide, high + 0.2)]  # fmt: skip
    line = smooth([(-burn, side_end), *middle, (burn, side_end)], closed=False)
    if who.hair_style in {"crop", "spiky", "bowl", "side", "bob"}:
        phase = np.linspace(0, 9 * math.pi, len(line))
        inside = np.clip(1.2 - np.abs(line[:, 0]), 0, 1)
        line[:, 1] += 0.03 * (0.4 + who.fringe) * np.abs(np.sin(phase)) * inside
    return line


def _paint_curls(canvas: Canvas, who: Identity, rng: np.random.Generator) -> None:
    outer = head_outline(who, who.hair_volume * 0.6)
    outer = outer[outer[:, 1] < -0.1]
    for x, y in outer[::5]:
        size = 0.16 + 0.05 * float(rng.random())
        canvas.fill(ellipse(float(x), float(y), size, size), who.hair, blur=0.012)
        canvas.fill(ellipse(float(x) - 0.04, float(y) - 0.05, size * 0.4, size * 0.3),
                    mix(who.hair, (255, 236, 214), 0.25), blur=0.04, opacity=0.7)  # fmt: skip


def _paint_strands(
    canvas: Canvas, who: Identity, mask: Image.Image, rng: np.random.Generator
) -> None:
    crown = (who.parting * 0.4, -who.forehead * 0.98)
    for place in np.linspace(-1.2, 1.2, 15):
        end = (float(place) * who.face_width, -0.35 - 0.5 * math.cos(float(place) * 1.1))
        middle = ((crown[0] + end[0]) / 2 + 0.22 * float(place), (crown[1] + end[1]) / 2 - 0.12)
        light = rng.random() < 0.45
        tone = mix(who.hair, (255, 232, 208), 0.22) if light else darker(who.hair, 0.4)
        canvas.line([crown, middle, end], 0.022, tone, ends=(0.2, 0.1), blur=0.01, opacity=0.55,
                    clip=mask)  # fmt: skip
