"""The slides of a question to the room, and of its outcome."""

from collections.abc import Sequence

from flashcards.app.stage.large_text import SlideText
from flashcards.app.widgets.bars import SIGN
from flashcards.base.language import tr
from flashcards.runs.bets import Bet, Outcome
from flashcards.runs.commands import PlaceBet
from flashcards.runs.events import BetPlaced
from flashcards.runs.values import BetQuestion
from flashcards.wording import bets


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
