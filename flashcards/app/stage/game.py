"""Humans against the model: the room guesses the answer of a card the model was never taught.

Until the reveal the screen holds the prompt and nothing else of the card.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input

from flashcards.app.kit.dialog import PromptInput
from flashcards.app.kit.view import View
from flashcards.app.stage import words
from flashcards.app.stage.round import Points, Round, draw
from flashcards.app.stage.stage_sheet import Line, StageSheet, StageView
from flashcards.cards.grammar import as_taught
from flashcards.runs.commands import Ask, ListCards
from flashcards.runs.state import RunState


class GameView(View):
    """Enter reveals, and goes on to the next card; Esc leaves."""

    CSS_PATH = Path(__file__).with_name("stage.tcss")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", show=False),
        Binding("y", "judge(True)", show=False),
        Binding("n", "judge(False)", show=False),
        Binding("enter,space", "next", show=False),
    ]

    class Wanted(Message):
        """A question to the trainer."""

        def __init__(self, command: Ask | ListCards) -> None:
            super().__init__()
            self.command = command

    def __init__(
        self, requests: Iterator[int], points: Points, used: set[int], random: Random
    ) -> None:
        """`used` are the cards of earlier rounds; `random` draws the next."""
        super().__init__()
        self._requests = requests
        self._points = points
        self._used = used
        self._random = random
        self._round: Round | None = None
        self._state = RunState()
        self._has_none = False
        self._changed = True

    def compose(self) -> ComposeResult:
        yield StageSheet()
        yield PromptInput(placeholder=words.GUESS_PLACEHOLDER, id="room")

    @property
    def is_due(self) -> bool:
        """The round has moved."""
        return self._changed

    def show_past(self, past: object, markers: object) -> None:
        """The game is played with the model as it is."""

    def paint(self, state: RunState, *, is_stalled: bool = False, notice: str = "") -> None:
        self._state, self._changed = state, False
        self._follow(state)
        self.query_one("#room", Input).display = self._round is not None and (
            not self._round.is_revealed
        )
        self.query_one(StageSheet).show(_shown(self._round, self._points, self._has_none))

    def _follow(self, state: RunState) -> None:
        """Draw a card when there is none in hand; take what was answered."""
        if state.start is None:
            return
        if self._round is None:
            self._draw()
            return
        current = self._round
        if current.take_card(state.cards_listed):
            self.query_one("#room", Input).focus()
        if current.ask_request is not None:
            if not current.is_revealed:
                answered = [a for a in state.answers if a.request == current.ask_request]
                if answered:
                    current.reveal(current.guess, answered[-1])
                    self.set_focus(None)
            if current.is_revealed:
                current.take_rivals(state.rival_answers.get(current.ask_request))

    def _draw(self) -> None:
        index = draw(self._state.held_out_mask, self._random, self._used)
        self._has_none = index is None
        if index is None:
            return
        self._used.add(index)
        self._round = Round(next(self._requests))
        request = self._round.list_request
        self.post_message(self.Wanted(ListCards(request=request, offset=index, n_rows=1)))

    @on(Input.Submitted, "#room")
    def reveal(self, event: Input.Submitted) -> None:
        """Ask the model, now that the room has guessed."""
        event.stop()
        current = self._round
        if current is None or current.row is None or current.ask_request is not None:
            return
        current.guess = as_taught(event.value)
        current.ask_request = next(self._requests)
        self.post_message(self.Wanted(Ask(request=current.ask_request, prompt=current.prompt)))
        event.input.value = ""

    def action_judge(self, is_right: bool) -> None:
        """The room said it aloud: it had it, or not."""
        if self._round is not None and self._round.is_revealed:
            self._round.judge(is_right)
            self._changed = True

    def action_next(self) -> None:
        """Another card."""
        if self._round is not None and self._round.is_revealed:
            self._round.count(self._points)
            self._round = None
            self._changed = True

    def action_leave(self) -> None:
        """Back to where the lesson is shown."""
        if self._round is not None:
            self._round.count(self._points)
        self.app.call_later(self.app.run_action, "view('presenter')")


def _shown(current: Round | None, points: Points, has_none: bool) -> StageView:
    score = words.points(points.humans, points.model, points.lookup, points.n_rounds)
    if has_none:
        return StageView(sentence=words.NO_HELD_OUT, word=words.GAME, badge=score)
    if current is None or current.row is None:
        return StageView(sentence=words.DRAWING, word=words.GAME, badge=score)
    if not current.is_revealed:
        line = Line(current.prompt, ".strong", label=words.UNSEEN)
        return StageView(
            (line,), words.YOUR_GUESS, word=words.GAME, word_style=".lit-text", badge=score
        )
    humans = current.guess or (words.SAID_RIGHT if current.is_human_right else words.SAID)
    return StageView(
        lines=(
            Line(f"{current.prompt} → {current.answer}", ".strong"),
            _line(current, words.MODEL_SAYS, current.model, current.is_right(current.model)),
            _line(current, words.HUMANS, humans, current.is_human_right),
            _line(current, words.LOOKUP, current.lookup, current.is_right(current.lookup)),
        ),
        sentence=words.AFTER_REVEAL,
        sentence_style=".muted",
        word=words.GAME,
        word_style=".lit-text",
        badge=score,
    )


def _line(current: Round, label: str, said: str | None, is_right: bool | None) -> Line:
    text = words.WAITING if said is None else said or words.NOTHING
    if is_right is None or said is None:
        return Line(text, ".strong", label=label)
    style = ".right" if is_right else ".wrong"
    return Line(text, style, words.MARKS["right" if is_right else "wrong"], style, label)
