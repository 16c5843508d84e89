"""Mutants: what is changed, where exactly, and what counts as caught."""

import ast
from pathlib import Path

import pytest

from tests.source import ROOT
from tools.lines import TestLines, record_lines
from tools.mutants import Copy, Mutant, choose_tests, draw, header_lines, mutants_of


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


@pytest.mark.slow
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


SOURCE = """\
AT_MOST = 3


def larger(a: int, b: int) -> int:
    return a if a > b else b


def limited(a: int) -> int:
    if (
        a > AT_MOST
    ):
        return AT_MOST
    return a
"""

TESTS = """\
import subprocess, sys

from flashcards.cards.larger import larger, limited


def test_larger() -> None:
    assert larger(2, 1) == 2


def test_limited() -> None:
    assert limited(4) == 3


def test_in_a_process() -> None:
    program = "from flashcards.cards.larger import larger; print(larger(1, 2))"
    assert subprocess.check_output([sys.executable, "-c", program], text=True) == "2\\n"


def test_broken() -> None:
    assert larger(1, 2) == 1
"""

PATH = "flashcards/cards/larger.py"


@pytest.mark.parametrize(
    ("line", "expected"), [(1, (1, 1)), (5, (5, 5)), (4, (4, 4)), (10, (9, 11)), (12, (12, 12))]
)
def test_a_statement_is_its_lines_without_its_body(line: int, expected: tuple[int, int]) -> None:
    lines = header_lines(SOURCE.encode(), line)
    assert (lines[0], lines[-1]) == expected


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A program of one file, with its tests."""
    root = tmp_path_factory.mktemp("tree")
    for path, text in {
        "pyproject.toml": (ROOT / "pyproject.toml").read_text("utf-8"),
        "flashcards/__init__.py": "",
        "flashcards/cards/__init__.py": "",
        PATH: SOURCE,
        "tests/test_larger.py": TESTS,
        "tools/__init__.py": "",
        "tools/lines.py": (ROOT / "tools/lines.py").read_text("utf-8"),
    }.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, "utf-8")
    return root


def mutant(line: int, before: str, after: str) -> Mutant:
    start = sum(map(len, SOURCE.splitlines(keepends=True)[: line - 1]))
    start = SOURCE.index(before, start)
    return Mutant(PATH, line, start, start + len(before), before, after)


@pytest.mark.slow
@pytest.mark.monkey
def test_the_tests_of_a_mutant_are_those_that_run_its_line(tree: Path, tmp_path: Path) -> None:
    record_lines(tree, tmp_path, ["-n0", "-p", "no:cacheprovider"])
    recorded = TestLines(tmp_path)

    def chosen(line: int, limit_s: float = 60) -> set[str]:
        tests = choose_tests(
            mutant(line, SOURCE.splitlines()[line - 1], ""), SOURCE.encode(), recorded, limit_s
        )
        assert [recorded.seconds[test] for test in tests] == sorted(
            map(recorded.seconds.__getitem__, tests)
        )
        return {test.removeprefix("tests/test_larger.py::test_") for test in tests}

    assert chosen(5) == {"larger", "in_a_process", "broken"}
    assert chosen(10) == chosen(12) == {"limited"}
    assert chosen(1) == {"larger", "limited", "in_a_process", "broken"}
    assert len(chosen(1, limit_s=0)) == 1


@pytest.mark.slow
@pytest.mark.monkey
def test_a_mutant_is_caught_by_a_test_that_passes_without_it(tree: Path) -> None:
    copy = Copy(tree, limit_s=60)
    larger = "tests/test_larger.py::test_larger"
    try:
        turned, touched = mutant(5, " > ", " < "), mutant(5, " > ", " >= ")
        assert copy.run(turned, [larger]) == ("caught", larger)
        assert copy.run(touched, [larger]) == ("not caught", "")
        assert copy.run(touched, ["tests/test_larger.py::test_broken"])[0] == "fails without it too"
        assert copy.run(mutant(1, "3", ""), [larger])[0] == "caught"
        assert (copy.root / PATH).read_text("utf-8") == SOURCE
    finally:
        copy.delete()
