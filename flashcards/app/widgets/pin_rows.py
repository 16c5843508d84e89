"""Pinned prompts, a line each: the answers over time, so that an idea is seen forming."""

from itertools import groupby

from msgspec import Struct
from rich.cells import cell_len

from flashcards.app.widgets.cells import Row, Sheet, cut, row_width, spread, wrap
from flashcards.base.language import tr
from flashcards.runs.events import PinAnswered, PinTaught
from flashcards.runs.state import PinnedPrompt, RunState
from flashcards.wording import lesson, numbers, updates

MAX_PROMPT_WIDTH = 24
N_TEACHERS = 6


class PinView(Struct, frozen=True):
    prompt: str
    turns: tuple[PinAnswered, ...] = ()
    taught: PinTaught | None = None

    @property
    def n_rows(self) -> int:
        return 1 if self.taught is None else 2


def pins_of(state: RunState, n: int) -> tuple[PinView, ...]:
    return tuple(
        PinView(pin.prompt, turns(pin), pin.taught) for pin in list(state.pins.values())[-n:]
    )


def turns(pin: PinnedPrompt) -> tuple[PinAnswered, ...]:
    """The answers that differ from the one before, and the newest of all."""
    alike = [
        [*same] for _, same in groupby(pin.answers.items, key=lambda answered: answered.answer)
    ]
    return (*(same[0] for same in alike[:-1]), *(same[-1] for same in alike[-1:]))


class PinRows(Sheet[tuple[PinView, ...]]):
    def draw(self, view: tuple[PinView, ...], width: int, height: int) -> list[Row]:
        rows: list[Row] = []
        for place, pin in enumerate(view):
            hint: Row = []
            if place == len(view) - 1:
                hint = [(tr("enter: how it came about"), ".muted")]
            rows.append(spread(_line(pin, width), hint, width))
            if pin.taught is not None:
                label = f"  {tr('learned from')} "
                (text,) = teachers(pin.taught, "", width - cell_len(label), 1, N_TEACHERS)
                rows.append([(label, ".muted"), (text, "")])
        return rows


def teachers(pin_taught: PinTaught, label: str, width: int, n_lines: int, n_most: int) -> list[str]:
    """Name the cards that taught a pinned one, as many as the lines hold, with their changes."""
    lines: list[str] = []
    for n in range(n_most, 0, -1):
        text = f"{label}{updates.taught_by(pin_taught, n)}"
        lines = wrap(text, width, n_lines)
        if " ".join(lines) == text:
            break
    return lines


def _line(pin: PinView, width: int) -> Row:
    prompt = cut(pin.prompt, MAX_PROMPT_WIDTH)
    row: Row = [(f"{tr('pinned')} ", ".muted"), (prompt, ".strong"), ("  ", "")]
    if not pin.turns:
        return [*row, (tr("not asked yet"), ".muted")]
    *before, last = pin.turns
    newest = _answer(last, ".strong", width // 2)
    newest.append((f" {numbers.chance(last.probability)}", ".muted"))
    room = width - row_width(row) - row_width(newest)
    parts: list[Row] = []
    for answered in reversed(before):
        part = [*_answer(answered, "", 16), (" ▸ ", ".muted")]
        if row_width(part) > room:
            break
        room -= row_width(part)
        parts.insert(0, part)
    if len(parts) < len(before) and room >= cell_len("… ▸ "):
        parts.insert(0, [("… ▸ ", ".muted")])
    return [*row, *(p for part in parts for p in part), *newest]


def _answer(answered: PinAnswered, style: str, width: int) -> Row:
    row: Row = [
        (f"{numbers.count(answered.step)} ", ".muted"),
        (cut(answered.answer or "–", width), style),
    ]
    if answered.mark is not None:
        row.append((f" {lesson.MARK_SIGNS[answered.mark]}", f".{answered.mark}"))
    return row
