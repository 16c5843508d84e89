"""Line charts as SVG text that needs nothing else: no script, no font, no file beside it.

Readable on light and on dark pages, and without colour: each kind of line has a colour of Okabe
and Ito's set, a dash and a mark of its own. All text given in is escaped.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from flashcards.charts.lettering import attribute, escaped, number, shortened, width_of, wrapped
from flashcards.charts.scales import Axis

Kind = Literal["seen", "unseen", "other"]
"""What a line shows: its colour, its dash and its mark."""

Point = tuple[float, float]

WIDTH = 960
MARGIN = 28
GAP_X, GAP_Y = 30, 22
PLOT_LEFT, PLOT_RIGHT, PLOT_TOP, PLOT_BOTTOM = 44, 52, 48, 34
N_MARKS = 7
"""So many marks on a line of many points; on a line of few, one at each."""

# Okabe and Ito, "Color Universal Design" (2008): blue, vermilion, bluish green
_LIGHT = {"seen": "#0072B2", "unseen": "#C44E00", "other": "#00795A"}
_DARK = {"seen": "#56B4E9", "unseen": "#F0A050", "other": "#3CC9A0"}
_FONT = "-apple-system, 'Segoe UI', 'Noto Sans', 'DejaVu Sans', Helvetica, Arial, sans-serif"


@dataclass(frozen=True)
class Line:
    """Points from left to right; a y that is no number is a gap.

    `spans` are intervals, (low, high) for each point, drawn as whiskers; () draws none.
    `labels` are written at the points, one each; () writes only the last value of `end_label`.
    """

    name: str
    points: tuple[Point, ...]
    kind: Kind = "other"
    spans: tuple[Point, ...] = ()
    labels: tuple[str, ...] = ()
    end_label: str = ""


@dataclass(frozen=True)
class Panel:
    """One plot: lines on two axes."""

    title: str
    note: str
    x: Axis
    y: Axis
    lines: tuple[Line, ...]


def draw(panels: Sequence[Panel], *, title: str, subtitle: str = "", source: str = "") -> str:
    """The whole picture: a title, a legend, the panels row by row, and where the numbers are from.

    Raises:
        ValueError: there is no panel.
    """
    if not panels:
        raise ValueError("nothing to draw")
    n_columns = {1: 1, 2: 2, 4: 2}.get(len(panels), 3)
    panel_width = (WIDTH - 2 * MARGIN - GAP_X * (n_columns - 1)) / n_columns
    panel_height = max(220.0, min(420.0, panel_width * 0.78))
    subtitles = wrapped(subtitle, 13, WIDTH - 2 * MARGIN)
    top = 50 + 18 * len(subtitles) + 30
    n_rows = math.ceil(len(panels) / n_columns)
    sources = wrapped(source, 11, WIDTH - 2 * MARGIN)
    height = top + n_rows * panel_height + (n_rows - 1) * GAP_Y + 14 + 15 * len(sources) + 12
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {number(height)}" '
        f'width="{WIDTH}" height="{number(height)}" role="img" aria-label="{attribute(title)}">',
        f"<title>{escaped(title)}</title>",
        f"<style>{_style()}</style>",
        f'<rect class="paper" width="{WIDTH}" height="{number(height)}" rx="10"/>',
        _words(MARGIN, 42, shortened(title, 21, WIDTH - 2 * MARGIN), "title"),
    ]
    for i, line in enumerate(subtitles):
        parts.append(_words(MARGIN, 64 + 18 * i, line, "subtitle"))
    parts += _legend([line for panel in panels for line in panel.lines], top - 14)
    for i, panel in enumerate(panels):
        x = MARGIN + (i % n_columns) * (panel_width + GAP_X)
        y = top + (i // n_columns) * (panel_height + GAP_Y)
        parts += _panel(panel, x, y, panel_width, panel_height)
    for i, line in enumerate(reversed(sources)):
        parts.append(_words(MARGIN, height - 16 - 15 * i, line, "source"))
    return "\n".join([*parts, "</svg>"]) + "\n"


def _legend(lines: Sequence[Line], y: float) -> Iterator[str]:
    """One entry for each kind of line and name."""
    x = float(MARGIN)
    for kind, name in dict.fromkeys((line.kind, line.name) for line in lines if line.name):
        yield f'<path class="line {kind}" d="M{number(x)} {number(y)}h34"/>'
        yield _mark(kind, x + 17, y, 4.5)
        yield _words(x + 42, y + 4, name, "legend")
        x += 42 + width_of(name, 13) + 28


def _panel(panel: Panel, x: float, y: float, width: float, height: float) -> Iterator[str]:
    left, right = x + PLOT_LEFT, x + width - PLOT_RIGHT
    top, bottom = y + PLOT_TOP, y + height - PLOT_BOTTOM
    yield _words(x, y + 14, shortened(panel.title, 14, width), "panel")
    yield _words(x, y + 31, shortened(panel.note, 11, width), "note")

    def at(point: Point) -> Point:
        return (
            left + panel.x.place(point[0]) * (right - left),
            bottom - panel.y.place(point[1]) * (bottom - top),
        )

    for value, label in panel.y.ticks:
        tick_y = at((panel.x.low, value))[1]
        is_base = value == panel.y.low
        yield (
            f'<path class="{"axis" if is_base else "grid"}" '
            f'd="M{number(left)} {number(tick_y)}H{number(right)}"/>'
        )
        yield _words(left - 7, tick_y + 4, label, "tick", "end")
    for value, label in _spread(panel.x, right - left):
        tick_x = at((value, panel.y.low))[0]
        yield f'<path class="axis" d="M{number(tick_x)} {number(bottom)}v4"/>'
        yield _words(tick_x, bottom + 16, label, "tick", "middle")
    yield _words((left + right) / 2, bottom + 31, panel.x.title, "tick", "middle")
    ends: list[tuple[float, Line]] = []
    for line in panel.lines:
        points = [at(point) if math.isfinite(point[1]) else None for point in line.points]
        yield from _whiskers(line, at)
        yield f'<path class="line {line.kind}" d="{_path(points)}"/>'
        known = [point for point in points if point is not None]
        for px, py in _marked(known):
            yield _mark(line.kind, px, py, 3.6)
        for i, (point, label) in enumerate(zip(points, line.labels, strict=False)):
            if point is not None:
                below = _below(line, i, at, point[1]) + 17
                label_y = below if below < bottom - 3 else point[1] - 11
                yield _words(point[0], label_y, label, f"value {line.kind}", "middle")
        if line.end_label and known:
            ends.append((known[-1][1], line))
    for label_y, line in _apart(ends, top, bottom):
        yield _words(right + 7, label_y + 4, line.end_label, f"value {line.kind}")


def _below(line: Line, i: int, at: Callable[[Point], Point], y: float) -> float:
    """The lower end of what is drawn at the line's point i."""
    return max(y, at((line.points[i][0], line.spans[i][0]))[1]) if i < len(line.spans) else y


def _whiskers(line: Line, at: Callable[[Point], Point]) -> Iterator[str]:
    for (x, y), (low, high) in zip(line.points, line.spans, strict=False):
        if math.isfinite(y) and math.isfinite(low) and math.isfinite(high):
            px, low_y = at((x, low))
            _, high_y = at((x, high))
            ends = "".join(f"M{number(px - 4)} {number(end_y)}h8" for end_y in (low_y, high_y))
            stem = f"M{number(px)} {number(low_y)}V{number(high_y)}"
            yield f'<path class="whisker {line.kind}" d="{ends}{stem}"/>'


def _path(points: Sequence[Point | None]) -> str:
    """Moves and lines; a missing point lifts the pen."""
    parts, is_down = [], False
    for point in points:
        if point is None:
            is_down = False
            continue
        parts.append(f"{'L' if is_down else 'M'}{number(point[0])} {number(point[1])}")
        is_down = True
    return "".join(parts)


def _marked(points: Sequence[Point]) -> list[Point]:
    if len(points) <= N_MARKS + 1:
        return list(points)
    step = (len(points) - 1) / N_MARKS
    return [points[round(step * i)] for i in range(N_MARKS + 1)]


def _mark(kind: Kind, x: float, y: float, r: float) -> str:
    match kind:
        case "seen":
            return (
                f'<rect class="mark {kind}" x="{number(x - r)}" y="{number(y - r)}" '
                f'width="{number(2 * r)}" height="{number(2 * r)}"/>'
            )
        case "unseen":
            d = number(1.35 * r)
            shape = f"M{number(x)} {number(y - 1.35 * r)}l{d} {d}l-{d} {d}l-{d} -{d}z"
            return f'<path class="mark {kind}" d="{shape}"/>'
        case "other":
            return (
                f'<circle class="mark {kind}" cx="{number(x)}" cy="{number(y)}" r="{number(r)}"/>'
            )


def _apart(ends: list[tuple[float, Line]], top: float, bottom: float) -> list[tuple[float, Line]]:
    """Labels moved apart so that none covers another."""
    placed: list[tuple[float, Line]] = []
    floor = top - 4
    for y, line in sorted(ends, key=lambda end: end[0]):
        y = max(y, floor)
        placed.append((y, line))
        floor = y + 14
    over = max(0.0, placed[-1][0] - bottom) if placed else 0.0
    return [(y - over, line) for y, line in placed]


def _spread(axis: Axis, width: float) -> Iterator[tuple[float, str]]:
    """Ticks whose labels have room; the last one always is."""
    taken = math.inf
    kept = []
    for value, label in reversed(axis.ticks):
        half, x = width_of(label, 11) / 2, axis.place(value) * width
        if x + half + 6 <= taken:
            kept.append((value, label))
            taken = x - half
    yield from reversed(kept)


def _words(x: float, y: float, text: str, style: str, anchor: str = "start") -> str:
    place = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return f'<text class="{style}" x="{number(x)}" y="{number(y)}"{place}>{escaped(text)}</text>'


def _style() -> str:
    light = _theme("#ffffff", "#1c2128", "#59636e", "#e3e7ec", "#8a939d", _LIGHT)
    dark = _theme("#10151c", "#e6edf3", "#9aa5b1", "#262d36", "#6b7682", _DARK)
    return (
        f"text{{font-family:{_FONT};font-variant-numeric:tabular-nums}}"
        ".title{font-size:21px;font-weight:700}.subtitle{font-size:13px}.legend{font-size:13px}"
        ".panel{font-size:14px;font-weight:700}.note,.source,.tick{font-size:11px}"
        ".value{font-size:12px;font-weight:700;stroke-width:3px;paint-order:stroke}"
        ".line{fill:none;stroke-width:2.2;stroke-linejoin:round;stroke-linecap:round}"
        ".unseen.line{stroke-dasharray:7 4}.other.line{stroke-dasharray:1.5 4}"
        ".whisker{fill:none;stroke-width:1.3}.mark{stroke-width:1.4}"
        f".grid,.axis{{fill:none;stroke-width:1}}{light}"
        f"@media(prefers-color-scheme:dark){{{dark}}}"
    )


def _theme(paper: str, ink: str, muted: str, grid: str, axis: str, colours: dict[str, str]) -> str:
    kinds = "".join(
        f".{kind}.line,.{kind}.whisker{{stroke:{colour}}}"
        f".{kind}.mark,.{kind}.value{{fill:{colour};stroke:{paper}}}"
        for kind, colour in colours.items()
    )
    return (
        f".paper{{fill:{paper}}}.title,.panel,.legend{{fill:{ink}}}"
        f".subtitle,.note,.source,.tick{{fill:{muted}}}"
        f".grid{{stroke:{grid}}}.axis{{stroke:{axis}}}{kinds}"
    )
