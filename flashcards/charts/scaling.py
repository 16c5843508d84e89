"""More data, better model, drawn: as SVG, and as lines of text for a terminal."""

from collections.abc import Sequence

from flashcards.base.language import format_number
from flashcards.charts.svg import Panel, Series, draw, log_count_axis, share_axis
from flashcards.runs.scaling import ScalingPoint, ScalingStarted
from flashcards.runs.verdict import percent

TITLE = "More data, better model"
HEAD = f"{'cards taught':>17}   {'seen':>7}   {'never seen':>10}   95 % interval"


def what_is_done(start: ScalingStarted) -> str:
    """A paragraph: what is the same for all models, and what is not."""
    return (
        f"The same untaught model of {start.n_parameters:,} numbers, taught different shares of "
        f"the deck's {start.n_taught:,} cards: {start.n_steps:,} updates of up to "
        f"{start.batch_size} cards each time, then asked the same {start.n_held_out:,} cards it "
        "never saw. With fewer cards it sees each of them more often."
    )


def row(point: ScalingPoint, width: int) -> str:
    """A line of the text chart, with a bar of `width` characters."""
    low, high = point.interval
    bar = share_bar(point.unseen.rate or 0.0, low, high, width)
    interval = f"{100 * low:.0f}–{100 * high:.0f} %"
    return (
        f"{share(point.share):>6} {point.n_cards:>10,}   {rate(point.seen.rate):>7}   "
        f"{rate(point.unseen.rate):>10}   {bar}  {interval}"
    )


def share(value: float) -> str:
    """5 %, 0.5 %, 100 %."""
    return f"{format_number(100 * value, '.3g')} %"


def rate(value: float | None) -> str:
    """A share of right answers, as everywhere."""
    return "–" if value is None else percent(value)


def picture(start: ScalingStarted, points: Sequence[ScalingPoint], source: str) -> str:
    """The curve as SVG text. Raises ValueError: there is no point."""
    never_seen = Series(
        "cards never seen, with 95 % interval",
        tuple((point.n_cards, point.unseen.rate or 0.0) for point in points),
        "unseen",
        spans=tuple(point.interval for point in points),
        labels=tuple(rate(point.unseen.rate) for point in points),
    )
    seen = Series(
        "cards it was taught",
        tuple((point.n_cards, point.seen.rate or 0.0) for point in points),
        "seen",
    )
    ticks = [point.n_cards for point in points]
    panel = Panel(
        start.name,
        f"{start.n_held_out:,} cards never seen · seed {start.seed}",
        log_count_axis(ticks, "different cards taught"),
        share_axis(),
        (seen, never_seen),
    )
    return draw([panel], title=TITLE, subtitle=what_is_done(start), source=source)


def share_bar(share: float, low: float, high: float, width: int) -> str:
    """A share of 0 to 1 in `width` characters: ━ up to the interval, ╍ within it, ◆ the share."""
    first, at, last = (min(width - 1, max(0, int(value * width))) for value in (low, share, high))
    cells = [*"━" * first, *"╍" * (last - first + 1), *"·" * (width - last - 1)]
    cells[at] = "◆"
    return "".join(cells)
