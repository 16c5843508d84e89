"""A GGUF file is read by `gguf` and run by llama.cpp, which gives the program's own answers."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from flashcards.cli import main
from flashcards.export.model import open_model
from flashcards.trainer.opening import open_learner
from tests.export.runs import FILLED, a_run
from tests.waiting import PATIENCE_S

RUN = """
import json, sys
import xllamacpp as x

params = x.CommonParams()
params.model.path = sys.argv[1]
params.n_ctx, params.port, params.n_gpu_layers, params.n_parallel = 1024, 0, 0, 1
params.verbosity, params.warmup = -1, False
params.flash_attn_type = x.llama_flash_attn_type.LLAMA_FLASH_ATTN_TYPE_DISABLED
params.cache_type_k = params.cache_type_v = x.ggml_type.GGML_TYPE_F32
params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
server = x.Server(params)
prompts, first, limit = json.load(sys.stdin)
said = []
for prompt in prompts:
    asked = {"prompt": f"{prompt}<answer>", "max_tokens": limit, "temperature": 0.0}
    said.append(server.handle_completions(asked)["choices"][0]["text"])
chat = {"messages": [{"role": "user", "content": first}], "temperature": 0.0}
said.append(server.handle_chat_completions(chat)["choices"][0]["message"]["content"])
print("SAID", json.dumps(said))
"""
"""In a process of its own: llama.cpp writes what it likes, and a fault in it ends the process."""


def exported(kind: str, folder: Path) -> Path:
    target = folder / "model.gguf"
    assert main(["export", str(a_run(kind)), "--to", "gguf", "-o", str(target)]) == 0
    return target


@pytest.mark.slow
def test_the_file_is_read_back_with_gguf(tmp_path: Path) -> None:
    gguf: Any = pytest.importorskip("gguf")
    reader = gguf.GGUFReader(exported("char", tmp_path))
    model = open_model(a_run("char"))
    fields = {name: field.contents() for name, field in reader.fields.items()}
    assert fields["general.architecture"] == "qwen3"
    assert fields["general.license"] == "CC0-1.0"
    assert fields["qwen3.rope.freq_base"] == model.settings.rope_base
    assert fields["tokenizer.ggml.tokens"] == [piece.text for piece in model.tokenizer.vocabulary()]
    tensors = {tensor.name: torch.tensor(tensor.data) for tensor in reader.tensors}
    assert len(tensors) == 3 + 11 * model.settings.n_layers
    assert torch.equal(tensors["output.weight"], model.head)
    assert torch.equal(tensors["blk.1.attn_q.weight"], model.weights.attention[1, 0])


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["char", "bpe", FILLED])
def test_llama_cpp_gives_the_same_answer_to_every_card(kind: str, tmp_path: Path) -> None:
    pytest.importorskip("gguf")
    pytest.importorskip("xllamacpp")
    target = exported(kind, tmp_path)
    training, model = open_learner(a_run(kind)), open_model(a_run(kind))
    prompts = [card.prompt for card in training.deck.cards]
    n = training.learner.settings.filled_to
    written = [prompt + "<unk>" * (n - len(prompt)) for prompt in prompts]
    ended = subprocess.run(
        [sys.executable, "-c", RUN, str(target)],
        input=json.dumps([written, prompts[0], model.longest_answer]),
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )
    (line,) = [line for line in ended.stdout.splitlines() if line.startswith("SAID ")]
    said = json.loads(line.removeprefix("SAID "))
    ours = [answer.text for answer in training.learner.answer_each(prompts)]
    assert said == [*ours, ours[0]]
    assert len(set(ours)) > 5


def test_words_are_refused_with_the_reason_and_nothing_is_left(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flashcards.export.gguf_file.library", lambda: None)
    target = tmp_path / "model.gguf"
    assert main(["export", str(a_run("word", 1)), "--to", "gguf", "-o", str(target)]) == 1
    said = capsys.readouterr().err
    assert "a word tokenizer, which llama.cpp does not have" in said
    assert "--to hf exports this run" in said
    assert list(tmp_path.iterdir()) == []
