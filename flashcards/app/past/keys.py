"""What the keys for looking back do: a step, a marker, a bookmark."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flashcards.app.past import words
from flashcards.runs.commands import SetBookmark

if TYPE_CHECKING:
    from flashcards.app.app import FlashcardsApp


def move(app: FlashcardsApp, by: int) -> None:
    """Some steps back, or forward; at the live end there is nothing to go forward to."""
    if by > 0 and app.travel.step is None:
        return
    if _can_look_back(app):
        app.travel.move(by)


def go(app: FlashcardsApp, step: int) -> None:
    """To this step."""
    if _can_look_back(app):
        app.travel.go(step)


def jump(app: FlashcardsApp, way: int) -> None:
    """To a marker; beyond the last one live is followed."""
    if not _can_look_back(app) or app.travel.jump(way):
        return
    if way > 0 and app.travel.step is not None:
        app.travel.follow_live()
    else:
        app.notify(words.NO_MARKER, timeout=3, markup=False)


async def bookmark(app: FlashcardsApp) -> None:
    """Ask for a word, and set a bookmark at the step that is shown."""
    from flashcards.app.past.bookmark import BookmarkScreen

    if app.state.start is None:
        return
    step = app.state.step if app.travel.step is None else app.travel.step
    text = await app.push_screen_wait(BookmarkScreen(step))
    if text is not None:
        app.lesson.send(SetBookmark(step=step, text=text))
        app.notify(words.bookmarked(step), timeout=3, markup=False, kind="bookmark")


def _can_look_back(app: FlashcardsApp) -> bool:
    if app.state.start is not None and app.state.step > 0:
        return True
    app.notify(words.NOTHING_YET, timeout=3, markup=False)
    return False
