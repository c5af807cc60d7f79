"""An example for each body that an operation takes or gives, by the name of its shape.

`api_examples.json` holds them; nobody in them is real. What an operation says itself comes first.
"""

import json
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

LIST, OF = "Paginated", "List"


@lru_cache(maxsize=1)
def examples() -> dict[str, Any]:
    """The example of each shape."""
    text = Path(__file__).with_suffix(".json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def shape_of(schema: dict[str, Any]) -> str:
    """The name of the shape that a body's schema points to; '' for none."""
    return str(schema.get("$ref", "")).rsplit("/", 1)[-1]


def example_of(shape: str) -> Any:
    """The shape's example, a page of one for a list; None where there is none."""
    if shape.startswith(LIST) and shape.endswith(OF):
        one = example_of(shape.removeprefix(LIST).removesuffix(OF))
        return None if one is None else {"next": None, "previous": None, "results": [one]}
    return examples().get(shape)


def bodies(operation: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every body that an operation takes, or gives when it did what was asked; no whole files."""
    found = [*operation.get("requestBody", {}).get("content", {}).values()]
    for status, response in operation["responses"].items():
        if status < "300":
            found += response.get("content", {}).values()
    yield from (body for body in found if body["schema"].get("format") != "binary")


def add_examples(result: Any, generator: Any, request: Any, public: bool) -> Any:
    """A hook: where a body shows no example yet, show its shape's."""
    for methods in result["paths"].values():
        for operation in methods.values():
            for body in bodies(operation):
                found = example_of(shape_of(body["schema"]))
                if "examples" not in body and found is not None:
                    body["examples"] = {"Example": {"value": found}}
    return result
