"""What is said of two saved runs: their names, where they part, and why they can't be shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from flashcards.cli import main
from flashcards.runs import events as ev
from flashcards.runs import values as val
from flashcards.wording import facts, races
from flashcards.wording.comparison import compare
from tests.app.lesson import lesson, started, worse
from tests.app.raced import HALF_THE_RATE, answered, last, saved, until_step


def test_what_cannot_be_shown_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one = saved(tmp_path, lesson()[2:])
    empty, torn, gone = (saved(tmp_path, []) for _ in range(3))
    (empty / "events.jsonl").write_bytes(b"")
    (torn / "events.jsonl").write_bytes(b'garbage\n{"kind":"RunPaused","step":4}\n')
    (gone / "events.jsonl").unlink()
    no_run = tmp_path / "no-run"
    for other, why in (
        (empty, "its log doesn't say which deck was taught"),
        (torn, "its log doesn't say which deck was taught"),
        (gone, "is not a run: No such file"),
        (no_run, "no run is called"),
    ):
        for pair in ((one, other), (other, one)):
            assert main(["compare", *map(str, pair), "--screen", "--runs", str(tmp_path)]) == 1
            said = capsys.readouterr().err
            assert why in said
            assert said.startswith("flashcards: ")
            assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (HALF_THE_RATE, "with learning rate ×0.5"),
        (val.BranchChange(seed=9, order="hardest"), "with seed 9, in another order: hardest"),
        (val.BranchChange(without_prompt="a, b"), "without a, b"),
        (val.BranchChange(), "as before"),
    ],
)
def test_what_a_branch_does_otherwise_is_said_as_where_it_was_chosen(
    change: val.BranchChange, said: str
) -> None:
    assert facts.branch(change) == said


def test_two_branches_of_one_run_part_where_the_first_left(tmp_path: Path) -> None:
    parent = saved(tmp_path, lesson()[2:])
    branches = []
    for step, change in ((300, HALF_THE_RATE), (200, val.BranchChange(seed=9))):
        left = ev.RunBranched(step=step, start=started(), parent=parent.name, change=change)
        branches.append(saved(tmp_path, [*until_step(400), left], parent=parent.name))
    found = compare(*branches)
    assert races.fork_step(found) == 200
    title = f"Two branches of {last(parent)}: x with learning rate ×0.5 | y with seed 9"
    assert races.title(found, ("x", "y")) == title


def test_runs_set_up_alike_say_until_when_they_were_the_same(tmp_path: Path) -> None:
    one = saved(tmp_path, [*lesson()[2:], answered("sanged")])
    other = saved(tmp_path, [*map(worse, lesson()[2:]), answered("singed")])
    found = compare(one, other)
    step = races.fork_step(found)
    assert step == found.same_until_step == 410
    assert races.title(found, ("x", "y")) == "x against y: the same until step 410"
    assert "set up alike" in races.title(compare(one, one), ("A", "B"))


def test_runs_that_left_different_runs_are_not_said_to_be_set_up_alike(tmp_path: Path) -> None:
    sides = []
    for run in ("one", "two"):
        left = ev.RunBranched(
            step=0, start=started(), parent=run, change=val.BranchChange(after="verbs")
        )
        sides.append(saved(tmp_path, [left], parent=run))
    title = "x (from step 0 of one) against y (from step 0 of two)"
    assert races.title(compare(*sides), ("x", "y")) == title


def test_names_are_the_ends_of_runs_or_the_folders_own() -> None:
    one, other = Path("2026-11-24-past-tense-7f3a"), Path("a/my-best-run-of-them-all")
    assert races.names(one, other) == ("7f3a", "my-best-run-of-…")
    assert races.names(one, Path("copy") / one) == ("A", "B")
