"""Line charts as SVG text that needs nothing else, readable on light and dark pages and without
colour: each kind of line has a colour, a dash and a mark. What is written and drawn is in
templates/chart.svg; here is where it goes."""

import math
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from flashcards.templates.rendering import render


@dataclass(frozen=True)
class Axis:
    """An axis from `low` to `high`, with ticks of (value, label).
    Raises ValueError: the ends are no interval."""

    low: float
    high: float
    title: str = ""
    ticks: tuple[tuple[float, str], ...] = field(default=())

    def __post_init__(self) -> None:
        if not (math.isfinite(self.low) and math.isfinite(self.high) and self.low < self.high):
            raise ValueError(f"an axis from {self.low} to {self.high}")

    def place(self, value: float) -> float:
        """Return the place of a value: 0 at the low end, 1 at the high end, never beyond them."""
        at = min(max(value, self.low), self.high)
        return (at - self.low) / (self.high - self.low)


def share_axis(title: str = "") -> Axis:
    ticks = tuple((i / 4, f"{25 * i} %") for i in range(5))
    return Axis(0.0, 1.0, title, ticks)


def count_axis(high: float, title: str = "", n_ticks: int = 4) -> Axis:
    """0 to `high`, with ticks at round numbers."""
    high = high if math.isfinite(high) and high > 0 else 1.0
    return Axis(0.0, high, title, tuple((v, short_count(v)) for v in round_steps(high, n_ticks)))


def round_steps(high: float, n_ticks: int) -> list[float]:
    """0 and the multiples of 1, 2 or 5 times a power of ten up to `high`: about `n_ticks`."""
    rough = high / max(1, n_ticks)
    unit: float = 10.0 ** math.floor(math.log10(rough))
    step = next((unit * m for m in (1, 2, 5) if unit * m >= rough * 0.9), unit * 10)
    return [step * i for i in range(int(high / step * 1.0001) + 1)]


def short_count(value: float) -> str:
    """0, 500, 2k, 1.5k, 3M."""
    for unit, name in ((1e6, "M"), (1e3, "k")):
        if abs(value) >= unit:
            return f"{value / unit:.4g}{name}"
    return f"{value:.4g}"


Kind = Literal["seen", "unseen", "other"]  # of a line: its colour, its dash and its mark

Point = tuple[float, float]

WIDTH = 960
MARGIN = 28
TEXT_WIDTH = WIDTH - 2 * MARGIN
GAP_X, GAP_Y = 30, 22
PLOT_LEFT = 44
PLOT_RIGHT = 52
PLOT_TOP = 48
PLOT_BOTTOM = 34
N_MARKS = 7  # of a line of many points, and one more; a line of few has one at each point

MAX_CHARACTERS = 400  # more than any line has room for


@dataclass(frozen=True)
class Series:
    """Points from left to right; a y that is no number is a gap. `spans`: whiskers (low, high) for
    each point, or (). `labels`: one at each point; `end_label`: behind the last one. A thin line is
    one of many: it has no marks."""

    name: str
    points: tuple[Point, ...]
    kind: Kind = "other"
    spans: tuple[Point, ...] = ()
    labels: tuple[str, ...] = ()
    end_label: str = ""
    is_thin: bool = False


@dataclass(frozen=True)
class Panel:
    title: str
    note: str
    x: Axis
    y: Axis
    lines: tuple[Series, ...]


def draw(
    panels: Sequence[Panel],
    *,
    title: str,
    subtitle: str = "",
    follows: str = "",
    source: str = "",
) -> str:
    """The whole picture; `follows` is what follows from it. Raises ValueError: no panel."""
    if not panels:
        raise ValueError("nothing to draw")
    n_columns = {1: 1, 2: 2, 4: 2}.get(len(panels), 3)
    panel_width = (TEXT_WIDTH - GAP_X * (n_columns - 1)) / n_columns
    panel_height = max(220.0, min(420.0, panel_width * 0.78))
    subtitles = wrapped(subtitle, 13, TEXT_WIDTH)
    top = 50 + 18 * len(subtitles) + 30
    n_rows = math.ceil(len(panels) / n_columns)
    sources = wrapped(source, 11, TEXT_WIDTH)
    verdicts = wrapped(follows, 15, TEXT_WIDTH)
    plots = []
    for i, panel in enumerate(panels):
        x = MARGIN + (i % n_columns) * (panel_width + GAP_X)
        y = top + (i // n_columns) * (panel_height + GAP_Y)
        plots.append(_Plot(panel, x, y, panel_width, panel_height))
    bottom = top + n_rows * panel_height + (n_rows - 1) * GAP_Y
    return render(
        "chart.svg",
        title=title,
        short_title=shortened(title, 21, TEXT_WIDTH),
        subtitles=subtitles,
        sources=sources,
        verdicts=verdicts,
        bottom=bottom,
        width=WIDTH,
        height=bottom + 20 * len(verdicts) + 14 + 15 * len(sources) + 12,
        margin=MARGIN,
        top=top,
        legend=_legend([line for panel in panels for line in panel.lines]),
        plots=plots,
    )


def _legend(lines: Sequence[Series]) -> Iterator[tuple[float, Series]]:
    x = float(MARGIN)
    for line in {(line.kind, line.name): line for line in lines if line.name}.values():
        yield x, line
        x += 42 + width_of(line.name, 13) + 28


@dataclass(frozen=True)
class _Plot:
    """A panel and its place in the picture; its methods give what is drawn, in coordinates."""

    panel: Panel
    x: float
    y: float
    width: float
    height: float

    @property
    def title(self) -> str:
        return shortened(self.panel.title, 14, self.width)

    @property
    def note(self) -> str:
        return shortened(self.panel.note, 11, self.width)

    @property
    def left(self) -> float:
        return self.x + PLOT_LEFT

    @property
    def right(self) -> float:
        return self.x + self.width - PLOT_RIGHT

    @property
    def bottom(self) -> float:
        return self.y + self.height - PLOT_BOTTOM

    def at_x(self, value: float) -> float:
        return self.left + self.panel.x.place(value) * (self.right - self.left)

    def at_y(self, value: float) -> float:
        return self.bottom - self.panel.y.place(value) * (self.bottom - self.y - PLOT_TOP)

    def x_ticks(self) -> list[tuple[float, str]]:
        """Ticks whose labels have room; the last one always has."""
        room_end = math.inf
        labels: list[tuple[float, str]] = []
        for value, label in reversed(self.panel.x.ticks):
            half = width_of(label, 11) / 2
            if self.at_x(value) + half + 6 <= room_end:
                labels.insert(0, (value, label))
                room_end = self.at_x(value) - half
        return labels

    def whiskers(self, line: Series) -> Iterator[tuple[float, float, float]]:
        for (x, y), span in zip(line.points, line.spans, strict=False):
            if all(map(math.isfinite, (y, *span))):
                yield self.at_x(x), self.at_y(span[0]), self.at_y(span[1])

    def path(self, line: Series) -> Iterator[tuple[Literal["M", "L"], float, float]]:
        is_down = False
        for x, y in line.points:
            if math.isfinite(y):
                yield "L" if is_down else "M", self.at_x(x), self.at_y(y)
            is_down = math.isfinite(y)

    def marks(self, line: Series) -> list[Point]:
        points = [] if line.is_thin else [(x, y) for _, x, y in self.path(line)]
        if len(points) <= N_MARKS + 1:
            return points
        step = (len(points) - 1) / N_MARKS
        return [points[round(step * i)] for i in range(N_MARKS + 1)]

    def labels(self, line: Series) -> Iterator[tuple[float, float, str, str]]:
        """x, y, text and how it is anchored: of a lone point beside it, else below or above."""
        for i, ((x, y), label) in enumerate(zip(line.points, line.labels, strict=False)):
            if math.isfinite(y) and len(line.points) == 1:
                yield self.at_x(x) + 10, self.at_y(y) + 4, label, "start"
            elif math.isfinite(y):
                lows = [low for low, _ in line.spans[i : i + 1]]
                lowest = max(self.at_y(value) for value in (y, *lows))
                label_y = lowest + 17 if lowest + 17 < self.bottom - 3 else self.at_y(y) - 11
                yield self.at_x(x) + 8, label_y, label, "start"

    def end_labels(self) -> list[tuple[float, Series]]:
        """y of each line's last label, moved apart so that none covers another."""
        ends = []
        for line in self.panel.lines:
            ys = [y for _, _, y in self.path(line)]
            if line.end_label and ys:
                ends.append((ys[-1], line))
        placed: list[tuple[float, Series]] = []
        free_y = self.y + PLOT_TOP - 4
        for y, line in sorted(ends, key=lambda end: end[0]):
            placed.append((max(y, free_y), line))
            free_y = placed[-1][0] + 14
        excess = max(0.0, placed[-1][0] - self.bottom) if placed else 0.0
        return [(y - excess, line) for y, line in placed]


def wrapped(text: str, size: float, width: float) -> list[str]:
    """The text in lines of at most this width, in the units of `size`; broken at spaces only."""
    lines: list[str] = []
    for word in text.split():
        if lines and width_of(f"{lines[-1]} {word}", size) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def shortened(text: str, size: float, width: float) -> str:
    text = text[:MAX_CHARACTERS]
    if width_of(text, size) <= width:
        return text
    while text and width_of(text + "…", size) > width:
        text = text[:-1]
    return text + "…"


def width_of(text: str, size: float) -> float:
    """About how wide the text is: no font is there to measure it with."""
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return size * (0.58 * (len(text) - wide) + 1.05 * wide)
