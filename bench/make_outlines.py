"""Makes static/maps/ from the province outlines of ECharts 4 (see docs/maps.md).

Run by hand when outlines change, never at run time:

    npm pack echarts@4.9.0 && tar xzf echarts-4.9.0.tgz
    python -m bench.make_outlines package/map/json/china.json

Two files with the same outlines: `provinces.geojson` for the map that can be moved, and
`china.svg`, drawn in the projection of `casemgr/platform/maps`, for pictures in pages.
"""

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from casemgr.platform.maps import HEIGHT, WIDTH, project

TARGET = Path(__file__).parents[1] / "static" / "maps"
Ring = list[tuple[float, float]]
# Degrees: bends finer than this, and islands smaller, are not drawn.
FINEST = 0.045
SMALLEST_RING = 0.12


def decoded(text: str, offset: Sequence[int]) -> Ring:
    """One ring as (longitude, latitude): ECharts' zigzag differences in 1/1024 degree."""
    x, y = offset
    ring: Ring = []
    for first, second in zip(text[::2], text[1::2], strict=True):
        x += _zigzag(ord(first) - 64)
        y += _zigzag(ord(second) - 64)
        ring.append((x / 1024, y / 1024))
    return ring


def _zigzag(value: int) -> int:
    return (value >> 1) ^ -(value & 1)


def rings(feature: dict[str, Any]) -> Iterator[Ring]:
    """The rings of a province, its outer ones; ECharts' provinces have no holes."""
    geometry = feature["geometry"]
    pairs = zip(geometry["coordinates"], geometry["encodeOffsets"], strict=True)
    for texts, offsets in pairs:
        if geometry["type"] == "Polygon":
            yield decoded(texts, offsets)
        else:
            yield from (decoded(text, at) for text, at in zip(texts, offsets, strict=True))


def simplified(ring: Ring, finest: float) -> Ring:
    """The ring without bends finer than `finest` degrees (Douglas and Peucker, 1973)."""
    points = np.array(ring)
    middle = len(points) // 2
    keep = {0, middle, len(points) - 1}
    stack = [(0, middle), (middle, len(points) - 1)]
    while stack:
        first, last = stack.pop()
        if last - first < 2:
            continue
        along = points[last] - points[first]
        away = points[first + 1 : last] - points[first]
        length = float(np.hypot(*along))
        distances = (
            np.abs(along[0] * away[:, 1] - along[1] * away[:, 0]) / length
            if length
            else np.hypot(away[:, 0], away[:, 1])
        )
        farthest = int(distances.argmax())
        if distances[farthest] > finest:
            split = first + 1 + farthest
            keep.add(split)
            stack += [(first, split), (split, last)]
    return [ring[index] for index in sorted(keep)]


def large(ring: Ring) -> bool:
    """Whether a ring is large enough to be seen."""
    xs, ys = zip(*ring, strict=True)
    return bool(max(max(xs) - min(xs), max(ys) - min(ys)) >= SMALLEST_RING)


def drawn(ring: Ring) -> str:
    """A ring as part of an SVG path."""
    points = [project(latitude, longitude) for longitude, latitude in ring]
    first, *rest = (f"{x:.1f} {y:.1f}" for x, y in points)
    return f"M{first}L{' '.join(rest)}Z"


def main(source: Path) -> None:
    """Write both files."""
    features = json.loads(source.read_text(encoding="utf-8"))["features"]
    provinces: dict[str, list[Ring]] = {}
    for feature in features:
        found = list(rings(feature))
        kept = [ring for ring in found if large(ring)] or [max(found, key=len)]
        provinces[feature["properties"]["id"]] = [simplified(ring, FINEST) for ring in kept]
    TARGET.mkdir(exist_ok=True)
    collection = {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"code": code},
                "geometry": {
                    "type": "MultiPolygon",
                    "coordinates": [
                        [[[round(x, 2), round(y, 2)] for x, y in ring]] for ring in kept
                    ],
                },
            }
            for code, kept in sorted(provinces.items())
        ],
    }
    (TARGET / "provinces.geojson").write_text(
        json.dumps(collection, separators=(",", ":")) + "\n", encoding="utf-8"
    )
    paths = "\n".join(
        f'<path d="{"".join(drawn(ring) for ring in kept)}"/>'
        for _code, kept in sorted(provinces.items())
    )
    (TARGET / "china.svg").write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">\n'
        f'<symbol id="provinces" viewBox="0 0 {WIDTH} {HEIGHT}">\n{paths}\n</symbol>\n</svg>\n',
        encoding="utf-8",
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
