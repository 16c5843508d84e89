"""What a saved run's model was at a step of which no state is kept: its updates are made again."""

from __future__ import annotations

from pathlib import Path

from flashcards.runs.folder import RunFolder
from flashcards.trainer.again.replaying import Replay


def weights_at(run: Path, step: int) -> str:
    """Hash of the weights at this very step."""
    replay = Replay(RunFolder.open(run), at_most=step)
    replay.give(step)
    assert replay.step == step
    return replay.training.learner.weights_sha256()
