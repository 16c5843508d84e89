"""Changes the deck of a running lesson, between two updates: one card taught by hand, or all of it.

The new version is in the run folder before its event is in the log, and a state is saved right
after: a change that was seen is there when the run goes on, however it ended.
"""

import os
import stat
from collections.abc import Callable
from pathlib import Path

import msgspec

from flashcards.cards import card_edits, chapters, grammar, shelf
from flashcards.cards.card import Deck
from flashcards.cards.diagnostics import written
from flashcards.cards.format import parse
from flashcards.learner.settings import LearnerSettings, SettingsError
from flashcards.runs import catalog, events, run_files
from flashcards.runs.commands import TakeDeck, TeachCard
from flashcards.runs.marks import NOT_ASKED, pack
from flashcards.runs.values import DeckNote, DeckProblem
from flashcards.trainer import describing, judging, lesson_kinds, training_state, versions
from flashcards.trainer.keeper import Keeper
from flashcards.trainer.teaching import Teaching


class DeckRefused(Exception):  # noqa: N818
    """A deck that can't take the place of the one that is taught; the text is one sentence."""


class DeckEditor:
    """The one place where the deck of a lesson becomes another.
    Where that can't be logged, an OSError is raised."""

    def __init__(
        self,
        training: training_state.TrainingState,
        keeper: Keeper,
        teaching: Teaching,
    ) -> None:
        self._training = training
        self._keeper = keeper
        self._teaching = teaching
        self._source = Path(keeper.folder.info.deck_path)

    def obey(self, command: TeachCard | TakeDeck) -> bool:
        """Put a card into the deck and teach it, or take another version of it; or say why not.
        Whether the deck is another one now."""
        before = self._training.deck
        try:
            if why := self._training.deck.why_not("edit", self._source.name):
                raise DeckRefused(why)
            if self._keeper.folder.info.is_shuffled:
                raise DeckRefused("The answers of this run are shuffled among its cards.")
            if isinstance(command, TeachCard):
                self._add_card(command)
            else:
                self._take(command)
        except (card_edits.CannotWrite, DeckRefused) as problem:
            step = self._training.learner.step
            request = command.request if isinstance(command, TeachCard) else 0
            self._keeper.emit(events.TeachingRefused(step=step, request=request, text=str(problem)))
        self._keeper.flush()
        return self._training.deck is not before

    def _take(self, command: TakeDeck) -> None:
        data = command.text.encode("utf-8")
        if data != self._bytes():
            self.change_to(data)

    def _add_card(self, command: TeachCard) -> None:
        before = self._bytes()
        edit = card_edits.taught_by_hand(before, self._source.name, command.prompt, command.answer)
        prompt = grammar.as_taught(command.prompt)
        notes = (DeckNote("no_longer_held_out", (prompt,)),) if edit.was_never_seen else ()
        self.change_to(edit.data, request=command.request, notes=notes, source=self._update)

    def change_to(
        self,
        data: bytes,
        *,
        request: int = 0,
        notes: tuple[DeckNote, ...] = (),
        source: Callable[[bytes, bytes], DeckNote] | None = None,
    ) -> None:
        """Teach the deck in these bytes from here on.
        Cards are the same while their prompt is: they keep their history. Weights and tokenizer
        stay as they are.
        `source`: given the bytes before and now, writes the file that the deck came from, and gives
        a note of the outcome.
        Raises DeckRefused: it can't be taught; the old deck goes on.
        Raises OSError: the log can't be written."""
        training, keeper = self._training, self._keeper
        deck, problems = self._parsed(data)
        before = self._bytes()
        share_before = training.deck.meta.held_out
        deck, file, changes = self._keep_and_teach(deck, data)
        self._teaching.forget_exams()
        new = [deck.cards[i] for i in (*changes.added, *changes.changed)]
        texts = [text for card in new for text in (card.prompt, *card.answers)]
        notes = (*notes, *versions.unlearned_note(training.learner.tokenizer.unlearned(texts)))
        if deck.meta.held_out != share_before:
            notes = (*notes, *_taught_already(deck, training.deck))
        if source is not None:
            notes = (*notes, source(before, data))
        start = lesson_kinds.started(keeper.folder, training)
        start = describing.with_problems(start, problems)
        step = training.learner.step
        marks = remapped_marks(keeper.state.marks.latest, changes, training.deck.n_own)
        keeper.emit(
            events.DeckChanged(
                step=step,
                start=start,
                file=file,
                n_added=len(changes.added),
                n_changed=len(changes.changed),
                n_removed=changes.n_removed,
                prompts=chapters.prompts_of(changes, training.deck),
                notes=notes,
                request=request,
            )
        )
        if marks:
            keeper.emit(events.DeckMarked(step=step, marks=pack(marks)))
        self._teaching.save(is_anew=True)

    def _keep_and_teach(self, deck: Deck, data: bytes) -> tuple[Deck, str, chapters.Difference]:
        """Keep the deck in these bytes and teach it: as it is in the run folder, its file there,
        and what changed. The model keeps its settings, but new ones that no model can have are
        refused: no lesson could begin with this deck again.
        Raises DeckRefused: it can't be taught or kept."""
        training, folder = self._training, self._keeper.folder
        try:
            if deck.wishes != training.deck.wishes:
                LearnerSettings.for_deck(deck.own)
            earlier = folder.earlier_versions(training.memory.deck_file)
            file = folder.save_deck(self._source.name, data, earlier)
            judging.save_judge(folder, file, deck)
            judge = judging.kept_in(folder.path, file, deck)
            deck = msgspec.structs.replace(deck, judge=judge)
            return deck, file, versions.change(training, deck, file)
        except SettingsError as error:
            raise DeckRefused(f"The deck can't be taught like this: {error}.") from error
        except OSError as error:
            reason = error.strerror or str(error)
            raise DeckRefused(f"The run can't keep a changed deck: {reason}.") from error

    def _parsed(self, data: bytes) -> tuple[Deck, list[DeckProblem]]:
        name = self._source.name
        parsed = parse(data, name)
        if parsed.deck is None:
            fatal = next(problem for problem in parsed.diagnostics if problem.level == "fatal")
            raise DeckRefused(written(fatal, name))
        folder = self._keeper.folder
        deck = versions.as_of_run(parsed.deck, folder, folder.info.chapter)
        earlier = folder.earlier_versions(self._training.memory.deck_file)
        deck = versions.after(deck, folder, earlier)
        deck = msgspec.structs.replace(deck, judge=self._training.deck.judge)
        return deck, versions.errors_of(parsed.diagnostics, name)

    def _bytes(self) -> bytes:
        return self._training.deck.text.encode("utf-8", "surrogateescape")

    def _update(self, before: bytes, now: bytes) -> DeckNote:
        """Write the user's own deck file if it still has the taught deck; a note of the outcome."""
        path, info = self._source, self._keeper.folder.info
        if not catalog.was_begun_from(info.run, info.deck_path):
            return DeckNote("file_unknown")
        try:
            path = path.resolve(strict=True)
            if path.parent == shelf.shipped().resolve():
                return DeckNote("file_shipped")
            with path.open("rb") as file:
                mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
                if file.read(len(before) + 1) != before:
                    return DeckNote("file_changed", (path.name,))
            run_files.write_atomically(path, now, mode=mode)
        except OSError as error:
            reason = error.strerror or str(error)
            return DeckNote("file_unwritable", (self._source.name, reason))
        return DeckNote("file_has_it", (path.name,))


def _taught_already(written: Deck, taught: Deck) -> tuple[DeckNote, ...]:
    """Says that cards which the file marks as never taught are taught: they were taught before."""
    n = sum(
        file.is_never_seen and not card.is_never_seen
        for file, card in zip(written.cards, taught.cards, strict=True)
    )
    return (DeckNote("taught_before", n=n),) if n else ()


def remapped_marks(marks: bytes, changes: chapters.Difference, n_own: int) -> bytes:
    """The old deck's marks for the new one's own cards, `n_own` of them: one that came or changed
    was not asked yet."""
    if not marks:
        return b""
    changed = set(changes.changed)
    return bytes(
        NOT_ASKED if old is None or new in changed else marks[old]
        for new, old in enumerate(changes.before[:n_own])
    )
