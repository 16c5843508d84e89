"""`torchrun … -m flashcards train`: the processes meet, compare what they have, and begin."""

import hashlib
from collections.abc import Callable

import msgspec
import torch

from flashcards.base.version import __version__
from flashcards.cards.shelf import DeckNotFound, find
from flashcards.learner import shards
from flashcards.learner.kernels import compiled
from flashcards.learner.settings import SettingsError, pick_device
from flashcards.runs.catalog import find_run, runs_root
from flashcards.runs.folder import RunFolder
from flashcards.terminal.output import print_line
from flashcards.trainer.opening import LessonError
from flashcards.trainer.request import LessonRequest
from flashcards.trainer.team.link import Link
from flashcards.trainer.team.workers import Workers, serve

N_SHARDS = 4  # In so many shards a batch is divided, unless `--set n_shards=N` says otherwise


class ProcessFacts(msgspec.Struct, frozen=True):
    """Facts that must be alike in all processes.
    `deck`: the SHA-256 of the deck's file; "" where none is named or it can't be read.
    `problem`: why this process can't take part, "" if it can."""

    host: str
    deck: str
    versions: str
    problem: str = ""


def train_together(request: LessonRequest, teach: Callable[[LessonRequest, Workers], int]) -> int:
    """Be one of several processes that teach one model; the exit code. Rank 0 alone calls `teach`.
    Raises LessonError: they can't work together."""
    link = Link()
    try:
        facts = _facts(request, link.host)
        link.publish_facts(facts)
        if link.rank > 0:
            serve(link, pick_device("cpu" if facts.problem else request.device))
            return 0
        workers = Workers(link)
        try:
            if problem := problem_of(
                facts, [link.facts_of(i, ProcessFacts) for i in range(1, link.n_processes)]
            ):
                raise LessonError(problem)
            return teach(divided(request, link.n_processes), workers)
        finally:
            workers.end()
    except shards.ProcessLost as error:
        if link.is_first_to_report():
            print_line(f"flashcards: {error}", is_error=True)
        return 1
    finally:
        link.leave()


def _facts(request: LessonRequest, host: str) -> ProcessFacts:
    deck, problem = "", ""
    try:
        if request.deck:
            with find(request.deck).open("rb") as file:
                deck = hashlib.file_digest(file, "sha256").hexdigest()
        pick_device(request.device)
    except (DeckNotFound, OSError, SettingsError) as error:
        problem = str(error)
    versions = f"flashcards {__version__}, torch {torch.__version__}"
    if (kernels := compiled.version()) != "none":
        versions += f", kernels {kernels}"
    return ProcessFacts(host, deck, versions, problem)


def problem_of(first: ProcessFacts, others: list[ProcessFacts]) -> str:
    """Explain why they can't work together, "" if they can; the problem of `first` is not named."""
    if first.problem:
        return ""
    for rank, facts in enumerate(others, 1):
        who = f"process {rank} on {facts.host}"
        if facts.problem:
            return f"{who} can't take part: {facts.problem}"
        if facts.versions != first.versions:
            return f"{who} has {facts.versions}; process 0 on {first.host} {first.versions}"
        if facts.deck != first.deck:
            return (
                f"the deck of {who} is not that of process 0 on {first.host}; copy one file to both"
            )
    return ""


def divided(request: LessonRequest, n_processes: int) -> LessonRequest:
    """The request, with its batches in shards.
    Raises LessonError: the run's are not, or there are more processes than shards."""
    parent = request.resume or request.after or request.branch_of
    n_shards: object = request.settings.get("n_shards", N_SHARDS)
    if parent is not None:
        path = find_run(runs_root(request.runs), parent)
        n_shards = RunFolder.open(path).info.settings.get("n_shards", 1)
        if n_shards == 1:
            raise LessonError(
                f"{path.name} was begun without torchrun: its batches are not divided; go on "
                "without it"
            )
    if isinstance(n_shards, int) and n_processes > n_shards:
        raise LessonError(
            f"a batch of this model is divided into {n_shards} shards, which is too few for "
            f"{n_processes} processes; start {n_shards} at most"
            f"{'' if parent else f' or use --set n_shards={n_processes}'}"
        )
    if parent is not None:
        return request
    settings = {"n_shards": N_SHARDS, **request.settings}
    return msgspec.structs.replace(request, settings=settings)
