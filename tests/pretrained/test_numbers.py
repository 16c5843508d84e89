"""A brought model computes what transformers does, and learns by the right derivatives."""

import importlib
from pathlib import Path
from typing import Any

import pytest
import torch

from flashcards.cards.card import Card, Deck, DeckMeta
from flashcards.learner import inspection
from flashcards.learner.brought.base import BroughtReading, BroughtWeights
from flashcards.learner.brought.model_folder import PretrainedError
from flashcards.learner.brought.opener import bring
from flashcards.learner.learner import Learner
from flashcards.learner.model import Weights
from tests.golden import raises_words
from tests.pretrained.tiny import FAMILIES, PROMPTS, a_model, as_gguf, made, of_transformers

CARDS = (("France", "Paris"), ("Italy", "Rome"), ("Germany", "Berlin"), ("Japan", "東京"))


def a_deck() -> Deck:
    cards = (Card(id=p, prompt=p, answers=(a,), line=i) for i, (p, a) in enumerate(CARDS))
    return Deck(slug="capitals", meta=DeckMeta(), cards=tuple(cards))


def brought(path: Path, **chosen: int | str | float) -> Learner:
    return Learner.bring(a_deck(), bring(path, a_deck(), chosen, seed=3))


def logits_of(learner: Learner, prompt: str, weights: Weights | None = None) -> torch.Tensor:
    ids = learner.tokenizer.encode(prompt)
    weights = learner.averaged if weights is None else weights
    assert isinstance(weights, BroughtWeights)
    with torch.no_grad():
        return BroughtReading(torch.tensor([ids]), torch.arange(len(ids))).forward(weights)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("kind", ["folder", "gguf"])
def test_pieces_and_logits_are_transformers(family: str, kind: str, tmp_path: Path) -> None:
    folder, model = a_model(family), of_transformers(family)
    path = folder if kind == "folder" else tmp_path / "tiny.gguf"
    if kind == "gguf":
        as_gguf(family, path)
    learner = brought(path)
    tokenizer: Any = importlib.import_module("transformers").PreTrainedTokenizerFast
    tokenizer = tokenizer(tokenizer_file=str(folder / "tokenizer.json"))
    for prompt in PROMPTS:
        ids = tokenizer.encode(prompt)
        assert learner.tokenizer.encode(prompt) == ids
        with torch.no_grad():
            expected = model(torch.tensor([ids])).logits[0]
        assert (logits_of(learner, prompt) - expected).abs().max() < 1e-4


@pytest.mark.slow
def test_positions_that_are_stretched_evenly_are_those_of_transformers(tmp_path: Path) -> None:
    scaling = {"rope_type": "linear", "factor": 4.0, "rope_theta": 10000.0}
    model = made("qwen3", tmp_path / "folder", rope_parameters=scaling)
    as_gguf("qwen3", tmp_path / "linear.gguf", stretched="linear")
    prompt = PROMPTS[0]
    for path in (tmp_path / "folder", tmp_path / "linear.gguf"):
        learner = brought(path)
        with torch.no_grad():
            expected = model(torch.tensor([learner.tokenizer.encode(prompt)])).logits[0]
        assert (logits_of(learner, prompt) - expected).abs().max() < 1e-4
    as_gguf("qwen3", tmp_path / "other.gguf", stretched="longrope")
    other = tmp_path / "other.gguf"
    with raises_words(PretrainedError, "model: stretched positions", model=other):
        brought(other)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["F16", "BF16", "Q8_0", "Q4_0", "Q5_1", "Q4_1"])
def test_rounded_numbers_are_given_back_as_they_were_rounded(kind: str, tmp_path: Path) -> None:
    import gguf

    model = made(
        "qwen2", tmp_path / "folder", hidden_size=64, intermediate_size=64, num_attention_heads=4
    )
    as_gguf("qwen2", tmp_path / "one.gguf", kind, of=model)
    learner = brought(tmp_path / "one.gguf")
    assert learner.base is not None
    quantised = gguf.GGMLQuantizationType[kind]
    numbers = model.get_input_embeddings().weight.detach().numpy()
    expected = gguf.quants.dequantize(gguf.quants.quantize(numbers, quantised), quantised)
    found = learner.base.own["model.embed_tokens.weight"]
    assert torch.equal(found, torch.from_numpy(expected.copy()))


@pytest.mark.parametrize("family", FAMILIES)
def test_an_answer_gone_on_with_is_what_a_reading_from_its_beginning_gives(family: str) -> None:
    learner = brought(a_model(family))
    prompt = "France"
    (alone,) = learner.draw_likeliest([prompt])
    assert learner.answer(prompt).text == alone.text
    several = learner.answer_each([prompt, "It", "Ελλάδα"])
    assert several[0].text == alone.text


@pytest.mark.parametrize("learned", ["adapter", "last_layers", "all"])
def test_what_is_taught_is_learned_and_nothing_else_changes(learned: str) -> None:
    learner = brought(
        a_model("qwen3"), learned=learned, learning_rate=0.02, n_last_layers=1, rank=4
    )
    assert learner.base is not None
    before = {name: part.clone() for name, part in learner.base.own.items()}
    first = learner.grade(range(len(CARDS))).loss_nats
    for _ in range(60):
        learner.adjust(learner.study(range(len(CARDS))))
    after = learner.grade(range(len(CARDS)))
    assert first is not None
    assert after.loss_nats is not None
    assert after.loss_nats < first / 3
    assert all(torch.equal(part, before[name]) for name, part in learner.base.own.items())
    assert learner.n_learned("all") < learner.n_parameters or learned == "all"
    assert learner.answer("France").text == "Paris"


@pytest.mark.parametrize("learned", ["adapter", "last_layers", "all"])
def test_an_update_tells_how_many_numbers_learn_and_how_many_stay(learned: str) -> None:
    learner = brought(a_model("qwen3"), learned=learned, n_last_layers=1)
    details = learner.adjust(learner.study((0,)), measured_row=0, is_detailed=True).details
    assert details is not None
    assert details.n_numbers == learner.flat.numel()
    own = 0 if learned == "adapter" else details.n_numbers
    assert details.n_staying == learner.n_parameters - own


def test_the_map_has_the_pieces_of_cards_and_no_others() -> None:
    learner = brought(a_model("qwen3"))
    cards = range(len(CARDS))
    read = {i for card in cards for i in learner.encoding.sequence(card)}
    assert set(inspection.pieces_on_map(learner.anatomy, len(CARDS))) == read
