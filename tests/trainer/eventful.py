"""A lesson in which everything happens that decides an update; what was known after each."""

import dataclasses
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from flashcards.cards.card import Deck
from flashcards.runs import commands as cmd
from flashcards.runs.folder import RunFolder
from flashcards.runs.goal import Goal
from flashcards.trainer.ledger import CardLedger
from tests.decks import write_capitals
from tests.once import once
from tests.trainer.lessons import Script, run_lesson

N_STEPS = 130


@dataclass
class Eventful:
    """What was known at the end, and at each step the hash of the weights and the saved ledger."""

    run: Path
    deck: Deck
    times_seen: Sequence[int]  # of each card
    cards_taught: int
    hashes: dict[int, str]
    ledgers: dict[int, bytes]

    @property
    def folder(self) -> RunFolder:
        return RunFolder.open(self.run)


def script(deck: Path) -> Script:
    shorter = "\n".join(deck.read_text().splitlines()[:-1]) + "\nMalta :: Valletta\n"
    return [
        (1, cmd.Pin(prompt="Egypt")),
        (18, cmd.SetLearningRate(factor=2.0)),
        (25, cmd.TeachCard(request=1, prompt="Atlantis", answer="Poseidonia")),
        (40, cmd.SetSpeed(speed="explain")),
        (42, cmd.Ask(request=2, prompt="France")),
        (43, cmd.SetSpeed(speed="full")),
        (55, cmd.SetLearningRate(factor=0.25)),
        (60, cmd.Step(n_cards=3)),
        (63, cmd.Play()),
        (70, cmd.TakeDeck(text=shorter)),
        (80, cmd.Pause()),
        (80, cmd.TeachCard(request=3, prompt="Kenya", answer="Nairobi")),
        (80, cmd.Play()),
        (90, cmd.SetLearningRate(factor=1.0)),
    ]


def eventful_run(path: Path) -> Eventful:
    taught = once(_taught)
    copy = shutil.copytree(taught.run, path / "runs" / taught.run.name)
    return dataclasses.replace(taught, run=copy)


def _taught(path: Path) -> Eventful:
    deck = write_capitals(path)
    ledgers: dict[int, bytes] = {}
    studied = CardLedger.studied

    def kept(self: CardLedger, card_indices: Sequence[int], marks: bytes, step: int) -> None:
        ledgers[step - 1] = self.to_bytes()
        studied(self, card_indices, marks, step)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(CardLedger, "studied", kept)
        opened, watched = run_lesson(
            deck, script=script(deck), speed=None, goal=Goal(step=N_STEPS), is_noted=True
        )
    training = opened.training
    ledgers[N_STEPS] = training.ledger.to_bytes()
    return Eventful(
        opened.keeper.folder.path,
        training.deck,
        tuple(training.ledger.times_seen),
        training.memory.cards_taught,
        watched.hashes,
        ledgers,
    )
