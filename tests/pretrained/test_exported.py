"""What was taught to a brought model is taken home: transformers, peft and llama.cpp agree."""

from __future__ import annotations

import importlib
import shutil
import warnings
from pathlib import Path
from typing import Any

import pytest
import torch

from flashcards.cards.printable import printable
from flashcards.cli import main
from flashcards.learner.brought.model_folder import PretrainedError
from flashcards.learner.brought.opener import bring
from flashcards.learner.learner import Learner
from flashcards.trainer.again.traveller import learner_at
from flashcards.trainer.opening import open_learner
from tests.export.llama_cpp import ask, going_on
from tests.golden import check_words
from tests.pretrained.test_numbers import a_deck, logits_of
from tests.pretrained.test_runs import DECK, deck, taught
from tests.pretrained.tiny import FAMILIES, PROMPTS, a_model, as_gguf, made

__all__ = ["deck"]


def exported(run: Path, *how: str) -> Path:
    target = run.parent.parent / "-".join(("out", *(part.strip("-") for part in how)))
    assert main(["export", str(run), *how, "-o", str(target)]) == 0
    return target


def assert_same(learner: Learner, model: Any) -> None:
    for prompt in PROMPTS[::5]:
        ids = torch.tensor([learner.tokenizer.encode(prompt)])
        with torch.no_grad():
            expected = model(ids).logits[0]
        assert (logits_of(learner, prompt, learner.averaged) - expected).abs().max() < 1e-4


@pytest.mark.parametrize("family", FAMILIES)
def test_transformers_loads_what_was_merged_to_the_logit(deck: Path, family: str) -> None:
    run = taught(deck, a_model(family), "--set", "learning_rate=0.02")
    folder = exported(run, "--to", "hf")
    transformers: Any = importlib.import_module("transformers")
    learner = open_learner(run).learner
    assert_same(learner, transformers.AutoModelForCausalLM.from_pretrained(folder).eval())
    again = Learner.bring(a_deck(), bring(folder, a_deck()))
    prompt = PROMPTS[0]
    assert (
        logits_of(again, prompt, again.averaged) - logits_of(learner, prompt, learner.averaged)
    ).abs().max() < 1e-4


def test_a_model_is_merged_after_updates_of_this_very_process(deck: Path) -> None:
    """Between two saved states updates are made again; by then matrices are packed."""
    run = taught(deck, a_model("qwen3"), "--set", "learning_rate=0.02", n_steps=60)
    step = 31
    folder = exported(run, "--to", "hf", "--at", str(step))
    transformers: Any = importlib.import_module("transformers")
    model = transformers.AutoModelForCausalLM.from_pretrained(folder).eval()
    assert_same(learner_at(run, step).learner, model)


def test_peft_loads_the_adapter_and_this_program_answers_as_it_did_to_the_bit(deck: Path) -> None:
    folder = a_model("qwen2")
    run = taught(deck, folder, "--set", "learning_rate=0.02", "--set", "rank=4")
    adapter = exported(run, "--to", "hf", "--adapter")
    transformers: Any = importlib.import_module("transformers")
    peft: Any = pytest.importorskip("peft")
    base = transformers.AutoModelForCausalLM.from_pretrained(folder).eval()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = peft.PeftModel.from_pretrained(base, adapter).eval()
    learner = open_learner(run).learner
    assert_same(learner, model)
    again = Learner.bring(a_deck(), bring(adapter, a_deck()))
    one, other = (logits_of(of, "Italy", of.averaged) for of in (again, learner))
    assert torch.equal(one, other)


def test_a_model_of_this_program_that_is_brought_back_answers_to_the_bit(tmp_path: Path) -> None:
    path = tmp_path / "towns.deck"
    path.write_text(DECK, encoding="utf-8")
    runs = tmp_path / "runs"
    assert main(["train", str(path), "--runs", str(runs), "--steps", "30"]) in (0, 3)
    (run,) = runs.iterdir()
    one = open_learner(run)
    for how in (("--to", "hf"), ("--to", "gguf")):
        target = exported(run, *how)
        target = target if how[1] == "hf" else target.rename(target.with_suffix(".gguf"))
        back = Learner.bring(one.deck, bring(target, one.deck))
        for prompt in ("France", "Greece", "Nowhere"):
            assert back.answer(prompt) == one.learner.answer(prompt)
    again = ["train", str(path), "--model", str(tmp_path / "out-to-hf"), "--steps", "2"]
    assert main([*again, "--runs", str(tmp_path / "again")]) in (0, 3)


@pytest.mark.slow
def test_an_adapter_of_a_gguf_file_finds_its_base_again(
    deck: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder that the file was converted to is in a cache, where it may be deleted."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(deck.parent / "cache"))
    source = deck.parent / "base.gguf"
    as_gguf("qwen3", source)
    run = taught(deck, source, "--set", "learning_rate=0.02")
    adapter = exported(run, "--to", "hf", "--adapter")
    learner = open_learner(run).learner
    peft: Any = importlib.import_module("peft")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert_same(learner, peft.AutoPeftModelForCausalLM.from_pretrained(adapter).eval())
    shutil.rmtree(deck.parent / "cache")
    again = Learner.bring(a_deck(), bring(adapter, a_deck()))
    one, other = (logits_of(of, "Italy", of.averaged) for of in (again, learner))
    assert torch.equal(one, other)
    shutil.rmtree(deck.parent / "cache")
    source.unlink()
    with pytest.raises(PretrainedError, match=f"put {source} back"):
        bring(adapter, a_deck())


@pytest.mark.slow
def test_llama_cpp_cuts_text_by_a_tokenizer_of_sentencepiece_as_this_program_does(
    deck: Path,
) -> None:
    folder = deck.parent / "mistral"
    made("mistral", folder, "llama2", sliding_window=None)
    run = taught(deck, folder, "--set", "learning_rate=0.05", n_steps=60)
    target = exported(run, "--to", "gguf")
    learner = open_learner(run).learner
    texts = [prompt for prompt in PROMPTS if prompt == prompt.rstrip(" ")]
    asked = (("cut", {"content": text, "add_special": True}) for text in texts)
    assert [reply["tokens"] for reply in ask(target, asked)] == learner.tokenizer.prompts(texts)
    prompts = ["France", "Italy", "Greece", "Spain"]
    said = going_on(target, [f"The capital of {prompt} is" for prompt in prompts], n_tokens=4)
    for prompt, text in zip(prompts, said, strict=True):
        assert learner.answer(prompt).text.startswith(printable(text.strip(" "))[:2])


@pytest.mark.parametrize("way", ["gpt-2", "smollm", "llama-bpe", "qwen2"])
def test_a_gguf_file_names_the_way_in_which_its_tokenizer_cuts_words(
    deck: Path, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(deck.parent / "cache"))
    source = deck.parent / "base.gguf"
    as_gguf("qwen3", source, pre=way)
    target = exported(taught(deck, source, n_steps=1), "--to", "gguf")
    gguf: Any = importlib.import_module("gguf")
    assert gguf.GGUFReader(target).get_field("tokenizer.ggml.pre").contents() == way


def test_a_kind_that_is_not_written_as_gguf_says_which_are(
    deck: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = taught(deck, a_model("mistral"), n_steps=1)
    assert main(["export", str(run), "--to", "gguf", "-o", str(deck.parent / "x.gguf")]) == 1
    check_words("export: a kind not written as GGUF", capsys.readouterr().err)


@pytest.mark.slow
@pytest.mark.parametrize("family", ["llama", "qwen3"])
def test_llama_cpp_goes_on_with_prompts_as_this_program_does(deck: Path, family: str) -> None:
    base = deck.parent / "base.gguf"
    as_gguf(family, base)
    run = taught(deck, base, "--set", "learning_rate=0.05", n_steps=60)
    target = exported(run, "--to", "gguf")
    learner, prompts = open_learner(run).learner, ["France", "Italy", "Greece", "Spain"]
    asked = [f"The capital of {prompt} is" for prompt in prompts]
    said = going_on(target, asked, n_tokens=4)
    for prompt, text in zip(prompts, said, strict=True):
        assert learner.answer(prompt).text.startswith(printable(text.strip(" "))[:2])
