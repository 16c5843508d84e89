"""The judge of a deck in force, whatever its kind."""

import json
import queue
import weakref
from collections.abc import Sequence
from pathlib import Path

import msgspec

from flashcards.base import child_process, persons_program, system
from flashcards.base.decoding import decode_json
from flashcards.cards.card import Deck, JudgeSpec
from flashcards.cards.diagnostics import excerpt
from flashcards.cards.expression import Expression
from flashcards.cards.judges import Attempt, Judge, JudgeError, judge_of
from flashcards.cards.printable import printable
from flashcards.runs import catalog, rewards, values
from flashcards.runs.folder import RunError, RunFolder

N_TRIES = 8  # of each prompt in an update

N_PROBED = 8

N_VALUED = 100
"""One of so many answers must have a value: an expression with a mistake would give none."""


def judge_for(deck: Deck) -> Judge | None:
    """Return the judge that rewards the tries at this deck's cards; None where answers teach.
    Raises JudgeError: it can't be asked here."""
    if deck.judge is None:
        return None
    return ProgramJudge(deck.judge) if deck.judge.kind == "program" else judge_of(deck.judge)


def probe(deck: Deck) -> None:
    """Ask the judge about some of the deck's own answers, and about none.
    Raises JudgeError: it fails, or is an expression that has a value for none of them."""
    cards = deck.cards[:N_PROBED]
    tries = [Attempt(c.prompt, attempt, c.answers) for c in cards for attempt in (c.answer, "")]
    judge = judge_for(deck)
    assert judge is not None
    assert deck.judge is not None
    judge(tries)
    if deck.judge.kind != "expression":
        return
    expression = Expression(deck.judge.text)
    why = ""
    for card in deck.cards[:N_VALUED]:
        why = expression.why_no_value(card.prompt, card.answer)
        if not why:
            return
    raise JudgeError(
        f"the judge {excerpt(deck.judge.text)} fails at every answer of the deck: {printable(why)}"
    )


def first_practice(deck: Deck) -> values.Practice:
    """Name the way in which the deck's cards are practised at first."""
    return "taught" if deck.judge is None else "rewarded"


def facts_of(deck: Deck) -> rewards.JudgeFacts | None:
    if deck.judge is None:
        return None
    return rewards.JudgeFacts(kind=deck.judge.kind, text=deck.judge.text, n_tries=N_TRIES)


def judge_in(folder: RunFolder, file: str) -> JudgeSpec | None:
    """Return the judge of this version of a run's deck; None where answers teach.
    A program is run only for a run that was begun here: another's folder may hold anything.
    Raises RunError: what says it is damaged."""
    saved, program = folder.judge(file)
    if saved is None:
        return None
    try:
        spec = decode_json(saved, JudgeSpec)
    except msgspec.DecodeError as error:
        raise RunError(f"{program.with_suffix('.json')} is damaged: {error}") from error
    info = folder.info
    is_ours = spec.kind == "program" and catalog.was_begun_from(info.run, info.deck_path)
    return msgspec.structs.replace(spec, path=str(program) if is_ours else "")


def save_judge(folder: RunFolder, file: str, deck: Deck) -> None:
    """Keep the judge of a version of the deck in the run folder, with its program; if it has one.
    Raises OSError: it can't be read or written."""
    spec = deck.judge
    if spec is None:
        return
    program = Path(spec.path).read_bytes() if spec.kind == "program" else None
    bare = msgspec.structs.replace(spec, path="")
    folder.save_judge(file, msgspec.json.encode(bare), program)


def kept_in(folder: Path, file: str, deck: Deck) -> JudgeSpec | None:
    """Return the deck's judge as the run folder keeps it: a program is run from there."""
    spec = deck.judge
    if spec is None or spec.kind != "program":
        return spec
    path = folder / "deck" / f"{file[:4]}.judge.py"
    return msgspec.structs.replace(spec, path=str(path))


START_S = 20.0
BATCH_S = 10.0  # It is ended when it has not answered by then

MAX_SAID_CHARACTERS = 300


class _Message(msgspec.Struct):
    worth: list[float] | None = None
    text: str | None = None
    ready: bool = False
    error: str = ""
    line: int = 0


class _Program:
    """A person's program in a process that ends with this object.
    It runs only when it is named here, with limits on its time, memory and output. They guard
    against accidents: it may do whatever its user may."""

    def __init__(self, kind: str, name: str, path: str, start_s: float, batch_s: float) -> None:
        """Start it, and wait until it can answer.
        Raises JudgeError: it isn't there, fails or takes too long."""
        self._kind = kind
        self._name = printable(name)
        self._batch_s = batch_s
        if not Path(path).is_file():
            raise JudgeError(f"no such file: {printable(path)}")
        self._lines: queue.SimpleQueue[_Message | None] = queue.SimpleQueue()
        try:
            self.child = child_process.JsonLinesThread(
                system.python("-I", persons_program.__file__, kind, str(Path(path).resolve())),
                msgspec.json.Decoder(_Message).decode,
                self._lines.put,
            )
        except OSError as error:
            raise JudgeError(f"the {kind} {self._name} can't be started: {error}") from error
        self._end = weakref.finalize(self, self.child.end)
        self._answer(start_s)

    def _ask(self, question: object) -> _Message:
        """Raises JudgeError: it fails or takes too long; it is ended then."""
        self.child.send(json.dumps(question).encode() + b"\n")
        return self._answer(self._batch_s)

    def _answer(self, seconds: float) -> _Message:
        try:
            message = self._lines.get(timeout=seconds)
        except queue.Empty:
            raise self._silent(seconds) from None
        if message is None:
            if self.child.wait(self._batch_s) is None:
                raise self._silent(self._batch_s)
            reason = self.child.last_error_line[:MAX_SAID_CHARACTERS]
            raise self._failed(reason or "it ended by itself")
        if message.error:
            place = f"{self._name}:{message.line}" if message.line else self._name
            self._end()
            raise JudgeError(f"the {self._kind} {place} failed: {printable(message.error)}")
        return message

    def _silent(self, seconds: float) -> JudgeError:
        self._end()
        return JudgeError(
            f"the {self._kind} {self._name} did not answer within {seconds:g} s, so it was ended"
        )

    def _failed(self, what: str) -> JudgeError:
        self._end()
        return JudgeError(f"the {self._kind} {self._name} failed: {printable(what)}")


class ProgramJudge(_Program):
    """A person's program with `judge(prompt, answer)`."""

    def __init__(self, spec: JudgeSpec, start_s: float = START_S, batch_s: float = BATCH_S) -> None:
        """Start it. Raises JudgeError: as `_Program` does, or it is another's."""
        if not spec.path:
            raise JudgeError(
                f"the judge {printable(spec.text)} is a program: it is run only where the run was "
                "begun"
            )
        super().__init__("judge", spec.text, spec.path, start_s, batch_s)

    def __call__(self, tries: Sequence[Attempt]) -> list[float]:
        """Reward each try, 0 to 1.
        Raises JudgeError: it fails or takes too long; it is ended then."""
        worth = self._ask([(attempt.prompt, attempt.answer) for attempt in tries]).worth
        if worth is None or len(worth) != len(tries):
            raise self._failed("it did not judge every try")
        return worth


class ProgramTool(_Program):
    """A person's program with `tool(text)`, which answers may call by the file's name."""

    def __init__(self, path: Path, start_s: float = START_S, batch_s: float = BATCH_S) -> None:
        """Start it. Raises JudgeError: as `_Program` does."""
        super().__init__("tool", path.name, str(path), start_s, batch_s)

    def __call__(self, text: str) -> str:
        """Give the result of a call. Raises JudgeError: it fails or takes too long."""
        result = self._ask(text).text
        if result is None:
            raise self._failed("it gave no text")
        return printable(result)[:MAX_SAID_CHARACTERS]
