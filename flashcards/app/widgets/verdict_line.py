"""One sentence under everything: the verdict, what a phase does, or what went wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from rich.cells import cell_len

from flashcards.app.widgets.cells import Row, cut, wrap
from flashcards.app.widgets.sheet import Sheet

Tone = Literal["calm", "verdict", "bad"]

MOST_LINES = 9

_STYLES: dict[Tone, str] = {"calm": ".title", "verdict": ".strong", "bad": ".wrong"}

ALARM = "bold reverse $text-error"
"""As the badge: it stands out without colour as well."""


@dataclass(frozen=True, slots=True)
class VerdictView:
    """A sentence, how it is meant, a word before it that stands out, and what is never cut off.

    Where all of the tail would cut the sentence, only what stands before its semicolon is said.
    """

    text: str = ""
    tone: Tone = "calm"
    lead: str = ""
    tail: str = ""


class VerdictLine(Sheet[VerdictView]):
    def draw(self, view: VerdictView, width: int, height: int) -> list[Row]:
        style = _STYLES[view.tone]
        lead = f"{view.lead} " if view.lead else ""
        lines = _with_tail(lead + view.text, view.tail, width, height)
        first, semicolon, _ = view.tail.partition(";")
        if semicolon and not " ".join(lines).startswith(lead + view.text):
            lines = _with_tail(lead + view.text, f"{first}.", width, height)
        rows: list[Row] = [[(line, style)] for line in lines]
        if lead and rows and rows[0][0][0].startswith(view.lead):
            rest = rows[0][0][0].removeprefix(view.lead)
            rows[0] = [(view.lead, ALARM if view.tone == "bad" else ".lit-text"), (rest, style)]
        return rows


def n_lines(view: VerdictView, width: int) -> int:
    """In how many lines nothing of the sentence is cut: with what stands before the semicolon."""
    first, semicolon, _ = view.tail.partition(";")
    whole = " ".join(filter(None, (view.lead, view.text, f"{first}." if semicolon else first)))
    return len(wrap(whole, width, MOST_LINES))


def _with_tail(text: str, tail: str, width: int, height: int) -> list[str]:
    """The text in so many lines, cut where it must be, and all of the tail."""
    lines = wrap(f"{text} {tail}".rstrip(), width, height)
    if not tail or lines[-1].endswith(tail):
        return lines
    *lines, last = wrap(text, width, height)
    room = width - cell_len(tail) - 1
    if cell_len(last) > room and len(lines) + 1 < height:
        return [*lines, last, tail]
    return [*lines, f"{cut(last, room)} {tail}"]
