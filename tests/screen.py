"""What a program in a terminal shows, looked at from outside."""

import os
import re
import signal
import time

import pyte

from tests.terminal import Terminal

FRAME_S = 60.0  # a program that has painted nothing for so long hangs, also on a busy machine

ESCAPES = re.compile(r"\x1b(\[[0-9;?<>=]*[a-zA-Z]|\][^\x07]*\x07)| {20,}")


class FaultError(Exception):
    """What a session did wrong, with its screen."""


class Screen:
    """What is on the terminal, read when looked at: each look makes the program paint it anew."""

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal
        self.text = ""
        self.columns = 82  # or 83: no size that a test gives it

    def look(self) -> None:
        """Raises FaultError when no frame comes in time."""
        terminal = self.terminal
        terminal.drain(0.05)
        self.columns = 165 - self.columns
        screen = pyte.Screen(self.columns, 24)
        stream = pyte.ByteStream(screen)
        screen.dirty.clear()
        if terminal.exit_code() is None:
            terminal.resize(self.columns, 24)
        ends_s = time.monotonic() + FRAME_S
        while len(screen.dirty) < 24 and terminal.exit_code() is None:  # some row is not there yet
            if time.monotonic() > ends_s:
                os.kill(terminal.pid, signal.SIGABRT)  # it then writes where every thread is
                terminal.drain(2.0)
                raise FaultError(f"no frame in {FRAME_S:g} s")
            stream.feed(terminal.read(0.1))
        n_read = len(terminal.output)
        terminal.drain(0.3)
        stream.feed(bytes(terminal.output[n_read:]))
        self.text = "\n".join(row.rstrip() for row in screen.display)


def wait_for_end(terminal: Terminal, seconds: float) -> None:
    ends_s = time.monotonic() + seconds
    while terminal.exit_code() is None and time.monotonic() < ends_s:
        terminal.read(0.05)
