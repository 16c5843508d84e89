"""Opens a model that others have trained: a Hugging Face folder or a GGUF file.

Nothing of it is ever run: no pickle, no code that a folder brings. What a file says of its sizes is
checked before memory is taken. The packages of the extra `pretrained` are loaded here alone.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import torch
from torch import Tensor

from flashcards.base.system import available_bytes
from flashcards.cards.card import Deck
from flashcards.learner.byte_pieces import PieceFile, PretrainedError, package, pieces_of
from flashcards.learner.gguf_reading import GgufFile
from flashcards.learner.llama import SCALE, Base, LlamaWeights
from flashcards.learner.model import as_qwen3, n_parameters_of, views
from flashcards.learner.pretrained_settings import FAMILIES, PretrainedSettings
from flashcards.learner.settings import NO_SETTINGS, LearnerSettings, SettingsError, converted
from flashcards.learner.tokenizer import TokenizerError
from flashcards.runs.files import MAX_TOKENIZER_BYTES, decode_json, read_file
from flashcards.runs.folder import BaseModel
from flashcards.runs.values import Settings

MAX_JSON_BYTES = 64 << 20
"""Of tokenizer.json, the largest: of 200,000 pieces it has 20 MB."""
OWN, OWN_TOKENIZER = "flashcards", "flashcards-tokenizer.model"
"""What this program's own models have in config.json, and their tokenizer's file."""

FLOAT_BYTES = 4
WORK_BYTES = 600_000_000
"""Besides the model's numbers: torch itself, and what an update of a few cards keeps."""

LEARNING_COPIES = 5
"""Of a number that learns: itself, its average, its gradient, and Adam's two averages."""

DTYPES = ("F32", "F16", "BF16")

Read = Callable[[str], Tensor]
"""The tensor of this name, float32, rows of matrices as outputs."""


class ModelFiles(msgspec.Struct, frozen=True):
    """A model's file or files, looked at: nothing large was read yet.

    Attributes:
        form: What `PretrainedSettings` takes of it.
        pieces: Its tokenizer, to be read when it is wanted.
        shapes: Of the tensors that are there, by transformers' names.
        read: Gives one of them.
        rotary_factors: As `Base` has them.
        files: What is hashed.
        own: Of a model that this program exported, its settings and its tokenizer.
    """

    name: str
    form: dict[str, Any]
    pieces: Callable[[], bytes]
    shapes: Mapping[str, tuple[int, ...]]
    read: Read
    rotary_factors: Callable[[], Tensor | None]
    files: tuple[Path, ...]
    own: tuple[Mapping[str, Any], bytes] | None = None


@dataclass(frozen=True)
class Brought:
    """A model as a run begins with it.

    Attributes:
        numbers: What learns, flat.
        base: What doesn't; None of a model that this program made, which learns as its own do.
        noted: What a run keeps of it.
    """

    settings: LearnerSettings
    pieces: bytes
    numbers: Tensor
    base: Base | None
    noted: BaseModel


def bring(path: str | Path, deck: Deck, chosen: Settings = NO_SETTINGS, seed: int = 1) -> Brought:
    """The model in this folder or file, to be taught this deck; an adapter that peft or this
    program wrote, with its base.
    Raises PretrainedError: it can't be used. Raises SettingsError: a chosen setting can't be."""
    path = Path(path).expanduser().absolute()
    adapter = _adapter_in(path)
    if adapter is not None:
        chosen = {**chosen, "learned": "adapter", "rank": adapter.rank}
        path = adapter.base
    with ExitStack() as stack:
        source = looked_at(path, stack)
        if source.own is not None:
            return _own(path, source, *source.own, chosen)
        try:
            plain = PretrainedSettings.of_form(source.form)
        except SettingsError as error:
            raise PretrainedError(f"{path} can't be used: {error}") from error
        settings = plain.for_model(deck, source.form["context"], chosen)
        base = _read(path, source, settings)
        pieces = source.pieces()
    _check_pieces(path, pieces)
    noted = BaseModel(
        path=str(path), sha256=base.sha256, name=source.name, n_numbers=settings.n_numbers
    )
    numbers = base.new_numbers(seed)
    if adapter is not None:
        adapter.put(base.views(numbers))
    return Brought(settings, pieces, numbers, base, noted)


def _own(
    path: Path, source: ModelFiles, own: Mapping[str, Any], pieces: bytes, chosen: Settings
) -> Brought:
    """A model that this program exported: it answers as it did there, to the bit."""
    try:
        settings = converted(LearnerSettings, dict(own), chosen)
        numbers = torch.zeros(n_parameters_of(settings, pieces_of(pieces).n_vocabulary))
        weights = views(numbers, settings, pieces_of(pieces).n_vocabulary)
        for name, part in as_qwen3(weights).items():
            part.copy_(source.read(name))
    except (SettingsError, TokenizerError, KeyError, OSError, RuntimeError, ValueError) as error:
        raise PretrainedError(f"{path} can't be used: {error}") from error
    noted = BaseModel(
        path=str(path), sha256=_hash(source.files), name=source.name, n_numbers=len(numbers)
    )
    return Brought(settings, pieces, numbers, None, noted)


def bring_again(noted: BaseModel, settings: PretrainedSettings) -> Base:
    """The base model of a run, as it was. Raises PretrainedError: it is gone, or another one."""
    return _bring_again(noted, settings)


@functools.lru_cache(1)
def _bring_again(noted: BaseModel, settings: PretrainedSettings) -> Base:
    path = Path(noted.path)
    if not path.exists():
        raise PretrainedError(
            f"the run teaches an adapter of {noted.name}, and its model is not there: {path} "
            "is missing; put it there again"
        )
    with ExitStack() as stack:
        base = _read(path, looked_at(path, stack), settings)
    if base.sha256 != noted.sha256:
        raise PretrainedError(
            f"{path} is not the {noted.name} that the run began with: its content has changed"
        )
    return base


def looked_at(path: Path, stack: ExitStack) -> ModelFiles:
    """What is in the folder or file. Raises PretrainedError: no model that can be used."""
    if path.suffix == ".gguf":
        return _gguf(path, stack)
    if path.is_file():
        raise PretrainedError(
            f"{path} is no model: name a folder with config.json and safetensors, or a GGUF file"
        )
    return _folder(path, stack)


def _read(path: Path, source: ModelFiles, settings: PretrainedSettings) -> Base:
    """All numbers. Raises PretrainedError: they don't fit the form, or into memory."""
    _check_memory(path, settings)
    wanted = dict(transformers_names(settings))
    shapes = settings.shapes()
    for name, parts in wanted.items():
        found = [source.shapes.get(part) for part in parts]
        if None in found:
            part = parts[found.index(None)]
            raise PretrainedError(f"{path} is damaged or no such model: {part} is missing")
        rows = sum(shape[0] for shape in found if shape)
        columns = {shape[1:] for shape in found if shape}
        if (rows, *columns) != (shapes[name][0], shapes[name][1:]):
            raise PretrainedError(f"{path} is damaged: {parts[0]} has another size than it says")
    try:
        sha256 = _hash(source.files)
        numbers = {name: _joined(source.read, parts) for name, parts in wanted.items()}
        factors = source.rotary_factors()
    except (OSError, ValueError, RuntimeError) as error:
        raise PretrainedError(f"{path} can't be read: {error}") from error
    return Base(settings, numbers, factors, sha256)


def _joined(read: Read, parts: Iterable[str]) -> Tensor:
    found = [read(part) for part in parts]
    return found[0] if len(found) == 1 else torch.cat(found)


def transformers_names(settings: PretrainedSettings) -> Iterator[tuple[str, tuple[str, ...]]]:
    """By our name the tensors, by transformers' names, whose rows it holds."""
    attention, mlp = "self_attn.", "mlp."
    parts = {
        "attention_norm": ("input_layernorm",),
        "qkv": tuple(f"{attention}{part}_proj" for part in "qkv"),
        "output": (f"{attention}o_proj",),
        "mlp_norm": ("post_attention_layernorm",),
        "gate_up": (f"{mlp}gate_proj", f"{mlp}up_proj"),
        "down": (f"{mlp}down_proj",),
        "query_norm": (f"{attention}q_norm",),
        "key_norm": (f"{attention}k_norm",),
    }
    outer = {"embedding": "embed_tokens", "final_norm": "norm"}
    for name in settings.shapes():
        if name == "head":
            yield name, ("lm_head.weight",)
        elif name in outer:
            yield name, (f"model.{outer[name]}.weight",)
        else:
            _, layer, part = name.split(".")
            kind = "bias" if part.endswith("_bias") else "weight"
            of = parts[part.removesuffix("_bias")]
            yield name, tuple(f"model.layers.{layer}.{one}.{kind}" for one in of)


def _check_memory(path: Path, settings: PretrainedSettings) -> None:
    needed = FLOAT_BYTES * (settings.n_numbers + LEARNING_COPIES * settings.n_learned)
    needed += WORK_BYTES
    available = available_bytes()
    if available is not None and needed > available:
        raise PretrainedError(
            f"{path.name} has {settings.n_numbers / 1e6:,.0f} million numbers and takes "
            f"{needed / 1e9:.1f} GB to teach; {available / 1e9:.1f} GB of memory are free"
        )


def _check_pieces(path: Path, pieces: bytes) -> None:
    try:
        pieces_of(pieces)
    except TokenizerError as error:
        raise PretrainedError(f"the tokenizer of {path} can't be used: {error}") from error


def _hash(files: Iterable[Path]) -> str:
    found = hashlib.sha256()
    for path in files:
        with path.open("rb") as file:
            found.update(hashlib.file_digest(file, "sha256").digest())
    return found.hexdigest()


# -- a folder in Hugging Face layout


def _folder(path: Path, stack: ExitStack) -> ModelFiles:
    if not path.is_dir():
        raise PretrainedError(f"there is no model at {path}")
    config = _json(path / "config.json")
    if "auto_map" in config:
        raise PretrainedError(f"{path} brings code of its own (auto_map), which is never run")
    form = _form_of(path, config)
    files = _safetensors(path)
    safetensors = package("safetensors")
    opened: dict[str, Any] = {}
    shapes: dict[str, tuple[int, ...]] = {}
    for file in files:
        try:
            one = stack.enter_context(safetensors.safe_open(file, framework="pt"))
            for name in one.keys():  # noqa: SIM118
                part = one.get_slice(name)
                if part.get_dtype() in DTYPES:
                    shapes[name], opened[name] = tuple(part.get_shape()), one
        except (OSError, safetensors.SafetensorError) as error:
            raise PretrainedError(f"{file} is damaged: {error}") from error

    def read(name: str) -> Tensor:
        found: Tensor = opened[name].get_tensor(name).to(torch.float32)
        return found

    def pieces() -> bytes:
        end = _end_of(path, config)
        file = PieceFile(
            tokenizer=_json(path / "tokenizer.json"),
            end_id=end,
            n_rows=form["vocabulary"],
            chat_template=_chat_template(path),
        )
        return file.to_bytes()

    scaling = config.get("rope_scaling") or config.get("rope_parameters") or {}
    of_hub = path.parent.parent.name if path.parent.name == "snapshots" else ""
    return ModelFiles(
        name=of_hub.removeprefix("models--").replace("--", "/") or path.name,
        form=form,
        pieces=pieces,
        shapes=shapes,
        read=read,
        rotary_factors=lambda: _llama3_factors(path, form, scaling),
        files=tuple(files),
        own=_own_of(path, config),
    )


def _own_of(path: Path, config: Mapping[str, Any]) -> tuple[Mapping[str, Any], bytes] | None:
    tokenizer = path / OWN_TOKENIZER
    if not isinstance(config.get(OWN), dict) or not tokenizer.is_file():
        return None
    return config[OWN], read_file(tokenizer.resolve(), MAX_TOKENIZER_BYTES)


def _json(path: Path) -> dict[str, Any]:
    try:
        # a file of the Hugging Face cache is a link
        return decode_json(read_file(path.resolve(), MAX_JSON_BYTES), dict[str, Any])
    except OSError as error:
        raise PretrainedError(f"{path} can't be read: {error.strerror or error}") from error
    except msgspec.DecodeError as error:
        raise PretrainedError(f"{path} is damaged: {error}") from error


def _form_of(path: Path, config: Mapping[str, Any]) -> dict[str, Any]:
    family = config.get("model_type")
    if family not in FAMILIES:
        kinds = ", ".join(FAMILIES)
        raise PretrainedError(f"{path} is a model of kind {family}; known are {kinds}")
    rope = config.get("rope_parameters") or {}
    heads = config.get("num_attention_heads", 0)
    odd = {
        "attention_bias": family != "qwen2" and config.get("attention_bias"),
        "mlp_bias": config.get("mlp_bias"),
        "use_sliding_window": config.get("use_sliding_window"),
        "hidden_act": config.get("hidden_act", "silu") != "silu",
        "quantization_config": config.get("quantization_config"),
    }
    for name, is_odd in odd.items():
        if is_odd:
            raise PretrainedError(f"{path} wants {name}={config[name]}, which isn't known here")
    try:
        return {
            "family": family,
            "tokenizer": "bpe",
            "vocabulary": config["vocab_size"],
            "n_layers": config["num_hidden_layers"],
            "width": config["hidden_size"],
            "n_heads": heads,
            "n_kv_heads": config.get("num_key_value_heads") or heads,
            "key_width": config.get("head_dim") or config["hidden_size"] // max(1, heads),
            "hidden": config["intermediate_size"],
            "norm_epsilon": config.get("rms_norm_eps", 1e-6),
            "rope_base": float(config.get("rope_theta") or rope.get("rope_theta") or 10000.0),
            "is_tied": bool(config.get("tie_word_embeddings", False)),
            "context": int(config.get("max_position_embeddings") or 0),
        }
    except (KeyError, TypeError, ValueError) as error:
        raise PretrainedError(f"{path / 'config.json'} is damaged: {error} is wrong") from error


def _safetensors(path: Path) -> list[Path]:
    """The files with the numbers, in order. Raises PretrainedError: there are none."""
    index = path / "model.safetensors.index.json"
    if index.is_file():
        names = _json(index).get("weight_map", {})
        files = sorted({path / Path(str(name)).name for name in names.values()})
    else:
        files = sorted(path.glob("*.safetensors"))
    if missing := [file.name for file in files if not file.is_file()]:
        raise PretrainedError(f"{path} is not whole: {missing[0]} is missing")
    if not files:
        others = [file.name for file in (*path.glob("*.bin"), *path.glob("*.pt*"))]
        why = f": {others[0]} may run code when it is opened, so it isn't" if others else ""
        raise PretrainedError(f"{path} holds no safetensors file{why}")
    return files


def _end_of(path: Path, config: Mapping[str, Any]) -> int:
    generation = path / "generation_config.json"
    told = _json(generation) if generation.is_file() else {}
    end = told.get("eos_token_id", config.get("eos_token_id"))
    end = end[0] if isinstance(end, list) and end else end
    if not isinstance(end, int):
        raise PretrainedError(f"{path / 'config.json'} names no eos_token_id: nothing would end")
    return end


def _chat_template(path: Path) -> str:
    alone, config = path / "chat_template.jinja", path / "tokenizer_config.json"
    if alone.is_file():
        return alone.read_text(encoding="utf-8", errors="replace")
    found = _json(config).get("chat_template") if config.is_file() else ""
    return found if isinstance(found, str) else ""


def _llama3_factors(
    path: Path, form: Mapping[str, Any], scaling: Mapping[str, Any]
) -> Tensor | None:
    """By which frequencies are divided (transformers: modeling_rope_utils.py, llama3)."""
    kind = scaling.get("rope_type", scaling.get("type", "default"))
    if kind == "default":
        return None
    if kind != "llama3":
        raise PretrainedError(f"{path} stretches positions by {kind}, which isn't known here")
    width = form["key_width"]
    exponents = torch.arange(0, width, 2, dtype=torch.float32) / width
    wavelengths = 2 * torch.pi * form["rope_base"] ** exponents
    factor, low, high = (
        float(scaling[name]) for name in ("factor", "low_freq_factor", "high_freq_factor")
    )
    turns = float(scaling["original_max_position_embeddings"]) / wavelengths
    share = ((turns - low) / (high - low)).clamp(0, 1)  # of the frequency as it is
    factors: Tensor = 1 / (share + (1 - share) / factor)
    return factors


# -- a GGUF file


def _gguf(path: Path, stack: ExitStack) -> ModelFiles:
    file = stack.enter_context(GgufFile.open(path))
    return ModelFiles(
        name=path.stem,
        form=file.form(),
        pieces=file.pieces,
        shapes=file.shapes(),
        read=file.read,
        rotary_factors=file.rotary_factors,
        files=(path,),
        own=file.own(),
    )


# -- an adapter in peft's format


class SavedAdapter(NamedTuple):
    """An adapter's file, to be put beside its base."""

    path: Path
    base: Path
    rank: int
    scale: float
    """Its products are multiplied by this, as a share of what this program multiplies by."""

    def put(self, weights: LlamaWeights) -> None:
        """Copy its numbers into the adapter of these weights.
        Raises PretrainedError: it is damaged or another model's."""
        safetensors = package("safetensors.torch")
        try:
            tensors = safetensors.load_file(self.path / ADAPTER_FILE)
            for name, parts in peft_names(weights.settings):
                found = torch.cat([tensors.pop(part).float() for part in parts])
                weights.learned[name].copy_(found * (self.scale if ".expand." in name else 1.0))
        except (KeyError, OSError, RuntimeError, ValueError) as error:
            raise PretrainedError(f"{self.path} is damaged or of another model: {error}") from error
        if tensors:
            raise PretrainedError(
                f"{self.path} also changes {min(tensors)}, which isn't known here"
            )


ADAPTER_CONFIG, ADAPTER_FILE = "adapter_config.json", "adapter_model.safetensors"


def _adapter_in(path: Path) -> SavedAdapter | None:
    """The adapter in this folder; None where there is none."""
    if not (path / ADAPTER_CONFIG).is_file():
        return None
    config = _json(path / ADAPTER_CONFIG)
    base, rank, alpha = (
        config.get(name) for name in ("base_model_name_or_path", "r", "lora_alpha")
    )
    if not (isinstance(base, str) and isinstance(rank, int) and isinstance(alpha, int | float)):
        raise PretrainedError(f"{path / ADAPTER_CONFIG} is damaged")
    if config.get("peft_type") != "LORA" or config.get("use_dora") or config.get("use_rslora"):
        raise PretrainedError(f"{path} is an adapter of a kind that isn't known here; LORA is")
    if not Path(base).exists():
        raise PretrainedError(f"{path} is an adapter of {base}, which is not there")
    return SavedAdapter(path, Path(base), rank, alpha / max(1, rank) / SCALE)


def peft_names(settings: PretrainedSettings) -> Iterator[tuple[str, tuple[str, ...]]]:
    """By the name of what an adapter learns the tensors, by peft's names, whose rows it holds."""
    for name, parts in transformers_names(settings):
        if name in settings.adapted():
            stems = [f"base_model.model.{part.removesuffix('.weight')}" for part in parts]
            yield f"{name}.reduce", tuple(f"{stem}.lora_A.weight" for stem in stems)
            for place, stem in enumerate(stems):
                yield f"{name}.expand.{place}", (f"{stem}.lora_B.weight",)
