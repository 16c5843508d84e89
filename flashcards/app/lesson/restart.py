"""Starting over: with the same seed, with a new one, or not."""

from __future__ import annotations

from flashcards.app.kit.choice import Choice, ChoiceScreen
from flashcards.language import tr


class RestartScreen(ChoiceScreen[int | None]):
    """Gives the seed to start with, None to leave all as it is."""

    def __init__(self, seed: int) -> None:
        same = tr("Seed {seed}: the same first guesses, the same order of cards.", seed=seed)
        other = tr(
            "Seed {seed}: other random numbers to begin with, and another order.", seed=seed + 1
        )
        super().__init__(
            tr("Start over?"),
            tr("A new model that knows nothing. What this one learned is saved first."),
            (
                Choice("s", tr("same seed"), same, seed),
                Choice("n", tr("new seed"), other, seed + 1),
                Choice("c", tr("cancel"), tr("The lesson goes on."), None),
            ),
        )
