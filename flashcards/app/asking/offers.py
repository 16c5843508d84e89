"""What the line to ask in offers: above what is typed the prompts asked before, below it cards.

Knows no widget: the dialog moves in it and shows what it says.
"""

from __future__ import annotations

from collections.abc import Iterable

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
        """The text so many places further on, as far as it goes."""
        last = len(self._cards or ())
        self._place = min(max(self._place + by, -len(self._earlier)), last)
        if self._place == 0:
            return self.typed
        if self._place < 0:
            return self._earlier[self._place]
        assert self._cards is not None
        return self._cards[self._place - 1]
