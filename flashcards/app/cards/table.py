"""The list of cards: one page of rows under their heads. Only what is on screen is drawn."""

from msgspec import Struct
from textual.message import Message
from textual.style import Style

from flashcards.app.widgets.bars import history_marks
from flashcards.app.widgets.cells import Part, Row, Sheet, cut, padded, row_width
from flashcards.base.language import tr
from flashcards.runs.values import CardRow
from flashcards.wording.lesson import stamp_label
from flashcards.wording.numbers import count

CURSOR = "▸ "
WIDE, WIDER, NARROW = 100, 140, 70

ORDER = ("card", "prompt", "answer", "stamp", "marks", "first", "forgotten", "relearned", "section")
RIGHT_ALIGNED = ("card", "marks", "first", "forgotten", "relearned")


class TableView(Struct, frozen=True):
    """One page of the list, or a `message`; a row is None while it is on its way. `top` and
    `cursor` are places in the list of `total` rows; `n_cards` in the deck make room for the largest
    number."""

    rows: tuple[CardRow | None, ...] = ()
    top: int = 0
    cursor: int = 0
    total: int = 0
    n_cards: int = 0
    has_sections: bool = False
    message: str = ""


class Column(Struct, frozen=True):
    name: str
    width: int
    head: str
    is_right: bool = False


def columns(width: int, n_cards: int, *, has_sections: bool) -> tuple[list[Column], str]:
    """The columns that fit, and the gap between them; prompt, answer and marks share the rest."""
    gap = "  " if width >= WIDE else " "
    is_long = width >= WIDER
    heads = {"card": tr("card"), "stamp": tr("known as")}
    if width >= NARROW:
        heads["first"] = tr("first right") if is_long else tr("first ✓")
        heads["forgotten"] = tr("forgotten") if is_long else tr("forgot")
        heads["relearned"] = tr("relearned") if is_long else tr("again")
    widths = {name: len(head) for name, head in heads.items()}
    widths["card"] = max(4, len(count(n_cards)), widths["card"])
    widths["stamp"] = len(stamp_label("not_yet_taught", 0))
    if has_sections and width >= WIDE:
        heads["section"], widths["section"] = tr("section"), 20 if is_long else 12
    left = width - len(CURSOR) - sum(widths.values()) - (len(widths) + 3) * len(gap)
    widths["marks"] = marks = min(31, max(10, left // 3))
    widths["prompt"] = max(4, (left - marks + 1) * 11 // 20)
    widths["answer"] = max(4, left - marks - widths["prompt"])
    heads |= {"prompt": tr("prompt"), "answer": tr("answer"), "marks": tr("marks")}
    return [
        Column(name, widths[name], heads[name], is_right=name in RIGHT_ALIGNED)
        for name in ORDER
        if name in widths
    ], gap


class CardTable(Sheet[TableView]):
    COMPONENT_CLASSES = {"cursor"}  # noqa: RUF012

    class Resized(Message):
        """Another number of rows fits."""

    @property
    def n_rows(self) -> int:
        return max(0, self.size.height - 1)

    def draw(self, view: TableView, width: int, height: int) -> list[Row]:
        drawn, gap = columns(width - 1, view.n_cards, has_sections=view.has_sections)
        head: Row = [(" " * len(CURSOR), "")]
        for column in drawn:
            head += [(_aligned(column.head, column), ".muted"), (gap, "")]
        if not view.rows:
            return [head, [], [(" " * len(CURSOR), ""), (cut(view.message, width), ".muted")]]
        bar = scroll_bar(view.top, len(view.rows), view.total, height - 1)
        rows = [head]
        for i in range(height - 1):
            row: Row = [(" " * (width - 1), "")]
            if i < len(view.rows):
                is_chosen = view.top + i == view.cursor
                row = card_row(view.rows[i], view.top + i, drawn, gap, is_chosen=is_chosen)
                row.append((" " * (width - 1 - row_width(row)), _styled("", is_chosen)))
            rows.append([*row, bar[i]])
        return rows

    def _style(self, name: str) -> Style:
        """A name that starts with `@` is drawn on the cursor's ground."""
        if name.startswith("@"):
            if name not in self._styles:
                # Not memoised by the name alone: the ground comes from this widget's own class.
                ground = self.get_visual_style("cursor", partial=True)
                self._styles[name] = super()._style(name[1:]) + ground if name[1:] else ground
            return self._styles[name]
        return super()._style(name)

    def on_resize(self) -> None:
        self.post_message(self.Resized())

    def place_at(self, screen_y: int) -> int | None:
        row = screen_y - self.region.y - 1
        if self._view is None or not 0 <= row < len(self._view.rows):
            return None
        return self._view.top + row


def card_row(
    card: CardRow | None, place: int, drawn: list[Column], gap: str, *, is_chosen: bool
) -> Row:
    """One card in these columns; one that is not known yet has its place in the list only."""
    row: Row = [(CURSOR if is_chosen else "  ", _styled(".strong", is_chosen))]
    for column in drawn:
        if card is None:
            text = "·" if column.name == "card" else ""
            row.append((_aligned(text, column), _styled(".muted", is_chosen)))
        elif column.name == "marks":
            marks = history_marks(card.history, column.width)
            row += [(text, _styled(style, is_chosen)) for text, style in marks]
        else:
            text, style = _cell(card, column.name)
            row.append((_aligned(text, column), _styled(style, is_chosen)))
        row.append((gap, _styled("", is_chosen)))
    return row


def _cell(card: CardRow, name: str) -> Part:
    step = card.first_right_step
    cells: dict[str, Part] = {
        "card": (count(card.card_index + 1), ".muted"),
        "prompt": (card.prompt, ".strong"),
        "answer": (card.answer, ""),
        "stamp": stamp_of(card),
        "first": ("–", ".muted") if step is None else (count(step), ""),
        "forgotten": (f"{count(card.n_forgotten)}×" if card.n_forgotten else "", ".wrong"),
        "relearned": (f"{count(card.n_relearned)}×" if card.n_relearned else "", ".right"),
        "section": (card.section, ".muted"),
    }
    return cells[name]


def stamp_of(card: CardRow) -> Part:
    if card.is_known_before:
        return tr("knew it before").upper(), ".strong"
    if card.is_never_seen:
        return stamp_label("held_out", 0), ".unseen"
    if card.times_seen:
        return stamp_label("seen", card.times_seen), ".taught"
    return stamp_label("not_yet_taught", 0), ".muted"


def scroll_bar(top: int, n_shown: int, total: int, height: int) -> Row:
    """A cell a row: where the page is in the list. Blank when all of it is shown."""
    if n_shown >= total or height <= 0:
        return [(" ", "")] * max(0, height)
    size = max(1, round(height * n_shown / total))
    start = round((height - size) * top / max(1, total - n_shown))
    return [
        ("█", ".title") if start <= i < start + size else ("│", ".track") for i in range(height)
    ]


def _aligned(text: str, column: Column) -> str:
    if not column.is_right:
        return padded(text, column.width)
    shown = cut(text, column.width)
    return " " * (column.width - len(shown)) + shown


def _styled(style: str, is_chosen: bool) -> str:
    return f"@{style}" if is_chosen else style
