"""Somebody in front of a browser: taps and typing by the words that they read, counted."""

import re
from pathlib import Path
from typing import Any, Final

from django.utils import translation
from playwright.sync_api import BrowserContext

from tests.browser.axe import Violation, violations

FURTHEST: Final = 60
"""How often somebody presses Tab before they give up."""
FOCUSED: Final = """() => {
  const at = document.activeElement;
  const label = at.labels && at.labels.length ? at.labels[0].innerText : "";
  const name = label || at.getAttribute("aria-label") || at.innerText;
  return [name, getComputedStyle(at).outlineStyle];
}"""
"""What the focus is on, in words, and how it is drawn."""


class Visitor:
    """One person's new machine, with one page open.

    `taps` counts all they do besides typing, `typed` the characters.
    """

    def __init__(self, context: BrowserContext, site: str, language: str) -> None:
        self.context, self.site, self.language = context, site, language
        self.page = context.new_page()
        self.taps = self.typed = 0
        self.failed: list[str] = []
        self.page.on("pageerror", lambda error: self.failed.append(str(error)))

    def says(self, english: str, **values: Any) -> str:
        """The site's own words in this person's language."""
        with translation.override(self.language):
            return translation.gettext(english) % values if values else translation.gettext(english)

    def become(self, session: str) -> None:
        """Go on with the session of somebody who signed in elsewhere; with none as nobody."""
        self.context.clear_cookies(name="sessionid")
        if session:
            self.context.add_cookies([{"name": "sessionid", "value": session, "url": self.site}])

    def open(self, path: str) -> None:
        """Go to an address of the site."""
        answer = self.page.goto(path)
        assert answer is not None
        assert answer.status < 400, f"{path}: {answer.status}"

    def tap(self, english: str) -> None:
        """Tap the link, button, choice or fold with these words, the first of several."""
        words = re.compile(rf"^\s*{re.escape(self.says(english))}")
        place = self.page.locator("body")
        target = (
            place.get_by_role("button", name=words)
            .or_(place.get_by_role("link", name=words))
            .or_(place.locator("label.choice, summary").filter(has_text=words))
        )
        target.locator("visible=true").first.click()
        self.taps += 1

    def pick(self, english: str, file: Path) -> None:
        """Tap a field for photos, and then the picture in what the phone offers: two taps."""
        with self.page.expect_file_chooser() as chooser:
            self.page.locator("label.pick", has_text=self.says(english)).click()
        chooser.value.set_files(file)
        self.taps += 2

    def type(self, english: str, words: str) -> None:
        """Type into the field that is labelled so."""
        label = re.compile(rf"^\s*{re.escape(self.says(english))}")
        self.page.get_by_label(label).locator("visible=true").first.fill(words)
        self.typed += len(words)

    def press_to(self, english: str) -> None:
        """Press Tab until the focus is on what these words name; it is seen where the focus is."""
        words = self.says(english)
        for _each in range(FURTHEST):
            self.page.keyboard.press("Tab")
            name, outline = self.page.evaluate(FOCUSED)
            assert outline != "none", f"the focus is not seen on: {name}"
            if str(name).strip().startswith(words):
                return
        raise AssertionError(f"not reached by Tab on {self.path}: {words}")

    def reads(self, english: str, **values: Any) -> None:
        """The words stand on the page."""
        words = self.says(english, **values)
        text = re.sub(r"\s+", " ", self.page.locator("body").inner_text())
        assert re.sub(r"\s+", " ", words) in text, f"not on {self.page.url}: {words}\n{text}"

    @property
    def path(self) -> str:
        """Where the person is."""
        return re.sub(r"^https?://[^/]+", "", self.page.url)

    def axe(self) -> list[Violation]:
        """What axe finds on the page as it stands."""
        return violations(self.page)
