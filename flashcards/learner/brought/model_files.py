"""A model's files, looked at: a folder in Hugging Face layout, or a GGUF file.

Nothing large is read, and nothing is ever run: no pickle, no code that a folder brings.
"""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import msgspec
import torch
from torch import Tensor

from flashcards.learner.brought import byte_pieces, gguf_reading, pretrained_settings
from flashcards.learner.brought.model_folder import (
    PretrainedError,
    check_is_model,
    numbers_in,
    package,
    read_json,
    read_own,
)
from flashcards.runs.folder import name_of_model
from flashcards.runs.run_files import MAX_TOKENIZER_BYTES, read_file

OWN, OWN_TOKENIZER = "flashcards", "flashcards-tokenizer.model"
"""The names that this program's own models have in config.json, and their tokenizer's file."""

DTYPES = ("F32", "F16", "BF16")

Read = Callable[[str], Tensor]  # the tensor of this name, float32, rows of matrices as outputs


class ModelFiles(msgspec.Struct, frozen=True):
    """A model's file or files, looked at: nothing large was read yet.

    Attributes:
        shape: Of a tensor, by transformers' name; None where it is not there.
        files: What is hashed, with `stretched`: how a folder says that positions are.
        own: Of a model that this program exported, its settings and its tokenizer.
    """

    name: str
    form: dict[str, Any]  # what `PretrainedSettings` takes of it
    pieces: Callable[[], bytes]  # its tokenizer, to be read when it is wanted
    shape: Callable[[str], tuple[int, ...] | None]
    read: Read  # gives a tensor
    rotary_factors: Callable[[], Tensor | None]  # as `Base` has them
    files: tuple[Path, ...]
    own: tuple[Mapping[str, Any], bytes] | None = None
    stretched: bytes = b""


def looked_at(path: Path, stack: ExitStack) -> ModelFiles:
    """The files of the folder or file. Raises PretrainedError: no model that can be used."""
    check_is_model(path)
    return _gguf(path, stack) if path.suffix == ".gguf" else _folder(path, stack)


def _folder(path: Path, stack: ExitStack) -> ModelFiles:
    config = read_json(path / "config.json")
    if "auto_map" in config:
        raise PretrainedError(f"{path} brings code of its own (auto_map), which is never run")
    form = _form_of(path, config)
    files = numbers_in(path)
    safetensors = package("safetensors")
    opened: dict[str, Any] = {}
    shapes: dict[str, tuple[int, ...]] = {}
    for file in files:
        try:
            tensors = stack.enter_context(safetensors.safe_open(file, framework="pt"))
            for name in tensors.keys():  # noqa: SIM118
                part = tensors.get_slice(name)
                if part.get_dtype() in DTYPES:
                    shapes[name] = tuple(part.get_shape())
                    opened[name] = tensors
        except (OSError, safetensors.SafetensorError) as error:
            raise PretrainedError(f"{file} is damaged: {error}") from error

    def read(name: str) -> Tensor:
        tensor: Tensor = opened[name].get_tensor(name).to(torch.float32)
        return tensor

    def pieces() -> bytes:
        file = byte_pieces.PieceFile(
            tokenizer=read_json(path / "tokenizer.json"),
            end_id=_end_of(path, config),
            n_rows=form["vocabulary"],
            chat_template=_chat_template(path),
        )
        return msgspec.json.encode(file)

    own = None
    tokenizer = path / OWN_TOKENIZER
    if isinstance(config.get(OWN), dict) and tokenizer.is_file():
        own = config[OWN], read_file(tokenizer.resolve(), MAX_TOKENIZER_BYTES)
    scaling = config.get("rope_scaling") or config.get("rope_parameters") or {}
    return ModelFiles(
        name=name_of_model(path),
        form=form,
        pieces=pieces,
        shape=shapes.get,
        read=read,
        rotary_factors=lambda: _factors(path, form, scaling),
        files=tuple(files),
        own=own,
        stretched=msgspec.json.encode(scaling, order="sorted"),
    )


def _form_of(path: Path, config: Mapping[str, Any]) -> dict[str, Any]:
    family = config.get("model_type")
    if family not in pretrained_settings.FAMILIES:
        kinds = ", ".join(pretrained_settings.FAMILIES)
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


def _end_of(path: Path, config: Mapping[str, Any]) -> int:
    generation = path / "generation_config.json"
    settings = read_json(generation) if generation.is_file() else {}
    end = settings.get("eos_token_id", config.get("eos_token_id"))
    end = end[0] if isinstance(end, list) and end else end
    if not isinstance(end, int):
        raise PretrainedError(f"{path / 'config.json'} names no eos_token_id: nothing would end")
    return end


def _chat_template(path: Path) -> str:
    alone = path / "chat_template.jinja"
    config = path / "tokenizer_config.json"
    if alone.is_file():
        return read_own(alone).decode("utf-8", "replace")
    template = read_json(config).get("chat_template") if config.is_file() else ""
    if isinstance(template, list):  # several, by name
        template = {named["name"]: named["template"] for named in template}.get("default")
    return template if isinstance(template, str) else ""


def _factors(path: Path, form: Mapping[str, Any], scaling: Mapping[str, Any]) -> Tensor | None:
    """The numbers by which frequencies are divided (transformers: modeling_rope_utils.py)."""
    kind = scaling.get("rope_type", scaling.get("type", "default"))
    if kind == "default":
        return None
    if kind == "linear":
        return torch.full((form["key_width"] // 2,), float(scaling["factor"]))
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


def _gguf(path: Path, stack: ExitStack) -> ModelFiles:
    file = stack.enter_context(gguf_reading.GgufFile.open(path))
    return ModelFiles(
        name=name_of_model(path),
        form=file.form(),
        pieces=file.pieces,
        shape=file.shape,
        read=file.read,
        rotary_factors=file.rotary_factors,
        files=(path,),
        own=file.own(),
    )
