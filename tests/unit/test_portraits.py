"""The drawn portraits: the same seeds give the same picture, other seeds another."""

import math

import numpy as np
import pytest

from casemgr.demo.portrait_seeds import DEMO_SEEDS, FIT_SEEDS
from casemgr.demo.portraits import draw, identity

SOMEONE = identity(DEMO_SEEDS[0])


def test_the_same_seeds_draw_the_same_picture_to_the_pixel() -> None:
    first, again = draw(SOMEONE, 3), draw(identity(SOMEONE.seed), 3)
    assert first.tobytes() == again.tobytes()


def test_another_variation_and_another_person_draw_another_picture() -> None:
    pictures = {
        draw(who, variation, size=(120, 150)).tobytes()
        for who in (SOMEONE, identity(DEMO_SEEDS[1]))
        for variation in (0, 1)
    }
    assert len(pictures) == 4


@pytest.mark.parametrize("size", [(480, 600), (96, 120)])
def test_a_portrait_has_the_size_asked_for_and_is_not_flat(size: tuple[int, int]) -> None:
    picture = draw(SOMEONE, 0, size=size)
    assert (picture.mode, picture.size) == ("RGB", size)
    assert np.asarray(picture).std() > 20


def test_an_older_drawing_keeps_the_person_and_lengthens_the_face() -> None:
    young, old = SOMEONE.at_age(4), SOMEONE.at_age(16)
    assert old.chin_length > young.chin_length
    assert (old.skin, old.iris, old.hair, old.mole) == (
        young.skin, young.iris, young.hair, young.mole,
    )  # fmt: skip
    assert draw(SOMEONE, 0, age_years=4).tobytes() != draw(SOMEONE, 0, age_years=16).tobytes()


def test_every_number_of_every_listed_person_is_finite() -> None:
    for seed in (*DEMO_SEEDS, *FIT_SEEDS):
        who = identity(seed)
        assert all(
            math.isfinite(value)
            for value in (getattr(who, name) for name in who.__slots__)
            if isinstance(value, float)
        )


def test_the_demo_and_the_fit_share_no_person_and_both_are_large_enough() -> None:
    assert len(set(DEMO_SEEDS)) == len(DEMO_SEEDS) >= 200
    assert len(set(FIT_SEEDS)) == len(FIT_SEEDS) >= 60
    assert not set(DEMO_SEEDS) & set(FIT_SEEDS)
