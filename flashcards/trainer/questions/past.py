"""What the model of each saved state answers to a prompt, one state at a time. Changes nothing.

A second learner reads the states; the one that is taught is left alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec

from flashcards.cards.card import Deck
from flashcards.learner.learner import Learner
from flashcards.learner.saving import SavedError
from flashcards.runs.commands import AskPast
from flashcards.runs.events import PastAnswered
from flashcards.runs.folder import RunError, RunFolder, read_state
from flashcards.runs.values import PastAnswer
from flashcards.trainer.keeper import Keeper
from flashcards.trainer.questions.prompts import as_asked
from flashcards.trainer.training_state import TrainingState
from flashcards.trainer.versions import load_version

DeckAt = Callable[[int], Deck]


def keyframes(folder: RunFolder, at_most: int) -> list[tuple[int, Path]]:
    """Every state that is kept, and the newest, oldest first; one a step."""
    return list(dict(folder.state_files(at_most)).items())


def deck_reader(folder: RunFolder, training: TrainingState) -> DeckAt:
    """Gives the deck in force at a step, each version read once; the newest is there already."""
    changes = folder.deck_changes(training.learner.step)
    known = {training.memory.deck_file: training.deck}

    def deck_at(step: int) -> Deck:
        file = next((file for since, file in reversed(changes) if since <= step), "")
        if file not in known:
            known[file] = load_version(folder, file)
        return known[file]

    return deck_at


def answers_of(
    prompt: str, reader: Learner, states: Sequence[tuple[int, Path]], deck_at: DeckAt
) -> Iterator[PastAnswer | None]:
    """What each state says, in that order; None for one that is damaged."""
    for step, path in states:
        state = read_state(path)
        try:
            if state is None:
                raise SavedError(f"{path.name} is damaged")
            reader.read(state, deck_at(step))
        except (SavedError, RunError):
            yield None
            continue
        (said,) = reader.answer_each([prompt])
        yield PastAnswer(step, said.text, said.probability)


class Past:
    """The one question to the past that is being answered."""

    def __init__(self, training: TrainingState, keeper: Keeper) -> None:
        self._training = training
        self._keeper = keeper
        self._question: AskPast | None = None
        self._answers: list[PastAnswer] = []
        self._coming: Iterator[PastAnswer | None] = iter(())
        self._n_left = 0

    @property
    def is_busy(self) -> bool:
        """Whether there is more to `work` at."""
        return self._question is not None

    def ask(self, question: AskPast) -> None:
        """Begin; a question that is not answered yet is given up."""
        folder, learner = self._keeper.folder, self._training.learner
        self._question = msgspec.structs.replace(question, prompt=as_asked(question.prompt))
        states = keyframes(folder, learner.step)
        deck_at = deck_reader(folder, self._training)
        self._answers = []
        self._n_left = len(states)
        self._coming = answers_of(self._question.prompt, learner.reader(), states, deck_at)

    def work(self) -> None:
        """Ask one more state, and say what is known so far; the last is the model as it is now."""
        question, learner = self._question, self._training.learner
        if question is None:
            return
        for answer in self._coming:
            self._n_left -= 1
            if answer is not None:
                self._answers.append(answer)
                break
        else:
            (said,) = learner.answer_each([question.prompt])
            now = PastAnswer(learner.step, said.text, said.probability)
            self._answers = [a for a in self._answers if a.step < learner.step] + [now]
            self._question, self._n_left = None, 0
        self._keeper.emit(
            PastAnswered(
                step=learner.step,
                request=question.request,
                prompt=question.prompt,
                answers=tuple(self._answers),
                n_left=self._n_left + self.is_busy,
            )
        )
        self._keeper.flush()
