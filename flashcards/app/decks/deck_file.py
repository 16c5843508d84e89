"""Follows the deck's file while its lesson goes on: a save is read, judged, and passed on.

Judged here, in a thread, because a broken save is the app's to show; taught by the trainer, which
gets the text that was judged and not the file, since that may be another by then.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path

from flashcards.cards.diagnostics import written
from flashcards.cards.followed import FollowedDeck, judged
from flashcards.cards.shelf import DeckUnusable, read
from flashcards.runs.commands import AnyCommand, TakeDeck

LOOK_EVERY_S = 0.4


class DeckFile:
    """One lesson's deck file.
    `problem`: why the last save isn't taught, as `check` writes it; "" when it is."""

    def __init__(
        self,
        path: Path,
        send: Callable[[AnyCommand], None],
        on_judged: Callable[[], None] = lambda: None,
        *,
        is_new: bool = False,
    ) -> None:
        """A lesson goes on with the file as it is now when `is_new`, else from its next save on.

        `send` passes a changed deck on; `on_judged` is called after every save.
        """
        self.problem = ""
        self._path = path
        self._send = send
        self._on_judged = on_judged
        self._followed: FollowedDeck | None = None
        self._n_broken = 0
        self._is_new = is_new

    async def follow(self, every_s: float = LOOK_EVERY_S) -> None:
        """Look again and again, until cancelled."""
        await asyncio.to_thread(self._begin)
        while True:
            await asyncio.sleep(every_s)
            text = await asyncio.to_thread(self._look)
            if text is None:
                continue
            if not self.problem:
                self._send(TakeDeck(text=text))
            self._on_judged()

    def _begin(self) -> None:
        """A deck may be taught with broken lines: those it had are no reason to refuse a save."""
        self._followed = FollowedDeck(self._path, is_new=self._is_new)
        with contextlib.suppress(DeckUnusable):
            self._n_broken = len(judged(read(self._path), self._path.name))

    def _look(self) -> str | None:
        """The deck's new text, "" when it can't be one; None when nothing was saved."""
        assert self._followed is not None
        try:
            data = self._followed.new_version()
        except DeckUnusable as error:
            self.problem = written(error.diagnostics[0], self._path.name)
            return ""
        if data is None:
            return None
        problems = judged(data, self._path.name)
        is_fatal = any(problem.level == "fatal" for problem in problems)
        if is_fatal or len(problems) > self._n_broken:
            self.problem = written(problems[0], self._path.name)
            return ""
        self.problem = ""
        self._n_broken = len(problems)
        return data.decode("utf-8")
