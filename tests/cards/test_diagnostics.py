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


# What is read, and the one problem it has: code, line, column, and words of its text.
CASES: list[tuple[str, str | bytes, int, int, str]] = [
    ("utf8", b"dog :: chien\ncat :: caf\xe9\n", 2, 11, "0xE9 at offset 23 is not UTF-8"),
    ("utf8", b"\xff", 1, 1, "0xFF at offset 0"),
    ("utf8", b"dog :: chien\r\n\xc3\x28", 2, 1, "offset 14"),
    ("utf16", "dog :: chien\n".encode("utf-16"), 1, 1, "save the file as UTF-8"),
    ("utf16", "dog :: chien\n".encode("utf-16-le"), 1, 1, "UTF-16"),
    ("utf16", "dog :: chien\n".encode("utf-32-be"), 1, 1, "UTF-16"),
    ("nul", "dog :: chi\0en\n", 1, 11, "NUL"),
    ("control", GOOD + "cat :: \x1b[31mchat\n", 2, 8, "U+001B; it is shown as ␛"),
    ("control", GOOD + "a\x85b :: c\n", 2, 2, "U+0085"),
    ("bidi", GOOD + "cat :: \u202echat\n", 2, 8, "⟨U+202E⟩ reorders"),
    ("invisible", GOOD + "c\u200bat :: chat\n", 2, 2, "⟨U+200B⟩ cannot be seen"),
    ("tab", GOOD + "Q: a\tb\nA: c\n", 2, 1, "TAB"),
    ("nfc", GOOD + "coffee :: cafe\u0301\n", 2, 14, "not Unicode NFC"),
    ("front-open", '+++\nname = "x"\n' + GOOD, 1, 1, "no second +++"),
    ("front-toml", "+++\nname = x\n+++\n" + GOOD, 2, 8, "not TOML: Invalid value"),
    ("front-toml", '+++\nname = "x\n+++\n' + GOOD, 2, 10, "not TOML"),
    ("front-toml", "+++\na = " + "[" * 3000 + "\n+++\n" + GOOD, 2, 1, "nested too deeply"),
    ("front-key", '+++\nlicence = "CC0"\n+++\n' + GOOD, 2, 1, "did you mean “license”?"),
    ("front-type", '+++\nname = "x"\nheld_out = "half"\n+++\n' + GOOD, 3, 1, "a number from 0"),
    ("front-type", "+++\nbatch_size = true\n+++\n" + GOOD, 2, 1, "whole number"),
    ("front-type", '+++\n[group]\na = "dog"\n+++\n' + GOOD, 2, 2, "list of prompts"),
    ("front-value", "+++\nheld_out = 1.5\n+++\n" + GOOD, 2, 1, "from 0 to 1, not “1.5”"),
    ("front-value", '+++\nages = "adults"\n+++\n' + GOOD, 2, 1, 'a span, "12-16"'),
    ("front-value", "+++\nwidth = 17\n+++\n" + GOOD, 2, 1, "a multiple of 16 from 16 to 1024"),
    ("front-value", "+++\nheld_out = nan\n+++\n" + GOOD, 2, 1, "from 0 to 1"),
    ("front-value", '+++\ntokenizer = "words"\n+++\n' + GOOD, 2, 1, 'one of "char", "bpe"'),
    ("front-value", '+++\nkind = "magic"\n+++\n' + GOOD, 2, 1, '"memorise"'),
    *(
        ("front-value", f'+++\nask = "{ask}"\n+++\n' + GOOD, 2, 1, "once and no other braces, like")
        for ask in (
            "The capital",
            "{prompt} and {prompt}",
            "{prompt} in {year}",
            "{{prompt}} is",
            "a" * 20_000 + "{prompt}",
        )
    ),
    ("front-format", "+++\nformat = 2\n+++\n" + GOOD, 2, 1, "newer than this program"),
    ("no-separator", GOOD + "  cat::chat\n", 2, 3, "put spaces around ::"),
    ("no-separator", GOOD + "cat :::chat\n", 2, 1, "put spaces around :::"),
    ("no-separator", GOOD + "cat\tchat\tx\n", 2, 1, "extension .tsv"),
    ("no-separator", GOOD + "cat - chat\n", 2, 1, "by ::, not -"),
    ("no-separator", GOOD + "Q:cat\n", 2, 1, "a space after Q:"),
    ("no-separator", GOOD + "+++\n", 2, 1, "first thing in the file"),
    ("no-separator", GOOD + "cat\n", 2, 1, "write prompt :: answer"),
    ("two-separators", GOOD + "? a :: b ::: c\n", 2, 10, "write \\:::"),
    ("no-prompt", GOOD + "  :: chat\n", 2, 3, "before the separator"),
    ("no-prompt", GOOD + "? :: chat\n", 2, 3, "before the separator"),
    ("no-answer", GOOD + "cat ::\n", 2, 7, "after the separator"),
    ("no-answer", GOOD + "cat :: chat | | minou\n", 2, 7, "an answer is empty"),
    ("no-answer", GOOD + "\nQ: cat\nA:\n", 3, 1, "after the separator"),
    ("no-a", GOOD + "\nQ: cat\nand dog\n\nbird :: oiseau\n", 3, 1, "no A: answers"),
    ("stray-a", GOOD + "\nA: chat\n", 3, 1, "a Q: must stand before"),
    ("q-in-q", GOOD + "\n? Q: cat\n? Q: bird\nA: oiseau\n", 4, 3, "the one of line 3"),
    ("duplicate-card", GOOD + "# x\n  dog :: chien\n", 3, 3, "already on line 1"),
    ("duplicate-alternative", GOOD + "cat :: chat | chat\n", 2, 7, "“chat” is given twice"),
    ("conflict", GOOD + "dog :: chat\n", 2, 1, "“chien” on line 1 and “chat” on line 2"),
    ("conflict", "a ::: x\nb ::: x\n", 2, 1, "“a” on line 1 and “b” on line 2"),
    ("empty-deck", "# nothing\n\n", 1, 1, "no card"),
    ("empty-deck", "", 1, 1, "no card"),
    ("all-held-out", "#\n? dog :: chien\n? cat :: chat\n", 2, 1, "nothing to teach"),
    ("all-held-out", "+++\nheld_out = 1\n+++\n" + GOOD, 2, 1, "nothing to teach"),
    ("few-held-out", GOOD + "? cat :: chat\n", 2, 1, "1 of 2 cards are never taught"),
    ("too-long", GOOD + f"cat :: {'m' * 638}\n", 2, 1, "641 characters; the model holds 640"),
    ("too-long", GOOD + f"{'m' * 400} :: {'n' * 400}\n", 2, 1, "800 characters; the model"),
    ("long-line", GOOD + f"cat :: {'m ' * 2045}\n", 2, 1, "4,097 characters in one line"),
    ("long-line", GOOD + "\u200d" * 5000 + "\n", 2, 1, "5,000 characters in one line"),
    ("section-unclosed", GOOD + "[verbs\n", 2, 1, "not closed by ]"),
    ("section-unclosed", GOOD + " [verbs] x\n", 2, 9, "nothing may follow"),
    ("empty-section-name", GOOD + "[ ]\n", 2, 1, "needs a name"),
    ("hidden-card", GOOD + "#1 :: one\n", 2, 1, "start it with \\#"),
]


@pytest.mark.parametrize(("code", "text", "line", "column", "words"), CASES)
def test_a_problem_is_named_at_its_place(
    code: str, text: str | bytes, line: int, column: int, words: str
) -> None:
    found = [p for p in parse(_bytes(text), "x.deck").diagnostics if p.code != "few-held-out"]
    found = found or list(parse(_bytes(text), "x.deck").diagnostics)
    assert [(p.code, p.line, p.column) for p in found] == [(code, line, column)]
    assert words in found[0].text


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
