"""Random mutants of the program: how many of its small faults do the tests catch?

    python -m tools.mutants SEED [N]          tests of the mutant's room, and those that import it
    python -m tools.mutants SEED [N] --room   tests of its room alone
    python -m tools.mutants SEED [N] --all    every test; with --slow the slow ones, too

A mutant is one small change of `flashcards/`: a comparison turned, a sign, a returned truth, a
whole number off by one, `and` for `or`. N are drawn (30), and each is written into a copy of this
tree, where pytest runs up to its first failure. A failure counts only if the same tests pass
without the mutant. A mutant whose tests don't end in time counts as not caught.

`mutmut` and `cosmic-ray` are made to go through all mutants of a package, 18,500 here. This draws
a sample, and runs the tests that are near each one.
"""

from __future__ import annotations

import argparse
import ast
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Literal

ROOT = Path(__file__).parent.parent
PACKAGE = "flashcards"
NOT_COPIED = shutil.ignore_patterns(".git", ".venv", "venv", ".*_cache", "__pycache__")

Outcome = Literal["caught", "not caught", "no end in time", "fails without it too"]


@dataclass(frozen=True)
class Mutant:
    """One change of one file, whose bytes from `start` to `end` are replaced."""

    path: str
    """Of the file, from the root of the tree."""
    line: int
    start: int
    end: int
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}  {self.before}  →  {self.after}"

    def rewrite(self, source: bytes) -> bytes:
        """Return the file with the change in it."""
        assert source[self.start : self.end].decode() == self.before
        return source[: self.start] + self.after.encode() + source[self.end :]


OPERATORS: Mapping[type[ast.AST], tuple[str, tuple[str, ...]]] = {
    ast.Lt: ("<", ("<=", ">")),
    ast.LtE: ("<=", ("<", ">=")),
    ast.Gt: (">", (">=", "<")),
    ast.GtE: (">=", (">", "<=")),
    ast.Eq: ("==", ("!=",)),
    ast.NotEq: ("!=", ("==",)),
    ast.In: ("in", ("not in",)),
    ast.NotIn: (r"not\s+in", ("in",)),
    ast.Is: ("is", ("is not",)),
    ast.IsNot: (r"is\s+not", ("is",)),
    ast.And: ("and", ("or",)),
    ast.Or: ("or", ("and",)),
    ast.Add: (r"\+", ("-",)),
    ast.Sub: ("-", ("+",)),
}
"""An operator: the pattern of its text, and what a mutant has in its place."""


class Drawer(ast.NodeVisitor):
    """Collects the mutants of one file. Types, docstrings and f-strings have none: Python 3.11
    gives wrong places inside f-strings."""

    def __init__(self, path: str, source: bytes) -> None:
        self.path = path
        self.source = source
        self.mutants: list[Mutant] = []
        self._line_starts = [0]
        for line in source.splitlines(keepends=True):
            self._line_starts.append(self._line_starts[-1] + len(line))
        self._gives_truth: list[bool] = []

    def _start(self, node: ast.expr) -> int:
        return self._line_starts[node.lineno - 1] + node.col_offset

    def _end(self, node: ast.expr) -> int:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self._line_starts[node.end_lineno - 1] + node.end_col_offset

    def _add(self, start: int, end: int, after: str) -> None:
        line = self.source.count(b"\n", 0, start) + 1
        before = self.source[start:end].decode()
        self.mutants.append(Mutant(self.path, line, start, end, before, after))

    def _turn(self, operator: ast.AST, after: int, before: int) -> None:
        """Add the mutants of an operator that stands between two places."""
        if type(operator) not in OPERATORS:
            return
        pattern, others = OPERATORS[type(operator)]
        gap = self.source[after:before].decode()
        # Beside the operator there are brackets, space and comments, which may look like operators
        gap = re.sub(r"#.*", lambda comment: " " * len(comment[0].encode()), gap)
        match = re.search(pattern, gap)
        assert match is not None, f"{self.path}: no {pattern} in {gap!r}"
        for other in others:
            self._add(after + match.start(), after + match.end(), other)

    def visit_Compare(self, node: ast.Compare) -> None:
        left = node.left
        for operator, right in zip(node.ops, node.comparators, strict=True):
            self._turn(operator, self._end(left), self._start(right))
            left = right
        self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        for left, right in zip(node.values, node.values[1:], strict=False):
            self._turn(node.op, self._end(left), self._start(right))
        self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        if not any(isinstance(side, TEXTS) or _is_text(side) for side in (node.left, node.right)):
            self._turn(node.op, self._end(node.left), self._start(node.right))
        self.generic_visit(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        if not (isinstance(node.value, TEXTS) or _is_text(node.value)):
            self._turn(node.op, self._end(node.target), self._start(node.value))
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        if isinstance(node.op, ast.USub):
            self._add(self._start(node), self._start(node) + 1, "")
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        if type(node.value) is int:
            self._add(self._start(node), self._end(node), str(node.value + 1))

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self._gives_truth.append(isinstance(node.returns, ast.Name) and node.returns.id == "bool")
        defaults = [default for default in node.args.kw_defaults if default is not None]
        for child in (*node.decorator_list, *node.args.defaults, *defaults, *node.body):
            self.visit(child)
        self._gives_truth.pop()

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self.visit_FunctionDef(node)

    def visit_Return(self, node: ast.Return) -> None:
        value = node.value
        if isinstance(value, ast.Constant) and isinstance(value.value, bool):
            self._add(self._start(value), self._end(value), str(not value.value))
        elif value is not None and self._gives_truth and self._gives_truth[-1]:
            start, end = self._start(value), self._end(value)
            if self.source[:start].rstrip().endswith(b"return"):  # not in brackets of its own
                self._add(start, end, f"not ({self.source[start:end].decode()})")
        self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)

    def visit_If(self, node: ast.If) -> None:
        if isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            return
        self.generic_visit(node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        return


TEXTS = (ast.JoinedStr, ast.List, ast.Tuple, ast.ListComp)
"""Nodes for which a minus is a `TypeError`, as for text: such a mutant tells nothing of a test."""


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)


def mutants_of(path: str, source: bytes) -> list[Mutant]:
    """Return all mutants of a file, in the order of its lines."""
    drawer = Drawer(path, source)
    drawer.visit(ast.parse(source))
    return sorted(drawer.mutants, key=lambda mutant: (mutant.start, mutant.end, mutant.after))


def draw(root: Path, seed: int, n: int, *under: str) -> list[Mutant]:
    """Draw n mutants of all below some folders, each as likely as any other."""
    paths = sorted(path for folder in under for path in (root / folder).rglob("*.py"))
    every = [
        mutant
        for path in paths
        for mutant in mutants_of(path.relative_to(root).as_posix(), path.read_bytes())
    ]
    return Random(seed).sample(every, min(n, len(every)))


# ── which tests ──


def imports(tree: ast.AST) -> Iterator[str]:
    """Yield the modules that a file imports, and each name that may be a module of a package."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def importers(root: Path, folder: str) -> dict[str, set[str]]:
    """Return who imports a module, for each module: files below a folder, from the root."""
    found: dict[str, set[str]] = {}
    for path in sorted((root / folder).rglob("*.py")):
        for module in imports(ast.parse(path.read_bytes())):
            found.setdefault(module, set()).add(path.relative_to(root).as_posix())
    return found


def module_of(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def nearest_tests(root: Path, path: str, *, is_room_alone: bool = False) -> list[str]:
    """Return the test files that can catch a mutant in a file: all of its room, and those of other
    rooms that import it, unless `is_room_alone`. Where there are none, those of its importers.

    The likeliest come first: of its room before others, named after it or its folder before others,
    importing it before others."""
    by_tests, by_program = importers(root, "tests"), importers(root, PACKAGE)
    seen: set[str] = set()
    level = [path]
    while level:
        direct = {
            test
            for each in level
            for test in by_tests.get(module_of(each), set())
            if Path(test).name.startswith("test_")
        }
        of_room = {test for each in level for test in _tests_of_room(root, each)}
        if is_room_alone and of_room:
            direct &= of_room
        if direct or of_room:
            names = {name for each in level for name in Path(each).with_suffix("").parts[2:]}
            named = {t for t in direct | of_room if any(name in Path(t).stem for name in names)}
            return sorted(
                direct | of_room,
                key=lambda t: (t not in of_room, t not in named, t not in direct, t),
            )
        seen.update(level)
        above = {user for each in level for user in by_program.get(module_of(each), set())}
        level = sorted(above - seen)
    return ["tests"]


def _tests_of_room(root: Path, path: str) -> list[str]:
    room = Path(path).parts[1]
    tests = root / "tests"
    paths = [*(tests / room).rglob("test_*.py"), *tests.glob(f"test_{room}.py")]
    return [test.relative_to(root).as_posix() for test in paths]


# ── running them ──


NO_TESTS = 5
"""The exit status of pytest where none had failed: with the mutant not even pytest could begin."""


class Copy:
    """A copy of the tree, in which one mutant after the other is written."""

    def __init__(self, root: Path, pytest_options: Sequence[str], limit_s: float) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="mutants-")) / "tree"
        shutil.copytree(root, self.root, ignore=NOT_COPIED)
        self._pytest = (sys.executable, "-m", "pytest", "-x", "-rfE", "--tb=no", *pytest_options)
        self._limit_s = limit_s

    def delete(self) -> None:
        shutil.rmtree(self.root.parent, ignore_errors=True)

    def run(self, mutant: Mutant, tests: Sequence[str]) -> tuple[Outcome, str]:
        """Run tests with a mutant. Returns how that ended, and the first test that failed."""
        path = self.root / mutant.path
        source = path.read_bytes()
        try:
            self._write(path, mutant.rewrite(source))
            ended = self._run_pytest(*tests)
        except subprocess.TimeoutExpired:
            return "no end in time", ""
        finally:
            self._write(path, source)
        if ended.returncode == 0:
            return "not caught", ""
        failed = [
            line for line in ended.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))
        ]
        test = failed[0].split(" - ")[0] if failed else f"pytest ended with {ended.returncode}"
        try:
            again = self._run_pytest("--last-failed", "--last-failed-no-failures=none", *tests)
        except subprocess.TimeoutExpired:
            return "fails without it too", test
        is_well = again.returncode in (0, NO_TESTS)
        return ("caught" if is_well else "fails without it too"), test

    def _run_pytest(self, *words: str) -> subprocess.CompletedProcess[str]:
        environment = {
            **os.environ,
            "PYTHONPATH": str(self.root),
            "XDG_DATA_HOME": str(self.root.parent / "data"),
        }
        return subprocess.run(
            (*self._pytest, *words),
            cwd=self.root,
            env=environment,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=self._limit_s,
        )

    def _write(self, path: Path, source: bytes) -> None:
        """Write a file, and delete its bytecode: that of a file of the same size and second counts
        as up to date."""
        path.write_bytes(source)
        for bytecode in (path.parent / "__pycache__").glob(f"{path.stem}.*.pyc"):
            bytecode.unlink()


def main() -> None:
    parser = argparse.ArgumentParser(description="Random mutants, and which the tests catch.")
    parser.add_argument("seed", type=int)
    parser.add_argument("n", type=int, nargs="?", default=30)
    parser.add_argument("--under", nargs="+", default=[PACKAGE], metavar="FOLDER")
    parser.add_argument("--room", action="store_true", help="run the tests of its room alone")
    parser.add_argument("--all", action="store_true", help="run all tests, not the nearest")
    parser.add_argument("--slow", action="store_true", help="run the slow tests, too")
    parser.add_argument("--workers", default="0", metavar="N", help="processes of pytest")
    parser.add_argument("--limit", type=float, default=900, metavar="SECONDS", help="for a mutant")
    parser.add_argument("--list", action="store_true", help="only print what is drawn")
    options = parser.parse_args()
    mutants = draw(ROOT, options.seed, options.n, *options.under)
    if options.list:
        print(*mutants, sep="\n")
        return
    chosen = ["-n", options.workers]
    if options.slow:
        chosen += ["-m", "slow or not slow"]
    copy = Copy(ROOT, chosen, options.limit)
    outcomes: list[Outcome] = []
    try:
        for mutant in mutants:
            tests = ["tests"]
            if not options.all:
                tests = nearest_tests(copy.root, mutant.path, is_room_alone=options.room)
            outcome, test = copy.run(mutant, tests)
            outcomes.append(outcome)
            print(f"{outcome:14}  {mutant}  {test}".rstrip(), flush=True)
    finally:
        copy.delete()
    n_caught = outcomes.count("caught")
    n_unclear = outcomes.count("fails without it too")
    n_told = len(outcomes) - n_unclear
    print(f"caught {n_caught} of {n_told}", f"({n_caught / max(1, n_told):.0%})", end="")
    print(f"; of {n_unclear} nothing is known" if n_unclear else "")


if __name__ == "__main__":
    main()
