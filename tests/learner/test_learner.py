"""The learner's facts: what it learns from, that it repeats, what it says about itself."""

import math

import msgspec
import pytest

from flashcards.learner.learner import Learner
from flashcards.learner.order import CardOrder
from flashcards.learner.saving import SavedError
from flashcards.learner.settings import LearnerSettings, SettingsError
from flashcards.learner.tokenizer import Tokenizer, train_tokenizer
from flashcards.runs.marks import RIGHT
from tests.golden import raises_words
from tests.learner.decks import FRUIT, deck_of, fruit, sums, taught


def test_the_gradient_comes_from_answer_pieces_alone() -> None:
    deck = deck_of([("abc", "xy")])
    learner = Learner.create(deck, LearnerSettings.for_deck(deck), seed=1)
    study = learner.study([0])
    assert study.batch.targets.tolist() == [
        learner.encoding.sayable.index(i) for i in (*learner.tokenizer.encode("xy"), 1)
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


def test_a_damaged_or_foreign_state_is_said_so(adder: Learner) -> None:
    deck, saved = sums(12, 30), adder.save({})
    for damaged in (saved[:-1], b"", saved[:100], b"\0" * 64):
        with pytest.raises(SavedError, match="damaged"):
            Learner.restore(deck, adder.settings, adder.tokenizer_model, damaged)
    smaller = msgspec.structs.replace(adder.settings, n_layers=1)
    with pytest.raises(SavedError, match="another size"):
        Learner.restore(deck, smaller, adder.tokenizer_model, saved)


def test_an_update_is_measured_only_when_asked(adder: Learner) -> None:
    adjustment = adder.adjust(adder.study([1, 2]))
    assert adjustment.change is None
    assert adjustment.after is None
    assert adjustment.gradient_norm > 0
    assert 0 < adjustment.relative_change < 0.1


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


def test_one_card_changes_less_where_more_are_taught_at_once() -> None:
    changes = []
    for batch_size in (1, 2, 16):
        settings = LearnerSettings.for_deck(fruit(), {"n_layers": 1, "batch_size": batch_size})
        learner = Learner.create(fruit(), settings, seed=1)
        changes.append(learner.adjust(learner.study([0])).relative_change)
    alone, *others = changes
    assert others == pytest.approx([settings.single_card_factor * alone] * 2, rel=0.01)


def test_a_deck_that_is_too_long_leaves_the_old_one_in_force() -> None:
    learner = taught(fruit(), 1)
    with raises_words(SettingsError, "problem: no-room, on the way"):
        learner.take_deck(deck_of([*FRUIT, ("a" * 4000, "b")]))
    assert len(learner.study([5]).marks) == 1


def test_what_no_piece_holds_is_named() -> None:
    tokenizer = Tokenizer(train_tokenizer(fruit(), LearnerSettings.for_deck(fruit())))
    assert tokenizer.unlearned(["apple pie", "äpple"]) == ("ä",)
    words = LearnerSettings(tokenizer="word", vocabulary=8192)
    deck = deck_of([("son of Adam", "Emil")])
    tokenizer = Tokenizer(train_tokenizer(deck, words))
    assert tokenizer.unlearned(["son of Atlas"]) == ("Atlas",)
