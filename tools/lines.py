"""Which lines of the program each test runs, and how long it takes.

This is a plugin of pytest as well: with it coverage.py notes lines by test, also those of processes
that a test starts.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path

import coverage
import pytest

SETTINGS = """\
[run]
source = flashcards
parallel = true
relative_files = true
data_file = {folder}/lines
sigterm = true
context = ${{PYTEST_CURRENT_TEST}}
disable_warnings = no-data-collected, module-not-imported, module-not-measured
"""
"""A process that a test starts inherits the name of the test, which pytest keeps up to date."""

STARTS = "import coverage\ncoverage.process_startup()\n"
"""Python runs this first in each process that finds it on its path."""

SECONDS = "FLASHCARDS_TESTS_SECONDS"  # holds the file that says how long each test took


# ── recording: what pytest calls ──


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    measured = coverage.Coverage.current()
    if measured is None:
        return (yield)
    measured.switch_context(item.nodeid)
    try:
        return (yield)
    finally:
        measured.switch_context("")


_seconds: dict[str, float] = {}


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    _seconds[report.nodeid] = _seconds.get(report.nodeid, 0) + report.duration


def pytest_sessionfinish(session: pytest.Session) -> None:
    if "PYTEST_XDIST_WORKER" not in os.environ and SECONDS in os.environ:
        Path(os.environ[SECONDS]).write_text(json.dumps(_seconds), "utf-8")


# ── reading ──


class TestLines:
    """Who runs a line, and how many seconds each test took."""

    __test__ = False

    def __init__(self, folder: Path) -> None:
        self.seconds: Mapping[str, float] = json.loads((folder / "seconds").read_text("utf-8"))
        self._data = coverage.CoverageData(str(folder / "lines"))
        self._data.read()

    def of_file(self, path: str) -> dict[int, set[str]]:
        """Return the tests that run each line of a file, whose path is from the root."""
        return {
            line: {test for context in contexts if (test := _test_of(context)) in self.seconds}
            for line, contexts in self._data.contexts_by_lineno(path).items()
        }


def _test_of(context: str) -> str:
    """Return the test of a context: its own, or that of a process which it started."""
    started_by, _, own = context.rpartition("|")
    name = own or started_by
    for phase in (" (setup)", " (call)", " (teardown)"):
        name = name.removesuffix(phase)
    return name


def record_lines(root: Path, folder: Path, pytest_options: Sequence[str]) -> None:
    """Run all tests once, and write which lines they run to a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = folder / "settings"
    settings.write_text(SETTINGS.format(folder=folder), "utf-8")
    (folder / "sitecustomize.py").write_text(STARTS, "utf-8")
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join((str(root), str(folder))),
        "COVERAGE_PROCESS_START": str(settings),
        SECONDS: str(folder / "seconds"),
    }
    for name in ("PYTEST_CURRENT_TEST", "PYTEST_XDIST_WORKER"):  # of a test that calls this
        environment.pop(name, None)
    run = (sys.executable, "-m")
    subprocess.run(
        (*run, "pytest", "-p", "tools.lines", *pytest_options), cwd=root, env=environment
    )
    subprocess.run(
        (*run, "coverage", "combine", "-q", f"--rcfile={settings}"), cwd=root, check=True
    )
