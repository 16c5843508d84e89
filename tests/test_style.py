"""How the program is written: what a docstring begins with, and names that say nothing."""

import ast
import re
from collections.abc import Iterator
from itertools import pairwise

import pytest

from tests.source import trees

CLAUSES = {"What", "Whether", "How", "Who", "Which", "Why", "That", "Where", "When", "If"}
"""Words that begin a clause without a verb of its own."""

EMPTY_NAMES = {
    *("said", "told", "heard", "shown", "found", "asked", "made", "kept", "it", "one"),
    *("thing", "here", "there", "then", "again", "got", "came", "gone", "goes", "each"),
    *("those", "some"),
}
"""Names that hide what a value is: a guess, a reply, a path, a row."""

Definition = ast.FunctionDef | ast.AsyncFunctionDef


def docstrings(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield line and text of every docstring: of modules, classes, functions and attributes."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | Definition):
            yield getattr(node, "lineno", 1), ast.get_docstring(node) or ""
        body = getattr(node, "body", None)
        for before, after in pairwise(body) if isinstance(body, list) else ():
            match before, after:
                case ast.Assign() | ast.AnnAssign(), ast.Expr(ast.Constant(str(text))):
                    yield after.lineno, text


def clauses(tree: ast.Module) -> Iterator[str]:
    """Yield each docstring that begins with a clause."""
    for line, text in docstrings(tree):
        first = re.match(r"\w+", text)
        if first is not None and first[0] in CLAUSES:
            yield f"{line}: {text.splitlines()[0]}"


def empty_names(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield line and name of each parameter, variable, attribute and function of such a name."""
    for node in ast.walk(tree):
        match node:
            case ast.arg(arg=name):
                pass
            case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                pass
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                pass
            case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                pass
            case ast.ExceptHandler(name=str(name)) | ast.alias(asname=str(name)):
                pass
            case _:
                continue
        if name.lstrip("_") in EMPTY_NAMES:
            yield node.lineno, name


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('"""Whether it is."""', ["1: Whether it is."]),
        ('class A:\n    async def f(self):\n        """What\'s left."""', ["2: What's left."]),
        ('A: int = 1\n"""How many."""', ["2: How many."]),
        ('def f():\n    """Return what is left."""', []),
    ],
)
def test_a_clause_is_found(source: str, expected: list[str]) -> None:
    assert list(clauses(ast.parse(source))) == expected


def test_an_empty_name_is_found() -> None:
    source = (
        "def told(asked):\n    for found in asked:\n        asked._kept = found\n"
        "    match asked:\n        case [shown, *made]: import a as it\n"
    )
    assert sorted(empty_names(ast.parse(source))) == [
        (1, "asked"),
        (1, "told"),
        (2, "found"),
        (3, "_kept"),
        (5, "it"),
        (5, "made"),
        (5, "shown"),
    ]


def test_a_docstring_begins_with_a_verb_or_a_noun() -> None:
    assert {path: wrong for path, tree in trees().items() if (wrong := list(clauses(tree)))} == {}


def test_a_name_says_what_a_value_is() -> None:
    wrong = {(path, name) for path, tree in trees().items() for _, name in empty_names(tree)}
    assert wrong == set()
