"""Starting over: with the same seed, with a new one, or not."""

from __future__ import annotations

from flashcards.app.kit.choice import Choice, ChoiceScreen
from flashcards.app.lesson import dialog_words as words


class RestartScreen(ChoiceScreen[int | None]):
    """Gives the seed to start with, None to leave all as it is."""

    def __init__(self, seed: int) -> None:
        super().__init__(
            words.RESTART_TITLE,
            words.RESTART_TEXT,
            (
                Choice("s", words.SAME_SEED, words.same_seed(seed), seed),
                Choice("n", words.NEW_SEED, words.new_seed(seed + 1), seed + 1),
                Choice("c", words.CANCEL, words.STAY, None),
            ),
        )
