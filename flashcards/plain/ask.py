"""`flashcards ask`: what the model of a saved run answers, and what it answered earlier."""

from __future__ import annotations

import contextlib
import dataclasses
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from flashcards.base.decoding import decode_json
from flashcards.cards.card import MAX_WRITTEN_CHARACTERS
from flashcards.cards.grammar import as_taught
from flashcards.cards.shelf import find
from flashcards.rivals.grading import rivals_of
from flashcards.runs import catalog, commands, events, values, verdict
from flashcards.terminal.output import print_json, print_line, print_wrapped
from flashcards.terminal.progress import opening_run, progress
from flashcards.trainer.again.traveller import answers_until, learner_at
from flashcards.trainer.answered_deck import answered_text
from flashcards.trainer.judging import ProgramTool
from flashcards.trainer.opening import LessonError
from flashcards.trainer.questions.asking import NO_TOOLS, answer, stamp_of
from flashcards.trainer.questions.prompts import PromptIndex
from flashcards.trainer.training_state import TrainingState
from flashcards.wording import facts, lesson

N_AT_ONCE = 256
MAX_FILE_BYTES = 128_000_000

SAYS_NOTHING = "(nothing)"


@dataclass(frozen=True)
class Reply:
    """A model's answer to a prompt, and what the deck says of it.

    Attributes:
        answer: Up to its end, or to where the longest answer of the deck ends.
        probability: Of the whole answer, 0 to 1.
        stamp: "seen" was taught, "held_out" never is, "not_yet_taught", or "new": on no card.
        correct_answers: The card's own; empty where no card has this prompt.
    """

    prompt: str
    answer: str
    probability: float
    stamp: values.Stamp
    correct_answers: Sequence[str]

    @property
    def is_right(self) -> bool | None:
        """None where no card has this prompt."""
        return self.answer in self.correct_answers if self.correct_answers else None


def ask(
    name: str,
    prompt: str,
    runs: str | None,
    at: int | None,
    options: values.AskOptions,
    tool: Path | None = None,
    *,
    is_json: bool,
) -> int:
    """Print what the model of a saved run answers, as it was at step `at`. `tool`: a program that
    the answer may call by its name.
    Raises UserError: there is no such run or step, the prompt is empty, or the tool fails."""
    path = _run_asked(name, prompt, runs)
    with opening_run() as on_step:
        training = learner_at(path, at, on_step)
    command = commands.Ask(request=0, prompt=prompt, options=options)
    tools = NO_TOOLS if tool is None else {tool.stem: ProgramTool(tool)}
    reply = answer(command, training, PromptIndex(training.deck), tools)
    if at is not None and reply.step != at:
        print_line(facts.last_step(at, reply.step), is_error=True)
    rivals = rivals_of(training.deck).answers(reply.prompt)
    if is_json:
        report = {
            "answer": reply.answer,
            "probability": reply.probability,
            "stamp": reply.stamp,
            "times_seen": reply.times_seen,
            "rivals": {rival.name: rival.answer for rival in rivals},
            "near_duplicate": reply.near_duplicate,
            "nearest": list(reply.nearest),
            "step": reply.step,
            "pieces": [msgspec.structs.asdict(piece) for piece in reply.pieces],
            "alternatives": list(reply.alternatives),
            "correct_answers": list(reply.correct_answers),
            "calls": [msgspec.structs.asdict(call) for call in reply.calls],
            "worked_out": reply.worked_out,
            "spread": [msgspec.structs.asdict(count) for count in reply.spread],
        }
        print_json(report)
        return 0
    if training.deck.is_text:
        print_wrapped(f"{reply.prompt}{reply.answer}")
        print_line(f"(step {reply.step:,})")
        return 0
    print_line(answer_line(reply))
    for count in reply.spread if options.n_answers > 1 else ():
        print_line(f"{count.n:>4} × {count.text or SAYS_NOTHING}")
    for call in reply.calls:
        print_line(f"{call.call} → {call.result or '(no result)'}")
    if reply.calls:
        print_line(reply.worked_out)
    if reply.correct_answers:
        print_line(f"the deck says: {' | '.join(reply.correct_answers)}")
    for rival in rivals:
        answer_text = "–" if rival.answer is None else rival.answer or SAYS_NOTHING
        print_line(f"{facts.rival_name(rival.name)}: {answer_text}")
    print_line(f"nearest taught: {', '.join(reply.nearest)}")
    return 0


def ask_past(name: str, prompt: str, runs: str | None, at: int | None, *, is_json: bool) -> int:
    """Print a run's answers up to step `at`, oldest first. Raises UserError as `ask` does."""
    path = _run_asked(name, prompt, runs)
    prompt = as_taught(prompt)
    answers = []
    for past in answers_until(path, prompt, at):
        answers.append(past)
        if not is_json:
            print_line(past_line(past))
    if is_json:
        print_json({"prompt": prompt, "answers": msgspec.to_builtins(answers)})
    return 0


def ask_each(name: str, source: str, runs: str | None, at: int | None, *, is_json: bool) -> int:
    """Print what a run answers to each prompt of a file, or of standard input (`-`); a line that
    begins with `{` is JSON with a `prompt`. Raises LessonError, before anything is asked."""
    path = catalog.find_run(catalog.runs_root(runs), name)
    lines = list(_lines(source))
    with opening_run() as on_step:
        training = learner_at(path, at, on_step)
    index = PromptIndex(training.deck)
    with progress("asking", len(lines), is_told=not sys.stdout.isatty()) as display:
        for start in range(0, len(lines), N_AT_ONCE):
            block = lines[start : start + N_AT_ONCE]
            replies = answers_to([prompt for prompt, _ in block], training, index)
            printed = [
                _as_json(given, reply) if is_json else reply.answer
                for (_, given), reply in zip(block, replies, strict=True)
            ]
            with display.hidden():
                for line in printed:
                    print_line(line)
            display.at(start + len(block))
    return 0


def ask_deck(
    name: str, deck: str, runs: str | None, at: int | None, options: values.AskOptions
) -> int:
    """Print a deck with what a run answers to each card that it teaches, at a temperature.
    Raises UserError: the run or the deck can't be used."""
    path = catalog.find_run(catalog.runs_root(runs), name)
    deck_path = find(deck)
    with opening_run() as on_step:
        training = learner_at(path, at, on_step)
    sys.stdout.write(answered_text(deck_path, training, options.temperature))
    return 0


def answers_to(
    prompts: Sequence[str], training: TrainingState, index: PromptIndex | None = None
) -> Iterator[Reply]:
    """Give the model's answer to each prompt, `as_asked`. `index`: of the deck's prompts."""
    if index is None:
        index = PromptIndex(training.deck)
    for start in range(0, len(prompts), N_AT_ONCE):
        block = prompts[start : start + N_AT_ONCE]
        for prompt, reply in zip(block, training.learner.answer_each(block), strict=True):
            same = index.same(prompt)
            correct = training.deck.cards[same[0]].answers if same else ()
            stamp, _ = stamp_of(training, same)
            yield Reply(prompt, reply.text, reply.probability, stamp, correct)


def _as_json(given: Mapping[str, Any], reply: Reply) -> str:
    return msgspec.json.encode({**given, **dataclasses.asdict(reply)}).decode()


def _lines(source: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each line's prompt, and its record, which is empty for a line of text."""
    try:
        with contextlib.ExitStack() as stack:
            file = sys.stdin.buffer if source == "-" else stack.enter_context(open(source, "rb"))
            data = file.read(MAX_FILE_BYTES + 1)
        if len(data) > MAX_FILE_BYTES:
            raise LessonError(f"{source} is larger than {MAX_FILE_BYTES // 10**6} MB")
        text = data.decode("utf-8-sig")
    except (OSError, UnicodeError) as error:
        raise LessonError(f"{source} can't be read: {error}") from None
    for place, line in enumerate(text.splitlines(), 1):
        record: Any = {}
        if line.startswith("{"):
            with contextlib.suppress(msgspec.DecodeError):
                record = decode_json(line, dict[str, Any])
        prompt = record.get("prompt") if record else line
        if not isinstance(prompt, str):
            raise LessonError(f"{source}, line {place}: it has no text called prompt")
        try:
            yield as_asked(prompt), record
        except LessonError as error:
            raise LessonError(f"{source}, line {place}: {error}") from None


def answer_line(reply: events.PromptAnswered) -> str:
    stamp = lesson.stamp_label(reply.stamp, reply.times_seen)
    if reply.near_duplicate:
        near_stamp = lesson.stamp_label(reply.near_stamp, reply.near_times_seen)
        stamp += f" but nearly a card: “{reply.near_duplicate}”, {near_stamp}"
    share = verdict.percent(reply.probability)
    return f"{reply.answer or SAYS_NOTHING}   ({share}, {stamp}, step {reply.step:,})"


def past_line(past: values.PastAnswer) -> str:
    share = verdict.percent(past.probability)
    return f"step {past.step:>9,}  {past.answer or SAYS_NOTHING}   ({share})"


def as_asked(prompt: object) -> str:
    """The prompt as it is asked. Raises LessonError: it is no text, empty or too long."""
    if not isinstance(prompt, str):
        raise LessonError(f"the prompt is {prompt!r}, not text")
    if not prompt.strip():
        raise LessonError("the prompt is empty")
    if len(prompt) > MAX_WRITTEN_CHARACTERS:
        most = f"a card has at most {MAX_WRITTEN_CHARACTERS:,}"
        raise LessonError(f"the prompt is {len(prompt):,} characters; {most}")
    return as_taught(prompt)


def _run_asked(name: str, prompt: str, runs: str | None) -> Path:
    as_asked(prompt)
    return catalog.find_run(catalog.runs_root(runs), name)
