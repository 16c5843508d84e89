"""Connections that say nothing: they are cut off, so that they keep nobody out.

A class may sit behind one address, so what is under way is never ended: only connections whose
request is not there yet, the oldest first.
"""

from __future__ import annotations

import asyncio
from typing import ClassVar

from uvicorn.protocols.http.h11_impl import H11Protocol

REQUEST_WITHIN_S = 10.0
"""Of a connection's begin, or of the answer before."""

MAX_SILENT = 256
"""Connections without a request. A phone's takes some milliseconds to come."""


class PatientProtocol(H11Protocol):
    """A connection; without a whole request in time it is cut off."""

    silent: ClassVar[dict[PatientProtocol, None]] = {}
    """Those that wait for a request, oldest first."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait()

    def handle_events(self) -> None:
        super().handle_events()
        cycle = self.cycle
        if cycle is not None and not cycle.more_body and not cycle.response_complete:
            self.silent.pop(self, None)

    def on_response_complete(self) -> None:
        self._wait()
        super().on_response_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self.silent.pop(self, None)
        super().connection_lost(exc)

    def _wait(self) -> None:
        self.silent[self] = None
        self.loop.call_later(REQUEST_WITHIN_S, self._cut_off_if_silent)
        if len(self.silent) > MAX_SILENT:
            next(iter(self.silent))._cut_off_if_silent()

    def _cut_off_if_silent(self) -> None:
        if self in self.silent:
            del self.silent[self]
            self.transport.abort()
