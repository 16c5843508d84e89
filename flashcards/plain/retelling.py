"""A recorded run told in plain text: what would have been told while it was taught."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from flashcards.plain.narrator import Narrator
from flashcards.runs.events import CorrectionMeasured
from flashcards.runs.folder import RunError, RunFolder
from flashcards.runs.values import Speed

CARD_S: dict[Speed, float] = {"explain": 3.0, "slow": 1.0, "brisk": 0.1, "full": 0.0}
"""How long a card was shown, beside the training time that the log tells."""


def retell(run: Path) -> Iterator[str]:
    """The lines, as thinned out as they were when it was taught.
    Raises RunError: it is no run, or its log can't be read."""
    folder = RunFolder.open(run)
    try:
        happened = folder.events()
    except OSError as error:
        raise RunError(f"the log of {run.name} can't be read: {error.strerror}") from error
    narrator, shown_s = Narrator(), 0.0
    for event in happened:
        if isinstance(event, CorrectionMeasured):
            shown_s += CARD_S[narrator.state.speed]
        yield from narrator.tell(event, shown_s + narrator.state.train_seconds)
