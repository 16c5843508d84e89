"""A branch is its parent up to its step, and what was wanted from there on; the parent stays."""

from pathlib import Path
from typing import Any

import pytest

from flashcards.runs.events import DeckChanged, ExamTaken, RunBranched
from flashcards.runs.folder import RunFolder
from flashcards.runs.goal import Goal
from flashcards.runs.values import BranchChange
from flashcards.trainer.again.branching import deck_without
from flashcards.trainer.opening import LessonError
from tests.decks import write_capitals
from tests.golden import check_words
from tests.trainer.kept import contents, copy_of
from tests.trainer.lessons import run_lesson

AT, STEPS = 20, 32


def taught(folder: Path) -> Path:
    opened, _ = run_lesson(write_capitals(folder), goal=Goal(step=STEPS), speed=None)
    return opened.keeper.folder.path


@pytest.fixture
def parent(tmp_path: Path) -> RunFolder:
    return RunFolder.open(copy_of(taught, tmp_path))


def branch_off(parent: RunFolder, **wanted: Any) -> RunFolder:
    wanted = {"branch_step": AT, "speed": None, **wanted}
    opened, _ = run_lesson(
        "", parent.path.parent, goal=Goal(step=STEPS), branch_of=parent.path.name, **wanted
    )
    return opened.keeper.folder


def exams(folder: RunFolder) -> list[ExamTaken]:
    return [event for event in folder.events() if isinstance(event, ExamTaken)]


@pytest.mark.slow
def test_a_branch_begins_as_its_parent_which_stays_as_it_is(parent: RunFolder) -> None:
    before = contents(parent.path)
    folder = branch_off(parent)
    assert exams(folder) == exams(parent)
    (branched,) = (event for event in folder.events() if isinstance(event, RunBranched))
    assert (branched.step, branched.parent) == (AT, parent.info.run)
    assert (branched.start.run, branched.change) == (folder.info.run, BranchChange())
    assert (folder.info.parent, folder.info.branch_step) == (branched.parent, AT)
    assert contents(parent.path) == before
    assert [step for step, _ in folder.state_files(AT)] == [0, 1, 2, 4, 8, 16, AT]


@pytest.mark.parametrize(
    ("wanted", "change"),
    [
        ({"learning_rate_factor": 0.5}, BranchChange(learning_rate_factor=0.5)),
        ({"branch_seed": 9}, BranchChange(seed=9)),
        ({"without_prompt": "France"}, BranchChange(without_prompt="France")),
    ],
)
def test_it_is_another(parent: RunFolder, wanted: dict[str, object], change: BranchChange) -> None:
    folder = branch_off(parent, **wanted)
    (branched,) = (event for event in folder.events() if isinstance(event, RunBranched))
    assert branched.change == change
    assert exams(folder)[-1] != exams(parent)[-1]
    changed = [event for event in folder.events() if isinstance(event, DeckChanged)]
    assert [(e.step, e.n_removed) for e in changed] == [(AT, 1)] * ("without_prompt" in wanted)


@pytest.mark.parametrize(
    ("wanted", "key"),
    [
        ({"branch_step": 5000}, "branch: beyond the end"),
        ({"without_prompt": "Atlantis"}, "branch: without no card"),
    ],
)
def test_it_leaves_no_folder(parent: RunFolder, wanted: dict[str, object], key: str) -> None:
    with pytest.raises(LessonError) as caught:
        branch_off(parent, **wanted)
    check_words(key, str(caught.value).replace(parent.path.name, "(the run)"))
    assert [path.name for path in parent.path.parent.iterdir()] == [parent.path.name]


def test_a_line_separator_in_a_comment_does_not_take_another_card_away(tmp_path: Path) -> None:
    deck = tmp_path / "towns.deck"
    deck.write_text("# a\u2028b\nFrance :: Paris\nPeru :: Lima\nChad :: Ndjamena\n", "utf-8")
    opened, _ = run_lesson(deck, goal=Goal(step=1))
    left = deck_without(opened.training, "Peru")
    assert left == "# a\u2028b\nFrance :: Paris\nChad :: Ndjamena\n"
