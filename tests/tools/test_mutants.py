"""Mutants: what is changed, where exactly, and what counts as caught."""

import ast
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.source import ROOT
from tools.mutants import Copy, Mutant, draw, mutants_of, nearest_tests


def changes(source: str) -> set[str]:
    """Return a file with each of its mutants."""
    encoded = source.encode()
    return {mutant.rewrite(encoded).decode() for mutant in mutants_of("a.py", encoded)}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a < b", {"a <= b", "a > b"}),
        ("a not  in b", {"a in b"}),
        ("a is not None", {"a is None"}),
        ("a == b != c", {"a != b != c", "a == b == c"}),
        ("a and b and c", {"a or b and c", "a and b or c"}),
        ("a - b", {"a + b"}),
        ("a += b", {"a -= b"}),
        ("-a", {"a"}),
        ("f(1_000, True, 0.5)", {"f(1001, True, 0.5)"}),
        (
            "('ü', (a)  # a > b, ü\n  < b)",
            {f"('ü', (a)  # a > b, ü\n  {o} b)" for o in ("<=", ">")},
        ),
    ],
)
def test_each_kind_of_change_is_made_at_its_place(source: str, expected: set[str]) -> None:
    assert changes(source) == expected


def test_a_returned_truth_is_turned_where_the_function_says_that_it_is_one() -> None:
    truth = "def f() -> bool:\n    return a(b)\n"
    assert changes(truth) == {truth.replace("a(b)", "not (a(b))")}
    constant = "def f(a):\n    return False\n"
    assert changes(constant) == {constant.replace("False", "True")}
    assert changes(truth.replace("bool", "int")) == set()


@pytest.mark.parametrize(
    "source",
    [
        "a: Literal[1, 2]",
        "def f(a: Literal[1]) -> Literal[2]: ...",
        "f'{a + 1}'",
        "a + 'text'",
        "[a] + b",
        "if TYPE_CHECKING:\n    a = 1",
    ],
)
def test_what_says_nothing_of_the_tests_has_no_mutant(source: str) -> None:
    assert changes(source) == set()


def test_the_same_seed_draws_the_same_mutants_and_each_is_another_program() -> None:
    drawn = draw(ROOT, 1, 40, "flashcards/cards")
    assert drawn == draw(ROOT, 1, 40, "flashcards/cards")
    assert drawn != draw(ROOT, 2, 40, "flashcards/cards")
    assert len(set(drawn)) == 40
    for mutant in drawn:
        source = (ROOT / mutant.path).read_bytes()
        altered = mutant.rewrite(source)
        assert ast.dump(ast.parse(altered)) != ast.dump(ast.parse(source)), mutant
        lines = zip(source.splitlines(), altered.splitlines(), strict=True)
        assert [n for n, (old, new) in enumerate(lines, 1) if old != new] == [mutant.line]


def written(root: Path, files: Mapping[str, str]) -> Path:
    """Write a tree of Python files and return its root."""
    for name, text in files.items():
        path = root / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def test_the_nearest_tests_come_first_and_others_not_at_all(tmp_path: Path) -> None:
    root = written(
        tmp_path,
        {
            "flashcards/cards/split": "",
            "flashcards/base/hidden": "",
            "flashcards/cards/shelf": "import flashcards.base.hidden",
            "tests/cards/test_audit": "",
            "tests/cards/test_split": "from flashcards.cards import split",
            "tests/app/test_app": "from flashcards.cards.split import is_held_out",
            "tests/app/test_other": "",
            "tests/decks": "import flashcards.cards.split",
        },
    )
    of_cards = ["tests/cards/test_split.py", "tests/cards/test_audit.py"]
    assert nearest_tests(root, "flashcards/cards/split.py") == [*of_cards, "tests/app/test_app.py"]
    assert nearest_tests(root, "flashcards/cards/split.py", is_room_alone=True) == of_cards
    assert set(nearest_tests(root, "flashcards/base/hidden.py")) == set(of_cards)


@pytest.mark.slow
def test_a_mutant_is_caught_by_a_test_that_passes_without_it(tmp_path: Path) -> None:
    source = "def larger(a: int, b: int) -> int:\n    return a if a > b else b\n"
    root = written(
        tmp_path / "tree",
        {
            "flashcards/__init__": "",
            "flashcards/cards/__init__": "",
            "flashcards/cards/larger": source,
            "tests/test_larger": "from flashcards.cards.larger import larger\n\n\n"
            "def test_larger() -> None:\n    assert larger(2, 1) == 2\n",
            "tests/test_broken": "def test_broken() -> None:\n    assert False\n",
        },
    )
    turned, touched = (
        Mutant("flashcards/cards/larger.py", 2, 53, 54, ">", after) for after in ("<", ">=")
    )
    copy = Copy(root, ["-n0"], limit_s=60)
    try:
        tests = ["tests/test_larger.py"]
        assert copy.run(turned, tests) == ("caught", "FAILED tests/test_larger.py::test_larger")
        assert copy.run(touched, tests) == ("not caught", "")
        assert copy.run(touched, ["tests/test_broken.py"])[0] == "fails without it too"
        assert (copy.root / turned.path).read_text() == source
    finally:
        copy.delete()
