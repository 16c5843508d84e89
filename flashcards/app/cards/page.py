"""One card: what is known of it beside its face, and under them everything it was heard to say."""

from __future__ import annotations

from dataclasses import dataclass

from rich.cells import cell_len

from flashcards.app.cards.table import NARROW, WIDE, marks_of, scroll_bar, stamp_of
from flashcards.app.widgets.cells import Part, Row, padded, spread, wrap
from flashcards.app.widgets.sheet import Sheet
from flashcards.base.language import tr
from flashcards.runs.guesses import PastGuess
from flashcards.runs.values import CardRow
from flashcards.wording.lesson import nothing
from flashcards.wording.numbers import count, nats, percent

LABEL_WIDTH = 13
TAG_STYLES = {"★ first right": ".lit-text", "↓ forgotten": ".wrong", "↑ relearned": ".right"}
MARK_LETTERS = {"right": "r", "nearly": "n", "wrong": "w"}


class CardFacts(Sheet[CardRow]):
    """The answer, the stamp, the marks, and when it was right, forgotten and relearned."""

    def draw(self, view: CardRow, width: int, height: int) -> list[Row]:
        room = width - LABEL_WIDTH
        answer = wrap(view.answer, room, max(1, height - 6))
        marks = marks_of(view.history, min(room, max(1, len(view.history))))
        first = view.first_right_step
        at = tr("never yet") if first is None else tr("at step {step}", step=count(first))
        facts: list[tuple[str, Row]] = [
            *((tr("answer") if i == 0 else "", [(a, ".strong")]) for i, a in enumerate(answer)),
            (tr("known as"), [stamp_of(view)]),
            (tr("marks"), marks if view.history else [(tr("none yet"), ".muted")]),
            (tr("first right"), [(at, "")]),
            (tr("forgotten"), [(_how_often(view.n_forgotten), "")]),
            (tr("relearned"), [(_how_often(view.n_relearned), "")]),
        ]
        rows = [[(padded(label, LABEL_WIDTH), ".muted"), *row] for label, row in facts]
        n_above = max(0, (height - len(rows)) // 2)
        return [*([] for _ in range(n_above)), *rows]


def _how_often(n: int) -> str:
    return tr("never") if n == 0 else tr("once") if n == 1 else tr("{n} times", n=count(n))


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
        return _n_rows(self.size.height, _note_lines(note, self.size.width))

    def draw(self, view: GuessesView, width: int, height: int) -> list[Row]:
        note = _note_lines(view.note, width)
        n_rows = _n_rows(height, note)
        drawn = guess_columns(width - 2)
        head: Row = [
            (f"{tr(name):>{n}}  " if is_right else padded(tr(name), n + 2), ".muted")
            for name, n, is_right in drawn
        ]
        if view.guesses:
            shown = view.guesses[view.top : view.top + n_rows]
            rows = [_guess_row(guess, view.first_right_step, drawn) for guess in shown]
            bar = scroll_bar(view.top, len(shown), len(view.guesses), len(rows))
            rows = [spread(row, [cell], width) for row, cell in zip(rows, bar, strict=True)]
        else:
            rows = [[(line, ".muted")] for line in wrap(view.message, width, 2)]
        blanks: list[Row] = [[] for _ in range(n_rows + 1 - len(rows))]
        return [head, *rows, *blanks, *([(line, ".muted")] for line in note)]


def _note_lines(note: str, width: int) -> list[str]:
    return [line for line in wrap(note, width, 3 if width < WIDE else 2) if line]


def _n_rows(height: int, note: list[str]) -> int:
    """Between the head, and a blank above the note."""
    return max(1, height - 2 - len(note))


def guess_columns(width: int) -> list[tuple[str, int, bool]]:
    """Head, width and whether it is a number, of the columns that fit; two cells between them."""
    how_width = max(7, *(len(tr(how)) for how in ("taught", "asked", "state")))
    right = [("sure", 7, True), ("right answer", 12, True)]
    if width >= WIDE:
        right.append(("error", 7, True))
    if width >= NARROW:
        right.append(("", max(cell_len(tr(tag)) for tag in TAG_STYLES), False))
    left = [("step", 7, True), ("how", how_width, False)]
    used = sum(n + 2 for _, n, _ in (*left, *right))
    return [*left, ("guess", max(6, width - used - 2), False), *right]


def _guess_row(
    guess: PastGuess, first_right_step: int | None, drawn: list[tuple[str, int, bool]]
) -> Row:
    letter = MARK_LETTERS.get(guess.mark or "", "")
    sign, style = marks_of(letter, 1)[-1] if letter else (" ", "")
    is_taught, is_right = guess.how == "taught", guess.mark == "right"
    tag = tag_of(guess, first_right_step)
    cells: dict[str, Part] = {
        "step": (count(guess.step), ".muted"),
        "how": (tr(guess.how), ".muted"),
        "guess": (f"{sign} {guess.guess or nothing()}", style),
        "sure": (percent(guess.probability if is_right or not is_taught else None), ""),
        "right answer": (percent(guess.probability if is_right or is_taught else None), ""),
        "error": (nats(guess.error_nats), ""),
        "": (tr(tag) if tag else "", TAG_STYLES.get(tag, "")),
    }
    shown = [(*cells[name], n, is_number) for name, n, is_number in drawn]
    return [
        (f"{text:>{n}}  " if is_number else padded(text, n) + "  ", look)
        for text, look, n, is_number in shown
    ]


def tag_of(guess: PastGuess, first_right_step: int | None) -> str:
    """Whether this very time the card was first right, forgotten or relearned; "" otherwise."""
    if guess.how != "taught":
        return ""
    if guess.mark == "right":
        if guess.step == first_right_step:
            return "★ first right"
        is_later = first_right_step is not None and guess.step > first_right_step
        return "↑ relearned" if is_later and guess.mark_before in ("n", "w") else ""
    return "↓ forgotten" if guess.mark_before == "r" else ""
