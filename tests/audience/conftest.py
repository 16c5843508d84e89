"""One Chromium for all tests of a file; each closes what it has opened."""

from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio

from tests.audience.chromium import chromium


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running() -> AsyncIterator[Any]:
    async with chromium() as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="module")
async def browser(running: Any) -> AsyncIterator[Any]:
    yield running
    for context in running.contexts:
        await context.close()
