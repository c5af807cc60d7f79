"""Takes the drawn photos: like a camera in somebody's hand, each frames the child anew."""

import io
from random import Random
from typing import Final

from casemgr.demo import portraits
from casemgr.demo.population import DrawnPhoto

DRAWN_SIZE: Final = (560, 700)
MOST_CUT: Final = (0.14, 0.1, 0.14, 0.18)
"""Largest share of width or height cut at left, top, right and bottom; the head stays whole.

So widely that no two photos of one child are copies to the picture hash: of 400 pairs, all are more
than 50 bits apart, where copies are at most 38.
"""


def take(photo: DrawnPhoto) -> bytes:
    """The picture as a JPEG file; the same photo always gives the same bytes."""
    picture = portraits.draw(
        portraits.identity(photo.portrait),
        photo.variation,
        size=DRAWN_SIZE,
        age_years=photo.age_years,
    )
    hand = Random(photo.variation)
    left, top, right, bottom = (hand.uniform(0, most) for most in MOST_CUT)
    wide, high = picture.size
    framed = picture.crop(
        (
            round(wide * left),
            round(high * top),
            round(wide * (1 - right)),
            round(high * (1 - bottom)),
        )
    )
    file = io.BytesIO()
    framed.save(file, "JPEG", quality=90)
    return file.getvalue()
