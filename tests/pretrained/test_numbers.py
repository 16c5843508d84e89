"""A brought model computes what transformers does, and learns by the right derivatives."""

import functools
import importlib
from pathlib import Path
from typing import Any

import msgspec
import pytest
import torch
import torch.nn.functional as F

from flashcards.cards.card import Card, Deck, DeckMeta
from flashcards.learner.brought.gguf_reading import GgufFile
from flashcards.learner.brought.llama import Base
from flashcards.learner.brought.model_folder import PretrainedError
from flashcards.learner.brought.opener import bring
from flashcards.learner.brought.pretrained_settings import PretrainedSettings
from flashcards.learner.learner import Learner
from flashcards.learner.model import Rotary, Weights, new_weights, views
from flashcards.learner.passes import forward, reading_of
from flashcards.learner.settings import LearnerSettings
from tests.pretrained.tiny import FAMILIES, PROMPTS, a_model, as_gguf, made, of_transformers

CARDS = (("France", "Paris"), ("Italy", "Rome"), ("Germany", "Berlin"), ("Japan", "東京"))


def a_deck() -> Deck:
    cards = (Card(id=p, prompt=p, answers=(a,), line=i) for i, (p, a) in enumerate(CARDS))
    return Deck(slug="capitals", meta=DeckMeta(), cards=tuple(cards))


def brought(path: Path, **chosen: int | str | float) -> Learner:
    return Learner.bring(a_deck(), bring(path, a_deck(), chosen, seed=3))


def logits_of(learner: Learner, prompt: str, weights: Weights | None = None) -> torch.Tensor:
    ids = learner.tokenizer.encode(prompt)
    asked, sayable = torch.arange(len(ids)), torch.tensor(learner.sayable)
    anatomy = learner.anatomy
    reading = reading_of(torch.tensor([ids]), asked, sayable, anatomy.rotary, anatomy.settings)
    with torch.no_grad():
        return forward(anatomy.weights if weights is None else weights, reading)


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


def test_positions_that_are_stretched_evenly_are_those_of_transformers(tmp_path: Path) -> None:
    scaling = {"rope_type": "linear", "factor": 4.0, "rope_theta": 10000.0}
    model = made("qwen3", tmp_path / "folder", rope_parameters=scaling)
    learner, prompt = brought(tmp_path / "folder"), PROMPTS[0]
    with torch.no_grad():
        expected = model(torch.tensor([learner.tokenizer.encode(prompt)])).logits[0]
    assert (logits_of(learner, prompt) - expected).abs().max() < 1e-4
    as_gguf("qwen3", tmp_path / "linear.gguf", stretched="linear")
    assert learner.base is not None
    assert learner.base.rotary_factors is not None
    with GgufFile.open(tmp_path / "linear.gguf") as file:
        factors = file.rotary_factors()
    assert factors is not None
    assert torch.equal(factors, learner.base.rotary_factors)
    as_gguf("qwen3", tmp_path / "yarn.gguf", stretched="yarn")
    with pytest.raises(PretrainedError, match="stretches positions by yarn"):
        brought(tmp_path / "yarn.gguf")


@pytest.mark.parametrize("kind", ["F16", "BF16", "Q8_0", "Q4_0", "Q4_1", "Q4_K", "Q6_K"])
def test_rounded_numbers_are_given_back_as_they_were_rounded(kind: str, tmp_path: Path) -> None:
    import gguf
    import numpy as np

    quantised = gguf.GGMLQuantizationType[kind]
    n_numbers, n_bytes = gguf.GGML_QUANT_SIZES[quantised]
    raw = np.random.default_rng(4).integers(0, 60, (3, 512 // n_numbers * n_bytes), np.uint8)
    writer = gguf.GGUFWriter(tmp_path / "one.gguf", "qwen2")
    is_half = kind == "F16"
    data = raw.view(np.float16) if is_half else raw
    writer.add_tensor("token_embd.weight", data, raw_dtype=None if is_half else quantised)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    with GgufFile.open(tmp_path / "one.gguf") as file:
        found = file.read("model.embed_tokens.weight")
    expected = torch.from_numpy(np.array(gguf.quants.dequantize(data, quantised), np.float32))
    assert found.shape == (3, 512)
    assert torch.equal(found, expected)


@pytest.mark.parametrize("family", FAMILIES)
def test_an_answer_gone_on_with_is_what_a_reading_from_its_beginning_gives(family: str) -> None:
    learner = brought(a_model(family))
    prompt = "France"
    (alone,) = learner.draw_likeliest([prompt])
    assert learner.answer(prompt).text == alone.text
    several = learner.answer_each([prompt, "It", "Ελλάδα"])
    assert several[0].text == alone.text


def test_the_derivative_is_that_which_is_written_out() -> None:
    """A model of this program's own form, read once as its own and once as a brought one."""
    own = LearnerSettings(n_layers=2, width=32, n_heads=2, hidden=24, rope_base=1000.0)
    n_pieces = 40
    flat = new_weights(own, n_pieces, seed=2)
    flat += 0.1 * torch.randn(len(flat), generator=torch.Generator().manual_seed(1))
    weights = views(flat, own, n_pieces)
    form = {
        "family": "qwen3",
        "tokenizer": "bpe",
        "vocabulary": n_pieces,
        "n_layers": 2,
        "width": 32,
        "n_heads": 2,
        "n_kv_heads": 2,
        "key_width": 16,
        "hidden": 24,
        "rope_base": 1000.0,
        "learned": "all",
    }
    settings = msgspec.convert(form, PretrainedSettings)
    numbers = {"embedding": weights.embedding, "head": weights.head}
    numbers["final_norm"] = weights.final_norm
    for i, layer in enumerate(weights.layers):
        numbers |= {
            f"layers.{i}.attention_norm": layer.attention_norm,
            f"layers.{i}.qkv": layer.qkv,
            f"layers.{i}.output": layer.output,
            f"layers.{i}.mlp_norm": layer.mlp_norm,
            f"layers.{i}.gate_up": layer.gate_up,
            f"layers.{i}.down": layer.down_t,
            f"layers.{i}.query_norm": layer.query_key_norm[0],
            f"layers.{i}.key_norm": layer.query_key_norm[1],
        }
    base = Base(settings, numbers, None, "")
    brought_weights = base.views(base.new_numbers(0))
    ids = torch.tensor([[3, 5, 9, 11], [2, 8, 7, 1]])
    asked, sayable, targets = (
        torch.tensor([2, 3, 6]),
        torch.arange(n_pieces),
        torch.tensor([4, 5, 6]),
    )
    found = []
    for of, how in ((weights, own), (brought_weights, settings)):
        leaves = list(of.named().values())
        for leaf in leaves:
            leaf.requires_grad_()
        reading = reading_of(ids, asked, sayable, Rotary(how, "cpu"), how)
        loss = F.cross_entropy(forward(of, reading), targets)
        found.append((loss, dict(zip(of.named(), torch.autograd.grad(loss, leaves), strict=True))))
    (one, by_own), (other, by_brought) = found
    torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-6)
    close = functools.partial(torch.testing.assert_close, rtol=1e-4, atol=1e-6)
    close(by_own["embedding"], by_brought["embedding"])
    qkv = by_own["attention"][1, :3].flatten(0, 1)
    close(qkv, by_brought["layers.1.qkv"])
    close(by_own["mlp"][0, 2].mT, by_brought["layers.0.down"])


@pytest.mark.parametrize("learned", ["adapter", "last_layers", "all"])
def test_what_is_taught_is_learned_and_nothing_else_changes(learned: str) -> None:
    learner = brought(
        a_model("qwen3"), learned=learned, learning_rate=0.02, n_last_layers=1, rank=4
    )
    assert learner.base is not None
    before = {name: part.clone() for name, part in learner.base.numbers.items()}
    first = learner.grade(range(len(CARDS))).loss_nats
    for _ in range(60):
        learner.adjust(learner.study(range(len(CARDS))))
    after = learner.grade(range(len(CARDS)))
    assert first is not None
    assert after.loss_nats is not None
    assert after.loss_nats < first / 3
    assert all(torch.equal(part, before[name]) for name, part in learner.base.numbers.items())
    assert learner.n_learned("all") < learner.n_parameters or learned == "all"
    assert learner.answer("France").text == "Paris"
