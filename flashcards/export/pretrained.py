"""A brought model as it was taught, for other programs: merged, or its adapter alone.

Its weights are the averaged ones, which `ask` and the exams use.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import torch
from torch import Tensor

from flashcards.base.files import Refused
from flashcards.cards.printable import as_markdown
from flashcards.export.gguf_file import written
from flashcards.learner import saving
from flashcards.learner.brought import byte_pieces, llama, model_folder, opener
from flashcards.learner.brought.gguf_reading import CONTROL, USER_DEFINED, WORDS, in_pairs
from flashcards.runs.folder import BaseModel, RunFolder
from flashcards.trainer.again.traveller import learner_at

COPIED = (
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "vocab.json",
    "merges.txt",
    "chat_template.jinja",
    "generation_config.json",
)
"""Files of a Hugging Face folder that teaching changes nothing of."""

CLASSES = {"llama": "LlamaForCausalLM", "qwen2": "Qwen2ForCausalLM", "qwen3": "Qwen3ForCausalLM"}


@dataclass(frozen=True)
class TaughtModel:
    """A brought model of a run, at one step. `base` is where it came from."""

    run: str
    deck_name: str
    step: int
    weights: llama.LlamaWeights
    pieces: byte_pieces.PieceFile
    base: BaseModel

    @torch.no_grad()
    def tensors(self) -> dict[str, Tensor]:
        """All numbers, float32, by transformers' names, with what the adapter learned in them."""
        numbers = {**self.weights.base.numbers, **self.weights.learned}
        tensors: dict[str, Tensor] = {}
        for name, parts in opener.transformers_names(self.weights.settings):
            tensor = numbers[name]
            if f"{name}.reduce" in numbers:
                _, layer, part = name.split(".")
                linear: llama.Linear = getattr(self.weights.decoder[int(layer)], part)
                tensor = linear.merged()
            for part, rows in zip(parts, self._cut(tensor, len(parts)), strict=True):
                tensors[part] = rows.detach().contiguous()
        return tensors

    def _cut(self, tensor: Tensor, n_parts: int) -> Sequence[Tensor]:
        if n_parts == 3:
            return torch.split(tensor, list(self.weights.settings.qkv_rows))
        return tensor.chunk(n_parts)

    def adapter(self) -> dict[str, bytes]:
        """The files of the adapter alone, as peft reads them.
        Raises Refused: no adapter was taught."""
        settings = self.weights.settings
        learned = self.weights.learned
        if settings.learned != "adapter":
            raise Refused(f"{self.run} was not taught by an adapter: --to hf alone exports it")
        tensors: dict[str, Tensor] = {}
        for name, parts in opener.peft_names(settings):
            for part, rows in zip(parts, learned[name].chunk(len(parts)), strict=True):
                tensors[part] = rows.detach().contiguous()
        targets = {name.split(".")[-3] for name in tensors}
        config = {
            "peft_type": "LORA",
            "task_type": "CAUSAL_LM",
            "bias": "none",
            "base_model_name_or_path": self.base.path,
            "target_modules": sorted(targets),
            "r": settings.rank,
            "lora_alpha": llama.SCALE * settings.rank,
            "lora_dropout": 0.0,
            "fan_in_fan_out": False,
            "inference_mode": True,
        }
        metadata = {"format": "pt", "base_sha256": self.base.sha256}
        return {
            opener.ADAPTER_CONFIG: _json(config),
            opener.ADAPTER_FILE: saving.as_safetensors(tensors, metadata, {}),
            "README.md": self._card("An adapter (LoRA, peft's format)"),
        }

    def folder(self) -> dict[str, bytes]:
        """The files of the merged model, as transformers loads them.
        Raises Refused: a GGUF file doesn't say how its positions are stretched."""
        origin = Path(self.base.path)
        config = self._config()
        copied: dict[str, bytes] = {"tokenizer.json": _json(self.pieces.tokenizer)}
        if origin.is_dir():
            config = model_folder.read_json(origin / "config.json")
            originals = (origin / name for name in COPIED)
            copied = {
                path.name: model_folder.read_own(path) for path in originals if path.is_file()
            }
        elif self.weights.base.rotary_factors is not None:
            raise Refused(f"{origin} doesn't say how its positions are stretched: use --to gguf")
        elif self.pieces.chat_template:
            copied["chat_template.jinja"] = self.pieces.chat_template.encode()
        config |= {"dtype": "float32", "torch_dtype": "float32"}
        return {
            **copied,
            "config.json": _json(config),
            "model.safetensors": saving.as_safetensors(self.tensors(), {"format": "pt"}, {}),
            "README.md": self._card("A model, merged with what it learned"),
        }

    def _config(self) -> dict[str, Any]:
        settings = self.weights.settings
        return {
            "architectures": [CLASSES[settings.family]],
            "model_type": settings.family,
            "vocab_size": settings.vocabulary,
            "hidden_size": settings.width,
            "intermediate_size": settings.hidden,
            "num_hidden_layers": settings.n_layers,
            "num_attention_heads": settings.n_heads,
            "num_key_value_heads": settings.n_kv_heads,
            "head_dim": settings.key_width,
            "hidden_act": "silu",
            "rms_norm_eps": settings.norm_epsilon,
            "rope_theta": settings.rope_base,
            "rope_parameters": {"rope_type": "default", "rope_theta": settings.rope_base},
            "tie_word_embeddings": settings.is_tied,
            "eos_token_id": self.pieces.end_id,
            "bos_token_id": None,
        }

    def _card(self, what: str) -> bytes:
        lines = [
            f"# {as_markdown(self.base.name)}, taught {as_markdown(self.deck_name)}",
            f"{what}, of run {as_markdown(self.run)} at step {self.step:,}, by the program "
            f"flashcards. The model it began from is {as_markdown(self.base.name)}, whose licence "
            f"holds (SHA-256 of its files: {self.base.sha256}).",
        ]
        return "\n\n".join(lines).encode("utf-8", "replace") + b"\n"

    def gguf(self) -> bytes:
        """The merged model as llama.cpp reads it, in 32-bit numbers.
        Raises Refused: llama.cpp has no such tokenizer, or the package is missing."""
        settings = self.weights.settings
        tensors = self.tensors()
        for name in tensors if settings.family == "llama" else ():
            if "self_attn.q_proj" in name:
                tensors[name] = in_pairs(tensors[name], settings.n_heads)
            elif "self_attn.k_proj" in name:
                tensors[name] = in_pairs(tensors[name], settings.n_kv_heads)

        def describe(writer: Any) -> None:
            writer.add_name(f"{self.base.name}, taught {self.deck_name}")
            self._add_pieces(writer)
            if (factors := self.weights.base.rotary_factors) is not None:
                writer.add_tensor("rope_freqs.weight", factors.numpy())

        config = {**self._config(), "max_position_embeddings": settings.max_pieces}
        return written(config, tensors, describe)

    def _add_pieces(self, writer: Any) -> None:
        tokenizer = self.pieces.tokenizer
        n_rows = self.pieces.n_rows
        added = {token["id"]: token for token in tokenizer.get("added_tokens", [])}
        texts = {i: text for text, i in tokenizer["model"]["vocab"].items()}
        texts |= {i: token["content"] for i, token in added.items()}
        kinds = {i: CONTROL if token["special"] else USER_DEFINED for i, token in added.items()}
        writer.add_tokenizer_model("gpt2")
        writer.add_tokenizer_pre(self._words(tokenizer))
        writer.add_token_list([texts.get(i, f"[unused{i}]") for i in range(n_rows)])
        writer.add_token_types([kinds.get(i, 1) for i in range(n_rows)])
        merges = tokenizer["model"]["merges"]
        writer.add_token_merges([m if isinstance(m, str) else " ".join(m) for m in merges])
        writer.add_eos_token_id(self.pieces.end_id)
        first = (tokenizer.get("post_processor") or {}).get("special_tokens") or {}
        for token in first.values():
            writer.add_bos_token_id(token["ids"][0])
        writer.add_add_bos_token(bool(first))
        if self.pieces.chat_template:
            writer.add_chat_template(self.pieces.chat_template)

    def _words(self, tokenizer: Mapping[str, Any]) -> str:
        """llama.cpp's name of how this tokenizer cuts words. Raises Refused: it has none."""
        before = tokenizer.get("pre_tokenizer") or {}
        steps = before.get("pretokenizers", [before])
        first = {key: steps[0].get(key) for key in ("type", "pattern", "individual_digits")}
        alone = {} if first["type"] == "ByteLevel" else {k: v for k, v in first.items() if v}
        for name, words in WORDS.items():
            if words == alone:
                return name
        raise Refused(f"{self.run} cuts text as llama.cpp does not: --to hf exports it")


def open_taught(
    path: Path, step: int | None = None, on_step: Callable[[int, int], None] = lambda *_: None
) -> TaughtModel | None:
    """The brought model of a run at this step, as `model.open_model` does; None where the run's
    model is this program's own."""
    info = RunFolder.open(path).info
    base = info.base
    if base is None or "family" not in info.settings:
        return None
    training = learner_at(path, step, on_step)
    learner = training.learner
    assert isinstance(learner.averaged, llama.LlamaWeights)
    pieces = msgspec.json.decode(learner.tokenizer_model, type=byte_pieces.PieceFile)
    name = training.deck.name
    run = path.resolve().name
    return TaughtModel(run, name, learner.step, learner.averaged, pieces, base)


def _json(value: object) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n"
