"""The face engine that comes with the service: dlib's HOG detector and its ResNet embedding.

Two weight files are read by path out of the installed package `face_recognition_models`; the
package itself is never imported, because its loader needs `pkg_resources`, which is gone.
"""

import hashlib
import importlib.util
import threading
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image

from casemgr.platform.faces.protocol import Embedding, FaceBox, FaceEngineUnavailable, Picture

LANDMARKS_FILE: Final = "shape_predictor_5_face_landmarks.dat"
EMBEDDER_FILE: Final = "dlib_face_recognition_resnet_model_v1.dat"
SHA256: Final = {
    LANDMARKS_FILE: "c4b1e9804792707d3a405c2c16a80a20269e6675021f64a41d30fffafbc41888",
    EMBEDDER_FILE: "55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30",
}
DETECT_EDGE: Final = 1024
"""Long edge, in pixels, of the copy that is searched for faces; larger pictures are shrunk."""

_INSTALL: Final = (
    "No face engine can run here: {reason}. Install the packages dlib-bin (Linux x86-64, "
    "Windows and macOS wheels) and face_recognition_models, or configure another engine."
)


class DlibEngine:
    """Implements `FaceEngine`. Models are loaded on first use; safe to share between threads."""

    name: Final = "dlib-resnet-v1"
    dimension: Final = 128

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def detect(self, rgb: Picture) -> list[FaceBox]:
        """Faces of about 80 pixels and up; where there are none, of about 40 and up.

        Sizes are those in the searched copy, whose long edge is at most DETECT_EDGE.
        """
        small, factor = _shrunk(rgb)
        with self._lock:
            for upsample in (0, 1):
                found, scores, _ = self._models.detector.run(small, upsample, 0.0)
                if found:
                    break
        boxes = [
            FaceBox(
                left=round(face.left() * factor),
                top=round(face.top() * factor),
                width=round(face.width() * factor),
                height=round(face.height() * factor),
                score=float(score),
            )
            for face, score in zip(found, scores, strict=True)
        ]
        return sorted(boxes, key=lambda box: (-box.width * box.height, box.left, box.top))

    def embed(self, rgb: Picture, box: FaceBox) -> Embedding:
        """Turn the face upright by five landmarks, cut it out at 150 pixels, and embed it."""
        rgb = np.ascontiguousarray(rgb)
        dlib = self._models.dlib
        frame = dlib.rectangle(
            box.left, box.top, box.left + box.width - 1, box.top + box.height - 1
        )
        with self._lock:
            landmarks = self._models.landmarks(rgb, frame)
            vector = self._models.embedder.compute_face_descriptor(rgb, landmarks)
        return np.asarray(vector, dtype=np.float32)

    def distance(self, first: Embedding, second: Embedding) -> float:
        """Euclidean distance; pairs below 0.6 are usually taken for one person."""
        return float(np.linalg.norm(first.astype(np.float64) - second.astype(np.float64)))

    @cached_property
    def _models(self) -> "_Models":
        return _Models()


class _Models:
    """dlib and its three models, checked and loaded."""

    def __init__(self) -> None:
        try:
            import dlib
        except ImportError as error:
            raise FaceEngineUnavailable(
                _INSTALL.format(reason="the package dlib cannot be imported")
            ) from error
        folder = _weights_folder()
        self.dlib: Any = dlib
        self.detector: Any = dlib.get_frontal_face_detector()
        self.landmarks: Any = dlib.shape_predictor(_verified(folder / LANDMARKS_FILE))
        self.embedder: Any = dlib.face_recognition_model_v1(_verified(folder / EMBEDDER_FILE))


def _weights_folder() -> Path:
    spec = importlib.util.find_spec("face_recognition_models")
    if spec is None or not spec.submodule_search_locations:
        raise FaceEngineUnavailable(
            _INSTALL.format(reason="the package face_recognition_models is missing")
        )
    return Path(next(iter(spec.submodule_search_locations))) / "models"


def _verified(path: Path) -> str:
    """The path as text, once the file is the one whose distances the matching was fitted to."""
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise FaceEngineUnavailable(
            _INSTALL.format(reason=f"the file {path.name} cannot be read")
        ) from error
    if digest != SHA256[path.name]:
        raise FaceEngineUnavailable(
            _INSTALL.format(reason=f"the file {path.name} is not the one this release knows")
        )
    return str(path)


def _shrunk(rgb: Picture) -> tuple[Picture, float]:
    """The picture with its long edge at most DETECT_EDGE, and what to multiply boxes by."""
    height, width = rgb.shape[:2]
    factor = max(height, width) / DETECT_EDGE
    if factor <= 1:
        return np.ascontiguousarray(rgb), 1.0
    size = (max(1, round(width / factor)), max(1, round(height / factor)))
    small = Image.fromarray(rgb).resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)
    return np.asarray(small), factor
