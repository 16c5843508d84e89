"""Candidates for the next piece, as bars; and what each piece of the answer cost, added up."""

import math
from collections.abc import Sequence

from rich.cells import cell_len

from flashcards.app.widgets.bars import bar
from flashcards.app.widgets.cells import (
    LIT,
    Row,
    cut,
    cut_row,
    fitting,
    padded,
    row_width,
    weightiest,
)
from flashcards.base.language import format_number, tr
from flashcards.runs.details import Candidate, Expectation
from flashcards.wording import pieces, updates
from flashcards.wording.numbers import chance, least_nats, nats

PERCENT_WIDTH = 9
MAX_PIECE_WIDTH = 14
REMARK_WIDTH = 24
LOGARITHM_WIDTH = 15  # −ln 0.0345 =
BAR_WIDTH = 4
N_AROUND_ERRORS = 4  # rows above and below those of the pieces


def place_row(expectations: tuple[Expectation, ...], place: int, width: int) -> Row:
    """The answer as far as it is given, the piece that is looked for, and a dot for each to come;
    the end is a piece, too, and named so that nobody counts it as a letter."""
    label = f"{tr('piece {n} of {of}:', n=place + 1, of=len(expectations))} "
    first = max(0, place - max(1, (width - cell_len(label)) // 6))
    read = [cut(pieces.visible(e.right), MAX_PIECE_WIDTH) for e in expectations[first:place]]
    row: Row = [
        (label + "…" * (first > 0), ".muted"),
        *((f" {text}", ".strong") for text in read),
        (" ", ""),
        (" ? ", LIT),
    ]
    to_come = [e.right for e in expectations[place + 1 :]]
    is_end_to_come = to_come[-1:] == [pieces.END]
    row.append((" ·" * (len(to_come) - is_end_to_come), ".muted"))
    if is_end_to_come:
        row.append((f" + {pieces.named(pieces.END)}", ".muted"))
    return cut_row(row, width)


def candidate_rows(expected: Expectation, width: int, height: int) -> list[Row]:
    """The likeliest pieces, one a row; the right one marked by shape, and always among them, behind
    a row that counts those between where there are any."""
    n = min(len(expected.candidates), height)
    candidates = list(expected.candidates[:n])
    is_apart = not any(candidate.is_right for candidate in candidates)
    if is_apart:
        candidates = candidates[: max(1, n - 2)]
    n_between = expected.rank - len(candidates) - 1
    texts = [pieces.named(candidate.text) for candidate in [*candidates, _right(expected)]]
    piece_width = min(MAX_PIECE_WIDTH, max(cell_len(text) for text in texts)) + 2
    rows = [
        _bar_row(candidate, i == 0, piece_width, width) for i, candidate in enumerate(candidates)
    ]
    if is_apart and n_between > 0 and len(rows) + 1 < height:
        rows.append([(updates.others(n_between), ".muted")])
    if is_apart:
        rows.append(_bar_row(_right(expected), False, piece_width, width))
    return spaced(rows, height)


def spaced(rows: list[Row], height: int) -> list[Row]:
    """The rows, an empty one between them where there is room."""
    if 2 * len(rows) - 1 > height:
        return rows
    return [row for line in rows for row in (line, [])][:-1]


def _right(expected: Expectation) -> Candidate:
    return Candidate(expected.right, expected.probability, True)


def _bar_row(candidate: Candidate, is_first: bool, piece_width: int, width: int) -> Row:
    remark = ""
    if candidate.is_right:
        remark = tr("◂ its guess, ✓ right") if is_first else tr("◂ the right one")
    elif is_first:
        remark = tr("◂ its guess")
    style = ".right" if candidate.is_right else ".wrong" if is_first else ".taught"
    length = max(0, width - piece_width - PERCENT_WIDTH - REMARK_WIDTH)
    text = cut(pieces.named(candidate.text), piece_width - 2)
    return [
        (padded(text, piece_width), ".strong" if remark else ""),
        (padded(chance(candidate.probability), PERCENT_WIDTH), ".strong" if remark else ""),
        *bar(candidate.probability, length, style, is_rounded=True, is_fine=True),
        (f" {cut(remark, REMARK_WIDTH - 1)}", style),
    ]


def places_table(expectations: tuple[Expectation, ...], width: int, height: int) -> list[Row]:
    texts = [pieces.named(e.right) for e in expectations]
    texts += [pieces.named(e.candidates[0].text) for e in expectations if e.candidates]
    piece_width = min(MAX_PIECE_WIDTH, max(8, *(cell_len(text) + 2 for text in texts)))
    column_width = piece_width + PERCENT_WIDTH
    heading: Row = [
        (padded(tr("it would say"), column_width + 2), ".muted"),
        (padded(tr("right"), column_width), ".muted"),
        (tr("its place in the list"), ".muted"),
    ]
    rows = [heading]
    n_rows = height - 1
    listed = expectations if len(expectations) <= n_rows else expectations[: n_rows - 1]
    for expected in listed:
        best = expected.candidates[0]
        is_right = expected.rank == 1
        style = ".right" if is_right else ".wrong"
        row: Row = [
            ("✓ " if is_right else "✗ ", style),
            (padded(cut(pieces.named(best.text), piece_width - 1), piece_width), style),
            (padded(chance(best.probability), PERCENT_WIDTH), ""),
            (padded(cut(pieces.named(expected.right), piece_width - 1), piece_width), ".strong"),
            (padded(chance(expected.probability), PERCENT_WIDTH), ""),
            (padded(format_number(expected.rank, ","), 7), ".strong"),
        ]
        length = min(30, width - row_width(row))
        column = bar(expected.probability, length, ".right", is_rounded=True, is_fine=True)
        rows.append([*row, *(column if length > 5 else [])])
    if len(listed) < len(expectations):
        named = updates.others(len(expectations) - len(listed))
        rows.append([(named, ".muted")])
    return spaced(rows, height)


def fact_rows(facts: tuple[tuple[str, str], ...], width: int, height: int) -> list[Row]:
    label_width = max(cell_len(label) for label, _ in facts) + 2
    rows: list[Row] = []
    for label, text in facts:
        row: Row = [(padded(label, label_width), ".muted")]
        rows.append([*row, (cut(text, width - label_width), ".strong")])
        if height >= 2 * len(facts):
            rows.append([])
    return rows


def error_intro(n_pieces: int, width: int, height: int) -> list[Row]:
    """Say what the chances of the rows below are of: a guess that went wrong at one piece says
    others than these. Nothing without room, or of a single piece."""
    text = tr("The chance it gives each right piece, if those before it are given:")
    has_room = height >= n_pieces + N_AROUND_ERRORS + 2 and cell_len(text) <= width
    return [[(text, ".strong")], []] if n_pieces > 1 and has_room else []


def error_rows(
    expectations: tuple[Expectation, ...],
    total_nats: float,
    width: int,
    height: int,
    *,
    n_choices: int,
    is_deep: bool = False,
) -> list[Row]:
    """A row a piece, of many the most surprising; then sum and mean. Deeper, the logarithm, too."""
    errors = [expected.error_nats for expected in expectations]
    indices = with_row(errors, max(1, height - 5))
    texts = [pieces.named(e.right) for e in expectations]
    piece_width = min(MAX_PIECE_WIDTH, max(7, *(cell_len(text) + 2 for text in texts)))
    indent = piece_width + PERCENT_WIDTH + LOGARITHM_WIDTH
    has_logarithm = is_deep and indent + len("12.34  ") + BAR_WIDTH <= width
    if not has_logarithm:
        indent -= LOGARITHM_WIDTH
    blind_nats = math.log(max(2, n_choices))
    start = padded(tr("piece"), piece_width) + padded(tr("chance"), PERCENT_WIDTH)
    meanings = [
        tr("error (0: no surprise; full bar: a blind guess)"),
        tr("error (full bar: a blind guess)"),
    ]
    if max(errors) > blind_nats:
        meanings = [f"{meaning}, ▸ {tr('more')}" for meaning in meanings]
    heading = start + (fitting(width - cell_len(start), *meanings) or meanings[-1])
    rows: list[Row] = [[(cut(heading, width), ".muted")]]
    others = sum(error for i, error in enumerate(errors) if i not in indices)
    is_nothing = all(nats(error) == nats(0.0) for error in errors)
    written_as = least_nats if is_nothing else nats  # zeros that add up to something look wrong
    for i in indices:
        expected = expectations[i]
        share = expected.error_nats / blind_nats
        logarithm = _logarithm(expected) if has_logarithm else ""
        sum_: Row = [
            (padded(cut(texts[i], piece_width - 1), piece_width), ".strong"),
            (padded(chance(expected.probability), PERCENT_WIDTH), ""),
            (logarithm, ".muted"),
            (f"{written_as(expected.error_nats):>5}  ", ".strong"),
        ]
        is_drawn = nats(expected.error_nats) != nats(0.0)  # an empty track is taken for a bar
        length = max(0, width - row_width(sum_)) if is_drawn else 0
        beyond: Row = [("━" * (length - 1) + "▸", ".nearly")] if length else []
        within = bar(share, length, ".nearly", is_rounded=True)
        rows.append([*sum_, *(beyond if share > 1 else within)])
    rows = spaced(rows, height - 4)
    if len(indices) < len(expectations):
        named = updates.others(len(expectations) - len(indices))
        rows.append([(padded(named, indent), ".muted"), (f"{nats(others):>5}", ".strong")])
    rows.append([(" " * indent + "─" * 5, ".track")])
    written = [*(errors[i] for i in indices), others]
    is_exact = nats(sum(round(error, 2) for error in written)) == nats(total_nats)
    arithmetic = " + ".join(map(nats, errors))
    total = _sum_row(total_nats, arithmetic, indent, width, is_exact=is_exact)
    n = len(expectations)
    mean: Row = [
        (padded(tr("the card"), indent), ".muted"),
        (f"{least_nats(total_nats / n):>5}", ".lit-text"),
    ]
    if is_nothing:
        return [*rows, [*mean, (f"   {tr('next to nothing')}", ".muted")]]
    division = f"   = {nats(total_nats)} / {tr('{n} pieces', n=n)}"
    if n > 1 and row_width(mean) + cell_len(division) <= width:
        mean.append((division, ".muted"))
    return [*rows, total, mean]


def with_row(weights: Sequence[float], n_rows: int) -> list[int]:
    """The places that get a row: all of them if they fit, else one row is for the others."""
    return weightiest(weights, n_rows - (len(weights) > n_rows))


def _sum_row(total_nats: float, arithmetic: str, indent: int, width: int, *, is_exact: bool) -> Row:
    sign = "=" if is_exact else "≈"
    total = f"{nats(total_nats):>5}"
    label = tr("sum")
    if " + " in arithmetic and indent + cell_len(total) + cell_len(arithmetic) + 5 <= width:
        tail = f"   {sign} {arithmetic}"
        return [(padded(label, indent), ".muted"), (total, ".strong"), (tail, ".muted")]
    label = padded(label, indent) if is_exact else padded(label, indent - 2) + "≈ "
    return [(label, ".muted"), (total, ".strong")]


def _logarithm(expected: Expectation) -> str:
    """−ln of its chance, with so many digits that the error beside it is what a calculator says."""
    probability = expected.probability
    written = "0"
    for digits in range(2, 7) if probability > 0 else ():
        rounded = float(f"{probability:.{digits}g}")
        written = format_number(probability, f".{digits}g")
        is_told = rounded != 1 or probability == 1
        if is_told and nats(0.0 - math.log(rounded)) == nats(expected.error_nats):
            return f"−ln {written:<9}= "
    return f"−ln {written:<9}≈ "
