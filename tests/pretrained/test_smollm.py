"""SmolLM2-135M itself (docs/real-models.md): `FLASHCARDS_SMOLLM=FILE.gguf pytest -n0 -m smollm`."""

from __future__ import annotations

import importlib
import os
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
import torch

from flashcards.cards.card import Deck
from flashcards.cards.shelf import find, load
from flashcards.learner.brought.opener import bring
from flashcards.learner.learner import Learner
from flashcards.runs.marks import RIGHT
from tests.export.llama_cpp import ask
from tests.pretrained.test_numbers import logits_of
from tests.pretrained.tiny import PROMPTS

pytestmark = pytest.mark.smollm


def path() -> Path:
    named = os.environ.get("FLASHCARDS_SMOLLM", "")
    if not named:
        pytest.skip("FLASHCARDS_SMOLLM names no file")
    return Path(named)


@cache
def asked_deck() -> Deck:
    deck, _ = load(find("capitals"))
    return msgspec.structs.replace(deck, ask=deck.meta.ask)


@cache
def brought() -> Learner:
    return Learner.bring(asked_deck(), bring(path(), asked_deck()))


def test_its_pieces_are_those_of_llama_cpp() -> None:
    asked = (("cut", {"content": text, "add_special": False}) for text in PROMPTS)
    cut = [reply["tokens"] for reply in ask(path(), asked)]
    assert [brought().tokenizer.encode(prompt) for prompt in PROMPTS] == cut


def test_its_logits_are_those_of_transformers() -> None:
    """That the numbers were read rightly the test above and the answers below say."""
    transformers: Any = importlib.import_module("transformers")
    auto, named = transformers.AutoModelForCausalLM, path()
    model = auto.from_pretrained(named.parent, gguf_file=named.name, dtype=torch.float32).eval()
    for prompt in PROMPTS:
        ids = torch.tensor([brought().tokenizer.encode(prompt)])
        with torch.no_grad():
            expected = model(ids).logits[0]
        assert (logits_of(brought(), prompt) - expected).abs().max() < 1e-3


def test_it_knows_28_of_50_capitals_and_3_of_20_others() -> None:
    learner, deck = brought(), asked_deck()
    assert learner.grade(deck.taught).marks.count(RIGHT) == 28
    assert learner.grade(deck.never_seen).marks.count(RIGHT) == 3


def test_one_card_in_the_prompt_brings_out_a_capital_that_it_knew() -> None:
    """What the talk `a-model-that-has-read` shows."""
    assert brought().answer("Iran").text.startswith("the capital of the Islamic Republic")
    assert brought().answer("Spain is Madrid. The capital of Iran").text.startswith("Tehran.")
