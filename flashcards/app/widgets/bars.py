"""Bars made of characters: a share, a column, the bets on them; and the two scores of a lesson."""

import math
from collections.abc import Sequence
from itertools import groupby

from msgspec import Struct
from rich.cells import cell_len

from flashcards.app.widgets.cells import (
    Row,
    Sheet,
    cut,
    fitting,
    merged,
    padded,
    row_width,
    with_lit_keys,
)
from flashcards.app.widgets.charts import Curve
from flashcards.base.keyed_text import sentences
from flashcards.base.language import tr
from flashcards.runs import events, values
from flashcards.runs.bets import Bet
from flashcards.runs.state import RunState
from flashcards.runs.verdict import percent
from flashcards.wording import facts, lesson, numbers
from flashcards.wording.bets import is_of_class

EXPECTED = 0.5  # from here on a piece was expected


def bar(
    share: float | None,
    width: int,
    style: str,
    *,
    is_rounded: bool = False,
    is_fine: bool = False,
) -> Row:
    """A share of 0 to 1 as a line of `width` cells: full only when it is 1, empty only when 0, or,
    if `is_rounded`, when it is hardly any: then equal numbers of whole per cents have equal bars.
    Half cells are drawn of less than half, or `is_fine`."""
    if share is None or not math.isfinite(share):
        return [("─" * width, ".track")]
    if is_rounded:
        share = 1.0 if share >= numbers.SURE else min(round(share, 2), 0.99)
    filled = _cells(share, width)
    filled = min(filled, round(share * width)) if is_rounded else filled
    halves = 2 * filled
    if is_fine or (filled and share * width < 0.5):
        halves = min(max(share > 0, round(2 * share * width)), 2 * width - (share < 1))
    full = "━" * (halves // 2) + "╾" * (halves % 2)
    return [(full, style), ("─" * (width - len(full)), ".track")]


def changed_bar(before: float, after: float, width: int) -> Row:
    if not (math.isfinite(before) and math.isfinite(after)):
        return [("─" * width, ".track")]
    first, last = (min(_cells(share, width), round(share * width)) for share in (before, after))
    if last >= first:
        row = [("━" * first, ".taught"), ("▸" * (last - first), ".right")]
    else:
        row = [("━" * last, ".taught"), ("◂" * (first - last), ".wrong")]
    return [*row, ("─" * (width - max(first, last)), ".track")]


def column(share: float, n_rows: int) -> list[str]:
    """A share of 0 to 1 as `n_rows` characters, top first. Never quite empty; above 1 is 1."""
    eighths = 8 * n_rows if math.isinf(share) else round(min(1.0, max(0.0, share)) * 8 * n_rows)
    eighths = max(1, eighths)
    return [" ▁▂▃▄▅▆▇█"[min(8, max(0, eighths - 8 * row))] for row in reversed(range(n_rows))]


def history_marks(history: str, width: int) -> Row:
    """The newest marks that fit, in so many cells: right or not. How far off it was, no guess
    beside them says."""
    newest = history[max(0, len(history) - width) :]
    row: Row = [(" " * (width - len(newest)), "")]
    for is_right, run in groupby(letter == "r" for letter in newest):
        mark: values.Mark = "right" if is_right else "wrong"
        row.append((lesson.MARK_SIGNS[mark] * len([*run]), f".{mark}"))
    return row


def _cells(share: float, width: int) -> int:
    share = min(1.0, max(0.0, share))
    cells = round(share * width)
    if share < 1 and cells == width:
        return max(0, width - 1)
    return 1 if share > 0 and cells == 0 and width else cells


SIGN = "◎"  # a bet, wherever it is painted
STYLE = ".lit-text"


class ShareBet(Struct, frozen=True):
    """A share of a side that was predicted, 0 to 1, and by whom; `until`: the step of the exam that
    settles it, None where it is settled, or where no step was named."""

    share: float
    until: int | None = None
    is_of_class: bool = False

    @property
    def whose(self) -> str:
        return tr("the class's bet" if self.is_of_class else "your bet")


def share_bet(bets: Sequence[Bet], side: values.BetSide) -> ShareBet | None:
    """The newest one of a side, as the model is: not one of an exam that asks it otherwise."""
    for bet in reversed(bets):
        placed = bet.placed
        if placed.bet.is_of_options:
            continue
        if placed.share is not None and placed.bet.side == side and not bet.is_void:
            until = placed.bet.at_step if bet.is_open else None
            return ShareBet(placed.share, until, is_of_class(placed))
    return None


def marked(bar: Row, share: float | None, width: int) -> Row:
    if share is None or width < 1:
        return bar
    cells = [(char, style) for text, style in bar for char in text]
    cells[min(len(cells), width) - 1 if share >= 1 else round(share * (width - 1))] = (SIGN, STYLE)
    return merged(cells)


def lines(bets: Sequence[Bet], last_step: int) -> tuple[Curve, ...]:
    """A dotted line across a chart of shares: a bet on the never taught, or on the taught."""
    bet = share_bet(bets, "unseen") or share_bet(bets, "seen")
    if bet is None:
        return ()
    points = ((0, bet.share), (max(1, last_step), bet.share))
    return (Curve(f"{SIGN} {bet.whose}", points, STYLE, "┈", dash=(1, 3)),)


LABEL = 13
WIDE = 96  # from so many cells on there is room for what a bet is on

EarlierDeck = tuple[str, values.Score | None, values.Score | None]  # None until asked


class ScoresView(Struct, frozen=True):
    """None until asked. `is_sample`: graded on part of the deck; `is_text`: of a text that is read,
    `of_letters` where these are its pieces; `n_held_out`: None until known; `as_of`: the step it
    was graded at, where that is not the step shown. `known`: of a
    brought model. `keeps_back`: what keeps some cards back where all are taught.
    `is_hidden`: nobody is to see a score yet."""

    seen: values.Score | None = None
    unseen: values.Score | None = None
    n_held_out: int | None = None
    is_sample: bool = False
    is_text: bool = False
    of_letters: bool = False
    as_of: int | None = None
    earlier: tuple[EarlierDeck, ...] = ()
    seen_bet: ShareBet | None = None
    unseen_bet: ShareBet | None = None
    known: values.Knowledge | None = None
    keeps_back: str = ""
    is_hidden: bool = False


def scores_of(state: RunState, *, is_past: bool = False) -> ScoresView:
    if state.start is None:
        return ScoresView()
    latest = state.latest_scores
    is_dated = is_past or state.steps.broken is not None
    return ScoresView(
        seen=None if latest is None else latest.seen,
        unseen=None if latest is None else latest.unseen,
        n_held_out=state.start.n_held_out,
        is_sample=isinstance(latest, events.ExamTaken) and not latest.is_full,
        is_text=state.is_reading,
        of_letters=state.start.text is not None and state.start.text.is_by_character,
        as_of=latest.step if latest and is_dated and latest.step < state.step else None,
        known=None if state.exams.last is None else state.exams.last.known,
        is_hidden=state.exams.is_hidden,
    )


class ScoreBars(Sheet[ScoresView]):
    def draw(self, view: ScoresView, width: int, height: int) -> list[Row]:
        missing = tr("hidden") if view.is_hidden else tr("not asked yet")
        names = _labels(view)
        seen = _row(names[0], view.seen, ".taught", missing, view, width, view.seen_bet)
        if view.n_held_out == 0:
            missing = _none_kept_back(view.keeps_back, width - cell_len(names[1]) - 7)
        unseen = _row(names[1], view.unseen, ".unseen", missing, view, width, view.unseen_bet)
        earlier = [_earlier(deck, width) for deck in view.earlier]
        return [seen, unseen, *_known(view, names, width), *earlier]


def _none_kept_back(keeps_back: str, room: int) -> str:
    """Say that no card is kept back, and how one does that; in a narrow room only this."""
    nothing, offer = tr("0 kept back."), facts.kept_back_by(keeps_back)
    return fitting(room, sentences(nothing, offer), offer or nothing) or offer


def _labels(view: ScoresView) -> list[str]:
    names = [tr("■ TAUGHT"), tr("◆ NEVER TAUGHT")]
    if view.is_text:
        names = [tr("■ READ"), tr("◆ NEVER READ")]
    if view.known is not None:
        names = [tr("■ TAUGHT HERE"), tr("◆ NEVER TAUGHT HERE"), tr("● KNEW IT BEFORE")]
    return [
        padded(name, max(LABEL, *(cell_len(other_name) + 1 for other_name in names)))
        for name in names
    ]


def _known(view: ScoresView, names: list[str], width: int) -> list[Row]:
    if view.known is None:
        return []
    missing = tr("no card was right before the first one")
    return [_row(names[2], view.known.cards, ".strong", missing, view, width, None)]


def _earlier(deck: EarlierDeck, width: int) -> Row:
    name, seen, unseen = deck
    n_label = max(LABEL, min(cell_len(name) + 3, width // 3))
    half = (width - n_label) // 2
    row: Row = [(padded(cut(f"↩ {name}", n_label - 1), n_label), ".strong")]
    for sign, score, style in (("■", seen, ".taught"), ("◆", unseen, ".unseen")):
        if score is None or score.rate is None:
            row.append((padded(f"    – {sign}", half), ".muted"))
            continue
        text = f"{numbers.percent_right(score):>5} {sign} "
        row += [
            (text, ".strong"),
            *bar(score.rate, half - len(text) - 2, style, is_fine=True),
            ("  ", ""),
        ]
    return row


def _row(
    name: str,
    score: values.Score | None,
    style: str,
    missing: str,
    view: ScoresView,
    width: int,
    bet: ShareBet | None,
) -> Row:
    n_label = max(LABEL, cell_len(name))
    label: Row = [(padded(name, n_label), style)]
    if score is None or score.total == 0:
        if bet is not None:
            length = max(4, width - n_label - 7 - 1 - 14)
            track = marked(bar(None, length, style), bet.share, length)
            return [*label, ("    –  ", ".muted"), *track, (" " * 15, "")]
        text: Row = [("  –    ", ".muted"), *with_lit_keys(missing, ".muted")]
        gap = " " * (width - n_label - row_width(text))
        return [*label, *merged([*text, (gap, ".muted")])]
    if view.as_of is not None:
        style = ".muted"
    rate = numbers.percent_right(score)
    sides = ((view.seen, view.seen_bet), (view.unseen, view.unseen_bet))
    texts = [_counts(view, *side, width) for side in sides]
    n_counts = max(map(cell_len, texts))  # so that bars are alike
    counts = f"{_counts(view, score, bet, width):>{n_counts}}"
    share = None if bet is None else bet.share
    return score_row(name, score.rate, rate, style, counts, width, share)


def _counts(view: ScoresView, score: values.Score | None, bet: ShareBet | None, width: int) -> str:
    """Say behind a bar how many are right, or when they were asked, and what was bet on which exam;
    where there is no room for both, only the bet."""
    if score is None or score.total == 0:
        return ""
    text = "{right:,} right of {total:,}"
    if view.is_sample:
        text = "{right:,} right of {total:,} asked"
    if view.of_letters:
        text = "{right:,} right of {total:,} letters"
    counts = tr(text, right=score.right, total=score.total)
    if view.as_of is not None:
        counts = tr("last asked at step {step}", step=numbers.count(view.as_of))
    if bet is None:
        return counts
    bet_text = f"{SIGN} {bet.whose} {percent(bet.share)}"
    if bet.until is None:
        return f"{counts} · {bet_text}"
    bet_text = f"{bet_text}, {tr('at step {step}', step=numbers.count(bet.until))}"
    return f"{counts} · {bet_text}" if width >= WIDE else bet_text


def score_row(
    name: str,
    share: float | None,
    percent_text: str,
    style: str,
    remark: str,
    width: int,
    bet: float | None = None,
) -> Row:
    n_remark = max(15, len(remark))
    n_label = max(LABEL, cell_len(name))
    length = max(4, width - n_label - 8 - n_remark)
    return [
        (padded(name, n_label), style),
        (f"{percent_text:>5}  ", ".strong"),
        *marked(bar(share, length, style, is_fine=True), bet, length),
        (f" {remark:>{n_remark}}", ".muted"),
    ]
