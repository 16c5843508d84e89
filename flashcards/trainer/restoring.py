"""A lesson as a saved state has it: the newest one up to a step that is not damaged.

Reads the run folder, writes nothing, knows no clock.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from flashcards.learner.learner import Learner
from flashcards.learner.order import CardOrder
from flashcards.learner.saving import SavedError, extra_of
from flashcards.learner.settings import LearnerSettings
from flashcards.runs.events import DamageFound
from flashcards.runs.folder import RunError, RunFolder, read_state
from flashcards.trainer import versions
from flashcards.trainer.ledger import CardLedger
from flashcards.trainer.memory import LessonMemory
from flashcards.trainer.teaching import Taught


def restore(
    folder: RunFolder,
    device: str,
    at_most: int | None = None,
    on_damage: Callable[[DamageFound], None] = lambda damage: None,
) -> Taught:
    """The lesson of the newest undamaged state up to step `at_most`, with the deck of that step.

    `on_damage` is told of each state that had to be passed over.

    Raises:
        RunError: there is no such state.
    """
    passed_over: list[tuple[str, int]] = []
    why = ""
    for step, path in reversed(folder.state_files(at_most)):
        saved = read_state(path)
        if saved is None and not path.exists():
            continue  # thinned out meanwhile
        try:
            if saved is None:
                raise SavedError("it is not what was written")
            taught = _as_saved(folder, device, saved)
        except (SavedError, RunError, ValueError, KeyError, msgspec.DecodeError) as error:
            why = why or f" (the state of step {step:,} is damaged: {error})"
            passed_over.append((path.relative_to(folder.path).as_posix(), step))
            continue
        make_changes(taught, folder, folder.deck_changes(taught.learner.step))
        for file, damaged_step in passed_over:
            on_damage(_damage(file, damaged_step, taught.learner.step))
        return taught
    where = "" if at_most is None else f" up to step {at_most:,}"
    raise RunError(f"{folder.path.name} holds no state{where} to go on from{why}")


def make_changes(taught: Taught, folder: RunFolder, changes: list[tuple[int, str]]) -> bool:
    """Teach the deck in force after `changes`, those up to this step; whether it was another.

    A state may have been saved at the very step of a change, before it was made.

    Raises:
        RunError: a version of the deck is gone or can't be read.
    """
    files = [file for _, file in changes]
    in_force = taught.memory.deck_file
    n_made = len(files) - files[::-1].index(in_force) if in_force in files else 0
    for file in files[n_made:]:
        versions.change(taught, versions.load_version(folder, file)[0], file)
    return n_made < len(files)


def _as_saved(folder: RunFolder, device: str, saved: bytes) -> Taught:
    parts = extra_of(saved)
    memory = LessonMemory.from_bytes(parts["memory"])
    deck, _ = versions.load_version(folder, memory.deck_file)
    ledger = CardLedger.from_bytes(parts["ledger"], len(deck.cards))
    deck = versions.with_seen_taught(deck, ledger.times_seen)
    settings = msgspec.convert(folder.info.settings, LearnerSettings)
    learner, _ = Learner.restore(deck, settings, folder.tokenizer_model(), saved, device)
    seed = folder.info.seed if memory.order_seed is None else memory.order_seed
    order = CardOrder(deck.taught, seed, memory.position, memory.after_change)
    return Taught(deck=deck, learner=learner, order=order, ledger=ledger, memory=memory)


def _damage(file: str, damaged_step: int, step: int) -> DamageFound:
    return DamageFound(
        step=step,
        file=file,
        text=f"The saved state of step {damaged_step:,} is damaged: "
        f"that of step {step:,} was taken instead.",
    )
