"""A branch is its parent up to its step, and what was wanted from there on; the parent stays."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from flashcards.runs.events import DeckChanged, ExamTaken, RunBranched
from flashcards.runs.folder import RunFolder
from flashcards.runs.goal import Goal
from flashcards.runs.values import BranchChange
from flashcards.trainer.again.branching import deck_without
from flashcards.trainer.again.verifying import verify
from flashcards.trainer.inbox import Inbox
from flashcards.trainer.opening import LessonError, OpenedLesson, open_lesson
from flashcards.trainer.request import LessonRequest
from tests.decks import write_capitals
from tests.trainer.kept import contents
from tests.trainer.lessons import run_lesson

AT, STEPS = 20, 44


@dataclass(frozen=True)
class Parent:
    """A run of `STEPS` updates, and where branches leave it."""

    folder: RunFolder
    weights_sha256: str


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Parent:
    path = tmp_path_factory.mktemp("parent")
    opened, _ = run_lesson(write_capitals(path), goal=Goal(step=STEPS), speed=None)
    return Parent(opened.keeper.folder, opened.training.learner.weights_sha256())


@pytest.fixture
def parent(taught: Parent, tmp_path: Path) -> Parent:
    """A copy of it, to branch off from."""
    path = taught.folder.path
    copy = shutil.copytree(path, tmp_path / "runs" / path.name)
    return Parent(RunFolder.open(copy), taught.weights_sha256)


def branch_off(parent: Parent, **wanted: Any) -> OpenedLesson:
    path = parent.folder.path
    wanted |= {"branch_of": path.name, "branch_step": AT, "speed": None}
    return run_lesson("", path.parent, goal=Goal(step=STEPS), **wanted)[0]


def exams(folder: RunFolder) -> list[ExamTaken]:
    return [event for event in folder.events() if isinstance(event, ExamTaken)]


def test_a_branch_with_no_change_is_its_parent_bit_for_bit(parent: Parent) -> None:
    before = contents(parent.folder.path)
    again = branch_off(parent)
    folder = again.keeper.folder
    assert again.training.learner.step == STEPS
    assert again.training.learner.weights_sha256() == parent.weights_sha256
    assert exams(folder) == exams(parent.folder)
    (branched,) = (event for event in folder.events() if isinstance(event, RunBranched))
    assert (branched.step, branched.parent) == (AT, parent.folder.info.run)
    assert (branched.start.run, branched.change) == (folder.info.run, BranchChange())
    assert (folder.info.parent, folder.info.branch_step) == (branched.parent, AT)
    assert contents(parent.folder.path) == before
    assert [step for step, _ in folder.state_files(AT)] == [0, 1, 2, 4, 8, 16, AT]


@pytest.mark.slow
def test_another_rate_seed_or_deck_goes_another_way_and_is_verified(parent: Parent) -> None:
    sha = parent.weights_sha256
    others = [
        branch_off(parent, learning_rate_factor=0.5),
        branch_off(parent, branch_seed=9),
        branch_off(parent, without_prompt="France"),
    ]
    logs = [other.keeper.folder.events() for other in others]
    assert [e.change for log in logs for e in log if isinstance(e, RunBranched)] == [
        BranchChange(learning_rate_factor=0.5),
        BranchChange(seed=9),
        BranchChange(without_prompt="France"),
    ]
    assert len({sha, *(other.training.learner.weights_sha256() for other in others)}) == 4
    for other in others:
        found = verify(other.keeper.folder.path)
        assert found.differences == ()
        assert found.is_same
    (changed,) = (e for e in others[2].keeper.folder.events() if isinstance(e, DeckChanged))
    assert (changed.step, changed.n_removed) == (AT, 1)
    assert "France" not in {card.prompt for card in others[2].training.deck.cards}


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        ({"branch_step": 5000}, f"has come to step {STEPS}"),
        ({"without_prompt": "Atlantis"}, "no card"),
    ],
)
def test_what_cannot_be_is_one_sentence_and_leaves_no_folder(
    parent: Parent, wanted: dict[str, object], sentence: str
) -> None:
    folder = parent.folder.path
    request = LessonRequest(deck="", runs=str(folder.parent), branch_of=folder.name)
    for name, value in wanted.items():
        request = LessonRequest(
            **{**{f: getattr(request, f) for f in request.__struct_fields__}, name: value}
        )
    with pytest.raises(LessonError, match=sentence):
        open_lesson(request, inbox=Inbox(), watch=lambda e: None, on_stage=lambda s: None)
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


def test_a_line_separator_in_a_comment_does_not_take_another_card_away(tmp_path: Path) -> None:
    deck = tmp_path / "towns.deck"
    deck.write_text("# a\u2028b\nFrance :: Paris\nPeru :: Lima\nChad :: Ndjamena\n", "utf-8")
    opened, _ = run_lesson(deck, goal=Goal(step=1))
    left = deck_without(opened.training, "Peru")
    assert left == "# a\u2028b\nFrance :: Paris\nChad :: Ndjamena\n"
