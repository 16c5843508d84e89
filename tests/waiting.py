"""Waiting for what a thread or another process does, with patience for a busy machine."""

import asyncio
import time
from collections.abc import Awaitable, Callable

PATIENCE_S = 120.0


async def until(
    is_so: Callable[[], bool], nap: Callable[[float], Awaitable[object]] = asyncio.sleep
) -> None:
    """Return as soon as it is so, napping between looks; AssertionError after `PATIENCE_S`."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            while not is_so():
                await nap(0.01)
    except TimeoutError:
        raise AssertionError("it never came about") from None


def wait_until(is_so: Callable[[], object], what: str = "it never came about") -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < deadline, what
        time.sleep(0.01)
