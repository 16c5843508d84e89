"""How long a card may be: the pieces of the deck's own tokenizer, as memory has room for."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from torch import Tensor

from flashcards.cards.check import check
from flashcards.cards.format import parse
from flashcards.learner.learner import Learner
from flashcards.learner.lengths import long_cards
from flashcards.learner.settings import LearnerSettings, SettingsError
from tests.golden import check_words, words
from tests.learner.decks import deck_of

WORDS = " ".join(["jump", "walk", "look"] * 17)  # 254 characters, 51 words
ACTIONS = " ".join(["WALK", "JUMP"] * 10)


def written(path: Path, front: str, cards: str) -> Path:
    path.write_text(f"+++\n{front}\n+++\n{cards}", encoding="utf-8")
    return path


def said_of(path: Path) -> tuple[int, str]:
    out = io.StringIO()
    return check([str(path)], out, find_more=long_cards), out.getvalue()


def test_a_card_of_300_characters_and_71_words_fits_where_words_are_pieces(tmp_path: Path) -> None:
    path = written(tmp_path / "a.deck", 'tokenizer = "word"', f"{WORDS} :: {ACTIONS}\n")
    code, text = said_of(path)
    assert code == 0
    check_words("check: no problems", text, path=path)
    deck = parse(path.read_bytes(), path.name).deck
    assert deck is not None
    learner = Learner.create(deck, LearnerSettings.for_deck(deck), 1)
    assert learner.study([0]).batch.ids.shape[1] == 51 + 20 + 1


def test_check_and_train_name_the_same_card_that_is_too_long(tmp_path: Path) -> None:
    short = "".join(f"{i} :: {i}\n" for i in range(40))
    path = written(tmp_path / "a.deck", 'tokenizer = "word"', f"{short}{'go ' * 800} :: on\n")
    code, text = said_of(path)
    assert code == 1
    problem, summary = text.splitlines()
    assert problem.startswith(f"{path}:44:1: error: ")
    assert problem.endswith(" [no-room]")
    sentence = problem.partition(" error: ")[2].removesuffix(" [no-room]")
    check_words("problem: no-room", sentence)
    assert summary == words("check: an unusable deck", deck=path)
    deck = parse(path.read_bytes(), path.name).deck
    assert deck is not None
    with pytest.raises(SettingsError) as raised:
        Learner.create(deck, LearnerSettings.for_deck(deck), 1)
    assert str(raised.value) == f"line 44: {sentence}"
    smaller = written(
        tmp_path / "b.deck", 'tokenizer = "word"\nbatch_size = 8', path.read_text()[27:]
    )
    assert said_of(smaller)[0] == 0


def test_a_smaller_batch_makes_room_for_longer_cards() -> None:
    rooms = [LearnerSettings(batch_size=n).room for n in (8, 16, 32, 64, 512, 4096)]
    assert rooms == [1638, 1106, 733, 474, 258, 56]
    assert LearnerSettings(batch_size=4096, width=1024, n_heads=64).room == 8


def test_what_an_update_keeps_is_within_what_its_length_was_reckoned_with() -> None:
    settings = msgspec.structs.replace(LearnerSettings(), batch_size=4)
    deck = deck_of([(f"{i:03}" * 85, "y") for i in range(4)])
    study = Learner.create(deck, settings, 1).study(range(4))
    n_pieces = study.batch.ids.shape[1]
    n_bytes = sum(
        size
        for _, size in {
            (t.data_ptr(), t.nbytes) for t in tensors_of(activations_of(study.logits.grad_fn))
        }
    )
    pairs = 1.25 * settings.n_heads * n_pieces
    reckoned = (
        4 * settings.batch_size * settings.n_layers * n_pieces * (32 * settings.width + pairs)
    )
    assert 0.5 * reckoned < n_bytes < reckoned


def activations_of(node: Any) -> object:
    return node.activations.layers


def tensors_of(value: object) -> Iterator[Tensor]:
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, tuple | list):
        for part in value:
            yield from tensors_of(part)


def test_check_names_settings_that_no_model_can_have_as_train_does(tmp_path: Path) -> None:
    path = written(tmp_path / "a.deck", "n_layers = 24\nwidth = 1024", "a :: b\n")
    code, text = said_of(path)
    deck = parse(path.read_bytes(), path.name).deck
    assert deck is not None
    with pytest.raises(SettingsError) as raised:
        LearnerSettings.for_deck(deck)
    assert text.splitlines() == [
        f"{path}:1:1: error: {raised.value} [no-model]",
        words("check: an unusable deck", deck=path),
    ]
    assert code == 1
