"""The learner's facts: what it learns from, that it repeats, what it says about itself.

Long because it is one class: every promise of it is asked here.
"""

from __future__ import annotations

import dataclasses
import math
import subprocess
import sys

import msgspec
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from flashcards.cards.card import Deck
from flashcards.learner.learner import Learner
from flashcards.learner.order import CardOrder
from flashcards.learner.saving import SavedError
from flashcards.learner.settings import LearnerSettings, SettingsError
from flashcards.learner.tokenizer import Tokenizer, train_tokenizer
from flashcards.runs.marks import NEARLY, RIGHT, WRONG
from tests.learner.decks import FRUIT, deck_of, fruit, sums

GOES_ON = """
from flashcards.learner.learner import Learner
from flashcards.learner.order import CardOrder
from flashcards.learner.settings import LearnerSettings
from tests.learner.decks import sums
deck = sums(12, 30)
learner = Learner.create(deck, LearnerSettings.for_deck(deck), seed=5)
order = CardOrder(deck.taught, seed=5)
for _ in range(12):
    learner.adjust(learner.study(order.next(16)))
learner.adjust(learner.study(order.next(1)), 0.5)
print(learner.weights_sha256())
"""


def taught(deck: Deck, n_steps: int, seed: int = 1, batch_size: int = 16) -> Learner:
    """A learner after that many updates."""
    learner = Learner.create(deck, LearnerSettings.for_deck(deck), seed)
    order = CardOrder(deck.taught, seed)
    for _ in range(n_steps):
        learner.adjust(learner.study(order.next(batch_size)))
    return learner


@pytest.fixture(scope="module")
def adder() -> Learner:
    """Knows some sums and not others."""
    return taught(sums(12, 30), 60)


# -- learning


def test_the_gradient_comes_from_answer_pieces_alone() -> None:
    deck = deck_of([("abc", "xy")])
    learner = Learner.create(deck, LearnerSettings.for_deck(deck), seed=1)
    study = learner.study([0])
    assert study.batch.targets.tolist() == [
        learner._encoding.sayable.index(i) for i in (*learner._tokenizer.encode("xy"), 1)
    ]
    logits = study.logits.detach()
    errors = -logits.log_softmax(-1).gather(1, study.batch.targets[:, None])
    assert study.loss_nats == pytest.approx(errors.mean().item(), rel=1e-6)
    assert study.card_nats[0] == pytest.approx(errors.sum().item(), rel=1e-6)
    longer = deck_of([("abc" * 9, "xy")])
    assert len(Learner.create(longer, learner.settings, seed=1).study([0]).logits) == len(logits)


def test_a_mean_is_over_the_pieces_of_all_the_cards() -> None:
    learner = Learner.create(fruit(), LearnerSettings.for_deck(fruit()), seed=1)
    study = learner.study([0, 2, 5])
    n_pieces = len("apple") + len("cherry") + len("kiwi fruit") + 3
    assert study.loss_nats == pytest.approx(sum(study.card_nats) / n_pieces, rel=1e-5)
    assert len(study.marks) == 3


def test_it_begins_at_the_guessing_line_and_with_a_guess_of_its_own() -> None:
    first_pieces = set()
    for seed in range(6):
        learner = Learner.create(fruit(), LearnerSettings.for_deck(fruit()), seed)
        study = learner.study(range(6))
        assert study.loss_nats == pytest.approx(math.log(learner.n_pieces), abs=0.05)
        first_pieces.add(tuple(piece.text for piece in learner.guess(0))[:1])
    assert len(first_pieces) > 3


def test_it_learns_a_deck_by_heart() -> None:
    learner = taught(fruit(), 40, batch_size=6)
    assert set(learner.grade(range(6)).marks) == {RIGHT}
    assert learner.answer("🍎").text == "apple"
    assert "".join(piece.text for piece in learner.guess(5)) == "kiwi fruit"


# -- repeating


@pytest.mark.slow
def test_the_same_seed_is_the_same_run_bit_for_bit_in_another_process() -> None:
    runs = [
        subprocess.run(
            [sys.executable, "-c", GOES_ON], capture_output=True, text=True, check=True
        ).stdout
        for _ in range(2)
    ]
    assert runs[0] == runs[1] != ""


def test_saved_restored_and_gone_on_equals_never_stopped() -> None:
    deck = sums(12, 30)
    whole, part = taught(deck, 5), taught(deck, 5)
    saved = part.save({"order": b"80", "nothing": b""})
    again, extra = Learner.restore(deck, part.settings, part.tokenizer_model, saved)
    assert extra == {"order": b"80", "nothing": b""}
    assert (again.step, again.weights_sha256()) == (5, whole.weights_sha256())
    for learner in (whole, again):
        order = CardOrder(deck.taught, 1, position=80)
        for n in (16, 1, 16, 16):
            learner.adjust(learner.study(order.next(n)))
    assert again.weights_sha256() == whole.weights_sha256()
    assert again.save({}) == whole.save({})


def test_a_damaged_or_foreign_state_is_said_so(adder: Learner) -> None:
    deck, saved = sums(12, 30), adder.save({})
    for damaged in (saved[:-1], b"", saved[:100], b"\0" * 64):
        with pytest.raises(SavedError, match="damaged"):
            Learner.restore(deck, adder.settings, adder.tokenizer_model, damaged)
    smaller = msgspec.structs.replace(adder.settings, n_layers=2)
    with pytest.raises(SavedError, match="another size"):
        Learner.restore(deck, smaller, adder.tokenizer_model, saved)


def test_looking_changes_nothing() -> None:
    deck = sums(12, 30)
    plain, watched = taught(deck, 3), taught(deck, 3)
    plain.adjust(plain.study([1, 2, 3]))
    watched.grade(range(20))
    watched.answer("7+8")
    watched.guess(4)
    study = watched.study([1, 2, 3])
    watched.read_error(study, 2)
    watched.adjust(study, measured_row=2, ripple=[7, 8])
    assert watched.weights_sha256() == plain.weights_sha256()
    assert watched.save({}) == plain.save({})


# -- grading


def test_read_with_the_right_pieces_is_right_just_when_the_greedy_answer_is(
    adder: Learner,
) -> None:
    deck = sums(12, 30)
    marks = adder.grade(range(len(deck.cards))).marks
    assert 10 < marks.count(RIGHT) < len(marks) - 10
    for card, mark in zip(deck.cards, marks, strict=True):
        assert (adder.answer(card.prompt).text == card.answer) == (mark == RIGHT)


def test_a_card_is_graded_alone_as_among_many(adder: Learner) -> None:
    cards = list(range(0, 144, 5))
    together = adder.grade(cards)
    for place, card_index in enumerate(cards):
        alone = adder.grade([card_index])
        assert alone.marks[0] == together.marks[place]
        assert alone.card_nats[0] == pytest.approx(together.card_nats[place], abs=1e-4)


def test_the_mean_error_is_per_answer_piece_and_none_without_cards(adder: Learner) -> None:
    deck = sums(12, 30)
    grades = adder.grade(range(9))
    n_pieces = sum(len(deck.cards[i].answer) + 1 for i in range(9))
    assert grades.loss_nats == pytest.approx(sum(grades.card_nats) / n_pieces)
    assert adder.grade([]).loss_nats is None


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
            assert (mark, study.marks[row]) == ("nearly", NEARLY)
        else:
            assert (mark, study.marks[row]) == ("wrong", WRONG)
        assert pieces[-1].text == "⏎"
        assert error_nats == pytest.approx(-sum(math.log(p.before) for p in pieces), rel=1e-3)


# -- asking


def test_any_prompt_at_all_gets_an_answer(adder: Learner) -> None:
    @settings(max_examples=25, deadline=None)
    @given(st.text(max_size=40))
    def check(prompt: str) -> None:
        answer = adder.answer(prompt)
        assert "".join(piece.text for piece in answer.pieces) == answer.text
        assert 0.0 <= answer.probability <= 1.0
        assert answer.text not in answer.alternatives

    check()


def test_a_prompt_longer_than_the_model_can_hold_is_asked_by_its_end(adder: Learner) -> None:
    assert adder.answer("9" * 5000).pieces


# -- measuring


def test_a_change_can_be_recomputed_from_the_weights_before_and_after() -> None:
    deck = sums(12, 30)
    learner = taught(deck, 8)
    before = learner._flat.clone()
    study = learner.study([3])
    pieces, error_nats, _ = learner.read_error(study, 0)
    others = [7, 8, deck.never_seen[0]]
    adjustment = learner.adjust(study, measured_row=0, ripple=others)
    after = learner._flat.clone()
    change = adjustment.change
    assert change is not None
    assert adjustment.after is not None

    def read(flat: torch.Tensor, card_index: int) -> torch.Tensor:
        learner._flat.copy_(flat)
        return learner.study([card_index]).logits.detach()

    logits = {"before": read(before, 3), "after": read(after, 3)}
    targets = study.batch.targets[:, None]
    spread = {when: x.log_softmax(-1).gather(1, targets)[:, 0] for when, x in logits.items()}
    assert [p.before for p in pieces] == pytest.approx(spread["before"].exp().tolist(), rel=1e-4)
    assert [p.after for p in adjustment.after] == pytest.approx(
        spread["after"].exp().tolist(), rel=1e-4
    )
    assert error_nats == pytest.approx(-spread["before"].sum().item(), rel=1e-4)
    assert change.error_after_nats == pytest.approx(-spread["after"].sum().item(), rel=1e-4)
    assert change.probability_before == pytest.approx(math.exp(-error_nats), rel=1e-3)
    assert change.probability_after == pytest.approx(math.exp(-change.error_after_nats), rel=1e-3)
    assert change.relative_change == pytest.approx(((after - before).norm() / before.norm()).item())
    old, new = learner._views(before), learner._views(after)
    for i, layer_change in enumerate(change.layer_changes):
        parts = [(old.attention[i], new.attention[i]), (old.mlp[i], new.mlp[i])]
        changed = math.sqrt(sum(float((y - x).square().sum()) for x, y in parts))
        weight = math.sqrt(sum(float(x.square().sum()) for x, _ in parts))
        assert layer_change == pytest.approx(changed / weight, rel=1e-4)
    assert len(change.layer_changes) == learner.settings.n_layers
    assert change.n_parameters == learner.n_parameters == len(before)

    worst = int(spread["before"].argmin())
    moved = logits["after"][worst] - logits["before"][worst]
    top, bottom = moved.topk(3).values.tolist(), (-moved).topk(3).values.tolist()
    assert [push.change for push in change.up] == pytest.approx(top, rel=1e-3)
    assert [-push.change for push in change.down] == pytest.approx(bottom, rel=1e-3)
    assert change.up[0].text == pieces[worst].text

    assert change.n_rippled == 3
    ripples = {ripple.prompt: ripple for ripple in (*change.helped, *change.hurt)}
    assert len(ripples) == 3
    for i in others:
        found = ripples[deck.cards[i].prompt]
        nats = []
        for flat in (before, after):
            learner._flat.copy_(flat)
            nats.append(learner.study([i]).card_nats[0])
        assert found.change_nats == pytest.approx(nats[1] - nats[0], abs=1e-4)
        assert found.is_never_seen == deck.cards[i].is_never_seen


def test_an_update_is_measured_only_when_asked(adder: Learner) -> None:
    adjustment = adder.adjust(adder.study([1, 2]))
    assert adjustment.change is None
    assert adjustment.after is None
    assert adjustment.gradient_norm > 0
    assert 0 < adjustment.relative_change < 0.1


# -- one card at a time


@pytest.mark.slow
def test_twenty_explained_cards_help_themselves_and_cost_the_rest_two_points_at_most() -> None:
    deck = sums(12, 30)
    learner = taught(deck, 60)
    explained = CardOrder(deck.taught, seed=9).next(20)
    rest = [i for i in range(len(deck.cards)) if i not in explained]
    before = learner.grade(rest).marks.count(RIGHT) / len(rest)
    gains = []
    for card_index in explained:
        change = learner.adjust(learner.study([card_index]), measured_row=0).change
        assert change is not None
        gains.append(change.probability_after - change.probability_before)
    assert learner.grade(rest).marks.count(RIGHT) / len(rest) >= before - 0.02
    assert sum(gain > 0 for gain in gains) >= 18


def test_one_card_of_a_deck_of_one_is_no_exception() -> None:
    deck = deck_of([("a", "b")])
    learner = taught(deck, 12, batch_size=1)
    assert learner.grade([0]).marks[0] == RIGHT


# -- diverging


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_weights_that_are_no_numbers_are_noticed_and_nothing_crashes(bad: float) -> None:
    learner = taught(fruit(), 2, batch_size=6)
    assert learner.is_finite
    learner._flat[:5000] = bad
    learner._averaged_flat[:5000] = bad
    before = learner.weights_sha256()
    study = learner.study([0, 1])
    adjustment = learner.adjust(study, measured_row=0)
    assert not learner.is_finite
    assert learner.weights_sha256() == before
    assert learner.step == 2
    assert adjustment.change is None
    pieces, _, _ = learner.read_error(study, 0)
    guess = learner.guess(0)
    grades = learner.grade([0, 1])
    answer = learner.answer("🍎")
    assert msgspec.json.encode((pieces, guess, answer.pieces, list(grades.marks)))
    assert all(math.isfinite(p.before) for p in pieces)


def test_an_update_that_would_break_the_weights_is_not_made() -> None:
    learner = taught(fruit(), 2, batch_size=6)
    before = learner.weights_sha256()
    learner.adjust(learner.study([0, 1]), learning_rate_factor=1e38)
    assert not learner.is_finite
    assert learner.weights_sha256() == before


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


def test_a_reader_answers_as_a_saved_state_did_and_leaves_the_learner_alone() -> None:
    learner = taught(fruit(), 20)
    saved, then = learner.save({}), learner.answer("🍌")
    order = CardOrder(fruit().taught, 2)
    for _ in range(10):
        learner.adjust(learner.study(order.next(16)))
    weights, now = learner.weights_sha256(), learner.answer("🍌")
    reader = learner.reader()
    assert reader.answer("🍌") == now
    reader.read(saved)
    assert (reader.step, reader.answer("🍌")) == (20, then)
    assert then != now
    assert (learner.step, learner.weights_sha256(), learner.answer("🍌")) == (30, weights, now)
    with pytest.raises(SavedError):
        reader.read(saved[:100])


# -- another deck


def test_another_deck_is_taught_with_the_weights_as_they_are_and_its_pieces_can_be_said() -> None:
    learner = taught(fruit(), 15)
    weights, n_pieces = learner.weights_sha256(), learner.n_pieces
    deck = deck_of([*FRUIT, ("Atlantis", "Poseidöniß")])
    learner.take_deck(deck)
    assert learner.weights_sha256() == weights
    assert learner.n_pieces > n_pieces
    order = CardOrder(deck.taught, 1)
    for _ in range(60):
        learner.adjust(learner.study(order.next(16)))
    assert learner.answer("Atlantis").text == "Poseidöniß"
    assert learner.grade(range(len(deck.cards))).marks == bytes([RIGHT] * len(deck.cards))


def test_a_deck_that_is_too_long_leaves_the_old_one_in_force() -> None:
    learner = taught(fruit(), 1)
    with pytest.raises(SettingsError, match="the model can hold"):
        learner.take_deck(deck_of([*FRUIT, ("a" * 2000, "b")]))
    assert len(learner.study([5]).marks) == 1


def test_what_no_piece_holds_is_named() -> None:
    tokenizer = Tokenizer(train_tokenizer(fruit(), LearnerSettings.for_deck(fruit())))
    assert tokenizer.unlearned(["apple pie", "äpple"]) == ("ä",)
    words = LearnerSettings(tokenizer="word", vocabulary=8192)
    deck = deck_of([("son of Adam", "Emil")])
    tokenizer = Tokenizer(train_tokenizer(deck, words))
    assert tokenizer.unlearned(["son of Atlas"]) == ("Atlas",)


@pytest.mark.slow
def test_what_is_known_by_heart_is_not_shaken_out_again() -> None:
    """Steps of one size lose a card now and then; those that shrink with the error keep all."""
    n_lost = {}
    for settling_nats in (0.0, 0.005):
        deck = fruit()
        default = LearnerSettings.for_deck(deck)
        settings = msgspec.structs.replace(default, settling_nats=settling_nats)
        learner = Learner.create(deck, settings, 1)
        for _ in range(100):
            learner.adjust(learner.study(deck.taught))
        assert learner.grade(deck.taught).marks.count(RIGHT) == len(deck.taught)
        n_lost[settling_nats] = 0
        for _ in range(500):
            learner.adjust(learner.study(deck.taught))
            n_lost[settling_nats] += len(deck.taught) - learner.grade(deck.taught).marks.count(
                RIGHT
            )
    assert n_lost[0.005] == 0 < n_lost[0.0]


def test_steps_settle_where_there_is_little_but_to_learn_by_heart() -> None:
    def settling(n_cards: int) -> float:
        deck = deck_of([(str(i), str(i)) for i in range(n_cards)])
        return LearnerSettings.for_deck(deck).settling_nats

    assert settling(100) > 0 == settling(101)


def test_below_the_settling_error_a_step_is_as_much_smaller_as_the_error() -> None:
    deck = fruit()
    settings = LearnerSettings.for_deck(deck)
    learner = Learner.create(deck, settings, 1)
    study = learner.study(deck.taught)
    assert study.loss_nats > settings.settling_nats > 0
    small = dataclasses.replace(study, loss_nats=settings.settling_nats / 8)
    assert learner._settling(study) == 1.0
    assert learner._settling(small) == pytest.approx(1 / 8)
    before = learner._flat.clone()
    learner.adjust(dataclasses.replace(study, loss_nats=0.0))
    assert torch.equal(before, learner._flat)
    learner.adjust(dataclasses.replace(learner.study(deck.taught), loss_nats=0.0), 2.0)
    assert not torch.equal(before, learner._flat)
