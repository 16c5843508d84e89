"""Opens a model that others have trained, or that this program exported, to be taught.

Nothing of it is ever run: no pickle, no code that a folder brings. What a file says of its sizes is
checked before memory is taken. The packages of the extra `pretrained` are loaded here alone.
"""

import contextlib
import functools
import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor

from flashcards.base.system import available_bytes
from flashcards.cards.card import Deck, DeckMeta
from flashcards.learner.brought.byte_pieces import pieces_of
from flashcards.learner.brought.llama import SCALE, Base, LlamaWeights
from flashcards.learner.brought.model_files import ModelFiles, looked_at
from flashcards.learner.brought.model_folder import PretrainedError, package, read_json
from flashcards.learner.brought.pretrained_settings import PretrainedSettings
from flashcards.learner.model import as_qwen3, n_parameters_of, views
from flashcards.learner.saving import NOT_FINITE, is_finite
from flashcards.learner.settings import NO_SETTINGS, LearnerSettings, SettingsError, converted
from flashcards.learner.tokenizer import TokenizerError
from flashcards.runs.folder import BaseModel
from flashcards.runs.values import Settings

FLOAT_BYTES = 4
WORK_BYTES = 600_000_000  # besides the model: torch itself, and an update of a few cards

LEARNING_COPIES = 5  # a number that learns, its average, gradient, and Adam's two averages


@dataclass(frozen=True)
class Brought:
    """A model as a run begins with it."""

    settings: LearnerSettings
    pieces: bytes
    numbers: Tensor  # what learns, flat
    base: Base | None  # what doesn't; None of a model that this program made
    noted: BaseModel  # what a run keeps of it


UNREADABLE = (OSError, RuntimeError, ValueError)
BROKEN = (*UNREADABLE, ArithmeticError, AttributeError, LookupError, TypeError)
"""Errors of damaged files, where their values are taken for what they should be."""


OnRead = Callable[[int, int], None]  # told how many numbers were read, and of how many


def bring(
    path: str | Path,
    deck: Deck,
    chosen: Settings = NO_SETTINGS,
    seed: int = 1,
    on_read: OnRead = lambda done, total: None,
) -> Brought:
    """The model in this folder or file, to be taught this deck; an adapter that peft or this
    program wrote, with its base.
    Raises PretrainedError: it can't be used. Raises SettingsError: a chosen setting can't be."""
    path = Path(path).expanduser().absolute()
    with _damage_named(path):
        return _bring(path, deck, chosen, seed, on_read)


def check(path: Path) -> None:
    """Raises PretrainedError: the model can't be used, whatever the deck. Nothing large is read."""
    with _damage_named(path), ExitStack() as stack:
        adapter = _adapter_in(path)
        source = looked_at(path if adapter is None else adapter.base, stack)
        if source.own is None:
            nothing = Deck(slug="", meta=DeckMeta(), cards=())
            _check_sizes(path, source, _settings(path, source, nothing))
            _check_pieces(path, source.pieces())


def _settings(
    path: Path, source: ModelFiles, deck: Deck, chosen: Settings = NO_SETTINGS
) -> PretrainedSettings:
    try:
        plain = PretrainedSettings.of_form(source.form)
    except SettingsError as error:
        raise PretrainedError(f"{path} can't be used: {error}") from error
    return plain.for_model(deck, source.form["context"], chosen)


def _bring(path: Path, deck: Deck, chosen: Settings, seed: int, on_read: OnRead) -> Brought:
    adapter = _adapter_in(path)
    if adapter is not None:
        chosen = {**chosen, "learned": "adapter", "rank": adapter.rank}
        path = adapter.base
    with ExitStack() as stack:
        source = looked_at(path, stack)
        if source.own is not None:
            return _own(path, source, *source.own, chosen)
        settings = _settings(path, source, deck, chosen)
        base = _read(path, source, settings, on_read)
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
            if source.shape(name) != tuple(part.shape):
                raise ValueError(f"{name} has another size")
            part.copy_(_finite(source.read(name), name))
    except (SettingsError, TokenizerError, KeyError, *UNREADABLE) as error:
        raise PretrainedError(f"{path} can't be used: {error}") from error
    noted = BaseModel(
        path=str(path), sha256=_hash(source), name=source.name, n_numbers=len(numbers)
    )
    return Brought(settings, pieces, numbers, None, noted)


@contextlib.contextmanager
def _damage_named(path: Path) -> Iterator[None]:
    """Files may hold anything where a number, a name or a list belongs: then they are damaged."""
    try:
        yield
    except (SettingsError, TokenizerError):
        raise
    except BROKEN as error:
        raise PretrainedError(f"{path} is damaged: {error}") from error


@functools.lru_cache(1)
def bring_again(noted: BaseModel, settings: PretrainedSettings) -> Base:
    """The base model of a run, as it was. Raises PretrainedError: it is gone, or another one."""
    path = Path(noted.path)
    if not path.exists():
        raise PretrainedError(
            f"the run needs {noted.name}, but {path} is missing; put the file back"
        )
    with _damage_named(path), ExitStack() as stack:
        base = _read(path, looked_at(path, stack), settings)
    if base.sha256 != noted.sha256:
        raise PretrainedError(
            f"{path} is not the {noted.name} that the run began with: its content has changed"
        )
    return base


def _check_sizes(path: Path, source: ModelFiles, settings: PretrainedSettings) -> None:
    """Raises PretrainedError: the numbers don't fit the form, or into memory."""
    needed = FLOAT_BYTES * (settings.n_numbers + LEARNING_COPIES * settings.n_learned)
    needed += WORK_BYTES
    available = available_bytes()
    if available is not None and needed > available:
        raise PretrainedError(
            f"{path.name} has {settings.n_numbers / 1e6:,.0f} million numbers and takes "
            f"{needed / 1e9:.1f} GB to teach; {available / 1e9:.1f} GB of memory are free"
        )
    shapes = settings.shapes()
    for name, parts in transformers_names(settings):
        part_shapes = [source.shape(part) for part in parts]
        if None in part_shapes:
            part = parts[part_shapes.index(None)]
            raise PretrainedError(f"{path} is damaged or no such model: {part} is missing")
        rows = sum(shape[0] for shape in part_shapes if shape)
        columns = {shape[1:] for shape in part_shapes if shape}
        if (rows, *columns) != (shapes[name][0], shapes[name][1:]):
            raise PretrainedError(f"{path} is damaged: {parts[0]} has another size than it says")


def _read(
    path: Path,
    source: ModelFiles,
    settings: PretrainedSettings,
    on_read: OnRead = lambda done, total: None,
) -> Base:
    """All numbers. Raises PretrainedError: they don't fit the form, or into memory."""
    _check_sizes(path, source, settings)
    numbers: dict[str, Tensor] = {}
    n_read = 0
    try:
        sha256 = _hash(source)
        for name, parts in transformers_names(settings):
            on_read(n_read, settings.n_numbers)
            tensors = [_finite(source.read(part), part) for part in parts]
            numbers[name] = tensors[0] if len(tensors) == 1 else torch.cat(tensors)
            n_read += numbers[name].numel()
        factors = source.rotary_factors()
        if factors is not None:  # frequencies are divided by these
            is_usable = (factors.isfinite() & (factors > 0)).all()
            if factors.shape != (settings.key_width // 2,) or not is_usable:
                raise ValueError("its positions are stretched by numbers that can't be")
    except UNREADABLE as error:
        raise PretrainedError(f"{path} can't be read: {error}") from error
    return Base(settings, numbers, factors, sha256)


def _finite(numbers: Tensor, name: str) -> Tensor:
    if not is_finite(numbers):
        raise ValueError(f"{name} holds {NOT_FINITE}")
    return numbers


def transformers_names(settings: PretrainedSettings) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Our names, each with transformers' names of the tensors whose rows it holds."""
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
            yield name, tuple(f"model.layers.{layer}.{stem}.{kind}" for stem in of)


def _check_pieces(path: Path, pieces: bytes) -> None:
    try:
        pieces_of(pieces)
    except TokenizerError as error:
        raise PretrainedError(f"the tokenizer of {path} can't be used: {error}") from error


def _hash(source: ModelFiles) -> str:
    digest = hashlib.sha256(source.stretched)
    for path in source.files:
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


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
                tensor = torch.cat([_finite(tensors.pop(part).float(), part) for part in parts])
                if tensor.shape != weights.learned[name].shape:
                    raise ValueError(f"{parts[0]} has another size")
                weights.learned[name].copy_(tensor * (self.scale if ".expand." in name else 1.0))
        except (*BROKEN, package("safetensors").SafetensorError) as error:
            raise PretrainedError(f"{self.path} is damaged or of another model: {error}") from error
        if tensors:
            raise PretrainedError(
                f"{self.path} also changes {min(tensors)}, which isn't known here"
            )


ADAPTER_CONFIG = "adapter_config.json"
ADAPTER_FILE = "adapter_model.safetensors"


def _adapter_in(path: Path) -> SavedAdapter | None:
    """The adapter in this folder; None where there is none."""
    if not (path / ADAPTER_CONFIG).is_file():
        return None
    config = read_json(path / ADAPTER_CONFIG)
    base, rank, alpha = (
        config.get(name) for name in ("base_model_name_or_path", "r", "lora_alpha")
    )
    if not (isinstance(base, str) and isinstance(rank, int) and isinstance(alpha, int | float)):
        raise PretrainedError(f"{path / ADAPTER_CONFIG} is damaged")
    if config.get("peft_type") != "LORA" or config.get("use_dora") or config.get("use_rslora"):
        raise PretrainedError(f"{path} is an adapter of a kind that isn't known here; LORA is")
    if config.get("alpha_pattern") or config.get("rank_pattern"):
        raise PretrainedError(f"{path} is an adapter of several ranks, which isn't known here")
    base_folder = Path(base).expanduser().absolute()
    if not base_folder.exists():
        raise PretrainedError(f"{path} is an adapter of {base}, which is not there")
    return SavedAdapter(path, base_folder, rank, alpha / max(1, rank) / SCALE)


def peft_names(settings: PretrainedSettings) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The names of what an adapter learns, each with peft's of the tensors whose rows it holds."""
    for name, parts in transformers_names(settings):
        if name in settings.adapted():
            stems = [f"base_model.model.{part.removesuffix('.weight')}" for part in parts]
            yield f"{name}.reduce", tuple(f"{stem}.lora_A.weight" for stem in stems)
            for place, stem in enumerate(stems):
                yield f"{name}.expand.{place}", (f"{stem}.lora_B.weight",)
