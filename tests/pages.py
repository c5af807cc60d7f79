"""Reading pages the way a browser would, for tests."""

import re
from typing import Any

from django.test import Client

CSRF = re.compile(r'<input type="hidden" name="csrfmiddlewaretoken" value="\w+">')
KEY = re.compile(r'name="key" value="([0-9a-f-]{36})"')
INLINE = re.compile(r"<style\b|<script(?![^>]* src=)|\sstyle=|\son\w+=|javascript:", re.IGNORECASE)
CODE = re.compile(r'id="code">([a-z0-9-]+)<')


def text_of(response: Any) -> str:
    """The page without what differs on every request, and without space around tags."""
    page = re.sub(r"\s+", " ", CSRF.sub("", response.content.decode()))
    return page.replace("> ", ">").replace(" <", "<")


def receipt_in(response: Any) -> str:
    """The receipt code that a page shows."""
    found = CODE.search(text_of(response))
    assert found, text_of(response)
    return found[1]


def fresh_key(browser: Client) -> str:
    """The key of a sighting form just opened."""
    found = KEY.search(text_of(browser.get("/sightings/new/")))
    assert found
    return found[1]
