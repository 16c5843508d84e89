"""`flashcards ask`: what the model of a saved run answers, and what it answered earlier."""

from pathlib import Path

import msgspec

from flashcards.cards.card import MAX_WRITTEN_CHARACTERS
from flashcards.cards.grammar import as_taught
from flashcards.rivals.grading import Rivals
from flashcards.runs import events
from flashcards.runs.catalog import find_run, runs_root
from flashcards.runs.commands import Ask
from flashcards.runs.folder import RunError
from flashcards.runs.values import PastAnswer
from flashcards.runs.verdict import percent
from flashcards.terminal.output import print_json, print_line, print_wrapped
from flashcards.terminal.progress import progress
from flashcards.trainer.again.traveller import answers_until, learner_at
from flashcards.trainer.opening import LessonError
from flashcards.trainer.questions.asking import answer
from flashcards.trainer.questions.prompts import PromptIndex
from flashcards.wording import facts
from flashcards.wording.lesson import stamp_label

SAYS_NOTHING = "(nothing)"


def ask(name: str, prompt: str, runs: str | None, at: int | None, *, is_json: bool) -> int:
    """Print what the model of a saved run answers, as it was at step `at`.
    Raises LessonError: there is no such run or step, or the prompt is empty."""
    path = _run_asked(name, prompt, runs)
    with progress("training again", is_told=True) as shown:
        training = learner_at(path, at, shown.at)
    said = answer(Ask(request=0, prompt=prompt), training, PromptIndex(training.deck))
    if at is not None and said.step != at:
        print_line(facts.last_step(at, said.step), is_error=True)
    rivals = Rivals(training.deck).answers(said.prompt)
    if is_json:
        report = {
            "answer": said.answer,
            "probability": said.probability,
            "stamp": said.stamp,
            "times_seen": said.times_seen,
            "rivals": {rival.name: rival.answer for rival in rivals},
            "near_duplicate": said.near_duplicate,
            "nearest": list(said.nearest),
            "step": said.step,
            "pieces": [msgspec.structs.asdict(piece) for piece in said.pieces],
            "alternatives": list(said.alternatives),
            "correct_answers": list(said.correct_answers),
        }
        print_json(report)
        return 0
    if training.deck.is_text:
        print_wrapped(f"{said.prompt}{said.answer}")
        print_line(f"(step {said.step:,})")
        return 0
    print_line(answer_line(said))
    if said.correct_answers:
        print_line(f"the deck says: {' | '.join(said.correct_answers)}")
    for rival in rivals:
        told = "–" if rival.answer is None else rival.answer or SAYS_NOTHING
        print_line(f"{facts.rival_name(rival.name)}: {told}")
    print_line(f"nearest taught: {', '.join(said.nearest)}")
    return 0


def ask_past(name: str, prompt: str, runs: str | None, at: int | None, *, is_json: bool) -> int:
    """Print what a run answered as it went, oldest first, up to step `at`; each line at once.
    Raises LessonError: there is no such run, or the prompt is empty."""
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


def answer_line(said: events.PromptAnswered) -> str:
    stamp = stamp_label(said.stamp, said.times_seen)
    if said.near_duplicate:
        near_stamp = stamp_label(said.near_stamp, said.near_times_seen)
        stamp += f" but nearly a card: “{said.near_duplicate}”, {near_stamp}"
    share = percent(said.probability)
    return f"{said.answer or SAYS_NOTHING}   ({share}, {stamp}, step {said.step:,})"


def past_line(past: PastAnswer) -> str:
    return f"step {past.step:>9,}  {past.answer or SAYS_NOTHING}   ({percent(past.probability)})"


def _run_asked(name: str, prompt: str, runs: str | None) -> Path:
    if not prompt.strip():
        raise LessonError("the prompt is empty")
    if len(prompt) > MAX_WRITTEN_CHARACTERS:
        most = f"a card has at most {MAX_WRITTEN_CHARACTERS:,}"
        raise LessonError(f"the prompt is {len(prompt):,} characters; {most}")
    try:
        return find_run(runs_root(runs), name)
    except RunError as error:
        raise LessonError(str(error)) from error
