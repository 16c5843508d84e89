"""The two kinds of lessons: about cards that are taught, and about a text that is read.

`lesson_about` decides which it is. What the trainer does otherwise for a text is in `TextLesson`
and in the classes that it names. Whether answers or rewards teach the cards is a matter of each
update: `Updates.make` in `update`.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import msgspec

from flashcards.cards import format as card_format, text
from flashcards.cards.card import Deck
from flashcards.cards.judges import Judge
from flashcards.runs import run_files, values
from flashcards.runs.events import ExamTaken, RunStarted
from flashcards.runs.folder import RunFolder
from flashcards.runs.verdict import Verdict, verdict
from flashcards.trainer import describing, exams, training_state, versions
from flashcards.trainer.schedule import Cost


class CardLesson:
    """A lesson that teaches cards and asks them.
    `opening`: how slowly its first cards are shown."""

    opening: ClassVar[tuple[tuple[int, values.Speed], ...]] = training_state.OPENING

    def __init__(self, deck: Deck) -> None:
        self._deck = deck

    def examiner(
        self, training: training_state.TrainingState, cost: Cost, judge: Judge | None
    ) -> exams.Examiner:
        return exams.Examiner(training, cost, judge)

    def started(self, folder: RunFolder, training: training_state.TrainingState) -> RunStarted:
        """Describe who is taught what, as the run's start does."""
        return describing.cards_started(folder, training)

    def named_as(self, was: RunStarted, now: RunStarted) -> RunStarted:
        """Return a later chapter's start, made again, with the names that can't be made again."""
        return now

    def verdict(self, exam: ExamTaken, rivals: Sequence[values.Rival]) -> Verdict:
        common = describing.common_answer(self._deck.own)
        return verdict(exam.seen, exam.unseen, rivals, common=common, known=exam.known)

    def copy_of(self, path: Path) -> tuple[str, bytes | Path]:
        """Return what the run folder keeps of the deck in this file: a file's name, its content."""
        return path.name, path.read_bytes()

    def problems(self, copy: Path, name: str) -> list[values.DeckProblem]:
        """Find the errors in a kept copy, the file of which was called `name`.
        Raises RunError or OSError: it can't be read."""
        parsed = card_format.parse(run_files.read_file(copy, run_files.MAX_DECK_BYTES), name)
        return versions.errors_of(parsed.diagnostics, name)


class TextLesson(CardLesson):
    """A lesson that reads a text, window by window, and asks for each next piece."""

    opening = ()  # a single window shows little

    def __init__(self, deck: text.TextDeck) -> None:
        self._text = deck

    def examiner(
        self, training: training_state.TrainingState, cost: Cost, judge: Judge | None
    ) -> exams.Examiner:
        return exams.TextExaminer(training, self._text, cost)

    def started(self, folder: RunFolder, training: training_state.TrainingState) -> RunStarted:
        return describing.text_started(folder, self._text, training.learner)

    def named_as(self, was: RunStarted, now: RunStarted) -> RunStarted:
        """Its file's name in the run may not be what it was read under."""
        return msgspec.structs.replace(now, deck=was.deck, name=was.name)

    def verdict(self, exam: ExamTaken, rivals: Sequence[values.Rival]) -> Verdict:
        return verdict(exam.seen, exam.unseen, rivals, is_text=True)

    def copy_of(self, path: Path) -> tuple[str, bytes | Path]:
        return path.name if text.is_text(path) else path.name + text.SUFFIX, path

    def problems(self, copy: Path, name: str) -> list[values.DeckProblem]:
        """A text that can be read has none."""
        return []


def lesson_about(deck: Deck) -> CardLesson:
    return TextLesson(deck) if isinstance(deck, text.TextDeck) else CardLesson(deck)


def started(folder: RunFolder, training: training_state.TrainingState) -> RunStarted:
    """Describe a run's learner and the deck in force, as the run's start does."""
    return lesson_about(training.deck).started(folder, training)
