"""No module needs itself, by any import in the source: in functions and `TYPE_CHECKING`, too."""

import ast
import functools
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

import pytest

from flashcards.app.rooms import BY_ID, LINES, ON_OPEN, VIEWS
from tests.source import PACKAGE, trees

Graph = Mapping[str, frozenset[str]]


def name_of(path: str) -> str:
    parts = (PACKAGE.name, *PurePosixPath(path).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@functools.cache
def import_graph() -> Graph:
    modules = {name_of(path): tree for path, tree in trees().items()}
    graph = {module: set(imported(tree, module, set(modules))) for module, tree in modules.items()}
    # what rooms have is named by strings
    named = {*VIEWS.values(), *LINES, *ON_OPEN, *(key.does for key in BY_ID.values())}
    parts = {f"flashcards.app.{name.partition(':')[0]}" for name in named if "." in name}
    graph["flashcards.app.rooms"] |= parts & set(modules)
    return {module: frozenset(others) for module, others in graph.items()}


def imported(tree: ast.AST, module: str, modules: set[str]) -> Iterator[str]:
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
    """Modules that import themselves or one another, by Tarjan's strongly connected components."""
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


@pytest.mark.slow
def test_no_module_needs_itself() -> None:
    assert [sorted(circle) for circle in circles(import_graph())] == []


MAY_IMPORT: dict[str, set[str]] = {  # what each folder may import; cli may import all
    "base": set(),
    "cards": {"base"},
    "terminal": {"base", "cards"},
    "templates": {"base"},
    "runs": {"base"},
    "wording": {"base", "cards", "runs"},
    "exchange": {"base", "cards", "terminal"},
    "rivals": {"base", "cards", "runs"},
    "doctor": {"base", "cards", "runs", "wording"},
    "talks": {"base", "cards", "runs"},
    "charts": {"base", "runs", "templates", "wording"},
    "audience": {"base", "cards", "templates"},
    "report": {"base", "cards", "charts", "runs", "templates", "wording"},
    "learner": {"base", "cards", "runs"},
    "trainer": {"base", "cards", "learner", "rivals", "runs", "terminal"},
    "export": {"base", "cards", "learner", "report", "runs", "trainer", "wording"},
    "plain": {"base", "cards", "charts", "doctor", "learner", "rivals", "runs", "terminal"}
    | {"talks", "trainer", "wording"},
    "app": {"audience", "base", "cards", "charts", "doctor", "exchange", "runs", "talks"}
    | {"trainer", "wording"},
    "record": {"app", "base", "cards", "runs", "talks", "terminal", "wording"},
    "from_python": {"base", "cards", "exchange", "export", "plain", "runs", "trainer"},
}

FREE = ("__init__", "__main__", "cli")


def folder(module: str) -> str:
    """The folder of the package that a module is in, or its own name beside them."""
    return [*module.split("."), "__init__"][1]


@pytest.mark.slow
def test_a_folder_imports_only_what_lies_below_it() -> None:
    wrong = []
    for module, others in import_graph().items():
        of = folder(module)
        allowed = {of, *FREE[:1], *MAY_IMPORT.get(of, ())}
        wrong += [(module, o) for o in others if of not in FREE and folder(o) not in allowed]
    assert wrong == []
    below = {name: frozenset(others) for name, others in MAY_IMPORT.items()}
    assert circles(below) == []


def test_every_folder_has_a_row_and_no_file_lies_loose() -> None:
    found = {path.name for path in PACKAGE.iterdir() if path.name != "__pycache__"}
    assert found == {*MAY_IMPORT, *FREE[2:], "course", "__init__.py", "__main__.py", "py.typed"}


SHELL = ("session", "view", "keymap", "predicting", "density")  # rooms may import it, and room.py


def layer(module: str) -> str:
    """Which part of the app a module is in: a room's name, widgets, run, or the shell's own."""
    parts = module.split(".")
    return parts[2] if len(parts) > 3 else "shell"


def test_a_room_imports_no_other_room_and_never_the_app() -> None:
    folders = {path.parent.name for path in (PACKAGE / "app").glob("*/__init__.py")}
    rooms = folders - {"run", "textual_fixes", "widgets"}
    shared = {"widgets", "textual_fixes"}
    allowed = {"textual_fixes": {"textual_fixes"}, "widgets": shared, "run": {"run", *shared}}
    allowed |= {room: {room, "run", *shared} for room in rooms}
    shell_of_all = {"flashcards.app.room"}
    shell_of_rooms = shell_of_all | {f"flashcards.app.{name}" for name in SHELL}
    wrong = []
    for module, others in import_graph().items():
        part = layer(module)
        if not module.startswith("flashcards.app.") or part == "shell":
            continue
        may = shell_of_rooms if part in rooms else shell_of_all
        for other in others:
            if not other.startswith("flashcards.app."):
                continue
            is_allowed = other in may if layer(other) == "shell" else layer(other) in allowed[part]
            if not is_allowed:
                wrong.append((module, other))
    assert wrong == []
