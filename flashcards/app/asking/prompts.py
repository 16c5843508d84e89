"""The prompts: offered in the line to ask in, and pinned by the pin key."""

from __future__ import annotations

from collections.abc import Iterable

from flashcards.app.session import Session
from flashcards.app.widgets.cells import cut
from flashcards.base.language import tr
from flashcards.runs.commands import MAX_PINS, Pin, Unpin

MAX_EARLIER = 50


class AskedBefore:
    """The prompts asked while the program runs, each once, oldest first."""

    def __init__(self) -> None:
        self.prompts: list[str] = []

    def add(self, prompt: str) -> None:
        self.prompts = [*(p for p in self.prompts if p != prompt), prompt][-MAX_EARLIER:]


class Offers:
    """Where one is between them: 0 is what was typed, less is earlier, more is a card."""

    def __init__(self, typed: str, earlier: Iterable[str]) -> None:
        self.typed = typed
        self._earlier = [prompt for prompt in earlier if prompt != typed]
        self._cards: list[str] | None = None
        self._place = 0

    def needs_cards(self, by: int) -> bool:
        """Whether that move comes to the cards, and nobody has said yet which there are."""
        return self._cards is None and self._place + by > 0

    def take(self, prompts: Iterable[str]) -> None:
        """These cards have what is typed in them: those that begin with it come first."""
        kept = [prompt for prompt in dict.fromkeys(prompts) if prompt != self.typed]
        self._cards = sorted(kept, key=lambda prompt: not prompt.startswith(self.typed))

    def move(self, by: int) -> str:
        last = len(self._cards or ())
        self._place = min(max(self._place + by, -len(self._earlier)), last)
        if self._place == 0:
            return self.typed
        if self._place < 0:
            return self._earlier[self._place]
        assert self._cards is not None
        return self._cards[self._place - 1]


PROMPT_WIDTH = 30


def pin(session: Session) -> None:
    correction, pins = session.shown.card.now, session.state.pins
    if correction is None or session.view_name != "lesson" or session.screen is not session.view:
        return
    session.notify(toggle_pin(session, correction.prompt, pins), timeout=4, kind="pin")


def toggle_pin(session: Session, prompt: str, pins: Iterable[str]) -> str:
    """Pin or unpin; says so, and which of the pins goes where there are too many."""
    before = list(pins)
    if prompt in before:
        session.send(Unpin(prompt=prompt))
        return tr("“{prompt}” is not pinned any more.", prompt=cut(prompt, PROMPT_WIDTH))
    session.send(Pin(prompt=prompt))
    instead = ""
    if len(before) >= MAX_PINS:
        oldest = cut(before[0], PROMPT_WIDTH)
        instead = tr(" “{replaced}” is not followed any more.", replaced=oldest)
    return tr(
        "“{prompt}” is pinned: asked at every exam. a shows its answers.{instead}",
        prompt=cut(prompt, PROMPT_WIDTH),
        instead=instead,
    )
