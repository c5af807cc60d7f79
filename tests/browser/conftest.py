"""A Chromium for the tests of this folder, and new machines with nothing on them yet."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation
from playwright.sync_api import Browser, sync_playwright
from pytest_django.fixtures import Settings

from tests.browser import chromium
from tests.browser.visitor import Visitor

HERE = Path(__file__).parent
Machine = Callable[..., Visitor]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without a Chromium the rest of the tests run; tests/conftest.py says so at the end."""
    if chromium.found() is None:
        for item in items:
            if HERE in item.path.parents:
                item.add_marker(pytest.mark.skip(chromium.WITHOUT))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for a module, since tests after it may want an event loop of their own."""
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    # Playwright keeps an event loop in this thread, in which nothing of Django's ever runs.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(
            executable_path=chromium.found(), args=list(chromium.FLAGS)
        )
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def machine(browser: Browser, live_server: Any, settings: Settings) -> Iterator[Machine]:
    """Makes a new machine: a browser that was never here, `script=False` without scripts."""
    settings.EVEN_ANSWER_SECONDS = 0.0
    with translation.override("zh-hans"):
        assert translation.gettext("Send") != "Send", "compile the catalogues first: make test does"
    with ExitStack() as ending:

        def new(language: str = "en", *, width: int = 360, script: bool = True) -> Visitor:
            context = browser.new_context(
                base_url=live_server.url,
                locale={"en": "en-GB", "zh-hans": "zh-CN"}[language],
                viewport={"width": width, "height": 740 if width < 700 else 900},
                java_script_enabled=script,
                reduced_motion="reduce",
                timezone_id="Asia/Shanghai",
            )
            context.set_default_timeout(10_000)
            ending.callback(context.close)
            return Visitor(context, live_server.url, language)

        yield new
