"""Opens a lesson: from a deck, from the start; or from a run, where it was."""

from __future__ import annotations

import math
import os
import platform
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import msgspec
import sentencepiece
import torch

import flashcards
from flashcards.cards.card import Deck
from flashcards.cards.diagnostics import Diagnostic
from flashcards.cards.judges import ANSWERS, JudgeError, spec_of
from flashcards.cards.large import LargeDeck
from flashcards.cards.loading import Elsewhere as LargeElsewhere
from flashcards.cards.loading import is_large, load_large
from flashcards.cards.shelf import LARGE_SUFFIX, DeckNotFound, DeckUnusable, find, load
from flashcards.cards.shuffle import shuffled
from flashcards.cards.text import ELSEWHERE, Elsewhere, TextDeck, is_text, load_text
from flashcards.cards.text import SUFFIX as TEXT_SUFFIX
from flashcards.errors import UserError
from flashcards.learner import compiled
from flashcards.learner.learner import Learner
from flashcards.learner.order import CardOrder
from flashcards.learner.settings import LearnerSettings, SettingsError, pick_device
from flashcards.learner.shapes import shapes_of
from flashcards.runs.begun import note_begun, was_begun_from
from flashcards.runs.catalog import find_run, runs_root
from flashcards.runs.commands import SetOrder, SetPractice, SetRemedy, TakeDeck
from flashcards.runs.events import AnyEvent, DamageFound, RunResumed, RunStarted
from flashcards.runs.files import MAX_DECK_BYTES
from flashcards.runs.folder import (
    FORMAT,
    LARGE_FORMAT,
    REWARD_FORMAT,
    SHARDS_FORMAT,
    RunError,
    RunFolder,
    RunInfo,
)
from flashcards.runs.goal import Goal
from flashcards.runs.recording import Recording
from flashcards.trainer.again.branching import branch, deck_without
from flashcards.trainer.again.chapters import begin_chapter
from flashcards.trainer.checkpoints import Restorer
from flashcards.trainer.describing import described, with_problems
from flashcards.trainer.inbox import Inbox
from flashcards.trainer.judging import kept_in, probe, save_judge
from flashcards.trainer.keeper import Keeper
from flashcards.trainer.ledger import CardLedger
from flashcards.trainer.lesson import Lesson
from flashcards.trainer.machine import this_machine
from flashcards.trainer.memory import OPENING, LessonMemory
from flashcards.trainer.request import LessonRequest
from flashcards.trainer.training_state import TrainingState
from flashcards.trainer.versions import errors_of

Watch = Callable[[AnyEvent], None]
OnStage = Callable[[str], None]


INDEXING = "indexing the deck"


class LessonError(UserError):
    """A lesson can't be opened; the message is one sentence for the user."""


class Opened(msgspec.Struct, frozen=True):
    """A lesson ready to run, with what is reported about it."""

    lesson: Lesson
    training: TrainingState
    keeper: Keeper


def open_lesson(
    request: LessonRequest,
    *,
    inbox: Inbox,
    watch: Watch,
    on_stage: OnStage,
    goal: Goal | None = None,
    clock: Callable[[], float] = time.perf_counter,
) -> Opened:
    """Open what is asked for. `watch` gets every event; `on_stage` is told in a word or two what is
    being done meanwhile.
    Raises LessonError: the deck or the run can't be used, with the reason and the mend."""
    resumed: Path | None = None
    taken: RunFolder | None = None
    try:
        device = pick_device(request.device)
        if request.resume is not None:
            on_stage("opening the run")
            resumed = find_run(runs_root(request.runs), request.resume)
            taken = folder = RunFolder.open(resumed, is_writer=True)
            damages: list[DamageFound] = []
            restorer = Restorer(folder, device, damages.append)
            training = restorer.restore()
            if len(training.deck.earlier) < folder.info.chapter:
                folder.release()
                raise LessonError(
                    f"{folder.path.name} holds no sound state of its last deck; teach it again "
                    f"with `flashcards train DECK --after {folder.info.parent}`"
                )
            if goal is not None:
                _check_is_ahead(goal, folder, training)
            start = described(folder, training.deck, training.learner)
            folder.set_aside_beyond(training.learner.step)
            keeper = Keeper(folder, watch, clock)
            keeper.recall(Recording.open(folder).state_at(training.learner.step))
            # what the rivals score is known from before: a verdict never lacks them meanwhile
            start = msgspec.structs.replace(start, rivals=keeper.state.rivals or start.rivals)
            keeper.emit(RunResumed(step=training.learner.step, start=start, file=restorer.file))
            for damage in damages:
                keeper.emit(damage)
            _follow_wishes(training.memory, request)
        elif request.after is not None:
            on_stage("reading the deck")
            path = find(request.deck)
            if is_text(path):
                raise LessonError(f"{path.name} is a text; after something, cards are taught")
            if is_large(path):
                raise LessonError("a deck this large can't be taught after something else")
            deck, diagnostics = load(path)
            if request.is_rewarded:
                deck = _judged(deck, path, request)
            on_stage("opening the run")
            parent = RunFolder.open(find_run(runs_root(request.runs), request.after))
            if any(path.suffix == LARGE_SUFFIX for path in parent.deck_versions()):
                raise LessonError("nothing can be taught after a deck this large")
            folder, training, began = begin_chapter(
                parent,
                runs_root(request.runs),
                deck,
                path,
                diagnostics,
                device,
                lambda at, training: described(at, training.deck, training.learner),
                request.order_seed,
            )
            note_begun(folder.info.run, str(path))
            keeper = Keeper(folder, watch, clock)
            keeper.recall(Recording.open(folder).state_at(began.step))
            # both decks are in its log: whoever watches reads what came before from there
            keeper.tell(RunResumed(step=began.step, start=began.start))
            goal, until = _from_step(goal, began.step), _from_step(request.until, began.step)
            request = msgspec.structs.replace(request, until=until)
            _follow_wishes(training.memory, request)
            if (request.rehearsal, request.learns) != (None, None):
                inbox.put(SetRemedy(rehearsal=request.rehearsal, learns=request.learns))
        elif request.branch_of is not None:
            on_stage("going to where it branches")
            parent = RunFolder.open(find_run(runs_root(request.runs), request.branch_of))
            folder, training, branched = branch(
                parent,
                runs_root(request.runs),
                request,
                device,
                lambda at, training: described(at, training.deck, training.learner),
            )
            if was_begun_from(parent.info.run, parent.info.deck_path):
                note_begun(folder.info.run, parent.info.deck_path)
            keeper = Keeper(folder, watch, clock)
            keeper.recall(Recording.open(folder).state_at(branched.step))
            keeper.tell(branched)
            if request.speed is not None:
                _follow_wishes(training.memory, request)
            if request.without_prompt is not None:
                inbox.put(TakeDeck(text=deck_without(training, request.without_prompt)))
        else:
            on_stage("reading the deck")
            path = find(request.deck)
            deck, diagnostics = _loaded(path, request, on_stage)
            if request.is_rewarded:
                deck = _judged(deck, path, request)
            on_stage("building the model")
            training = _fresh(deck, request, device)
            folder, start = _new_folder(path, training, request, device)
            keeper = Keeper(folder, watch, clock)
            keeper.emit(with_problems(start, errors_of(diagnostics, path.name)))
        if request.practice is not None:
            inbox.put(SetPractice(practice=request.practice))
        if request.order is not None:
            inbox.put(SetOrder(order=request.order))
        lesson = Lesson(
            training,
            keeper=keeper,
            inbox=inbox,
            clock=clock,
            describe=lambda: described(folder, training.deck, training.learner),
            goal=request.until if goal is None else goal,
            is_pausing_there=goal is None,
            duty=request.duty,
            is_following=request.is_following,
            is_paused=request.is_paused,
        )
    except (
        DeckNotFound,
        DeckUnusable,
        JudgeError,
        RunError,
        SettingsError,
        OSError,
    ) as error:
        if taken is not None:
            taken.release()
        if resumed is not None and not os.path.lexists(resumed / "run.json"):
            said = f"{resumed.name} was deleted or moved while it was opened"
            raise LessonError(said) from error
        said = f"the run can't be written: {error}" if isinstance(error, OSError) else str(error)
        raise LessonError(said) from error
    return Opened(lesson, training, keeper)


def _check_is_ahead(goal: Goal, folder: RunFolder, training: TrainingState) -> None:
    """Raises RunError when the run has passed the step or the time at which it is to stop."""
    name, step = folder.path.name, training.learner.step
    if goal.step is not None and step > goal.step:
        raise RunError(
            f"{name} is at step {step:,} already, beyond {goal.step:,}; steps are counted from "
            f"the run's start: --steps {step + goal.step} teaches {goal.step:,} more"
        )
    seconds = training.memory.train_seconds
    if goal.seconds is not None and seconds > goal.seconds:
        raise RunError(
            f"{name} was taught for {seconds:.1f} s already, longer than {goal.seconds:g}; seconds "
            f"are counted from the run's start: --seconds {math.ceil(seconds + goal.seconds)} "
            f"teaches {goal.seconds:g} more"
        )


def _loaded(
    path: Path, request: LessonRequest, on_stage: OnStage
) -> tuple[Deck, tuple[Diagnostic, ...]]:
    """The deck, or the text to be read, of this file."""
    if not request.is_read and not is_text(path):
        if not is_large(path):
            return load(path)
        if request.is_shuffled:
            raise LessonError("a deck this large stays in its file: its answers can't be shuffled")
        if request.order not in (None, "shuffled"):
            raise LessonError("a deck this large is taught in shuffled order alone")
        deck = load_large(path, _indexed(on_stage))
        return deck, deck.facts.problems
    if request.is_shuffled:
        raise LessonError("a text is read: it has no answers to shuffle")
    return load_text(path), ()


def _indexed(on_stage: OnStage) -> Callable[[int, int], None]:
    """Says in whole percent how far the index of a large deck is."""
    said = -1

    def report(done: int, total: int) -> None:
        nonlocal said
        if done * 100 // total > said:
            said = done * 100 // total
            on_stage(f"{INDEXING}: {said} %")

    return report


def _keep_judge(folder: RunFolder, deck: Deck) -> None:
    if deck.judge is not None:
        save_judge(folder, "0000", deck.judge)


def _judged(deck: Deck, path: Path, request: LessonRequest) -> Deck:
    """The deck to be practised by reward.
    Raises JudgeError: there is no such judge, or it fails."""
    if is_text(path):
        raise LessonError(f"{path.name} is a text; rewards are for cards")
    spec = spec_of(request.judge or deck.meta.judge or ANSWERS)
    if spec.kind == "program" and request.judge is None:
        raise LessonError(
            f"{path.name} names the program {spec.text} as its judge, which is run only when you "
            f"name it: --judge {path.with_name(spec.text)}"
        )
    judged = msgspec.structs.replace(deck, judge=spec)
    probe(judged)
    return judged


def open_learner(path: Path, at_most: int | None = None) -> TrainingState:
    """A saved run's learner, to ask and not to teach: the newest state, up to step `at_most`.
    Raises LessonError: the run can't be used."""
    try:
        return Restorer(RunFolder.open(path)).restore(at_most)
    except (RunError, SettingsError) as error:
        raise LessonError(str(error)) from error


def _fresh(deck: Deck, request: LessonRequest, device: str) -> TrainingState:
    """A learner that knows nothing; with shuffled answers, the one it would be without."""
    settings = LearnerSettings.for_deck(deck, request.settings)
    if "is_compiled" not in request.settings:
        settings = compiled.where_compiled(settings, device)
    learner = Learner.create(deck, settings, request.seed, device)
    if request.is_shuffled:
        deck = shuffled(deck, request.seed)
        learner.take_deck(deck)
    memory = LessonMemory(practice="taught" if deck.judge is None else "rewarded")
    if request.speed is not None:
        memory.speed = request.speed
    elif not isinstance(deck, TextDeck):  # of a text a single window shows little
        memory.opening = list(OPENING)
    order = CardOrder(deck.taught, request.seed, shapes=shapes_of(deck, settings))
    return TrainingState(deck, learner, order, CardLedger(len(deck.cards)), memory)


def _from_step(goal: Goal | None, step: int) -> Goal | None:
    """The goal with its step counted from this one."""
    if goal is None or goal.step is None:
        return goal
    return msgspec.structs.replace(goal, step=goal.step + step)


def _follow_wishes(memory: LessonMemory, request: LessonRequest) -> None:
    memory.opening.clear()
    if request.speed is not None:
        memory.speed = request.speed


def _least_format(training: TrainingState) -> int:
    if isinstance(training.deck, LargeDeck):
        return LARGE_FORMAT
    if training.learner.settings.n_shards > 1:
        return SHARDS_FORMAT
    return FORMAT if training.deck.judge is None else REWARD_FORMAT


def _new_folder(
    path: Path, training: TrainingState, request: LessonRequest, device: str
) -> tuple[RunFolder, RunStarted]:
    deck, learner = training.deck, training.learner
    now = datetime.now().astimezone()
    info = RunInfo(
        format=_least_format(training),
        run="",
        deck=deck.slug,
        deck_name=deck.name,
        deck_sha256=deck.sha256,
        deck_path=str(path),
        seed=request.seed,
        device=device,
        started=now.isoformat(timespec="seconds"),
        settings=msgspec.structs.asdict(learner.settings),
        versions={
            "flashcards": flashcards.__version__,
            "python": platform.python_version(),
            "torch": str(torch.__version__),
            "sentencepiece": sentencepiece.__version__,
            **({"kernels": compiled.version()} if learner.settings.is_compiled else {}),
        },
        machine=this_machine(),
        is_shuffled=request.is_shuffled,
        max_characters=deck.wishes.max_characters,
    )
    deck_file, deck_bytes = f"0000-{path.name}", b""
    if isinstance(deck, LargeDeck):
        deck_file += LARGE_SUFFIX
        at = LargeElsewhere(path=str(path.resolve()), sha256=deck.sha256)
        deck_bytes = msgspec.json.encode(at)
    elif not isinstance(deck, TextDeck):
        deck_bytes = path.read_bytes()
    elif not is_text(path):
        deck_file += TEXT_SUFFIX
    is_elsewhere = isinstance(deck, TextDeck) and path.stat().st_size > MAX_DECK_BYTES
    if is_elsewhere:
        deck_file += ELSEWHERE
        where = Elsewhere(path=str(path.resolve()), sha256=deck.sha256)
        deck_bytes = msgspec.json.encode(where)
    folder = RunFolder.create(
        runs_root(request.runs),
        info,
        deck_file=deck_file,
        deck_bytes=deck_bytes or path,
        tokenizer_model=learner.tokenizer_model,
        now=now,
        fill=lambda folder, path: _keep_judge(folder, deck),
    )
    if deck.judge is not None:
        spec = kept_in(folder.path, deck_file, deck.judge)
        training.deck = msgspec.structs.replace(deck, judge=spec)
    if isinstance(deck, TextDeck) and not is_elsewhere:
        deck.source.read_from(folder.deck_version(""))
    note_begun(folder.info.run, str(path))
    return folder, described(folder, deck, learner)
