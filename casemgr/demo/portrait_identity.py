"""Who a drawn portrait shows: the features that stay, chosen from an integer seed."""

from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np

from casemgr.demo.portrait_canvas import Colour, mix

SKINS: Final[tuple[Colour, ...]] = (
    (253, 220, 190), (248, 210, 176), (242, 200, 162), (232, 186, 144),
    (218, 166, 122), (198, 144, 102), (172, 120, 84), (146, 100, 70),
)  # fmt: skip
HAIRS: Final[tuple[Colour, ...]] = (
    (30, 26, 28), (44, 34, 32), (62, 44, 36), (88, 58, 40), (118, 78, 48), (36, 34, 46),
)  # fmt: skip
BOYS_STYLES: Final = ("crop", "bowl", "side", "spiky", "curly", "crew")
GIRLS_STYLES: Final = ("bob", "long", "pigtails", "braids", "buns", "ponytail", "curly_long")


@dataclass(frozen=True, slots=True)
class Identity:
    """One invented person. Lengths are in face units (1 is half the width of a middling head)."""

    seed: int
    sex: Literal["female", "male"]
    age_years: float
    skin: Colour
    blush: float
    freckles: float
    mole: tuple[float, float] | None
    face_width: float
    jaw_width: float
    chin_width: float
    chin_length: float
    cheek: float
    forehead: float
    eye_spacing: float
    eye_width: float
    eye_height: float
    eye_tilt: float
    eye_drop: float
    iris: Colour
    iris_size: float
    crease: float
    lashes: float
    brow_gap: float
    brow_thick: float
    brow_length: float
    brow_tilt: float
    brow_arch: float
    brow_fade: float
    nose_length: float
    nose_width: float
    bridge: float
    mouth_width: float
    mouth_share: float
    lip_upper: float
    lip_lower: float
    lip_red: float
    ear_size: float
    ear_drop: float
    hair: Colour
    hair_style: str
    hair_volume: float
    hairline: float
    fringe: float
    parting: float
    glasses: bool

    def at_age(self, years: float) -> "Identity":
        """The same person at another age: a child's face is round and low-set, then lengthens."""
        growth = (min(max(years, 2.0), 20.0) - self.age_years) / 18
        return replace(
            self,
            age_years=years,
            chin_length=self.chin_length + 0.16 * growth,
            jaw_width=self.jaw_width * (1 - 0.05 * growth),
            cheek=self.cheek * (1 - 0.6 * growth),
            eye_height=self.eye_height * (1 - 0.14 * growth),
            eye_width=self.eye_width * (1 - 0.05 * growth),
            iris_size=self.iris_size * (1 - 0.12 * growth),
            nose_length=self.nose_length + 0.07 * growth,
            brow_thick=self.brow_thick * (1 + 0.25 * growth),
        )


def identity(seed: int) -> Identity:
    """The person of one seed; the same seed always gives the same person."""
    rng = np.random.default_rng([20, seed])

    def between(low: float, high: float) -> float:
        # Rather towards the ends than the middle: people are to be told apart.
        return low + (high - low) * float(rng.beta(0.7, 0.7))

    sex: Literal["female", "male"] = "female" if rng.random() < 0.5 else "male"
    tone = rng.beta(0.8, 1.1) * (len(SKINS) - 1)
    skin = mix(SKINS[int(tone)], SKINS[min(int(tone) + 1, len(SKINS) - 1)], tone % 1)
    skin = mix(skin, (between(200, 255), between(150, 190), between(110, 160)), between(0, 0.22))
    styles = GIRLS_STYLES if sex == "female" else BOYS_STYLES
    hair = HAIRS[int(rng.choice(len(HAIRS), p=[0.32, 0.24, 0.16, 0.1, 0.07, 0.11]))]
    return Identity(
        seed=seed,
        sex=sex,
        age_years=between(3, 13),
        skin=skin,
        blush=between(0.22, 0.6),
        freckles=between(0.3, 1.0) if rng.random() < 0.14 else 0.0,
        mole=(between(-0.6, 0.6), between(0.25, 0.85)) if rng.random() < 0.18 else None,
        face_width=between(0.82, 1.13),
        jaw_width=between(0.68, 0.98),
        chin_width=between(0.24, 0.52),
        chin_length=between(0.92, 1.25),
        cheek=between(0.0, 0.08),
        forehead=between(1.18, 1.44),
        eye_spacing=between(0.35, 0.55),
        eye_width=between(0.165, 0.275),
        eye_height=between(0.098, 0.2),
        eye_tilt=between(-0.18, 0.2),
        eye_drop=between(-0.06, 0.11),
        iris=mix((28, 18, 14), (112, 70, 38), between(0, 1) ** 1.6),
        iris_size=between(0.11, 0.15),
        crease=max(0.0, between(-0.5, 1.0)),
        lashes=between(0.0, 1.0) if sex == "female" else between(0.0, 0.35),
        brow_gap=between(0.2, 0.41),
        brow_thick=between(0.028, 0.115),
        brow_length=between(0.18, 0.35),
        brow_tilt=between(-0.26, 0.07),
        brow_arch=between(0.0, 0.095),
        brow_fade=between(0.0, 0.45),
        nose_length=between(0.29, 0.53),
        nose_width=between(0.1, 0.265),
        bridge=between(0.0, 1.0),
        mouth_width=between(0.18, 0.37),
        mouth_share=between(0.33, 0.52),
        lip_upper=between(0.025, 0.09),
        lip_lower=between(0.04, 0.125),
        lip_red=between(0.2, 0.9),
        ear_size=between(0.15, 0.28),
        ear_drop=between(0.0, 0.22),
        hair=mix(hair, (0, 0, 0), between(0, 0.2)),
        hair_style=str(rng.choice(styles)),
        hair_volume=between(0.06, 0.22),
        hairline=between(0.5, 0.78),
        fringe=between(0.0, 1.0),
        parting=between(-0.6, 0.6),
        glasses=bool(rng.random() < 0.12),
    )
