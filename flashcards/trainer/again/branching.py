"""A run that leaves another at one of its steps: the same lesson until then, its own from there.

The parent is only read, and may be written meanwhile. The branch's folder appears whole.
"""

import shutil
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path

import msgspec

from flashcards.cards.card import Deck
from flashcards.cards.diagnostics import Diagnostic
from flashcards.cards.format import parse, write
from flashcards.cards.grammar import split_lines
from flashcards.cards.printable import printable
from flashcards.runs import deck_versions, events as facts, run_files, values
from flashcards.runs.events import AnyEvent, ChapterBegan, RunBranched, StateSaved
from flashcards.runs.folder import RunError, RunFolder, expecting
from flashcards.trainer import describing, judging, lesson_kinds, versions
from flashcards.trainer.again.replaying import Replay
from flashcards.trainer.request import LessonRequest
from flashcards.trainer.training_state import TrainingState


def branch(
    parent: RunFolder, root: Path, request: LessonRequest, device: str
) -> tuple[RunFolder, TrainingState, RunBranched]:
    """Leave the parent at `request.branch_step`, with what the request wants otherwise.
    Raises RunError: the parent hasn't come to that step, its log doesn't say how, or the new folder
    can't be made.
    Raises OSError: the parent can't be read."""
    step = request.branch_step
    replay = Replay(parent, at_most=step, device=device)
    if not 0 <= step <= replay.log.last_step:
        raise RunError(
            f"{parent.path.name} has come to step {replay.log.last_step:,}, not to {step:,}"
        )
    replay.give(step)
    training = replay.training
    if request.without_prompt is not None:
        deck_without(training, request.without_prompt)  # no folder for what can't be taught
    if request.branch_seed is not None:
        training.reseed(request.branch_seed)
    if request.learning_rate_factor is not None:
        training.memory.learning_rate_factor = request.learning_rate_factor
    info = {"device": device, **_deck_then(parent, training)}
    folder, logged = leave(parent, training, root, info, _change(request))
    branched = logged[0]
    assert isinstance(branched, RunBranched)
    return folder, training, branched


def leave(
    parent: RunFolder,
    training: TrainingState,
    root: Path,
    info: Mapping[str, object],
    change: values.BranchChange,
    begin: Callable[[RunFolder, Path], list[AnyEvent]] = lambda folder, path: [],
) -> tuple[RunFolder, list[AnyEvent]]:
    """A folder for the parent's lesson as it is in `training`, to go on by itself; what is new in
    its log, first that it left.
    `info`: what `run.json` says otherwise than the parent's.
    `begin`: given the folder being built, and where it will be, does what the branch begins with,
    and gives what is to be logged of that.
    Raises RunError: the folder can't be made."""
    step = training.learner.step
    logged: list[AnyEvent] = []

    def fill(folder: RunFolder, path: Path) -> None:
        start = lesson_kinds.started(RunFolder(path, folder.info), training)
        logged.append(RunBranched(step=step, start=start, parent=parent.info.run, change=change))
        _copy_files(parent, folder, step)
        # of step 0 the one the run began with stays, too: it may have had another deck
        save = folder.save_resume_point if step == 0 else folder.save_keyframe
        state = save(step, training.to_bytes())
        logged.append(StateSaved(step=step, file=state.name))  # where a replay goes on
        logged.extend(begin(folder, path))
        happened = [earlier for earlier in parent.events() if earlier.step <= step]
        lines = b"".join(facts.encode(fact) for fact in (*happened, *logged))
        (folder.path / "events.jsonl").write_bytes(lines)

    now = datetime.now().astimezone()
    first = parent.deck_version("")
    folder = RunFolder.create(
        root,
        msgspec.structs.replace(
            parent.info,
            **{
                "run": "",
                "started": now.isoformat(timespec="seconds"),
                "parent": parent.info.run,
                "branch_step": step,
                "roundings": expecting(parent.info),
                **info,
            },
        ),
        deck_file=first.name,
        deck_bytes=run_files.read_file(first, run_files.MAX_DECK_BYTES),
        tokenizer_model=parent.tokenizer_model(),
        now=now,
        fill=fill,
    )
    return folder, logged


def _deck_then(parent: RunFolder, training: TrainingState) -> dict[str, object]:
    """Return what `run.json` says of the deck, where it was one before the parent's last."""
    file = training.memory.deck_file
    chapter = len(parent.earlier_versions(file))
    if chapter >= parent.info.chapter:
        return {}
    deck = training.deck
    return {
        "deck": deck.slug,
        "deck_name": deck.name,
        "deck_sha256": deck.sha256,
        "deck_path": str(parent.deck_version(file)),
        "chapter": chapter,
    }


def _copy_files(parent: RunFolder, folder: RunFolder, step: int) -> None:
    copied = list((parent.path / "deck").iterdir())
    for at, state in parent.state_files(step):
        if state.parent.name == "keyframes" and (at < step or step == 0):
            copied.append(state)
    for file in copied:
        target = folder.path / file.parent.name / file.name
        shutil.copyfile(file, target, follow_symlinks=False)


def deck_without(training: TrainingState, prompt: str) -> str:
    """The deck's text without the cards that have this prompt; a pair goes whole.
    Raises RunError: no card has it, or no card would be left to teach."""
    name = f"{training.deck.slug}.deck"
    document = parse(training.deck.text.encode("utf-8", "surrogateescape"), name).document
    left_out = {i for i, card in enumerate(training.deck.cards) if card.prompt == prompt}
    entries = [
        entry
        for entry in document.entries
        if entry.card_index in left_out or (entry.is_two and entry.card_index + 1 in left_out)
    ]
    if not entries:
        raise RunError(f"no card of the deck has the prompt {prompt!r}")
    lines = split_lines(document.text)
    for entry in reversed(entries):
        del lines[entry.line - 1 : entry.last_line]
    text = "".join(lines)
    left = parse(write(msgspec.structs.replace(document, text=text)), name).deck
    if left is None or not left.taught:
        raise RunError(f"without {prompt!r} no card is left to teach")
    return text


def _change(request: LessonRequest) -> values.BranchChange:
    without = request.without_prompt
    return values.BranchChange(
        learning_rate_factor=request.learning_rate_factor,
        seed=request.branch_seed,
        order=request.order,
        without_prompt=None if without is None else printable(without),
    )


def begin_chapter(
    parent: RunFolder,
    root: Path,
    deck: Deck,
    path: Path,
    diagnostics: Iterable[Diagnostic],
    device: str,
    seed: int | None = None,
    ask: str = "",
) -> tuple[RunFolder, TrainingState, ChapterBegan]:
    """Teach this deck, read from `path`, to the model that the parent came to; by reward, if it has
    a judge. `seed`, of the order and of tries, is the parent's if None; `ask` is the template.
    Raises RunError: the parent's log doesn't say how it came there, or the folder can't be made.
    Raises SettingsError: a card is longer than the model can hold; nothing is left behind.
    Raises OSError: the parent can't be read."""
    if parent.info.is_shuffled:
        raise RunError(
            f"{parent.path.name} was taught shuffled answers: there is nothing to build on"
        )
    if parent.info.chapter >= deck_versions.MAX_EARLIER:
        raise RunError(f"{parent.path.name} has {deck_versions.MAX_EARLIER} chapters already")
    training = _at_last_step(parent, device)
    training.learner.switch_adapter(is_on=True)  # the new chapter goes on from all that was taught
    began: list[ChapterBegan] = []
    built: list[Path] = []

    def begin(folder: RunFolder, at: Path) -> list[AnyEvent]:
        built.append(folder.path)
        in_force = training.memory.deck_file or folder.deck_version("").name
        earlier = (*folder.earlier_versions(in_force), in_force)
        file = folder.save_deck(
            path.name, run_files.read_file(path, run_files.MAX_DECK_BYTES), earlier
        )
        chapter = versions.load_version(folder, file)
        judging.save_judge(folder, file, deck)
        chapter = msgspec.structs.replace(chapter, judge=judging.kept_in(at, file, deck))
        changes = versions.change(training, chapter, file)
        start = lesson_kinds.started(RunFolder(at, folder.info), training)
        start = describing.with_problems(start, versions.errors_of(diagnostics, path.name))
        began.append(describing.chapter_event(training, start, file, changes))
        return [began[-1]]

    info = {
        "device": device,
        "deck": deck.slug,
        "deck_name": deck.name,
        "deck_sha256": deck.sha256,
        "deck_path": str(path),
        "chapter": parent.info.chapter + 1,
        "asks": (*map(parent.info.ask_in, range(parent.info.chapter + 1)), ask),
    }
    if seed is not None:
        training.reseed(seed)
    change = values.BranchChange(after=printable(deck.name), seed=seed)
    folder, _ = leave(parent, training, root, info, change, begin)
    for earlier in training.deck.earlier:  # the folder was built under another name
        earlier.moved(built[-1] / "deck", folder.path / "deck")
    return folder, training, began[-1]


def _at_last_step(parent: RunFolder, device: str) -> TrainingState:
    last_step = max((event.step for event in parent.events()), default=0)
    replay = Replay(parent, at_most=last_step, device=device)
    replay.give(replay.log.last_step)
    if not replay.training.learner.is_finite:
        raise RunError(f"the model of {parent.path.name} is broken: nothing can be taught to it")
    return replay.training
