"""The beginning of a new lesson: its deck, a learner that knows nothing, its run folder."""

import platform
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Protocol

import msgspec
import sentencepiece
import torch

from flashcards.base.errors import UserError
from flashcards.base.version import __version__
from flashcards.cards import judges, shelf, split, text
from flashcards.cards.card import IN_CHAT, Deck
from flashcards.cards.diagnostics import Diagnostic
from flashcards.learner.brought import chat, opener, pieces
from flashcards.learner.kernels import compiled
from flashcards.learner.learner import Learner
from flashcards.learner.order import CardOrder, shapes_of
from flashcards.learner.settings import LearnerSettings
from flashcards.runs.catalog import note_begun, runs_root
from flashcards.runs.events import RunStarted
from flashcards.runs.folder import (
    FORMAT,
    BaseModel,
    RunFolder,
    RunInfo,
)
from flashcards.trainer import judging, lesson_kinds, training_state
from flashcards.trainer.ledger import CardLedger
from flashcards.trainer.request import LessonRequest


class StageListener(Protocol):
    """Is told in a word or two what is being done, and how far that is, where that is known."""

    def __call__(self, stage: str, percent: int | None = None) -> None: ...


N_PARTS = 50  # A stage is emitted in so many parts at most


def in_percent(on_stage: StageListener, stage: str) -> Callable[[int, int], None]:
    """Return what takes (done, total) and passes on how far the stage is.
    Only each time that it is a part further: stages may have thousands of small steps."""
    last_part = -1

    def on_progress(done: int, total: int) -> None:
        nonlocal last_part
        part = N_PARTS * done // max(1, total)
        if part != last_part:
            last_part = part
            on_stage(stage, 100 * part // N_PARTS)

    return on_progress


SEPARATED = "{prompt} ::"  # How a brought model is asked by default: as in a deck's file


class LessonError(UserError):
    """A lesson can't be opened; the message is one sentence for the user."""


def load_deck(path: Path, request: LessonRequest) -> tuple[Deck, tuple[Diagnostic, ...]]:
    """The deck, or the text to be read, of this file."""
    deck, problems = (text.load_text(path), ()) if request.is_read else text.load_either(path)
    if request.is_shuffled and (why := deck.why_not("shuffle", path.name)):
        raise LessonError(why)
    return deck, problems


def judged_deck(deck: Deck, path: Path, request: LessonRequest) -> Deck:
    """The deck to be practised by reward.
    Raises JudgeError: there is no such judge, or it fails."""
    if why := deck.why_not("reward", path.name):
        raise LessonError(why)
    wanted = request.judge
    spec = judges.spec_of((deck.meta.judge or judges.ANSWERS) if wanted is None else wanted)
    if spec.kind == "program" and request.judge is None:
        raise LessonError(
            f"{path.name} names the program {spec.text} as its judge, which is run only when you "
            f"name it: --judge {path.with_name(spec.text)}",
            needs_option=True,
        )
    judged = msgspec.structs.replace(deck, judge=spec)
    judging.probe(judged)
    return judged


def with_ask(deck: Deck, request: LessonRequest, *, is_brought: bool = False) -> Deck:
    """The deck, to be asked as the request wants. Raises LessonError: it is a text."""
    ask = None if request.ask == IN_CHAT else request.ask
    is_brought = is_brought or request.model is not None
    why_not = deck.why_not("ask", deck.name)
    if ask is None and is_brought and not why_not:
        ask = deck.meta.ask or SEPARATED
    if ask is None:
        return deck
    if why_not:
        raise LessonError(why_not)
    return msgspec.structs.replace(deck, ask=ask)


def in_words(ask: str, request: LessonRequest, tokenizer: bytes) -> str:
    """The template, in the chat template of the model with this tokenizer if that is asked for.
    Raises PretrainedError: that can't be used."""
    template = pieces.pieces_of(tokenizer).chat_template if request.ask == IN_CHAT else ""
    return chat.in_chat(template, ask) if template and ask else ask


def fresh_training(
    deck: Deck, request: LessonRequest, device: str, on_stage: StageListener
) -> tuple[training_state.TrainingState, BaseModel | None]:
    """A learner that was taught nothing here; it is the same with shuffled answers and without."""
    on_stage("building the model" if request.model is None else "reading the model")
    if request.model is not None:
        brought = opener.bring(request.model, deck, request.settings, request.seed)
        deck = msgspec.structs.replace(deck, ask=in_words(deck.ask, request, brought.pieces))
        return _begun(deck, Learner.bring(deck, brought, device), request), brought.noted
    settings = LearnerSettings.for_deck(deck, request.settings)
    if "is_compiled" not in request.settings:
        settings = compiled.where_compiled(settings, device)
    learner = Learner.create(deck, settings, request.seed, device)
    return _begun(deck, learner, request), None


def _begun(deck: Deck, learner: Learner, request: LessonRequest) -> training_state.TrainingState:
    if request.is_shuffled:
        deck = split.shuffled(deck, request.seed)
        learner.take_deck(deck)
    memory = training_state.LessonMemory(practice=judging.first_practice(deck))
    if request.speed is not None:
        memory.speed = request.speed
    else:
        memory.opening = list(lesson_kinds.lesson_about(deck).opening)
    order = CardOrder(deck.taught, request.seed, shapes=shapes_of(deck, learner.settings))
    return training_state.TrainingState(deck, learner, order, CardLedger(len(deck.cards)), memory)


def new_folder(
    path: Path,
    training: training_state.TrainingState,
    request: LessonRequest,
    device: str,
    base: BaseModel | None = None,
) -> tuple[RunFolder, RunStarted]:
    deck, learner = training.deck, training.learner
    now = datetime.now().astimezone()
    info = RunInfo(
        format=FORMAT,
        run="",
        deck=deck.slug,
        deck_name=deck.name,
        deck_sha256=deck.sha256,
        deck_path=str(path),
        seed=request.seed,
        device=device,
        started=now.isoformat(timespec="seconds"),
        settings=msgspec.structs.asdict(learner.settings),
        chosen=request.settings,
        versions={
            "flashcards": __version__,
            "python": platform.python_version(),
            "torch": str(torch.__version__),
            "sentencepiece": sentencepiece.__version__,
            **({"kernels": compiled.version()} if learner.settings.is_compiled else {}),
        },
        machine=this_machine(),
        is_shuffled=request.is_shuffled,
        roundings=("",),
        asks=(deck.ask,) if deck.ask else (),
        base=base,
    )
    name, copied = lesson_kinds.lesson_about(deck).copy_of(path)
    deck_file = f"0000-{name}"

    def keep_what_asks(folder: RunFolder, path: Path) -> None:
        judging.save_judge(folder, "0000", deck)
        if training.general:
            content = training.general_deck.text.encode("utf-8", "surrogateescape")
            (folder.path / "deck" / shelf.GENERAL).write_bytes(content)

    folder = RunFolder.create(
        runs_root(request.runs),
        info,
        deck_file=deck_file,
        deck_bytes=copied,
        tokenizer_model=learner.tokenizer_model,
        now=now,
        fill=keep_what_asks,
    )
    judge = judging.kept_in(folder.path, deck_file, deck)
    if judge != deck.judge:  # its program is run from the run folder
        training.deck = msgspec.structs.replace(deck, judge=judge)
    deck.read_from(folder.deck_version(""))
    note_begun(folder.info.run, str(path))
    return folder, lesson_kinds.started(folder, training)


def this_machine() -> str:
    """System, architecture and the instructions torch uses here: `Linux x86_64 AVX2`."""
    instructions = torch.backends.cpu.get_cpu_capability()
    return f"{platform.system()} {platform.machine()} {instructions}"
