"""A program in a terminal, kept as the cells that a person sees, and its picture. POSIX only."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import pyte
from PIL import Image
from rich.color import ANSI_COLOR_NAMES, Color

from flashcards.record.raster import picture
from flashcards.record.screen import Cell, Rgb, Rows
from tests.terminal import Terminal

INK: Rgb = (224, 224, 224)
PAPER: Rgb = (18, 18, 18)
SCALE = 2
QUIET_S = 0.03
LONGEST_FRAME_S = 1.0
"""A frame is written at once: where nothing came for so long it is whole."""


class WatchedTerminal:
    """A program that was started in a terminal of this size, and what is on its screen now."""

    def __init__(
        self, command: Sequence[str], size: tuple[int, int], cwd: Path, env: Mapping[str, str]
    ) -> None:
        self.terminal = Terminal(command, *size, cwd=cwd, env=env)
        self.screen = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self.screen)

    @property
    def lines(self) -> list[str]:
        return [line.rstrip() for line in self.screen.display]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    @property
    def has_ended(self) -> bool:
        return self.terminal.exit_code() is not None

    def type(self, keys: str) -> None:
        self.terminal.type(keys)

    def watch(self, seconds: float) -> None:
        """Let it go on for so long, then until a frame is whole. On a busy machine there may be no
        pause between frames: then for a second more."""
        ends_s = time.monotonic() + seconds
        while (left_s := ends_s - time.monotonic()) > 0:
            self._read(min(left_s, 0.05))
        while self._read(QUIET_S) and time.monotonic() < ends_s + LONGEST_FRAME_S:
            pass

    def watch_until(self, text: str, at_most_s: float) -> bool:
        """Watch until this is on the screen; whether it came in time."""
        ends_s = time.monotonic() + at_most_s
        while text not in self.text and time.monotonic() < ends_s and not self.has_ended:
            self.watch(0.1)
        return text in self.text

    def picture(self) -> Image.Image:
        drawn = picture(rows_of(self.screen))
        size = (SCALE * drawn.width, SCALE * drawn.height)
        return drawn.resize(size, Image.Resampling.LANCZOS)

    def close(self) -> None:
        self.terminal.close()

    def _read(self, timeout_s: float) -> bool:
        chunk = self.terminal.read(timeout_s)
        del self.terminal.output[:]
        self._stream.feed(chunk)
        return bool(chunk)


def rows_of(screen: pyte.Screen) -> Rows:
    """The terminal's cells, as films draw them; the second half of a wide character is empty."""
    rows = []
    for y in range(screen.lines):
        cells = (screen.buffer[y][x] for x in range(screen.columns))
        rows.append(tuple(_cell(cell) for cell in cells if cell.data))
    return tuple(rows)


def _cell(cell: pyte.screens.Char) -> Cell:
    ink, paper = _rgb(cell.fg, INK), _rgb(cell.bg, PAPER)
    if cell.reverse:
        ink, paper = paper, ink
    return Cell(cell.data, ink, paper, cell.bold, cell.underscore)


def _rgb(name: str, usual: Rgb) -> Rgb:
    """The colour that pyte names: six hex digits, or the name of one of the first sixteen."""
    if name == "default":
        return usual
    if len(name) == 6 and set(name) <= set("0123456789abcdef"):
        red, green, blue = bytes.fromhex(name)
        return red, green, blue
    plain = name.replace("brown", "yellow").replace("bright", "bright_")
    triplet = Color.parse(plain if plain in ANSI_COLOR_NAMES else "white").get_truecolor()
    return triplet.red, triplet.green, triplet.blue
