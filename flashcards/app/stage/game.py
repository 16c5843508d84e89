"""Humans against the model: the room guesses the answer of a card the model was never taught.

Until the reveal the screen holds the prompt and nothing else of the card.
"""

from __future__ import annotations

import contextlib
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input

from flashcards.app.kit.dialog import PromptInput
from flashcards.app.kit.words import MARK_SIGNS
from flashcards.app.run.run import NoAnswer, first_of
from flashcards.app.session import Session
from flashcards.app.stage.round import Points, Round, draw
from flashcards.app.stage.stage_sheet import Line, StageSheet, StageView
from flashcards.app.view import View
from flashcards.cards.grammar import as_taught
from flashcards.language import tr
from flashcards.numbers import UNKNOWN
from flashcards.runs.commands import Ask, ListCards
from flashcards.runs.events import CardsListed, PromptAnswered, RivalsAnswered
from flashcards.runs.state import RunState
from flashcards.runs.values import Mark


class GameView(View):
    """Enter reveals, and goes on to the next card; Esc leaves."""

    CSS_PATH = Path(__file__).with_name("stage.tcss")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", show=False),
        Binding("y", "judge(True)", show=False),
        Binding("n", "judge(False)", show=False),
        Binding("enter,space", "next", show=False),
    ]

    def __init__(self, session: Session) -> None:
        """Cards of earlier rounds are not drawn again while there are others."""
        super().__init__()
        self._session = session
        self._points = session.kept(Points)
        self._random = Random()
        self._round: Round | None = None
        self._state = RunState()
        self._has_none = False
        self._changed = True

    def compose(self) -> ComposeResult:
        yield StageSheet()
        yield PromptInput(
            placeholder=tr("what the room says, then Enter; Enter alone when it is said aloud"),
            id="room",
        )

    @property
    def is_due(self) -> bool:
        return self._changed

    def show_past(self, past: object, markers: object) -> None:
        """The game is played with the model as it is."""

    def paint(self, state: RunState, *, is_stalled: bool = False, notice: str = "") -> None:
        self._state, self._changed = state, False
        if state.start is not None and self._round is None:
            self._draw()
        self.query_one("#room", Input).display = self._round is not None and (
            not self._round.is_revealed
        )
        self.query_one(StageSheet).show(_shown(self._round, self._points, self._has_none))

    def _draw(self) -> None:
        index = draw(self._state.never_seen_mask, self._random, self._points.drawn_cards)
        self._has_none = index is None
        if index is None:
            return
        self._points.drawn_cards.add(index)
        self._round = Round()
        self._take_card(self._round, index)

    @work(group="card", exclusive=True)
    async def _take_card(self, current: Round, index: int) -> None:
        with contextlib.suppress(NoAnswer):
            question = ListCards(offset=index, n_rows=1)
            listed = await first_of(self._session.run.replies(question), CardsListed)
            if current.take_card(listed):
                self._changed = True
                self.query_one("#room", Input).focus()

    @work(group="answer", exclusive=True)
    async def _take_answers(self, current: Round) -> None:
        with contextlib.suppress(NoAnswer):
            async for said in self._session.run.replies(Ask(prompt=current.prompt)):
                self._changed = True
                if isinstance(said, PromptAnswered):
                    current.reveal(said)
                    self.set_focus(None)
                elif isinstance(said, RivalsAnswered):
                    current.take_rivals(said.answers)

    @on(Input.Submitted, "#room")
    def reveal(self, event: Input.Submitted) -> None:
        """Ask the model, now that the room has guessed."""
        event.stop()
        current = self._round
        if current is None or current.row is None or current.is_asked:
            return
        current.guess = as_taught(event.value)
        current.is_asked = True
        self._take_answers(current)
        event.input.value = ""

    def action_judge(self, is_right: bool) -> None:
        """The room said it aloud: it had it, or not."""
        if self._round is not None and self._round.is_revealed:
            self._round.is_human_right = is_right
            self._changed = True

    def action_next(self) -> None:
        if self._round is not None and self._round.is_revealed:
            self._round.count(self._points)
            self._round = None
            self._changed = True

    def action_leave(self) -> None:
        if self._round is not None:
            self._round.count(self._points)
        self._session.show("presenter")


def _shown(current: Round | None, points: Points, has_none: bool) -> StageView:
    score = ""
    if points.n_rounds:
        score = tr(
            "you {humans} · model {model} · looking up {lookup}   of {n}",
            humans=points.humans,
            model=points.model,
            lookup=points.lookup,
            n=points.n_rounds,
        )
    game = StageView(word=tr("HUMANS AGAINST THE MODEL"), badge=score)
    if has_none:
        none = tr("Every card of this deck is taught, so there is nothing to guess.")
        return replace(game, sentence=none)
    if current is None or current.row is None:
        return replace(game, sentence=tr("A card is drawn that was never taught."))
    game = replace(game, word_style=".lit-text")
    if not current.is_revealed:
        prompt = Line(current.prompt, ".strong", label=tr("◆ NEVER SEEN"))
        sentence = tr("The model was never taught this card. What is the answer?")
        return replace(game, lines=(prompt,), sentence=sentence)
    humans = current.guess or (tr("had it") if current.is_human_right else tr("said aloud"))
    lines = (
        Line(f"{current.prompt} → {current.answer}", ".strong"),
        _line(tr("the model says"), current.model, current.is_right(current.model)),
        _line(tr("you"), humans, current.is_human_right),
        _line(tr("looking it up"), current.lookup, current.is_right(current.lookup)),
    )
    sentence = tr("y: the room had it · n: it had not · Enter: the next card · Esc: back")
    return replace(game, lines=lines, sentence=sentence, sentence_style=".muted")


def _line(label: str, said: str | None, is_right: bool | None) -> Line:
    if said is None:
        return Line("…", ".strong", label=label)
    if is_right is None:
        return Line(said or UNKNOWN, ".strong", label=label)
    mark: Mark = "right" if is_right else "wrong"
    return Line(said or UNKNOWN, f".{mark}", MARK_SIGNS[mark], f".{mark}", label)
