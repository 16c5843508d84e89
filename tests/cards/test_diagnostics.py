"""Every code is provoked, at its line and column."""

import re
from pathlib import Path

import pytest

from flashcards.cards.audit import near_leaks
from flashcards.cards.diagnostics import LEVELS, Diagnostic, did_you_mean, written
from flashcards.cards.format import parse
from tests.golden import check_words

GOOD = "dog :: chien\n"


def problems(text: str | bytes, name: str = "x.deck") -> list[tuple[str, int, int]]:
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    parsed = parse(data, name)
    assert all(p.level == LEVELS[p.code] for p in parsed.diagnostics)
    return [(p.code, p.line, p.column) for p in parsed.diagnostics]


def only(text: str | bytes, name: str = "x.deck") -> Diagnostic:
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    parsed = parse(data, name)
    assert len(parsed.diagnostics) == 1, parsed.diagnostics
    return parsed.diagnostics[0]


# What is read, and the one problem it has: code, line and column.
CASES: list[tuple[str, str | bytes, int, int]] = [
    ("utf8", b"dog :: chien\ncat :: caf\xe9\n", 2, 11),
    ("utf8", b"\xff", 1, 1),
    ("utf8", b"dog :: chien\r\n\xc3\x28", 2, 1),
    ("utf16", "dog :: chien\n".encode("utf-16"), 1, 1),
    ("utf16", "dog :: chien\n".encode("utf-16-le"), 1, 1),
    ("utf16", "dog :: chien\n".encode("utf-32-be"), 1, 1),
    ("nul", "dog :: chi\0en\n", 1, 11),
    ("control", GOOD + "cat :: \x1b[31mchat\n", 2, 8),
    ("control", GOOD + "a\x85b :: c\n", 2, 2),
    ("bidi", GOOD + "cat :: \u202echat\n", 2, 8),
    ("invisible", GOOD + "c\u200bat :: chat\n", 2, 2),
    ("tab", GOOD + "Q: a\tb\nA: c\n", 2, 1),
    ("nfc", GOOD + "coffee :: cafe\u0301\n", 2, 14),
    ("front-open", '+++\nname = "x"\n' + GOOD, 1, 1),
    ("front-toml", "+++\nname = x\n+++\n" + GOOD, 2, 8),
    ("front-toml", '+++\nname = "x\n+++\n' + GOOD, 2, 10),
    ("front-toml", "+++\na = " + "[" * 3000 + "\n+++\n" + GOOD, 2, 1),
    ("front-key", '+++\nlicence = "CC0"\n+++\n' + GOOD, 2, 1),
    ("front-type", '+++\nname = "x"\nheld_out = "half"\n+++\n' + GOOD, 3, 1),
    ("front-type", "+++\nbatch_size = true\n+++\n" + GOOD, 2, 1),
    ("front-type", '+++\n[group]\na = "dog"\n+++\n' + GOOD, 2, 2),
    ("front-value", "+++\nheld_out = 1.5\n+++\n" + GOOD, 2, 1),
    ("front-value", '+++\nages = "adults"\n+++\n' + GOOD, 2, 1),
    ("front-value", "+++\nwidth = 17\n+++\n" + GOOD, 2, 1),
    ("front-value", "+++\nheld_out = nan\n+++\n" + GOOD, 2, 1),
    ("front-value", '+++\ntokenizer = "words"\n+++\n' + GOOD, 2, 1),
    ("front-value", '+++\nkind = "magic"\n+++\n' + GOOD, 2, 1),
    *(
        ("front-value", f'+++\nask = "{ask}"\n+++\n' + GOOD, 2, 1)
        for ask in (
            "The capital",
            "{prompt} and {prompt}",
            "{prompt} in {year}",
            "{{prompt}} is",
        )
    ),
    ("front-format", "+++\nformat = 2\n+++\n" + GOOD, 2, 1),
    ("no-separator", GOOD + "  cat::chat\n", 2, 3),
    ("no-separator", GOOD + "cat :::chat\n", 2, 1),
    ("no-separator", GOOD + "cat\tchat\tx\n", 2, 1),
    ("no-separator", GOOD + "cat - chat\n", 2, 1),
    ("no-separator", GOOD + "Q:cat\n", 2, 1),
    ("no-separator", GOOD + "+++\n", 2, 1),
    ("no-separator", GOOD + "cat\n", 2, 1),
    ("two-separators", GOOD + "? a :: b ::: c\n", 2, 10),
    ("no-prompt", GOOD + "  :: chat\n", 2, 3),
    ("no-prompt", GOOD + "? :: chat\n", 2, 3),
    ("no-answer", GOOD + "cat ::\n", 2, 7),
    ("no-answer", GOOD + "cat :: chat | | minou\n", 2, 7),
    ("no-answer", GOOD + "\nQ: cat\nA:\n", 3, 1),
    ("no-a", GOOD + "\nQ: cat\nand dog\n\nbird :: oiseau\n", 3, 1),
    ("stray-a", GOOD + "\nA: chat\n", 3, 1),
    ("q-in-q", GOOD + "\n? Q: cat\n? Q: bird\nA: oiseau\n", 4, 3),
    ("duplicate-card", GOOD + "# x\n  dog :: chien\n", 3, 3),
    ("duplicate-alternative", GOOD + "cat :: chat | chat\n", 2, 7),
    ("conflict", GOOD + "dog :: chat\n", 2, 1),
    ("conflict", "a ::: x\nb ::: x\n", 2, 1),
    ("empty-deck", "# nothing\n\n", 1, 1),
    ("empty-deck", "", 1, 1),
    ("all-held-out", "#\n? dog :: chien\n? cat :: chat\n", 2, 1),
    ("all-held-out", "+++\nheld_out = 1\n+++\n" + GOOD, 2, 1),
    ("few-held-out", GOOD + "? cat :: chat\n", 2, 1),
    ("too-long", GOOD + f"cat :: {'m' * 638}\n", 2, 1),
    ("too-long", GOOD + f"{'m' * 400} :: {'n' * 400}\n", 2, 1),
    ("long-line", GOOD + f"cat :: {'m ' * 2045}\n", 2, 1),
    ("long-line", GOOD + "\u200d" * 5000 + "\n", 2, 1),
    ("section-unclosed", GOOD + "[verbs\n", 2, 1),
    ("section-unclosed", GOOD + " [verbs] x\n", 2, 9),
    ("empty-section-name", GOOD + "[ ]\n", 2, 1),
    ("hidden-card", GOOD + "#1 :: one\n", 2, 1),
]


def problem_of(text: str | bytes) -> Diagnostic:
    """Return the one problem of a deck, beside that too few cards are kept back."""
    diagnostics = parse(_bytes(text), "x.deck").diagnostics
    others = [each for each in diagnostics if each.code != "few-held-out"]
    (problem,) = others or diagnostics
    return problem


@pytest.mark.parametrize(("code", "text", "line", "column"), CASES)
def test_a_problem_is_named_at_its_place(
    code: str, text: str | bytes, line: int, column: int
) -> None:
    problem = problem_of(text)
    assert (problem.code, problem.line, problem.column) == (code, line, column)


@pytest.mark.parametrize("code", sorted({code for code, *_ in CASES}))
def test_a_problem_of_each_code_says_what_is_wrong_and_what_to_do(code: str) -> None:
    texts = [problem_of(text).text for case, text, *_ in CASES if case == code]
    if code == "front-toml":  # what Python's reader says of TOML differs between its versions
        texts = [re.sub(r"(not TOML: ).*", r"\1(why)", text) for text in texts]
    check_words(f"diagnostic: {code}", "\n".join(dict.fromkeys(texts)))


def _bytes(text: str | bytes) -> bytes:
    return text.encode("utf-8") if isinstance(text, str) else text


def test_a_leak_names_both_lines_and_is_never_taught() -> None:
    parsed = parse(b"dog :: chien\ncat :: chat\n? dog :: chien\n", "x.deck")
    leak = next(p for p in parsed.diagnostics if p.code == "leak")
    assert (leak.line, leak.column) == (3, 3)
    check_words("problem: leak", leak.text)
    assert parsed.deck is not None
    assert [card.is_never_seen for card in parsed.deck.cards] == [True, False, True]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (
            "Côte d'Ivoire :: Yamoussoukro\n? cote d’ivoire :: Yamoussoukro\n",
            "problem: leak-near, accents",
        ),
        ("room 7 :: blue\n? Room 007! :: blue\n", "problem: leak-near, zeros"),
        ("dog :: chien\n? chien :: dog\n", "problem: leak-near, reversed"),
        ("3+4 :: 7\n? 4 + 3 :: 7\n", "problem: leak-near, swapped"),
    ],
)
def test_a_near_leak_names_the_taught_line(text: str, key: str) -> None:
    deck = parse(text.encode(), "x.deck").deck
    assert deck is not None
    [leak] = near_leaks(deck)
    assert (leak.level, leak.code, leak.line, leak.column) == ("warning", "leak-near", 2, 1)
    check_words(key, leak.text)


@pytest.mark.parametrize(
    "text",
    [
        "Polish :: polonais\n? polish :: cirer\n",
        "1-23 :: a\n? 12-3 :: a\n",
        "3 - 4 :: x\n? 4 - 3 :: x\n",
        "ab :: ba\n? cd :: dc\n",
    ],
)
def test_cards_that_only_look_alike_are_no_leak(text: str) -> None:
    deck = parse(text.encode(), "x.deck").deck
    assert deck is not None
    assert near_leaks(deck) == []


def test_columns_of_a_tabbed_deck() -> None:
    text = "dog\tchien\ncat\tchat\tx\nno tab\n\tx\ny\t\n?\tquestion mark\n"
    assert problems(text, "x.tsv") == [
        ("columns", 2, 9),
        ("no-separator", 3, 1),
        ("no-prompt", 4, 1),
        ("no-answer", 5, 3),
    ]


def test_problems_come_in_the_order_of_the_file() -> None:
    text = "cat\ndog :: \x1b\ndog :: chien\ncat\n"
    found = problems(text)
    assert found == [
        ("no-separator", 1, 1),
        ("control", 2, 8),
        ("conflict", 3, 1),
        ("no-separator", 4, 1),
    ]


def test_a_problem_is_written_as_editors_read_it() -> None:
    problem = only("dog :: chien\ncat\n")
    assert written(problem, "a\x1b.deck") == f"a␛.deck:2:1: error: {problem.text} [no-separator]"
    check_words("problem: no-separator", problem.text)
    assert written(only(""), "x.deck").startswith("x.deck:1:1: error: ")


def test_a_hint_is_given_only_when_something_comes_close() -> None:
    assert did_you_mean("licence", ["license", "name"]) == "; did you mean “license”?"
    assert did_you_mean("zzz", ["license", "name"]) == ""


def test_every_code_has_a_test() -> None:
    paths = Path(__file__).parents[1].rglob("test_*.py")
    tests = "".join(path.read_text("utf-8") for path in paths)
    missing = [code for code in LEVELS if not re.search(rf'["[]{code}["\]]', tests)]
    assert missing == []
