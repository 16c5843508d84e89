"""Cuts off connections that say nothing, so that they keep nobody out. A class may sit behind one
address, so what is under way is never ended: only connections whose request does not come in time,
in less time where many say nothing."""

from __future__ import annotations

import asyncio
from typing import ClassVar

from uvicorn.protocols.http.h11_impl import H11Protocol

REQUEST_WITHIN_S = 10.0  # of a connection's begin, or of the answer before

MAX_SILENT, AT_ONCE_S = 256, 1.0  # of more, those older are cut off: phones ask at once


class PatientProtocol(H11Protocol):
    silent: ClassVar[set[PatientProtocol]] = set()  # wait for a request

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait()

    def handle_events(self) -> None:
        super().handle_events()
        cycle = self.cycle
        if cycle is not None and not cycle.more_body and not cycle.response_complete:
            self.silent.discard(self)

    def on_response_complete(self) -> None:
        self._wait()
        super().on_response_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self.silent.discard(self)
        super().connection_lost(exc)

    def _wait(self) -> None:
        self.silent.add(self)
        self.loop.call_later(AT_ONCE_S, self._cut_off, MAX_SILENT)
        self.loop.call_later(REQUEST_WITHIN_S, self._cut_off, 0)

    def _cut_off(self, n_allowed: int) -> None:
        if self in self.silent and len(self.silent) > n_allowed:
            self.silent.remove(self)
            self.transport.abort()
