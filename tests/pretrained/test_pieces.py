"""Tokenizers of several layouts cut and write text as their own library does."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest
import torch

from flashcards.learner import inspection
from flashcards.learner.brought.base import BroughtWeights
from flashcards.learner.brought.opener import bring
from flashcards.learner.brought.pieces import BroughtPieces
from tests.pretrained.test_numbers import a_deck, brought
from tests.pretrained.tiny import LAYOUTS, PROMPTS, a_model

ANSWERS = ("Paris", "Rome and Berlin", "Zürich", "é", "東京", "1998!", "it's")


def pieces_of_layout(layout: str) -> BroughtPieces:
    return BroughtPieces(bring(a_model("llama", layout), a_deck()).pieces)


def library_tokenizer(folder: Path) -> Any:
    transformers: Any = importlib.import_module("transformers")
    return transformers.PreTrainedTokenizerFast(tokenizer_file=str(folder / "tokenizer.json"))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_card_has_the_pieces_of_its_whole_text(layout: str) -> None:
    pieces, library = pieces_of_layout(layout), library_tokenizer(a_model("llama", layout))
    for prompt in PROMPTS:
        text = prompt.rstrip(" ")
        assert pieces.prompts([prompt])[0] == library.encode(text)
        for answer in ANSWERS:
            (cut,) = pieces.answers([answer], [text])
            if not text.endswith(("\n", "\t")):
                assert pieces.prompts([text])[0] + cut == library.encode(f"{text} {answer}")


@pytest.mark.parametrize("layout", LAYOUTS)
def test_an_answer_is_written_as_it_was_read(layout: str) -> None:
    pieces = pieces_of_layout(layout)
    for prompt in ("The capital of France is", "a line\n"):
        for answer in ANSWERS if layout != "unigram" else ANSWERS[:2]:
            (cut,) = pieces.answers([answer], [prompt])
            assert pieces.text(cut) == answer
            if answer.isascii():
                assert "".join(pieces.answer_pieces(cut)) == answer
                assert "▁" not in "".join(map(pieces.printable_piece, cut))


@pytest.mark.parametrize("layout", ["gpt2", "llama2", "qwen"])
def test_a_byte_that_is_no_text_of_its_own_is_shown_as_its_number(layout: str) -> None:
    pieces = pieces_of_layout(layout)
    (cut,) = pieces.answers(["\u0409"], ["x"])
    assert [pieces.printable_piece(i) for i in cut][-2:] == ["<0xD0>", "<0x89>"]
    assert pieces.ends is not None
    assert pieces.ends[pieces.end_id]
    assert not pieces.ends[cut[-1]]


def test_a_card_in_pieces_has_no_sign_before_the_answer() -> None:
    learner = brought(a_model("llama"))
    roles = [piece.role for piece in inspection.cut(learner.anatomy, 0)]
    n_asked = learner.encoding.n_asked[0]
    assert roles == [*["prompt"] * (len(roles) - n_asked), *["answer"] * (n_asked - 1), "end"]


def test_special_pieces_are_named_only_where_the_model_would_say_one() -> None:
    assert pieces_of_layout("gpt2").special == frozenset(), "its end is said, and shown as ⏎"
    anatomy = brought(a_model("llama", "llama2")).anatomy
    assert anatomy.tokenizer.special == {1, 2}, "<s> and <|end|>, not its end"
    spread = torch.zeros(len(anatomy.sayable)).index_fill(0, torch.tensor([5, 6]), 0.2)
    spread[1] = 0.3
    assert anatomy.named(spread).equal(spread)
    spread[7], spread[2] = 0.4, 0.1
    named = anatomy.named(spread)
    assert named[1:3].tolist() == [0.0, 0.0]
    assert named[3:].equal(spread[3:])
    learner = brought(a_model("llama", "llama2"))
    for expected in inspection.expect(anatomy, learner.study((0, 1)), 0):
        texts = [candidate.text for candidate in expected.candidates]
        assert not {"<s>", "<|end|>"} & set(texts[1:])
    assert not any("<s>" in other for other in learner.answer("France").alternatives)


def test_its_pieces_are_drawn_on_a_map() -> None:
    anatomy = brought(a_model("llama")).anatomy
    ids = inspection.pieces_on_map(anatomy, 4)
    points, share = inspection.Map().draw(anatomy, ids)
    assert len(points) == len(ids) > 10, "pieces of four cards"
    assert 0 < share < 1


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["llama", "gpt2"])
def test_heat_maps_show_the_matrices_with_their_adapter_one_at_a_time(kind: str) -> None:
    learner = brought(a_model(kind), learned="adapter", learning_rate=0.02, n_adapted_layers=2)
    start = inspection.untrained(learner.anatomy, 3)
    learner.adjust(learner.study((0, 1)))
    weights = learner.weights
    assert isinstance(weights, BroughtWeights)
    maps, n_left = inspection.weight_maps(weights, start, range(8))
    assert n_left == 0
    moved = {(part.name, part.layer) for part in maps if part.relative_moved > 0}
    assert moved == {(name, layer) for name in ("attention", "mlp") for layer in (2, 3)}
    attention = weights.matrices()["attention", 1]()
    assert attention.shape[1] == 24  # the inputs of a layer stand in columns


def test_with_room_for_few_heat_maps_those_of_layers_that_learn_are_made() -> None:
    learner = brought(a_model("llama"), learned="adapter", n_adapted_layers=2)
    start = inspection.untrained(learner.anatomy, 3)

    def drawn(n_maps: int) -> tuple[list[tuple[str, int]], int]:
        maps, n_left = inspection.weight_maps(learner.weights, start, range(8), n_maps)
        return [(part.name, part.layer) for part in maps], n_left

    upper = [(name, layer) for layer in (2, 3) for name in ("attention", "mlp")]
    assert drawn(0) == ([], 7)
    assert drawn(2) == (upper[2:], 5)
    assert drawn(5) == (upper, 3)
    assert drawn(7)[1] == 0
