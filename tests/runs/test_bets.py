"""Bets: kept, settled by what the model did, taken back with it; nothing else is changed."""

import msgspec
import pytest

from flashcards.runs import events as ev
from flashcards.runs.bets import MAX_BETS, Bet, Outcome, read_share
from flashcards.runs.values import AskOptions, BetQuestion, GuessPiece, Score, SectionScore
from flashcards.wording import bets
from tests import told
from tests.app.lesson import change, correction, folded, started
from tests.golden import check_words

UNSEEN = BetQuestion(kind="score")


def exam(step: int, seen: int, unseen: int, **more: object) -> ev.ExamTaken:
    return told.exam(step, (seen, 50), (unseen, 20), is_full=False, **more)


def taught(seconds: float, step: int) -> ev.StepsTaken:
    return told.steps(step, cards_taught=step, train_seconds=seconds)


def bet_of(*happened: ev.AnyEvent) -> Bet:
    return folded([started(50, 20), exam(0, 0, 0), *happened]).bets[-1]


def outcome_of(*happened: ev.AnyEvent) -> Outcome:
    outcome = bet_of(*happened).outcome
    assert outcome is not None
    return outcome


def test_a_score_is_settled_when_the_lesson_stops_by_its_newest_exam() -> None:
    bet = ev.BetPlaced(step=3, bet=UNSEEN, share=0.4)
    open_bet = bet_of(bet, exam(8, 30, 1))
    assert open_bet.is_open
    outcome = outcome_of(bet, exam(8, 30, 1), exam(12, 50, 0), ev.RunPaused(step=14))
    assert (outcome.step, outcome.score) == (12, Score(0, 20))


def test_an_exam_with_options_settles_a_score_that_is_about_it() -> None:
    varied = ev.ExamVaried(
        step=8,
        request=0,
        options=AskOptions(bits=2),
        seen=Score(9, 50),
        unseen=Score(1, 20),
        covered=Score(1, 20),
    )
    bet = ev.BetPlaced(step=0, bet=BetQuestion(kind="score", is_of_options=True), share=0.4)
    stopped = (exam(8, 30, 1), ev.RunPaused(step=8))
    assert bet_of(bet, *stopped).is_open
    settled = bet_of(bet, *stopped, varied)
    assert settled.outcome is not None
    assert (settled.outcome.step, settled.outcome.score) == (8, Score(1, 20))
    assert bet_of(msgspec.structs.replace(bet, bet=UNSEEN), varied).is_open


def test_a_stop_without_an_exam_since_the_bet_settles_nothing() -> None:
    bet = ev.BetPlaced(step=3, bet=UNSEEN, share=0.4)
    assert bet_of(exam(3, 9, 1), bet, ev.RunPaused(step=5)).is_open


@pytest.mark.parametrize(
    ("bet", "happened", "step"),
    [
        (BetQuestion(kind="score", at_step=10), [exam(9, 1, 1), exam(11, 2, 2)], 11),
        (
            BetQuestion(kind="score", at_seconds=5.0),
            [taught(4.9, 8), exam(9, 1, 1), taught(5.1, 12), exam(13, 2, 2)],
            13,
        ),
    ],
)
def test_the_next_exam_settles(bet: BetQuestion, happened: list[ev.AnyEvent], step: int) -> None:
    placed = ev.BetPlaced(step=1, bet=bet, share=0.1)
    outcome = outcome_of(placed, *happened, ev.RunPaused(step=99), exam(100, 50, 20))
    assert outcome.step == step


def test_the_end_of_a_lesson_settles_its_scores() -> None:
    placed = ev.BetPlaced(step=1, bet=BetQuestion(kind="score", side="seen", at_step=99), share=1.0)
    end = told.ended("memorised", (50, 50), (0, 20), step=30)
    assert outcome_of(placed, end).score == Score(50, 50)


def test_which_curve_is_first_is_told_by_the_exam_in_which_one_has_half_of_its_cards() -> None:
    question = BetQuestion(kind="first", names=("regular", "irregular"))
    placed = ev.BetPlaced(step=1, bet=question, choice="other")

    def scores(regular: int, irregular: int) -> tuple[SectionScore, ...]:
        return (
            SectionScore("regular", Score(regular, 100), Score(0, 0)),
            SectionScore("irregular", Score(irregular, 100), Score(0, 0)),
        )

    early, late = exam(5, 1, 1, sections=scores(40, 9)), exam(9, 1, 1, sections=scores(70, 20))
    assert bet_of(placed, early).is_open
    outcome = outcome_of(placed, early, late)
    assert (outcome.step, outcome.choice) == (9, "one")


@pytest.mark.parametrize(("answer", "choice"), [("blicked", "right"), ("blought", "wrong")])
def test_a_prompt_is_right_as_its_asker_says_where_no_card_has_it(answer: str, choice: str) -> None:
    question = BetQuestion(kind="answer", prompt="blick", answer="blicked")
    asked = told.answered(7, "blick", answer, probability=0.9)
    outcome = outcome_of(ev.BetPlaced(step=3, bet=question, choice="right"), asked)
    assert (outcome.choice, outcome.prompt, outcome.answer) == (choice, "blick", answer)


def test_one_correction_is_told_by_the_chance_around_it() -> None:
    after = (GuessPiece("singed", 0.9),)
    single = correction(n_cards=1, change=change(0.038, 0.057), guess_after=after)
    placed = ev.BetPlaced(step=1, bet=BetQuestion(kind="correction", prompt="sing"), choice="right")
    batch = msgspec.structs.replace(single, n_cards=32)
    assert bet_of(placed, ev.CorrectionMeasured(step=2, correction=batch)).is_open
    outcome = outcome_of(placed, ev.CorrectionMeasured(step=2, correction=single))
    assert outcome.choice == "better"
    assert (outcome.probability_before, outcome.probability_after) == (0.038, 0.057)


def test_a_larger_rate_is_told_by_what_was_right_before_it() -> None:
    question = BetQuestion(kind="rate", factor=32.0)
    placed = ev.BetPlaced(step=10, bet=question, choice="more")
    outcome = outcome_of(exam(10, 50, 0), placed, exam(12, 3, 0), ev.RunPaused(step=13))
    assert outcome.choice == "fewer"
    assert (outcome.before, outcome.score) == (Score(50, 50), Score(3, 50))


def of_class(bet: BetQuestion, outcome: Outcome, hands: tuple[int, ...]) -> list[str]:
    """What each place is told of the others, without how it came out."""
    placed = ev.BetPlaced(step=10, bet=bet, choice="more" if bet.kind == "rate" else None)
    texts = bets.of_each_place(placed, outcome, hands)
    return [". ".join(text.split(". ")[-1:]) for text in texts.values()]


def test_a_phone_is_told_how_many_were_nearer_and_of_words_how_many_were_right() -> None:
    share, word = BetQuestion(kind="score"), BetQuestion(kind="rate", factor=32.0)
    at_30 = Outcome(step=12, score=Score(6, 20))
    hands = (0, 4, 1, 0, 0, 7, 0, 0, 0, 0, 0)
    nearer = of_class(share, at_30, hands)
    check_words("bet of a class: nearest", nearer[2])
    assert nearer[3] == nearer[2]
    check_words("bet of a class: all but one", nearer[1])
    check_words("bet of a class: farthest", nearer[6])
    fewer = Outcome(step=12, choice="fewer", score=Score(3, 50), before=Score(50, 50))
    for key, n_right in (("bet of a class: some right", 4), ("bet of a class: none right", 0)):
        (text,) = set(of_class(word, fewer, (11, 2, n_right)))
        check_words(key, text)


def test_what_did_not_happen_settles_nothing() -> None:
    happened: list[ev.AnyEvent] = [started(50, 20), exam(0, 0, 0)]
    happened.append(ev.BetPlaced(step=3, bet=UNSEEN, share=0.4))
    state = folded([*happened, exam(12, 50, 0), ev.RunPaused(step=12)])
    assert state.bets[0].outcome is not None
    state.fold(ev.RunResumed(step=8, start=started(50, 20)))
    assert state.bets[0].is_open
    state.fold(ev.RunResumed(step=2, start=started(50, 20)))
    assert state.bets == []


def test_another_deck_leaves_an_open_bet_unsettled() -> None:
    began = ev.ChapterBegan(step=9, start=started(50, 20), file="x", earlier=("past-tense",))
    bet = ev.BetPlaced(step=3, bet=UNSEEN, share=0.4)
    found = bet_of(bet, began, exam(12, 9, 0), ev.RunPaused(step=12))
    assert (found.outcome, found.is_open) == (None, False)


def test_of_many_bets_the_oldest_go() -> None:
    many: list[ev.AnyEvent] = [
        ev.BetPlaced(step=i, bet=UNSEEN, share=0.5) for i in range(MAX_BETS + 9)
    ]
    state = folded([started(50, 20), *many])
    assert [bet.placed.step for bet in state.bets] == list(range(9, MAX_BETS + 9))


@pytest.mark.parametrize(
    ("typed", "share"),
    [
        ("40", 0.4),
        (" 12,5 % ", 0.125),
        ("0", 0.0),
        ("100%", 1.0),
        ("100.1", None),
        ("-1", None),
        ("", None),
        ("1.2.3", None),
        ("1e1", None),
        ("0.0000001", 1e-9),
        ("0.00000001", None),  # nobody types so many digits
    ],
)
def test_a_share_is_read_as_people_type_it(typed: str, share: float | None) -> None:
    assert read_share(typed) == (None if share is None else pytest.approx(share))
