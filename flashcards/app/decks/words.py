"""Sentences that several modules of this room say."""

from __future__ import annotations

from flashcards.base.language import tr
from flashcards.wording.numbers import count


def more(n: int, first: str) -> str:
    return first if n == 1 else tr("{first} · and {n} more", first=first, n=count(n - 1))


def no_editor(name: str, reason: str) -> str:
    return tr(
        "The editor {name} can't be started: {reason}. The one in here is open instead.",
        name=name,
        reason=reason,
    )
