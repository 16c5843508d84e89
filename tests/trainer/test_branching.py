"""A branch is its parent up to its step, and what was wanted from there on; the parent stays."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from flashcards.runs.commands import AnyCommand, Pause, Stop, TakeDeck
from flashcards.runs.events import DeckChanged, ExamTaken, RunBranched
from flashcards.runs.folder import RunFolder
from flashcards.runs.goal import Goal
from flashcards.runs.values import BranchChange
from flashcards.trainer.again.verifying import verify
from flashcards.trainer.inbox import Inbox
from flashcards.trainer.opening import LessonError, Opened, open_lesson
from flashcards.trainer.request import LessonRequest
from tests.decks import write_capitals
from tests.trainer.lessons import Clock, ScriptedInbox, run_lesson
from tests.trainer.test_rerun import contents

AT, STEPS = 20, 44


@dataclass(frozen=True)
class Parent:
    """A run of `STEPS` updates, and where branches leave it."""

    folder: RunFolder
    weights_sha256: str


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Parent:
    path = tmp_path_factory.mktemp("parent")
    opened, _ = run_lesson(write_capitals(path), path / "runs", goal=Goal(step=STEPS), speed=None)
    return Parent(opened.keeper.folder, opened.training.learner.weights_sha256())


@pytest.fixture
def parent(taught: Parent, tmp_path: Path) -> Parent:
    """A copy of it, to branch off from."""
    path = taught.folder.path
    copy = shutil.copytree(path, tmp_path / "runs" / path.name)
    return Parent(RunFolder.open(copy), taught.weights_sha256)


def branch_off(parent: Parent, **wanted: object) -> Opened:
    folder = parent.folder.path
    request = LessonRequest(
        deck="",
        runs=str(folder.parent),
        branch_of=folder.name,
        branch_step=AT,
        **wanted,  # type: ignore[arg-type]
    )
    opened = open_lesson(
        request,
        inbox=Inbox(),
        watch=lambda event: None,
        on_stage=lambda stage: None,
        goal=Goal(step=STEPS),
        clock=Clock(),
    )
    opened.lesson.run()
    opened.keeper.close()
    return opened


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


@pytest.mark.slow
def test_a_branch_goes_on_after_a_stop_with_its_own_order(parent: Parent) -> None:
    whole = branch_off(parent, branch_seed=9)
    runs = parent.folder.path.parent
    short, _ = run_lesson(
        Path(whole.keeper.folder.info.deck_path),
        runs,
        goal=Goal(step=STEPS + 20),
        resume=str(whole.keeper.folder.path),
    )
    assert short.training.order.seed == 9
    assert verify(whole.keeper.folder.path).is_same


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


def left_at_once(parent: Path, step: int, script: list[AnyCommand], **wanted: object) -> Path:
    """A branch that is left before its first update."""
    inbox = ScriptedInbox(Clock(), [(step, command) for command in (*script, Stop())])
    request = LessonRequest(
        deck="",
        runs=str(parent.parent),
        branch_of=parent.name,
        branch_step=step,
        **wanted,  # type: ignore[arg-type]
    )
    opened = open_lesson(
        request,
        inbox=inbox,
        watch=lambda event: None,
        on_stage=lambda stage: None,
        clock=inbox.clock,
    )
    inbox.step = step
    try:
        opened.lesson.run()
    finally:
        opened.keeper.close()
    return opened.keeper.folder.path


@pytest.mark.parametrize("is_edited", [False, True], ids=["as it was", "then edited"])
@pytest.mark.parametrize(
    "wanted",
    [
        {"branch_seed": 5},
        pytest.param({"learning_rate_factor": 2.0}, marks=pytest.mark.slow),
        pytest.param({"without_prompt": "France"}, marks=pytest.mark.slow),
    ],
    ids=["seed", "rate", "without"],
)
@pytest.mark.parametrize("step", [pytest.param(0, marks=pytest.mark.slow), AT])
def test_a_branch_that_is_left_before_its_first_update_verifies(
    step: int, wanted: dict[str, object], is_edited: bool, parent: Parent
) -> None:
    text = parent.folder.deck_version("").read_text() + "Chad :: Ndjamena\n"
    script: list[AnyCommand] = [Pause(), *([TakeDeck(text=text)] if is_edited else [])]
    path = left_at_once(parent.folder.path, step, script, **wanted)
    assert verify(path).differences == ()
    if step == 0:
        run_lesson(Path(), path.parent, resume=str(path), goal=Goal(step=5))
        assert verify(path).differences == ()


@pytest.mark.parametrize(
    "wanted",
    [
        {},
        pytest.param({"branch_seed": 5}, marks=pytest.mark.slow),
        pytest.param({"without_prompt": "France"}, marks=pytest.mark.slow),
    ],
)
def test_a_branch_at_step_0_of_a_run_whose_deck_changed_there_verifies(
    wanted: dict[str, object], tmp_path: Path
) -> None:
    deck = write_capitals(tmp_path)
    text = deck.read_text() + "Chad :: Ndjamena\n"
    script: list[tuple[int, AnyCommand]] = [(0, Pause()), (0, TakeDeck(text=text)), (0, Stop())]
    opened, _ = run_lesson(deck, tmp_path / "runs", script=script)
    assert verify(opened.keeper.folder.path).is_same
    first = left_at_once(opened.keeper.folder.path, 0, [Pause()], **wanted)
    second = left_at_once(first, 0, [Pause()], learning_rate_factor=0.5)
    for path in (first, second):
        assert verify(path).differences == ()
        run_lesson(Path(), path.parent, resume=str(path), goal=Goal(step=5))
        assert verify(path).differences == ()
