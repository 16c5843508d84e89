"""Numbers as the screen writes them: short, with their unit, never rounded into a lie."""

import math

from flashcards.base.language import format_number, tr
from flashcards.runs import values, verdict

UNKNOWN = "–"
TINY = 0.0001  # below this a probability is told as one in so many
SURE = 0.99995  # from here on it is told as 100 %

SMALLEST_SHARE = 1e-6  # below this a small share is written as less than it

LEAST = 1e-300
MOST_DECIMALS = 6
TIMES = ((1e6, 1e3, ""), (1e9, 1e6, "million"), (1e12, 1e9, "billion"))  # limit, unit, name


def chance(share: float | None) -> str:
    """A probability of 0 to 1. "100 %" only from `SURE` on, "<0.01 %" for what is nearly none."""
    if share is None or not math.isfinite(share):
        return UNKNOWN
    return f"{_chance(share)} %"


def _chance(share: float) -> str:
    """The same without its unit."""
    if share >= SURE:
        return "100"
    if share >= 0.995:
        return format_number(math.floor(share * 10_000) / 100, "g")
    if share >= 0.0995:
        return format_number(share * 100, ".0f")
    if share >= 0.00095:
        return format_number(share * 100, ".1f")
    if share >= TINY:
        return format_number(share * 100, ".2f")
    return f"<{format_number(0.01, 'g')}" if share > 0 else "0"


def whole_percent(share: float) -> str:
    """A probability in whole per cents, for an eye that follows it: <1 %, 57 %, >99 %."""
    if 0 < share < 0.01:
        return "<1 %"
    return ">99 %" if 0.99 < share < 1 else _percent(share * 100, ".0f")


def spoken_chance(share: float) -> str:
    """A probability without digits that nobody compares: 0.3 %, 57 %, >99 %."""
    return chance(share) if share < 0.0095 else whole_percent(share)


def whole_percent_in_words(share: float) -> str:
    """The same in a sentence: below 1 %, 57 %, over 99 %."""
    text = whole_percent(share)
    words = {"<": "below {share}", ">": "over {share}"}
    return tr(words[text[0]], share=text[1:]) if text[0] in words else text


def _percent(hundredths: float, spec: str) -> str:
    return f"{format_number(hundredths, spec)} %"


def small_percent(share: float | None, digits: int = 3) -> str:
    """A small share with so many digits, so that two can be told apart: 0.00991 %."""
    if share is None or not 0 < share < 0.1:
        return chance(share)
    if share < SMALLEST_SHARE:
        return f"<{_percent(SMALLEST_SHARE * 100, 'g')}"
    return _percent(share * 100, f".{digits}g")


def column_percent(share: float) -> str:
    """The same in a column, whose numbers all have three digits: 0.0800 % beside 0.0758 %."""
    if not SMALLEST_SHARE <= share < 0.0995:
        return small_percent(share)
    return _percent(share * 100, "#.3g")


def odds(share: float) -> str:
    """A probability; 1 in 604,000 where per cents would say next to nothing."""
    if not 0 < share < TINY:
        return chance(share)
    return tr("1 in {n}", n=_times_pair(*[1 / max(share, LEAST)] * 2)[1])


def odds_pair(before: float | None, after: float | None) -> tuple[str, str]:
    """Two probabilities as the ends of an arrow, in one unit and a precision that shows the change:
    36.1 ▸ 36.4 %, 1 in 434 million ▸ 1 in 421 million."""
    if before is None or after is None or not (math.isfinite(before) and math.isfinite(after)):
        return chance(before), chance(after)
    if not in_percent(before, after):
        first, second = _times_pair(*(1 / max(p, LEAST) for p in (before, after)))
        return tr("1 in {n}", n=first), tr("1 in {n}", n=second)
    return _percent_pair(before, after)


def odds_apart(before: float | None, after: float | None) -> tuple[str, str]:
    """The same two where each stands alone, as in a sentence: 36.1 %, 36.4 %."""
    first, second = odds_pair(before, after)
    if before is None or after is None or not (math.isfinite(before) and math.isfinite(after)):
        return first, second
    return (f"{first} %", second) if in_percent(before, after) else (first, second)


CERTAIN = 0.995  # from here on two chances of a right answer are told without decimals


def chances_apart(before: float, after: float) -> tuple[str, str]:
    """The chances of the right answer around a correction. Of two that are nearly certain a change
    of the third decimal is none to an eye: >99 %, >99 %."""
    if min(before, after) >= CERTAIN:
        return whole_percent(before), whole_percent(after)
    return odds_apart(before, after)


def in_percent(before: float, after: float) -> bool:
    """Tell whether two probabilities are written in per cents: not where one is no number, or both
    are tiny."""
    is_known = math.isfinite(before) and math.isfinite(after)
    return is_known and not (0 < before < TINY and 0 < after < TINY)


def _percent_pair(before: float, after: float) -> tuple[str, str]:
    if before == after:
        return _chance(before), chance(after)
    larger, least = max(before, after), min(before, after)
    fewest = 0 if larger >= 0.0995 else 1 if larger >= 0.00095 else 2
    if 0.985 <= least < larger < 1:
        fewest = 2

    def rounded(share: float, decimals: int) -> float:
        whole = share * 100 * 10**decimals
        units = math.floor(whole + 1e-6) if share >= 0.995 else round(whole)
        return float(units / 10**decimals)

    decimals = fewest
    while decimals < MOST_DECIMALS:
        first, second = rounded(before, decimals), rounded(after, decimals)
        is_small_seen = least == 0 or rounded(least, decimals) > 0 or decimals > fewest
        if is_small_seen and _shows(second - first, (after - before) * 100):
            break
        decimals += 1

    def text(share: float) -> str:
        is_nearly_none = share > 0 and rounded(share, decimals) == 0
        written = 10.0**-decimals if is_nearly_none else rounded(share, decimals)
        return f"{'<' if is_nearly_none else ''}{format_number(written, f'.{decimals}f')}"

    return text(before), f"{text(after)} %"


def _times_pair(before: float, after: float) -> tuple[str, str]:
    """Two large numbers in one unit: 12,000, 434 million, 1.3·10¹³; as 10¹⁵ when far apart."""
    larger, least = max(before, after), min(before, after)
    is_power = larger >= 1e12
    if is_power:
        exponent = math.floor(math.log10(larger))
        unit = 10.0**exponent
        name = f"·10{_raised(exponent)}"
    else:
        unit, name = next((unit, name) for limit, unit, name in TIMES if least < limit)
        name = name and f" {tr(name)}"
    if larger / least >= 10 if is_power else larger / unit >= 1e5:
        first, second = (_raised(round(math.log10(n))) for n in (before, after))
        return f"10{first}", f"10{second}"
    decimals = 1 if not is_power and least / unit < 10 else 0
    while decimals < MOST_DECIMALS:
        rounded_before, rounded_after = (round(n / unit, decimals) for n in (before, after))
        is_shown = _shows(rounded_after - rounded_before, (after - before) / unit)
        if min(rounded_before, rounded_after) > 0 and is_shown:
            break
        decimals += 1
    if not name:  # thousands are written out
        rounded = (round(n / unit, decimals) * unit for n in (before, after))
        first, second = (format_number(n, ",.0f") for n in rounded)
        return first, second
    first, second = (format_number(n / unit, f",.{decimals}f") for n in (before, after))
    return f"{first}{name}", f"{second}{name}"


def _shows(difference: float, change: float) -> bool:
    """Tell whether the difference of rounded numbers is about the true one: half of it to twice."""
    return abs(change) / 2 <= abs(difference) <= abs(change) * 2


def _raised(exponent: int) -> str:
    return str(exponent).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))


def percent_right(score: values.Score) -> str:
    """A score: 100 % only when all are right, 0 % only when none is."""
    return UNKNOWN if score.rate is None else verdict.percent(score.rate)


def nats(value: float | None) -> str:
    """An error, two decimals below 100."""
    if value is None or not math.isfinite(value):
        return UNKNOWN
    return format_number(value, ".2f" if value < 100 else ".0f")


def least_nats(value: float) -> str:
    """As `nats`; an error that would be written as 0.00 is less than 0.01."""
    written = nats(value)
    return f"<{nats(0.01)}" if value > 0 and written == nats(0.0) else written


def signed(value: float) -> str:
    """A change, with its sign and as many decimals as show it: +1.1, −0.04, +0.002."""
    if not math.isfinite(value):
        return UNKNOWN
    size = abs(value)
    decimals = 1 if size >= 0.995 else 2 if size >= 0.0095 else 3
    return f"{'−' if value < 0 else '+'}{format_number(size, f'.{decimals}f')}"


def times(factor: float) -> str:
    """Write a factor: 1.6, 24, 3,100; below one two digits."""
    if factor < 0.995:
        return format_number(factor, ".2g")
    return format_number(factor, ".1f" if factor < 9.95 else ",.0f")


def weight_factor(change: float) -> str:
    """Write by how much a change of a logit multiplies its piece's weight: ×1.2, ×0.74, ×1.003."""
    if not math.isfinite(change):
        return UNKNOWN
    factor = math.exp(min(change, 50.0))
    if factor >= 100:
        return f"×{format_number(factor, ',.0f')}"
    off = abs(factor - 1)
    decimals = 1 if factor >= 1.095 else 2 if off >= 0.0095 else 3
    return f"×{format_number(factor, f'.{decimals}f')}"


def count(n: float) -> str:
    """A number of things: 1,284; from ten million on 12.3 M."""
    if n < 10_000_000:
        return format_number(n, ",.0f")
    return f"{format_number(n / 1_000_000, ',.1f')} {tr('M')}"


def round_number(value: float) -> int:
    """The number nearest to `value` of 10, 20, 50, 100, 200, 500 …; 0 for less than half of 10."""
    if value < 5:
        return 0
    power: int = 10 ** max(1, math.floor(math.log10(value)))
    return min((power * first for first in (1, 2, 5, 10)), key=lambda n: abs(n - value))


def n_of(n: int, total: int) -> str:
    return tr("{n} of {total}", n=count(n), total=count(total))


def and_more(n: int, first: str) -> str:
    """The first of so many, and how many others there are."""
    return first if n == 1 else tr("{first} · and {n} more", first=first, n=count(n - 1))


def duration(seconds: float) -> str:
    """00:21, or 1:02:03 from an hour on; 0.4 s below a second, time enough for many cards."""
    if 0 < seconds < 1:
        return tr("{seconds:.1f} s", seconds=max(0.1, seconds))
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
        return format_number(value, ",.0f")
    if value >= 0.0001:
        return format_number(value, ".2g")
    return f"{value:.0e}"


def rate_factor(value: float) -> str:
    """Write the factor of the learning rate: ×2, ×1/16."""
    if value >= 1:
        return f"×{format_number(value, 'g')}"
    return f"×1/{format_number(1 / value, 'g')}"
