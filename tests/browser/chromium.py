"""Where this machine's Chromium is. Tests drive the one that is there and never fetch another."""

import os
import shutil
from functools import cache
from typing import Final

NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
WITHOUT: Final = "no Chromium here"
FLAGS: Final = ("--no-sandbox", "--disable-dev-shm-usage")
"""Chromium refuses its sandbox to root, and containers have little shared memory."""


@cache
def found() -> str | None:
    """The program's path: what CHROME_PATH names, else the first of the usual names."""
    named = os.environ.get("CHROME_PATH")
    return named or next(filter(None, map(shutil.which, NAMES)), None)
