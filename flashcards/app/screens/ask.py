"""Asking the model: a line to type in, and what it answers. The lesson goes on above it."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from flashcards.app import dialog_words as words
from flashcards.app.numbers import percent
from flashcards.app.screens.dialog import Dialog, PromptInput
from flashcards.app.styles import MUTED
from flashcards.app.widgets.cells import Row, cut, cut_row, padded, row_width, spread
from flashcards.app.widgets.sheet import Sheet
from flashcards.cards.printable import printable
from flashcards.runs.events import PromptAnswered, Stamp
from flashcards.runs.state import RunState

LABEL_WIDTH = 9
MAX_PROMPT_LENGTH = 500

STAMP_STYLES: dict[Stamp, str] = {
    "seen": "bold reverse $text-primary",
    "not_yet_taught": "bold reverse $text-warning",
    "held_out": "bold reverse $text-accent",
    "new": "bold reverse $text-accent",
}


class AnswerSheet(Sheet[tuple[PromptAnswered, tuple[PromptAnswered, ...]] | str]):
    """The latest answer, and earlier answers to the same prompt; or a sentence instead."""

    def draw(
        self,
        view: tuple[PromptAnswered, tuple[PromptAnswered, ...]] | str,
        width: int,
        height: int,
    ) -> list[Row]:
        if isinstance(view, str):
            return [[], [(cut(view, width), MUTED)]]
        answered, before = view
        rows = [
            _stamped(answered, width),
            *_said(answered, width),
            _labelled(words.ALSO, "   ".join(answered.alternatives), width),
            _correct(answered, width),
            _labelled(words.NEAREST, "   ".join(answered.nearest), width),
        ]
        for earlier in before[: max(0, height - len(rows))]:
            rows.append(_earlier(earlier, width))
        return rows


def _stamped(answered: PromptAnswered, width: int) -> Row:
    stamp = f" {words.stamp(answered.stamp, answered.times_seen)} "
    right: Row = [(words.at_step(answered.step), MUTED)]
    left: Row = [(stamp, STAMP_STYLES[answered.stamp])]
    room = width - row_width(left) - row_width(right) - 2
    meaning = cut(words.stamp_meaning(answered.stamp), room)
    return spread([*left, (f" {meaning}", MUTED)], right, width)


def _said(answered: PromptAnswered, width: int) -> list[Row]:
    """The pieces, and under each how sure the model was of it, in per cent."""
    answer = answered.answer or words.SAYS_NOTHING
    sure: Row = [(f"  {percent(answered.probability)} ", "bold"), (words.CERTAIN, MUTED)]
    mark = _mark(answered)
    room = width - LABEL_WIDTH - row_width(sure) - row_width(mark)
    said: Row = [(padded(words.ANSWERS, LABEL_WIDTH), MUTED), (cut(answer, room), "bold")]
    pieces: Row = [(padded(words.PIECES, LABEL_WIDTH), MUTED)]
    for piece in answered.pieces:
        text = cut(printable(piece.text), 8)
        share = f"{piece.probability * 100:.0f}"
        part: Row = [(f"{text} ", ""), (f"{share}   ", MUTED)]
        if row_width(pieces) + row_width(part) > width:
            pieces.append(("…", MUTED))
            break
        pieces += part
    return [[*said, *mark, *sure], cut_row(pieces, width)]


def _mark(answered: PromptAnswered) -> Row:
    if not answered.correct_answers:
        return []
    if answered.answer in answered.correct_answers:
        return [("  ✓", "bold $text-success")]
    return [("  ✗", "bold $text-error")]


def _correct(answered: PromptAnswered, width: int) -> Row:
    if not answered.correct_answers:
        return []
    return _labelled(words.CORRECT, " | ".join(answered.correct_answers), width, "bold")


def _labelled(label: str, text: str, width: int, style: str = "") -> Row:
    if not text:
        return []
    label = padded(label, LABEL_WIDTH)
    return [(label, MUTED), (cut(text, width - LABEL_WIDTH), style)]


def _earlier(answered: PromptAnswered, width: int) -> Row:
    when: Row = [(words.at_step(answered.step), MUTED)]
    sure = percent(answered.probability)
    room = width - LABEL_WIDTH - row_width(when) - len(sure) - 4
    left: Row = [
        (padded(words.BEFORE, LABEL_WIDTH), MUTED),
        (cut(answered.answer or words.SAYS_NOTHING, room), ""),
        *_mark(answered),
        (f"  {sure}", MUTED),
    ]
    return spread(left, when, width)


class AskScreen(Dialog[None]):
    """Stays open: Enter asks (again), Esc closes."""

    class Asked(Message):
        """A prompt was typed and sent off."""

        def __init__(self, prompt: str) -> None:
            super().__init__()
            self.prompt = prompt

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", show=False),
    ]

    def __init__(self, first_request: int) -> None:
        """Answers with a request number below the first are another time's."""
        super().__init__()
        self._first_request = first_request
        self._waits_for: int | None = None

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog ask"):
            hint = ("   " + words.ASK_HINT, MUTED)
            title = Content.assemble((words.ASK_TITLE, "bold"), hint)
            yield Static(title, classes="dialog-title")
            yield PromptInput(
                placeholder=words.ASK_PLACEHOLDER,
                max_length=MAX_PROMPT_LENGTH,
                select_on_focus=False,
            )
            yield AnswerSheet()

    def on_mount(self) -> None:
        self.query_one(AnswerSheet).show(words.ASK_EMPTY)

    @on(Input.Submitted)
    def ask(self, event: Input.Submitted) -> None:
        """Send the prompt off; it stays, selected, so that typing replaces it."""
        event.stop()
        prompt = event.value.strip()
        if prompt:
            event.input.select_all()
            self.post_message(self.Asked(prompt))

    def wait_for(self, request: int) -> None:
        """The question was sent with this number."""
        self._waits_for = request

    def paint(self, state: RunState) -> None:
        """Show the latest answer of this dialog."""
        sheet = self.query_one(AnswerSheet)
        answers = [a for a in state.answers if a.request >= self._first_request]
        if self._waits_for is not None and (not answers or answers[-1].request < self._waits_for):
            match state.liveness:
                case "starting":
                    sheet.show(words.ASK_STARTING)
                case "failed":
                    sheet.show(words.ASK_GONE)
                case _ if not answers:
                    sheet.show(words.ASK_WAITING)
            return
        if answers:
            latest = answers.pop()
            before = tuple(a for a in reversed(answers) if a.prompt == latest.prompt)
            sheet.show((latest, before))
