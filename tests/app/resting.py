"""Waiting until an app has nothing left to do. Textual's pilot posts a message to each widget of
the screen and waits until all have answered, and then it sleeps. Where the event loop has nothing
ready, all widgets wait for messages anyway."""

import asyncio
from collections import deque
from typing import Any

from textual import app as app_module, pilot as pilot_module
from textual.message_pump import MessagePump
from textual.pilot import Pilot

MOST_TURNS = 1000  # of the event loop, where something is always ready
N_NAPS = 20  # in which the timer fires that Textual sets for a new size, if it does


async def rest() -> None:
    """Let all that is ready happen, and what that makes ready: until the loop would wait."""
    ready: deque[object] = asyncio.get_running_loop()._ready  # type: ignore[attr-defined]
    for _ in range(MOST_TURNS):
        await asyncio.sleep(0)
        if not ready:
            return


def waits_for_a_message(pump: MessagePump) -> bool:
    queue: Any = pump._message_queue
    is_read = bool(queue.ready_event._waiters)
    return is_read and queue.empty() and pump._pending_message is None


WAIT = Pilot._wait_for_screen


async def wait_for_screen(pilot: Pilot[Any], timeout: float = 30.0) -> bool:
    """Return when all widgets of the screen wait for messages, as Textual's own does."""
    await rest()
    app = pilot.app
    for _ in range(N_NAPS):
        if app._resize_timer is None:
            break
        await asyncio.sleep(0.005)
        await rest()
    if app.is_running and app._exception is None and app.screen_stack:
        pumps = (app, *app.screen.walk_children(with_self=True))
        if all(map(waits_for_a_message, pumps)):
            return True
    return await WAIT(pilot, timeout)


async def wait_for_idle(min_sleep: float = 0.0, max_sleep: float = 1.0) -> None:
    await rest()


def wait_at_rest() -> None:
    """Have all apps and pilots of this process wait so."""
    Pilot._wait_for_screen = wait_for_screen  # type: ignore[method-assign, assignment]
    app_module.wait_for_idle = pilot_module.wait_for_idle = wait_for_idle  # type: ignore[attr-defined]
