"""Slides of a talk, and questions to the room with their outcomes. The lesson goes on behind."""

from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from flashcards.app.session import Session
from flashcards.app.stage.actions import StageState
from flashcards.app.stage.large_text import SlideSheet, SlideText
from flashcards.app.stage.prediction import OpenQuestion
from flashcards.app.view import View
from flashcards.app.widgets.bars import SIGN
from flashcards.base.language import tr
from flashcards.runs import events, verdict
from flashcards.runs.bets import CHOICES, Bet, Outcome
from flashcards.runs.state import RunState
from flashcards.wording import bets

Prediction = OpenQuestion | tuple[Bet, ...] | None
"""A question that is open, or how bets ended."""


class SlideView(View):
    """A headline and a few sentences as large as they fit: those of the time of painting."""

    CSS_PATH = Path(__file__).with_name("stage.tcss")

    def __init__(self, slide: Callable[[], SlideText]) -> None:
        super().__init__()
        self._slide = slide
        self._shown: SlideText | None = None

    def compose(self) -> ComposeResult:
        yield SlideSheet()

    @property
    def is_due(self) -> bool:
        return self._slide() != self._shown

    def show_past(self, past: object, markers: object) -> None:
        """A slide is the same at every step."""

    def paint(self, state: RunState, *, is_stalled: bool = False, notice: str = "") -> None:
        self._shown = self._slide()
        self.query_one(SlideSheet).show(self._shown)


class PredictView(SlideView):
    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(digit, f"type('{digit}')", show=False) for digit in "0123456789"),
        Binding("space", "type(' ')", show=False),
        Binding("full_stop,comma", "type('.')", show=False),
        Binding("percent_sign", "type('%')", show=False),
        Binding("backspace", "type('')", show=False),
        Binding("enter", "enter", show=False),
        Binding("escape", "skip", show=False),
    ]

    def __init__(self, prediction: Callable[[], Prediction]) -> None:
        super().__init__(lambda: _slide(prediction()))
        self._prediction = prediction

    @property
    def _asked(self) -> OpenQuestion | None:
        prediction = self._prediction()
        is_open = isinstance(prediction, OpenQuestion) and not prediction.answered.is_set()
        return prediction if isinstance(prediction, OpenQuestion) and is_open else None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Once the question is answered, its keys have their usual meaning."""
        return self._asked is not None if action in ("type", "enter", "skip") else True

    def action_type(self, character: str) -> None:
        if self._asked is not None:
            self._asked.type(character)

    def action_enter(self) -> None:
        if self._asked is not None:
            self._asked.enter()

    def action_skip(self) -> None:
        if self._asked is not None:
            self._asked.skip()


def _slide(prediction: Prediction) -> SlideText:
    if isinstance(prediction, OpenQuestion):
        return _question(prediction)
    if prediction is None:
        return SlideText()
    texts = [bets.result(*_settled(bet)) for bet in prediction]
    if len(prediction) == 1 and prediction[0].placed.share is not None:  # few words, so large ones
        texts = [tr("You said {said}.", said=bets.said(prediction[0].placed))]
    reasons = [bet.placed.bet.because for bet in prediction if bet.placed.bet.because]
    return SlideText(bets.came_out(*_settled(prediction[-1])), (*texts, *dict.fromkeys(reasons)))


def _settled(bet: Bet) -> tuple[events.BetPlaced, Outcome]:
    assert bet.outcome is not None
    return bet.placed, bet.outcome


def _question(asked: OpenQuestion) -> SlideText:
    question = bets.question(asked.question, asked.n_cards)
    if asked.answered.is_set():
        if asked.bet is None:
            return SlideText("", (question,))
        said = tr("{sign} the room says {said}", sign=SIGN, said=_said(asked))
        return SlideText(_short(asked), (question, said))
    choices = CHOICES[asked.question.kind]
    options = tuple(
        f"{place}  {bets.choice(asked.question, choice)}" for place, choice in enumerate(choices, 1)
    )
    if asked.is_wrong and choices:
        hint = tr("A number from 1 to {n}, or {n} numbers of hands.", n=len(choices))
    elif asked.is_wrong:
        hint = tr("A number from 0 to 100 is wanted.")
    elif choices:
        hint = tr("Type the room's answer, or the hands for each, then Enter. Esc passes over.")
    else:
        hint = tr("Type the room's answer in per cent, then Enter. Esc passes over.")
    typed = f"{asked.typed} %" if asked.typed and not choices else asked.typed
    return SlideText(typed or "?", (question, *options), hint)


def _said(asked: OpenQuestion) -> str:
    bet = asked.bet
    assert bet is not None
    if bet.share is not None:
        return verdict.percent(bet.share)
    assert bet.choice is not None
    said = bets.choice(bet.bet, bet.choice)
    return f"{said} ({' : '.join(map(str, bet.hands))})" if bet.hands else said


def _short(asked: OpenQuestion) -> str:
    bet = asked.bet
    return verdict.percent(bet.share) if bet is not None and bet.share is not None else SIGN


def make_slide(session: Session) -> SlideView:
    talking = session.kept(StageState).talking
    assert talking is not None
    return SlideView(talking.slide)


def make_prediction(session: Session) -> PredictView:
    talking = session.kept(StageState).talking
    return PredictView(lambda: None if talking is None else talking.prediction)
