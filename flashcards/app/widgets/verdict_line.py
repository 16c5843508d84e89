"""One sentence under everything: the verdict, what a phase does, or what went wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from flashcards.app.widgets.cells import Row, wrap
from flashcards.app.widgets.sheet import Sheet

Tone = Literal["calm", "verdict", "bad"]

_STYLES: dict[Tone, str] = {"calm": ".title", "verdict": ".strong", "bad": ".wrong"}


@dataclass(frozen=True, slots=True)
class VerdictView:
    """A sentence and how it is meant."""

    text: str = ""
    tone: Tone = "calm"


class VerdictLine(Sheet[VerdictView]):
    """The sentence, wrapped."""

    def draw(self, view: VerdictView, width: int, height: int) -> list[Row]:
        return [[(line, _STYLES[view.tone])] for line in wrap(view.text, width, height)]
