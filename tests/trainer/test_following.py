"""A lesson with shuffled answers, and one that follows another: a twin is both."""

import itertools
from pathlib import Path

import pytest

from flashcards.cards.shelf import load
from flashcards.cards.split import shuffled
from flashcards.runs import events as ev
from flashcards.runs.commands import FollowTo, Play, Stop
from flashcards.runs.folder import RunFolder
from flashcards.runs.goal import Goal
from flashcards.trainer import exams
from flashcards.trainer.inbox import SHORTEST_REST_S, Rest
from tests.decks import write_sums
from tests.trainer.lessons import Script, Watched, run_lesson


def test_with_shuffled_answers_the_same_untaught_model_begins(tmp_path: Path) -> None:
    deck, runs = write_sums(tmp_path), tmp_path / "runs"
    states, parameters = [], []
    for is_shuffled in (False, True):
        opened, watched = run_lesson(
            deck, runs, seed=7, is_shuffled=is_shuffled, script=[(0, Stop())]
        )
        assert opened.training.learner.step == 0
        states.append(opened.training.learner.weights_sha256())
        (start,) = watched.of(ev.RunStarted)
        parameters.append((start.n_parameters, start.n_pieces, start.batch_size, start.n_taught))
        assert start.is_shuffled is is_shuffled
        assert opened.keeper.folder.info.is_shuffled is is_shuffled
    assert states[0] == states[1]
    assert parameters[0] == parameters[1]


def test_the_shuffled_cards_are_taught_in_the_same_order(deck: Path) -> None:
    drawn = []
    for is_shuffled in (False, True):
        opened, _ = run_lesson(deck, is_shuffled=is_shuffled, goal=Goal(step=3))
        drawn.append((opened.training.memory.position, opened.training.ledger.times_seen))
    assert drawn[0] == drawn[1]


def test_what_is_taught_are_the_shuffled_answers(deck: Path) -> None:
    _, watched = run_lesson(deck, is_shuffled=True, speed="slow", goal=Goal(step=12))
    answers = {card.prompt: card.answer for card in shuffled(load(deck)[0], 1).cards}
    corrections = [event.correction for event in watched.of(ev.CorrectionMeasured)]
    assert len(corrections) == 12
    assert all(answers[correction.prompt] == correction.answer for correction in corrections)


def write_plurals(folder: Path) -> Path:
    words = ["".join(letters) for letters in itertools.product("bdgkmt", "aeio", "bdgkmt")]
    path = folder / "words.deck"
    cards = "".join(f"{word} :: {word}s\n" for word in words)
    path.write_text(f"+++\nheld_out = 0.3\n+++\n{cards}", encoding="utf-8")
    return path


@pytest.mark.slow
def test_both_memorise_and_only_the_unshuffled_answers_what_it_never_saw(tmp_path: Path) -> None:
    deck, unseen = write_plurals(tmp_path), []
    for is_shuffled, n_steps in ((False, 80), (True, 320)):
        opened, _ = run_lesson(deck, is_shuffled=is_shuffled, goal=Goal(step=n_steps))
        exam = opened.keeper.state.exams.last
        assert exam is not None
        assert exam.is_full
        assert exam.seen.right >= 0.95 * exam.seen.total
        unseen.append(exam.unseen)
    assert unseen[0].total == unseen[1].total >= 40
    assert unseen[0].right >= 0.95 * unseen[0].total
    assert unseen[1].right <= 0.1 * unseen[1].total


def test_a_follower_makes_no_update_before_it_is_allowed_one(deck: Path) -> None:
    opened, watched = run_lesson(deck, is_following=True, script=[(0, Play()), (1, Stop())])
    assert opened.training.learner.step == 0
    assert watched.of(ev.StepsTaken) == []


def test_a_follower_goes_exactly_as_far_as_it_is_told(deck: Path) -> None:
    script: Script = [(0, FollowTo(limit_step=7)), (7, FollowTo(limit_step=19)), (19, Stop())]
    opened, watched = run_lesson(deck, is_following=True, script=script)
    assert opened.training.learner.step == 19
    reported = [event.step for event in watched.of(ev.StepsTaken)]
    assert 7 in reported
    assert reported[-1] == 19


def n_exams_at(watched: Watched, step: int) -> int:
    return sum(exam.step == step for exam in watched.of(ev.ExamTaken))


def test_a_follower_is_asked_all_cards_once_where_the_other_is_over(deck: Path) -> None:
    script: Script = [(0, FollowTo(limit_step=7, is_end=True)), (8, Stop())]
    _, watched = run_lesson(deck, is_following=True, script=script)
    assert n_exams_at(watched, 7) == 1


def test_a_follower_that_waits_for_the_other_is_asked_by_the_schedule_alone(deck: Path) -> None:
    script: Script = [(0, FollowTo(limit_step=7)), (8, Stop())]
    _, watched = run_lesson(deck, is_following=True, script=script)
    assert n_exams_at(watched, 7) == 0


@pytest.mark.slow
def test_a_follower_has_no_end_of_its_own(deck: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exams, "PATIENCE_MIN_S", 0.1)
    monkeypatch.setattr(exams, "PATIENCE_FACTOR", 0.0)
    ended, _ = run_lesson(deck, goal=Goal())
    assert ended.training.learner.step < 60
    script: Script = [(0, FollowTo(limit_step=60)), (60, Stop())]
    opened, watched = run_lesson(deck, is_following=True, script=script)
    assert opened.training.learner.step == 60
    assert watched.of(ev.LessonEnded) == []


def test_a_follower_saves_where_it_is_when_it_is_told_to_stop(deck: Path) -> None:
    script: Script = [(0, FollowTo(limit_step=6)), (6, Stop(is_saved=True))]
    opened, watched = run_lesson(deck, is_following=True, script=script)
    assert watched.of(ev.StateSaved)[-1].step == 6
    assert RunFolder.open(opened.keeper.folder.path).info.is_shuffled is False


@pytest.mark.parametrize(("duty", "rested_s"), [(1.0, 0.0), (0.5, 3.0), (0.25, 9.0)])
def test_rest_is_what_the_duty_leaves(duty: float, rested_s: float) -> None:
    rest = Rest(duty)
    rests = [rest.due_s(0.003) for _ in range(1000)]
    assert sum(rests) == pytest.approx(rested_s, abs=SHORTEST_REST_S)
    assert all(each == 0.0 or each >= SHORTEST_REST_S for each in rests)
