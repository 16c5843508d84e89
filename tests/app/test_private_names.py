"""Textual as it is: no file uses what Textual keeps to itself, but for a short list."""

import ast
import functools
import importlib
import inspect
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
import textual

from tests.source import PACKAGE, trees
from tests.test_imports import name_of

ALLOWED = {
    ("app/faults.py", "_handle_exception"),  # else any fault ends the program
    ("app/textual_fixes/screens.py", "_compositor"),  # the only way to the cells of a screen
}
"""Each has a test in `test_textual_fixes.py` that shows why."""


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__") and name != "_"


def members(kind: ast.ClassDef) -> Iterator[str]:
    """Yield what a class defines, and the attributes that its methods assign."""
    for node in kind.body:
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name
            case ast.AnnAssign(target=ast.Name(id=name)):
                yield name
            case ast.Assign(targets=targets):
                yield from (target.id for target in targets if isinstance(target, ast.Name))
    for inner in ast.walk(kind):
        match inner:
            case ast.Attribute(value=ast.Name(id="self"), attr=name, ctx=ast.Store()):
                yield name


def private_names(tree: ast.Module) -> Iterator[str]:
    """Yield the private names of a module's functions and classes, and of what these have."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            yield from filter(is_private, (node.name, *members(node)))
        elif isinstance(node, ast.FunctionDef) and is_private(node.name):
            yield node.name


@functools.cache
def of_textual() -> frozenset[str]:
    sources = Path(textual.__file__).parent.rglob("*.py")
    read = (ast.parse(source.read_text(encoding="utf-8")) for source in sources)
    return frozenset(name for tree in read for name in private_names(tree))


@functools.cache
def of_class(kind: type) -> frozenset[str]:
    """The private names that a class of Textual gives its objects."""
    tree = ast.parse(inspect.getsource(sys.modules[kind.__module__]))
    written = [
        name
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and node.name == kind.__name__
        for name in members(node)
    ]
    return frozenset(filter(is_private, (*vars(kind), *written)))


def inherited(bases: Iterable[type]) -> frozenset[str]:
    return frozenset().union(*(of_class(b) for b in bases if b.__module__.startswith("textual.")))


def uses(tree: ast.Module, module: object) -> Iterator[str]:
    """Yield the private names of Textual that a module imports, overrides, reads or assigns."""
    for node in ast.walk(tree):
        match node:
            case ast.ImportFrom(module=str(source)) if source.split(".")[0] == "textual":
                yield from filter(is_private, source.split("."))
                yield from (alias.name for alias in node.names if is_private(alias.name))
            case ast.Attribute(value=ast.Name(id="self" | "cls")):
                pass  # its class decides, below
            case ast.Attribute(attr=name) if name in of_textual():
                yield name
            case ast.ClassDef() if isinstance(kind := getattr(module, node.name, None), type):
                theirs = inherited(kind.__mro__)
                yield from theirs.intersection(members(node))
                yield from (
                    inner.attr
                    for inner in ast.walk(node)
                    if isinstance(inner, ast.Attribute) and inner.attr in theirs
                )


def private_uses() -> set[tuple[str, str]]:
    looked_at = {
        path: tree
        for path, tree in trees().items()
        if path.startswith("app/") or "textual" in (PACKAGE / path).read_text(encoding="utf-8")
    }
    assert len(looked_at) > 100
    modules = {path: importlib.import_module(name_of(path)) for path in looked_at}
    return {(path, name) for path, tree in looked_at.items() for name in uses(tree, modules[path])}


@pytest.mark.slow
def test_no_file_uses_a_private_name_of_textual_but_these() -> None:
    assert private_uses() == ALLOWED


@pytest.mark.slow  # all of Textual is read
def test_an_override_a_read_and_an_import_are_uses() -> None:
    from textual.widget import Widget

    class Host:
        class Mine(Widget):
            def _render_content(self) -> None: ...

    source = (
        "from textual._time import get_time\n"
        "from textual.widget import Widget, _RenderCache\n"
        "class Mine(Widget):\n"
        "    _own = 1\n"
        "    def _render_content(self):\n"
        "        self._repaint_required = self._own\n"
        "        return self.app._notifications\n"
    )
    expected = {"_time", "_RenderCache", "_render_content", "_repaint_required", "_notifications"}
    assert set(uses(ast.parse(source), Host)) == expected
