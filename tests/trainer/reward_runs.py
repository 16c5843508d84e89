"""A small first lesson, and chapters of rewards after it; what was known at each step."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from flashcards.learner.learner import Learner
from flashcards.runs.commands import AnyCommand
from flashcards.runs.events import AnyEvent
from flashcards.runs.goal import Goal
from flashcards.trainer.opening import OpenedLesson, open_lesson
from flashcards.trainer.request import LessonRequest
from tests.trainer.kept import copy_of
from tests.trainer.lessons import Clock, ScriptedInbox, Watched, run_lesson

FIRST_STEPS = 40
REWARD_STEPS = 24


@dataclass
class Practised:
    """A chapter of rewards; the hashes of the weights by step."""

    opened: OpenedLesson
    watched: Watched
    hashes: dict[int, str] = field(default_factory=dict)

    @property
    def path(self) -> Path:
        return self.opened.keeper.folder.path


def write_pairs(folder: Path) -> Path:
    """Two letters in order: 30 of 90 pairs are never taught, `known.deck` teaches 25 of the rest.
    The path of the deck with the others, whose answers have run out."""
    letters = "abcdefghij"
    pairs = [a + b for a in letters for b in letters if a != b]
    cards = [f"{pair} :: {''.join(sorted(pair))}" for pair in pairs]
    held_out = [f"? {card}" for card in cards[::3]]
    rest = cards[1::3] + cards[2::3]
    front = ["+++", 'judge = "sorted"', "batch_size = 8", "n_layers = 1", "width = 32", "+++"]
    for name, taught in (("known", rest[:25]), ("pairs", rest[25:])):
        lines = [*front, *taught, *held_out]
        (folder / f"{name}.deck").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder / "pairs.deck"


def first_lesson(folder: Path) -> Path:
    """Some pairs, taught for a while; the run's folder in this one, beside the decks."""
    return copy_of(_teach_pairs, folder)


def _teach_pairs(folder: Path) -> Path:
    known = write_pairs(folder).with_name("known.deck")
    opened, _ = run_lesson(known, folder / "runs", goal=Goal(step=FIRST_STEPS))
    return opened.keeper.folder.path


def practise(
    deck: Path,
    runs: Path,
    *,
    after: Path | None,
    script: list[tuple[int, AnyCommand]] | None = None,
    steps: int = REWARD_STEPS,
    **wishes: object,
) -> Practised:
    """A chapter of rewards after the run, or a run of them."""
    clock, watched = Clock(), Watched()
    inbox = ScriptedInbox(clock, script or [])
    hashes: dict[int, str] = {}

    def watch(event: AnyEvent) -> None:
        watched.events.append(event)
        inbox.step = max(inbox.step, event.step)

    request = LessonRequest(
        deck=str(deck),
        runs=str(runs),
        after=None if after is None else str(after),
        speed="full",
        is_rewarded=True,
        **wishes,  # type: ignore[arg-type]
    )
    opened = open_lesson(
        request,
        inbox=inbox,
        watch=watch,
        on_stage=lambda stage: None,
        goal=Goal(step=steps),
        clock=clock,
    )
    learner = opened.training.learner
    hashes[learner.step] = learner.weights_sha256()
    reinforce, adjust = Learner.reinforce, Learner.adjust

    def noted(one: Learner, *args: object, **kwargs: object) -> object:
        made = reinforce(one, *args, **kwargs)  # type: ignore[arg-type]
        hashes[one.step] = one.weights_sha256()
        return made

    def noted_too(one: Learner, *args: object, **kwargs: object) -> object:
        made = adjust(one, *args, **kwargs)  # type: ignore[arg-type]
        hashes[one.step] = one.weights_sha256()
        return made

    Learner.reinforce, Learner.adjust = noted, noted_too  # type: ignore[assignment,method-assign]
    try:
        opened.lesson.run()
    finally:
        Learner.reinforce, Learner.adjust = reinforce, adjust  # type: ignore[method-assign]
        opened.keeper.close()
    return Practised(opened, watched, hashes)
