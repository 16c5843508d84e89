"""More data, better model, drawn: as SVG, and as lines of text for a terminal."""

from collections.abc import Sequence
from typing import Literal

from flashcards.base.language import format_number, tr
from flashcards.charts.svg import Axis, Panel, Series, draw, share_axis
from flashcards.runs.scaling import Draw, Kind, ScalingPoint, ScalingStarted
from flashcards.runs.verdict import LEAD, percent


def title_of(*, is_diverse: bool) -> str:
    if is_diverse:
        return tr("Do more kinds of cards help?")
    return tr("Do more cards make a better model?")


def head(start: ScalingStarted) -> str:
    names = f"{'cards taught':>17}   {'taught':>7}   {'never taught':>12}"
    return f"{names}   {interval_head(start)}"


def interval_head(start: ScalingStarted) -> str:
    if start.alike is None:
        return tr("likely between")
    return tr("range of {n} lessons", n=start.n_seeds)


def name_of(of: float, draw: Draw) -> str:
    return {"": share(of), "narrow": tr("one kind"), "wide": tr("all kinds")}[draw]


def what_is_done(start: ScalingStarted) -> str:
    """A paragraph: what is the same for all models, and what is not."""
    if start.alike is not None:
        return tr(
            "One untaught model, as many cards either way: of one kind, only those {kind}, or of "
            "all kinds. {n_seeds} lessons each, then {n_asked:,} cards that it was never taught.",
            kind=said_of(start.alike),
            n_seeds=start.n_seeds,
            n_asked=start.n_held_out,
        )
    return tr(
        "Each time a fresh model is taught a part of the {n_taught:,} cards, in {n_steps:,} steps, "
        "and then asked {n_asked:,} others, always the same, that it was never taught. "
        "The more cards, the less often it is taught each of them.",
        n_taught=start.n_taught,
        n_steps=start.n_steps,
        n_asked=start.n_held_out,
    )


def conclusion(start: ScalingStarted, points: Sequence[ScalingPoint]) -> str:
    """Say what the measured points mean when all are there; "" before. Intervals and ranges decide
    whether there is a difference, and `LEAD` whether it is one to speak of."""
    measured = start.measured(points)
    if len(measured) < len(start.rows) or len(measured) < 2:
        return ""
    few, many = measured[0], measured[-1]
    if start.alike is not None:
        return _of_draws(start.alike, measured[-2], many)
    is_apart = many.interval[0] > few.interval[1] or many.interval[1] < few.interval[0]
    if is_apart and _is_small(few, many):
        return tr(
            "Hardly a difference: with {n_many:,} cards it answers {many} of what it was never "
            "taught, "
            "with {n_few:,} {few}.",
            n_many=many.n_cards,
            n_few=few.n_cards,
            many=rate(many.unseen.rate),
            few=rate(few.unseen.rate),
        )
    if many.interval[0] > few.interval[1]:
        return tr(
            "More data, better model: with {n_many:,} cards it answers {many} of what it was "
            "never taught, with {n_few:,} only {few}.",
            n_many=many.n_cards,
            n_few=few.n_cards,
            many=rate(many.unseen.rate),
            few=rate(few.unseen.rate),
        )
    if many.interval[1] < few.interval[0]:
        return tr("With more cards it answers fewer of those it was never taught.")
    return tr(
        "More cards made no measurable difference to what it was never taught: the intervals "
        "overlap."
    )


def _is_small(point: ScalingPoint, other: ScalingPoint) -> bool:
    return abs((point.unseen.rate or 0.0) - (other.unseen.rate or 0.0)) < LEAD


def _of_draws(kind: Kind, narrow: ScalingPoint, wide: ScalingPoint) -> str:
    is_apart = wide.interval[1] < narrow.interval[0] or wide.interval[0] > narrow.interval[1]
    if is_apart and _is_small(narrow, wide):
        return tr(
            "Hardly a difference: of what it was never taught, all kinds teach it {wide}, one kind "
            "{narrow}.",
            wide=rate(wide.unseen.rate),
            narrow=rate(narrow.unseen.rate),
        )
    if wide.interval[1] < narrow.interval[0]:
        return tr("Here cards of one kind teach it more of what it was never taught.")
    if wide.interval[0] <= narrow.interval[1]:
        return tr(
            "No measurable difference: the ranges overlap. There is no rule to find in so many "
            "cards, or those of one kind show all of it."
        )
    return tr(
        "More kinds help: of what it was never taught, all kinds teach it {wide}, one kind "
        "{narrow}. "
        "Cards {kind} do not show all of the rule.",
        wide=rate(wide.unseen.rate),
        kind=said_of(kind),
        narrow=rate(narrow.unseen.rate),
    )


def said_of(kind: Kind) -> str:
    match kind.by:
        case "section":
            return tr("of the section “{value}”", value=kind.value)
        case "numbers":
            return tr("with numbers up to {value:,}", value=int(kind.value))
        case "ending":
            return tr("whose question ends in “{value}”", value=kind.value)


def row(point: ScalingPoint, width: int) -> str:
    """A line of the text chart, with a bar of `width` characters."""
    low, high = point.interval
    bar = share_bar(point.unseen.rate or 0.0, low, high, width)
    interval = f"{100 * low:.0f}–{100 * high:.0f} %"
    name = name_of(point.share, point.draw)
    seen = rate(point.seen.rate)
    return (
        f"{name:>9} {point.n_cards:>7,}   {seen:>7}   {rate(point.unseen.rate):>10}   "
        f"{bar}  {interval}"
    )


def share(value: float) -> str:
    """5 %, 0.5 %, 100 %."""
    return f"{format_number(100 * value, '.3g')} %"


def rate(value: float | None) -> str:
    return "–" if value is None else percent(value)


def picture(start: ScalingStarted, points: Sequence[ScalingPoint], source: str) -> str:
    """The curves as SVG text. Raises ValueError: there is no point."""
    rows = start.measured(points)
    lines = []
    draws = list(dict.fromkeys(row.draw for row in rows))
    ticks = tuple((float(row.n_cards), f"{row.n_cards:,}") for row in rows)
    x = Axis(0.0, max((at for at, _ in ticks), default=1.0), "different cards taught", ticks)
    if start.alike is not None:
        ticks = tuple((float(i), _kind(start, drawn)) for i, drawn in enumerate(draws))
        x = Axis(-0.5, len(draws) - 0.5, f"{rows[0].n_cards:,} different cards taught", ticks)
    for i, drawn in enumerate(draws):
        own = [row for row in rows if row.draw == drawn]
        kind: Literal["other", "unseen"] = "other" if drawn == "narrow" else "unseen"
        if start.alike is not None:  # a dot a lesson, and the share of the middle one
            shares = sorted(point.unseen.rate or 0.0 for point in points if point.draw == drawn)
            middle = [rate(share) if share == own[-1].unseen.rate else "" for share in shares]
            dots = tuple((float(i), share) for share in shares)
            lines.append(Series("", dots, kind, labels=tuple(middle)))
            continue
        dots = tuple((float(row.n_cards), row.unseen.rate or 0.0) for row in own)
        spans = [row.interval for row in own]
        labels = [rate(row.unseen.rate) for row in own]
        lines.append(Series("cards never taught", dots, kind, tuple(spans), tuple(labels)))
    if start.alike is None:
        seen = tuple((row.n_cards, row.seen.rate or 0.0) for row in rows)
        lines.append(Series("cards it was taught", seen, "seen"))
    title = "Do more cards help with cards it was never taught?"
    note = "the small bars: how much of it may be chance (95 % sure)"
    if start.alike is not None:
        title = "As many cards, but of more kinds: does that help?"
        note = (
            f"each dot: one of {start.n_seeds} lessons, some coincide; the number: the middle one"
        )
    panel = Panel(
        f"{start.name}: how many cards {'never taught ' if start.alike else ''}it answers right",
        note,
        x,
        share_axis(),
        tuple(lines if start.alike else reversed(lines)),
    )
    follows = conclusion(start, points)
    return draw([panel], title=title, subtitle=what_is_done(start), follows=follows, source=source)


def _kind(start: ScalingStarted, drawn: Draw) -> str:
    examples = [f"{prompt} → {answer}" for prompt, answer in start.examples]
    if drawn == "wide":
        return f"all kinds: {', '.join(examples)} …" if examples else "all kinds"
    return f"one kind: {examples[0]} …" if examples else "one kind"


def share_bar(share: float, low: float, high: float, width: int) -> str:
    """A share of 0 to 1 in `width` characters: ━ up to the interval, ╍ within it, ◆ the share, ─ up
    to 1."""
    first, at, last = (min(width - 1, max(0, int(value * width))) for value in (low, share, high))
    cells = [*"━" * first, *"╍" * (last - first + 1), *"─" * (width - last - 1)]
    cells[at] = "◆"
    return "".join(cells)
