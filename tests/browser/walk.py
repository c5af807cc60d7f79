"""Going through pages in one language, width and light, with axe on each."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tests.browser.pages import Visit


@dataclass(frozen=True, slots=True)
class Look:
    """How a page is looked at."""

    language: str
    width: int
    dark: bool = False

    def __str__(self) -> str:
        return f"{self.language}, {self.width} px, {'dark' if self.dark else 'light'}"


def walk(machine: Any, visits: Iterable[Visit], look: Look) -> list[str]:
    """What axe finds on all of them, and what is wider than the screen; a line each."""
    visitor = machine(look.language, width=look.width)
    page, broken = visitor.page, []
    page.emulate_media(color_scheme="dark" if look.dark else "light")
    for visit in visits:
        visitor.become(visit.session)
        page.goto(visit.path)
        at = f"{visit.where} as {visit.who} ({look})"
        broken += [f"{at}: {each}" for each in visitor.axe()]
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if wide > 0:
            broken.append(f"{at}: {wide} px wider than the screen")
    return broken + [f"({look}) script failed: {error}" for error in visitor.failed]
