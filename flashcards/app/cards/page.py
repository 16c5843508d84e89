"""One card: what is known of it beside its face, and under them everything it was heard to say."""

from __future__ import annotations

from dataclasses import dataclass

from rich.cells import cell_len

from flashcards.app.cards import words
from flashcards.app.cards.table import NARROW, WIDE, marks_of, scroll_bar, stamp_style
from flashcards.app.kit.cells import Row, padded, spread, wrap
from flashcards.app.kit.numbers import count, nats, percent
from flashcards.app.kit.sheet import Sheet
from flashcards.app.kit.words import nothing
from flashcards.language import tr
from flashcards.runs.guesses import PastGuess
from flashcards.runs.values import CardRow

LABEL_WIDTH = 13
TAG_STYLES = {
    words.FIRST_RIGHT_TAG: ".lit-text",
    words.FORGOTTEN_TAG: ".wrong",
    words.RELEARNED_TAG: ".right",
}
TAG_WIDTH = max(cell_len(tag) for tag in TAG_STYLES)
MARK_LETTERS = {"right": "r", "nearly": "n", "wrong": "w"}


class CardFacts(Sheet[CardRow]):
    """The answer, the stamp, the marks, and when it was right, forgotten and relearned."""

    def draw(self, view: CardRow, width: int, height: int) -> list[Row]:
        room = width - LABEL_WIDTH
        n_lines = max(1, height - 6)
        answer = [[(line, ".strong")] for line in wrap(view.answer, room, n_lines)]
        marks = marks_of(view.history, min(room, max(1, len(view.history))))
        if not view.history:
            marks = [(tr("none yet"), ".muted")]
        rows: list[Row] = _labelled(tr("answer"), answer)
        rows += _labelled(tr("known as"), [[(words.stamp_of(view), stamp_style(view))]])
        rows += _labelled(tr("marks"), [marks])
        first = words.first_right(view.first_right_step)
        rows += _labelled(tr("first right"), [[(first, "")]])
        rows += _labelled(tr("forgotten"), [[(words.how_often(view.n_forgotten), "")]])
        rows += _labelled(tr("relearned"), [[(words.how_often(view.n_relearned), "")]])
        n_above = max(0, (height - len(rows)) // 2)
        return [*([] for _ in range(n_above)), *rows]


@dataclass(frozen=True, slots=True)
class GuessesView:
    """Guesses newest first, from the `top`-th on; `message` instead of them, `note` under them."""

    guesses: tuple[PastGuess, ...] = ()
    first_right_step: int | None = None
    top: int = 0
    message: str = ""
    note: str = ""


class GuessList(Sheet[GuessesView]):
    """A line a guess: step, how, mark and guess, how probable, how wrong, and what turned then."""

    def n_rows(self, note: str) -> int:
        """How many guesses fit above this note."""
        return _n_rows(self.size.height, _note_lines(note, self.size.width))

    def draw(self, view: GuessesView, width: int, height: int) -> list[Row]:
        note = _note_lines(view.note, width)
        n_rows = _n_rows(height, note)
        drawn = guess_columns(width - 2)
        head: Row = [
            (f"{name:>{n}}  " if is_right else padded(name, n + 2), ".muted")
            for name, n, is_right in drawn
        ]
        if view.guesses:
            shown = view.guesses[view.top : view.top + n_rows]
            rows = [guess_row(guess, view.first_right_step, drawn) for guess in shown]
            bar = scroll_bar(view.top, len(shown), len(view.guesses), len(rows))
            rows = [spread(row, [cell], width) for row, cell in zip(rows, bar, strict=True)]
        else:
            rows = [[(line, ".muted")] for line in wrap(view.message, width, 2)]
        blanks: list[Row] = [[] for _ in range(n_rows + 1 - len(rows))]
        foot: list[Row] = [[(line, ".muted")] for line in note]
        return [head, *rows, *blanks, *foot]


def _note_lines(note: str, width: int) -> list[str]:
    return [line for line in wrap(note, width, 3 if width < WIDE else 2) if line]


def _n_rows(height: int, note: list[str]) -> int:
    """Between the head, and a blank above the note."""
    return max(1, height - 2 - len(note))


def guess_columns(width: int) -> list[tuple[str, int, bool]]:
    """Head, width and whether it is a number, of the columns that fit; two cells between them."""
    left: list[tuple[str, int, bool]] = [(tr("step"), 7, True), (tr("how"), words.HOW_WIDTH, False)]
    right = [(tr("sure"), 7, True), (tr("right answer"), 12, True)]
    if width >= WIDE:
        right.append((tr("error"), 7, True))
    if width >= NARROW:
        right.append(("", TAG_WIDTH, False))
    used = sum(n + 2 for _, n, _ in (*left, *right))
    return [*left, (tr("guess"), max(6, width - used - 2), False), *right]


def guess_row(
    guess: PastGuess, first_right_step: int | None, drawn: list[tuple[str, int, bool]]
) -> Row:
    """One guess in these columns, with what turned then, if anything did."""
    letter = MARK_LETTERS.get(guess.mark or "", "")
    sign, style = marks_of(letter, 1)[-1] if letter else (" ", "")
    is_taught, is_right = guess.how == "taught", guess.mark == "right"
    tag = tag_of(guess, first_right_step)
    cells = {
        tr("step"): (count(guess.step), ".muted"),
        tr("how"): (words.HOWS[guess.how], ".muted"),
        tr("guess"): (f"{sign} {guess.guess or nothing()}", style),
        tr("sure"): (percent(guess.probability if is_right or not is_taught else None), ""),
        tr("right answer"): (percent(guess.probability if is_right or is_taught else None), ""),
        tr("error"): (nats(guess.error_nats), ""),
        "": (tag, TAG_STYLES.get(tag, "")),
    }
    row: Row = []
    for name, n, is_number in drawn:
        text, cell_style = cells[name]
        row.append((f"{text:>{n}}  " if is_number else padded(text, n) + "  ", cell_style))
    return row


def tag_of(guess: PastGuess, first_right_step: int | None) -> str:
    """Whether this very time the card was first right, forgotten or relearned; "" otherwise."""
    if guess.how != "taught":
        return ""
    if guess.mark == "right":
        if guess.step == first_right_step:
            return words.FIRST_RIGHT_TAG
        is_later = first_right_step is not None and guess.step > first_right_step
        return words.RELEARNED_TAG if is_later and guess.mark_before in ("n", "w") else ""
    return words.FORGOTTEN_TAG if guess.mark_before == "r" else ""


def _labelled(label: str, lines: list[Row]) -> list[Row]:
    labels = [label, *[""] * (len(lines) - 1)]
    return [
        [(padded(text, LABEL_WIDTH), ".muted"), *line]
        for text, line in zip(labels, lines, strict=True)
    ]
