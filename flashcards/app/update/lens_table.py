"""The guess coming about: what the model would say if it stopped after each layer, as stairs."""

from __future__ import annotations

from rich.cells import cell_len

from flashcards.app.kit.bars import bar
from flashcards.app.kit.cells import Row, cut, padded, visible
from flashcards.language import tr
from flashcards.numbers import percent
from flashcards.runs.details import Reading

LABEL_WIDTH = 9
STAIR = 2
PERCENT_WIDTH = 8
MAX_PIECE_WIDTH = 10


def lens_rows(reading: Reading, place: int, width: int, height: int) -> list[Row]:
    layers = reading.emerging
    if not layers or place >= len(layers[0].places):
        return []
    n_shown = max(1, min(len(layers), height - 1))
    shown = layers[: n_shown - 1] + layers[-1:] if n_shown < len(layers) else layers
    texts = [visible(layer.places[place][0].text) for layer in shown]
    piece_width = min(MAX_PIECE_WIDTH, max(cell_len(text) for text in texts)) + 2
    stair = STAIR if width >= 60 else 1
    said_width = stair * (len(shown) - 1) + piece_width + PERCENT_WIDTH + 1
    said_width = max(
        said_width, cell_len(tr("if it stopped here, it would say")) + 3 if width >= 60 else 0
    )
    bar_width = width - LABEL_WIDTH - said_width - PERCENT_WIDTH
    heading: Row = [
        (" " * LABEL_WIDTH, ""),
        (padded(tr("if it stopped here, it would say"), said_width - 1) + " ", ".muted"),
        (cut(tr("chance of the right piece"), max(0, bar_width + PERCENT_WIDTH)), ".muted"),
    ]
    rows = [heading]
    gap = min(2, max(0, (height - 1) // len(shown) - 1))
    for i, layer in enumerate(shown):
        best = layer.places[place][0]
        label = tr("start") if layer.layer == 0 else f"{tr('layer')} {layer.layer}"
        is_last = i == len(shown) - 1
        style = ".right" if best.is_right else ".wrong" if is_last else ".strong"
        said = f" {cut(texts[i], piece_width - 2)} "
        left = " " * (stair * i)
        row: Row = [
            (padded(label, LABEL_WIDTH), ".muted"),
            (left, ""),
            (padded(said, piece_width), style),
            (padded(percent(best.probability), PERCENT_WIDTH), ".strong" if is_last else ".muted"),
        ]
        used = sum(cell_len(text) for text, _ in row) - LABEL_WIDTH
        row.append((" " * max(0, said_width - used), ""))
        right = layer.right[place]
        row.append((padded(percent(right), PERCENT_WIDTH), ".strong" if is_last else ""))
        if bar_width >= 6:
            row += bar(right, bar_width, ".right", is_rounded=True)
        rows += [[] for _ in range(gap)]
        rows.append(row)
    return rows
