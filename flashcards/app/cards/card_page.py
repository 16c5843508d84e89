"""One card: what is known of it, and everything it was heard to say."""

from msgspec import Struct
from rich.cells import cell_len

from flashcards.app.cards.card_table import NARROW, WIDE, CardQuestions, scroll_bar, stamp_of
from flashcards.app.widgets.bars import history_marks
from flashcards.app.widgets.cells import Part, Row, Sheet, padded, spread, wrap
from flashcards.base.language import tr
from flashcards.runs import commands, events, values
from flashcards.runs.guesses import PastGuess, PastGuesses, taught_guess
from flashcards.runs.marking import mark_of
from flashcards.runs.state import RunState
from flashcards.wording import lesson, numbers


class CardStory(CardQuestions):
    """A card, asked for again about once a second, and its guesses, newest first.
    `failure`: why the log can't be read, "" if it can."""

    def __init__(self, row: values.CardRow) -> None:
        self.row = row
        self.guesses: tuple[PastGuess, ...] = ()
        self._log: PastGuesses | None = None
        self._since: dict[int, PastGuess] = {}
        self._states: tuple[PastGuess, ...] = ()
        self.failure = ""
        self._top = 0
        self._n_visible = 1

    @property
    def message(self) -> str:
        if self._log is None:
            return tr("reading…")
        if self.failure:
            return self.failure
        if self.row.is_never_seen:
            return tr("Never taught, only asked; and nobody has asked for it yet.")
        return tr("No guess of this card was recorded yet.")

    @property
    def note(self) -> str:
        note = tr(
            "Recorded: at full speed one guess a second, of any card; below full speed every "
            "guess. There is a mark for each time it was taught. A state is the model as it was "
            "then, asked again."
        )
        if self.row.is_never_seen:
            note = tr(
                "A card never taught is only asked: only guesses that somebody asked for are "
                "recorded. Its marks come from the exams that asked it. A state is the model as "
                "it was then, asked again."
            )
        if self._log is None or not self._log.is_cut:
            return note
        return f"{tr('The log is long: only the newest part of it was read.')} {note}"

    def take_log(self, read: PastGuesses) -> None:
        self._log = read
        self._merge()

    def follow(self, state: RunState) -> None:
        index = self.row.card_index
        n_before = len(self._since)
        for step, correction in state.card.recent:
            if correction.card_index == index and correction.prompt == self.row.prompt:
                self._since.setdefault(step, taught_guess(step, correction))
        if len(self._since) != n_before:
            self._merge()

    def take_states(self, past: events.PastAnswered) -> None:
        self._states = tuple(
            PastGuess(
                step=answer.step,
                how="state",
                guess=answer.answer,
                mark=mark_of(answer.answer, (self.row.answer,)),
                probability=answer.probability,
            )
            for answer in past.answers
        )
        self._merge()

    _is_missing = False

    def _question(self) -> commands.ListCards:
        return commands.ListCards(offset=self.row.card_index, n_rows=1)

    def _learn(self, question: commands.ListCards, listed: events.CardsListed) -> None:
        self._step = listed.step
        self.row = next((row for row in listed.rows if row.prompt == self.row.prompt), self.row)

    def show(self, n_visible: int) -> int:
        self._n_visible = n_visible
        self.move(0)
        return self._top

    def move(self, by: int) -> None:
        last = max(0, len(self.guesses) - self._n_visible)
        self._top = min(max(0, self._top + by), last)

    def page(self, by: int) -> None:
        self.move(by * max(1, self._n_visible - 1))

    def _merge(self) -> None:
        logged = () if self._log is None else self._log.guesses
        taught_steps = {guess.step for guess in logged if guess.how == "taught"}
        since = [guess for step, guess in self._since.items() if step not in taught_steps]
        every = [*logged, *since, *self._states]
        self.guesses = tuple(sorted(every, key=lambda guess: -guess.step))


LABEL_WIDTH = 13
TAG_STYLES = {"★ first right": ".lit-text", "↓ forgotten": ".wrong", "↑ relearned": ".right"}


class CardFacts(Sheet[values.CardRow]):
    def draw(self, view: values.CardRow, width: int, height: int) -> list[Row]:
        room = width - LABEL_WIDTH
        answer = wrap(view.answer, room, max(1, height - 6))
        marks = history_marks(view.history, min(room, len(view.history)))
        first = view.first_right_step
        at = tr("never yet") if first is None else tr("at step {step}", step=numbers.count(first))
        facts: list[tuple[str, Row]] = [
            *((tr("answer") if i == 0 else "", [(a, ".strong")]) for i, a in enumerate(answer)),
            (tr("known as"), [stamp_of(view)]),
            (tr("last marks"), marks if view.history else [(tr("none yet"), ".muted")]),
            (tr("first right"), [(at, "")]),
            (tr("lost"), [(_how_often(view.n_forgotten), "")]),
            (tr("right again"), [(_how_often(view.n_relearned), "")]),
        ]
        rows = [[(padded(label, LABEL_WIDTH), ".muted"), *row] for label, row in facts]
        n_above = max(0, (height - len(rows)) // 2)
        return [*([] for _ in range(n_above)), *rows]


def _how_often(n: int) -> str:
    return tr("never") if n == 0 else tr("once") if n == 1 else tr("{n} times", n=numbers.count(n))


class GuessesView(Struct, frozen=True):
    guesses: tuple[PastGuess, ...] = ()
    first_right_step: int | None = None
    top: int = 0
    message: str = ""
    note: str = ""


class GuessList(Sheet[GuessesView]):
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
            page = view.guesses[view.top : view.top + n_rows]
            rows = [_guess_row(guess, view.first_right_step, drawn) for guess in page]
            bar = scroll_bar(view.top, len(page), len(view.guesses), len(rows))
            rows = [spread(row, [cell], width) for row, cell in zip(rows, bar, strict=True)]
        else:
            rows = [[(line, ".muted")] for line in wrap(view.message, width, 2)]
        blanks: list[Row] = [[] for _ in range(n_rows + 1 - len(rows))]
        return [head, *rows, *blanks, *([(line, ".muted")] for line in note)]


def _note_lines(note: str, width: int) -> list[str]:
    return [line for line in wrap(note, width, 3 if width < WIDE else 2) if line]


def _n_rows(height: int, note: list[str]) -> int:
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
    sign, style = (lesson.MARK_SIGNS[guess.mark], f".{guess.mark}") if guess.mark else (" ", "")
    is_taught, is_right = guess.how == "taught", guess.mark == "right"
    tag = tag_of(guess, first_right_step)
    cells: dict[str, Part] = {
        "step": (numbers.count(guess.step), ".muted"),
        "how": (tr(guess.how), ".muted"),
        "guess": (f"{sign} {guess.guess or lesson.nothing()}", style),
        "sure": (numbers.chance(guess.probability if is_right or not is_taught else None), ""),
        "right answer": (numbers.chance(guess.probability if is_right or is_taught else None), ""),
        "error": (numbers.nats(guess.error_nats), ""),
        "": (tr(tag) if tag else "", TAG_STYLES.get(tag, "")),
    }
    drawn_cells = [(*cells[name], n, is_number) for name, n, is_number in drawn]
    return [
        (f"{text:>{n}}  " if is_number else padded(text, n) + "  ", look)
        for text, look, n, is_number in drawn_cells
    ]


def tag_of(guess: PastGuess, first_right_step: int | None) -> str:
    """Name it if this very time the card was first right, forgotten or relearned; "" otherwise."""
    if guess.how != "taught":
        return ""
    if guess.mark == "right":
        if guess.step == first_right_step:
            return "★ first right"
        is_later = first_right_step is not None and guess.step > first_right_step
        return "↑ relearned" if is_later and guess.mark_before in ("n", "w") else ""
    return "↓ forgotten" if guess.mark_before == "r" else ""
