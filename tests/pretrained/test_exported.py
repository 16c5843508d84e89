"""What was taught to a brought model is taken home: transformers, peft and llama.cpp agree."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest
import torch

from flashcards.cards.printable import printable
from flashcards.cli import main
from flashcards.learner.learner import Learner
from flashcards.learner.pretrained import bring
from flashcards.trainer.opening import open_learner
from tests.pretrained.test_numbers import a_deck
from tests.pretrained.test_runs import DECK, deck, taught
from tests.pretrained.tiny import FAMILIES, PROMPTS, a_model, as_gguf
from tests.waiting import PATIENCE_S

__all__ = ["deck"]


def exported(run: Path, *how: str) -> Path:
    target = run.parent.parent / "-".join(("out", *(part.strip("-") for part in how)))
    assert main(["export", str(run), *how, "-o", str(target)]) == 0
    return target


def averaged_logits(learner: Learner, prompt: str) -> torch.Tensor:
    from flashcards.learner.passes import forward, reading_of

    ids = learner.tokenizer.encode(prompt)
    asked, sayable = torch.arange(len(ids)), torch.tensor(learner.sayable)
    anatomy = learner.anatomy
    reading = reading_of(torch.tensor([ids]), asked, sayable, anatomy.rotary, anatomy.settings)
    with torch.no_grad():
        return forward(learner.averaged, reading)


def assert_same(learner: Learner, model: Any) -> None:
    for prompt in PROMPTS[::5]:
        ids = torch.tensor([learner.tokenizer.encode(prompt)])
        with torch.no_grad():
            expected = model(ids).logits[0]
        assert (averaged_logits(learner, prompt) - expected).abs().max() < 1e-4


@pytest.mark.parametrize("family", FAMILIES)
def test_transformers_loads_what_was_merged_and_gives_the_same_logits(
    deck: Path, family: str
) -> None:
    run = taught(deck, a_model(family)[0], "--set", "learning_rate=0.02")
    folder = exported(run, "--to", "hf")
    transformers: Any = importlib.import_module("transformers")
    learner = open_learner(run).learner
    assert_same(learner, transformers.AutoModelForCausalLM.from_pretrained(folder).eval())
    again = Learner.bring(a_deck(), bring(folder, a_deck()))
    prompt = PROMPTS[0]
    assert (averaged_logits(again, prompt) - averaged_logits(learner, prompt)).abs().max() < 1e-4


def test_peft_loads_the_adapter_and_this_program_answers_as_it_did_to_the_bit(deck: Path) -> None:
    folder, _ = a_model("qwen2")
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
    assert torch.equal(averaged_logits(again, "Italy"), averaged_logits(learner, "Italy"))


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


ASK_LLAMA = """
import json, sys
import xllamacpp as x

params = x.CommonParams()
params.model.path = sys.argv[1]
params.n_ctx, params.port, params.n_gpu_layers, params.n_parallel = 512, 0, 0, 1
params.verbosity, params.warmup = -1, False
params.flash_attn_type = x.llama_flash_attn_type.LLAMA_FLASH_ATTN_TYPE_DISABLED
params.cache_type_k = params.cache_type_v = x.ggml_type.GGML_TYPE_F32
params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
server = x.Server(params)
said = []
for prompt in json.load(sys.stdin):
    asked = {"prompt": prompt, "max_tokens": 4, "temperature": 0.0}
    said.append(server.handle_completions(asked)["choices"][0]["text"])
print("SAID", json.dumps(said))
"""


@pytest.mark.slow
@pytest.mark.parametrize("family", ["llama", "qwen3"])
def test_llama_cpp_goes_on_with_prompts_as_this_program_does(deck: Path, family: str) -> None:
    pytest.importorskip("xllamacpp")
    base = deck.parent / "base.gguf"
    as_gguf(family, base)
    run = taught(deck, base, "--set", "learning_rate=0.05", n_steps=60)
    target = exported(run, "--to", "gguf")
    learner, prompts = open_learner(run).learner, ["France", "Italy", "Greece", "Spain"]
    command = [sys.executable, "-c", ASK_LLAMA, str(target)]
    asked = json.dumps([f"The capital of {prompt} is" for prompt in prompts])
    ended = subprocess.run(
        command, input=asked, capture_output=True, text=True, check=True, timeout=PATIENCE_S
    )
    said = json.loads(ended.stdout.partition("SAID ")[2])
    for prompt, text in zip(prompts, said, strict=True):
        assert learner.answer(prompt).text.startswith(printable(text.strip(" "))[:2])
