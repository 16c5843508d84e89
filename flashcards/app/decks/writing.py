"""What the keys for writing decks do: edit the lesson's, begin a new one, teach what was written.

The editor is the user's own where there is one, else the one in here.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import SuspendNotSupported

from flashcards.app.decks import words
from flashcards.app.decks.external_editor import edit_away, editor_command
from flashcards.cards import own_decks, shelf
from flashcards.cards.diagnostics import written

if TYPE_CHECKING:
    from flashcards.app.app import FlashcardsApp


async def edit_lesson(app: FlashcardsApp, *, is_inside: bool) -> None:
    """Edit the lesson's deck; of a shipped one, a copy of the user's own.

    Args:
        is_inside: Whether the editor in here is wanted, whatever else there is.
    """
    path = await _lesson_path(app)
    if path is None:
        app.notify(words.deck_gone(app.lesson.request.deck), severity="warning", markup=False)
        return
    await edit_deck(app, path, is_inside=is_inside)


async def edit_deck(app: FlashcardsApp, path: Path, *, is_inside: bool = False) -> None:
    """Edit a deck, and begin a lesson on what was written when there is none."""
    if own_decks.is_shipped(path):
        await _edit_copy(app, path, is_inside=is_inside)
        return
    before = _bytes(path)
    await edit(app, path, is_inside=is_inside)
    start = app.state.start
    is_followed = start is not None and _is_file(Path(start.deck_path), path)
    if (not is_followed or app.lesson.is_over) and _bytes(path) != before:
        await _teach(app, path)


async def _edit_copy(app: FlashcardsApp, path: Path, *, is_inside: bool) -> None:
    copy = own_decks.copy_name(path)
    is_there = copy.is_file()
    if not await _wants_copy(app, path, copy, is_there):
        return
    try:
        own_decks.own_copy(path)
    except (own_decks.Refusal, shelf.DeckUnusable) as refusal:
        app.notify(str(refusal), severity="error", timeout=8, markup=False)
        return
    await edit(app, copy, is_inside=is_inside)
    if _bytes(copy) == _bytes(path):
        if not is_there:
            copy.unlink(missing_ok=True)
        app.notify(words.unchanged(path.stem), timeout=5, markup=False)
    else:
        await _teach(app, copy)


async def new(app: FlashcardsApp) -> None:
    """Ask for a name, write a deck of that name, edit it, teach it."""
    from flashcards.app.decks.new_deck import NewDeckScreen

    path = await app.push_screen_wait(NewDeckScreen())
    if path is not None:
        await edit(app, path)
        await _teach(app, path)


async def edit(app: FlashcardsApp, path: Path, *, is_inside: bool = False) -> None:
    """Let the user edit a file, in the editor of their own if there is one."""
    command = [] if is_inside else editor_command(os.environ)
    if command and shutil.which(command[0]) is None:
        missing = words.no_editor(command[0], os.strerror(2))
        app.notify(missing, severity="warning", timeout=8, markup=False)
        command = []
    if command:
        app.is_away = True
        try:
            problem = await edit_away(app, command, path)
        except SuspendNotSupported:
            pass
        else:
            app.is_away = False
            app.paint()
            if problem:
                app.notify(problem, severity="warning", timeout=8, markup=False)
            return
        finally:
            app.is_away = False
    await _edit_inside(app, path)


async def _edit_inside(app: FlashcardsApp, path: Path) -> None:
    from flashcards.app.decks.card_reading import pieces_of_run
    from flashcards.app.decks.deck_text import can_hold
    from flashcards.app.decks.editor import MAX_FILE_BYTES, EditScreen

    try:
        data = await asyncio.to_thread(shelf.read, path)
        is_held = can_hold(data.decode("utf-8"))
    except shelf.DeckUnusable as error:
        app.notify(str(error), severity="error", timeout=8, markup=False)
        return
    except UnicodeDecodeError:
        is_held = False
    if len(data) > MAX_FILE_BYTES or not is_held:
        too_big = words.too_big(MAX_FILE_BYTES // 1_000_000)
        said = too_big if is_held else words.not_text(path.name)
        app.notify(said, severity="warning", timeout=8, markup=False)
        return
    start, pieces, cut_texts = app.lesson.state.start, None, None
    if start is not None and _is_file(Path(start.deck_path), path):
        pieces = await asyncio.to_thread(pieces_of_run, Path(start.folder))
        cut_texts = app.lesson.cut_texts
    await app.push_screen_wait(EditScreen(path, data, pieces, cut_texts))


async def _lesson_path(app: FlashcardsApp) -> Path | None:
    """The deck's file; None when it is not there."""
    start = app.state.start
    if start is not None:
        path = Path(start.deck_path)
        return path if path.is_file() else None
    try:
        return await asyncio.to_thread(shelf.find, app.lesson.request.deck)
    except shelf.DeckNotFound:
        return None


async def _wants_copy(app: FlashcardsApp, path: Path, copy: Path, is_there: bool) -> bool:
    from flashcards.app.kit.choice import Choice, ChoiceScreen

    choices = (
        Choice("e", words.COPY, words.copy_does(copy.stem), True),
        Choice("c", words.CANCEL, words.STAY, False),
    )
    text = words.copy_text(path.stem, copy, is_there)
    screen: ChoiceScreen[bool] = ChoiceScreen(words.COPY_TITLE, text, choices)
    return await app.push_screen_wait(screen)


async def _teach(app: FlashcardsApp, path: Path) -> None:
    """Begin a lesson on a deck, unless it can't be taught as it is."""
    try:
        await asyncio.to_thread(shelf.load, path)
    except shelf.DeckUnusable as error:
        fatal = next(problem for problem in error.diagnostics if problem.level == "fatal")
        said = words.unusable(written(fatal, path.name), app.key_of("decks"))
        app.notify(said, severity="warning", timeout=12, markup=False)
        return
    app.open_deck(str(path))
    app.notify(words.begun(path.stem, path.parent), timeout=8, markup=False)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _is_file(one: Path, other: Path) -> bool:
    """Whether both are one file."""
    try:
        return one.samefile(other)
    except OSError:
        return False
