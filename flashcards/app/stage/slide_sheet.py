"""A slide's headline and sentences, each as large as the screen allows. Knows no talk."""

from __future__ import annotations

from dataclasses import dataclass

from rich.cells import cell_len

from flashcards.app.widgets.cells import Row, centred, spread, wrap
from flashcards.app.widgets.letters import big_wrapped
from flashcards.app.widgets.sheet import Sheet

MARGIN = 2
_TYPEWRITTEN = {"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "—": "–"}
"""Marks that have no big letter of their own, and what stands for them."""


@dataclass(frozen=True, slots=True)
class SlideText:
    """What is on a slide; `place` is where in the talk it is ("3/14")."""

    title: str = ""
    text: tuple[str, ...] = ()
    place: str = ""


class SlideSheet(Sheet[SlideText]):
    def draw(self, view: SlideText, width: int, height: int) -> list[Row]:
        inner = max(1, width - 2 * MARGIN)
        room = max(1, height - 2)
        title = _title(view.title, inner, room if not view.text else room * 2 // 3)
        body = _body(view.text, inner, room - len(title) - (1 if title else 0))
        block = [*title, *([[]] if title and body else []), *body]
        n_above = max(0, room - len(block)) // 2
        rows: list[Row] = [[] for _ in range(n_above)]
        rows += [centred(row, width) for row in block][:room]
        rows += [[] for _ in range(height - 1 - len(rows))]
        return [*rows, spread([], [(f"{view.place} ", ".muted")], width)]


def _title(text: str, width: int, height: int) -> list[Row]:
    text = _typed(text)
    lines = big_wrapped(text, width, height, is_wide=True)
    lines = lines or big_wrapped(text, width, height, is_wide=False) or wrap(text, width, height)
    return [[(line, ".lit-text")] for line in lines if text]


def _body(texts: tuple[str, ...], width: int, height: int) -> list[Row]:
    for is_wide in (True, False):
        drawn = [big_wrapped(_typed(text), width, height, is_wide=is_wide) for text in texts]
        if all(drawn) and sum(map(len, drawn)) <= height:
            return [[(line, ".strong")] for lines in drawn for line in lines]
    paragraphs = [wrap(text, width, max(1, height)) for text in texts]
    widest = max((cell_len(line) for lines in paragraphs for line in lines), default=0)
    has_gaps = sum(map(len, paragraphs)) + len(paragraphs) - 1 <= height
    rows: list[Row] = []
    for lines in paragraphs:
        if rows and has_gaps:
            rows.append([])
        rows += [[(line + " " * (widest - cell_len(line)), ".strong")] for line in lines]
    return rows[: max(0, height)]


def _typed(text: str) -> str:
    return "".join(_TYPEWRITTEN.get(character, character) for character in text)
