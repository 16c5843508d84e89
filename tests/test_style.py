"""How the program is written: what a docstring begins with."""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.source import trees

NOT_YET = {"app", "learner", "trainer"}
"""Folders whose docstrings are still to be written anew; nothing may be added here."""

CLAUSES = {"What", "Whether", "How", "Who", "Which", "Where", "When", "If"}
"""Words that begin a clause without a verb of its own."""

Documented = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def clauses_for_sentences(tree: ast.AST) -> Iterator[str]:
    """Yield each function and class whose docstring begins with a clause."""
    for node in ast.walk(tree):
        if isinstance(node, Documented):
            first = re.match(r"\w+", ast.get_docstring(node) or "")
            if first is not None and first[0] in CLAUSES:
                yield f"{node.name}:{node.lineno}"


@pytest.mark.parametrize(
    ("docstring", "is_wrong"),
    [
        ("Whether it is.", True),
        ("What's left.", True),
        ("Return what is left.", False),
        ("", False),
    ],
)
def test_a_clause_is_found(docstring: str, is_wrong: bool) -> None:
    tree = ast.parse(f'class A:\n    async def f(self):\n        """{docstring}"""\n')
    assert list(clauses_for_sentences(tree)) == (["f:2"] if is_wrong else [])


def test_a_docstring_begins_with_a_verb_or_a_noun() -> None:
    wrong = {path: list(clauses_for_sentences(tree)) for path, tree in trees().items()}
    assert {
        path: names
        for path, names in wrong.items()
        if names and path.partition("/")[0] not in NOT_YET
    } == {}
