"""Settings: one rule for all decks, and a sentence for every number that cannot be."""

import msgspec
import pytest

from flashcards.cards.card import Deck, LearnerWishes
from flashcards.learner.learner import Learner
from flashcards.learner.model import n_parameters_of
from flashcards.learner.settings import LearnerSettings, SettingsError, in_chapter, pick_device
from tests.golden import raises_words
from tests.learner.decks import deck_of, fruit, sums

NUMBERS = [(str(i), str(i)) for i in range(300)]


@pytest.mark.parametrize(
    ("wishes", "key"),
    [
        (LearnerWishes(width=60), "settings: an odd width"),
        (LearnerWishes(width=2048), "settings: width"),
        (LearnerWishes(width=1024, n_layers=24), "settings: too many numbers"),
        (LearnerWishes(batch_size=0), "settings: batch size"),
        (LearnerWishes(n_layers=99), "settings: layers"),
        (LearnerWishes(vocabulary=0), "settings: vocabulary"),
        (LearnerWishes(learning_rate=-1.0), "settings: learning rate"),
        (LearnerWishes(weight_decay=float("nan")), "settings: weight decay"),
    ],
)
def test_a_wish_out_of_range_is_named(wishes: LearnerWishes, key: str) -> None:
    with raises_words(SettingsError, key):
        LearnerSettings.for_deck(deck_of([("a", "b")], wishes=wishes))


def test_heads_must_divide_the_width_into_even_parts() -> None:
    with raises_words(SettingsError, "settings: heads and width"):
        LearnerSettings(width=64, n_heads=64)


def test_a_deck_gets_what_it_wishes_and_the_rule_for_the_rest() -> None:
    wishes = LearnerWishes(tokenizer="word", batch_size=7, weight_decay=0.5, n_layers=2, width=32)
    settings = LearnerSettings.for_deck(deck_of([("a", "b")], wishes=wishes))
    default = LearnerSettings.for_deck(deck_of([("a", "b")]))
    assert (settings.tokenizer, settings.batch_size, settings.weight_decay) == ("word", 7, 0.5)
    assert (settings.n_layers, settings.width, settings.n_heads, settings.hidden) == (2, 32, 2, 80)
    assert settings.learning_rate == default.learning_rate


def test_a_card_longer_than_the_model_can_hold_is_named() -> None:
    deck = deck_of([("a" * 30, "b")])
    settings = msgspec.structs.replace(LearnerSettings.for_deck(deck), max_pieces=16)
    with raises_words(SettingsError, "settings: a long card"):
        Learner.create(deck, settings, seed=1)


def test_a_device_that_is_not_there_is_said_and_auto_finds_one() -> None:
    assert pick_device("cpu") == "cpu"
    assert pick_device("auto") in ("cpu", "cuda", "mps")
    with raises_words(SettingsError, "settings: no such device"):
        pick_device("tpu")
    for name in ("cuda", "mps"):
        if pick_device("auto") != name:
            with pytest.raises(SettingsError, match=f"no {name} .* --device cpu"):
                pick_device(name)


def test_the_batch_doubles_twice_and_then_stays() -> None:
    settings = LearnerSettings(batch_size=32, growing_steps=300)
    sizes = [settings.batch_size_at(step) for step in (0, 299, 300, 599, 600, 10**6)]
    assert sizes == [8, 8, 16, 16, 32, 32]
    assert LearnerSettings(batch_size=32, growing_steps=0).batch_size_at(0) == 32
    # a small one never begins with a card alone
    sizes = [LearnerSettings(batch_size=n, growing_steps=9).batch_size_at(0) for n in (1, 2, 5, 9)]
    assert sizes == [1, 2, 2, 2]


@pytest.mark.parametrize(
    ("deck", "sizes"),
    [
        (deck_of([("a", "b")]), {0: 1, 10**6: 1}),  # no larger than the deck
        (fruit(), {0: 2, 39: 2, 40: 3, 80: 6}),  # it grows sooner
        (sums(20), {0: 8, 299: 8, 300: 16, 600: 32}),
        (sums(64), {0: 32, 10**6: 32}),  # a large deck's is full from the first update
        (deck_of(NUMBERS, wishes=LearnerWishes(batch_size=256)), {0: 256, 10**6: 256}),
    ],
)
def test_how_many_cards_an_update_takes(deck: Deck, sizes: dict[int, int]) -> None:
    settings = LearnerSettings.for_deck(deck)
    assert {step: settings.batch_size_at(step) for step in sizes} == sizes


def test_weights_decay_most_where_a_rule_must_be_found_in_few_cards() -> None:
    decks = [deck_of([(str(i), str(i)) for i in range(n)]) for n in (100, 101, 1000, 1001, 4001)]
    settings = [LearnerSettings.for_deck(deck) for deck in decks]
    assert [each.weight_decay for each in settings] == [0.1, 0.6, 0.6, 0.1, 0.0]
    assert [each.decay_steps for each in settings] == [0, 600, 600, 0, 0]
    rising = [settings[1].weight_decay_at(step) for step in (0, 299, 599, 600, 10**6)]
    assert rising == pytest.approx([0.1, 0.35, 0.6, 0.6, 0.6], abs=0.001)
    wished = deck_of([(str(i), str(i)) for i in range(300)], wishes=LearnerWishes(weight_decay=0.3))
    always = LearnerSettings.for_deck(wished)
    assert [always.weight_decay_at(step) for step in (0, 600)] == [0.3, 0.3]


def test_few_short_cards_have_shorter_waves_and_an_average_over_fewer_updates() -> None:
    long = deck_of([("x" * 13 + card.prompt, card.answer) for card in sums(20).cards])
    few, *others = (LearnerSettings.for_deck(deck) for deck in (sums(20), sums(10), sums(40), long))
    assert (few.rope_base, few.ema_ramp) == (100, 20)
    assert {(each.rope_base, each.ema_ramp, each.filled_to) for each in others} == {(1000, 9, 0)}
    filled = LearnerSettings.for_deck(deck_of(NUMBERS))
    assert (filled.filled_to, filled.rope_base, filled.ema_ramp) == (3, 1000, 9)
    wished = LearnerSettings.for_deck(sums(20), {"weight_decay": 0.1})
    assert (wished.rope_base, wished.ema_ramp) == (1000, 9)
    assert in_chapter(filled, sums(20)).ema_ramp == 9


def test_matrices_are_fused_for_large_decks_and_stay_so_in_later_chapters() -> None:
    large, small = LearnerSettings.for_deck(sums(64)), LearnerSettings.for_deck(fruit())
    assert large.is_fused
    assert in_chapter(large, fruit()).is_fused
    assert not small.is_fused
    assert not in_chapter(small, sums(64)).is_fused
    assert not LearnerSettings.for_deck(sums(64), {"weight_decay": 0.1}).is_fused


def test_a_setting_that_is_true_or_false_can_be_chosen() -> None:
    assert LearnerSettings.for_deck(fruit(), {"is_fused": "true"}).is_fused
    assert not LearnerSettings.for_deck(sums(64), {"is_fused": "false"}).is_fused
    with raises_words(SettingsError, "settings: neither true nor false"):
        LearnerSettings.for_deck(fruit(), {"is_fused": "yes"})


def test_a_size_is_a_width_and_what_makes_it_learn_alike() -> None:
    deck = fruit()
    small = LearnerSettings.for_deck(deck, {"size": "small"})
    assert small == LearnerSettings.for_deck(deck)
    for size, millions in (("small", 0.2), ("medium", 3), ("large", 12), ("xl", 48)):
        settings = LearnerSettings.for_deck(deck, {"size": size})
        assert n_parameters_of(settings, 40) / 1e6 == pytest.approx(millions, rel=0.05)
        assert settings.head_rate == 64 / settings.width
        assert settings.learning_rate == small.learning_rate
    wished = deck_of([("a", "b")], wishes=LearnerWishes(size="medium", n_layers=2))
    settings = LearnerSettings.for_deck(wished)
    assert (settings.width, settings.n_layers) == (256, 2)
    assert LearnerSettings.for_deck(wished, {"size": "small"}).width == 64
    with raises_words(SettingsError, "settings: no such size"):
        LearnerSettings.for_deck(deck, {"size": "huge"})


@pytest.mark.parametrize("device", ["cuda", "mps"])
def test_a_device_learns_what_the_processor_does(device: str) -> None:
    try:
        pick_device(device)
    except SettingsError as error:
        pytest.skip(str(error))
    deck = fruit()
    settings = LearnerSettings.for_deck(deck)
    losses: dict[str, list[float]] = {}
    answers = {}
    for where in ("cpu", device):
        learner = Learner.create(deck, settings, 1, where)
        losses[where] = []
        for _ in range(50):
            study = learner.study(deck.taught)
            learner.adjust(study)
            losses[where].append(study.loss_nats)
        texts = [draw.text for draw in learner.draw_likeliest([card.prompt for card in deck.cards])]
        answers[where] = (learner.grade(deck.taught).marks, texts)
    assert losses[device] == pytest.approx(losses["cpu"], abs=1e-4)
    assert answers[device] == answers["cpu"]
