"""Imports flow one way: proved by what a fresh process has loaded after importing each side."""

import ast
import functools
import subprocess
import sys
from collections.abc import Sequence

import pytest

from tests.source import trees
from tests.waiting import PATIENCE_S

HEAVY = ("torch", "numpy", "sentencepiece")
SIDES = (
    "cards",
    "exchange",
    "export",
    "runs",
    "rivals",
    "templates",
    "charts",
    "report",
    "plain",
    "learner",
    "trainer",
    "talks",
    "audience",
    "app",
)


def loaded_after_each(*groups: Sequence[str]) -> list[set[str]]:
    """The modules that a fresh interpreter has after it imported each group, in turn."""
    code = "".join(
        f"import sys, {', '.join(modules)}\nprint(*sorted(sys.modules))\n" for modules in groups
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=PATIENCE_S
    )
    return [set(line.split()) for line in ended.stdout.splitlines()]


def loaded_by(*modules: str) -> set[str]:
    (loaded,) = loaded_after_each(modules)
    return loaded


@functools.cache
def loaded_by_nothing() -> set[str]:
    return loaded_by("flashcards")


def sides(modules: set[str]) -> set[str]:
    return {side for side in SIDES if f"flashcards.{side}" in modules}


ALLOWED: dict[str, set[str]] = {
    "flashcards.cards.check": {"cards"},
    "flashcards.cards.shelf": {"cards"},
    "flashcards.exchange.importing": {"cards", "exchange"},
    "flashcards.exchange.exporting": {"cards", "exchange"},
    "flashcards.export.qwen3_names": {"cards", "runs", "rivals", "learner", "trainer", "export"},
    "flashcards.export.run_tables": {
        "cards",
        "runs",
        "learner",
        "templates",
        "charts",
        "report",
        "export",
    },
    "flashcards.runs.catalog": {"runs"},
    "flashcards.runs.guesses": {"runs"},
    "flashcards.runs.recording": {"runs"},
    "flashcards.runs.state": {"runs"},
    "flashcards.runs.verdict": {"runs"},
    "flashcards.charts.svg": {"templates", "charts"},
    "flashcards.charts.curves": {"runs", "templates", "charts"},
    "flashcards.charts.scaling_chart": {"runs", "templates", "charts"},
    "flashcards.report.page": {"cards", "runs", "templates", "charts", "report"},
    "flashcards.report.lesson_page": {"cards", "runs", "templates", "charts", "report"},
    "flashcards.trainer.again.portable_states": {"cards", "runs", "rivals", "learner", "trainer"},
    "flashcards.record.film": {"cards", "runs", "talks", "trainer", "app", "record"},
    "flashcards.plain.narrator": {"runs", "cards", "plain"},
    "flashcards.rivals.__main__": {"cards", "runs", "rivals"},
    "flashcards.learner.learner": {"cards", "runs", "learner"},
    "flashcards.trainer.opening": {"cards", "runs", "rivals", "learner", "trainer"},
    "flashcards.trainer.client": {"runs", "trainer"},
    "flashcards.plain.sweep.pool": {"runs", "trainer", "plain"},
    "flashcards.trainer.scaling.scaling_client": {"runs", "trainer"},
    "flashcards.trainer.again.time_machine_process": {"runs", "trainer"},
    "flashcards.trainer.again.traveller": {"cards", "runs", "rivals", "learner", "trainer"},
    "flashcards.trainer.again.verifying": {"cards", "runs", "rivals", "learner", "trainer"},
    "flashcards.trainer.again.branching": {"cards", "runs", "rivals", "learner", "trainer"},
    "flashcards.cli.comparing": {"cards", "runs"},
    "flashcards.trainer.scaling.measuring": {"cards", "runs", "learner", "trainer"},
    "flashcards.talks.parsing": {"runs", "talks"},
    "flashcards.talks.rehearsal": {"runs", "talks"},
    "flashcards.app.memory.beside": {"cards", "runs", "trainer", "app"},
    "flashcards.app.race.race_branch": {"cards", "runs", "trainer", "app"},
    "flashcards.app.run.travel": {"cards", "runs", "trainer", "app"},
    "flashcards.wording.comparison": {"runs"},
    "flashcards.app.memory.scaling_screen": {
        "cards",
        "runs",
        "templates",
        "charts",
        "trainer",
        "app",
    },
    "flashcards.audience.audience_client": {"cards", "audience"},
    "flashcards.audience.phone_room": {"cards", "audience"},
    "flashcards.app.audience.audience_actions": {"cards", "runs", "trainer", "audience", "app"},
    "flashcards.app.app": {"cards", "app"},
}
LIGHT = (
    "flashcards.cli",
    "flashcards.app.app",
    "flashcards.app.run.replay_teacher",
    "flashcards.app.run.sources",
    "flashcards.app.decks.picker",
    "flashcards.app.asking.ask_screen",
    "flashcards.app.cards.cards_view",
    "flashcards.trainer.client",
    "flashcards.trainer.scaling.scaling_client",
    "flashcards.plain.sweep.pool",
    "flashcards.charts.curves",
    "flashcards.cli.sweeping",
    "flashcards.app.memory.beside",
    "flashcards.app.race.race_branch",
    "flashcards.app.run.travel",
    "flashcards.cli.comparing",
    "flashcards.app.audience.audience_actions",
    "flashcards.audience.__main__",
    "flashcards.app.stage.talking",
    "flashcards.app.stage.net",
    "flashcards.app.rehearsing",
    "flashcards.app.memory.scaling_screen",
    "flashcards.charts.scaling_chart",
    "flashcards.report.page",
    "flashcards.report.lesson_page",
    "flashcards.plain.narrator",
    "flashcards.record.film",
    "flashcards.trainer.__main__",
    "flashcards.trainer.again.time_machine_process",
    "flashcards.cli.comparing",
    "flashcards.rivals.__main__",
    "flashcards.runs.catalog",
    "flashcards.cards.check",
    "flashcards.exchange.importing",
    "flashcards.exchange.exporting",
    "flashcards.export.run_tables",
    "flashcards.export.event_file",
)


def chains() -> list[list[frozenset[str]]]:
    """The sets of sides that modules may load; in a chain each holds all of the one before.
    A set goes on the chain whose last one is largest, so that few chains load torch."""
    found: list[list[frozenset[str]]] = []
    for allowed in sorted(
        {frozenset(below) for below in ALLOWED.values()},
        key=lambda below: (len(below), sorted(below)),
    ):
        fitting = [chain for chain in found if chain[-1] < allowed]
        if fitting:
            max(fitting, key=lambda chain: len(chain[-1])).append(allowed)
        else:
            found.append([allowed])
    return found


@pytest.mark.slow
@pytest.mark.parametrize("chain", chains(), ids=lambda chain: " ".join(sorted(chain[-1])))
def test_a_side_loads_only_what_lies_below_it(chain: list[frozenset[str]]) -> None:
    """A chain shares a process, where its smallest set comes first: torch takes seconds to load."""
    groups = [[name for name, below in ALLOWED.items() if below == allowed] for allowed in chain]
    for loaded, allowed in zip(loaded_after_each(*groups), chain, strict=True):
        assert sides(loaded) <= allowed
        assert "app" in allowed or "textual" not in loaded


def test_nothing_heavy_is_loaded_where_the_screen_is() -> None:
    assert not loaded_by(*LIGHT) & set(HEAVY)


def test_the_command_line_alone_loads_no_side_at_all() -> None:
    assert sides(loaded_by("flashcards.cli")) == set()


@pytest.mark.parametrize("order", [SIDES, SIDES[::-1]], ids=["forward", "backward"])
def test_importing_a_side_does_nothing(order: tuple[str, ...]) -> None:
    """One after the other in one process; both ways round, a side that loads another is seen."""
    before = loaded_by_nothing()
    loaded_after = loaded_after_each(*([f"flashcards.{side}"] for side in order))
    for side, loaded in zip(order, loaded_after, strict=True):
        assert loaded - before == {f"flashcards.{side}"}
        before = loaded


def test_no_two_public_classes_have_the_same_name() -> None:
    names = [
        node.name
        for path, tree in trees().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        and not node.name.startswith("_")
        and not path.startswith("from_python/")  # its names are for programs, which see no others
    ]
    assert {name for name in names if names.count(name) > 1} == set()
