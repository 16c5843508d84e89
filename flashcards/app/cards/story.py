"""All that is known of one card: its row, and every guess of it that was recorded or asked for.

Knows no widget. The log is read elsewhere; what happens meanwhile comes from the state.
"""

from __future__ import annotations

from flashcards.base.language import tr
from flashcards.runs.commands import ListCards
from flashcards.runs.events import CardsListed, PastAnswered
from flashcards.runs.guesses import PastGuess, PastGuesses, taught_guess
from flashcards.runs.state import RunState
from flashcards.runs.values import CardRow

REFRESH_S = 1.0


class CardStory:
    """Guesses newest first. Its row is asked for again about once a second.

    Attributes:
        row: The card and its history, as last heard.
        guesses: What it was heard to say, newest first.
    """

    def __init__(self, row: CardRow) -> None:
        self.row = row
        self.guesses: tuple[PastGuess, ...] = ()
        self._log: PastGuesses | None = None
        self._since: dict[int, PastGuess] = {}
        self._states: tuple[PastGuess, ...] = ()
        self._failure = ""
        self._under_way: ListCards | None = None
        self._step = -1
        self._asked_at_s = 0.0
        self._top = 0
        self._n_visible = 1

    @property
    def message(self) -> str:
        if self._log is None:
            return tr("reading the log…")
        if self._failure:
            return self._failure
        if self.row.is_never_seen:
            return tr("Never seen: it is not taught, and nobody has asked for it yet.")
        return tr("No guess of this card was recorded yet.")

    @property
    def note(self) -> str:
        said = tr(
            "Recorded: at full speed one guess a second, of any card; below it every "
            "guess. Marks are of every time it was taught. A state is the model as it "
            "was then, asked again."
        )
        if self.row.is_never_seen:
            said = tr(
                "A card never seen is not taught, so no guess of it is recorded but those "
                "that were asked for. Its marks are of the exams that asked it. A state is "
                "the model as it was then, asked again."
            )
        if self._log is None or not self._log.is_cut:
            return said
        return f"{tr('The log is long: only the newest part of it was read.')} {said}"

    def fail(self, reason: str) -> None:
        self._failure = reason

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

    def take_states(self, past: PastAnswered) -> None:
        self._states = tuple(
            PastGuess(
                step=answer.step,
                how="state",
                guess=answer.answer,
                mark="right" if answer.answer == self.row.answer else "wrong",
                probability=answer.probability,
            )
            for answer in past.answers
        )
        self._merge()

    def take(self, asked: ListCards, listed: CardsListed | None) -> None:
        """The reply to `wanted`, None when there is none."""
        self._under_way = None
        if listed is None:
            return
        self._step = listed.step
        for row in listed.rows:
            if row.prompt == self.row.prompt:
                self.row = row

    def wanted(self, now_s: float, step: int) -> ListCards | None:
        """The card's row, once more, when it is time."""
        if not self.is_due(now_s, step):
            return None
        self._asked_at_s = now_s
        self._under_way = ListCards(offset=self.row.card_index, n_rows=1)
        return self._under_way

    def is_due(self, now_s: float, step: int) -> bool:
        is_waiting = self._under_way is not None
        return not is_waiting and step > self._step and now_s - self._asked_at_s >= REFRESH_S

    def show(self, n_visible: int) -> int:
        """So many guesses are shown; the first of them."""
        self._n_visible = n_visible
        self.move(0)
        return self._top

    def move(self, by: int) -> None:
        last = max(0, len(self.guesses) - self._n_visible)
        self._top = min(max(0, self._top + by), last)

    def page(self, by: int) -> None:
        """Scroll by pages; what was at the edge stays in sight."""
        self.move(by * max(1, self._n_visible - 1))

    def _merge(self) -> None:
        logged = () if self._log is None else self._log.guesses
        taught_steps = {guess.step for guess in logged if guess.how == "taught"}
        since = [guess for step, guess in self._since.items() if step not in taught_steps]
        every = [*logged, *since, *self._states]
        self.guesses = tuple(sorted(every, key=lambda guess: -guess.step))
