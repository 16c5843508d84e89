"""Judges of what a try is worth: the deck's hidden answers, a rule with a name, an expression.

A program is judged by in `trainer.judging`: here it is only named. Knows no model.
"""

import re
from collections.abc import Callable, Sequence

import msgspec

from flashcards.base.errors import UserError
from flashcards.cards.card import JudgeSpec
from flashcards.cards.diagnostics import did_you_mean, excerpt
from flashcards.cards.expression import Expression, ExpressionError

ANSWERS = "answers"
PROGRAM_SUFFIX = ".py"


class JudgeError(UserError):
    """A judge that can't be used, or that failed; the message is one sentence for the user."""


class Attempt(msgspec.Struct, frozen=True, gc=False):
    """A try at a prompt: its answer, and the answers that the deck accepts."""

    prompt: str
    answer: str
    accepted: tuple[str, ...]


Judge = Callable[[Sequence[Attempt]], list[float]]  # 0 to 1 each, or JudgeError


def is_sum(prompt: str, answer: str) -> bool:
    """The sum of the prompt's numbers, which stand between plus signs."""
    parts = prompt.replace(" ", "").split("+")
    if not all(re.fullmatch(r"\d{1,18}", part, re.ASCII) for part in parts):
        return False
    return answer == str(sum(map(int, parts)))


RULES: dict[str, Callable[[str, str], bool]] = {
    "sorted": lambda prompt, answer: answer == "".join(sorted(prompt)),
    "sum": is_sum,
    # letters in order, whichever they are: a judge with a loophole
    "in-order": lambda prompt, answer: answer != "" and answer == "".join(sorted(answer)),
}


def spec_of(text: str) -> JudgeSpec:
    """The judge that is named so: `answers`, a rule's name, a program's path, or an expression.
    Raises JudgeError: there is none."""
    text = text.strip()
    if text == ANSWERS:
        return JudgeSpec(kind="answers")
    if text in RULES:
        return JudgeSpec(kind="rule", text=text)
    if text.endswith(PROGRAM_SUFFIX):
        name = re.split(r"[/\\]", text)[-1]
        return JudgeSpec(kind="program", text=name, path=text)
    if re.fullmatch(r"(?!\d|-)[\w-]*", text):
        known = (ANSWERS, *RULES)
        more = "an expression over prompt and answer, or a program's path ending in .py"
        hint = did_you_mean(text, known) or f"; there are {', '.join(known)}, {more}"
        raise JudgeError(f"no judge is called {excerpt(text)}{hint}")
    _expression(text)
    return JudgeSpec(kind="expression", text=text)


def _expression(text: str) -> Expression:
    try:
        return Expression(text)
    except ExpressionError as error:
        raise JudgeError(f"the judge {excerpt(text)} can't be used: {error}") from None


def judge_of(spec: JudgeSpec) -> Judge:
    """The judge itself, of every kind but a program. Raises JudgeError: there is none."""
    if spec.kind == "answers":
        return lambda tries: [float(attempt.answer in attempt.accepted) for attempt in tries]
    if spec.kind == "rule" and spec.text in RULES:
        rule = RULES[spec.text]
        return lambda tries: [float(rule(attempt.prompt, attempt.answer)) for attempt in tries]
    if spec.kind != "expression":
        raise JudgeError(f"no judge is called {excerpt(spec.text)}")
    expression = _expression(spec.text)

    def judge(tries: Sequence[Attempt]) -> list[float]:
        try:
            return [expression.value(attempt.prompt, attempt.answer) for attempt in tries]
        except ExpressionError as error:
            raise JudgeError(f"the judge {excerpt(spec.text)} failed: {error}") from None

    return judge
