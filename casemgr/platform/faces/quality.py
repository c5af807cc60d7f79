"""How much a picture of a face can be relied on, and what to tell the person who took it."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from casemgr.platform.faces.protocol import FaceBox, Picture
from casemgr.platform.i18n import N_

Level = Literal["good", "usable", "poor"]

SMALL_WIDTH: Final = 80
TINY_WIDTH: Final = 40
DARK_LUMA: Final = 45.0
BRIGHT_SHARE: Final = 0.3
SHARP: Final = 60.0
BLURRED: Final = 15.0
MEASURED_WIDTH: Final = 80

ADVICE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "no_face": N_(
            "We found no face in this photo. It is kept all the same. If you have one that shows "
            "the face from the front, add it too."
        ),
        "choose_face": N_(
            "There are several faces in this photo. Please tell us which one is the child's."
        ),
        "small": N_(
            "The face is small in this photo: %(width)s pixels wide. "
            "If you have one taken closer, add it too."
        ),
        "tiny": N_(
            "The face is only %(width)s pixels wide, too small to compare well. "
            "Come closer if that is safe, or add a photo taken closer."
        ),
        "dark": N_("The face is dark in this photo. If you have one in better light, add it too."),
        "bright": N_(
            "The face is very bright in this photo. If you have one in softer light, add it too."
        ),
        "blurred": N_("The face is blurred in this photo. If you have a sharper one, add it too."),
    }
)
"""Advice by code: messages for the catalogues, to be filled from `FaceQuality.params`."""


@dataclass(frozen=True, slots=True)
class FaceQuality:
    """The level that matching weighs evidence by, and the code of one piece of advice, or ''."""

    level: Level
    advice: str
    width: int

    @property
    def params(self) -> dict[str, int]:
        """What the advice's placeholders stand for."""
        return {"width": self.width}


def face_quality(rgb: Picture, box: FaceBox) -> FaceQuality:
    """Judge one face by its width in pixels, its light and its sharpness; the worst one is said.

    Sharpness is the variance of the Laplacian of the face, brought to at most MEASURED_WIDTH
    pixels so that large faces are not taken for blurred ones.
    """
    face = _luma(rgb, box)
    sharpness = _sharpness(face)
    level: Level
    if box.width < TINY_WIDTH:
        level, advice = "poor", "tiny"
    elif float(np.percentile(face, 75)) < DARK_LUMA:
        level, advice = "poor", "dark"
    elif sharpness < BLURRED:
        level, advice = "poor", "blurred"
    elif float(np.mean(face >= 250)) > BRIGHT_SHARE:
        level, advice = "usable", "bright"
    elif box.width < SMALL_WIDTH:
        level, advice = "usable", "small"
    elif sharpness < SHARP:
        level, advice = "usable", "blurred"
    else:
        level, advice = "good", ""
    return FaceQuality(level=level, advice=advice, width=box.width)


def _luma(rgb: Picture, box: FaceBox) -> NDArray[np.float32]:
    """The face in grey, clipped to the picture, at most MEASURED_WIDTH pixels wide."""
    height, width = rgb.shape[:2]
    left, top = min(max(box.left, 0), width - 1), min(max(box.top, 0), height - 1)
    right, bottom = max(left + 1, box.left + box.width), max(top + 1, box.top + box.height)
    grey = Image.fromarray(np.ascontiguousarray(rgb[top:bottom, left:right])).convert("L")
    if grey.width > MEASURED_WIDTH:
        size = (MEASURED_WIDTH, max(1, round(grey.height * MEASURED_WIDTH / grey.width)))
        grey = grey.resize(size, Image.Resampling.BOX)
    return np.asarray(grey, dtype=np.float32)


def _sharpness(grey: NDArray[np.float32]) -> float:
    """Variance of the discrete Laplacian; 0 for a face too small to have one."""
    if min(grey.shape) < 3:
        return 0.0
    middle = grey[1:-1, 1:-1]
    around = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:]
    return float(np.var(around - 4 * middle))
