"""The nudge and the ripple: what one update did to its own card and to all the others."""

from __future__ import annotations

from rich.cells import cell_len

from flashcards.app.update.candidate_bars import with_row
from flashcards.app.widgets.bars import bar, changed_bar
from flashcards.app.widgets.cells import Row, cut, padded, row_width, spread
from flashcards.base.language import tr
from flashcards.runs.values import AnswerPiece, Change, Correction, GuessPiece, Ripple
from flashcards.wording import updates
from flashcards.wording.lesson import nothing
from flashcards.wording.numbers import odds_pair, signed
from flashcards.wording.pieces import visible
from flashcards.wording.updates import others

LABEL_WIDTH = 13
CHANGE_WIDTH = 7
GAP = "     "
HEIGHT_TO_SPARE = 8
SMALLEST_NATS = 0.0005
"""What is less would be written as 0.000: it is counted and not listed."""


def nudge_rows(correction: Correction, change: Change, width: int) -> list[Row]:
    """Guess before, right answer with its probability before and after, guess after."""
    before, after = odds_pair(change.probability_before, change.probability_after)
    is_worse = change.probability_after < change.probability_before
    odds: Row = [
        (f"  {before} ", ""),
        ("▸ ", ".muted"),
        (f"{after} ", ".wrong" if is_worse else ".right"),
    ]
    if is_worse:
        odds.append((f"{tr('worse')} ", ".wrong"))
    room = width - LABEL_WIDTH
    answer_width = min(cell_len(visible(correction.answer)), max(6, room - row_width(odds) - 12))
    answer = cut(visible(correction.answer), answer_width)
    odds_row: Row = [(padded(tr("right"), LABEL_WIDTH), ".muted"), (answer, ".strong"), *odds]
    length = min(40, width - row_width(odds_row))
    if length >= 6:
        odds_row += changed_bar(change.probability_before, change.probability_after, length)
    rows = [_said_row(tr("it said"), correction.guess, correction, width), odds_row]
    if correction.guess_after is not None:
        rows.append(_said_row(tr("now it says"), correction.guess_after, correction, width))
    return rows


def _said_row(
    label: str, guess: tuple[GuessPiece, ...] | None, correction: Correction, width: int
) -> Row:
    row: Row = [(padded(label, LABEL_WIDTH), ".muted")]
    if guess is None:
        return row
    said = "".join(piece.text for piece in guess)
    is_right = said == correction.answer
    if guess is correction.guess and correction.mark is not None:
        is_right = correction.mark == "right"
    shown = cut(visible(said) or nothing(), width - LABEL_WIDTH - 2)
    style = ".right" if is_right else ".wrong"
    return [*row, (shown, style), (" ✓" if is_right else " ✗", style)]


def piece_rows(pieces: tuple[AnswerPiece, ...], width: int, height: int) -> list[Row]:
    """A row a piece: its probability before and after, as numbers and as a bar that moved."""
    title = tr("piece by piece: how probable each was, before ▸ after")
    rows: list[Row] = [[(cut(title, width), ".muted")]]
    kept = with_row([abs((p.after or 0.0) - p.before) for p in pieces], height - 1)
    texts = [visible(piece.text) for piece in pieces]
    piece_width = min(14, max(4, *(cell_len(text) + 2 for text in texts)))
    for i, piece in ((i, pieces[i]) for i in kept):
        if piece.after is None:
            continue
        before, after = odds_pair(piece.before, piece.after)
        style = ".wrong" if piece.after < piece.before else ".right"
        row: Row = [
            (padded(cut(texts[i], piece_width - 1), piece_width), ".strong"),
            (padded(before, 12), ""),
            ("▸ ", ".muted"),
            (padded(after, 10), style),
        ]
        row += changed_bar(piece.before, piece.after, max(0, width - row_width(row)))
        rows.append(row)
    if len(kept) < len(pieces):
        named = others(len(pieces) - len(kept))
        rows.append([(f"{named}: {tr('they moved less')}", ".muted")])
    return rows


def ripple_rows(change: Change, width: int, height: int) -> list[Row]:
    """How many others got better and worse, and the most of both side by side."""
    helped, hurt = _most(change, is_helped=True), _most(change, is_helped=False)
    title = tr("what the same nudge did to the error of other cards: less is better")
    rows: list[Row] = [[(cut(title, width), ".muted")]]
    rows += [[(line, ".strong")] for line in _side_lines(change, width, height)]
    n_rows = height - len(rows) - 1
    if n_rows < 1:
        return rows[:height]
    top = max((abs(ripple.change_nats) for ripple in (*helped, *hurt)), default=0.0)
    half = (width - 2) // 2
    heads: Row = [(padded(f"▲ {tr('helped most')}", half), ".right"), ("  ", "")]
    heads.append((f"▼ {tr('hurt most')}", ".wrong"))
    caption = tr("longest bar: {size}", size=signed(top).lstrip("+")) if top else ""
    rows.append(spread(heads, [(caption, ".muted")], width))
    none_helped, none_hurt = _none(change, is_helped=True), _none(change, is_helped=False)
    for i in range(min(n_rows, max(1, len(helped), len(hurt)))):
        left = _ripple(helped, i, top, half, none_helped)
        rows.append([*left, ("  ", ""), *_ripple(hurt, i, top, half, none_hurt)])
    return rows


def _none(change: Change, *, is_helped: bool) -> str:
    """What stands where no card is listed: there is none, or none that moved enough to be."""
    sides = [side for side in (change.ripple_taught, change.ripple_unseen) if side is not None]
    n = sum(side.n_helped if is_helped else side.n_hurt for side in sides)
    return tr("none by 0.001 or more") if n else tr("no other card")


def _side_lines(change: Change, width: int, height: int) -> list[str]:
    """Both sides in one line, or a line each; how many are as before, where there is room."""
    sides = [
        (side, name)
        for side, name in (
            (change.ripple_taught, f"■ {tr('seen')}"),
            (change.ripple_unseen, f"◆ {tr('never seen')}"),
        )
        if side is not None
    ]
    full = [updates.side(side, name, has_rest=True) for side, name in sides]
    short = [updates.side(side, name) for side, name in sides]
    if not sides or cell_len(GAP.join(full)) <= width:
        return [GAP.join(full)] if sides else []
    if height < HEIGHT_TO_SPARE and cell_len(GAP.join(short)) <= width:
        return [GAP.join(short)]
    return [
        whole if cell_len(whole) <= width else cut(brief, width)
        for whole, brief in zip(full, short, strict=True)
    ]


def _most(change: Change, *, is_helped: bool) -> list[Ripple]:
    """Of both sides the cards moved most, taught and never seen among one another."""
    sides = [side for side in (change.ripple_taught, change.ripple_unseen) if side is not None]
    if sides:
        ripples = [r for side in sides for r in (side.helped if is_helped else side.hurt)]
    else:
        ripples = list(change.helped if is_helped else change.hurt)
    ripples = [ripple for ripple in ripples if abs(ripple.change_nats) >= SMALLEST_NATS]
    return sorted(ripples, key=lambda ripple: ripple.change_nats, reverse=not is_helped)


def _ripple(ripples: list[Ripple], i: int, top: float, width: int, none: str) -> Row:
    if i >= len(ripples):
        return [(padded(cut(none, width) if i == 0 else "", width), ".muted")]
    ripple = ripples[i]
    sign = "◆" if ripple.is_never_seen else "■"
    name_width = min(16, max(6, width // 2 - 2))
    share = abs(ripple.change_nats) / top if top > 0 else 0.0
    length = max(0, width - name_width - 3 - CHANGE_WIDTH)
    style = ".unseen" if ripple.is_never_seen else ".taught"
    return [
        (f"{sign} ", style),
        (padded(cut(visible(ripple.prompt), name_width), name_width + 1), ""),
        (padded(signed(ripple.change_nats), CHANGE_WIDTH), ".strong"),
        *bar(share, length, style),
    ]
