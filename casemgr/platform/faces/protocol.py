"""What a face engine must offer: find faces, turn one into a vector, tell how far two are apart."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Embedding = NDArray[np.float32]


class FaceEngineUnavailable(RuntimeError):
    """No face engine can run here; the message says what to install."""


@dataclass(frozen=True, slots=True)
class FaceBox:
    """One face found, in pixels of the picture it was found in; it may hang over the edge.

    `score` is the detector's own confidence: higher is surer, 0 is its usual threshold.
    """

    left: int
    top: int
    width: int
    height: int
    score: float


class FaceEngine(Protocol):
    """A detector and an embedder that belong together.

    `name` is stored with every embedding. Vectors of differently named engines are never
    compared, so a change of model or of alignment needs a new name.
    """

    @property
    def name(self) -> str:
        """Name and version, for example 'dlib-resnet-v1'."""

    @property
    def dimension(self) -> int:
        """Length of an embedding."""

    def detect(self, rgb: Picture) -> list[FaceBox]:
        """Find the faces in an (height, width, 3) RGB picture, largest first."""

    def embed(self, rgb: Picture, box: FaceBox) -> Embedding:
        """Align the face in `box` and return its vector, shape (dimension,)."""

    def distance(self, first: Embedding, second: Embedding) -> float:
        """How far apart two vectors are: 0 is the same picture, more is less alike."""
