"""Paint one face: head, ears, eyes, brows, nose, mouth. Soft shade is what makes it found."""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from casemgr.demo.portrait_canvas import (
    Canvas,
    Colour,
    Points,
    darker,
    ellipse,
    mix,
    smooth,
)
from casemgr.demo.portrait_identity import Identity


@dataclass(frozen=True, slots=True)
class Mood:
    """What changes between two pictures of one face: all small, 0 is at rest."""

    smile: float
    mouth_open: float
    gaze: tuple[float, float]
    lids: float
    brow_raise: float


def head_outline(who: Identity, grow: float = 0.0) -> Points:
    """The outline of the head from crown to chin, pushed out by `grow`."""
    wide = who.face_width
    half = [
        (0.0, -who.forehead),
        (0.5 * wide, -who.forehead * 0.93),
        (0.88 * wide, -who.forehead * 0.62),
        (1.0 * wide, -0.2),
        ((0.97 + who.cheek) * wide, 0.22),
        ((who.jaw_width + who.cheek * 0.6) * wide, 0.64),
        (who.chin_width * wide, who.chin_length * 0.93),
        (0.0, who.chin_length),
    ]
    corners = half + [(-x, y) for x, y in half[-2:0:-1]]
    outline = smooth(corners)
    length = np.maximum(np.linalg.norm(outline, axis=1, keepdims=True), 1e-9)
    return np.asarray(outline + outline / length * grow)


def paint_head(canvas: Canvas, who: Identity, light: float) -> Image.Image:
    """Ears and the shaded ball of the head; returns the mask of the skin to clip features by."""
    skin, shade = who.skin, darker(who.skin, 0.28)
    for side in (-1, 1):
        x, y = side * who.face_width * 1.0, 0.1 + who.ear_drop
        ear = ellipse(x, y, who.ear_size * 0.62, who.ear_size, side * 0.18)
        canvas.fill(ear, darker(skin, 0.1), blur=0.008)
        inner = ellipse(x + side * 0.02, y, who.ear_size * 0.32, who.ear_size * 0.6, side * 0.2)
        canvas.fill(inner, darker(skin, 0.32), blur=0.03, opacity=0.8)
    outline = head_outline(who)
    skin_mask = canvas.mask(outline)
    canvas.fill(outline, skin)
    wide, chin = who.face_width, who.chin_length
    for side in (-1, 1):
        away = 0.5 + 0.35 * side * -light
        temple = ellipse(side * wide * 1.04, 0.0, 0.24, 1.1)
        canvas.fill(temple, shade, blur=0.13, opacity=0.75 * away, clip=skin_mask)
        jaw = smooth(
            [(side * wide * 0.95, 0.35), (side * wide * 0.74, 0.86), (0, chin * 1.04),
             (0, chin * 1.22), (side * 1.3, chin)]
        )  # fmt: skip
        canvas.fill(jaw, shade, blur=0.09, opacity=0.8 * away + 0.1, clip=skin_mask)
    glow = mix(skin, (255, 250, 240), 0.5)
    canvas.fill(ellipse(0.12 * light, -0.62, 0.5, 0.3), glow, blur=0.2, opacity=0.5, clip=skin_mask)
    canvas.fill(ellipse(0, chin * 0.9, 0.17, 0.1), glow, blur=0.08, opacity=0.45, clip=skin_mask)
    red = mix(skin, (236, 92, 84), 0.55)
    for side in (-1, 1):
        cheek = canvas.pose.turned(ellipse(side * 0.55 * wide, 0.42, 0.21, 0.15))
        canvas.fill(cheek, red, blur=0.1, opacity=who.blush, clip=skin_mask)
        shine = canvas.pose.turned(ellipse(side * 0.5 * wide, 0.27, 0.15, 0.07))
        canvas.fill(shine, glow, blur=0.08, opacity=0.4, clip=skin_mask)
    return skin_mask


def paint_marks(canvas: Canvas, who: Identity, skin_mask: Image.Image) -> None:
    """Freckles and a mole, in the same places in every picture."""
    if who.freckles:
        rng = np.random.default_rng([21, who.seed])
        for x, y in rng.normal((0, 0.36), (0.3, 0.07), size=(26, 2)):
            spot = canvas.pose.turned(ellipse(float(x), float(y), 0.013, 0.012))
            canvas.fill(
                spot, darker(who.skin, 0.4), blur=0.005, opacity=0.6 * who.freckles, clip=skin_mask
            )
    if who.mole:
        spot = canvas.pose.turned(ellipse(*who.mole, 0.02, 0.02))
        canvas.fill(spot, darker(who.skin, 0.7), blur=0.005, opacity=0.9, clip=skin_mask)


def paint_eyes(canvas: Canvas, who: Identity, mood: Mood, skin_mask: Image.Image) -> None:
    """Sockets, eyes, lids and brows."""
    for side in (-1, 1):
        socket = canvas.pose.turned(
            ellipse(side * who.eye_spacing, who.eye_drop - 0.05, who.eye_width * 1.35, 0.17)
        )
        canvas.fill(socket, darker(who.skin, 0.3), blur=0.09, opacity=0.62, clip=skin_mask)
        inner = canvas.pose.turned(ellipse(side * 0.17, who.eye_drop - 0.04, 0.07, 0.16), 0.05)
        canvas.fill(inner, darker(who.skin, 0.36), blur=0.06, opacity=0.55, clip=skin_mask)
        _paint_eye(canvas, who, mood, side)
        _paint_brow(canvas, who, mood, side)


def _paint_eye(canvas: Canvas, who: Identity, mood: Mood, side: int) -> None:
    wide, high = who.eye_width, who.eye_height * (1 - mood.lids)
    tilt = who.eye_tilt * wide

    def place(corners: list[tuple[float, float]], closed: bool = True) -> Points:
        points = np.asarray(corners, dtype=float)
        points[:, 1] += who.eye_drop - points[:, 0] / wide * tilt
        points[:, 0] = side * (points[:, 0] + who.eye_spacing)
        return canvas.pose.turned(smooth(points) if closed else points)

    upper = [(-wide, 0.015), (-0.55 * wide, -0.8 * high), (0.1 * wide, -high),
             (0.65 * wide, -0.66 * high), (wide, -0.005)]  # fmt: skip
    lower = [(0.6 * wide, 0.52 * high), (0.0, 0.72 * high), (-0.6 * wide, 0.5 * high)]
    almond = place(upper + lower)
    mask = canvas.mask(almond)
    canvas.fill(almond, (250, 246, 240))
    gaze_x, gaze_y = mood.gaze
    x = who.eye_spacing * side + gaze_x * wide * 0.4
    y = who.eye_drop - 0.08 * high + gaze_y * 0.03
    size = max(who.iris_size, 0.84 * who.eye_height)
    iris = canvas.pose.turned(ellipse(x, y, size, size))
    canvas.fill(iris, darker(who.iris, 0.45), clip=mask, blur=0.006)
    canvas.fill(canvas.pose.turned(ellipse(x, y + 0.015, size * 0.8, size * 0.78)),
                mix(who.iris, (190, 130, 80), 0.22), clip=mask, blur=0.02)  # fmt: skip
    canvas.fill(canvas.pose.turned(ellipse(x, y, size * 0.5, size * 0.5)), (14, 10, 10), clip=mask)
    # Under the lid it is darker: without this the eye stares.
    canvas.line(place(upper, closed=False), 0.09, (70, 50, 50), blur=0.025, opacity=0.5, clip=mask)
    for dx, dy, r in ((-0.035, -0.04, 0.03), (0.04, 0.035, 0.015)):
        canvas.fill(canvas.pose.turned(ellipse(x + dx, y + dy, r, r)), (255, 255, 255),
                    blur=0.004, opacity=0.92, clip=mask)  # fmt: skip
    lid = mix((26, 18, 18), who.hair, 0.4)
    flick = [(wide * 1.16, -0.03 - 0.05 * who.lashes)] if who.lashes > 0.4 else []
    canvas.line(place(upper + flick, closed=False), 0.036 + 0.022 * who.lashes, lid,
                ends=(0.35, 0.3), blur=0.008)  # fmt: skip
    under = place([(0.9 * wide, 0.12 * high), *lower, (-0.92 * wide, 0.14 * high)], closed=False)
    canvas.line(under, 0.018, darker(who.skin, 0.55), blur=0.008, opacity=0.7)
    if who.crease > 0.05:
        fold = [(px * 1.02, py - 0.05 - 0.02 * who.crease) for px, py in upper[:4]]
        canvas.line(place(fold, closed=False), 0.022, darker(who.skin, 0.5),
                    ends=(0.1, 0.1), blur=0.01, opacity=0.75 * who.crease)  # fmt: skip


def _paint_brow(canvas: Canvas, who: Identity, mood: Mood, side: int) -> None:
    x, y = who.eye_spacing * 0.98, who.eye_drop - who.brow_gap - mood.brow_raise
    half, tilt = who.brow_length, who.brow_tilt * who.brow_length
    corners = [(-half, tilt * 0.5 + 0.01), (-half * 0.3, -who.brow_arch * 0.7),
               (half * 0.35, -who.brow_arch - tilt * 0.3), (half, -tilt * 0.5 + 0.03)]  # fmt: skip
    points = canvas.pose.turned(np.array([(side * (px + x), py + y) for px, py in corners]))
    colour = mix(mix(who.hair, (40, 28, 24), 0.3), who.skin, who.brow_fade)
    canvas.line(points, who.brow_thick, colour, ends=(0.75, 0.2), blur=0.014, opacity=0.95)


def paint_nose(canvas: Canvas, who: Identity, skin_mask: Image.Image, light: float) -> None:
    """Bridge, tip, wings and nostrils."""
    skin, shade = who.skin, darker(who.skin, 0.36)
    tip, wide = who.eye_drop + who.nose_length, who.nose_width

    def place(points: Points, lift: float = 0.12) -> Points:
        return canvas.pose.turned(points, lift)

    for side in (-1, 1):
        strength = (0.25 + 0.4 * who.bridge) * (1 - 0.4 * side * light)
        flank = smooth([(side * 0.07, who.eye_drop - 0.1), (side * wide * 0.62, tip - 0.12),
                        (side * wide * 0.95, tip), (side * wide * 0.45, tip - 0.04)])  # fmt: skip
        canvas.fill(place(flank), shade, blur=0.045, opacity=strength, clip=skin_mask)
    under = smooth([(-wide, tip + 0.01), (0, tip + 0.05), (wide, tip + 0.01), (0, tip + 0.12)])
    canvas.fill(place(under), darker(skin, 0.45), blur=0.035, opacity=0.7, clip=skin_mask)
    glow = mix(skin, (255, 252, 246), 0.65)
    ridge = ellipse(0.01 * light, tip - 0.24, 0.035, 0.18)
    canvas.fill(place(ridge), glow, blur=0.035, opacity=0.35 + 0.3 * who.bridge, clip=skin_mask)
    canvas.fill(place(ellipse(0.02 * light, tip - 0.03, wide * 0.36, 0.055)), glow, blur=0.03,
                opacity=0.6, clip=skin_mask)  # fmt: skip
    for side in (-1, 1):
        hole = ellipse(side * wide * 0.46, tip + 0.035, wide * 0.22, 0.026, side * -0.25)
        canvas.fill(place(hole), darker(skin, 0.74), blur=0.012, opacity=0.85)
        wing = [(side * wide * 0.86, tip - 0.06), (side * wide * 1.02, tip + 0.0),
                (side * wide * 0.78, tip + 0.05)]  # fmt: skip
        canvas.line(place(smooth(wing, closed=False)), 0.026, darker(skin, 0.5), blur=0.012,
                    opacity=0.7)  # fmt: skip


def paint_mouth(canvas: Canvas, who: Identity, mood: Mood, skin_mask: Image.Image) -> None:
    """Lips and what is between them, with the shade below that sets the chin off."""
    wide = who.mouth_width * (1 + 0.16 * mood.smile)
    tip = who.eye_drop + who.nose_length
    y = tip + who.mouth_share * (who.chin_length - tip)
    lift = 0.105 * mood.smile
    gap = 0.11 * mood.mouth_open
    red = mix(mix(who.skin, (206, 84, 84), 0.3 + 0.45 * who.lip_red), (120, 40, 40), 0.12)

    def place(corners: list[tuple[float, float]], closed: bool = True) -> Points:
        points = np.asarray(corners, dtype=float)
        points[:, 1] += y
        return canvas.pose.turned(smooth(points) if closed else points, 0.05)

    left, right = (-wide, -lift), (wide, -lift)
    upper_in = [(-0.5 * wide, 0.2 * lift), (0.0, 0.35 * lift), (0.5 * wide, 0.2 * lift)]
    lower_in = [(px, py + gap * (1.0 if px == 0 else 0.8)) for px, py in upper_in]
    upper_out = [(0.45 * wide, -who.lip_upper), (0.13 * wide, -who.lip_upper * 1.15),
                 (0, -who.lip_upper * 0.85), (-0.13 * wide, -who.lip_upper * 1.15),
                 (-0.45 * wide, -who.lip_upper)]  # fmt: skip
    lower_out = [(px * 0.95, py + who.lip_lower) for px, py in reversed(lower_in)]
    below = ellipse(0, y + gap + who.lip_lower + 0.09, wide * 0.55, 0.045)
    canvas.fill(canvas.pose.turned(below), darker(who.skin, 0.4), blur=0.05, opacity=0.6,
                clip=skin_mask)  # fmt: skip
    canvas.fill(place([left, *upper_in, right, *upper_out]), darker(red, 0.12), blur=0.012)
    canvas.fill(place([left, *lower_in, right, *lower_out]), red, blur=0.012)
    canvas.fill(place([(-0.3 * wide, gap + who.lip_lower * 0.5), (0, gap + who.lip_lower * 0.42),
                       (0.3 * wide, gap + who.lip_lower * 0.5),
                       (0, gap + who.lip_lower * 0.75)]),
                mix(red, (255, 235, 225), 0.6), blur=0.02, opacity=0.5)  # fmt: skip
    if gap > 0.03:
        inside = [left, *upper_in, right, *reversed(lower_in)]
        mask = canvas.mask(place(inside))
        canvas.fill(place(inside), (104, 34, 36), blur=0.004)
        teeth = [
            (-0.72 * wide, -0.3 * lift),
            (0, -0.06),
            (0.72 * wide, -0.3 * lift),
            (0.5 * wide, 0.25 * lift + gap * 0.4),
            (-0.5 * wide, 0.25 * lift + gap * 0.4),
        ]
        canvas.fill(place(teeth), (252, 248, 240), blur=0.008, clip=mask)  # fmt: skip
    canvas.line(place([left, *upper_in, right], closed=False), 0.026, darker(red, 0.6),
                blur=0.008, ends=(0.5, 0.5))  # fmt: skip
    for side, (x, corner) in ((-1, left), (1, right)):
        dimple: Colour = darker(who.skin, 0.42)
        spot = canvas.pose.turned(ellipse(x + side * 0.02, y + corner, 0.03, 0.035))
        canvas.fill(spot, dimple, blur=0.02, opacity=0.5 + 0.3 * max(0.0, mood.smile))


def paint_glasses(canvas: Canvas, who: Identity) -> None:
    """Thin round frames."""
    frame: Colour = (74, 60, 64)
    for side in (-1, 1):
        rim = ellipse(side * who.eye_spacing, who.eye_drop + 0.02, who.eye_spacing * 0.78, 0.26)
        ring = canvas.pose.turned(np.concatenate([rim, rim[:1]]), 0.1)
        canvas.line(ring, 0.03, frame, ends=(1, 1), blur=0.006)
        x = who.eye_spacing * 1.75
        arm = np.array([(side * x, who.eye_drop), (side * who.face_width * 1.02, 0.02)])
        canvas.line(canvas.pose.turned(arm), 0.026, frame, ends=(1, 1))
    bridge = np.array([(-who.eye_spacing * 0.24, who.eye_drop), (0, who.eye_drop - 0.03),
                       (who.eye_spacing * 0.24, who.eye_drop)])  # fmt: skip
    canvas.line(canvas.pose.turned(bridge, 0.1), 0.03, frame, ends=(1, 1))
