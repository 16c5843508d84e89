"""Teaching from a program: `Training` opens a lesson, makes updates, and asks the model. It is the
lesson that the screen shows, to the bit, in a folder of its own. It works in a thread of this
process and makes no update that was not asked for."""

import queue
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import msgspec

from flashcards.base.errors import UserError
from flashcards.cards.card import Deck
from flashcards.plain.asking import as_asked
from flashcards.runs import commands, events, measured
from flashcards.runs.state import RunState
from flashcards.trainer.inbox import Inbox
from flashcards.trainer.opening import open_lesson
from flashcards.trainer.request import LessonRequest


class Training:
    """A deck that is taught to a model that knows nothing.

    Use it in a `with` block: at its end the run is saved.

    Args:
        deck: A deck's name or path, as on the command line.
        seed: Of the untaught model and of the order of the cards.
        runs: The folder of the runs; None is the platform's.
        settings: Settings of the model that are not the deck's, such as `{"n_layers": 4}`.

    Raises:
        UserError: The deck can't be used, or the run can't be written; the message says why.
    """

    def __init__(
        self,
        deck: str | Path,
        *,
        seed: int = 1,
        runs: str | Path | None = None,
        settings: dict[str, object] | None = None,
    ) -> None:
        request = {
            "deck": str(deck),
            "seed": seed,
            "runs": None if runs is None else str(runs),
            "settings": settings or {},
            "speed": "full",
            "is_following": True,
        }
        try:
            wishes = msgspec.convert(request, LessonRequest)
        except msgspec.ValidationError as error:
            raise UserError(f"no training can be opened like this: {error}") from error
        self._inbox = Inbox()
        self._happened: queue.SimpleQueue[events.AnyEvent | BaseException | None] = (
            queue.SimpleQueue()
        )
        self._opened = open_lesson(wishes, inbox=self._inbox, watch=self._happened.put)
        self._state = RunState()
        self._n_asked = self._target = 0
        self._thread = threading.Thread(target=self._teach, name="lesson", daemon=True)
        self._thread.start()

    def _teach(self) -> None:
        try:
            self._opened.teach()
        except BaseException as error:
            self._happened.put(error)
        finally:
            self._happened.put(None)

    @property
    def deck(self) -> Deck:
        """The cards: `deck.cards`, of which `deck.taught` and `deck.never_seen` are indices."""
        return self._opened.training.deck

    @property
    def folder(self) -> Path:
        """The run's folder, which `flashcards ask`, `page`, `export` … take."""
        return self._opened.keeper.folder.path

    @property
    def state(self) -> RunState:
        """The run up to the last event given: `state.step`, `state.exams.last`, …"""
        return self._state

    def advance(self, n_updates: int) -> Iterator[events.AnyEvent]:
        """Make so many updates, and give every event as it happens (`flashcards.runs.events`).
        Raises UserError: that is no number of updates, the run can't be written, or the training
        was closed."""
        if not isinstance(n_updates, int) or n_updates < 1:
            raise UserError(
                f"{n_updates!r} updates can't be made: ask for a whole number from 1 on"
            )
        return self._advance(n_updates)

    def _advance(self, n_updates: int) -> Iterator[events.AnyEvent]:
        target = self._target = self._target + n_updates
        self._inbox.put(commands.FollowTo(limit_step=target))
        for event in self._events():
            yield event
            if isinstance(event, measured.StepsTaken) and event.step >= target:
                return

    def ask(self, prompt: str) -> events.PromptAnswered:
        """Ask the model as it is now: `answer`, `probability` from 0 to 1, `stamp`, `pieces`, …
        Raises UserError: the prompt is no text, empty or too long, or the training was closed."""
        command = commands.Ask(request=self._n_asked + 1, prompt=as_asked(prompt))
        self._n_asked += 1
        self._inbox.put(command)
        for event in self._events():
            if isinstance(event, events.PromptAnswered) and event.request == self._n_asked:
                return event
        raise AssertionError("a lesson answers or fails")

    def _events(self) -> Iterator[events.AnyEvent]:
        while True:
            event = self._happened.get()
            if event is None:
                self._happened.put(None)
                raise UserError(f"the training of {self.folder.name} was closed")
            if isinstance(event, BaseException):
                raise event
            self._state.fold(event)
            yield event

    def close(self) -> None:
        """Save the run, and end."""
        self._inbox.put(commands.Stop())
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
