"""What a log says that no update decides: who is taught what, what rivals score and answer.

All of it follows from a deck, so it is found out again from the deck in force. Writes nothing.
"""

from pathlib import Path

import msgspec

from flashcards.cards.card import Deck
from flashcards.cards.chapters import Difference, prompts_of
from flashcards.cards.format import parse
from flashcards.rivals.grading import Rivals, graded
from flashcards.runs.events import ChapterBegan, DeckChanged, RunStarted
from flashcards.runs.files import MAX_DECK_BYTES, read_file
from flashcards.runs.folder import RunFolder
from flashcards.runs.values import Rival, RivalAnswer
from flashcards.trainer.describing import chapter_event, described, with_problems
from flashcards.trainer.training_state import TrainingState
from flashcards.trainer.versions import errors_of

NEWER = ("description", "common")
"""Fields of a start that logs of earlier versions lack: there nothing is compared."""


class Recount:
    def __init__(self, folder: RunFolder) -> None:
        self._folder = folder
        self._described: tuple[Deck, RunStarted] | None = None
        self._graded: tuple[Deck, Rivals, tuple[Rival, ...]] | None = None

    def start(
        self, was: RunStarted, training: TrainingState, rivals: tuple[Rival, ...] | None = None
    ) -> RunStarted:
        """The start that was said, of what is taught now; where it stood is taken as it was.
        `rivals` are those that were known, when that is not the lookup table alone."""
        if self._described is None or self._described[0] is not training.deck:
            start = described(self._folder, training)
            self._described = (training.deck, start)
        now = self._described[1]
        if self._folder.info.chapter and training.deck.is_text:
            # a text read before: its file's name in the run may not be what it was read under
            now = msgspec.structs.replace(now, deck=was.deck, name=was.name)
        return msgspec.structs.replace(
            now,
            step=was.step,
            run=was.run,
            folder=was.folder,
            deck_path=was.deck_path,
            device=was.device,
            rivals=rivals or now.rivals,
            **{name: getattr(was, name) for name in NEWER if not getattr(was, name)},
        )

    def start_of_file(self, was: RunStarted, training: TrainingState) -> RunStarted:
        """The same where the deck's file had just been read: with its problems.
        Raises RunError: the file is gone. Raises OSError: it can't be read."""
        if training.deck.is_text:
            return self.start(was, training)
        path = self._folder.deck_version(training.memory.deck_file)
        name = Path(self._folder.info.deck_path).name
        problems = parse(read_file(path, MAX_DECK_BYTES), name).diagnostics
        return with_problems(self.start(was, training), errors_of(problems, name))

    def change(self, was: DeckChanged, training: TrainingState, changes: Difference) -> DeckChanged:
        """The change of the deck that was said, as it is; its notes and who asked as they were.
        Raises RunError or OSError: the deck's file can't be read."""
        start = self.start_of_file(was.start, training)
        if isinstance(was, ChapterBegan):
            now = chapter_event(training, start, was.file, changes)
            return msgspec.structs.replace(now, step=was.step)
        return msgspec.structs.replace(
            was,
            start=start,
            n_added=len(changes.added),
            n_changed=len(changes.changed),
            n_removed=changes.n_removed,
            prompts=prompts_of(changes, training.deck),
        )

    def scores(self, deck: Deck) -> tuple[Rival, ...]:
        return self._graded_on(deck)[1]

    def answers(self, deck: Deck, prompt: str) -> tuple[RivalAnswer, ...]:
        return self._graded_on(deck)[0].answers(prompt)

    def _graded_on(self, deck: Deck) -> tuple[Rivals, tuple[Rival, ...]]:
        if self._graded is None or self._graded[0] is not deck:
            rivals = Rivals(deck)
            scores = tuple(rival for rival in graded(rivals, deck) if rival is not None)
            self._graded = (deck, rivals, scores)
        return self._graded[1:]
