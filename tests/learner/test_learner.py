"""The learner's facts: what it learns from, that it repeats, what it says about itself."""

import math

import msgspec
import pytest
import torch

from flashcards.learner.learner import Learner
from flashcards.learner.order import CardOrder
from flashcards.learner.saving import SavedError
from flashcards.learner.settings import LearnerSettings, SettingsError
from flashcards.learner.tokenizer import Tokenizer, train_tokenizer
from flashcards.runs.marks import RIGHT
from tests.commands import run_python
from tests.learner.decks import FRUIT, deck_of, fruit, sums
from tests.learner.taught import taught

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


# -- learning


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


def test_it_learns_a_deck_by_heart() -> None:
    learner = taught(fruit(), 40, batch_size=6)
    assert set(learner.grade(range(6)).marks) == {RIGHT}
    assert learner.answer("🍎").text == "apple"
    assert "".join(piece.text for piece in learner.guess(5)) == "kiwi fruit"


# -- repeating


@pytest.mark.slow
def test_the_same_seed_is_the_same_run_bit_for_bit_in_another_process() -> None:
    runs = [run_python("-c", GOES_ON).stdout for _ in range(2)]
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
    smaller = msgspec.structs.replace(adder.settings, n_layers=1)
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


# -- measuring


def test_a_change_can_be_recomputed_from_the_weights_before_and_after() -> None:
    deck = sums(12, 30)
    learner = taught(deck, 8)
    before = learner.flat.clone()
    study = learner.study([3])
    pieces, error_nats, _ = learner.read_error(study, 0)
    others = [7, 8, deck.never_seen[0]]
    adjustment = learner.adjust(study, measured_row=0, ripple=others)
    after = learner.flat.clone()
    change = adjustment.change
    assert change is not None
    assert adjustment.after is not None

    def read(flat: torch.Tensor, card_index: int) -> torch.Tensor:
        learner.flat.copy_(flat)
        return learner.study([card_index]).logits.detach()

    logits = {"before": read(before, 3), "after": read(after, 3)}
    targets = study.batch.targets[:, None]
    spread = {when: x.log_softmax(-1).gather(1, targets)[:, 0] for when, x in logits.items()}
    assert [p.before for p in pieces] == pytest.approx(spread["before"].exp().tolist(), rel=1e-4)
    assert [p.after for p in adjustment.after] == pytest.approx(
        spread["after"].exp().tolist(), rel=1e-4
    )
    assert error_nats == pytest.approx(-spread["before"].sum().item(), rel=1e-4)
    assert change.probability_before == pytest.approx(math.exp(-error_nats), rel=1e-3)
    after_nats = -spread["after"].sum().item()
    assert change.probability_after == pytest.approx(math.exp(-after_nats), rel=1e-3)
    assert change.relative_change == pytest.approx(((after - before).norm() / before.norm()).item())
    assert change.n_parameters == learner.n_parameters == len(before)

    worst = int(spread["before"].argmin())
    moved = logits["after"][worst] - logits["before"][worst]
    top, bottom = moved.topk(3).values.tolist(), (-moved).topk(3).values.tolist()
    assert [push.change for push in change.up] == pytest.approx(top, rel=1e-3)
    assert [-push.change for push in change.down] == pytest.approx(bottom, rel=1e-3)
    assert change.up[0].text == pieces[worst].text

    ripples = {ripple.prompt: ripple for ripple in (*change.helped, *change.hurt)}
    assert len(ripples) == 3
    for i in others:
        found = ripples[deck.cards[i].prompt]
        nats = []
        for flat in (before, after):
            learner.flat.copy_(flat)
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
        learner.take_deck(deck_of([*FRUIT, ("a" * 4000, "b")]))
    assert len(learner.study([5]).marks) == 1


def test_what_no_piece_holds_is_named() -> None:
    tokenizer = Tokenizer(train_tokenizer(fruit(), LearnerSettings.for_deck(fruit())))
    assert tokenizer.unlearned(["apple pie", "äpple"]) == ("ä",)
    words = LearnerSettings(tokenizer="word", vocabulary=8192)
    deck = deck_of([("son of Adam", "Emil")])
    tokenizer = Tokenizer(train_tokenizer(deck, words))
    assert tokenizer.unlearned(["son of Atlas"]) == ("Atlas",)
