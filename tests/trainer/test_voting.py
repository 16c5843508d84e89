"""Votes between two answers: which two, what a vote changes. Made again: test_any_history.py."""

import math
from pathlib import Path

import pytest

from flashcards.runs.commands import CastVote, DrawPair, PauseAt, Play
from flashcards.runs.events import ExamTaken, PairDrawn, RecipeChanged, StepsTaken, VoteCast
from flashcards.runs.goal import Goal
from flashcards.runs.values import VOTES
from flashcards.trainer.again.verifying import verify
from flashcards.trainer.opening import OpenedLesson
from flashcards.trainer.voting import pair_of, vote_update
from tests.trainer.chapter_runs import copied
from tests.trainer.lessons import Script, Watched, run_lesson
from tests.trainer.reward_runs import write_pairs

BEGIN, N_VOTES, LAST = 24, 6, 36


@pytest.fixture(scope="module")
def voted(tmp_path_factory: pytest.TempPathFactory) -> tuple[OpenedLesson, Watched]:
    folder = tmp_path_factory.mktemp("votes")
    script: Script = [
        (0, PauseAt(goal=Goal(step=BEGIN))),
        (BEGIN, DrawPair(request=7)),
        (BEGIN, CastVote(step=BEGIN + 3, choice="left")),  # of another model: nothing comes of it
        *((BEGIN + i, CastVote(step=BEGIN + i, choice=VOTES[i % 3])) for i in range(N_VOTES)),
        (BEGIN + N_VOTES, Play()),
    ]
    return run_lesson(write_pairs(folder), script=script, goal=Goal(step=LAST))


def test_each_vote_is_one_update_about_two_answers(voted: tuple[OpenedLesson, Watched]) -> None:
    opened, watched = voted
    votes = watched.of(VoteCast)
    assert [(vote.step, vote.choice) for vote in votes] == [
        (BEGIN + i, VOTES[i % 3]) for i in range(N_VOTES)
    ]
    (shown,), first = watched.of(PairDrawn), votes[0]
    assert (shown.prompt, shown.left, shown.right) == (first.prompt, first.left, first.right)
    assert all(vote.left != vote.right for vote in votes)
    assert all(vote.is_left_true == (vote.left == vote.answer) for vote in votes)
    assert opened.training.learner.step == LAST
    state = opened.keeper.state.votes
    assert state is not None
    assert len(state.steps) == 4  # "neither" is none
    assert len(state.truth) >= 1
    recipes = [(e.step, e.vote) for e in watched.of(RecipeChanged) if e.step >= BEGIN]
    assert recipes[-1] == (BEGIN + N_VOTES, None)
    assert (BEGIN, "left") in recipes
    assert [e.step for e in watched.of(ExamTaken) if BEGIN < e.step <= BEGIN + N_VOTES]


@pytest.mark.slow
def test_a_changed_vote_is_found(voted: tuple[OpenedLesson, Watched], tmp_path: Path) -> None:
    run = copied(voted[0].keeper.folder.path, tmp_path)
    log = run / "events.jsonl"
    kept = log.read_bytes()
    for old, new in (
        (b'"choice":"left"', b'"choice":"right"'),
        (b'"vote":"right"', b'"vote":"left"'),
    ):
        assert old in kept
        log.write_bytes(kept.replace(old, new, 1))
        assert not verify(run).is_same, old


def test_what_is_preferred_becomes_likelier_and_the_other_rarer(
    voted: tuple[OpenedLesson, Watched], tmp_path: Path
) -> None:
    opened, _ = run_lesson(write_pairs(tmp_path), goal=Goal(step=BEGIN))
    training = opened.training
    pair = pair_of(training)
    assert pair is not None
    again = pair_of(training)
    assert again == pair
    prompt, places = pair.card.prompt, (pair.left.places, pair.right.places)

    def odds() -> float:
        left, right = training.learner.piece_probabilities(prompt, places)
        return math.prod(left) / math.prod(right)

    before = odds()
    weights = training.learner.weights_sha256()
    assert vote_update(training, "neither") is not None
    assert training.learner.weights_sha256() == weights
    training.learner.step -= 1
    update = vote_update(training, "left")
    assert update is not None
    assert odds() > before
    reported = next(e for e in voted[1].of(StepsTaken) if e.step == BEGIN + 1)
    assert reported.loss_nats == pytest.approx(update[1], rel=1e-4)  # of this update alone
