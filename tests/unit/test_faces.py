"""What a face distance is worth in matching."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from searches.matching.faces import DLIB_REAL, MAX_BITS, MIN_BITS, MODELS, DistanceModel
from searches.matching.types import FacePrint

models = st.sampled_from(list(MODELS.values()))
distances = st.floats(0, 3)
years = st.none() | st.floats(0, 80)
maybe = st.sampled_from([True, False, None])
qualities = st.sampled_from(["good", "usable", "poor", ""])


def plain(model: DistanceModel, distance: float) -> float:
    """Two good pictures of a grown person, taken on one day."""
    return model.bits(distance, years_apart=0, child=False, quality="good")


@given(models, distances, distances, years, maybe, qualities)
def test_a_greater_distance_never_argues_more_for_one_person(
    model: DistanceModel,
    first: float,
    second: float,
    apart: float | None,
    child: bool | None,
    quality: str,
) -> None:
    near, far = sorted((first, second))

    def bits(distance: float) -> float:
        return model.bits(distance, years_apart=apart, child=child, quality=quality)

    assert bits(near) >= bits(far)


@given(models, distances, years, maybe, qualities)
def test_a_face_alone_never_carries_more_than_its_bounds(
    model: DistanceModel, distance: float, apart: float | None, child: bool | None, quality: str
) -> None:
    bits = model.bits(distance, years_apart=apart, child=child, quality=quality)
    assert MIN_BITS <= bits <= MAX_BITS


@given(models, distances, st.floats(0, 40), st.floats(0, 40), maybe, qualities)
def test_years_between_the_pictures_flatten_the_evidence_and_never_turn_it(
    model: DistanceModel,
    distance: float,
    first: float,
    second: float,
    child: bool | None,
    quality: str,
) -> None:
    few, many = sorted((first, second))
    sooner = model.bits(distance, years_apart=few, child=child, quality=quality)
    later = model.bits(distance, years_apart=many, child=child, quality=quality)
    assert abs(later) <= abs(sooner)
    assert sooner * later >= 0


@given(models, distances, years)
def test_young_children_and_poorer_pictures_say_no_more_than_others(
    model: DistanceModel, distance: float, apart: float | None
) -> None:
    def size(child: bool | None, quality: str) -> float:
        return abs(model.bits(distance, years_apart=apart, child=child, quality=quality))

    assert size(True, "good") <= size(False, "good")
    assert size(None, "good") <= size(False, "good")
    assert size(False, "poor") <= size(False, "usable") <= size(False, "good")
    assert size(False, "") == size(False, "poor")


@pytest.mark.parametrize("distance", [None, float("nan")])
@pytest.mark.parametrize("name", sorted(MODELS))
def test_without_a_distance_there_is_nothing_to_say(name: str, distance: float | None) -> None:
    bits = MODELS[name].bits(distance, years_apart=0, child=False, quality="good")
    assert bits == 0.0


def test_the_real_model_turns_at_the_usual_threshold_and_agrees_with_its_figures() -> None:
    assert plain(DLIB_REAL, 0.35) > 12
    assert plain(DLIB_REAL, 0.45) > 8
    assert plain(DLIB_REAL, 0.59) > 0 > plain(DLIB_REAL, 0.63)
    assert plain(DLIB_REAL, 0.74) < -6


def test_nine_years_between_two_photos_leave_about_half_of_a_likeness() -> None:
    assert DLIB_REAL.bits(0.47, years_apart=9, child=False, quality="good") == pytest.approx(
        4.0, abs=0.2
    )


def test_the_drawn_model_tells_a_redraw_from_another_person() -> None:
    drawn = MODELS["dlib-drawn"]
    assert plain(drawn, 0.15) > 6
    assert plain(drawn, 0.50) < -5


def test_prints_of_another_engine_are_never_compared() -> None:
    vector = np.zeros(128, dtype=np.float32)
    ours = FacePrint(engine="dlib-resnet-v1", vector=vector, taken=None, quality="good")
    moved = FacePrint(
        engine="dlib-resnet-v1", vector=vector + np.float32(0.05), taken=None, quality="good"
    )
    theirs = FacePrint(engine="dlib-resnet-v2", vector=vector, taken=None, quality="good")
    assert DLIB_REAL.distance(ours, moved) == pytest.approx(0.05 * 128**0.5, abs=1e-6)
    assert DLIB_REAL.distance(ours, theirs) is None
    assert DLIB_REAL.distance(theirs, theirs) is None
