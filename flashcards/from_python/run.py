"""A saved run as a program holds it: its exams, and its model, to be asked and exported."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Self

from flashcards.base.errors import UserError
from flashcards.export.formats import export_run
from flashcards.from_python.deck import Deck
from flashcards.plain.ask import Reply, answers_to, as_asked
from flashcards.runs import catalog, commands, events
from flashcards.runs.folder import RunFolder
from flashcards.runs.recording import Recording
from flashcards.runs.state import RunState
from flashcards.runs.values import AskOptions
from flashcards.trainer.again.traveller import learner_at
from flashcards.trainer.answered_deck import answered_text
from flashcards.trainer.questions.asking import answer
from flashcards.trainer.questions.prompts import PromptIndex
from flashcards.trainer.questions.varied import take_exam
from flashcards.trainer.training_state import TrainingState


class Run:
    """A run as it was saved when it was opened; `at` goes back to any of its steps.

    Attributes:
        path: Its folder.
    """

    def __init__(self, path: Path) -> None:
        """Open a run's folder. Raises UserError: it is none, or it can't be read."""
        self._folder = RunFolder.open(path)
        self.path = path
        self._opened: dict[int | None, tuple[TrainingState, PromptIndex]] = {}

    @classmethod
    def open(cls, name: str | Path, *, runs: str | Path | None = None) -> Self:
        """Open a run by its name, the end of its name (`7f3a`) or its path.
        `runs`: the folder of the runs; None is the platform's.
        Raises UserError: there is none, or several, or it can't be read."""
        root = catalog.runs_root(None if runs is None else str(runs))
        return cls(catalog.find_run(root, str(name)))

    @property
    def name(self) -> str:
        return self.path.resolve().name

    @cached_property
    def _recording(self) -> Recording:
        try:
            return Recording.open(self._folder)
        except OSError as error:
            raise UserError(f"{self.name} has lost its log: {error}") from error

    @property
    def step(self) -> int:
        """The number of its last update."""
        return self._recording.last_step

    @property
    def exams(self) -> list[events.ExamTaken]:
        """Every exam, oldest first. `seen` are cards that are taught, `unseen` cards kept back:
        each has `right` and `total`. `step` and `cards_taught` say when."""
        return [event for event in self._recording.events() if isinstance(event, events.ExamTaken)]

    def state(self, at: int | None = None) -> RunState:
        """All that is known of the run at a step; None is its end."""
        return self._recording.state_at(self.step if at is None else at)

    def ask(
        self,
        prompt: str,
        *,
        at: int | None = None,
        n: int = 1,
        temperature: float | None = None,
        bits: int = 0,
        without: str = "",
    ) -> events.PromptAnswered:
        """Ask the model as it was at step `at`; None is its end. A step that no state was kept of
        is trained again first.

        Args:
            n: So many answers are drawn: `spread` counts them, and the most frequent is `answer`.
            temperature: 0 takes the likeliest piece each time, 1 draws as likely as the model finds
                it. None is 1 where several answers are wanted, else 0.
            bits: The numbers of the model's matrices are rounded to so many; 0 leaves them.
            without: Heads of attention that give nothing: "attention" is all of them, "2" those of
                layer 2, "2.3" its head 3; several are separated by commas.

        Raises:
            UserError: The prompt is no text, empty or too long, an option is out of its range, or
                the step can't be had.
        """
        options = _options(n, temperature, bits, without)
        command = commands.Ask(request=0, prompt=as_asked(prompt), options=options)
        training, index = self._model(at)
        return answer(command, training, index)

    def ask_each(self, prompts: Sequence[str], *, at: int | None = None) -> list[Reply]:
        """Ask many prompts in one pass. Raises UserError: as `ask` does, before any is asked."""
        checked = [as_asked(prompt) for prompt in prompts]
        training, index = self._model(at)
        return list(answers_to(checked, training, index))

    def exam(
        self,
        *,
        at: int | None = None,
        n: int = 1,
        temperature: float | None = None,
        bits: int = 0,
        without: str = "",
    ) -> events.ExamVaried:
        """Examine the model once more: `seen` and `unseen` have `right` and `total`, `sureness`
        says how often it was right when it was about so sure. The options are those of `ask`.
        Raises UserError: as `ask` does, or the model reads texts and answers no cards."""
        options = _options(n, temperature, bits, without)
        training, _ = self._model(at)
        if why := training.deck.why_not("exam", training.deck.name):
            raise UserError(why)
        return take_exam(commands.TakeExam(options=options), training)

    def answered(self, deck: Deck, *, at: int | None = None, temperature: float = 0.0) -> Deck:
        """A deck with this model's answers to the cards that `deck` teaches, for another model to
        learn from, drawn at this temperature. Cards that are never taught keep their own answers;
        a card to which it says nothing is left out.
        Raises UserError: the model reads texts, or the deck has cards in both directions."""
        training, _ = self._model(at)
        with deck.as_file() as path:
            return Deck.from_text(deck.name, answered_text(path, training, temperature))

    def _model(self, at: int | None) -> tuple[TrainingState, PromptIndex]:
        if at not in self._opened:
            training = learner_at(self.path, at)
            self._opened = {at: (training, PromptIndex(training.deck))}  # one model at a time
        return self._opened[at]

    def export(
        self, to: str, target: str | Path, *, at: int | None = None, is_forced: bool = False
    ) -> Path:
        """Write the model or the numbers for other programs, and return the path.

        Args:
            to: "hf" (a folder for transformers), "adapter" (a folder for peft, of a model that
                others have trained), "gguf", "onnx", "tensorboard", "csv" or "parquet".
            target: The file or folder to write.
            at: The step of the model; None is the run's end.
            is_forced: Replace what is there.

        Raises:
            UserError: The run can't be written so, or the target is there already.
        """
        path = Path(target)
        export_run(self.path, to, path, at=at, is_forced=is_forced)
        return path


def _options(n: int, temperature: float | None, bits: int, without: str) -> AskOptions:
    """Raises UserError: an option is out of its range."""
    if temperature is None:
        temperature = 1.0 if n > 1 else 0.0
    try:
        return AskOptions(n_answers=n, temperature=temperature, bits=bits, without=without)
    except ValueError as error:
        raise UserError(str(error)) from None
