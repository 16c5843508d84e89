"""Numbers as the screen writes them: short, with their unit, never rounded into a lie."""

from __future__ import annotations

import math

from flashcards.language import say
from flashcards.runs.values import Score

UNKNOWN = "–"
TINY = 0.0001
"""Below this a probability is told as one in so many."""


def percent(share: float | None) -> str:
    """A probability of 0 to 1. "100 %" only from 0.99995 on, "<0.01 %" for what is nearly none."""
    if share is None or not math.isfinite(share):
        return UNKNOWN
    if share >= 0.99995:
        return "100 %"
    if share >= 0.995:
        return f"{math.floor(share * 10_000) / 100:g} %"
    if share >= 0.0995:
        return f"{share * 100:.0f} %"
    if share >= 0.00095:
        return f"{share * 100:.1f} %"
    if share >= 0.0001:
        return f"{share * 100:.2f} %"
    return "<0.01 %" if share > 0 else "0 %"


def odds_pair(before: float | None, after: float | None) -> tuple[str, str]:
    """Two probabilities, told apart where they differ; "1 in 434 M ▸ 421 M" where both are tiny."""
    if before is None or after is None or not (math.isfinite(before) and math.isfinite(after)):
        return percent(before), percent(after)
    if 0 < before < TINY and 0 < after < TINY:
        return say("1 in {n}", n=_times(1 / before)), _times(1 / after)
    first, second = (
        say("1 in {n}", n=_times(1 / p)) if 0 < p < TINY else percent(p) for p in (before, after)
    )
    if first != second or before == after:
        return first, second
    decimals = 1 if "." not in first else len(first.split(".")[1]) - 2 + 1
    return f"{before * 100:.{decimals}f} %", f"{after * 100:.{decimals}f} %"


def _times(n: float) -> str:
    """A large number in at most six characters: 12 k, 434 M, 2.3 bn, 10¹⁵."""
    for limit, unit, name in ((1e6, 1e3, "k"), (1e9, 1e6, "M"), (1e12, 1e9, "bn")):
        if n < limit:
            return f"{n / unit:.2g} {name}" if n / unit < 10 else f"{n / unit:.0f} {name}"
    exponent = str(round(math.log10(n))) if math.isfinite(n) else "300"
    return "10" + exponent.translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))


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
    """A change, with its sign and as many decimals as show it: +1.1, −0.04, +0.002."""
    if not math.isfinite(value):
        return UNKNOWN
    size = abs(value)
    decimals = 1 if size >= 0.095 else 2 if size >= 0.0095 else 3
    return f"{'−' if value < 0 else '+'}{size:.{decimals}f}"


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
