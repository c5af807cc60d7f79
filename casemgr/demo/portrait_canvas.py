"""Paint soft shapes for the drawn portraits: smooth outlines, ribbons, blurred fills.

Coordinates are face units: the origin lies between the eyes, x to the right, y down, and 1 is
half the width of a middling head. A canvas turns them into pixels, drawn at twice the final size.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageDraw, ImageFilter

Colour = tuple[float, float, float]
Points = NDArray[np.float64]

SUPERSAMPLE = 2


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """The colour `share` of the way from `first` (0) to `second` (1)."""
    a, b = np.asarray(first), np.asarray(second)
    red, green, blue = a + (b - a) * share
    return (float(red), float(green), float(blue))


def darker(colour: Colour, share: float) -> Colour:
    """`colour` with `share` of its light taken away, the blues first so that shadows stay warm."""
    red, green, blue = colour
    return (red * (1 - share * 0.85), green * (1 - share), blue * (1 - share))


def ellipse(x: float, y: float, rx: float, ry: float, turn: float = 0.0) -> Points:
    """A closed ellipse about (x, y), turned by `turn` radians."""
    angles = np.linspace(0, 2 * math.pi, 40, endpoint=False)
    flat = np.stack([rx * np.cos(angles), ry * np.sin(angles)], axis=1)
    cos, sin = math.cos(turn), math.sin(turn)
    return np.asarray(flat @ np.array([[cos, sin], [-sin, cos]]) + (x, y))


def smooth(corners: Sequence[tuple[float, float]] | Points, *, closed: bool = True) -> Points:
    """A Catmull-Rom curve through the corners, twelve points to a span."""
    points = np.asarray(corners, dtype=float)
    if closed:
        padded = np.concatenate([points[-1:], points, points[:2]])
    else:
        padded = np.concatenate([points[:1], points, points[-1:]])
    t = np.linspace(0, 1, 12, endpoint=False)[:, None]
    spans = []
    for before, start, end, after in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        spans.append(
            0.5
            * (
                2 * start
                + (end - before) * t
                + (2 * before - 5 * start + 4 * end - after) * t**2
                + (3 * start - before - 3 * end + after) * t**3
            )
        )
    if not closed:
        spans.append(points[-1:])
    return np.concatenate(spans)


def ribbon(
    corners: Sequence[tuple[float, float]] | Points, width: float, ends: tuple[float, float]
) -> Points:
    """A closed band along a smooth line: `width` wide in the middle, `ends` times that outside."""
    line = smooth(corners, closed=False)
    along = np.gradient(line, axis=0)
    normal = np.stack([-along[:, 1], along[:, 0]], axis=1)
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-9)
    place = np.linspace(0, 1, len(line))
    taper = np.interp(place, [0, 0.35, 0.65, 1], [ends[0], 1, 1, ends[1]])
    offset = normal * (taper * width / 2)[:, None]
    return np.concatenate([line + offset, (line - offset)[::-1]])


@dataclass
class Pose:
    """How the head is held: where it lies in the picture (pixels), how it is turned (radians)."""

    centre: tuple[float, float]
    unit: float
    roll: float = 0.0
    yaw: float = 0.0
    pitch: float = 0.0

    def turned(self, points: Points, lift: float = 0.0) -> Points:
        """Move features on the face as a turned ball would; `lift` is how far they stick out."""
        x, y = points[:, 0], points[:, 1]
        depth = np.sqrt(np.maximum(0.05, 1.15 - x**2 - 0.5 * y**2)) + lift
        return np.stack(
            [
                x * math.cos(self.yaw) + (depth - 0.9) * math.sin(self.yaw),
                y * math.cos(self.pitch) + (depth - 0.9) * math.sin(self.pitch),
            ],
            axis=1,
        )

    def pixels(self, points: Points) -> Points:
        """Face units to supersampled pixels."""
        cos, sin = math.cos(self.roll), math.sin(self.roll)
        turned = points @ np.array([[cos, sin], [-sin, cos]])
        return np.asarray((turned * self.unit + self.centre) * SUPERSAMPLE)


@dataclass
class Canvas:
    """A picture being painted. `size` is the final size in pixels."""

    size: tuple[int, int]
    pose: Pose
    image: Image.Image = field(init=False)

    def __post_init__(self) -> None:
        wide, high = self.size
        self.image = Image.new("RGB", (wide * SUPERSAMPLE, high * SUPERSAMPLE))

    def mask(self, points: Points) -> Image.Image:
        """A full-size mask of one shape, to clip others by."""
        mask = Image.new("L", self.image.size)
        ImageDraw.Draw(mask).polygon(list(map(tuple, self.pose.pixels(points))), fill=255)
        return mask

    def fill(
        self,
        points: Points,
        colour: Colour,
        *,
        blur: float = 0.0,
        opacity: float = 1.0,
        clip: Image.Image | None = None,
    ) -> None:
        """Paint a shape; `blur` is a Gaussian radius in face units, `clip` a mask to stay in."""
        outline = self.pose.pixels(points)
        radius = blur * self.pose.unit * SUPERSAMPLE
        margin = 2.5 * radius + 2
        left, top = np.floor(np.maximum(outline.min(axis=0) - margin, 0)).astype(int)
        right, bottom = np.ceil(np.minimum(outline.max(axis=0) + margin, self.image.size)).astype(
            int
        )
        if right <= left or bottom <= top:
            return
        patch = Image.new("L", (int(right - left), int(bottom - top)))
        ImageDraw.Draw(patch).polygon(
            list(map(tuple, outline - (left, top))), fill=round(255 * opacity)
        )
        if radius > 0:
            patch = _blurred(patch, radius)
        box = (int(left), int(top), int(right), int(bottom))
        if clip is not None:
            patch = ImageChops.multiply(patch, clip.crop(box))
        red, green, blue = (int(min(255, max(0, round(part)))) for part in colour)
        self.image.paste((red, green, blue), box, patch)

    def line(
        self,
        corners: Sequence[tuple[float, float]] | Points,
        width: float,
        colour: Colour,
        *,
        ends: tuple[float, float] = (0.3, 0.3),
        blur: float = 0.004,
        opacity: float = 1.0,
        clip: Image.Image | None = None,
    ) -> None:
        """Paint a tapering line through the corners."""
        self.fill(ribbon(corners, width, ends), colour, blur=blur, opacity=opacity, clip=clip)


def _blurred(mask: Image.Image, radius: float) -> Image.Image:
    """Gaussian blur; wide ones are done on a smaller copy, which looks the same and is fast."""
    shrink = 1
    while radius / shrink > 6:
        shrink *= 2
    if shrink == 1:
        return mask.filter(ImageFilter.GaussianBlur(radius))
    small = mask.resize(
        (max(1, mask.width // shrink), max(1, mask.height // shrink)), Image.Resampling.BOX
    ).filter(ImageFilter.GaussianBlur(radius / shrink))
    return small.resize(mask.size, Image.Resampling.BILINEAR)
