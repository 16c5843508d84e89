"""Dialogs: one answered by typing a line, one with a few answers. Ctrl-C quits, as elsewhere."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Generic

from msgspec import Struct
from textual import events, on, work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.css.styles import RulesMap
from textual.geometry import Region, Spacing
from textual.strip import Strip
from textual.style import Style
from textual.visual import Padding, RenderOptions, Visual
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from flashcards.app.textual_fixes.screens import (
    Answer,
    DismissedOnce,
    PagedOptions,
    PromptInput,
    hidden,
    lines_of_one,
)
from flashcards.app.widgets.cells import HEADING, MUTED
from flashcards.base.errors import UserError

DIALOGS_CSS = Path(__file__).with_name("dialogs.tcss")


class Dialog(DismissedOnce[Answer], Generic[Answer]):
    """A screen in front of the lesson, which goes on behind it."""

    CSS_PATH = [DIALOGS_CSS]  # noqa: RUF012

    BINDINGS = hidden(ctrl_c="app.do('quit')")

    @property
    def is_open(self) -> bool:
        """Tell whether its widgets are there to be shown in: it was mounted, and not left yet.
        While the app ends, they may be gone before the dialog is."""
        is_there = self.is_mounted and self.is_attached and self.app.is_running
        return is_there and not self._is_dismissed

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Its keys do nothing before its widgets are there: they look for them."""
        return self.is_mounted and super().check_action(action, parameters)


class Page(Vertical):
    """All of a screen, for what needs more room than a dialog."""

    def render_lines(self, crop: Region) -> list[Strip]:
        return lines_of_one(self, super().render_lines, crop)


class LineDialog(Dialog[Answer | None], Generic[Answer]):
    BINDINGS = hidden(escape="dismiss(None)")

    def __init__(
        self,
        title: str,
        line: PromptInput,
        hint: str,
        read: Callable[[str], Awaitable[Answer]],
        text: str = "",
    ) -> None:
        """`read` gives the answer that a line is, or raises a UserError that says why none."""
        super().__init__()
        self._title = title
        self._line = line
        self._hint = hint
        self._read = read
        self._text = text

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(Content.styled(self._title, "bold"), classes="dialog-title")
            if self._text:
                yield Static(Content(self._text), classes="dialog-text")
            yield self._line
            yield Static(Content(self._hint), classes="dialog-hint")

    @on(Input.Submitted)
    @work(exclusive=True)
    async def take(self, event: Input.Submitted) -> None:
        event.stop()
        try:
            answer = await self._read(event.value)
        except UserError as problem:
            self.query_one(".dialog-hint", Static).update(Content(str(problem)))
        else:
            self.dismiss(answer)


class Choice(Struct, Generic[Answer], frozen=True):
    name: str
    does: str
    answer: Answer


N_KEYS = 9  # the keys 1 to 9


class ChoiceScreen(Dialog[Answer], Generic[Answer]):
    """Esc gives the last choice, which does nothing. Numbers choose: no word has one by mistake. In
    a long list only the first nine have a number, and a letter goes to the next that begins so."""

    BINDINGS = hidden(escape="choose(-1)")

    def __init__(self, title: str, text: str, choices: tuple[Choice[Answer], ...]) -> None:
        super().__init__()
        self.question = title
        self._text = text
        self._choices = choices

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog choice"):
            yield Static(Content.styled(self.question, "bold"), classes="dialog-title")
            if self._text:
                yield Static(Content(self._text), classes="dialog-text")
            yield PagedOptions(*map(Option, self._lines(self._choices)))

    def show_choices(self, choices: tuple[Choice[Answer], ...]) -> None:
        """The same answers in other words; what is selected stays selected."""
        if choices == self._choices or not self.is_mounted:
            return
        options = self.query_one(OptionList)
        for index, line in enumerate(self._lines(choices)):
            if choices[index] != self._choices[index]:
                options.replace_option_prompt_at_index(index, line)
        self._choices = choices

    def _lines(self, choices: tuple[Choice[Answer], ...]) -> list[Visual]:
        is_long = len(choices) > N_KEYS
        return [_line(index, choice, is_long) for index, choice in enumerate(choices)]

    def on_key(self, event: events.Key) -> None:
        if event.key.isdecimal() and 1 <= int(event.key) <= len(self._choices):
            event.stop()
            self.action_choose(int(event.key) - 1)
        elif len(self._choices) > N_KEYS and (event.character or "").isalpha():
            event.stop()
            self._go_to(event.character or "")

    def _go_to(self, letter: str) -> None:
        """Highlight the next choice whose name begins with this letter, from the top after the
        last one."""
        options = self.query_one(OptionList)
        start = -1 if options.highlighted is None else options.highlighted
        n_choices = len(self._choices)
        for index in ((start + step) % n_choices for step in range(1, n_choices + 1)):
            if self._choices[index].name.casefold().startswith(letter.casefold()):
                options.highlighted = index
                return

    @on(OptionList.OptionSelected)
    def take(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.action_choose(event.option_index)

    def action_choose(self, index: int) -> None:
        self.dismiss(self._choices[index].answer)


def _line(index: int, choice: Choice[Answer], is_in_long_list: bool) -> Visual:
    """A choice with what it does below; in a long list without the row between two choices."""
    number = f"{index + 1}" if index < N_KEYS else " "
    head = Content.assemble((f"{number}  ", HEADING), (choice.name, "bold"))
    if is_in_long_list and not choice.does:
        return head
    return _Line(head, Content.styled(choice.does, MUTED))


class _Line(Visual):
    def __init__(self, head: Content, does: Content) -> None:
        self._parts: tuple[Visual, ...] = (head, Padding(does, Spacing(left=3)))

    def get_optimal_width(self, rules: RulesMap, container_width: int) -> int:
        return max(part.get_optimal_width(rules, container_width) for part in self._parts)

    def get_height(self, rules: RulesMap, width: int) -> int:
        return sum(part.get_height(rules, width) for part in self._parts)

    def render_strips(
        self, width: int, height: int | None, style: Style, options: RenderOptions
    ) -> list[Strip]:
        strips = [
            strip
            for part in self._parts
            for strip in part.render_strips(width, None, style, options)
        ]
        return strips[:height]
