"""An ONNX file is run by ONNX Runtime and transformers.js, which give the program's own answers."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from flashcards.cli import main
from flashcards.export.qwen3_names import open_model
from flashcards.learner.tokenizer import ANSWER_ID, END_ID
from flashcards.trainer.opening import open_learner
from tests.export.runs import FILLED, KINDS, a_run
from tests.waiting import PATIENCE_S

NODE = os.environ.get("FLASHCARDS_TRANSFORMERS_JS", "")  # where npm installed it

RUN = """
const [transformers, folder, kind] = process.argv.slice(2);
const { AutoTokenizer, AutoModelForCausalLM, env } = await import(transformers);
env.allowRemoteModels = false;
env.localModelPath = folder;
const tokenizer = await AutoTokenizer.from_pretrained(kind);
const model = await AutoModelForCausalLM.from_pretrained(kind, { dtype: "fp32" });
const said = [];
for (const prompt of JSON.parse(process.env.PROMPTS)) {
  const read = tokenizer(prompt);
  const ids = await model.generate({ ...read });
  const answer = ids.tolist()[0].slice(read.input_ids.dims[1]);
  said.push(tokenizer.decode(answer, { skip_special_tokens: true }));
}
console.log("SAID " + JSON.stringify(said));
"""


def exported(kind: str, folder: Path) -> Path:
    assert main(["export", str(a_run(kind)), "--to", "onnx", "-o", str(folder / kind)]) == 0
    return folder / kind


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["char", FILLED])
def test_onnx_runtime_gives_the_same_answer_to_every_card(kind: str, tmp_path: Path) -> None:
    runtime: Any = pytest.importorskip("onnxruntime")
    folder = exported(kind, tmp_path)
    assert not (folder / "model.safetensors").exists()
    session = runtime.InferenceSession(folder / "onnx" / "model.onnx")
    model, training = open_model(a_run(kind)), open_learner(a_run(kind))
    prompts = [card.prompt for card in training.deck.cards]
    ours = [answer.text for answer in training.learner.answer_each(prompts)]
    assert [answered(session, model, prompt) for prompt in prompts] == ours


def answered(session: Any, model: Any, prompt: str) -> str:
    shape = (1, model.settings.n_heads, 0, model.head_width)
    names = [one.name for one in session.get_inputs()]
    past = {name: np.zeros(shape, np.float32) for name in names if name.startswith("past")}
    ids, n_read, answer = [*model.tokenizer.prompts([prompt])[0], ANSWER_ID], 0, list[int]()
    while len(answer) < model.longest_answer:
        n_read += len(ids)
        given = {
            "input_ids": np.array([ids]),
            "attention_mask": np.ones((1, n_read), np.int64),
            "position_ids": np.arange(n_read - len(ids), n_read)[None],
        }
        logits, *kept = session.run(None, given | past)
        ids = [int(logits[0, -1].argmax())]
        if ids == [END_ID]:
            break
        answer += ids
        past = dict(zip(past, kept, strict=True))
    return str(model.tokenizer.text(answer))


@pytest.mark.slow
@pytest.mark.skipif(not NODE, reason="FLASHCARDS_TRANSFORMERS_JS names no folder")
@pytest.mark.parametrize("kind", [*KINDS, FILLED])
def test_transformers_js_gives_the_same_answer_to_every_card(kind: str, tmp_path: Path) -> None:
    exported(kind, tmp_path)
    training = open_learner(a_run(kind))
    prompts = [card.prompt for card in training.deck.cards][:60]
    script = tmp_path / "run.mjs"
    script.write_text(RUN, encoding="utf-8")
    package = Path(NODE) / "node_modules" / "@huggingface" / "transformers"
    entry = package / "dist" / "transformers.node.mjs"
    node = shutil.which("node")
    assert node is not None
    done = subprocess.run(
        [node, script, entry.as_uri(), tmp_path, kind],
        env={**os.environ, "PROMPTS": json.dumps(prompts)},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )
    assert "SAID " in done.stdout, done.stderr
    facts = json.loads(done.stdout.split("SAID ")[1])
    ours = [answer.text for answer in training.learner.answer_each(prompts)]
    assert facts == ours
