"""Random mutants of the program: how many of its small faults do the tests catch?

    python -m tools.mutants SEED [N] [--under FOLDER ...] [--lines FILE]

A mutant is one small change of `flashcards/`: a comparison turned, a sign, a returned truth, a
whole number off by one, `and` for `or`. N are drawn (30), and each is written into a copy of this
tree. There those tests run that run its line, the fastest first, up to the first that fails. A
failure counts only if the test passes without the mutant. A mutant whose tests don't end in time
counts as not caught.

Which lines each test runs, and how long it takes, is found out first, by all tests once
(`tools/lines.py`); with `--lines` it is written to a file, or read from it if it is there.

`mutmut` and `cosmic-ray` are made to go through all mutants of a package, 18,500 here. This draws
a sample.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import multiprocessing
import os
import re
import shutil
import signal
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Literal

import pytest

from tools.lines import TestLines, record_lines

ROOT = Path(__file__).parent.parent
PACKAGE = "flashcards"
NEEDS_POSIX = "mutants are tried where processes can be forked"
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


def header_lines(source: bytes, line: int) -> range:
    """Return the lines of the innermost statement around a line, without its body."""
    lines = range(line, line + 1)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.stmt) and node.end_lineno is not None:
            body = getattr(node, "body", None)
            end = body[0].lineno - 1 if body else node.end_lineno
            if node.lineno <= line <= end:
                lines = range(node.lineno, end + 1)  # statements within come later in the walk
    return lines


def is_in_function(source: bytes, line: int) -> bool:
    """Return whether a line runs when a function is called, not when its file is imported."""
    return any(
        node.body[0].lineno <= line <= (node.end_lineno or 0)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )


def choose_tests(mutant: Mutant, source: bytes, recorded: TestLines, limit_s: float) -> list[str]:
    """Return the tests that run a mutant's line, the fastest first, as many as take `limit_s`.
    A line that runs when its file is imported matters to all who run a line of the file."""
    by_line = recorded.of_file(mutant.path)
    tests: set[str] = set()
    if is_in_function(source, mutant.line):
        tests |= by_line.get(mutant.line, set())
        if not tests:  # a statement of several lines is noted at one of them
            tests = {t for line in header_lines(source, mutant.line) for t in by_line.get(line, ())}
    if not tests:
        tests = {test for of_line in by_line.values() for test in of_line}
    chosen: list[str] = []
    for test in sorted(tests, key=lambda test: (recorded.seconds[test], test)):
        limit_s -= recorded.seconds[test]
        if limit_s < 0 and chosen:
            break
        chosen.append(test)
    return chosen


# ── running them ──


PRELOADED = ("pytest", "numpy", "torch", "textual.app", "textual.pilot", "PIL.Image")
"""Modules that most tests import, which take seconds to import; none of this project's, and no
plugin of pytest, which warns where one is imported before it."""


class Copy:
    """A copy of the tree, in which one mutant after the other is written."""

    def __init__(self, root: Path, limit_s: float) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="mutants-")) / "tree"
        shutil.copytree(root, self.root, ignore=NOT_COPIED)
        self._limit_s = limit_s
        # Each pytest is a fork of a process that has imported what takes long
        self._processes = multiprocessing.get_context("forkserver")
        self._processes.set_forkserver_preload(list(PRELOADED))

    def delete(self) -> None:
        shutil.rmtree(self.root.parent, ignore_errors=True)

    def run(self, mutant: Mutant, tests: Sequence[str]) -> tuple[Outcome, str]:
        """Run tests with a mutant. Returns how that ended, and the first test that failed."""
        path = self.root / mutant.path
        source = path.read_bytes()
        try:
            self._write(path, mutant.rewrite(source))
            status, failed = self._run_pytest(*tests)
        finally:
            self._write(path, source)
        if status is None:
            return "no end in time", ""
        if status == 0:
            return "not caught", ""
        # No test has failed where with the mutant not even pytest or a file of tests could begin
        tests_again = [failed] if failed and "::" in failed else tests
        is_well = self._run_pytest(*tests_again)[0] == 0
        return ("caught" if is_well else "fails without it too"), failed or f"ended with {status}"

    def _run_pytest(self, *tests: str) -> tuple[int | None, str | None]:
        """Run tests. Returns pytest's exit status, None if it did not end, and who failed first."""
        if sys.platform == "win32":
            raise OSError(NEEDS_POSIX)
        scratch, failed = self.root.parent / "made", self.root.parent / "failed"
        scratch.mkdir()
        failed.write_text("")
        process = self._processes.Process(target=_pytest, args=(self.root, scratch, failed, tests))
        process.start()
        process.join(self._limit_s)
        is_over = process.exitcode is not None
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid or 0, signal.SIGKILL)  # with what its tests have started
        process.join()
        shutil.rmtree(scratch)
        return process.exitcode if is_over else None, failed.read_text("utf-8") or None

    def _write(self, path: Path, source: bytes) -> None:
        """Write a file, and delete its bytecode: that of a file of the same size and second counts
        as up to date."""
        path.write_bytes(source)
        for bytecode in (path.parent / "__pycache__").glob(f"{path.stem}.*.pyc"):
            bytecode.unlink()


class _FirstFailure:
    """A plugin of pytest that writes down which test or file failed first."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def _note(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        if report.failed and not self._path.read_text("utf-8"):
            self._path.write_text(report.nodeid, "utf-8")

    pytest_runtest_logreport = pytest_collectreport = _note


def _pytest(root: Path, scratch: Path, failed: Path, tests: Sequence[str]) -> None:
    """Run tests in a process of its own, which leads a group with all that they start."""
    if sys.platform == "win32":
        raise OSError(NEEDS_POSIX)
    os.setsid()
    os.chdir(root)
    os.environ |= {"PYTHONPATH": str(root), "XDG_DATA_HOME": str(scratch), "TMPDIR": str(scratch)}
    tempfile.tempdir = None
    sys.path.insert(0, str(root))
    silence = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(silence, stream)
    words = ["-x", "-n0", "--tb=no", "-p", "no:cacheprovider", "-m", "", *tests]
    sys.exit(pytest.main(words, plugins=[_FirstFailure(failed)]))


def main() -> None:
    parser = argparse.ArgumentParser(description="Random mutants, and which the tests catch.")
    parser.add_argument("seed", type=int)
    parser.add_argument("n", type=int, nargs="?", default=30)
    parser.add_argument("--under", nargs="+", default=[PACKAGE], metavar="FOLDER")
    parser.add_argument("--lines", type=Path, metavar="FOLDER", help="what each test runs")
    parser.add_argument("--limit", type=float, default=60, metavar="SECONDS", help="for a mutant")
    parser.add_argument("--list", action="store_true", help="only print what is drawn")
    options = parser.parse_args()
    mutants = draw(ROOT, options.seed, options.n, *options.under)
    if options.list:
        print(*mutants, sep="\n")
        return
    copy = Copy(ROOT, 3 * options.limit)
    outcomes: list[Outcome] = []
    try:
        folder = options.lines or copy.root.parent / "lines"
        if not (folder / "seconds").exists():
            record_lines(copy.root, folder.resolve(), ())
        recorded = TestLines(folder)
        for mutant in mutants:
            source = (copy.root / mutant.path).read_bytes()
            tests = choose_tests(mutant, source, recorded, options.limit)
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
