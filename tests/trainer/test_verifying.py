"""`verify`: a run given again is the same to the bit."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flashcards.base.language import VARIABLE
from flashcards.learner.learner import Learner
from flashcards.runs import commands as cmd, events as ev
from flashcards.runs.goal import Goal
from flashcards.trainer import ending, exams
from flashcards.trainer.again.verifying import verify
from tests.decks import write_capitals, write_sums
from tests.golden import check_words
from tests.trainer.eventful import N_STEPS, Eventful
from tests.trainer.kept import alter, as_if_elsewhere, contents
from tests.trainer.lessons import run_lesson


@pytest.mark.slow
def test_an_eventful_run_is_the_same_to_the_bit_and_is_left_as_it_is(eventful: Eventful) -> None:
    before = contents(eventful.folder.path)
    kinds = {type(event) for event in eventful.folder.events()}
    pins = {ev.PinAnswered, ev.PinTaught}
    assert {*pins, ev.PromptAnswered, ev.RivalsGraded, ev.RivalsAnswered} <= kinds
    verification = verify(eventful.folder.path)
    assert verification.differences == ()
    assert verification.is_same
    assert verification.is_exact
    assert verification.last_step == N_STEPS
    assert verification.n_numbers > 1000
    assert verification.n_states >= 9
    assert contents(eventful.folder.path) == before


@pytest.mark.slow
def test_a_run_near_its_goal_is_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exams, "N_SAMPLE", 10)
    monkeypatch.setattr(ending, "SAMPLE_ERROR", 0.9)  # any score is near
    goal = Goal(unseen=0.9, step=30)
    taught, _ = run_lesson(write_sums(tmp_path), goal=goal, speed="full")
    held = [event for event in taught.keeper.folder.events() if isinstance(event, ev.ExamTaken)]
    assert any(0 < exam.unseen.total == 10 for exam in held)
    assert verify(taught.keeper.folder.path).is_same


def test_a_german_run_is_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "de")
    taught, _ = run_lesson(write_capitals(tmp_path), goal=Goal(step=24))
    monkeypatch.setenv(VARIABLE, "en")
    verification = verify(taught.keeper.folder.path)
    assert verification.differences == ()
    assert verification.is_same


def test_a_run_whose_log_lacks_what_later_versions_tell_is_the_same(tmp_path: Path) -> None:
    deck = write_capitals(tmp_path)
    deck.write_text(deck.read_text().replace("name =", 'description = "Countries."\nname =', 1))
    taught, _ = run_lesson(deck, goal=Goal(step=4))
    folder = taught.keeper.folder
    alter(folder, "RunStarted", r'"description":"[^"]*",', "")
    assert verify(folder.path).differences == ()


@pytest.mark.slow
@pytest.mark.pair
def test_rivals_graded_by_their_process_at_whatever_step_are_the_same(tmp_path: Path) -> None:
    deck = write_sums(tmp_path, 40)
    text = deck.read_text()
    opened, watched = run_lesson(
        deck, script=[(4, cmd.TakeDeck(text=text[: text.rindex("20+20")]))], goal=Goal(step=12)
    )
    folder = opened.keeper.folder
    scores = [event.rivals for event in watched.of(ev.RivalsGraded)]
    assert scores[-1] == opened.keeper.state.rivals
    assert verify(folder.path).differences == ()
    alter(folder, "RivalsGraded", r'("nearest","seen":\{"right":)\d', r"\g<1>")
    verification = verify(folder.path)
    assert {difference.what for difference in verification.differences} == {
        "RivalsGraded.rivals[2].seen.right"
    }


STUDY = Learner.study


def broken_from(step: int) -> Callable[..., object]:
    """In place of `Learner.study`: its error is no number from this step on."""

    def study(self: Learner, card_indices: list[int], *rest: Any) -> object:
        studied = STUDY(self, card_indices, *rest)
        if self.step >= step:
            object.__setattr__(studied, "loss_nats", float("nan"))
        return studied

    return study


@pytest.mark.slow
def test_a_broken_run_breaks_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(Learner, "study", broken_from(20))
        opened, watched = run_lesson(write_capitals(tmp_path), script=[(21, cmd.Stop())])
        folder = opened.keeper.folder
        assert [event.step for event in watched.of(ev.RunDiverged)] == [20]
        assert verify(folder.path).differences == ()
        assert verify(folder.path).is_same
    check_words("verify: not broken again", verify(folder.path).problem)
    as_if_elsewhere(folder)
    assert verify(folder.path).is_same
