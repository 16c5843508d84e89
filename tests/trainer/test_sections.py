"""The goed lane: of the exceptions, how many are right and how many follow the rule."""

from pathlib import Path

import pytest

from flashcards.cards.card import Deck
from flashcards.learner.learner import Learner
from flashcards.learner.order import CardOrder
from flashcards.learner.settings import LearnerSettings
from flashcards.runs.events import CorrectionMeasured, ExamTaken, RunStarted
from flashcards.runs.goal import Goal
from flashcards.runs.values import Score
from flashcards.trainer.exams import Examiner
from flashcards.trainer.ledger import CardLedger
from flashcards.trainer.schedule import Cost
from flashcards.trainer.training_state import LessonMemory, TrainingState
from tests.decks import deck_of
from tests.trainer.lessons import run_lesson

EXCEPTIONS = ("ak", "bl", "fm", "gn")
PAIRS = [a + b for a in "abdfg" for b in "klmnp" if a + b not in EXCEPTIONS]
REGULAR = "".join(f"{pair} :: {pair}ed\n" for pair in PAIRS)
DECK = f"[regular]\n{REGULAR}[irregular]\nak :: zo\nbl :: zi\n? fm :: zu\n? gn :: za\n"


@pytest.fixture(scope="module")
def taught_the_rule() -> tuple[Deck, Learner]:
    deck = deck_of(DECK)
    learner = Learner.create(deck, LearnerSettings.for_deck(deck, {"n_layers": 2}), seed=1)
    regular = [i for i, card in enumerate(deck.cards) if card.section == "regular"]
    for _ in range(80):
        learner.adjust(learner.study(regular))
    return deck, learner


def examiner_of(deck: Deck, learner: Learner, ledger: CardLedger) -> Examiner:
    order = CardOrder(deck.taught, seed=1)
    return Examiner(TrainingState(deck, learner, order, ledger, LessonMemory()), Cost(5.0))


@pytest.mark.slow
def test_answers_by_the_rule_are_counted_apart(taught_the_rule: tuple[Deck, Learner]) -> None:
    deck, learner = taught_the_rule
    ledger = CardLedger(len(deck.cards))
    for card_index in deck.taught:
        ledger.times_seen[card_index] = 1
    exam = examiner_of(deck, learner, ledger).take(is_full=True)
    regular, irregular = exam.sections
    assert (regular.name, regular.seen, regular.rule_seen) == ("regular", Score(21, 21), 0)
    said = [learner.answer(prompt).text for prompt in EXCEPTIONS]
    by_rule = [text == f"{prompt}ed" for text, prompt in zip(said, EXCEPTIONS, strict=True)]
    assert irregular.seen == Score(0, 2)
    assert irregular.rule_seen == sum(by_rule[:2])
    assert irregular.rule_unseen == sum(by_rule[2:])
    assert sum(by_rule) > 0, said


def test_a_card_not_yet_taught_counts_in_no_section(taught_the_rule: tuple[Deck, Learner]) -> None:
    deck, learner = taught_the_rule
    exam = examiner_of(deck, learner, CardLedger(len(deck.cards))).take(is_full=False)
    assert [score.seen.total for score in exam.sections] == [0, 0]
    assert exam.sections[1].unseen.total == 2
    assert exam.seen.total == 0


@pytest.mark.slow
def test_asking_for_exceptions_beside_the_sample_leaves_its_scores_alone(tmp_path: Path) -> None:
    regular = "".join(
        f"{a}{b}{c} :: {a}{b}{c}ed\n" for a in "abdfg" for b in "klmnprst" for c in "aeiouvwxyzqh"
    )
    path = tmp_path / "x.deck"
    path.write_text(
        f"[regular]\n{regular}[irregular]\n" + "".join(f"{c}oo :: z{c}\n" for c in "abdfgklm"),
        "utf-8",
    )
    opened, watched = run_lesson(path, tmp_path / "runs", goal=Goal(step=120))
    start = watched.of(RunStarted)[0]
    assert start.exceptions == ("irregular",)
    assert all(opened.training.ledger.times_seen)
    last = [exam for exam in watched.of(ExamTaken) if not exam.is_full][-1]
    assert last.seen.total == 400
    assert last.sections[1].seen.total == 8


@pytest.mark.slow
def test_a_shown_exception_says_whether_its_guess_is_the_rules(tmp_path: Path) -> None:
    path = tmp_path / "x.deck"
    path.write_text(DECK, "utf-8")
    opened, watched = run_lesson(path, tmp_path / "runs", goal=Goal(step=160), speed="brisk")
    shown = [event.correction for event in watched.of(CorrectionMeasured)]
    assert opened.training.learner.step == 160
    by_rule = [c for c in shown if c.is_by_rule]
    assert by_rule, "the rule was never applied to an exception"
    for correction in shown:
        text = "".join(piece.text for piece in correction.guess or ())
        is_exception = correction.section == "irregular"
        assert correction.is_by_rule == (is_exception and text == f"{correction.prompt}ed")
        assert not (correction.is_by_rule and correction.mark == "right")
