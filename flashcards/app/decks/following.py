"""A lesson's deck file while the lesson goes on: follows its saves, says what became of them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from flashcards import sentences
from flashcards.app.lesson import dialog_words as words

if TYPE_CHECKING:
    from flashcards.app.app import FlashcardsApp
    from flashcards.app.run.lesson import Lesson
    from flashcards.runs.events import DamageFound, DeckChanged, TeachingRefused


class DeckNews:
    """What of the deck's changes was told already, and of a state that was damaged."""

    def __init__(self) -> None:
        self._told_change: DeckChanged | None = None
        self._told_refusal: TeachingRefused | None = None
        self._told_damage: DamageFound | None = None

    def tell(self, app: FlashcardsApp) -> None:
        """Say what is new; what a dialog asked for, the dialog says."""
        change, refused, damage = app.state.deck_change, app.state.refused, app.state.damage
        if change is not None and change is not self._told_change:
            self._told_change = change
            if change.request == 0:
                app.notify(words.deck_changed(change), timeout=8, markup=False, kind="deck")
        if refused is not None and refused is not self._told_refusal:
            self._told_refusal = refused
            if refused.request == 0:
                app.notify(refused.text, severity="error", timeout=8, markup=False)
        if damage is not None and damage is not self._told_damage and app.lesson.viewer is None:
            self._told_damage = damage
            app.notify(sentences.damaged(damage), severity="warning", timeout=20, markup=False)


async def follow(app: FlashcardsApp, lesson: Lesson) -> None:
    """From the lesson's beginning; an own deck may have been saved since the run was left."""
    if lesson.viewer is not None:
        return
    from flashcards.app.decks.deck_file import LOOK_EVERY_S, DeckFile
    from flashcards.cards.shelf import shipped

    while lesson.state.start is None:
        await asyncio.sleep(LOOK_EVERY_S)
    path = Path(lesson.state.start.deck_path)
    is_own = path.parent.resolve() != shipped().resolve()
    is_new = is_own and lesson.request.resume is not None
    if is_new:
        is_new = not await asyncio.to_thread(_is_of_branch, path, Path(lesson.state.start.folder))
    deck_file = DeckFile(path, lesson.send, lambda: _judged(app), is_new=is_new)
    lesson.deck_file = deck_file
    await deck_file.follow()


def _is_of_branch(path: Path, run: Path) -> bool:
    """Whether the run left another one that was taught the deck as its file still is.

    What is different in the branch may be its deck: a file nobody saved doesn't undo that.
    """
    from flashcards.cards.shelf import DeckUnusable, read
    from flashcards.runs.folder import RunError, RunFolder

    try:
        folder = RunFolder.open(run)
        return bool(folder.info.parent) and folder.has_had_deck(read(path))
    except (OSError, DeckUnusable, RunError):
        return False


def _judged(app: FlashcardsApp) -> None:
    deck_file = app.lesson.deck_file
    if deck_file is not None and deck_file.problem:
        said = words.deck_broken(deck_file.problem)
        app.notify(said, severity="error", timeout=4, markup=False)
    else:
        app.lesson.go_on_after_the_end()
    app.paint()
