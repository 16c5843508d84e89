"""A lesson that a program steps through: that of the screen, to the bit, in its own folder.

It runs in a thread of this process and makes no update that was not asked for. While it waits, the
program may look at the model.
"""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import msgspec

from flashcards.base.errors import UserError
from flashcards.cards import card
from flashcards.from_python.deck import Deck
from flashcards.from_python.run import Run
from flashcards.plain.ask import Reply, answers_to, as_asked
from flashcards.runs import commands, events
from flashcards.runs.state import RunState
from flashcards.trainer import bringing
from flashcards.trainer.inbox import Inbox
from flashcards.trainer.opening import open_lesson
from flashcards.trainer.request import LessonRequest


@dataclass(frozen=True)
class Step:
    """One update, and what came of it.

    Attributes:
        step: Its number in the run, from 1 on.
        cards_taught: Cards taught in the run so far; a card counts each time.
        loss: How wrong the model was about the update's cards before it, in nats: the mean of
            -ln(probability) of the pieces of the right answers.
        gradient_norm: The length of the gradient of that loss.
        relative_change: How long the change of the weights was, as a share of the weights.
        exam: The exam that was taken after the update; None after most of them. Its `seen` and
            `unseen` have `right` and `total`: cards that are taught, and cards kept back.
        events: All that was written down of it (`flashcards.runs.events`).
    """

    step: int
    cards_taught: int
    loss: float
    gradient_norm: float
    relative_change: float
    exam: events.ExamTaken | None = None
    events: Sequence[events.AnyEvent] = field(default=(), repr=False)


@dataclass(frozen=True)
class _Waiting:
    """The lesson waits for a command; so many it has obeyed."""

    n_obeyed: int


class _CountingInbox(Inbox):
    """An inbox that tells when the lesson waits for more, and has obeyed what was put."""

    def __init__(self, tell: queue.SimpleQueue[object]) -> None:
        super().__init__()
        self.n_put = 0
        self._n_obeyed = 0
        self._tell = tell

    def put(self, command: commands.AnyCommand) -> None:
        self.n_put += 1
        super().put(command)

    def drain(self) -> list[commands.AnyCommand]:
        drained = super().drain()
        self._n_obeyed += len(drained)
        return drained

    def wait(self, timeout_s: float) -> None:
        self._tell.put(_Waiting(self._n_obeyed))
        super().wait(timeout_s)


class Training:
    """A deck that is taught, update by update.

    Use it in a `with` block: at its end the run is saved.

    Args:
        deck: A `Deck`; or a deck's or text's name or path, as on the command line.
        model: A model that others have trained: its folder or GGUF file, or OWNER/NAME of the
            Hugging Face hub if it was downloaded before. None is a model that knows nothing.
        after: A run (its name, path or `Run`) whose model is taught this deck from its end on.
        seed: Of the untaught model and of the order of the cards.
        runs: The folder of the runs; None is the platform's.
        settings: Settings of the model that are not the deck's, such as `{"n_layers": 4}`.
        device: "cpu", "cuda" or "mps".

    Raises:
        UserError: The deck or the model can't be used, or the run can't be written; the message
            says why.
    """

    def __init__(
        self,
        deck: Deck | str | Path,
        *,
        model: str | Path | None = None,
        after: Run | str | Path | None = None,
        seed: int = 1,
        runs: str | Path | None = None,
        settings: Mapping[str, object] | None = None,
        device: str = "cpu",
    ) -> None:
        with contextlib.ExitStack() as stack:
            own = deck if isinstance(deck, Deck) else None
            path = str(deck) if own is None else str(stack.enter_context(own.as_file()))
            request = {
                "deck": path,
                "model": None if model is None else _path_of(str(model)),
                "after": str(after.path) if isinstance(after, Run) else _optional(after),
                "seed": seed,
                "runs": _optional(runs),
                "settings": dict(settings or {}),
                "device": device,
                "speed": "full",
                "is_following": True,
            }
            try:
                wishes = msgspec.convert(request, LessonRequest)
            except msgspec.ValidationError as error:
                raise UserError(f"no training can be opened like this: {error}") from error
            self._happened: queue.SimpleQueue[object] = queue.SimpleQueue()
            self._inbox = _CountingInbox(self._happened)
            self._opened = open_lesson(wishes, inbox=self._inbox, watch=self._happened.put)
        self._state = RunState()
        self._n_asked = 0
        self._thread = threading.Thread(target=self._teach, name="lesson", daemon=True)
        self._thread.start()
        self._target = self._opened.training.learner.step
        list(self._until_it_waits())

    def _teach(self) -> None:
        try:
            self._opened.teach()
        except BaseException as error:
            self._happened.put(error)
        finally:
            self._happened.put(None)

    @property
    def cards(self) -> Sequence[card.Card]:
        """The deck's cards; those with `is_never_seen` are asked and never taught."""
        return self._opened.training.deck.cards

    @property
    def path(self) -> Path:
        """The run's folder, which `flashcards ask`, `page`, `export` … take."""
        return self._opened.keeper.folder.path

    @property
    def state(self) -> RunState:
        """The run up to now: `state.step`, `state.cards_taught`, `state.exams.last`, …"""
        return self._state

    def steps(self, n_updates: int) -> Iterator[Step]:
        """Make so many updates, and give each one when it is made.
        Raises UserError: that is no number of updates, the run can't be written, the training was
        closed, or the model broke: its numbers are not finite any more."""
        if not isinstance(n_updates, int) or isinstance(n_updates, bool) or n_updates < 1:
            raise UserError(
                f"{n_updates!r} updates can't be made: ask for a whole number from 1 on"
            )
        return self._steps(n_updates)

    def teach(self, n_updates: int) -> list[Step]:
        """Make so many updates, and return them. Raises UserError: as `steps` does."""
        return list(self.steps(n_updates))

    def _steps(self, n_updates: int) -> Iterator[Step]:
        for _ in range(n_updates):
            self._target += 1
            self._inbox.put(commands.FollowTo(limit_step=self._target))
            happened = tuple(self._until_it_waits())
            (report,) = (event for event in happened if isinstance(event, events.StepsTaken))
            exams = [event for event in happened if isinstance(event, events.ExamTaken)]
            yield Step(
                step=report.step,
                cards_taught=report.cards_taught,
                loss=report.loss_nats,
                gradient_norm=report.gradient_norm,
                relative_change=report.relative_change,
                exam=exams[-1] if exams else None,
                events=happened,
            )

    def ask(self, prompt: str) -> events.PromptAnswered:
        """Ask the model as it is now: `answer`, `probability` from 0 to 1, `stamp`, `pieces`, …
        Raises UserError: the prompt is no text, empty or too long, or the training was closed."""
        command = commands.Ask(request=self._n_asked + 1, prompt=as_asked(prompt))
        self._n_asked += 1
        self._inbox.put(command)
        (answered,) = (
            event for event in self._until_it_waits() if isinstance(event, events.PromptAnswered)
        )
        return answered

    def ask_each(self, prompts: Sequence[str]) -> list[Reply]:
        """Ask the model as it is now, many prompts in one pass.
        Raises UserError: as `ask` does, before any is asked."""
        checked = [as_asked(prompt) for prompt in prompts]
        if not self._thread.is_alive():
            list(self._until_it_waits())  # it says why
        return list(answers_to(checked, self._opened.training))

    def set_learning_rate(self, factor: float) -> None:
        """Multiply the deck's own learning rate by this from the next update on; 1 is as it was.
        Raises UserError: it is no number from 1/1024 to 1024, or the training was closed."""
        low, high = commands.LEARNING_RATE_FACTORS
        if not isinstance(factor, int | float) or not low <= factor <= high:
            raise UserError(
                f"{factor!r} is no factor of a learning rate: say a number from {low:g} to {high:g}"
            )
        self._inbox.put(commands.SetLearningRate(factor=factor))
        list(self._until_it_waits())

    def save(self) -> Run:
        """Save the run as it is now; `Run` looks at it, and the training may go on.
        Raises UserError: the run can't be written, or the training was closed."""
        for command in (commands.Pause(), commands.Play()):
            self._inbox.put(command)
            list(self._until_it_waits())
        return Run(self.path)

    def export(self, to: str, target: str | Path, *, is_forced: bool = False) -> Path:
        """Save, and write the model or the numbers for other programs, as `Run.export` does."""
        return self.save().export(to, target, is_forced=is_forced)

    def _until_it_waits(self) -> Iterator[events.AnyEvent]:
        """Give the events up to the moment at which the lesson has done all that was asked."""
        while True:
            happened = self._happened.get()
            match happened:
                case _Waiting(n_obeyed) if n_obeyed < self._inbox.n_put:
                    pass  # it waited before the last command came
                case _Waiting():
                    learner = self._opened.training.learner
                    if learner.step >= self._target:
                        return
                    if not learner.is_finite:
                        self._target = learner.step
                        raise UserError(
                            f"the model broke at update {learner.step:,}: its numbers are not "
                            "finite any more; a smaller learning rate would keep it whole"
                        )
                case None:
                    self._happened.put(None)  # and so it is for whoever asks again
                    raise UserError(f"the training of {self.path.name} was closed")
                case BaseException():
                    raise happened
                case _:
                    assert isinstance(happened, events.AnyEvent)
                    self._state.fold(happened)
                    yield happened

    def close(self) -> Run:
        """Save the run, and end. Calling it again does nothing more."""
        self._inbox.put(commands.Stop())
        self._thread.join()
        return Run(self.path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _optional(value: object) -> str | None:
    return None if value is None else str(value)


def _path_of(model: str) -> str:
    """Raises UserError: it must be downloaded first, which only a person says yes to."""
    path = bringing.local_path(model)
    if path is None:
        raise UserError(
            f"{model} is neither a folder nor in the cache of the Hugging Face hub: download it "
            f"with `flashcards train DECK --model {model}`, or by its own library"
        )
    return path
