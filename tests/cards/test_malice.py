"""A hostile deck file gets a clear message and nothing else happens: no wait, no escape."""

import io
import time
from pathlib import Path

import pytest

from flashcards.cards.check import check
from flashcards.cards.format import parse
from flashcards.cards.printable import printable
from tests.golden import check_words

GOOD = "dog :: chien\n"
MOST_CPU_S = 5.0  # far above what any of these takes; a blow-up takes minutes


def checked(path: Path) -> tuple[int, list[str]]:
    """Exit code and lines of `check`: all fit for a terminal, and soon there."""
    out = io.StringIO()
    began = time.process_time()
    code = check([str(path)], out)
    assert time.process_time() - began < MOST_CPU_S
    lines = out.getvalue().splitlines()
    assert all(printable(line) == line for line in lines)
    return code, lines


NESTED = "[" * 100_000 + "]" * 100_000


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\x1b]0;owned\x07 :: \x1b[2J\n", "U+001B; it is shown as ␛"),
        (b"\xc2\x9b31m :: x\n", "control character U+009B"),
        (b"[bold]x[/bold] :: [link=http://x]y[/link]\n", "1 card, 1 taught"),
        (b"[bold red]x\n" + GOOD.encode(), "nothing may follow the ]"),
        (b"\xed\xa0\x80 :: x\n", "byte 0xED at offset 0 is not UTF-8"),
        (GOOD.encode() + b"a" * 10_000_000, "10,000,000 characters in one line"),
        (f"+++\nx = {NESTED}\n+++\n{GOOD}".encode(), "nested too deeply"),
        (f"+++\nx = {'{a=' * 5000}1{'}' * 5000}\n+++\n{GOOD}".encode(), "nested too deeply"),
        (f"+++\n{'k' * 1_000_000} = 1\n+++\n{GOOD}".encode(), "means nothing here"),
        (f"+++\n{'.'.join('abc')} = 1\na = 2\n+++\n{GOOD}".encode(), "not TOML"),
        ("".join(f"[s{i}]\na{i} :: b\n" for i in range(100_000)).encode(), "100,000 cards"),
        (b"x :: y | " + b"a | " * 1000 + b"a\n", "is given twice"),
        (b":: " * 1300 + b"\n", "a second ::"),
        (b"\\" * 4000 + b":: a\n", "put spaces around"),
        ("e\u0301\u0300".encode() * 1000 + b" :: x\n", "characters; the model holds"),
    ],
    ids=[
        "escapes", "c1", "markup", "markup-section", "surrogate", "long-line",
        "arrays", "tables", "long-key", "twice", "sections", "alternatives", "separators",
        "backslashes", "accents",
    ],
)  # fmt: skip
def test_a_hostile_file_is_answered_in_plain_words(data: bytes, words: str, tmp_path: Path) -> None:
    (tmp_path / "x.deck").write_bytes(data)
    _, lines = checked(tmp_path / "x.deck")
    assert any(words in line for line in lines), lines[:3]


@pytest.mark.parametrize(
    ("byte", "hint"),
    [(0xE9, " (in Latin-1 it would be é)"), (0xA1, " (in Latin-1 it would be ¡)")]
    + [(byte, "") for byte in (0x80, 0xA0, 0xAD)],  # nothing that can be seen
)
def test_a_byte_that_is_no_utf_8_is_named_with_its_letter_in_latin_1(byte: int, hint: str) -> None:
    data = b"one :: two\ncaf" + bytes([byte]) + b" :: x\n"
    (problem,) = parse(data, "x.deck").diagnostics
    assert (problem.line, problem.column) == (2, 4)
    expected = f"byte 0x{byte:02X} at offset 14 is not UTF-8; save the file as UTF-8{hint}"
    assert problem.text == expected


@pytest.mark.parametrize("part", ["a", '"a, ="', "'='", '"\\\\"'])
def test_a_dotted_key_without_end_is_refused_soon(part: str, tmp_path: Path) -> None:
    key = ".".join([part] * 40_000)
    for line in (f"{key} = 1", f"[{key}]", f"x = {{{key} = 1}}"):
        (tmp_path / "x.deck").write_text(f"+++\n\n{line}\n+++\n{GOOD}", "utf-8")
        _, lines = checked(tmp_path / "x.deck")
        assert "x.deck:3:1: error: " in lines[0]
        check_words("problem: a key of many parts", lines[0].partition(" error: ")[2])


def test_many_tables_that_each_extend_the_last_are_read_or_refused_soon(tmp_path: Path) -> None:
    tables = "".join(f"[{'.'.join('a' * (i % 300 + 1))}.k{i}]\n" for i in range(3_000))
    (tmp_path / "x.deck").write_text(f"+++\n{tables}+++\n{GOOD}", "utf-8")
    checked(tmp_path / "x.deck")


def test_too_many_cards_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flashcards.cards.format.MAX_CARDS", 3)
    path = tmp_path / "x.deck"
    path.write_text("a :: b\nc ::: d\n", "utf-8")
    assert "3 cards" in checked(path)[1][-1]
    path.write_text("a :: b\nc ::: d\n# more\ne :: f\n", "utf-8")
    code, lines = checked(path)
    assert code == 1
    assert ":4:1: error: " in lines[0]
    check_words("problem: too many cards", lines[0].partition(" error: ")[2])


@pytest.mark.parametrize(
    ("front", "words"),
    [
        ("".join(f"[a{i}]\n" for i in range(200_000)), "too many tables"),
        ("".join(f"a{i} = 1\n" for i in range(20_000)), "too many keys"),
        ('"\\' * 100_000 + "\n", "not TOML"),
        ('{"\\' * 60_000 + "\n", "not TOML"),
        ('a = """' + 'a""' * 100_000 + "\\\n", "not TOML"),
        (" " * 200_000 + "\n", "no problems"),
        ("a" + " " * 200_000 + "\n", "not TOML"),
        ("a." * 100_000 + "a = 1\n", "a key of too many parts"),
        ("\"a b\" . 'c' . " * 40 + "a = 1\n", "a key of too many parts"),
        ("x = {y = '''a\"''', " + "a." * 100_000 + "a = 1}\n", "a key of too many parts"),
        (f'shows = "{"a." * 100}" # {"a." * 100}\n', "no problems"),
    ],
    ids=range(11),
)
def test_front_matter_is_read_in_linear_time(front: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "a.deck"
    path.write_text(f"+++\n{front}+++\n{GOOD}", "utf-8")
    assert any(words in line for line in checked(path)[1])
