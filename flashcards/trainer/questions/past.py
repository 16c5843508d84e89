"""The answers of the saved states to a prompt, one state at a time. Changes nothing.

A second learner reads the states; the one that is taught is left alone.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec

from flashcards.cards.card import Deck
from flashcards.cards.grammar import as_taught
from flashcards.learner.learner import Learner
from flashcards.learner.saving import SavedError
from flashcards.runs import commands, events, values
from flashcards.runs.folder import RunError, RunFolder, read_state
from flashcards.trainer import training_state, versions

DeckAt = Callable[[int], Deck]


def keyframes(folder: RunFolder, at_most: int) -> list[tuple[int, Path]]:
    """All saved states, oldest first, one for each step."""
    return list(dict(folder.state_files(at_most, is_to_ask=True)).items())


def deck_reader(folder: RunFolder, training: training_state.TrainingState) -> DeckAt:
    """Gives the deck in force at a step; each version is read once, that of `training` never."""
    changes = folder.deck_changes()
    known = {training.memory.deck_file: training.deck}

    def deck_at(step: int) -> Deck:
        file = next((file for since, file in reversed(changes) if since <= step), "")
        if file not in known:
            known[file] = versions.load_version(folder, file)
        return known[file]

    return deck_at


def answers_of(
    prompt: str, reader: Learner, states: Sequence[tuple[int, Path]], deck_at: DeckAt
) -> Iterator[values.PastAnswer | None]:
    """Ask each state, in that order; None for one that is damaged."""
    for step, path in states:
        state = read_state(path)
        try:
            if state is None:
                raise SavedError(f"{path.name} is damaged")
            reader.read(state, deck_at(step))
        except (SavedError, RunError):
            yield None
            continue
        (reply,) = reader.answer_each([prompt])
        yield values.PastAnswer(step, reply.text, reply.probability)


class PastQuestion:
    def __init__(self, emit: Callable[[events.AnyEvent], None]) -> None:
        self._emit = emit
        self._question: commands.AskPast | None = None
        self._answers: list[values.PastAnswer] = []
        self._coming: Iterator[values.PastAnswer | None] = iter(())
        self._n_left = 0

    @property
    def is_busy(self) -> bool:
        return self._question is not None

    def ask(
        self,
        question: commands.AskPast,
        reader: Learner,
        states: Sequence[tuple[int, Path]],
        deck_at: DeckAt,
    ) -> None:
        """Begin to answer; a question not fully answered yet is dropped."""
        prompt = as_taught(question.prompt)
        self._question = msgspec.structs.replace(question, prompt=prompt)
        self._answers = []
        self._n_left = len(states)
        self._coming = answers_of(prompt, reader, states, deck_at)

    def work(self, step: int, learner: Learner | None = None) -> None:
        """Ask one more state, and say at this step what is known so far.
        The last that is asked is the model as it is now, if there is a `learner`."""
        question = self._question
        if question is None:
            return
        for answer in self._coming:
            self._n_left -= 1
            if answer is not None:
                self._answers.append(answer)
                break
        else:
            self._n_left = 0
            if learner is not None:
                (reply,) = learner.answer_each([question.prompt])
                now = values.PastAnswer(step, reply.text, reply.probability)
                self._answers = [a for a in self._answers if a.step < step] + [now]
                self._question = None
        if learner is None and self._n_left == 0:
            self._question = None
        self._emit(
            events.PastAnswered(
                step=step,
                request=question.request,
                prompt=question.prompt,
                answers=tuple(self._answers),
                n_left=self._n_left + (learner is not None and self.is_busy),
            )
        )
