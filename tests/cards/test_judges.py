"""Judges: rules by name, and expressions that can do nothing but judge."""

import time

import pytest
from hypothesis import given, strategies as st

from flashcards.cards import expression
from flashcards.cards.card import JudgeSpec
from flashcards.cards.expression import Expression, ExpressionError
from flashcards.cards.format import parse
from flashcards.cards.judges import Attempt, JudgeError, judge_of, spec_of
from tests.golden import raises_words


def worth(judge: str, prompt: str, said: str, *answers: str) -> float:
    (value,) = judge_of(spec_of(judge))([Attempt(prompt, said, answers)])
    return value


@pytest.mark.parametrize(
    ("judge", "prompt", "said", "value"),
    [
        ("sorted", "dbca", "abcd", 1),
        ("sorted", "dbca", "abc", 0),
        ("in-order", "dbca", "abc", 1),
        ("in-order", "dbca", "xyz", 1),
        ("in-order", "dbca", "", 0),
        ("in-order", "dbca", "ba", 0),
        ("sum", "17+25", "42", 1),
        ("sum", "1 + 2 + 3", "6", 1),
        ("sum", "17+25", "042", 0),
        ("sum", "17-25", "42", 0),
        ("sum", "¹+2", "3", 0),
        ("answers", "cat", "Katze", 1),
        ("answers", "cat", "Hund", 0),
        ("answer == prompt[::-1]", "abc", "cba", 1),
        ("len(answer) == len(prompt)", "abc", "xyz", 1),
        ("sorted(answer) == sorted(prompt) and answer != prompt", "ab", "ba", 1),
        ("int(answer) == int(prompt) * 2", "21", "42", 1),
        ("int(answer) == int(prompt) * 2", "21", "many", 0),
        ("all(letter in prompt for letter in answer)", "abc", "cab", 1),
        ("sum([a == b for a, b in zip(prompt, answer)]) / len(prompt)", "abcd", "abxx", 0.5),
        ("1 / len(answer)", "a", "", 0),
        ("answer[5] == 'x'", "a", "b", 0),
        ("3 + 4", "a", "b", 1),
        ("-7", "a", "b", 0),
        ("1 if answer == 'a' else 0.25", "a", "b", 0.25),
        ("not 'e' in answer", "a", "tree", 0),
    ],
)
def test_a_judge_says_what_a_try_is_worth(judge: str, prompt: str, said: str, value: float) -> None:
    assert worth(judge, prompt, said, "Katze") == value


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os')",
        "answer.upper()",
        "().__class__",
        "open('x')",
        "eval('1')",
        "lambda: 1",
        "[x for x in ().__class__.__mro__]",
        "answer := 1",
        "f'{answer}'",
        "{1: 2}",
        "b'a' == answer",
        "1j",
        "prompt ** 9",
        "1 << 9",
        "sorted(answer, key=len)",
        "print(answer)",
        "answers == 1",
        "(answer for answer in prompt)",
        "x" * 501,
        "(" * 300 + ")" * 300,
        "1 +",
        "answer = 1",
        "+".join(["1"] * 150),
        "10" + "0" * 200,
        "*answer",
        "answer[...]",
    ],
)
def test_what_an_expression_must_not_do_is_refused_before_it_judges(text: str) -> None:
    with pytest.raises(ExpressionError):
        Expression(text)
    with pytest.raises(JudgeError) as raised:
        spec_of(text)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("text", ["print(answer)", "answer.upper()", "sorted(answer, key=len)"])
def test_a_call_of_what_is_not_there_names_the_functions_that_are(text: str) -> None:
    with pytest.raises(ExpressionError, match=r"abs, all, .*, zip$"):
        Expression(text)


@pytest.mark.parametrize(
    "text",
    [
        "answer * 100000 == ''",
        "[0] * 100000 == []",
        "sum([1 for a in prompt * 99 for b in prompt * 99 for c in prompt * 99]) > 0",
        "answer + 1",
        "(answer)",
        "(len)",
        "len(1)",
        "answer % 1",
        "[1] < 2",
        "split(answer, 1)",
    ],
)
def test_what_fails_or_takes_too_long_is_one_sentence(text: str) -> None:
    judge = judge_of(JudgeSpec(kind="expression", text=text))
    began = time.process_time()
    with pytest.raises(JudgeError, match="failed") as raised:
        judge([Attempt("abcdefghij" * 20, "abc", ("abc",))])
    assert "\n" not in str(raised.value)
    assert time.process_time() - began < 2.0


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("1 / 0", "division by zero"),
        ("answer[99] == 'x'", "string index out of range"),
        ("int(answer) > 0", "invalid literal"),
        ("answer == prompt", ""),
    ],
)
def test_why_an_answer_has_no_value_is_said(text: str, why: str) -> None:
    said = Expression(text).why_no_value("ab", "ba")
    assert why in said
    assert bool(said) == bool(why)


def test_numbers_that_grow_without_end_have_no_value() -> None:
    text = "int(answer) * int(answer) > 0"
    assert worth(text, "a", "9" * 60) == 0.0
    assert worth(text, "a", "9" * 5000) == 0.0


@given(st.text(max_size=30), st.text(max_size=30))
def test_any_answer_is_worth_something_from_0_to_1(prompt: str, said: str) -> None:
    for judge in ("sorted", "in-order", "sum", "answers", "int(answer) == len(prompt)"):
        assert 0.0 <= worth(judge, prompt, said, "x") <= 1.0


def test_a_judge_that_is_not_there_is_named_with_those_that_are() -> None:
    with raises_words(JudgeError, "reward: a judge misspelled"):
        spec_of("sortd")
    with raises_words(JudgeError, "reward: no judge"):
        spec_of("")
    with pytest.raises(JudgeError):
        judge_of(JudgeSpec(kind="rule", text="nothing"))
    with pytest.raises(JudgeError):
        judge_of(JudgeSpec(kind="expression", text="answer.x"))
    assert spec_of("my/judge.py") == JudgeSpec(kind="program", text="judge.py", path="my/judge.py")


def test_a_deck_names_its_judge_in_its_front_matter() -> None:
    deck = parse(b'+++\njudge = "sorted"\n+++\nba :: ab\n', "a.deck").deck
    assert deck is not None
    assert (deck.meta.judge, deck.judge) == ("sorted", None)


def test_as_many_steps_as_are_allowed_are_taken_and_no_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    added = Expression("1 + 1 + 1")  # three numbers, two sums
    for n_steps, is_enough in ((5, True), (4, False)):
        monkeypatch.setattr(expression, "MAX_STEPS", n_steps)
        if is_enough:
            added.value("", "")
        else:
            with pytest.raises(ExpressionError, match="takes too long"):
                added.value("", "")
