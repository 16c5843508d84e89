"""Chromium for the tests of pages: `pip install -e '.[browser]'` and a `chromium` in the path."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.report.pages import EMOJI, HOSTILE, QUIET, Opened, deck_file, lesson, page_of
from tests.waiting import PATIENCE_S

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


@pytest.fixture(scope="module")  # its event loop must not outlive the module
def browser() -> Iterator[Browser]:
    playwright = pytest.importorskip("playwright.sync_api")
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip("no chromium here")
    with playwright.sync_playwright() as running:
        started = running.chromium.launch(executable_path=path, args=QUIET)
        yield started
        started.close()


@pytest.fixture
def opened(browser: Browser) -> Iterator[Opened]:
    """Opens a file; what the page fetches, complains of or throws fails the test."""
    problems: list[str] = []
    pages: list[Page] = []

    def open_page(path: Path) -> Page:
        page = browser.new_page()
        page.set_default_timeout(1000 * PATIENCE_S)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda message: problems.append(message.text))
        urls: list[str] = []
        page.on("request", lambda request: urls.append(request.url))
        page.goto(path.as_uri())
        page.wait_for_selector("body.ready", state="attached")
        own = (path.as_uri(), "blob:")  # the worker's code
        problems.extend(url for url in urls if not url.startswith(own))
        pages.append(page)
        return page

    yield open_page
    for page in pages:
        page.close()
    assert problems == []


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("small")
    deck = deck_file(folder, "small", EMOJI + HOSTILE, "n_layers = 1")
    return page_of(lesson(deck, folder / "runs", 16), folder / "lesson.html", "--quick")
