"""A bet is a fact of the log, and `verify` finds nothing."""

from pathlib import Path

from flashcards.cli import main
from flashcards.runs.commands import PlaceBet, Stop
from flashcards.runs.events import BetPlaced, ExamTaken
from flashcards.runs.goal import Goal
from flashcards.runs.recording import Recording
from flashcards.runs.values import BetQuestion
from flashcards.trainer.questions.handler import placed
from tests.decks import write_capitals
from tests.trainer.lessons import Script, run_lesson


def test_a_bet_is_settled_by_the_exam_that_was_taken(tmp_path: Path) -> None:
    deck = write_capitals(tmp_path)
    question = BetQuestion(kind="score", side="seen", at_step=6)
    script: Script = [
        (2, PlaceBet(bet=question, share=0.4)),
        (2, PlaceBet(bet=question, choice="right")),
        (24, Stop()),
    ]
    opened, watched = run_lesson(deck, script=script, goal=Goal(step=24))
    (placed,) = watched.of(BetPlaced)
    assert (placed.step, placed.share) == (2, 0.4)
    recording = Recording.open(opened.keeper.folder)
    (bet,) = recording.state.bets
    exam = next(exam for exam in watched.of(ExamTaken) if exam.step >= 6)
    assert bet.outcome is not None
    assert (bet.outcome.step, bet.outcome.score) == (exam.step, exam.seen)
    assert [marker.step for marker in recording.markers if marker.kind == "bet"] == [exam.step]
    assert recording.state_at(3).bets[0].is_open
    assert main(["verify", str(opened.keeper.folder.path)]) == 0


def test_a_bet_that_is_none_is_refused_and_words_are_made_safe() -> None:
    assert placed(PlaceBet(bet=BetQuestion(kind="score"), choice="right"), 3) is None
    assert placed(PlaceBet(bet=BetQuestion(kind="score"), share=float("nan")), 3) is None
    assert placed(PlaceBet(bet=BetQuestion(kind="rate"), choice="right"), 3) is None
    hostile = BetQuestion(kind="answer", prompt="a\x1b[31m" + "b" * 9_000)
    bet = placed(PlaceBet(bet=hostile, choice="wrong", hands=(3, -1, 9, 9, 9)), 3)
    assert bet is not None
    assert "\x1b" not in bet.bet.prompt
    assert len(bet.bet.prompt) == 300
    assert bet.hands == (3, 0)
