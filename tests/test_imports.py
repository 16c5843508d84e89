"""No module needs itself: every import of the package, lazy and typing-only ones too, has an end.

Read from the source, so that no import can hide inside a function or behind `TYPE_CHECKING`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

import flashcards

PACKAGE = Path(flashcards.__file__).parent

CIRCLES_LEFT = ("flashcards.app",)
"""Packages that still have a circle. Nothing may be added."""

Graph = Mapping[str, frozenset[str]]


def name_of(path: Path) -> str:
    """The module in this file, as it is imported."""
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def import_graph() -> Graph:
    """Every module of the package with those of the package that its source imports."""
    paths = {name_of(path): path for path in sorted(PACKAGE.rglob("*.py"))}
    return {
        module: frozenset(imported(ast.parse(path.read_bytes()), module, set(paths)))
        for module, path in paths.items()
    }


def imported(tree: ast.AST, module: str, modules: set[str]) -> Iterator[str]:
    """The modules named in this source; of `from package import name`, the module if it is one."""
    for node in ast.walk(tree):
        match node:
            case ast.Import():
                names = [alias.name for alias in node.names]
            case ast.ImportFrom():
                assert node.level == 0, f"{module} imports relatively"
                inner = [f"{node.module}.{alias.name}" for alias in node.names]
                names = [name if name in modules else str(node.module) for name in inner]
            case _:
                continue
        yield from (name for name in names if name in modules)


def circles(graph: Graph) -> list[set[str]]:
    """The strongly connected components of more than one module, and modules that import
    themselves: Tarjan's algorithm."""
    order: dict[str, int] = {}
    lowest: dict[str, int] = {}
    stack: list[str] = []
    found: list[set[str]] = []

    def visit(module: str) -> None:
        order[module] = lowest[module] = len(order)
        stack.append(module)
        for other in sorted(graph[module]):
            if other not in order:
                visit(other)
            if other in stack:
                lowest[module] = min(lowest[module], lowest[other])
        if lowest[module] == order[module]:
            place = stack.index(module)
            component = set(stack[place:])
            del stack[place:]
            if len(component) > 1 or module in graph[module]:
                found.append(component)

    for module in graph:
        if module not in order:
            visit(module)
    return found


def test_the_search_finds_a_circle_and_a_module_that_imports_itself() -> None:
    graph = {name: frozenset(others) for name, others in [("a", "b"), ("b", "c"), ("c", "bd")]}
    graph |= {"d": frozenset(), "e": frozenset("e")}
    assert sorted(map(sorted, circles(graph))) == [["b", "c"], ["e"]]


def test_lazy_and_typing_only_imports_are_read_too() -> None:
    source = (
        "from typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n    from p import a\n"
        "def f() -> None:\n    import p.b\n    from p.c import d\n    from p import name\n"
    )
    modules = {"p", "p.a", "p.b", "p.c"}
    assert set(imported(ast.parse(source), "p.e", modules)) == modules


def test_no_module_needs_itself() -> None:
    left = [
        sorted(circle)
        for circle in circles(import_graph())
        if not all(module.startswith(CIRCLES_LEFT) for module in circle)
    ]
    assert left == []
