"""The change that an update made to the model's numbers, as bars and a table; and the nudge and the
ripple: what it did to its own card, and to all the others."""

import math

from msgspec import Struct
from msgspec.structs import replace
from rich.cells import cell_len

from flashcards.app.update.candidate_bars import with_row
from flashcards.app.widgets.bars import bar, changed_bar
from flashcards.app.widgets.cells import (
    Part,
    Row,
    cut,
    cut_row,
    fitting,
    padded,
    row_width,
    spread,
    weightiest,
    wrap,
)
from flashcards.base.language import format_number, tr
from flashcards.runs.details import AdjustmentDetails, PartChange, PartName
from flashcards.runs.values import (
    AnswerPiece,
    Change,
    Correction,
    GuessPiece,
    Mark,
    Ripple,
    text_of,
)
from flashcards.wording import lesson, updates
from flashcards.wording.numbers import (
    UNKNOWN,
    chances_apart,
    column_percent,
    count,
    odds_apart,
    odds_pair,
    signed,
    small,
    weight_factor,
)
from flashcards.wording.pieces import quoted_piece, visible, written

LABEL_WIDTH = 19
PLAIN_LABEL_WIDTH = 12
MOVED_WIDTH = len("0.000123 % ")
PUSH_LABEL_WIDTH = 18
MAX_PUSHED_WIDTH = 14
LEAST_SEEN = 0.5  # of a cell: bars that differ by less look alike


class MovedPart(Struct, frozen=True):
    """A part of the model, and how far it moved against its size; `where` in a sentence."""

    where: str
    relative: float
    is_most: bool = False


def adjustment_rows(
    details: AdjustmentDetails, correction: Correction, width: int, height: int
) -> list[Row]:
    """Show what the step did for the piece that it erred most at, and how little of the model it
    moved for that."""
    rows = _aim_rows(correction, width)
    title = tr("how far the model's numbers moved (% of their size)")
    if details.n_staying:
        title = tr("how far the numbers that learn moved (% of their size)")
    rows += [[] for _ in range(bool(rows))]
    rows.append(spread([(title, ".muted")], [(tr("a whole bar: 100 %"), ".muted")], width))
    rows.append(
        _bar_row(tr("all of it"), column_percent(details.relative), details.relative, width)
    )
    return rows[:height]


def _bar_row(label: str, text: str, share: float, width: int, style: str = ".lit-text") -> Row:
    """A label, a number in words and its bar; a share of more than all fills it."""
    length = max(0, width - PLAIN_LABEL_WIDTH - MOVED_WIDTH)
    return [
        (padded(label, PLAIN_LABEL_WIDTH), ".muted"),
        (padded(text, MOVED_WIDTH), ".strong"),
        *bar(min(1.0, share), length, style, is_fine=True),
    ]


def _aim_rows(correction: Correction, width: int) -> list[Row]:
    """Show how likely the piece that it erred most at was and is, and what is less likely now."""
    change, pieces = correction.change, correction.pieces
    if change is None or not pieces or not updates.noticeable((*change.up, *change.down)):
        return []
    place, where = _worst(pieces, correction.mark)
    piece = pieces[place]
    if piece.after is None:
        return _push_rows(correction, width)
    chance = tr("chance of {right}, which is right", right=quoted_piece(piece.text))
    before, after = odds_apart(piece.before, piece.after)
    rows: list[Row] = [
        [(cut(where, width), ".muted")],
        [(cut(chance, width), ".strong")],
        _bar_row(tr("was"), before, piece.before, width, ".taught"),
        _bar_row(tr("is now"), after, piece.after, width, ".right"),
    ]
    if down := updates.noticeable(change.down):
        fewer = "   ".join(cut(visible(push.text), MAX_PUSHED_WIDTH) for push in down)
        label = padded(f"▼ {tr('less likely')}", PUSH_LABEL_WIDTH)
        rows += [[], cut_row([(label, ".muted"), (fewer, ".wrong")], width)]
    return rows


def _worst(pieces: tuple[AnswerPiece, ...], mark: Mark | None) -> tuple[int, str]:
    """Find the piece that it erred most at: its place, and words for that. `mark`: of the guess."""
    place = min(range(len(pieces)), key=lambda i: pieces[i].before)
    given = "".join(written(piece.text) for piece in pieces[:place])
    where = tr("At the first piece")
    if given:
        where = tr("With {given} given", given=quoted_piece(given))
    text = "{where}, where it erred most:"
    if mark == "right":
        text = "{where}, where it was least sure:"
    return place, tr(text, where=where)


def plain_parts(details: AdjustmentDetails) -> list[MovedPart]:
    """Embedding, layers, head: a layer's attention and MLP taken together."""
    layers = sorted({part.layer for part in details.parts if part.layer})
    moved = []
    for layer in layers:
        own = [part for part in details.parts if part.layer == layer]
        changed = math.hypot(*(part.change_norm for part in own))
        weight = math.hypot(*(part.weight_norm for part in own))
        relative = changed / weight if weight > 0 else 0.0
        moved.append(MovedPart(f"{tr('layer')} {layer}", relative))
    outside = {part.name: part for part in details.parts if not part.layer}
    places: tuple[tuple[PartName, int, str], ...] = (
        ("embedding", 0, "how pieces go in"),
        ("head", len(moved) + 1, "how pieces come out"),
    )
    for part_name, place, where in places:
        part = outside.get(part_name)
        if part is not None:
            moved.insert(place, MovedPart(tr(where), part.relative))
    most = max((part.relative for part in moved), default=0.0)
    return [replace(part, is_most=part.relative == most > 0) for part in moved]


def most_moved(details: AdjustmentDetails) -> tuple[str, float] | None:
    most = next((part for part in plain_parts(details) if part.is_most), None)
    return None if most is None else (most.where, most.relative)


def _push_rows(correction: Correction, width: int, *, has_factors: bool = False) -> list[Row]:
    """Show which pieces the step pushes up and down where the model erred most; `has_factors`:
    what each weighs after it, against all others together."""
    change, pieces = correction.change, correction.pieces
    if change is None or not pieces:
        return []
    up, down = updates.noticeable(change.up), updates.noticeable(change.down)
    if not up and not down:
        return []
    place, where = _worst(pieces, correction.mark)
    right = pieces[place].text
    up = tuple(sorted(up, key=lambda push: push.text != right))  # what it is about first
    rows: list[Row] = [[(cut(where, width), ".muted")]]
    for label, pushed, style in (
        (f"▲ {tr('likelier')}", up, ".right"),
        (f"▼ {tr('less likely')}", down, ".wrong"),
    ):
        if pushed:
            row: Row = [(padded(label, PUSH_LABEL_WIDTH), ".muted")]
            for push in pushed:
                text = cut(visible(push.text), MAX_PUSHED_WIDTH)
                if push.text == right and pieces[place].after is not None and not has_factors:
                    before, after = odds_apart(pieces[place].before, pieces[place].after)
                    text = f"{text} {before} ▸ {after}"
                row.append((f"{text}   ", style))
                if has_factors:
                    row.append((f"{weight_factor(push.change)}   ", ".muted"))
            rows.append(cut_row(row, width))
    others = [quoted_piece(push.text) for push in up if push.text != right]
    if others:
        text = "{piece} is right. It shares numbers with {others}: they move along."
        why = tr(text, piece=quoted_piece(right), others=", ".join(others))
        rows += [[(line, ".muted")] for line in wrap(why, width, 2)]
    return rows


def deep_rows(
    details: AdjustmentDetails, correction: Correction, width: int, height: int
) -> list[Row]:
    """Every part's numbers; where there is room for all of them, also what the step pushes."""
    pushes = _push_rows(correction, width, has_factors=True)
    table = _parts_table(details, width, height)
    if pushes and len(table) == len(details.parts) + 2 and len(table) + 1 + len(pushes) <= height:
        return [*table, [], *pushes]
    return table


def _parts_table(details: AdjustmentDetails, width: int, height: int) -> list[Row]:
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
        line(tr("all of it"), numbers(details, details.relative), ".strong"),
    ]


NUDGE_LABEL_WIDTH = 12
CHANGE_WIDTH = 7
SMALLEST_NATS = 0.0005  # what is less would be written as 0.000: it is counted and not listed
N_RIPPLE_ROWS = 5  # title, heads, three cards a side


def nudge_rows(correction: Correction, change: Change, width: int) -> list[Row]:
    """Show what it says and how likely the right answer is, before the correction and after."""
    shares = change.probability_before, change.probability_after
    styles = ".strong", ".wrong" if shares[1] < shares[0] else ".right"
    guesses = [
        _guess_part(guess, correction, width // 3)
        for guess in (correction.guess, correction.guess_after)
    ]
    said_width = max(cell_len(tr("it says")), *(cell_len(text) for text, _ in guesses)) + 3
    odds = chances_apart(*shares)
    if odds[0] == odds[1]:
        styles = ".strong", ".strong"
    odds_width = max(map(cell_len, odds)) + 2
    room = max(0, width - NUDGE_LABEL_WIDTH - said_width)
    titles = tr("chance of the whole right answer"), tr("chance of the right answer")
    end = updates.end_counted(correction)
    title = padded(fitting(room, *(f"{title}{end}" for title in titles)), room)
    head = " " * NUDGE_LABEL_WIDTH + padded(tr("it says"), said_width) + title
    rows: list[Row] = [[(cut(head, width), ".muted")]]
    names = tr("PREDICTION"), tr("REPEAT")
    factor = updates.times_as_likely(*shares)  # in place of two bars that look alike
    for name, (text, mark), chance, share, style in zip(
        names, guesses, odds, shares, styles, strict=True
    ):
        row: Row = [(padded(name, NUDGE_LABEL_WIDTH), ".muted"), (padded(text, said_width), mark)]
        length = max(0, room - odds_width)
        row.append((padded(chance, odds_width), style))
        if factor and abs(shares[1] - shares[0]) * length < LEAST_SEEN:
            row.append((padded(factor if name == names[1] else "", length), style))
        else:
            row += bar(share, length, style, is_fine=True)
        rows.append(cut_row(row, width))
    return rows


def moved_row(details: AdjustmentDetails, width: int) -> Row:
    text = tr("{which} moved a little", which=updates.numbers_moved(details))
    if others := details.n_staying:
        n = details.n_moved
        text = tr("{n:,} numbers moved a little, {others:,} others stay", n=n, others=others)
    return [(cut(padded(tr("ADJUSTMENT"), NUDGE_LABEL_WIDTH) + text, width), ".muted")]


def _guess_part(guess: tuple[GuessPiece, ...] | None, correction: Correction, width: int) -> Part:
    """A guess with its mark; blank where it is not known."""
    if guess is None:
        return "", ""
    mark = correction.mark_of(guess)
    text = cut(visible(text_of(guess)) or lesson.nothing(), width)
    return f"{text} {lesson.MARK_SIGNS[mark]}", f".{mark}"


def others_rows(change: Change, width: int) -> list[Row]:
    """Show how many other cards the same step helped and hurt."""
    sides = [side for side in (change.ripple_taught, change.ripple_unseen) if side is not None]
    n = sum(side.n_measured for side in sides)
    if not n:
        return []
    n_helped, n_hurt = sum(side.n_helped for side in sides), sum(side.n_hurt for side in sides)
    of_these = (unseen.n_helped, unseen.n_hurt) if (unseen := change.ripple_unseen) else (0, 0)
    never_seen = [f" ({tr('{n} of them never taught', n=count(n))})" * (n > 0) for n in of_these]
    question = tr("What the same step did to {n} other cards:", n=count(n))
    counts = [
        (f"▲ {count(n_helped)} {tr('helped: surer of the right answer')}{never_seen[0]}", ".right"),
        (f"▼ {count(n_hurt)} {tr('hurt: less sure of it')}{never_seen[1]}", ".wrong"),
    ]
    if n_unchanged := n - n_helped - n_hurt:
        counts.append((f"= {count(n_unchanged)} {tr('unchanged')}", ".muted"))
    mean_nats = sum(side.n_measured * side.mean_change_nats for side in sides) / n
    return [
        [],
        [(cut(question, width), ".strong")],
        *([(cut(text, width), style)] for text, style in counts),
        [(cut(updates.mean_change(mean_nats, n_helped, n_hurt), width), ".strong")],
    ]


def piece_rows(pieces: tuple[AnswerPiece, ...], width: int, height: int) -> list[Row]:
    title = tr("piece by piece: how probable each was, before ▸ after")
    rows: list[Row] = [[(cut(title, width), ".muted")]]
    indices = with_row([abs((p.after or 0.0) - p.before) for p in pieces], height - 1)
    texts = [written(piece.text) for piece in pieces]
    piece_width = min(14, max(4, *(cell_len(text) + 2 for text in texts)))
    changed = [(i, pieces[i], odds_pair(pieces[i].before, pieces[i].after)) for i in indices]
    odds_width = max((cell_len(text) for *_, pair in changed for text in pair), default=0) + 1
    for i, piece, (before, after) in changed:
        if piece.after is None:
            continue
        style = ".wrong" if piece.after < piece.before else ".right"
        row: Row = [
            (padded(cut(texts[i], piece_width - 1), piece_width), ".strong"),
            (padded(before, odds_width), ""),
            ("▸ ", ".muted"),
            (padded(after, odds_width), style),
        ]
        row += changed_bar(piece.before, piece.after, max(0, width - row_width(row)))
        rows.append(row)
    if len(indices) < len(pieces):
        named = updates.others(len(pieces) - len(indices))
        rows.append([(f"{named}: {tr('they moved less')}", ".muted")])
    return rows


def ripple_rows(change: Change, width: int, height: int) -> list[Row]:
    helped, hurt = (
        [ripple for ripple in ripples if abs(ripple.change_nats) >= SMALLEST_NATS]
        for ripples in (change.helped, change.hurt)
    )
    title = tr("cards not in this update: their error (0: sure and right; no upper end)")
    rows: list[Row] = [[(cut(title, width), ".muted")]]
    n_rows = height - len(rows) - 1
    if n_rows < 1:
        return rows[:height]
    top = max((abs(ripple.change_nats) for ripple in (*helped, *hurt)), default=0.0)
    half = (width - 2) // 2
    heads: Row = [(padded(tr("helped: error fell by"), half), ".right"), ("  ", "")]
    heads.append((tr("hurt: error rose by"), ".wrong"))
    rows.append(heads)
    for i in range(min(n_rows, max(1, len(helped), len(hurt)))):
        rows.append([*_ripple(helped, i, top, half), ("  ", ""), *_ripple(hurt, i, top, half)])
    return rows


def _ripple(ripples: list[Ripple], i: int, top: float, width: int) -> Row:
    if i >= len(ripples):
        return [(padded("" if i else tr("none by 0.001 or more"), width), ".muted")]
    ripple = ripples[i]
    sign = "◆" if ripple.is_never_seen else "■"
    name_width = min(16, max(6, width // 2 - 2))
    share = abs(ripple.change_nats) / top if top > 0 else 0.0
    length = max(0, width - name_width - 3 - CHANGE_WIDTH)
    style = ".unseen" if ripple.is_never_seen else ".taught"
    return [
        (f"{sign} ", style),
        (padded(cut(visible(ripple.prompt), name_width), name_width + 1), ""),
        (padded(signed(ripple.change_nats)[1:], CHANGE_WIDTH), ".strong"),
        *bar(share, length, style, is_fine=True),
    ]
