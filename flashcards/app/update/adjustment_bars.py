"""What an update did to the model's numbers: bars for its parts; a table one level deeper."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from rich.cells import cell_len

from flashcards.app.widgets.bars import bar
from flashcards.app.widgets.cells import Row, cut, cut_row, padded, spread, weightiest
from flashcards.base.language import format_number, tr
from flashcards.runs.details import AdjustmentDetails, PartChange, PartName
from flashcards.runs.values import Correction, Push
from flashcards.wording import updates
from flashcards.wording.numbers import (
    UNKNOWN,
    column_percent,
    count,
    small,
    small_percent,
    weight_factor,
)
from flashcards.wording.pieces import PART_NAMES, quoted, visible

LABEL_WIDTH = 19
PLAIN_LABEL_WIDTH = 12
MOVED_WIDTH = len("0.000123 % ")
PUSH_LABEL_WIDTH = 15


@dataclass(frozen=True, slots=True)
class MovedPart:
    """A layer, or what lies before and behind them: how far it moved against its size.

    `where` is its name in a sentence.
    """

    name: str
    where: str
    relative: float
    is_most: bool = False


def adjustment_rows(
    details: AdjustmentDetails, correction: Correction, width: int, height: int
) -> list[Row]:
    """A bar for each layer, for what lies before and behind; then the pieces that were pushed."""
    pushes = _push_rows(correction, width)
    moved = plain_parts(details)
    gap = 1 if height >= 2 * len(moved) + len(pushes) + 3 else 0
    largest = max((part.relative for part in moved), default=0.0)
    title = tr("how far each part's numbers moved")
    caption = tr("longest bar: {size} of their size", size=small_percent(largest, 1))
    rows: list[Row] = [spread([(title, ".muted")], [(caption, ".muted")], width)]
    for part in moved[: max(0, height - 1)]:
        style = ".strong" if part.is_most else ""
        share = part.relative / largest if largest > 0 else 0.0
        length = max(0, width - PLAIN_LABEL_WIDTH - MOVED_WIDTH)
        rows += [[] for _ in range(gap)]
        rows.append(
            [
                (padded(part.name, PLAIN_LABEL_WIDTH), style),
                (padded(column_percent(part.relative), MOVED_WIDTH), style),
                *bar(share, length, ".lit-text" if part.is_most else ".taught"),
            ]
        )
    if pushes and height - len(rows) > len(pushes):
        rows += [[], *pushes]
    return rows


def plain_parts(details: AdjustmentDetails) -> list[MovedPart]:
    """Embedding, layers, head: a layer's attention and MLP taken together."""
    layers = sorted({part.layer for part in details.parts if part.layer})
    moved = []
    for layer in layers:
        own = [part for part in details.parts if part.layer == layer]
        changed = math.hypot(*(part.change_norm for part in own))
        weight = math.hypot(*(part.weight_norm for part in own))
        relative = changed / weight if weight > 0 else 0.0
        name = f"{tr('layer')} {layer}"
        moved.append(MovedPart(name, name, relative))
    outside = {part.name: part for part in details.parts if not part.layer}
    places: tuple[tuple[PartName, int, str], ...] = (
        ("embedding", 0, "how pieces go in"),
        ("head", len(moved) + 1, "how pieces come out"),
    )
    for part_name, place, where in places:
        part = outside.get(part_name)
        if part is not None:
            name = tr(PART_NAMES[part.name])
            moved.insert(place, MovedPart(name, tr(where), part.relative))
    most = max((one.relative for one in moved), default=0.0)
    return [replace(one, is_most=one.relative == most > 0) for one in moved]


def most_moved(details: AdjustmentDetails) -> str:
    """Where the numbers moved most, for a sentence; "" when nothing moved."""
    return next((one.where for one in plain_parts(details) if one.is_most), "")


def _push_rows(correction: Correction, width: int) -> list[Row]:
    change, pieces = correction.change, correction.pieces
    if change is None or not pieces:
        return []
    up, down = updates.told(change.up), updates.told(change.down)
    if not up and not down:
        return []
    worst = min(pieces, key=lambda piece: piece.before).text
    title = "at {piece}, where it erred most, a piece now weighs (×1: as before)"
    heading: Row = [(cut(tr(title, piece=quoted(worst)), width), ".muted")]
    return [heading] + [
        cut_row([(padded(label, PUSH_LABEL_WIDTH), ".muted"), *_pushes(pushes, style)], width)
        for label, pushes, style in (
            (f"▲ {tr('pushed up')}", up, ".right"),
            (f"▼ {tr('pushed down')}", down, ".wrong"),
        )
        if pushes
    ]


def _pushes(pushes: tuple[Push, ...], style: str) -> Row:
    row: Row = []
    for push in pushes:
        text = cut(visible(push.text), 12)
        row += [(f" {text}", ".strong"), (f" {weight_factor(push.change)}  ", style)]
    return row


def parts_table(details: AdjustmentDetails, width: int, height: int) -> list[Row]:
    columns = (tr("numbers"), tr("gradient"), tr("step"), tr("moved"), tr("direction"))
    column_width = max(MOVED_WIDTH, min(12, (width - LABEL_WIDTH) // len(columns)))
    n_columns = max(1, min(len(columns), (width - LABEL_WIDTH) // column_width))

    def line(name: str, cells: tuple[str, ...], style: str) -> Row:
        row: Row = [(padded(name, LABEL_WIDTH), style)]
        for text in cells[-n_columns:]:
            row.append((" " * (column_width - cell_len(text)) + text, style))
        return row

    def numbers(of: PartChange | AdjustmentDetails, relative: float) -> tuple[str, ...]:
        cosine = UNKNOWN if of.cosine is None else format_number(of.cosine, ".2f")
        return (
            count(of.n_numbers),
            small(of.gradient_norm),
            small(of.change_norm),
            column_percent(relative),
            cosine.replace("-", "−"),
        )

    weights = [(part.name != "gains", part.relative) for part in details.parts]
    parts = [details.parts[place] for place in weightiest(weights, height - 2)]
    return [
        line("", columns, ".muted"),
        *(line(updates.part(part), numbers(part, part.relative), "") for part in parts),
        line(tr("all of it"), numbers(details, details.relative_mean), ".strong"),
    ]
