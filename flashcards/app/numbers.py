"""Numbers as the screen writes them: short, with their unit, never rounded into a lie."""

from __future__ import annotations

import math

from flashcards.runs.events import Score

UNKNOWN = "–"


def percent(share: float | None) -> str:
    """A probability of 0 to 1. "100 %" only from 0.99995 on, "<0.01 %" for what is nearly none."""
    if share is None or not math.isfinite(share):
        return UNKNOWN
    if share >= 0.99995:
        return "100 %"
    if share >= 0.995:
        return f"{math.floor(share * 10_000) / 100:.2f} %"
    if share >= 0.0995:
        return f"{share * 100:.0f} %"
    if share >= 0.00095:
        return f"{share * 100:.1f} %"
    if share >= 0.0001:
        return f"{share * 100:.2f} %"
    return "<0.01 %" if share > 0 else "0 %"


def percent_pair(before: float | None, after: float | None) -> tuple[str, str]:
    """Two probabilities, with one more decimal where they would read the same but are not."""
    first, second = percent(before), percent(after)
    if first != second or before is None or after is None or before == after:
        return first, second
    if "<" in first or UNKNOWN in first:
        return first, second
    decimals = 1 if "." not in first else len(first.split(".")[1]) - 2 + 1
    return f"{before * 100:.{decimals}f} %", f"{after * 100:.{decimals}f} %"


def percent_right(score: Score) -> str:
    """A score: 100 % only when all are right, 0 % only when none is."""
    rate = score.rate
    if rate is None:
        return UNKNOWN
    if 0 < rate < 0.01:
        return "<1 %"
    return f"{math.floor(rate * 100)} %"


def nats(value: float | None) -> str:
    """An error, two decimals below 100."""
    if value is None or not math.isfinite(value):
        return UNKNOWN
    return f"{value:.2f}" if value < 100 else f"{value:.0f}"


def signed(value: float) -> str:
    """A change, with its sign: +1.1, −0.4."""
    if not math.isfinite(value):
        return UNKNOWN
    return f"{'−' if value < 0 else '+'}{abs(value):.1f}"


def count(n: float) -> str:
    """A number of things: 1,284; from ten million on 12.3 M."""
    return f"{n:,.0f}" if n < 10_000_000 else f"{n / 1_000_000:,.1f} M"


def duration(seconds: float) -> str:
    """00:21, or 1:02:03 from an hour on."""
    whole = int(seconds)
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes:02}:{left:02}"


def small(value: float | None) -> str:
    """A norm: two significant digits, without an exponent while that is short."""
    if value is None or not math.isfinite(value):
        return UNKNOWN
    if value == 0:
        return "0"
    if value >= 100:
        return f"{value:,.0f}"
    if value >= 0.001:
        return f"{value:.2g}"
    return f"{value:.0e}"
