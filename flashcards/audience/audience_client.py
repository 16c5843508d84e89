"""The app's end of the page server. Its death ends `messages()` and no lesson. Knows no network."""

import contextlib
import importlib.util
import socket
from collections.abc import AsyncIterator

from flashcards.audience import messages as ms
from flashcards.base.child_process import JsonLinesProcess
from flashcards.base.extras import PACKAGES
from flashcards.base.system import interfaces, python

MAX_BUFFERED_BYTES = 1 << 20  # unread by the server; beyond that nothing more is sent to it


def missing() -> tuple[str, ...]:
    """The packages of the extra `serve` that are not installed."""
    return tuple(name for name in PACKAGES["serve"] if importlib.util.find_spec(name) is None)


NOT_FOR_PHONES = ("docker", "br-", "veth", "virbr")  # of containers and virtual machines


def lan_addresses() -> dict[str, str]:
    """This machine's addresses in networks, each with its interface's name, "" if it is not known;
    the one on the way out first. Sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        with contextlib.suppress(OSError):
            probe.connect(("192.0.2.1", 9))  # nobody's (RFC 5737); only the way there is looked up
        first = str(probe.getsockname()[0])
        pairs = interfaces(probe)
        addresses = {first: ""} | {
            a: name for a, name in pairs if not name.startswith(NOT_FOR_PHONES)
        }
    skipped = ("0.", "127.", "169.254.")
    return {address: name for address, name in addresses.items() if not address.startswith(skipped)}


class AudienceClient:
    def __init__(self, opening: ms.Opening) -> None:
        self.child = JsonLinesProcess(
            python("-m", "flashcards.audience"), ms.read_by_app, ms.line_of(opening)
        )

    async def messages(self) -> AsyncIterator[ms.FromServer]:
        """Start the server and yield its messages until it ends. Where it ends by itself, the last
        one says why."""
        child = self.child
        has_failed = False
        try:
            async for message in child.values():
                has_failed = has_failed or isinstance(message, ms.Failed)
                yield message
            if not has_failed and not child.is_stopping:
                yield ms.Failed(text=f"the page server {child.how_it_ended(child.code or 0)}")
        finally:
            child.kill()

    def send(self, message: ms.ToServer) -> None:
        """Tell the server; nothing happens when it has gone, or reads nothing any more."""
        self.child.send(ms.line_of(message), MAX_BUFFERED_BYTES)

    def close(self) -> None:
        """End the server at once: its link lets nobody in any more."""
        self.child.kill()
