"""A GGUF file is read by `gguf` and run by llama.cpp, which gives the program's own answers."""

from pathlib import Path
from typing import Any

import pytest
import torch

from flashcards.cli import main
from flashcards.export.qwen3_names import open_model
from flashcards.trainer.opening import open_learner
from tests.export.llama_cpp import ask, going_on
from tests.export.runs import FILLED, a_run
from tests.golden import check_words


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
    target = exported(kind, tmp_path)
    training, model = open_learner(a_run(kind)), open_model(a_run(kind))
    prompts = [card.prompt for card in training.deck.cards]
    n = training.learner.settings.filled_to
    written = [f"{prompt}{'<unk>' * (n - len(prompt))}<answer>" for prompt in prompts]
    text = going_on(target, written, model.longest_answer)
    system = {"role": "system", "content": "You are a helpful assistant.\nBe brief."}
    question = {"role": "user", "content": prompts[0]}
    before = [{"role": "user", "content": prompts[1]}, {"role": "assistant", "content": "x"}]
    chats: list[list[dict[str, str]]] = [[question], [system, question]]
    chats += [[*before, question], [system, *before, question]]
    asked = ask(target, [("chat", {"messages": chat, "temperature": 0.0}) for chat in chats])
    replies = [reply["choices"][0]["message"]["content"] for reply in asked]
    ours = [answer.text for answer in training.learner.answer_each(prompts)]
    assert text == ours
    assert replies == [ours[0]] * len(chats)
    assert len(set(ours)) > 5


def test_words_are_refused_with_the_reason_and_nothing_is_left(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flashcards.export.gguf_file.library", lambda: None)
    target = tmp_path / "model.gguf"
    assert main(["export", str(a_run("word", 1)), "--to", "gguf", "-o", str(target)]) == 1
    check_words("export: words as GGUF", capsys.readouterr().err, run=a_run("word", 1).name)
    assert list(tmp_path.iterdir()) == []
