"""Humans against the model: the room guesses the answer of a card that was never taught."""

import contextlib
from dataclasses import dataclass, field
from random import Random

from msgspec.structs import replace
from textual import on, work
from textual.app import ComposeResult
from textual.widgets import Input

from flashcards.app.room import NO_LINE, StatusLine
from flashcards.app.run.run import NoAnswer, first_of
from flashcards.app.session import OnStage, Session
from flashcards.app.stage.large_text import StageLine, StageSheet, StageView
from flashcards.app.textual_fixes.screens import PromptInput
from flashcards.app.view import View, hidden
from flashcards.app.widgets.ballot import Ballot
from flashcards.app.widgets.cells import Row
from flashcards.base.language import tr
from flashcards.cards.grammar import as_taught
from flashcards.runs import commands, events, values
from flashcards.runs.state import RunState
from flashcards.wording import facts
from flashcards.wording.numbers import UNKNOWN, n_of


@dataclass
class Points:
    """The points of people, model and lookup in all rounds of the program, and the cards drawn."""

    n_rounds: int = 0
    humans: int = 0
    model: int = 0
    lookup: int = 0
    drawn_cards: set[int] = field(default_factory=set)


@dataclass
class Round:
    """One card: drawn, guessed, revealed; what is None is not known yet. What is said aloud leaves
    no `guess`: then a hand decides. On phones the class had it if most did, `n_right` of them."""

    is_asked: bool = False
    row: values.CardRow | None = None
    guess: str = ""
    model: str | None = None
    lookup: str | None = None
    correct: tuple[str, ...] = ()
    is_revealed: bool = False
    is_human_right: bool | None = None
    ballot: Ballot | None = None
    n_right: int = 0
    _is_counted: bool = field(default=False, repr=False)

    @property
    def prompt(self) -> str:
        """The card's prompt; "" while it is being drawn."""
        return "" if self.row is None else self.row.prompt

    @property
    def answer(self) -> str:
        """The right answer; "" before the reveal, to whoever asks."""
        return "" if self.row is None or not self.is_revealed else self.row.answer

    def take_card(self, listed: events.CardsListed) -> bool:
        self.row = next((row for row in listed.rows if row.is_never_seen), None)
        return self.row is not None

    def reveal(self, answered: events.PromptAnswered) -> None:
        self.is_revealed = True
        self.model = answered.answer
        self.correct = answered.correct_answers
        known = {answer.casefold() for answer in self.correct}
        if self.guess:
            self.is_human_right = self.guess.casefold() in known
        if self.ballot is not None and any(self.ballot.hands):
            given = dict(zip(self.ballot.texts, self.ballot.hands, strict=True))
            self.n_right = sum(n for text, n in given.items() if text.casefold() in known)
            self.is_human_right = 2 * self.n_right > sum(given.values())
            sentence = tr("The model said “{guess}”.", guess=self.model)
            self.ballot.tell({}, f"{self.prompt} → {self.answer}. {sentence}")

    def is_right(self, answer: str | None) -> bool:
        return answer is not None and answer in self.correct

    def count(self, points: Points) -> None:
        if not self.is_revealed or self._is_counted:
            return
        self._is_counted = True
        points.n_rounds += 1
        points.humans += bool(self.is_human_right)
        points.model += self.is_right(self.model)
        points.lookup += self.is_right(self.lookup)


def draw(never_seen_mask: bytes, random: Random, used: set[int]) -> int | None:
    """The index of a never-taught card, one not used yet if there is any; None without any."""
    never_seen = [i for i, mark in enumerate(never_seen_mask) if mark]
    fresh = [i for i in never_seen if i not in used] or never_seen
    return random.choice(fresh) if fresh else None


class GameView(View):
    """Enter reveals, and goes on to the next card; Esc leaves."""

    CSS_PATH = "stage.tcss"
    AUTO_FOCUS = "#room"
    BINDINGS = hidden(escape="leave", y="judge(True)", n="judge(False)", enter="next", space="next")

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._points = session.singleton(Points)
        self._random = Random()
        self._round: Round | None = None
        self._state = RunState()
        self._has_none = False
        self._is_changed = True

    def compose(self) -> ComposeResult:
        yield StageSheet()
        yield PromptInput(
            placeholder=tr("what the room says, then Enter; Enter alone when it is said aloud"),
            id="room",
        )

    def paint(
        self, state: RunState, *, is_stalled: bool = False, notice: StatusLine = NO_LINE
    ) -> None:
        self._state = state
        self._is_changed = False
        if state.start is not None and self._round is None:
            self._draw()
        is_guessing = self._round is not None and not self._round.is_revealed
        self.query_one("#room", Input).display = is_guessing
        game = _game_view(self._round, self._points)
        if self._has_none:
            none = tr("Every card of this deck is taught, so there is nothing to guess.")
            game = replace(game, sentence=f"{none} {facts.kept_back_by(self.keeps_back)}".rstrip())
        self.query_one(StageSheet).show(game)

    def _draw(self) -> None:
        index = draw(self._state.marks.never_seen, self._random, self._points.drawn_cards)
        self._has_none = index is None
        if index is None:
            return
        self._points.drawn_cards.add(index)
        self._round = Round()
        self._take_card(self._round, index)

    @work(group="card", exclusive=True)
    async def _take_card(self, current: Round, index: int) -> None:
        with contextlib.suppress(NoAnswer):
            question = commands.ListCards(offset=index, n_rows=1)
            listed = await first_of(self.session.run.replies(question), events.CardsListed)
            if not current.take_card(listed):
                return
            self._is_changed = True
            self.query_one("#room", Input).focus()
            poll = self.session.singleton(OnStage).poll
            if poll is not None:
                text = tr("The model was never taught this card. What is the answer?")
                current.ballot = await poll(f"{current.prompt} · {text}", ())
                if current.ballot is not None and any(current.ballot.hands):
                    current.is_asked = True
                    self._take_answers(current)

    @work(group="answer", exclusive=True)
    async def _take_answers(self, current: Round) -> None:
        with contextlib.suppress(NoAnswer):
            async for reply in self.session.run.replies(commands.Ask(prompt=current.prompt)):
                self._is_changed = True
                if isinstance(reply, events.PromptAnswered):
                    current.reveal(reply)
                    self.set_focus(None)
                elif isinstance(reply, events.RivalsAnswered):
                    lookup_answers = (
                        rival.answer for rival in reply.answers if rival.name == "lookup"
                    )
                    current.lookup = next(lookup_answers, None) or ""

    @on(Input.Submitted, "#room")
    def reveal(self, event: Input.Submitted) -> None:
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
            self._is_changed = True

    def action_next(self) -> None:
        if self._round is not None and self._round.is_revealed:
            self._round.count(self._points)
            self._round = None
            self._is_changed = True

    def action_leave(self) -> None:
        if self._round is not None:
            self._round.count(self._points)
        self.session.show("presenter")


def _game_view(current: Round | None, points: Points) -> StageView:
    score: Row = []
    if points.n_rounds:
        text = tr(
            "you {humans} · model {model} · looking up {lookup}   of {n}",
            humans=points.humans,
            model=points.model,
            lookup=points.lookup,
            n=points.n_rounds,
        )
        score = [(f"{text} ", ".strong")]
    game = StageView(word=tr("HUMANS AGAINST THE MODEL"), badges=score)
    if current is None or current.row is None:
        return replace(game, sentence=tr("A card is drawn that was never taught."))
    game = replace(game, word_style=".lit-text")
    if not current.is_revealed:
        prompt = StageLine(current.prompt, ".strong", label=tr("◆ NEVER TAUGHT"))
        sentence = tr("The model was never taught this card. What is the answer?")
        return replace(game, lines=(prompt,), sentence=sentence)
    humans = current.guess or (tr("had it") if current.is_human_right else tr("said aloud"))
    if current.ballot is not None and (total := sum(current.ballot.hands)):
        humans = n_of(current.n_right, total)
    lines = (
        StageLine(f"{current.prompt} → {current.answer}", ".strong"),
        _line(tr("the model says"), current.model, current.is_right(current.model)),
        _line(tr("you"), humans, current.is_human_right),
        _line(tr("looking it up"), current.lookup, current.is_right(current.lookup)),
    )
    sentence = tr("y: the room had it · n: it had not · Enter: the next card · Esc: back")
    return replace(game, lines=lines, sentence=sentence, sentence_style=".muted")


def _line(label: str, guess: str | None, is_right: bool | None) -> StageLine:
    if guess is None:
        return StageLine("…", ".strong", label=label)
    if is_right is None:
        return StageLine(guess or UNKNOWN, ".strong", label=label)
    mark: values.Mark = "right" if is_right else "wrong"
    return StageLine(guess or UNKNOWN, f".{mark}", label, mark)
