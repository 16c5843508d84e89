"""What Hugging Face's programs make of an exported run."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from flashcards.cli import main
from flashcards.export.hf import scores_table
from flashcards.export.qwen3_names import open_model
from flashcards.learner.model import Rotary
from flashcards.learner.passes import forward, reading_of
from flashcards.runs import values as val
from flashcards.runs.state import RunState
from flashcards.trainer.opening import open_learner
from tests import told
from tests.export.runs import FILLED, KINDS, N_STEPS, a_run
from tests.golden import check_words


def exported(kind: str, folder: Path) -> Path:
    assert main(["export", str(a_run(kind)), "--to", "hf", "-o", str(folder / "out")]) == 0
    return folder / "out"


def test_the_folder_has_what_others_look_for_and_the_right_numbers(tmp_path: Path) -> None:
    from safetensors.torch import load_file

    folder = exported("char", tmp_path)
    assert {path.name for path in folder.iterdir()} == {
        "README.md",
        "config.json",
        "flashcards-tokenizer.model",
        "generation_config.json",
        "model.safetensors",
        "tokenizer.json",
        "tokenizer_config.json",
    }
    model = open_model(a_run("char"))
    loaded = load_file(folder / "model.safetensors")
    assert set(loaded) == set(model.tensors())
    assert torch.equal(loaded["lm_head.weight"], model.head)
    assert torch.equal(loaded["model.layers.1.mlp.down_proj.weight"], model.weights.mlp[1, 2].mT)
    generation = json.loads((folder / "generation_config.json").read_text())
    assert set(generation["suppress_tokens"]).isdisjoint(model.sayable)
    assert len(generation["suppress_tokens"]) + len(model.sayable) == len(model.head)


def test_a_piece_that_no_answer_uses_never_has_the_largest_logit() -> None:
    model = open_model(a_run("char"))
    hidden = torch.randn(2000, model.settings.width, generator=torch.Generator().manual_seed(1))
    logits = hidden @ model.head.T
    assert model.unsayable
    # the mean of the others, within the rounding of one
    highest = logits[:, list(model.sayable)].amax(1)
    assert (logits[:, list(model.unsayable)].amax(1) < highest - 1e-3).all()


def test_the_card_tells_the_deck_the_scores_and_how_to_prompt(tmp_path: Path) -> None:
    card = (exported("char", tmp_path) / "README.md").read_text(encoding="utf-8")
    assert card.startswith("---\n")
    assert 'license: "cc0-1.0"' in card
    assert 'language: "en"' in card
    assert "Capitals of the world" in card
    assert f"{N_STEPS} updates" in card
    assert "| looks it up | 100.0 % (50/50) | 0.0 % (0/20) |" in card
    assert 'tokenizer("France", return_tensors="pt")' in card


def test_the_scores_of_a_brought_model_say_what_became_of_the_cards_that_it_knew() -> None:
    state = RunState()
    state.fold(told.started(n_taught=50, n_held_out=20, base="SmolLM2"))
    known = val.Knowledge(seen=val.Score(27, 28), unseen=val.Score(3, 3))
    state.fold(told.exam(75, (22, 22), (7, 17), known=known))
    table = scores_table(state)
    assert "| the model | 100.0 % (22/22) | 41.2 % (7/17) |" in table
    check_words("export: knew before", table.splitlines()[-1])


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", [*KINDS, FILLED])
def test_transformers_gives_the_same_logits_and_answers(kind: str, tmp_path: Path) -> None:
    transformers: Any = pytest.importorskip("transformers")
    folder = exported(kind, tmp_path)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    model, found = transformers.AutoModelForCausalLM.from_pretrained(
        folder, output_loading_info=True
    )
    assert not any(found.values())
    assert type(model).__module__.startswith("transformers.models.qwen3")
    training = open_learner(a_run(kind))
    prompts = [card.prompt for card in training.deck.cards]
    assert_same_logits(open_model(a_run(kind)), model, tokenizer, prompts)

    ours = [answer.text for answer in training.learner.answer_each(prompts)]
    said = tokenizer.batch_decode(generated(model, tokenizer, prompts), skip_special_tokens=True)
    assert said == ours
    assert len(set(ours)) > 5
    # one prompt by itself, as the model card shows it
    alone = generated(model, tokenizer, prompts[:1])[0]
    assert tokenizer.decode(alone, skip_special_tokens=True) == ours[0]
    chat = [  # in a chat, with spaces around it, and what stood before it is not read
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": f" {prompts[0]} "},
    ]
    read = tokenizer.apply_chat_template(chat, return_tensors="pt", return_dict=True)
    assert read["input_ids"].tolist() == tokenizer([prompts[0]])["input_ids"]
    torch.manual_seed(1)  # and whatever is drawn: no piece that no answer uses
    drawn = generated(model, tokenizer, prompts[:50], do_sample=True, temperature=3.0)
    assert set(drawn.flatten().tolist()) <= set(open_model(a_run(kind)).sayable)


def assert_same_logits(ours: Any, model: Any, tokenizer: Any, prompts: list[str]) -> None:
    rotary, sayable = Rotary(ours.settings, "cpu"), torch.tensor(ours.sayable)
    for prompt in prompts[:20]:
        ids = tokenizer(prompt, return_tensors="pt")["input_ids"]
        everywhere = torch.arange(ids.numel())
        with torch.no_grad():
            theirs = model(ids).logits[0][:, sayable]
            here = forward(
                ours.weights, reading_of(ids, everywhere, sayable, rotary, ours.settings)
            )
        largest = here.abs().max()
        assert largest > 1
        # rounding alone: measured 1.14e-6 of the largest logit with MKL_CBWR=COMPATIBLE
        assert (theirs - here).abs().max() < 4e-6 * max(10.0, largest.item())


def generated(model: Any, tokenizer: Any, prompts: list[str], **options: Any) -> torch.Tensor:
    read = tokenizer(prompts, return_tensors="pt", padding=True)
    ids: torch.Tensor = model.generate(**read, **options)[:, read["input_ids"].shape[1] :]
    return ids
