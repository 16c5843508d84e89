"""Pictures: well-formed, self-contained, safe, and the points where they belong."""

import itertools
import math
import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, strategies as st

from flashcards.charts.scaling_chart import share_bar
from flashcards.charts.svg import (
    MARGIN,
    PLOT_RIGHT,
    WIDTH,
    Axis,
    Panel,
    Series,
    count_axis,
    draw,
    round_steps,
    share_axis,
    shortened,
    width_of,
    wrapped,
)

SVG = "{http://www.w3.org/2000/svg}"


def panel(*lines: Series, title: str = "Deck", high: float = 100) -> Panel:
    return Panel(title, "8 taught", count_axis(high, "cards taught"), share_axis(), lines)


def two(n: int = 5) -> tuple[Series, Series]:
    xs = range(0, 10 * n, 10)
    return (
        Series("taught", tuple((x, x / 100) for x in xs), "seen", end_label="40 %"),
        Series("never taught", tuple((x, 0.0) for x in xs), "unseen", end_label="0 %"),
    )


def elements(svg: str, tag: str, style: str = "") -> list[ET.Element]:
    root = ET.fromstring(svg).iter(f"{SVG}{tag}")
    return [e for e in root if not style or set(style.split()) <= set(e.get("class", "").split())]


def numbers(element: ET.Element) -> list[float]:
    return [float(n) for n in re.findall(r"-?\d+\.?\d*", element.get("d", ""))]


@pytest.mark.parametrize("n_panels", [1, 2, 3, 4, 5])
def test_panels_side_by_side_are_as_wide_as_the_picture(n_panels: int) -> None:
    drawn = draw([panel()] * n_panels, title="t")
    ends = [float(x) for x in re.findall(r'class="axis" d="M[^"]*H([\d.]+)"', drawn)]
    assert max(ends) == WIDTH - MARGIN - PLOT_RIGHT


def test_a_picture_needs_nothing_from_elsewhere() -> None:
    svg = draw([panel(*two())], title="Curves")
    used = set(re.findall(r"(?:https?:|url\(|href|<script|<image|@import|@font-face)[^\"]*", svg))
    assert used == {"http://www.w3.org/2000/svg"}


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_gives_a_well_formed_picture(title: str, name: str) -> None:
    lines = (Series(name, ((0, 0.5), (50, 0.7)), "seen", end_label=name, labels=(name, title)),)
    svg = draw([panel(*lines, title=title)], title=name, subtitle=title, source=name)
    ET.fromstring(svg.encode("utf-8"))


def test_markup_in_names_stays_text() -> None:
    hostile = '</text><script>alert("1")</script>\x00\x1b[31m&amp;'
    svg = draw([panel(*two(), title=hostile)], title=hostile, source=hostile)
    assert elements(svg, "script") == []
    assert ET.fromstring(svg).get("aria-label") == '</text><script>alert("1")</script>[31m&amp;'


def test_points_lie_where_their_axes_say() -> None:
    svg = draw([panel(*two())], title="Curves")
    (seen,) = elements(svg, "path", "line seen")[1:]
    places = numbers(seen)
    xs, ys = places[::2], places[1::2]
    steps = [b - a for a, b in itertools.pairwise(xs)]
    assert len(xs) == 5
    assert max(steps) - min(steps) < 0.3
    assert ys[0] > ys[-1]
    (base,) = elements(svg, "path", "line unseen")[1:]
    assert len(set(numbers(base)[1::2])) == 1
    assert numbers(base)[1] == ys[0]


def test_kinds_of_lines_differ_without_colour() -> None:
    svg = draw([panel(*two())], title="Curves")
    assert ".unseen.line{stroke-dasharray" in svg
    assert ".seen.line{stroke-dasharray" not in svg
    assert len(elements(svg, "rect", "mark seen")) == 1 + 5
    assert len(elements(svg, "path", "mark unseen")) == 1 + 5


def test_a_gap_lifts_the_pen() -> None:
    line = Series("", ((0, 0.1), (10, 0.2), (20, math.nan), (30, 0.4), (40, 0.5)), "seen")
    (drawn,) = elements(draw([panel(line)], title="t"), "path", "line seen")
    assert drawn.get("d", "").count("M") == 2
    assert drawn.get("d", "").count("L") == 2


def test_many_points_carry_few_marks() -> None:
    line = Series("", tuple((x, 0.5) for x in range(100)), "seen")
    assert len(elements(draw([panel(line)], title="t"), "rect", "mark seen")) == 8


def test_intervals_are_whiskers_from_end_to_end() -> None:
    line = Series("", ((50, 0.5),), "unseen", spans=((0.25, 1.0),))
    svg = draw([panel(line)], title="t")
    (whisker,) = elements(svg, "path", "whisker unseen")
    grid = sorted({numbers(path)[1] for path in elements(svg, "path", "grid")})
    ys = numbers(whisker)
    assert ys[1] == grid[3]  # 25 %
    assert ys[4] == grid[0]  # 100 %


def test_labels_at_the_end_do_not_cover_each_other() -> None:
    lines = [Series("", ((0, 0.0), (50, 0.99)), "seen", end_label=f"{i}") for i in range(4)]
    svg = draw([panel(*lines)], title="t")
    ys = sorted(float(e.get("y", "0")) for e in elements(svg, "text", "value"))
    assert len(ys) == 4
    assert all(b - a >= 14 for a, b in itertools.pairwise(ys))


@pytest.mark.parametrize("n", [1, 2, 3, 4, 7])
def test_panels_stay_within_the_picture(n: int) -> None:
    svg = draw([panel(*two(), title=f"deck {i}") for i in range(n)], title="t", source="s " * 200)
    height = float(ET.fromstring(svg).get("height", "0"))
    assert len(elements(svg, "text", "panel")) == n
    for text in elements(svg, "text"):
        assert 0 <= float(text.get("x", "-1")) <= WIDTH
        assert 0 <= float(text.get("y", "-1")) <= height


def test_the_legend_names_each_kind_of_line_once() -> None:
    svg = draw([panel(*two()), panel(*two())], title="t")
    assert [e.text for e in elements(svg, "text", "legend")] == ["taught", "never taught"]


def test_nothing_to_draw_is_an_error() -> None:
    with pytest.raises(ValueError, match="nothing to draw"):
        draw([], title="t")


@pytest.mark.parametrize(
    ("high", "steps"),
    [
        (30_720, [0, 10_000, 20_000, 30_000]),
        (1, [0, 0.5, 1.0]),
        (864, [0, 500]),
        (100, [0, 50, 100]),
        (9_280, [0, 5_000]),
    ],
)
def test_ticks_are_round_numbers(high: float, steps: list[float]) -> None:
    assert round_steps(high, 3) == pytest.approx(steps)


@given(st.floats(1e-6, 1e12, allow_subnormal=False), st.integers(1, 12))
def test_ticks_cover_the_axis_and_do_not_leave_it(high: float, n_ticks: int) -> None:
    steps = round_steps(high, n_ticks)
    assert steps[0] == 0
    assert steps[-1] <= high * 1.001
    assert len(steps) <= n_ticks + 2


def test_an_axis_without_an_interval_is_refused() -> None:
    with pytest.raises(ValueError, match="an axis from 1 to 1"):
        Axis(1, 1)


def test_long_text_is_cut_to_its_room_and_wrapped_at_spaces() -> None:
    assert shortened("short", 10, 100) == "short"
    cut = shortened("a" * 10_000, 10, 100)
    assert cut.endswith("…")
    assert width_of(cut, 10) <= 100
    assert wrapped("one two three", 10, 50) == ["one two", "three"]
    assert width_of("東京", 10) > width_of("to", 10)


@pytest.mark.parametrize(
    ("share", "low", "high", "bar"),
    [(0.5, 0.3, 0.7, "━━━╍╍◆╍╍──"), (0.0, 0.0, 0.15, "◆╍────────"), (1.0, 0.95, 1.0, "━━━━━━━━━◆")],
)
def test_a_bar_has_its_interval(share: float, low: float, high: float, bar: str) -> None:
    assert share_bar(share, low, high, 10) == bar
