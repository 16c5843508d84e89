"""Slides of a talk, and questions to the room with their outcomes. The lesson goes on behind."""

from collections.abc import Callable, Sequence
from pathlib import Path

from textual.app import ComposeResult

from flashcards.app.session import Session
from flashcards.app.stage.actions import StageState
from flashcards.app.stage.large_text import SlideSheet, SlideText
from flashcards.app.view import View
from flashcards.app.widgets.bars import SIGN
from flashcards.base.language import tr
from flashcards.runs.bets import Bet, Outcome
from flashcards.runs.commands import PlaceBet
from flashcards.runs.events import BetPlaced
from flashcards.runs.state import RunState
from flashcards.runs.values import BetQuestion
from flashcards.wording import bets


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


def asked(question: BetQuestion, n_cards: int, said: PlaceBet | None = None) -> SlideText:
    """A question to the room, and what it said."""
    text = bets.question(question, n_cards)
    if said is None:
        return SlideText("?", (text,))
    words = bets.said(said)
    return SlideText(words, (text, tr("{sign} the room says {said}", sign=SIGN, said=words)))


def came_out(prediction: Sequence[Bet]) -> SlideText:
    """How bets ended."""
    texts = [bets.result(*_settled(bet)) for bet in prediction]
    if len(prediction) == 1 and prediction[0].placed.share is not None:  # few words, so large ones
        texts = [tr("You said {said}.", said=bets.said(prediction[0].placed))]
    reasons = [bet.placed.bet.because for bet in prediction if bet.placed.bet.because]
    return SlideText(bets.came_out(*_settled(prediction[-1])), (*texts, *dict.fromkeys(reasons)))


def _settled(bet: Bet) -> tuple[BetPlaced, Outcome]:
    assert bet.outcome is not None
    return bet.placed, bet.outcome


def make_slide(session: Session) -> SlideView:
    talking = session.kept(StageState).talking
    assert talking is not None
    return SlideView(talking.slide)


def make_prediction(session: Session) -> SlideView:
    talking = session.kept(StageState).talking
    return SlideView(lambda: SlideText() if talking is None else talking.prediction)
