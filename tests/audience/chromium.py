"""Chromium, as tests drive it: `pip install -e '.[browser]'` and a `chromium` in the path."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

QUIET = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"


@asynccontextmanager
async def chromium() -> AsyncIterator[Any]:
    playwright: Any = pytest.importorskip("playwright.async_api", reason="needs '.[browser]'")
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("needs chromium")
    async with playwright.async_playwright() as play:
        browser = await play.chromium.launch(executable_path=path, args=QUIET.split())
        yield browser
        await browser.close()
