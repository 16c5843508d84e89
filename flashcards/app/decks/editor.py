"""Writing a deck inside the app: problems in the margin, and how each card is read."""

import asyncio
import os
import re
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import ClassVar, Literal

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.strip import Strip
from textual.timer import Timer
from textual.widgets import Static, TextArea

from flashcards.app.decks.card_reading import DeckReading, Pieces, preview, read_text, texts_at
from flashcards.app.decks.keeping import KeepingLine, keeping_of
from flashcards.app.textual_fixes.screens import hidden as keys
from flashcards.app.widgets.cells import MUTED, Row, Sheet, cut, wrap
from flashcards.app.widgets.dialog import DIALOGS_CSS, Choice, ChoiceScreen, Dialog, Page
from flashcards.base import files
from flashcards.base.language import tr
from flashcards.cards import own_decks
from flashcards.cards.card_edits import CannotWrite, with_share_kept_back
from flashcards.cards.diagnostics import Diagnostic
from flashcards.cards.followed import TAUGHT_ALL_THE_SAME
from flashcards.cards.grammar import SEPARATOR, WHITE
from flashcards.cards.printable import hidden, printable, symbol
from flashcards.runs.events import TextsCut
from flashcards.wording.numbers import and_more, count

MARGIN = 2  # cells between the number of a line and its text
GAP = 3  # cells between a line's end and what is wrong with it
LEAST_ROOM = 12

_LOST = re.compile("[\v\f\x1c-\x1e\x85\u2028\u2029]")
_FENCE = re.compile(rf"[{WHITE}]*\+\+\+[{WHITE}]*")


def can_hold(text: str) -> bool:
    """Tell whether this widget gives the text back as it was: it parts lines at more characters."""
    bare = text.replace("\r\n", "\n")
    is_mixed = "\r" in bare or ("\r\n" in text and bare.count("\n") != text.count("\r\n"))
    return not is_mixed and _LOST.search(text) is None


def is_mild(problem: Diagnostic) -> bool:
    """Tell whether the line is taught all the same: ✗ is for one that is lost."""
    return problem.level == "warning" or problem.code in TAUGHT_ALL_THE_SAME


class DeckText(TextArea):
    BINDINGS = keys(ctrl_home="to_start", ctrl_end="to_end")

    def __init__(self, text: str, *, is_tabbed: bool) -> None:
        """`is_tabbed`: the TAB key writes a TAB, which parts the columns."""
        super().__init__(
            text,
            soft_wrap=False,
            show_line_numbers=True,
            tab_behavior="indent" if is_tabbed else "focus",
        )
        self.indent_type = "tabs" if is_tabbed else "spaces"
        self._problems: Mapping[int, Diagnostic] = {}

    def action_to_start(self) -> None:
        self.move_cursor((0, 0))

    def action_to_end(self) -> None:
        self.move_cursor(self.document.end)

    def change_lines(self, text: str) -> None:
        """Become this text by one edit, of the lines that differ; the cursor stays in its line."""
        old, new = self.text.splitlines(), text.splitlines()
        first = next(
            (i for i, pair in enumerate(zip(old, new, strict=False)) if pair[0] != pair[1]),
            min(len(old), len(new)),
        )
        n_same = 0  # lines at the end
        while n_same < min(len(old), len(new)) - first and old[-1 - n_same] == new[-1 - n_same]:
            n_same += 1
        lines = "".join(f"{line}\n" for line in new[first : len(new) - n_same])
        self.replace(lines, (first, 0), (len(old) - n_same, 0))

    def mark(self, problems: Mapping[int, Diagnostic]) -> None:
        if problems != self._problems:
            self._problems = problems
            self.refresh()

    def get_line(self, line_index: int) -> Text:
        """A line with notes dim and separators plain to see; nothing a terminal would obey."""
        raw = self.document.get_line(line_index)
        text = Text(raw if raw.isprintable() else _harmless(raw), end="", no_wrap=True)
        content = raw.lstrip(WHITE)
        if content[:1] in ("#", "[") or _FENCE.fullmatch(raw):
            text.stylize("dim" if content[:1] != "[" else "bold")
        else:
            for match in SEPARATOR.finditer(raw):
                if not match[1]:
                    text.stylize("bold", match.start(2), match.end(2))
        return text

    def render_line(self, y: int) -> Strip:
        strip = super().render_line(y)
        index = self.scroll_offset.y + y
        problem = self._problems.get(index + 1)
        if problem is None or index >= self.document.line_count:
            return strip
        is_warning = is_mild(problem)
        style = self.screen.get_component_rich_style("nearly" if is_warning else "wrong")
        start = self.gutter_width - MARGIN
        strip = _written_over(strip, start, "! " if is_warning else "✗ ", style)
        end = self.gutter_width + self.get_line(index).cell_len - self.scroll_offset.x + GAP
        room = strip.cell_length - end
        if room >= LEAST_ROOM and "\t" not in self.document.get_line(index):
            strip = _written_over(strip, end, cut("◂ " + problem.text, room), style)
        return strip


def _written_over(strip: Strip, start: int, text: str, style: Style) -> Strip:
    end = start + cell_len(text)
    under = next((part.style for part in strip.crop(start, end) if part.style), None)
    background = None if under is None else under.bgcolor
    new = Segment(text, Style(color=style.color, bgcolor=background, bold=True))
    middle = Strip([new], end - start)
    return Strip.join([strip.crop(0, start), middle, strip.crop(end, strip.cell_length)])


def _harmless(line: str) -> str:
    """The line, as long as it was, without a character that moves the cursor or cannot be seen."""
    chars = list(line)
    for index, char in hidden(line):
        if char != "\t":
            sign = symbol(char)
            chars[index] = sign if len(sign) == 1 else "·"
    return "".join(chars)


MAX_FILE_BYTES = 2_000_000
WIDE = 100  # columns from which on every key is named
PROBLEM_LINES, LEAST_NAME = 2, 8

READ_AFTER_S = 0.25  # reading waits for a pause in typing
Leaving = Literal["save", "drop", "stay"]
CutByLesson = Callable[[tuple[str, ...]], Awaitable[TextsCut | None]]  # None: no answer


class ReadingSheet(Sheet[tuple[DeckReading, int, TextsCut | None]]):
    def draw(
        self, view: tuple[DeckReading, int, TextsCut | None], width: int, height: int
    ) -> list[Row]:
        reading, line, cut_by_lesson = view
        problem = _problem_rows(reading, line, width)
        return [*problem, *preview(reading, line, width, cut_by_lesson)]


def _problem_rows(reading: DeckReading, line: int, width: int) -> list[Row]:
    """In two lines where it takes them: what to do stands at the end of a problem."""
    problems = reading.problems.get(line, [])
    if problems:
        is_warning = is_mild(problems[0])
        mark, style = ("! ", "$text-warning") if is_warning else ("✗ ", "$text-error")
        lines = wrap(and_more(len(problems), problems[0].text), width - len(mark), PROBLEM_LINES)
        starts = [mark, *[" " * len(mark)] * PROBLEM_LINES]
        return [
            [(start, f"bold {style}"), (text, style)]
            for start, text in zip(starts, lines, strict=False)
        ]
    nearest = reading.next_problem(line)
    if nearest is None:
        return [[(cut(tr("✓ every line is read as you see it below"), width), "$text-success")]]
    style = "$text-warning" if is_mild(nearest) else "$text-error"
    first = tr("line {line}: {text}", line=count(nearest.line), text=nearest.text)
    lines = wrap(and_more(len(reading.diagnostics), first), width, PROBLEM_LINES)
    return [[(text, style)] for text in lines]


def _kept_back_or_not(text: str, name: str) -> str:
    """The deck's text without its share that is kept back, or with the one that is offered.
    Raises CannotWrite: there is neither."""
    reading = read_text(text, name)
    share = 0.0 if reading.document.front.meta.held_out else reading.offer.share
    if not share and not reading.document.front.meta.held_out:
        raise CannotWrite("no share of this deck can be kept back")
    return with_share_kept_back(reading.document, share).document.text


class EditScreen(Dialog[None]):
    CSS_PATH = [DIALOGS_CSS, "decks.tcss"]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-even"), (30, "-tall")]  # noqa: RUF012
    COMPONENT_CLASSES: ClassVar[set[str]] = {"nearly", "wrong"}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", show=False, priority=True),
        Binding("escape", "leave", show=False, priority=True),
        Binding("f3", "keep_back", show=False),
        Binding("f8", "next_problem", show=False),
        Binding("ctrl+c", "quit", show=False),
    ]

    def __init__(
        self,
        path: Path,
        data: bytes,
        pieces: Pieces | None = None,
        cut_texts: CutByLesson | None = None,
    ) -> None:
        super().__init__()
        self._path = path
        self._saved = data
        self._pieces = pieces
        self._cut_texts = cut_texts
        self._cuts: dict[tuple[str, ...], TextsCut | None] = {}
        self._asking: tuple[str, ...] = ()
        self._reading: DeckReading | None = None
        self._note = tr("reading…")
        self._is_changed = False
        self._is_at_first_card = False
        self._may_replace = False
        self._reads_at: Timer | None = None
        self._in_order = asyncio.Lock()  # a key waits until the one before it is obeyed

    def compose(self) -> ComposeResult:
        with Page(classes="page edit"):
            yield Static(classes="dialog-title")
            is_tabbed = self._path.suffix.lower() == ".tsv"
            yield DeckText(self._saved.decode("utf-8"), is_tabbed=is_tabbed)
            yield KeepingLine()
            yield ReadingSheet()

    def on_mount(self) -> None:
        self._say()
        self.call_after_refresh(self.read_now)  # it moves the cursor, which needs a size

    @property
    def _data(self) -> bytes:
        return self.query_one(DeckText).text.encode("utf-8", "surrogatepass")

    # Reading what is written

    @on(TextArea.Changed)
    def note_change(self) -> None:
        self._may_replace = False
        if not self._is_changed:
            self._is_changed = True
            self._say()
        if self._reads_at is not None:
            self._reads_at.stop()
        self._reads_at = self.set_timer(READ_AFTER_S, self.read_now)

    def read_now(self) -> None:
        self._read(self.query_one(DeckText).text)

    @work(exclusive=True)
    async def _read(self, text: str) -> None:
        reading = await asyncio.to_thread(read_text, text, self._path.name, self._pieces)
        if not (self.query(DeckText) and self.query(".dialog-title")):
            return  # it was left while the thread was reading
        self._reading = reading
        self.query_one(KeepingLine).show(keeping_of(reading.deck, reading.offer))
        area = self.query_one(DeckText)
        deck = reading.deck
        if not self._is_at_first_card and deck is not None and deck.cards:
            self._is_at_first_card = True
            if area.cursor_location == (0, 0):  # what stands above is seldom what one came for
                area.move_cursor((deck.cards[0].line - 1, 0))
        area.mark({line: problems[0] for line, problems in reading.problems.items()})
        if area.text == text:
            self._is_changed = self._data != self._saved
        self._note = ""
        if deck is not None:
            n_held_out = len(deck.never_seen)
            self._note = tr(
                "{n_taught} to teach, {n_held_out} never taught",
                n_taught=count(len(deck.cards) - n_held_out),
                n_held_out=count(n_held_out),
            )
        self._say()
        self._show()

    @on(TextArea.SelectionChanged)
    def _show(self) -> None:
        if self._reading is None:
            return
        line = self.query_one(DeckText).cursor_location[0] + 1
        texts = texts_at(self._reading, line)
        self.query_one(ReadingSheet).show((self._reading, line, self._cuts.get(texts)))
        is_known = texts in self._cuts or texts == self._asking
        if texts and not is_known and self._cut_texts is not None:
            self._asking = texts
            self._ask_for_pieces(self._cut_texts, texts)

    @work(exclusive=True, group="pieces")
    async def _ask_for_pieces(self, cut_texts: CutByLesson, texts: tuple[str, ...]) -> None:
        cuts = await cut_texts(texts)
        if self.query(ReadingSheet):
            self._cuts[texts], self._asking = cuts, ()
            self._show()

    def _say(self) -> None:
        title = f"{tr('Edit')} "
        state = tr("not saved") if self._is_changed else tr("saved")
        facts = "   " + " · ".join(filter(None, (self._note, state))) + "   "
        keys = [("save", tr("ctrl+s save")), ("leave", tr("esc back"))]
        if self.size.width >= WIDE:
            keys.insert(1, ("next_problem", tr("F8 next problem")))
        n_keys = sum(len(key) for _, key in keys) + 3 * (len(keys) - 1)
        whole = self.size.width - 4 - n_keys
        room = whole - len(title + facts)
        if room < LEAST_NAME:
            title = ""
            room = whole - len(facts)
        if room < LEAST_NAME:
            facts = f"   {state}   "
            room = whole - len(facts)
        links = " · ".join(f"[@click=screen.{action}]{key}[/]" for action, key in keys)
        text = Content.assemble(
            (f"{title}{self._named(max(LEAST_NAME, room))}", "bold"),
            facts,
            Content.from_markup(f"[{MUTED}]{links}[/]"),
        )
        self.query_one(".dialog-title", Static).update(text)

    def _named(self, room: int) -> str:
        path = printable(str(self._path))
        home = printable(str(Path.home()))
        path = path.replace(home, "~", 1) if path.startswith(home + os.sep) else path
        return path if cell_len(path) <= room else cut(printable(self._path.name), room)

    def on_resize(self) -> None:
        self._say()

    # Keys

    def action_next_problem(self) -> None:
        if self._reading is None:
            return
        area = self.query_one(DeckText)
        problem = self._reading.next_problem(area.cursor_location[0] + 1)
        if problem is not None:
            area.move_cursor((problem.line - 1, problem.column - 1), center=True)

    @work(group="keep back")
    async def action_keep_back(self) -> None:
        """Write a share that is kept back into the deck, or take it out again."""
        area = self.query_one(DeckText)
        async with self._in_order:
            text = ""
            changed = area.text
            while text != area.text:  # somebody typed meanwhile
                text = area.text
                try:
                    changed = await asyncio.to_thread(_kept_back_or_not, text, self._path.name)
                except CannotWrite:
                    self.app.bell()
                    return
            area.change_lines(changed)

    def action_save(self) -> bool:
        data = self._data
        try:
            if not self._may_replace and self._path.read_bytes() != self._saved:
                self._may_replace = True
                warning = tr(
                    "Another program has saved this file since. ctrl+s once more replaces it."
                )
                self.notify(warning, severity="warning", timeout=8, markup=False)
                return False
        except OSError:
            # It is away: there is nothing to replace.
            self._may_replace = True
        try:
            own_decks.save(self._path, data)
        except files.Refused as refusal:
            self.notify(str(refusal), severity="error", timeout=8, markup=False)
            return False
        self._saved = data
        self._is_changed = False
        self._may_replace = False
        self._say()
        return True

    @work(exclusive=True, group="leave")
    async def action_leave(self) -> None:
        if await self._may_leave():
            self.dismiss(None)

    @work(exclusive=True, group="leave")
    async def action_quit(self) -> None:
        if await self._may_leave():
            await self.app.run_action("do('quit')")

    async def _may_leave(self) -> bool:
        if self.app.screen is not self:
            return False
        if self._data == self._saved:
            return True
        lost = tr("What you wrote since the last save is lost.")
        choices: tuple[Choice[Leaving], ...] = (
            Choice(tr("save and leave"), tr("The deck is what you see."), "save"),
            Choice(tr("leave without saving"), lost, "drop"),
            Choice(tr("cancel"), tr("Go on writing."), "stay"),
        )
        screen: ChoiceScreen[Leaving] = ChoiceScreen(tr("Leave the editor?"), "", choices)
        leaving = await self.app.push_screen_wait(screen)
        return leaving == "drop" or (leaving == "save" and self.action_save())
