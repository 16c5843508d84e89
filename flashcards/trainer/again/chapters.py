"""A run that goes on with another deck: a branch at its last step that begins a new chapter.

The parent is only read. The new run's folder appears whole, with both decks.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec

from flashcards.cards.card import Deck
from flashcards.cards.diagnostics import Diagnostic
from flashcards.cards.printable import printable
from flashcards.cards.text import ReadBefore
from flashcards.runs.deck_versions import MAX_EARLIER
from flashcards.runs.events import AnyEvent, ChapterBegan
from flashcards.runs.files import MAX_DECK_BYTES, read_file
from flashcards.runs.folder import RunError, RunFolder
from flashcards.runs.values import BranchChange
from flashcards.trainer import versions
from flashcards.trainer.again.branching import leave
from flashcards.trainer.again.replaying import CannotReplay, Replay
from flashcards.trainer.describing import chapter_event, described, with_problems
from flashcards.trainer.judging import kept_in, save_judge
from flashcards.trainer.training_state import TrainingState


def begin_chapter(
    parent: RunFolder,
    root: Path,
    deck: Deck,
    path: Path,
    diagnostics: Iterable[Diagnostic],
    device: str,
    seed: int | None = None,
) -> tuple[RunFolder, TrainingState, ChapterBegan]:
    """Teach this deck, read from `path`, to the model that the parent came to; by reward, if it has
    a judge. `seed`, of the order and of tries, is the parent's if None.
    Raises RunError: the parent's log doesn't say how it came there, or the folder can't be made.
    Raises SettingsError: a card is longer than the model can hold; nothing is left behind.
    Raises OSError: the parent can't be read.
    """
    if parent.info.is_shuffled:
        raise RunError(
            f"{parent.path.name} was taught shuffled answers: there is nothing to build on"
        )
    if parent.info.chapter >= MAX_EARLIER:
        raise RunError(f"{parent.path.name} has {MAX_EARLIER} chapters already")
    training = _at_last_step(parent, device)
    began: list[ChapterBegan] = []
    built: list[Path] = []

    def begin(folder: RunFolder, at: Path) -> list[AnyEvent]:
        built.append(folder.path)
        in_force = training.memory.deck_file or folder.deck_version("").name
        earlier = (*folder.earlier_versions(in_force), in_force)
        file = folder.save_deck(path.name, read_file(path, MAX_DECK_BYTES), earlier)
        chapter = versions.load_version(folder, file)
        if deck.judge is not None:
            save_judge(folder, file, deck.judge)
            chapter = msgspec.structs.replace(chapter, judge=kept_in(at, file, deck.judge))
        changes = versions.change(training, chapter, file)
        start = described(RunFolder(at, folder.info), training.deck, training.learner)
        start = with_problems(start, versions.errors_of(diagnostics, path.name))
        began.append(chapter_event(training, start, file, changes))
        return [began[-1]]

    info = {
        "device": device,
        "deck": deck.slug,
        "deck_name": deck.name,
        "deck_sha256": deck.sha256,
        "deck_path": str(path),
        "chapter": parent.info.chapter + 1,
    }
    if seed is not None:
        training.reseed(seed)
    change = BranchChange(after=printable(deck.name), seed=seed)
    folder, _ = leave(parent, training, root, info, change, begin)
    _follow(training.deck, built[-1], folder.path)
    return folder, training, began[-1]


def _follow(deck: Deck, built: Path, folder: Path) -> None:
    """Read texts from the run's folder from now on: it was built under another name."""
    for one in deck.earlier:
        if isinstance(one, ReadBefore) and one.windows.cards.path.parent == built / "deck":
            one.windows.cards.path = folder / "deck" / one.windows.cards.path.name


def _at_last_step(parent: RunFolder, device: str) -> TrainingState:
    last_step = max((event.step for event in parent.events()), default=0)
    try:
        replay = Replay(parent, at_most=last_step, device=device)
        replay.give(replay.log.last_step)
    except CannotReplay as error:
        raise RunError(str(error)) from error
    if not replay.training.learner.is_finite:
        raise RunError(f"the model of {parent.path.name} is broken: nothing can be taught to it")
    return replay.training
