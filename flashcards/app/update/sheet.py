"""One picture a phase of one update, from what the trainer told of it. Knows no screen, no keys."""

from msgspec import Struct
from rich.cells import cell_len

from flashcards.app.update import adjustment_bars, candidate_bars
from flashcards.app.widgets import bars, heat
from flashcards.app.widgets.cells import (
    Row,
    Sheet,
    cut,
    cut_row,
    in_lines,
    padded,
    with_lit_keys,
    wrap,
    wrap_row,
)
from flashcards.base.keyed_text import KeyedText
from flashcards.base.language import tr
from flashcards.runs.details import Candidate, CardPiece, Reading
from flashcards.runs.events import UpdateDetails
from flashcards.runs.values import PHASES, Correction, Phase
from flashcards.wording import lesson, updates
from flashcards.wording.numbers import whole_percent
from flashcards.wording.pieces import (
    END,
    NO_LETTER,
    named,
    piece_labels,
    pieces,
    quoted_piece,
    visible,
)

MAX_TEXT_WIDTH = 14


class Tile(Struct, frozen=True):
    text: str
    style: str
    under: str = ""

    @property
    def width(self) -> int:
        text = cut(visible(self.text), MAX_TEXT_WIDTH)
        return max(1, cell_len(text), cell_len(self.under)) + 2


def tile_rows(tiles: list[Tile], width: int, n_rows: int) -> list[Row]:
    """The tiles in at most `n_rows` rows: boxed; without boxes when that is too much; then cut."""
    has_under = any(tile.under for tile in tiles)
    boxed = in_lines(tiles, lambda tile: tile.width, width - 2, 1)
    n_boxed = 4 if has_under else 3
    if len(boxed) * n_boxed <= n_rows:
        return [row for line in boxed for row in _boxed(line, has_under)]
    n_bare = 2 if has_under else 1
    bare = in_lines(tiles, lambda tile: tile.width, width, 0)
    n_lines = max(1, n_rows // n_bare)
    rows = [row for line in bare[:n_lines] for row in _bare(line, has_under)]
    n_left = sum(len(line) for line in bare[n_lines:])
    if n_left:
        more = f" … {n_left:,} more"
        line = bare[n_lines - 1]
        room = width - cell_len(more)
        fitting_tiles = [t for i, t in enumerate(line, 1) if sum(t.width for t in line[:i]) <= room]
        rows[-n_bare] = [*_bare(fitting_tiles, False)[0], (more, ".muted")]
    return rows[:n_rows]


def _boxed(line: list[Tile], has_under: bool) -> list[Row]:
    def rule(left: str, between: str, right: str) -> Row:
        return [(left + between.join("─" * tile.width for tile in line) + right, ".track")]

    middle: Row = [("│", ".track")]
    under: Row = [(" ", "")]
    for tile in line:
        middle += [(_centred(tile.text, tile.width), tile.style), ("│", ".track")]
        under.append((f"{tile.under:^{tile.width}} ", ".muted"))
    rows: list[Row] = [rule("┌", "┬", "┐"), middle, rule("└", "┴", "┘")]
    return [*rows, under] if has_under else rows


def _bare(line: list[Tile], has_under: bool) -> list[Row]:
    middle: Row = []
    for tile in line:
        middle += [(_centred(tile.text, tile.width - 1), tile.style), ("│", ".track")]
    under: Row = [(f"{tile.under:^{tile.width}}", ".muted") for tile in line]
    return [middle, under] if has_under else [middle]


def _centred(text: str, width: int) -> str:
    """Centred by what is drawn. A combining mark alone gets a base to sit on."""
    drawn = cut(visible(text), MAX_TEXT_WIDTH)
    if drawn and cell_len(drawn) == 0:
        drawn = "◌" + drawn
    space = max(0, width - cell_len(drawn))
    return " " * (space // 2) + drawn + " " * (space - space // 2)


MIN_ERROR_ROWS = 6  # heading, a piece, the others, a line, sum and mean
LENS_LABEL_WIDTH = 19
PERCENT_WIDTH = 8
MAX_PIECE_WIDTH = 10
MAX_ANSWER_WIDTH = 16  # of what was said so far, in a heading


class UpdateShown(Struct, frozen=True):
    """A phase of an update, or a message, which may name the key to press. `place`: of the
    answer, from 0, that MODEL and PREDICTION are told of; `layer`, `head`: whose attention is
    shown, from 0. `is_past`: what happened then is on its way, so that nobody is told of what
    happens in general. `is_broken`: corrections do harm."""

    phase: Phase = "data"
    details: UpdateDetails | None = None
    correction: Correction | None = None
    place: int = 0
    layer: int = 0
    head: int = 0
    is_deep: bool = False
    message: str = ""
    is_past: bool = False
    is_broken: bool = False

    @property
    def n_places(self) -> int:
        if self.details is None:
            return 0
        return sum(piece.role in ("answer", "end") for piece in self.details.pieces)

    @property
    def answer_so_far(self) -> str:
        """The right answer up to the place that MODEL and PREDICTION tell of."""
        if self.details is None:
            return ""
        labels = piece_labels(self.details.pieces)[: self.read_before() + 1]
        roles = [piece.role for piece in self.details.pieces]
        labelled = zip(labels, roles, strict=False)
        return "".join(label for label, role in labelled if role == "answer")

    @property
    def right(self) -> str:
        pieces = () if self.details is None else self.details.pieces
        after = self.read_before() + 1
        return piece_labels(pieces)[after] if after < len(pieces) else ""

    def read_before(self) -> int:
        """Index into the card's pieces of the last one read before the place."""
        if self.details is None:
            return 0
        first = sum(piece.role in ("prompt", "separator") for piece in self.details.pieces)
        return first - 1 + self.place


class UpdateSheet(Sheet[UpdateShown]):
    def draw(self, view: UpdateShown, width: int, height: int) -> list[Row]:
        if view.details is None or view.correction is None:
            style = "" if isinstance(view.message, KeyedText) else ".strong"
            message = wrap_row(with_lit_keys(view.message, style), width, height - 1)
            loop: list[Row] = []
            if not view.is_past:
                loop = loop_rows(width, height - len(message) - 2, is_broken=view.is_broken)
            return [[], *message, *([[], *loop] if loop else [])]
        rows = _picture(view, view.details, view.correction, width, height - 1)
        return [[], *rows] if len(rows) < height else rows[:height]


def loop_rows(width: int, height: int, *, is_broken: bool = False) -> list[Row]:
    """Say of each phase what happens in it, as long as there is no update to show it; [] where that
    has no room. `is_broken`: what an adjustment does when it is too large."""
    names = [tr(lesson.PHASES[phase][0]) for phase in PHASES]
    name_width = max(map(cell_len, names)) + 2
    rows: list[Row] = []
    for phase, name in zip(PHASES, names, strict=True):
        explained = lesson.explanation(phase)
        if is_broken and phase == "adjustment":
            explained = tr("The model's numbers move, now much too far: what it knew is destroyed.")
        lines = wrap(explained, max(1, width - name_width), height)
        labels = [name, *[""] * len(lines)]
        rows += [
            [(padded(label, name_width), ".muted"), (line, "")]
            for label, line in zip(labels, lines, strict=False)
        ]
        rows.append([])
    rows.pop()
    if len(rows) > height:
        rows = [row for row in rows if row]
    return rows if len(rows) <= height else []


def _picture(
    view: UpdateShown, details: UpdateDetails, correction: Correction, width: int, height: int
) -> list[Row]:
    reading, expectations = details.reading, details.expectations
    match view.phase:
        case "data":
            return data_rows(details, width, height, is_deep=view.is_deep)
        case "model" if reading is not None:
            return _model(view, details, reading, width, height)
        case "prediction" if expectations:
            if view.is_deep:
                return candidate_bars.places_table(expectations, width, height)
            place = min(view.place, len(expectations) - 1)
            heading = [candidate_bars.place_row(expectations, place, width), []]
            rows = candidate_bars.candidate_rows(expectations[place], width, height - len(heading))
            return [*heading, *rows]
        case "error" if expectations:
            total = details.error_nats or sum(e.error_nats for e in expectations)
            if not view.is_deep:
                intro = candidate_bars.error_intro(len(expectations), width, height)
                left = height - len(intro)
                return intro + candidate_bars.error_rows(
                    expectations, total, width, left, n_choices=details.n_choices
                )
            facts = updates.shares(expectations, details.n_choices)
            left = height - len(facts) - 1
            if left < MIN_ERROR_ROWS:
                return candidate_bars.fact_rows(facts, width, height)
            rows = candidate_bars.error_rows(
                expectations, total, width, left, n_choices=details.n_choices, is_deep=True
            )
            return [*rows, [], *candidate_bars.fact_rows(facts, width, len(facts))]
        case "adjustment" if details.adjustment is not None:
            if view.is_deep:
                return adjustment_bars.deep_rows(details.adjustment, correction, width, height)
            return adjustment_bars.adjustment_rows(details.adjustment, correction, width, height)
        case "repeat" if correction.change is not None:
            nudge = adjustment_bars.nudge_rows(correction, correction.change, width)
            if not view.is_deep:
                if details.adjustment is not None:
                    nudge.insert(2, adjustment_bars.moved_row(details.adjustment, width))
                rows = nudge + adjustment_bars.others_rows(correction.change, width)
                airy = [two for row in rows if row for two in (row, [])][:-1]
                return airy if len(airy) <= height else rows
            if correction.pieces:
                room = max(3, height - len(nudge) - adjustment_bars.N_RIPPLE_ROWS - 2)
                nudge += [[], *adjustment_bars.piece_rows(correction.pieces, width, room)]
            left = height - len(nudge) - 1
            return [*nudge, [], *adjustment_bars.ripple_rows(correction.change, width, left)]
        case _:
            return [[(cut(tr("this is being done just now"), width), ".muted")]]


def data_rows(details: UpdateDetails, width: int, height: int, *, is_deep: bool) -> list[Row]:
    front = [p for p in details.pieces if p.role in ("prompt", "separator")]
    back = [p for p in details.pieces if p.role in ("answer", "end")]
    room = max(1, height - 3)
    n_back = min(max(1, room // 2), len(tile_rows(_tiles(back, is_deep), width, room)))
    n_prompt = sum(piece.role == "prompt" for piece in front)
    n_answer = sum(piece.role == "answer" for piece in back)
    has_sign = any(piece.role == "separator" for piece in front)
    text = (
        "the front, which it sees, in {n} and →" if has_sign else "the front, which it sees, in {n}"
    )
    front_title = tr(text, n=pieces(n_prompt))
    has_filler = NO_LETTER in piece_labels(details.pieces)
    signs = [
        *([tr("◦ fills up: no letter")] if has_filler else []),
        *([tr("→ asks for the answer")] if has_sign else []),
        tr("⏎ the answer ends here"),
    ]
    back_title = tr(
        "the back, hidden from the model until it has guessed, in {n} and ⏎", n=pieces(n_answer)
    )
    rows: list[Row] = [[(cut(front_title, width), ".muted")]]
    rows += tile_rows(_tiles(front, is_deep), width, max(1, room - n_back))
    rows += [[], [(cut(back_title, width), ".muted")]]
    rows += tile_rows(_tiles(back, is_deep), width, n_back)
    note = tr("to the model each piece is only a number: enter shows which")
    if is_deep:
        note = tr("under each piece its number: all the model ever gets")
    for line in ("   ".join(signs), note):
        if len(rows) + 2 <= height:
            rows += [[], [(cut(line, width), ".muted")]]
    return rows


def _tiles(pieces: list[CardPiece], is_deep: bool) -> list[Tile]:
    styles = {"prompt": ".taught", "answer": ".strong", "separator": ".muted", "end": ".muted"}
    return [
        Tile(label, styles[piece.role], str(piece.id) if is_deep else "")
        for label, piece in zip(piece_labels(pieces), pieces, strict=True)
    ]


def _model(
    view: UpdateShown, details: UpdateDetails, reading: Reading, width: int, height: int
) -> list[Row]:
    if not view.is_deep:
        place = min(view.place, len(reading.emerging[0].places) - 1)
        question = tr("What comes first in the answer?")
        if place:
            question = tr(
                "What comes after {before}?",
                before=quoted_piece(view.answer_so_far, MAX_ANSWER_WIDTH),
            )
        text = "{asked} Right is {right}: the model can't see that."
        if view.right == END:
            text = "{asked} Nothing: the answer ends here. The model can't see that."
        question = tr(text, asked=question, right=quoted_piece(view.right))
        heading: Row = [(cut(question, width), ".title")]
        lens = lens_rows(reading, place, view.right, width, height - 2)
        return [heading, [], *lens]
    layer = min(view.layer, reading.n_layers - 1)
    head = min(view.head, reading.n_heads - 1)
    first = reading.first_attended
    labels = piece_labels(details.pieces)[first : reading.n_read]
    lit = min(len(labels) - 1, max(0, view.read_before() - first))
    title: Row = [
        (tr("layer {layer} of {n}", layer=layer + 1, n=reading.n_layers), ".strong"),
        (", ", ".muted"),
        (tr("attention head {head} of {n}", head=head + 1, n=reading.n_heads), ".strong"),
        ("   ", ""),
        (tr("· looks a little there, █ only there"), ".muted"),
    ]
    rows = reading.attended(layer, head)
    return [cut_row(title, width), *heat.triangle(rows, labels, lit, width, height - 1, first)]


def _marked(candidate: Candidate) -> str:
    """Text that a layer would say, with a tick where that is right."""
    text = cut(named(candidate.text), MAX_PIECE_WIDTH)
    return f"{text} ✓" if candidate.is_right else text


def lens_rows(reading: Reading, place: int, right: str, width: int, height: int) -> list[Row]:
    """A row a layer, of many the first, the last and some between, evenly. `right`: the right piece
    that comes next."""
    layers = reading.emerging
    if not layers or place >= len(layers[0].places):
        return []
    n_shown = max(2, min(len(layers), height - 1))
    step = (len(layers) - 1) / (n_shown - 1)
    drawn_layers = [layers[round(i * step)] for i in range(n_shown)]
    best = [layer.places[place][0] for layer in drawn_layers]
    texts = [_marked(candidate) for candidate in best]
    piece_width = max(cell_len(text) for text in texts) + 1
    guess_label = tr("likeliest")
    said_width = max(cell_len(guess_label) + 3, piece_width)
    bar_width = width - LENS_LABEL_WIDTH - said_width - PERCENT_WIDTH
    chance = tr("chance of {right}", right=quoted_piece(right))
    heading: Row = [
        (" " * LENS_LABEL_WIDTH, ""),
        (padded(guess_label, said_width), ".muted"),
        (cut(chance, max(0, bar_width + PERCENT_WIDTH)), ".muted"),
    ]
    rows = [heading]
    gap = min(2, max(0, (height - 1) // len(drawn_layers) - 1))
    for i, layer in enumerate(drawn_layers):
        label = tr("after round {n}", n=layer.layer)
        if layer.layer == 0:
            label = tr("before round 1")
        is_last = i == len(drawn_layers) - 1
        style = ".right" if best[i].is_right else ".wrong" if is_last else ".strong"
        odds = layer.right[place]
        row: Row = [
            (padded(label, LENS_LABEL_WIDTH), ".muted"),
            (padded(texts[i], said_width), style),
            (padded(whole_percent(odds), PERCENT_WIDTH), ".strong" if is_last else ""),
        ]
        if bar_width >= 6:
            row += bars.bar(odds, bar_width, ".right", is_rounded=True, is_fine=True)
        rows += [[] for _ in range(gap)]
        rows.append(row)
    return rows
