"""One sentence under everything: the verdict, what a phase does, or what went wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from rich.cells import cell_len

from flashcards.app.kit.cells import Row, cut, wrap
from flashcards.app.kit.sheet import Sheet

Tone = Literal["calm", "verdict", "bad"]

_STYLES: dict[Tone, str] = {"calm": ".title", "verdict": ".strong", "bad": ".wrong"}

ALARM = "bold reverse $text-error"
"""As the badge: it stands out without colour as well."""


@dataclass(frozen=True, slots=True)
class VerdictView:
    """A sentence, how it is meant, a word before it that stands out, and what is never cut off."""

    text: str = ""
    tone: Tone = "calm"
    lead: str = ""
    tail: str = ""


class VerdictLine(Sheet[VerdictView]):
    """The sentence, wrapped; its leading word lit."""

    def draw(self, view: VerdictView, width: int, height: int) -> list[Row]:
        style = _STYLES[view.tone]
        lead = f"{view.lead} " if view.lead else ""
        lines = wrap(f"{lead}{view.text} {view.tail}".rstrip(), width, height)
        if view.tail and not lines[-1].endswith(view.tail):
            *lines, last = wrap(lead + view.text, width, height)
            room = width - cell_len(view.tail) - 1
            if cell_len(last) > room and len(lines) + 1 < height:
                lines += [last, view.tail]
            else:
                lines.append(f"{cut(last, room)} {view.tail}")
        rows: list[Row] = [[(line, style)] for line in lines]
        if lead and rows and rows[0][0][0].startswith(view.lead):
            rest = rows[0][0][0].removeprefix(view.lead)
            rows[0] = [(view.lead, ALARM if view.tone == "bad" else ".lit-text"), (rest, style)]
        return rows
