"""axe-core in a page: what breaks WCAG 2.2 AA or is no good practice, one line each."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Page

TAGS: Final = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
SOURCE: Final = Path(__file__).parent / "vendor" / "axe.min.js"


@dataclass(frozen=True, slots=True)
class Violation:
    """One element that breaks one rule."""

    rule: str
    impact: str
    element: str
    why: str

    def __str__(self) -> str:
        return f"{self.rule} ({self.impact}): {self.element} – {self.why}"


@cache
def _source() -> str:
    return SOURCE.read_text(encoding="utf-8")


def violations(page: Page) -> list[Violation]:
    """Every violation on the page as it stands; nothing is left out by rule or by place."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(_source())
    found: dict[str, Any] = page.evaluate(
        "tags => axe.run(document, {runOnly: {type: 'tag', values: tags},"
        " resultTypes: ['violations']})",
        list(TAGS),
    )
    return [
        Violation(
            each["id"],
            each["impact"] or "",
            " ".join(map(str, node["target"])),
            " ".join(node["failureSummary"].split()[:40]),
        )
        for each in found["violations"]
        for node in each["nodes"]
    ]
