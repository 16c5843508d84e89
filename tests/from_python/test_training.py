"""A program teaches a deck in the lesson's own way, step by step."""

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flashcards import Deck, Run, Training
from flashcards.base.errors import UserError
from flashcards.runs import commands
from flashcards.runs.goal import Goal
from flashcards.runs.measured import ExamTaken, StepsTaken
from tests.decks import write_sums
from tests.pretrained.tiny import a_model
from tests.trainer.lessons import run_lesson


@pytest.mark.slow
def test_it_is_the_run_that_the_command_line_makes(tmp_path: Path) -> None:
    deck = write_sums(tmp_path)
    opened, _ = run_lesson(deck, goal=Goal(step=24))
    with Training(deck, runs=tmp_path / "runs") as training:
        before = training.ask("1+1")
        assert training.ask(" 1+1 ").answer == before.answer
        first = training.teach(10)
        steps = [*first, *training.steps(14)]
        taught = training.ask("1+1")
        same = opened.training.learner.answer("1+1")
        assert (taught.answer, taught.pieces) == (same.text, same.pieces)  # to the bit
        assert training.state.step == taught.step == 24
    assert (before.step, before.stamp) == (0, "not_yet_taught")
    assert [step.step for step in steps] == list(range(1, 25))
    assert training.cards[0].prompt
    assert (training.path / "run.json").is_file()
    with pytest.raises(UserError, match="was closed"):
        training.teach(1)


def test_each_step_has_its_own_loss_and_the_exam_that_followed_it(tmp_path: Path) -> None:
    with Training(write_sums(tmp_path), runs=tmp_path / "runs") as training:
        steps = training.teach(30)
    assert len({step.loss for step in steps}) == 30
    assert steps[-1].loss < steps[0].loss
    assert all(
        later.cards_taught > earlier.cards_taught for earlier, later in itertools.pairwise(steps)
    )
    for step in steps:
        exams = [event for event in step.events if isinstance(event, ExamTaken)]
        assert all(exam.step == step.step for exam in exams)
        assert step.exam is (exams[-1] if exams else None)
        assert sum(isinstance(event, StepsTaken) for event in step.events) == 1
    given = [step.exam for step in steps if step.exam is not None]
    assert Run(training.path).exams[1:] == given  # the first one was before any step
    assert given


def test_many_prompts_are_answered_as_one_by_one(tmp_path: Path) -> None:
    with Training(write_sums(tmp_path), runs=tmp_path / "runs") as training:
        training.teach(20)
        prompts = ["1+1", "2+3", "17+4", " 1+1"]
        replies = training.ask_each(prompts)
        alone = [training.ask(prompt) for prompt in prompts]
        assert [reply.answer for reply in replies] == [reply.answer for reply in alone]
        assert [reply.stamp for reply in replies] == [reply.stamp for reply in alone]
        assert replies[0].is_right is (replies[0].answer == "2")
        assert training.ask_each([]) == []
        with pytest.raises(UserError, match="not text"):
            training.ask_each(["1+1", 5])  # type: ignore[list-item]
    with pytest.raises(UserError, match="was closed"):
        training.ask_each(["1+1"])


def test_what_was_saved_on_the_way_is_a_run_and_the_training_goes_on(tmp_path: Path) -> None:
    with Training(write_sums(tmp_path), runs=tmp_path / "runs") as training:
        training.teach(7)
        run = training.save()
        answer = training.ask("1+1")
        assert run.step == 7
        saved = run.ask("1+1")
        assert (saved.answer, saved.pieces) == (answer.answer, answer.pieces)
        assert training.teach(1)[0].step == 8
        assert run.ask("1+1").pieces == answer.pieces  # it is the run as it was saved
    assert Run(training.path).step == 8


@pytest.mark.slow
def test_a_deck_of_pairs_is_taught_and_named_in_the_run(tmp_path: Path) -> None:
    deck = Deck.of({"one": "un", "two": ["deux", "2"]}, name="numbers", never_taught=["two"])
    with Training(deck, runs=tmp_path) as training:
        training.teach(40)
        assert training.ask("one").answer == "un"
        assert training.ask("two").stamp == "held_out"
    run = Run.open(training.path.name, runs=tmp_path)
    assert run.name.split("-")[3] == "numbers"
    assert run.ask("one").answer == "un"


def test_another_deck_is_taught_after_a_run(tmp_path: Path) -> None:
    first, second = (Deck.of({prompt: "yes"}, name=prompt) for prompt in ("a", "b"))
    with Training(first, runs=tmp_path) as training:
        training.teach(3)
    with Training(second, runs=tmp_path, after=Run(training.path)) as later:
        assert [step.step for step in later.teach(2)] == [4, 5]


@pytest.mark.slow
def test_a_model_that_others_have_trained_is_taught(tmp_path: Path) -> None:
    deck = Deck.of({"France": "Paris", "Italy": "Rome"}, name="two")
    with Training(deck, model=a_model("llama"), runs=tmp_path / "runs") as training:
        (step,) = training.teach(1)
        assert step.loss > 0
        assert training.state.start is not None


def test_a_model_that_breaks_is_a_sentence_and_no_wait_without_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "LEARNING_RATE_FACTORS", (0.0, 1e38))
    with Training(write_sums(tmp_path), runs=tmp_path / "runs") as training:
        training.teach(2)
        training.set_learning_rate(1e38)
        with pytest.raises(UserError, match=r"broke at \w+ \d+"):
            training.teach(50)
        assert training.state.step < 52


def refused(match: str, ask: Callable[[Any], object], *values: object) -> None:
    for value in values:
        with pytest.raises(UserError, match=match):
            ask(value)


def test_what_cannot_be_asked_of_a_training_is_a_sentence_and_the_lesson_goes_on(
    tmp_path: Path,
) -> None:
    rates = (0, -1, 2048, float("nan"), float("inf"), "2", None)
    with Training(write_sums(tmp_path), runs=tmp_path / "runs") as training:
        refused("say a number from", training.set_learning_rate, *rates)
        refused("whole number from 1 on", training.steps, *(0, -3, 1.5, None, "2", True))
        refused("prompt is", training.ask, *(None, 5, b"1+1", "", " ", 5_000 * "1"))
        assert training.ask("1+1").prompt == "1+1"
        assert training.teach(1)


@pytest.mark.parametrize("wishes", [{"seed": "x"}, {"settings": {"n_layers": None}}])
def test_what_no_training_can_be_opened_with_is_a_sentence(
    tmp_path: Path, wishes: dict[str, Any]
) -> None:
    with pytest.raises(UserError, match=r"^no training"):
        Training(write_sums(tmp_path), runs=tmp_path / "runs", **wishes)


def test_a_model_that_is_nowhere_is_a_sentence(tmp_path: Path) -> None:
    deck = write_sums(tmp_path)
    for model in (tmp_path / "none", "nobody/has-this-model"):
        with pytest.raises(UserError):
            Training(deck, model=model, runs=tmp_path / "runs")
