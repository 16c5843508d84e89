"""A lesson in which everything happens that decides an update; what was known after each."""

from __future__ import annotations

import atexit
import functools
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from flashcards.learner.learner import Learner
from flashcards.learner.study import Adjustment, Study
from flashcards.runs.commands import (
    AnyCommand,
    Ask,
    Pause,
    Pin,
    Play,
    SetLearningRate,
    SetSpeed,
    Step,
    TakeDeck,
    TeachCard,
)
from flashcards.runs.folder import RunFolder
from flashcards.runs.goal import Goal
from flashcards.trainer.ledger import CardLedger
from flashcards.trainer.opening import Opened
from tests.decks import write_capitals
from tests.trainer.lessons import run_lesson

N_STEPS = 130


@dataclass
class Eventful:
    """The run, and at each step the hash of its weights and the saved ledger of its cards."""

    opened: Opened
    hashes: dict[int, str]
    ledgers: dict[int, bytes]
    folder: RunFolder


def script(deck: Path) -> list[tuple[int, AnyCommand]]:
    """Every kind of command that changes what is taught, and some that don't."""
    shorter = "\n".join(deck.read_text().splitlines()[:-1]) + "\nMalta :: Valletta\n"
    return [
        (1, Pin(prompt="Egypt")),
        (18, SetLearningRate(factor=2.0)),
        (25, TeachCard(request=1, prompt="Atlantis", answer="Poseidonia")),
        (40, SetSpeed(speed="explain")),
        (42, Ask(request=2, prompt="France")),
        (43, SetSpeed(speed="full")),
        (55, SetLearningRate(factor=0.25)),
        (60, Step(n_cards=3)),
        (63, Play()),
        (70, TakeDeck(text=shorter)),
        (80, Pause()),
        (80, TeachCard(request=3, prompt="Kenya", answer="Nairobi")),
        (80, Play()),
        (90, SetLearningRate(factor=1.0)),
    ]


def eventful_run(path: Path) -> Eventful:
    """A copy of the run in this folder, to do with as one likes; it is taught once a process."""
    taught = _taught()
    name = taught.folder.path.name
    copy = RunFolder.open(shutil.copytree(taught.folder.path, path / "runs" / name))
    return Eventful(taught.opened, taught.hashes, taught.ledgers, copy)


@functools.cache
def _taught() -> Eventful:
    """Teach it, from the slow opening on, for `N_STEPS` updates."""
    path = Path(tempfile.mkdtemp(prefix="flashcards-eventful-"))
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    deck = write_capitals(path)
    hashes: dict[int, str] = {}
    ledgers: dict[int, bytes] = {}
    adjust, studied = Learner.adjust, CardLedger.studied

    def noting(
        self: Learner,
        study: Study,
        learning_rate_factor: float = 1.0,
        measured_row: int | None = None,
        ripple: Sequence[int] = (),
        *,
        is_detailed: bool = False,
    ) -> Adjustment:
        if not hashes:
            hashes[self.step] = self.weights_sha256()
        made = adjust(
            self, study, learning_rate_factor, measured_row, ripple, is_detailed=is_detailed
        )
        hashes[self.step] = self.weights_sha256()
        return made

    def kept(self: CardLedger, card_indices: Sequence[int], marks: bytes, step: int) -> None:
        ledgers[step - 1] = self.to_bytes()
        studied(self, card_indices, marks, step)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Learner, "adjust", noting)
        patched.setattr(CardLedger, "studied", kept)
        opened, _ = run_lesson(
            deck,
            path / "runs",
            script=script(deck),
            speed=None,
            goal=Goal(step=N_STEPS),
        )
    ledgers[N_STEPS] = opened.training.ledger.to_bytes()
    return Eventful(opened, hashes, ledgers, opened.keeper.folder)
