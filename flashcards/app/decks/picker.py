"""The decks and texts: a line each, with how it went the last time; typing filters."""

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, ClassVar

from rich.cells import cell_len
from textual import on, work
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option, OptionDoesNotExist

from flashcards.app.decks.library import DeckRow, Library
from flashcards.app.textual_fixes.screens import PagedOptions, PromptInput, hidden
from flashcards.app.widgets import table
from flashcards.app.widgets.cells import (
    MUTED,
    Fitted,
    Part,
    Row,
    Sheet,
    cut,
    cut_row,
    padded,
    wrap,
)
from flashcards.app.widgets.dialog import DIALOGS_CSS, Choice, ChoiceScreen, Dialog, Page
from flashcards.app.widgets.table import Column
from flashcards.base import files
from flashcards.base.keyed_text import pieces_of
from flashcards.base.language import format_number, tr
from flashcards.cards import own_decks
from flashcards.cards.printable import printable
from flashcards.runs import folder, verdict
from flashcards.runs.catalog import RunSummary
from flashcards.runs.values import Score
from flashcards.wording.numbers import and_more, count, percent_right

TOPIC = 12
WHOLE_FRAME_S = 0.25  # for which the first frame waits: one with all decks in it costs half of two
PAINTED_S = 0.1  # between two frames of the list: reading decks takes turns with painting
SCROLLBAR = 1  # cells beside the list
NAME = 18  # cells that a deck's name wants at least; other columns make room for it
NAME_WITH_DESCRIPTION, MIN_WITH_DESCRIPTION = 30, 50
PLACES = {"here": "in this folder", "own": "your own", "shipped": "comes with flashcards"}


def columns(width: int, *, is_taught: bool = True) -> list[Column[DeckRow]]:
    """The columns that fit: first the topic goes, then the cards, so that a name can be read. Where
    a deck was never taught, one cell says so in place of its two scores."""
    topic: Column[DeckRow] = Column(
        tr("topic"), TOPIC, lambda row: (tr(row.entry.meta.topic), MUTED)
    )
    cards = _number(tr("cards"), lambda row: (_count(row.n_taught + row.n_held_out, row), ""))
    seen = _number(tr("right: TAUGHT"), lambda row: (_share(row.seen), "bold"))
    unseen = _number(tr("never taught").upper(), lambda row: (_share(row.unseen), "bold"))
    scores = [seen, unseen]
    if not is_taught:
        both = seen.width + unseen.width
        scores = [Column("", both, lambda row: (f"  {_last_time(row)}", MUTED))]
    for others in ([topic, cards, *scores], [cards, *scores], scores, []):
        room = width - sum(column.width for column in others)
        if room >= NAME:
            break
    if room < MIN_WITH_DESCRIPTION:
        return [_name(room), *others]
    about = Column(f"  {tr('what is in it')}", room - NAME_WITH_DESCRIPTION, _description)
    return [_name(NAME_WITH_DESCRIPTION), *others, about]


def _number(head: str, cell: Callable[[DeckRow], Part]) -> Column[DeckRow]:
    return Column(head, max(7, len(head) + 2), cell, is_right=True)


def _name(width: int) -> Column[DeckRow]:
    def cell(row: DeckRow) -> Row:
        mark = "✗ " if not row.is_usable else "! " if row.n_problems else ""
        style = "bold $text-warning" if row.is_usable else "bold $text-error"
        return [(mark, style), (padded(row.entry.name, width - len(mark) - 1) + " ", "bold")]

    return Column(tr("deck"), width, cell)


def _description(row: DeckRow) -> Part:
    return f"  {tr(row.entry.meta.description)}", MUTED


def heading(width: int) -> Row:
    return table.heading(columns(width), "", MUTED)


def _heading(width: int) -> Row:
    return heading(width - SCROLLBAR)


def line(row: DeckRow, width: int) -> Row:
    drawn = columns(width, is_taught=row.step is not None)
    if row.is_usable:
        return table.line(drawn, row, "")
    name = drawn[0]
    return [*table.line([name], row, ""), (cut(row.problem, width - name.width), "$text-error")]


def _share(score: Score | None) -> str:
    return "–" if score is None else percent_right(score)


def _count(n: int, row: DeckRow) -> str:
    text = "–" if n == 0 else format_number(n, ",")
    return f"~{text}" if row.is_estimate and n else text


def _short(path: Path) -> str:
    with contextlib.suppress(ValueError):
        return str("~" / path.resolve().relative_to(Path.home()))
    return str(path)


class DeckDetails(Sheet[DeckRow]):
    def draw(self, view: DeckRow, width: int, height: int) -> list[Row]:
        meta = view.entry.meta
        name = printable(view.entry.name)
        file = printable(view.entry.path.name)
        title: Row = [(name, "bold"), (f"  {file}", MUTED)]
        rows: list[Row] = [cut_row(title, width)]
        if view.n_problems:
            style = "$text-warning" if view.is_usable else "$text-error"
            text = and_more(view.n_problems, view.problem)
            text = text if view.is_usable else f"{tr('✗ cannot be taught')}: {text}"
            rows += [[(part, style)] for part in wrap(text, width, 2)]
        room = height - len(rows) - 1
        about = tr(meta.description)
        rows += [[(part, "")] for part in wrap(about, width, room) if about]
        facts = [*filter(None, [tr(meta.topic)]), _last_time(view), tr(PLACES[view.entry.place])]
        if view.entry.place != "shipped":
            facts.append(_short(view.entry.path))
        facts += [text for text in (meta.source, meta.license) if text]
        while len(facts) > 1 and cell_len(" · ".join(facts)) > width:
            facts.pop()
        return [*rows, [(cut(" · ".join(facts), width), MUTED)]]


def _last_time(row: DeckRow) -> str:
    if row.is_hidden:
        return tr("result hidden")
    if row.step is None:
        return tr("not read yet") if row.is_text else tr("not taught yet")
    scores = []
    if row.seen is not None and row.seen.total:
        scores.append(tr("TAUGHT {seen}", seen=verdict.fraction(row.seen)))
    if row.unseen is not None and row.unseen.total:
        scores.append(tr("NEVER TAUGHT {unseen}", unseen=verdict.fraction(row.unseen)))
    if not scores:
        return tr("last time, step {step}", step=count(row.step))
    return tr("of those asked, right: {scores}", scores=" · ".join(scores))


class DecksScreen(Dialog[str | Path | None]):
    """Gives the path of a deck to teach, or as a `Path` one to edit; None to go back."""

    CSS_PATH = [DIALOGS_CSS, "decks.tcss"]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        *hidden(up="move('cursor_up')", down="move('cursor_down')", f4="edit", f6="choose_model"),
        *hidden(pageup="move('page_up')", pagedown="move('page_down')", escape="dismiss(None)"),
        *hidden(ctrl_home="move('first')", ctrl_end="move('last')"),
        Binding("delete", "delete", show=False, priority=True),
    ]

    def __init__(
        self,
        library: Library,
        runs_root: Path,
        title: str = "",
        *,
        judged_first: bool = False,
        model: str = "",
        hint: str = "",
        hides_outcomes: bool = False,
        known: Mapping[Path, RunSummary] | None = None,
    ) -> None:
        """`title`: what a deck is chosen for; "" is to teach it from the start, or to read a text.
        `judged_first`: decks with a judge come first. `model`: a path, "" for a new one. `hint`: a
        line below the list. `hides_outcomes`: a class may still bet on how decks come out.
        `known`: as of `Library.rows`."""
        super().__init__()
        self._hides_outcomes = hides_outcomes
        self._hint = hint
        self.model = model
        self._judged_first = judged_first
        self._title = title
        self._library = library
        self._runs_root = runs_root
        self._known = known
        self._rows: dict[str, DeckRow] | None = None  # by path; None until they were looked for
        self._is_entered = False  # Enter was pressed before there were rows

    def compose(self) -> ComposeResult:
        with Page(classes="page list"):
            yield Static(classes="dialog-title")
            yield PromptInput(placeholder=tr("type to filter"))
            yield Static(Fitted(lambda width: [_heading(width)]), classes="deck-heading")
            deck_list = PagedOptions()
            deck_list.can_focus = False
            yield deck_list
            yield DeckDetails()
            hint = [(text, "bold" if is_key else "") for text, is_key in pieces_of(self._hint)]
            yield Static(Content.assemble(*hint), classes="words-hint")

    async def on_mount(self) -> None:
        self._say(tr("looking for decks…"))
        rows = asyncio.to_thread(self._library.rows, self._runs_root, self._known)
        looking = asyncio.create_task(rows)
        await asyncio.wait([looking], timeout=WHOLE_FRAME_S)
        if looking.done():
            self._take(looking.result())
        self._look(looking)

    @work(exclusive=True)
    async def _look(self, looking: asyncio.Task[list[DeckRow]]) -> None:
        rows = await looking
        if self._rows is None:
            self._take(rows)
        assert self._rows is not None
        if self._is_entered:
            self._teach(self._chosen)
        await asyncio.sleep(PAINTED_S)
        loop = asyncio.get_running_loop()
        examined: list[str] = []
        shown_at_s = loop.time()
        for path, row in list(self._rows.items()):
            if self._library.is_examined(row):
                continue
            row = await asyncio.to_thread(self._library.examine, row)
            if path in self._rows:
                self._rows[path] = row
                examined.append(path)
            if loop.time() - shown_at_s >= PAINTED_S:  # not each: all lines in sight are drawn anew
                self._show_again(examined)
                examined.clear()
                shown_at_s = loop.time()
        self._show_again(examined)

    def _take(self, rows: list[DeckRow]) -> None:
        rows = [row for row in rows if not (self._title and row.is_text)]
        if self._hides_outcomes:
            rows = [row.without_outcome for row in rows]
        if self._judged_first:
            rows.sort(key=lambda row: not row.entry.meta.judge)
        self._rows = {str(row.entry.path): row for row in rows}
        self._fill()

    @on(Input.Changed)
    def filter(self) -> None:
        self._fill()
        deck_list = self.query_one(OptionList)
        if deck_list.option_count:
            deck_list.highlighted = 0

    def _fill(self) -> None:
        if self._rows is None or not self.app.is_running:  # else its widgets may be gone already
            return
        typed = self.query_one(Input).value.casefold().split()
        chosen = self._chosen
        place = self.query_one(OptionList).highlighted or 0
        matches = [row for row in self._rows.values() if row.says(typed)]
        matches.sort(key=lambda row: not row.is_named(typed))
        paths = [str(row.entry.path) for row in matches]
        deck_list = self.query_one(OptionList)
        deck_list.clear_options()
        deck_list.add_options(Option(self._line(path), id=path) for path in paths)
        if paths:
            chosen_path = "" if chosen is None else str(chosen.entry.path)
            deck_list.highlighted = (
                paths.index(chosen_path) if chosen_path in paths else min(place, len(paths) - 1)
            )
        details = self.query_one(DeckDetails)
        details.display = bool(paths)
        if self._chosen is not None:
            details.show(self._chosen)
        n_shown, n = len(paths), len(self._rows)
        noun = tr("deck") if n == 1 else tr("decks")
        if not self._rows:
            self._say(
                tr("There are no decks. A deck is a text file: prompt :: answer, a line a card.")
            )
        elif not paths:
            self._say(tr("No deck matches. Backspace widens the search."))
        elif n_shown == n:
            n_taught = sum(row.step is not None for row in self._rows.values())
            text = "{n:,} {noun}, {n_taught:,} taught so far" if n_taught else "{n:,} {noun}"
            text = tr(text, n=n, noun=noun, n_taught=n_taught)
            self._say(text)
        else:
            self._say(tr("{n_shown:,} of {n:,} {noun}", n_shown=n_shown, n=n, noun=noun))

    def _say(self, text: str) -> None:
        title = self._title or text
        beside_title = f"   {text}   " if self._title else "   "
        if self.model and not self._title:
            beside_title = f" → {printable(folder.name_of_model(Path(self.model)))}{beside_title}"
        keys = {"teach": tr("enter teach")}
        if not self._title:
            keys |= {"edit": tr("F4 edit"), "choose_model": tr("F6 other model")}
            keys["delete"] = tr("del delete")
        keys["dismiss(None)"] = tr("esc back")

        def content(width: int) -> Content:
            fitting = dict(keys)
            for action in ("delete", "teach", "edit", "choose_model", "dismiss(None)"):
                if cell_len(title + beside_title + " · ".join(fitting.values())) > width:
                    fitting.pop(action, None)
            links = " · ".join(f"[@click=screen.{act}]{key}[/]" for act, key in fitting.items())
            hint = Content.from_markup(f"[{MUTED}]{links}[/]")
            return Content.assemble((title, "bold"), beside_title, hint)

        self.query_one(".dialog-title", Static).update(Fitted(content))

    def _line(self, path: str) -> Fitted:
        assert self._rows is not None
        row = self._rows[path]
        return Fitted(lambda width: [line(row, width)])

    @property
    def _chosen(self) -> DeckRow | None:
        option = self.query_one(OptionList).highlighted_option
        return None if option is None else self._row_of(option)

    def _row_of(self, option: Option) -> DeckRow | None:
        return (self._rows or {}).get(option.id or "")

    def _show_again(self, paths: Iterable[str]) -> None:
        if self._rows is None or not self.is_open:
            return
        deck_list = self.query_one(OptionList)
        for path in paths:
            if path not in self._rows:  # it was deleted since
                continue
            with contextlib.suppress(OptionDoesNotExist):  # it is filtered out
                deck_list.replace_option_prompt(path, self._line(path))
        if self._chosen is not None:
            self.query_one(DeckDetails).show(self._chosen)

    @on(OptionList.OptionHighlighted)
    def tell(self, event: OptionList.OptionHighlighted) -> None:
        if (row := self._row_of(event.option)) is not None:
            self.query_one(DeckDetails).show(row)

    def action_move(self, how: str) -> None:
        getattr(self.query_one(OptionList), f"action_{how}")()

    @on(Input.Submitted)
    def action_teach(self) -> None:
        self._is_entered = self._rows is None
        self._teach(self._chosen)

    @on(OptionList.OptionSelected)
    def click(self, event: OptionList.OptionSelected) -> None:
        self._teach(self._row_of(event.option))

    def action_edit(self) -> None:
        row = self._chosen
        if row is None or self._title:
            return
        if row.is_text:
            self.notify(tr("A text has no cards to edit."), timeout=5)
        else:
            self.dismiss(row.entry.path)

    @work(exclusive=True, group="model")
    async def action_choose_model(self) -> None:
        from flashcards.app.widgets.model_screen import ModelScreen

        if self._title or self.app.screen is not self:
            return
        model = await self.app.push_screen_wait(ModelScreen(self._runs_root, self.model))
        if model is not None:
            self.model = model
            self._fill()

    @work(exclusive=True, group="delete")
    async def action_delete(self) -> None:
        row = self._chosen
        if row is None or self._rows is None or self.app.screen is not self:
            return
        if await delete_deck(self.app, row.entry.path) is not None:
            del self._rows[str(row.entry.path)]
            self._fill()

    def _teach(self, row: DeckRow | None) -> None:
        if row is None:
            return
        if row.is_usable:
            self.dismiss(str(row.entry.path))
        else:
            self.app.bell()


async def delete_deck(app: App[Any], path: Path) -> Path | None:
    """Move a deck to the trash if the user says so; where it lies, None when it stays."""
    if own_decks.is_shipped(path):
        app.notify(tr("Shipped decks can't be deleted."), timeout=5, markup=False)
        return None
    trash_note = tr("{trash} keeps it.", trash=printable(str(own_decks.trash_folder())))
    choices = (
        Choice(tr("move it to the trash"), trash_note, True),
        Choice(tr("keep it"), tr("Nothing happens."), False),
    )
    title = tr("Delete this deck?")
    screen: ChoiceScreen[bool] = ChoiceScreen(title, printable(str(path)), choices)
    if not await app.push_screen_wait(screen):
        return None
    try:
        target = await asyncio.to_thread(own_decks.to_trash, path)
    except files.Refused as refusal:
        app.notify(str(refusal), severity="error", timeout=8, markup=False)
        return None
    notice = tr("It is in the trash: {target}", target=printable(str(target)))
    app.notify(notice, timeout=8, markup=False)
    return target
