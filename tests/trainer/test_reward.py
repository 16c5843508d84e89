"""Rewards in place of answers: exact to the bit wherever the chapter is opened, told as it was."""

from pathlib import Path

import pytest

from flashcards.runs.commands import Play, SetPractice, SetSpeed, Step
from flashcards.runs.events import ExamTaken, PracticeChanged, RecipeChanged, TriesRewarded
from flashcards.runs.rewards import JudgeFacts
from flashcards.trainer.again.verifying import verify
from flashcards.trainer.opening import LessonError
from tests.trainer.chapter_runs import copied
from tests.trainer.kept import contents
from tests.trainer.lessons import Chapter, Script
from tests.trainer.reward_runs import FIRST_STEPS, REWARD_STEPS, first_lesson, practise, write_pairs

LAST = FIRST_STEPS + REWARD_STEPS
N_TOLD = 8  # updates of 32 prompts after which it is said that there is nothing to reward


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return first_lesson(tmp_path_factory.mktemp("reward"))


@pytest.fixture(scope="module")
def practised(first: Path) -> Chapter:
    script: Script = [
        (FIRST_STEPS, SetSpeed(speed="brisk")),
        (FIRST_STEPS + 8, SetPractice(practice="shuffled")),
        (FIRST_STEPS + 12, SetPractice(practice="taught")),
        (FIRST_STEPS + 16, SetPractice(practice="rewarded")),
    ]
    deck = first.parent.parent / "pairs.deck"
    return practise(deck, first.parent, after=first, script=script, order_seed=5)


def test_the_chapter_says_who_judges_and_how_cards_are_practised(practised: Chapter) -> None:
    state = practised.opened.keeper.state
    assert state.reward is not None
    assert state.reward.judge == JudgeFacts(kind="rule", text="sorted")
    recipes = [(e.practice, e.seed) for e in practised.watched.of(RecipeChanged)]
    assert recipes == [("rewarded", 5), ("shuffled", 5), ("taught", 5), ("rewarded", 5)]
    changes = [e.practice for e in practised.watched.of(PracticeChanged)]
    assert changes == ["shuffled", "taught", "rewarded"]
    exams = [e for e in practised.watched.of(ExamTaken) if e.step >= FIRST_STEPS]
    assert all(e.judged is not None and e.judged.total == e.unseen.total for e in exams)


def test_a_rule_that_is_the_truth_gives_the_scores_of_the_truth(practised: Chapter) -> None:
    exams = [e for e in practised.watched.of(ExamTaken) if e.step >= FIRST_STEPS]
    assert [e.judged for e in exams] == [e.unseen for e in exams]
    counts = practised.opened.training.memory.reward
    assert counts.reward == counts.n_right
    assert counts.n_exploits == 0
    n_by_reward = REWARD_STEPS - 4
    assert (counts.n_updates, counts.n_groups) == (n_by_reward, 8 * n_by_reward)
    assert counts.n_tries == 8 * counts.n_groups


def test_what_is_told_of_an_update_adds_up(practised: Chapter) -> None:
    told = [e for e in practised.watched.of(TriesRewarded) if not e.is_shuffled]
    assert told
    for event in told:
        assert len(event.prompts) == len(event.rewards) == 8
        (group,) = event.groups
        assert sum(one.n_same for one in group.tries) == 8
        assert sum(one.n_same * one.advantage for one in group.tries) == pytest.approx(0, abs=1e-5)
        assert group.prompt in event.prompts
        mean = sum(one.n_same * one.reward for one in group.tries) / 8
        assert group.mean_reward == pytest.approx(mean, abs=1e-5)
        assert sum(event.rewards) * 8 == pytest.approx(event.counts.reward, abs=1e-3)
        for one in group.tries:
            assert one.is_right == (one.text == group.answer and not one.is_cut)
            assert "".join(piece.text for piece in one.pieces).removesuffix("⏎") == one.text
    pushed = [
        (one.advantage > 0, sum(p.after > p.before for p in one.pieces) * 2 > len(one.pieces))
        for event in told
        for one in event.groups[0].tries
        if one.advantage
    ]
    assert sum(up == wanted for wanted, up in pushed) > 0.7 * len(pushed)


@pytest.mark.slow
def test_an_altered_reward_is_found(practised: Chapter, tmp_path: Path) -> None:
    log = copied(practised.path, tmp_path) / "events.jsonl"
    kept = log.read_bytes()
    log.write_bytes(kept.replace(b'"advantage":-0.', b'"advantage":-0.9', 1))
    assert log.read_bytes() != kept
    assert not verify(log.parent).is_same


@pytest.mark.slow
def test_watching_every_update_changes_nothing(first: Path) -> None:
    deck = first.parent.parent / "pairs.deck"
    alone = practise(deck, first.parent, after=first, steps=6)
    script: Script = [(FIRST_STEPS, Step(n_cards=6)), (FIRST_STEPS + 6, Play())]
    shown = practise(deck, first.parent, after=first, steps=6, script=script)
    assert len(shown.watched.of(TriesRewarded)) == 6
    assert shown.hashes == alone.hashes


def test_a_model_that_knows_nothing_finds_nothing_to_be_rewarded(tmp_path: Path) -> None:
    words = [f"{n} :: w{n * 7919 % 1000:03d}x{n * 104729 % 1000:03d}" for n in range(40)]
    deck = tmp_path / "words.deck"
    front = ["+++", "batch_size = 32", "n_layers = 1", "width = 32", "+++"]
    deck.write_text("\n".join([*front, *words]) + "\n", encoding="utf-8")
    run = practise(deck, tmp_path / "runs", after=None, steps=N_TOLD)
    state = run.opened.keeper.state
    assert state.reward is not None
    assert state.reward.found_nothing
    counts = run.opened.training.memory.reward
    assert counts.n_skipped == counts.n_updates == N_TOLD
    assert len(set(run.hashes.values())) == 1
    assert run.opened.training.learner.step == N_TOLD


def test_what_cannot_be_rewarded_leaves_nothing_behind(first: Path, tmp_path: Path) -> None:
    deck = write_pairs(tmp_path)
    before = contents(first.parent)
    for judge, sentence in {
        "sortd": "no judge is called",
        "prompt.upper()": "can't be used",
        "answer + 1": "failed",
        "1/0": "fails at every answer of the deck: division by zero",
        str(tmp_path / "none.py"): "no such file",
    }.items():
        with pytest.raises(LessonError, match=sentence) as raised:
            practise(deck, first.parent, after=first, judge=judge)
        assert "\n" not in str(raised.value)
        assert contents(first.parent) == before
    with pytest.raises(LessonError, match="is a text"):
        practise(Path("valley"), first.parent, after=first)
    assert contents(first.parent) == before
