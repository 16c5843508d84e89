"""A brought model as it was taught, for other programs: merged, or its adapter alone.

Its weights are the averaged ones, which `ask` and the exams use.
"""

import copy
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import torch
from torch import Tensor

from flashcards.base.files import Refused
from flashcards.cards.card import Deck, filled
from flashcards.cards.printable import as_markdown
from flashcards.export.gguf_file import library, written
from flashcards.export.hf import N_SHOWN, scores_table
from flashcards.learner import saving
from flashcards.learner.brought import base, gguf_folder, model_folder, opener, pieces, products
from flashcards.runs.folder import BaseModel, RunFolder
from flashcards.runs.recording import Recording
from flashcards.runs.state import RunState
from flashcards.trainer.again.traveller import learner_at

COPIED = (
    "tokenizer.json",
    "tokenizer.model",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "vocab.json",
    "merges.txt",
    "chat_template.jinja",
    "generation_config.json",
)
"""Files of a Hugging Face folder that teaching changes nothing of."""

IN_GGUF = {"llama": "llama", "mistral": "llama", "qwen2": "qwen2", "qwen3": "qwen3"}
"""Kinds of models that are written as GGUF here, and llama.cpp's names of them; its own script
converts the others."""

CONTROL, USER_DEFINED, BYTE = 3, 4, 6  # llama.cpp's types of pieces that are no spelling

USE = """\
```python
from transformers import AutoTokenizer, pipeline
{load}
prompt = {prompt}
print(go_on(prompt, max_new_tokens={n_pieces}, do_sample=False)[0]["generated_text"])
```"""

MERGED = 'go_on = pipeline("text-generation", ".")  # this folder'
AGAIN = """\
# The base was read from {file}. Should its folder be gone, this writes it again:
# python -m flashcards.learner.brought.gguf_folder FILE {folder}
"""

ADAPTER = """\
from peft import AutoPeftModelForCausalLM

model = AutoPeftModelForCausalLM.from_pretrained(".")  # this folder
tokenizer = AutoTokenizer.from_pretrained({base})
go_on = pipeline("text-generation", model, tokenizer=tokenizer)"""


@dataclass(frozen=True)
class TaughtModel:
    """A brought model of a run, at one step. `noted`: where it came from; `state`: the run's."""

    run: str
    deck: Deck
    step: int
    weights: base.BroughtWeights
    pieces: pieces.PieceFile
    noted: BaseModel
    state: RunState
    n_answer_pieces: int

    @torch.no_grad()
    def tensors(self) -> dict[str, Tensor]:
        """All numbers, float32, by the names that transformers has for them, with what the adapter
        learned in them."""
        from peft.tuners.tuners_utils import BaseTunerLayer

        model = self.weights.base.network.model
        numbers = {**self.weights.base.own, **self.weights.numbers}
        tensors = {
            k: v for k, v in numbers.items() if ".lora_" not in k and ".base_layer." not in k
        }
        for name, module in model.named_modules():
            if isinstance(module, BaseTunerLayer):
                layer: Any = copy.deepcopy(module)  # a linear layer with `merge` beside
                for part, tensor in layer.named_parameters():
                    tensor.data.copy_(numbers[f"{name}.{part}"])
                layer.merge()
                own = layer.get_base_layer().named_parameters()
                tensors |= {f"{name}.{part}": tensor.data for part, tensor in own}
        return {name: tensor.detach().contiguous() for name, tensor in tensors.items()}

    @property
    def _origin(self) -> Path:
        """The folder that the model was read from."""
        path = Path(self.noted.path)
        return gguf_folder.converted(path) if path.is_file() else path

    @property
    def _base_name(self) -> str:
        """The name by which others find the base: of a model of the hub its own."""
        origin = self._origin
        return self.noted.name if origin.parent.name == "snapshots" else str(origin)

    def adapter(self) -> dict[str, bytes]:
        """The files of the adapter alone, as peft reads them.
        Raises Refused: no adapter was taught."""
        network = self.weights.base.network
        if network.lora_config is None:
            raise Refused(f"{self.run} was not taught by an adapter: --to hf alone exports it")
        learned = self.weights.numbers.items()
        tensors = {
            f"base_model.model.{name.replace(f'.{products.ADAPTER_NAME}', '')}": tensor.detach()
            for name, tensor in learned
        }
        plain = network.lora_config.to_dict()
        config = {k: v for k, v in plain.items() if k in opener.ADAPTER_SETTINGS and v}
        config |= {
            "peft_type": "LORA",
            "task_type": "CAUSAL_LM",
            "bias": "none",
            "base_model_name_or_path": self._base_name,
            "target_modules": sorted(plain["target_modules"]),
            "lora_dropout": 0.0,
            "inference_mode": True,
        }
        metadata = {"format": "pt", "base_sha256": self.noted.sha256}
        load = ADAPTER.format(base=json.dumps(self._base_name))
        if Path(self.noted.path).is_file():
            metadata[opener.BASE_FILE] = self.noted.path
            load = AGAIN.format(file=json.dumps(self.noted.path), folder=self._base_name) + load
        return {
            opener.ADAPTER_CONFIG: _json(config),
            opener.ADAPTER_FILE: saving.as_safetensors(tensors, metadata, {}),
            "README.md": self._card("An adapter (LoRA, peft's format)", load),
        }

    def folder(self) -> dict[str, bytes]:
        """The files of the merged model, as transformers loads them.
        Raises Refused: a GGUF file stretches positions in a way that config.json can't say."""
        origin = self._origin
        if (origin / gguf_folder.FACTORS).is_file():
            why = "stretches positions in a way that config.json has no words for"
            raise Refused(f"{self.noted.path} {why}: use --to gguf")
        originals = (origin / name for name in COPIED)
        copied = {path.name: model_folder.read_own(path) for path in originals if path.is_file()}
        config = model_folder.read_json(origin / "config.json")
        config |= {"dtype": "float32", "torch_dtype": "float32"}
        return {
            **copied,
            "config.json": _json(config),
            "model.safetensors": saving.as_safetensors(self.tensors(), {"format": "pt"}, {}),
            "README.md": self._card("A model, merged with what it learned", MERGED),
        }

    def _card(self, what: str, load: str) -> bytes:
        cards = [self.deck.cards[i] for i in self.deck.taught[:N_SHOWN]]
        questions = [filled(self.deck.ask, card.prompt) for card in cards]
        use = (
            USE.format(
                load=load,
                prompt=json.dumps(questions[0], ensure_ascii=False),
                n_pieces=self.n_answer_pieces,
            )
            if cards
            else ""
        )
        name = as_markdown(self.noted.name)
        parts = [
            f"# {name}, taught {as_markdown(self.deck.name)}",
            f"{what}, of run {as_markdown(self.run)} at step {self.step:,}, by the program "
            f"flashcards. The model it began from is {name}, whose licence holds (SHA-256 of its "
            f"files: {self.noted.sha256}).",
            "## Scores",
            scores_table(self.state),
            "## How to ask it",
            f"It goes on with a text. The cards were asked as “{as_markdown(self.deck.ask)}”.",
            use,
            "\n".join(
                f"- {as_markdown(question)} → {as_markdown(card.answer)}"
                for question, card in zip(questions, cards, strict=True)
            ),
        ]
        return "\n\n".join(part for part in parts if part).encode("utf-8", "replace") + b"\n"

    def gguf(self) -> bytes:
        """The merged model as llama.cpp reads it, in 32-bit numbers.
        Raises Refused: it is of a kind that isn't written here, or the package is missing."""
        library()
        family = self.weights.base.settings.family
        network = self.weights.base.network
        config = network.config
        has_window = family == "mistral" and config.sliding_window is not None
        if family not in IN_GGUF or has_window:
            window = " with a sliding window" if has_window else ""
            raise Refused(
                f"models of kind {family}{window} are not written as GGUF here, only "
                f"{', '.join(IN_GGUF)} are: --to hf writes a folder, and convert_hf_to_gguf.py of "
                "llama.cpp makes a GGUF file of it"
            )
        kind = IN_GGUF[family]
        tensors = self.tensors()
        for name in tensors if kind == "llama" else ():
            if "self_attn.q_proj" in name:
                tensors[name] = in_pairs(tensors[name], config.num_attention_heads)
            elif "self_attn.k_proj" in name:
                tensors[name] = in_pairs(tensors[name], config.num_key_value_heads)
        width = (
            getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
        )
        rope = config.rope_parameters

        def describe(writer: Any) -> None:
            writer.add_name(f"{self.noted.name}, taught {self.deck.name}")
            self._add_pieces(writer)
            frequencies = network.model.get_decoder().rotary_emb.inv_freq
            plain = rope["rope_theta"] ** -(torch.arange(0, width, 2) / width)
            if not torch.allclose(factors := plain / frequencies, torch.ones(()), atol=1e-5):
                writer.add_tensor("rope_freqs.weight", factors.float().numpy())

        return written(
            {
                "model_type": kind,
                "vocab_size": config.vocab_size,
                "max_position_embeddings": config.max_position_embeddings,
                "hidden_size": config.hidden_size,
                "num_hidden_layers": config.num_hidden_layers,
                "intermediate_size": config.intermediate_size,
                "num_attention_heads": config.num_attention_heads,
                "num_key_value_heads": config.num_key_value_heads,
                "head_dim": width,
                "rope_theta": rope["rope_theta"],
                "rms_norm_eps": config.rms_norm_eps,
            },
            tensors,
            describe,
        )

    def _add_pieces(self, writer: Any) -> None:
        tokenizer = self.pieces.tokenizer
        n_rows = self.pieces.n_rows
        added = {token["id"]: token for token in tokenizer.get("added_tokens", [])}
        vocabulary = tokenizer["model"].get("vocab")
        if not isinstance(vocabulary, Mapping):
            raise Refused(f"{self.run} cuts text as llama.cpp does not: --to hf exports it")
        texts = {i: text for text, i in vocabulary.items()}
        texts |= {i: token["content"] for i, token in added.items()}
        kinds = {i: CONTROL if token["special"] else USER_DEFINED for i, token in added.items()}
        merges = tokenizer["model"]["merges"]
        merges = [merge if isinstance(merge, str) else " ".join(merge) for merge in merges]
        names = [texts.get(i, f"[unused{i}]") for i in range(n_rows)]
        if tokenizer["model"].get("byte_fallback"):  # Llama-2's: the best score is merged first
            ranks = {
                merge.replace(" ", ""): -float(i) for i, merge in reversed([*enumerate(merges)])
            }
            kinds |= {i: BYTE for i, name in enumerate(names) if name.startswith("<0x")}
            writer.add_tokenizer_model("llama")
            writer.add_tokenizer_pre("default")
            writer.add_token_scores([ranks.get(name, -1e6) for name in names])
            writer.add_add_space_prefix(True)
        else:
            writer.add_tokenizer_model("gpt2")
            writer.add_tokenizer_pre(self._words(tokenizer))
            writer.add_token_merges(merges)
        writer.add_token_list(names)
        writer.add_token_types([kinds.get(i, 1) for i in range(n_rows)])
        writer.add_eos_token_id(self.pieces.end_id)
        ids = {text: i for i, text in texts.items()}
        for name, add in (
            ("bos_token", writer.add_bos_token_id),
            ("unk_token", writer.add_unk_token_id),
            ("pad_token", writer.add_pad_token_id),
        ):
            if (text := self.pieces.special.get(name)) in ids:
                add(ids[text])
        begins = pieces.BroughtPieces(msgspec.json.encode(self.pieces)).prompts([""])[0]
        if begins:
            writer.add_bos_token_id(begins[0])
        writer.add_add_bos_token(bool(begins))
        if self.pieces.chat_template:
            writer.add_chat_template(self.pieces.chat_template)

    def _words(self, tokenizer: Mapping[str, Any]) -> str:
        """llama.cpp's name of how this tokenizer cuts words. Raises Refused: it has none."""
        before = tokenizer.get("pre_tokenizer") or {}
        steps = before.get("pretokenizers", [before])
        first = {key: steps[0].get(key) for key in ("type", "pattern", "individual_digits")}
        alone = {} if first["type"] == "ByteLevel" else {k: v for k, v in first.items() if v}
        for name, words in gguf_folder.WORDS.items():
            if name and words == alone:
                return name
        raise Refused(f"{self.run} cuts text as llama.cpp does not: --to hf exports it")


def in_pairs(rows: Tensor, n_heads: int) -> Tensor:
    """The rows of each head as llama.cpp keeps them: those of a pair side by side
    (convert_hf_to_gguf.py, LlamaModel.permute)."""
    by_head = rows.view(n_heads, 2, -1, *rows.shape[1:])
    return by_head.transpose(1, 2).reshape(rows.shape)


def open_taught(
    path: Path, step: int | None = None, on_step: Callable[[int, int], None] = lambda *_: None
) -> TaughtModel | None:
    """The brought model of a run at this step, as `model.open_model` does; None where the run's
    model is this program's own."""
    folder = RunFolder.open(path)
    noted = folder.info.base
    if noted is None or "family" not in folder.info.settings:
        return None
    training = learner_at(path, step, on_step)
    learner = training.learner
    assert isinstance(learner.averaged, base.BroughtWeights)
    return TaughtModel(
        run=path.resolve().name,
        deck=training.deck,
        step=learner.step,
        weights=learner.averaged,
        pieces=msgspec.json.decode(learner.tokenizer_model, type=pieces.PieceFile),
        noted=noted,
        state=Recording.open(folder).state_at(learner.step),
        n_answer_pieces=learner.answer_limit,
    )


def _json(value: object) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n"
