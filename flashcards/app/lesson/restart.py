"""Starting over: with the same seed, with a new one, or not."""

from __future__ import annotations

from flashcards.app.kit.choice import Choice, ChoiceScreen
from flashcards.language import say


class RestartScreen(ChoiceScreen[int | None]):
    """Gives the seed to start with, None to leave all as it is."""

    def __init__(self, seed: int) -> None:
        same = say("Seed {seed}: the same first guesses, the same order of cards.", seed=seed)
        other = say(
            "Seed {seed}: other random numbers to begin with, and another order.", seed=seed + 1
        )
        super().__init__(
            say("Start over?"),
            say("A new model that knows nothing. What this one learned is saved first."),
            (
                Choice("s", say("same seed"), same, seed),
                Choice("n", say("new seed"), other, seed + 1),
                Choice("c", say("cancel"), say("The lesson goes on."), None),
            ),
        )
