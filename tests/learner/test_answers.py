"""How a learner answers and is graded."""

import math

import pytest
from hypothesis import given, settings, strategies as st

from flashcards.learner.learner import Learner
from flashcards.runs.marks import ONE_OFF, RIGHT, WRONG
from tests.learner.decks import deck_of, fruit, sums, taught


@pytest.mark.slow
def test_read_with_the_right_pieces_is_right_just_when_the_greedy_answer_is(adder: Learner) -> None:
    deck = sums(12, 30)
    marks = adder.grade(range(len(deck.cards))).marks
    assert 10 < marks.count(RIGHT) < len(marks) - 10
    texts = [answer.text for answer in adder.answer_each([card.prompt for card in deck.cards])]
    for card, text, mark in zip(deck.cards, texts, marks, strict=True):
        assert (text == card.answer) == (mark == RIGHT)
    for card, text in zip(deck.cards[::12], texts[::12], strict=True):
        assert adder.answer(card.prompt).text == text


@pytest.mark.slow
def test_a_card_is_graded_alone_as_among_many(adder: Learner) -> None:
    cards = list(range(0, 144, 5))
    together = adder.grade(cards)
    for place, card_index in enumerate(cards):
        alone = adder.grade([card_index])
        assert alone.marks[0] == together.marks[place]
        assert alone.card_nats[0] == pytest.approx(together.card_nats[place], abs=1e-4)


def test_any_accepted_answer_counts_as_right() -> None:
    learner = taught(fruit(), 40, batch_size=6)
    cards = fruit().cards
    swapped = deck_of([(c.prompt, ("plum", *c.answers)) for c in cards] + [("🍑", "plum")])
    model, saved = learner.tokenizer_model, learner.save({})
    again, _ = Learner.restore(swapped, learner.settings, model, saved)
    marks = again.grade(range(6)).marks
    assert marks.count(RIGHT) >= 5
    row = marks.index(RIGHT)
    assert again.read_error(again.study([row]), 0)[2] == "right"


def test_one_wrong_piece_of_three_is_nearly_right(adder: Learner) -> None:
    study = adder.study(range(100))
    for row in range(100):
        pieces, error_nats, mark = adder.read_error(study, row)
        n_wrong = sum(not piece.is_best for piece in pieces)
        if n_wrong == 0:
            assert (mark, study.marks[row]) == ("right", RIGHT)
        elif n_wrong == 1 and len(pieces) >= 3:
            assert (mark, study.marks[row]) == ("nearly", ONE_OFF)
        else:
            assert (mark, study.marks[row]) == ("wrong", WRONG)
        assert pieces[-1].text == "⏎"
        assert error_nats == pytest.approx(-sum(math.log(p.before) for p in pieces), rel=1e-3)


def test_any_prompt_at_all_gets_an_answer(adder: Learner) -> None:
    @settings(max_examples=12, deadline=None)
    @given(st.text(max_size=40))
    def check(prompt: str) -> None:
        answer = adder.answer(prompt)
        assert "".join(piece.text for piece in answer.pieces) == answer.text
        assert 0.0 <= answer.probability <= 1.0
        assert answer.text not in answer.alternatives

    check()


@pytest.mark.slow
def test_a_prompt_longer_than_the_model_can_hold_is_asked_by_its_end(adder: Learner) -> None:
    assert adder.answer("9" * 5000).pieces


def test_several_prompts_at_once_are_answered_as_one_by_one() -> None:
    learner = taught(fruit(), 15)
    prompts = [card.prompt for card in fruit().cards] + ["Narnia", ""]
    together = learner.answer_each(prompts)
    alone = [learner.answer(prompt) for prompt in prompts]
    assert [a.text for a in together] == [a.text for a in alone]
    assert [a.is_cut for a in together] == [a.is_cut for a in alone]
    assert [a.probability for a in together] == pytest.approx(
        [a.probability for a in alone], rel=1e-4
    )
    assert learner.answer_each([]) == []
