"""The card as paper: ruled, cream, dark ink in every theme, with the prompt in the middle."""

from __future__ import annotations

from dataclasses import dataclass

from flashcards.app.widgets.cells import Row, centred, cut, spread, wrap
from flashcards.app.widgets.sheet import Sheet


@dataclass(frozen=True, slots=True)
class CardView:
    """What is written on the card; `number` counts from 1, None on a cover."""

    prompt: str
    number: int | None = None
    section: str = ""
    stamp: str = ""
    is_lit: bool = False


class CardFace(Sheet[CardView]):
    """Number and section above the rule, the prompt, how often it was seen below."""

    def draw(self, view: CardView, width: int, height: int) -> list[Row]:
        number = "" if view.number is None else f"{view.number:,}"
        section = cut(view.section, width - len(number) - 1)
        head = spread([(number, ".ink-faint")], [(section, ".ink-faint")], width)
        rule: Row = [("━" * width if view.is_lit else "─" * width, ".ink-rule")]
        room = height - 3
        lines = wrap(view.prompt, width, room)
        above = (room - len(lines)) // 2
        prompt = [centred([(line, ".ink")], width) for line in lines]
        below = room - above - len(lines)
        foot = spread([], [(cut(view.stamp, width), ".ink-faint")], width)
        blank: Row = []
        return [head, rule, *[blank] * above, *prompt, *[blank] * below, foot]
