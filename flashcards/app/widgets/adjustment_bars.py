"""What an update did to the model's numbers: bars for its parts; a table one level deeper."""

from __future__ import annotations

from rich.cells import cell_len

from flashcards.app import update_words as words
from flashcards.app.numbers import UNKNOWN, count, percent, signed, small
from flashcards.app.widgets.bars import bar
from flashcards.app.widgets.cells import Row, cut, cut_row, padded, visible
from flashcards.runs.details import AdjustmentDetails, PartChange
from flashcards.runs.values import Change, Push

LABEL_WIDTH = 19
MOVED_WIDTH = 9
PUSH_LABEL_WIDTH = 14


def adjustment_rows(
    details: AdjustmentDetails, change: Change | None, width: int, height: int
) -> list[Row]:
    """A bar a part, then the pieces that were pushed up and down."""
    pushes = [] if change is None else _push_rows(change, width)
    room = height - 1 - (len(pushes) + 1 if pushes else 0)
    parts = _fitting(details.parts, room)
    largest = max((part.relative for part in parts), default=0.0)
    rows: list[Row] = [[(cut(words.MOVED_TITLE, width), ".muted")]]
    for part in parts:
        is_most = part.layer == details.most_layer != 0
        share = part.relative / largest if largest > 0 else 0.0
        style = ".lit-text" if is_most else ".taught"
        length = max(0, width - LABEL_WIDTH - MOVED_WIDTH)
        rows.append(
            [
                (padded(words.part(part), LABEL_WIDTH), ".strong" if is_most else ""),
                (padded(percent(part.relative), MOVED_WIDTH), ".strong" if is_most else ""),
                *bar(share, length, style),
            ]
        )
    if pushes and height - len(rows) > len(pushes):
        rows.append([])
    return [*rows, *pushes]


def _push_rows(change: Change, width: int) -> list[Row]:
    return [
        cut_row([(padded(label, PUSH_LABEL_WIDTH), ".muted"), *_pushes(pushes, style)], width)
        for label, pushes, style in (
            (f"▲ {words.MOVED_UP}", change.up, ".right"),
            (f"▼ {words.MOVED_DOWN}", change.down, ".wrong"),
        )
        if pushes
    ]


def _pushes(pushes: tuple[Push, ...], style: str) -> Row:
    row: Row = []
    for push in pushes:
        row += [
            (f" {cut(visible(push.text), 12)}", ".strong"),
            (f" {signed(push.change)}  ", style),
        ]
    return row


def _fitting(parts: tuple[PartChange, ...], n_rows: int) -> list[PartChange]:
    """Those that fit: what belongs to a layer first, then those that moved most."""
    if len(parts) <= n_rows:
        return list(parts)
    ranked = sorted(range(len(parts)), key=lambda i: (parts[i].name == "gains", -parts[i].relative))
    kept = set(ranked[: max(0, n_rows)])
    return [part for i, part in enumerate(parts) if i in kept]


def parts_table(details: AdjustmentDetails, width: int, height: int) -> list[Row]:
    """Each part: how many numbers, gradient, step, relative change, direction."""
    columns = (words.N_NUMBERS, words.GRADIENT, words.STEP, words.MOVED, words.DIRECTION)
    column_width = max(9, min(12, (width - LABEL_WIDTH) // len(columns)))
    n_columns = max(1, min(len(columns), (width - LABEL_WIDTH) // column_width))

    def line(name: str, cells: tuple[str, ...], style: str) -> Row:
        row: Row = [(padded(name, LABEL_WIDTH), style)]
        for text in cells[-n_columns:]:
            row.append((" " * (column_width - cell_len(text)) + text, style))
        return row

    whole = (
        count(details.n_numbers),
        small(details.gradient_norm),
        small(details.change_norm),
        percent(details.relative_mean),
        _cosine(details.cosine),
    )
    parts = _fitting(details.parts, height - 2)
    return [
        line("", columns, ".muted"),
        *(
            line(
                words.part(part),
                (
                    count(part.n_numbers),
                    small(part.gradient_norm),
                    small(part.change_norm),
                    percent(part.relative),
                    _cosine(part.cosine),
                ),
                "",
            )
            for part in parts
        ),
        line(words.ALL_OF_IT, whole, ".strong"),
    ]


def _cosine(cosine: float | None) -> str:
    return UNKNOWN if cosine is None else f"{cosine:.2f}".replace("-", "−")
