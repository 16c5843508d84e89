"""Tools that answers call: what is worked out, what stays, and what a calculator refuses."""

import pytest

from flashcards.cards.format import parse
from flashcards.cards.tools import BUILT_IN, MAX_CALLS, ToolError, calculate, with_calls
from tests.golden import check_words


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("47*83", "3901"),
        (" 2 + 3*4 - 10/4 ", "11.5"),
        ("-3*-4", "12"),
        ("1/3", "0.3333333333"),
        ("0.1+0.2", "0.3"),
        ("7", "7"),
        ("999999999999999*999999999999999", "999999999999998000000000000001"),
    ],
)
def test_numbers_are_worked_out(text: str, result: str) -> None:
    assert calculate(text) == result


@pytest.mark.parametrize(
    "text", ["", "2**9", "9**9**9", "(1+2)", "1/0", "abs", "1e9", "__import__", "1" * 16, "1+" * 30]
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ToolError):
        calculate(text)


def test_calls_give_place_to_their_results() -> None:
    answer, calls = with_calls("calc(47*83) apples, calc(1/0), look(x) calc(2)", BUILT_IN)
    assert answer == "3901 apples, calc(1/0), look(x) 2"
    assert calls == (("calc(47*83)", "3901"), ("calc(1/0)", ""), ("calc(2)", "2"))
    assert with_calls("calc(1)", {}) == ("calc(1)", ())
    _, many = with_calls("calc(1)" * 20, BUILT_IN)
    assert len(many) <= MAX_CALLS


def test_a_deck_names_a_built_in_tool_alone() -> None:
    deck = parse(b'+++\ntool = "calc"\n+++\na :: b\n', "x.deck").deck
    assert deck is not None
    assert deck.meta.tool == "calc"
    parsed = parse(b'+++\ntool = "mine.py"\n+++\na :: b\n', "x.deck")
    assert parsed.deck is not None
    assert parsed.deck.meta.tool == ""
    check_words("problem: no such tool", parsed.diagnostics[0].text)
