"""Runs in the first version of the log's format stay usable.

`runs/fixtures/format-1.tar.xz` was written at commit 8015cbd and is never made anew. A tiny model
learned the deck Syllables to step 56: with a pin, a bookmark, two learning rates, two orders, a
card taught by hand, a damaged state and a resume. The program spoke German, so the verdict in that
log is German. A branch left it at step 32: half the rate, the hardest cards first, one card less.
"""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest

from flashcards import cli
from flashcards.runs.folder import FORMAT, RunFolder
from flashcards.runs.goal import Goal
from flashcards.runs.recording import Recording
from flashcards.runs.values import BranchChange, DeckProblem
from flashcards.trainer.again.verifying import verify
from tests.trainer.lessons import run_lesson

ARCHIVE = Path(__file__).parent / "runs" / "fixtures" / "format-1.tar.xz"
LESSON, BRANCH = "2026-11-25-syllables-ebd2", "2026-11-25-syllables-edae"
MEMORISED = (
    "It has memorised this deck: {0}/{0} seen, 0/21 never seen. "
    "Nothing it learned so far answers new prompts."
)


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(tmp_path, filter="data")
    return tmp_path / "runs"


def test_they_are_listed(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["runs", "--runs", str(runs)]) == 0
    header, branch, lesson, total = capsys.readouterr().out.splitlines()
    assert header.split() == ["written", "run", "size", "step", "seen", "never"]
    assert BRANCH in branch
    assert branch.split()[-5:] == ["40", "100", "%", "0", "%"]
    assert LESSON in lesson
    assert lesson.split()[-5:] == ["56", "100", "%", "0", "%"]
    assert total.startswith("2 runs")


def test_they_are_replayed(runs: Path) -> None:
    recording = Recording.open(RunFolder.open(runs / LESSON))
    assert recording.state_at(13).learning_rate_factor == 2.0
    state = recording.state
    assert state.step == 56
    assert state.ended is not None
    assert state.ended.verdict_kind == "memorised"
    assert state.damage is not None
    assert state.deck_change is not None
    assert state.deck_change.start.problem == DeckProblem(
        file="syllables.deck",
        line=16,
        column=1,
        code="no-separator",
        text="no :: in it; write prompt :: answer, or # before a comment",
    )
    assert [marker.kind for marker in recording.markers] == [
        "first_right",
        "bookmark",
        "learning_rate",
        "deck",
        "learning_rate",
        "all_right",
        "order",
        "order",
        "ended",
    ]


def test_what_a_branch_changed_is_read_from_its_phrase(runs: Path) -> None:
    state = Recording.open(RunFolder.open(runs / BRANCH)).state
    assert state.branch is not None
    assert (state.branch.parent, state.branch.step) == (LESSON, 32)
    assert state.branch.change == BranchChange(
        learning_rate_factor=0.5, order="hardest", without_prompt="ra"
    )


@pytest.mark.parametrize("name", [LESSON, BRANCH])
def test_they_are_verified(runs: Path, name: str) -> None:
    found = verify(runs / name)
    assert found.differences == ()
    assert found.is_same
    assert not found.is_exact  # it does not say which processor wrote it
    assert found.elsewhere.startswith("machine Linux x86_64 there")
    assert found.n_numbers > 400
    assert found.n_states == 1


def test_they_are_resumed_and_verified_again(runs: Path) -> None:
    opened, _ = run_lesson(
        runs / LESSON / "deck" / "0001-syllables.deck",
        runs,
        goal=Goal(step=64),
        resume=str(runs / LESSON),
    )
    assert opened.training.learner.step == 64
    assert RunFolder.open(runs / LESSON).info.format == FORMAT
    found = verify(runs / LESSON)
    assert found.differences == ()
    assert found.is_same
    assert found.last_step == 64


def test_they_are_reported_and_compared(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = runs / "report.html"
    assert cli.main(["report", str(runs / LESSON), "-o", str(page)]) == 0
    assert "nie gesehene" not in page.read_text(encoding="utf-8").lower()
    assert MEMORISED.format(13) in page.read_text(encoding="utf-8")
    capsys.readouterr()
    assert cli.main(["compare", str(runs / LESSON), str(runs / BRANCH)]) == 0
    said = capsys.readouterr().out
    assert f"A  {MEMORISED.format(13)}" in said
    assert f"B  {MEMORISED.format(12)}" in said
