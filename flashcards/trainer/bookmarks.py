"""The user's own marker, as the fact that is logged. Changes nothing of what is taught."""

from __future__ import annotations

from flashcards.cards.printable import printable
from flashcards.runs.commands import SetBookmark
from flashcards.runs.events import BookmarkSet

MAX_TEXT = 200


def bookmark(asked: SetBookmark, step: int) -> BookmarkSet:
    """The fact, at `step`; a moment that is still to come is this one."""
    at_step = asked.step if 0 <= asked.step < step else None
    return BookmarkSet(step=step, text=printable(asked.text)[:MAX_TEXT], at_step=at_step)
