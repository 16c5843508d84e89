"""Opens a model that others have trained, or that this program exported, to be taught.

`transformers` opens it, `peft` an adapter. Nothing of a model is ever run: no pickle, no code that
a folder brings. What a file says of its sizes is checked before memory is taken.
"""

import contextlib
import functools
import hashlib
import logging
import math
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import torch
from torch import Tensor

from flashcards.base.errors import UserError
from flashcards.base.system import available_bytes
from flashcards.cards.card import Deck, DeckMeta
from flashcards.learner.brought import (
    base,
    gguf_folder,
    model_folder,
    network,
    products,
    stacked_states,
)
from flashcards.learner.brought.base import Base
from flashcards.learner.brought.model_folder import PretrainedError, first_line, package
from flashcards.learner.brought.pieces import PieceFile, pieces_of
from flashcards.learner.brought.pretrained_settings import PretrainedSettings
from flashcards.learner.model import as_qwen3, n_parameters_of, views
from flashcards.learner.saving import NOT_FINITE, is_finite
from flashcards.learner.settings import NO_SETTINGS, LearnerSettings, converted
from flashcards.runs.folder import BaseModel, name_of_model
from flashcards.runs.run_files import MAX_TOKENIZER_BYTES, read_file
from flashcards.runs.values import Settings

FLOAT_BYTES = 4
WORK_BYTES = 600_000_000  # besides the model: torch itself, and an update of a few cards
LEARNING_COPIES = 5  # a number that learns, its average, gradient, and Adam's two averages

DTYPES = ("F64", "F32", "F16", "BF16")
"""Formats of numbers that are read; all become 32-bit ones."""


@dataclass(frozen=True)
class Brought:
    """A model as a run begins with it."""

    settings: LearnerSettings
    pieces: bytes
    numbers: Tensor  # what learns, flat
    base: Base | None  # what doesn't; None of a model that this program made
    noted: BaseModel  # what a run keeps of it


def bring(path: str | Path, deck: Deck, chosen: Settings = NO_SETTINGS, seed: int = 1) -> Brought:
    """The model in this folder or file, to be taught this deck; an adapter that peft or this
    program wrote, with its base.
    Raises PretrainedError: it can't be used. Raises SettingsError: a chosen setting can't be."""
    path = Path(path).expanduser().absolute()
    with _error_named(f"{path} is damaged"):
        return _bring(path, deck, chosen, seed)


def check(path: Path) -> None:
    """Raises PretrainedError: the model can't be used, whatever the deck. Nothing large is read."""
    with _error_named(f"{path} is damaged"):
        adapter = _adapter_in(path)
        opened = _looked_at(path if adapter is None else adapter.base)
        if opened.own is None:
            nothing = Deck(slug="", meta=DeckMeta(), cards=())
            _settings(opened, nothing, NO_SETTINGS)
            _check_pieces(opened.path, opened.pieces())


@dataclass(frozen=True)
class _Folder:
    """A model's folder, looked at: nothing large was read yet.

    Attributes:
        path: As it was named; a GGUF file, too.
        folder: Where transformers reads it.
        config: transformers' of it; `raw` is config.json as it stands there.
        own: Of a model that this program exported, its settings and its tokenizer.
    """

    path: Path
    folder: Path
    files: list[Path]
    raw: Mapping[str, Any]
    config: Any
    own: tuple[Mapping[str, Any], bytes] | None

    def pieces(self) -> bytes:
        return msgspec.json.encode(_piece_file(self))

    def sha256(self) -> str:
        """Of the numbers, and of how they are read."""
        form = {k: v for k, v in self.raw.items() if k not in VOLATILE}
        return self._hash(msgspec.json.encode(form, order="sorted"))

    def earlier_sha256(self) -> str:
        """As runs have it whose `is_stacked` says so."""
        raw = self.raw
        is_folder = self.path.is_dir()
        scaling = raw.get("rope_scaling") or raw.get("rope_parameters") or {} if is_folder else None
        start = b"" if scaling is None else msgspec.json.encode(scaling, order="sorted")
        return self._hash(start)

    def _hash(self, start: bytes) -> str:
        digest = hashlib.sha256(start)
        for path in self.files:
            digest.update(bytes.fromhex(gguf_folder.sha256_of(path)))
        return digest.hexdigest()


VOLATILE = ("_name_or_path", "transformers_version", "use_cache", "dtype", "torch_dtype")
"""Settings in config.json that change no number."""


def _looked_at(path: Path) -> _Folder:
    """Raises PretrainedError: no model that can be used."""
    model_folder.check_is_model(path)
    folder = gguf_folder.converted(path) if path.is_file() else path
    model_folder.check_links(folder)
    raw = model_folder.read_json(folder / "config.json")
    files = model_folder.numbers_in(folder)
    own = None
    tokenizer = folder / model_folder.OWN_TOKENIZER
    if isinstance(raw.get(model_folder.OWN), dict) and tokenizer.is_file():
        own = raw[model_folder.OWN], read_file(tokenizer.resolve(), MAX_TOKENIZER_BYTES)
    config = None if own else _config(path, folder, raw)
    hashed = [path] if path.is_file() else files
    return _Folder(path, folder, hashed, raw, config, own)


def _config(path: Path, folder: Path, raw: Mapping[str, Any]) -> Any:
    """transformers' configuration. Raises PretrainedError: it can't be taught, and why."""
    transformers = _transformers()
    kind = raw.get("model_type")
    known = transformers.models.auto.modeling_auto.MODEL_FOR_CAUSAL_LM_MAPPING_NAMES
    if kind not in known:
        if "auto_map" in raw:
            raise PretrainedError(f"{path} brings code of its own (auto_map), which is never run")
        raise PretrainedError(f"{path} is a model of kind {kind}, which doesn't go on with a text")
    if raw.get("is_encoder_decoder"):
        raise PretrainedError(
            f"{path} has an encoder; only models that go on with a text are taught"
        )
    if quantised := raw.get("quantization_config"):
        method = quantised.get("quant_method", "?") if isinstance(quantised, dict) else "?"
        raise PretrainedError(
            f"{path} keeps its numbers in the format {method}, which can't be taught; bring it in "
            "safetensors of 16 or 32 bits, or as GGUF"
        )
    with _error_named(f"{folder / 'config.json'} is damaged"):
        return transformers.AutoConfig.from_pretrained(
            folder, trust_remote_code=False, local_files_only=True
        )


def _transformers() -> Any:
    """The package, silent: what it has to say is an error here, or nobody's business."""
    transformers = package("transformers")
    package("peft")
    logging.getLogger("transformers").setLevel(logging.ERROR)
    transformers.utils.logging.disable_progress_bar()
    return transformers


def _settings(opened: _Folder, deck: Deck, chosen: Settings) -> PretrainedSettings:
    config = opened.config.get_text_config()
    form = {
        "family": opened.raw["model_type"],
        "tokenizer": "bpe",
        "vocabulary": config.vocab_size,
        "n_layers": config.num_hidden_layers,
        "width": config.hidden_size,
        "n_heads": config.num_attention_heads,
    }
    context = int(getattr(config, "max_position_embeddings", 0) or 0)
    passed = UserError if chosen else PretrainedError  # who chose a setting can change it
    with _error_named(f"{opened.path} can't be used", passed):
        plain = PretrainedSettings.of_form(form)
        return plain.for_model(deck, context, _n_numbers(opened), chosen)


def _n_numbers(opened: _Folder) -> int:
    """All numbers of the files. Raises PretrainedError: their format can't be taught."""
    safetensors = package("safetensors")
    n_numbers = 0
    for file in model_folder.numbers_in(opened.folder):
        with (
            _error_named(f"{file} is damaged"),
            safetensors.safe_open(file, framework="pt") as tensors,
        ):
            for name in tensors.keys():  # noqa: SIM118
                part = tensors.get_slice(name)
                if (kind := part.get_dtype()) not in DTYPES and kind[:1] == "F":
                    raise PretrainedError(
                        f"{file} holds numbers of type {kind}, which isn't taught"
                    )
                n_numbers += math.prod(part.get_shape())
    return n_numbers


def _bring(path: Path, deck: Deck, chosen: Settings, seed: int) -> Brought:
    adapter = _adapter_in(path)
    if adapter is not None:
        chosen = {**chosen, "learned": "adapter"}
        path = adapter.base
    opened = _looked_at(path)
    if opened.own is not None:
        return _own(opened, *opened.own, chosen)
    settings = _settings(opened, deck, chosen)
    if adapter is not None:
        config = msgspec.json.encode(adapter.config).decode()
        settings = msgspec.structs.replace(settings, adapter=config, rank=adapter.config["r"])
    pieces = opened.pieces()
    _check_pieces(path, pieces)
    brought = _read(opened, settings, opened.sha256())
    if adapter is not None:
        adapter.put(brought.network)
    noted = BaseModel(
        path=str(path),
        sha256=brought.sha256,
        name=name_of_model(path),
        n_numbers=brought.n_numbers,
    )
    return Brought(settings, pieces, brought.new_numbers(seed), brought, noted)


@functools.lru_cache(1)
def bring_again(noted: BaseModel, saved: bytes) -> Base:
    """The base model of a run, as it was; `saved` are the run's settings, as JSON.
    Raises PretrainedError: it is gone, or another one."""
    settings = msgspec.json.decode(saved, type=PretrainedSettings)
    path = Path(noted.path)
    if not path.exists():
        raise PretrainedError(
            f"the run needs {noted.name}, but {path} is missing; put the file back"
        )
    with _error_named(f"{path} is damaged"):
        opened = _looked_at(path)
        sha256 = opened.earlier_sha256() if settings.is_stacked else opened.sha256()
        if sha256 != noted.sha256:
            raise PretrainedError(
                f"{path} is not the {noted.name} that the run began with: its content has changed"
            )
        return _read(opened, settings, sha256)


def _read(opened: _Folder, settings: PretrainedSettings, sha256: str) -> Base:
    """All numbers. Raises PretrainedError: they don't fit the form, or into memory."""
    path = opened.path
    n_numbers = _n_numbers(opened)
    n_learned = n_numbers if settings.learned == "all" else n_numbers // 20
    wanted = FLOAT_BYTES * (n_numbers + LEARNING_COPIES * n_learned) + WORK_BYTES
    if settings.learned == "adapter":
        wanted += min(FLOAT_BYTES * n_numbers, products.PACKED_BYTES)
    free = available_bytes()
    if free is not None and wanted > free:
        raise PretrainedError(
            f"{path} takes {wanted / 1e9:.1f} GB to teach; {free / 1e9:.1f} GB of memory are free"
        )
    model = _loaded(opened)
    with _error_named(f"{path} can't be taught"):
        brought = network.Network(model)
        gguf_folder.stretch(opened.folder, model)
        brought.check()
    if settings.learned == "adapter":
        base.put_adapter(brought, settings)
    return Base(settings, brought, _groups(brought, settings), sha256)


def _loaded(opened: _Folder) -> Any:
    transformers = _transformers()
    unlike = f"{opened.path} can't be read: its numbers have other sizes than its config.json says"
    with _error_named(unlike), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model, info = transformers.AutoModelForCausalLM.from_pretrained(
            opened.folder,
            config=opened.config,
            dtype=torch.float32,
            attn_implementation="eager",
            trust_remote_code=False,
            use_safetensors=True,
            local_files_only=True,
            output_loading_info=True,
        )
    if missing := sorted(info["missing_keys"]):
        raise PretrainedError(f"{opened.path} is not whole: {missing[0]} is missing")
    for name, part in model.named_buffers():
        if "inv_freq" in name and not (is_finite(part) and (part > 0).all()):
            why = "its positions are stretched by numbers that can't be"
            raise PretrainedError(f"{opened.path} can't be read: {why}")
    for name, part in model.named_parameters():
        if not is_finite(part.detach()):
            raise PretrainedError(f"{opened.path} can't be read: {name} holds {NOT_FINITE}")
    return model


def _groups(brought: network.Network, settings: PretrainedSettings) -> dict[str, tuple[str, ...]]:
    names = dict(brought.model.named_parameters())
    if settings.is_stacked:
        return stacked_states.stacked_groups(settings, names)
    match settings.learned:
        case "adapter":
            learned = [name for name in names if ".lora_" in name]
        case "last_layers":
            first = brought.n_layers - min(settings.n_last_layers, brought.n_layers)
            places = range(first, brought.n_layers)
            starts = tuple(f"{brought.layers_name}.{i}." for i in places)
            learned = [name for name in names if name.startswith(starts)]
            learned += [name for name in names if _is_last_norm(name, brought)]
        case "all":
            learned = list(names)
    return {name: (name,) for name in learned}


def _is_last_norm(name: str, brought: network.Network) -> bool:
    is_in_layer = name.startswith(f"{brought.layers_name}.")
    return not is_in_layer and ("norm" in name or "ln_f" in name) and "embed" not in name


def _own(opened: _Folder, own: Mapping[str, Any], pieces: bytes, chosen: Settings) -> Brought:
    """A model that this program exported: it answers as it did there, to the bit."""
    path = opened.path
    safetensors = package("safetensors")
    with _error_named(f"{path} can't be used", PretrainedError):
        settings = converted(LearnerSettings, dict(own), chosen)
        n_vocabulary = pieces_of(pieces).n_vocabulary
        numbers = torch.zeros(n_parameters_of(settings, n_vocabulary))
        weights = views(numbers, settings, n_vocabulary)
        (file,) = model_folder.numbers_in(opened.folder)
        with safetensors.safe_open(file, framework="pt") as tensors:
            for name, part in as_qwen3(weights).items():
                tensor = tensors.get_tensor(name)
                if tensor.shape != part.shape:
                    raise ValueError(f"{name} has another size")
                if not is_finite(tensor):
                    raise ValueError(f"{name} holds {NOT_FINITE}")
                part.copy_(tensor)
    noted = BaseModel(
        path=str(path), sha256=opened.sha256(), name=name_of_model(path), n_numbers=len(numbers)
    )
    return Brought(settings, pieces, numbers, None, noted)


@contextlib.contextmanager
def _error_named(problem: str, passed: type[UserError] = UserError) -> Iterator[None]:
    """Files may hold anything where a number, a name or a list belongs, and libraries have errors
    of their own for that. Raises PretrainedError: the problem, and what the error says; `passed`
    are sentences already."""
    try:
        yield
    except passed:
        raise
    except Exception as error:
        raise PretrainedError(f"{problem}: {first_line(error)}") from error


# -- the tokenizer


def _piece_file(opened: _Folder) -> PieceFile:
    """Raises PretrainedError: it has none, or none that `tokenizers` can be."""
    transformers = _transformers()
    folder, path = opened.folder, opened.path
    is_written = (folder / "tokenizer.json").is_file()
    kind = transformers.PreTrainedTokenizerFast if is_written else transformers.AutoTokenizer
    with _error_named(f"the tokenizer of {path} is damaged or missing"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tokenizer = kind.from_pretrained(
            folder,
            trust_remote_code=False,
            local_files_only=True,
            clean_up_tokenization_spaces=False,
        )
        text = tokenizer.backend_tokenizer.to_str()
    template = tokenizer.chat_template
    if isinstance(template, dict):
        template = template.get("default")
    end, *others = _ends_of(opened, tokenizer)
    special = {k: str(v) for k, v in tokenizer.special_tokens_map.items() if isinstance(v, str)}
    return PieceFile(
        tokenizer=msgspec.json.decode(text, type=dict[str, Any]),
        end_id=end,
        n_rows=opened.config.get_text_config().vocab_size,
        chat_template=template if isinstance(template, str) else "",
        other_ends=tuple(others),
        special=special,
    )


def _ends_of(opened: _Folder, tokenizer: Any) -> list[int]:
    generation = opened.folder / "generation_config.json"
    settings = model_folder.read_json(generation) if generation.is_file() else {}
    named = (settings.get("eos_token_id"), opened.raw.get("eos_token_id"), tokenizer.eos_token_id)
    end = next((end for end in named if end is not None), None)
    ends = [end for end in (end if isinstance(end, list) else [end]) if isinstance(end, int)]
    if not ends:
        raise PretrainedError(f"{opened.path} names no eos_token_id: nothing would end")
    return ends


def _check_pieces(path: Path, pieces: bytes) -> None:
    with _error_named(f"the tokenizer of {path} can't be used"):
        pieces_of(pieces)


# -- an adapter

ADAPTER_CONFIG = "adapter_config.json"
ADAPTER_FILE = "adapter_model.safetensors"
BASE_FILE = "base_file"  # in its metadata: the GGUF file that its base was read from


@dataclass(frozen=True)
class SavedAdapter:
    """An adapter's folder, to be put beside its base; `config` is what peft says of it."""

    path: Path
    base: Path
    config: dict[str, Any]

    def put(self, brought: network.Network) -> None:
        """Copy its numbers into the adapter of this model.
        Raises PretrainedError: it is damaged or another model's."""
        peft = package("peft")
        safetensors = package("safetensors.torch")
        with _error_named(f"{self.path} is damaged or of another model"):
            tensors = safetensors.load_file(self.path / ADAPTER_FILE)
            for name, tensor in tensors.items():
                if not is_finite(tensor):
                    raise ValueError(f"{name} holds {NOT_FINITE}")
            result = peft.set_peft_model_state_dict(brought.model, tensors)
            missing = [name for name in result.missing_keys if ".lora_" in name]
            if unexpected := [*result.unexpected_keys, *missing]:
                raise ValueError(f"{min(unexpected)} has no place in it")


def _adapter_in(path: Path) -> SavedAdapter | None:
    """The adapter in this folder; None where there is none."""
    if not (path / ADAPTER_CONFIG).is_file():
        return None
    model_folder.check_links(path)
    saved = model_folder.read_json(path / ADAPTER_CONFIG)
    named = saved.get("base_model_name_or_path")
    if saved.get("peft_type") != "LORA" or not isinstance(named, str):
        raise PretrainedError(f"{path} is an adapter of a kind that can't be taught; LORA is")
    if saved.get("bias", "none") != "none" or saved.get("modules_to_save"):
        raise PretrainedError(f"{path} also changes numbers beside its adapter, which isn't taught")
    _transformers()
    config = package("peft").LoraConfig.from_pretrained(path)
    base_folder = _base_at(path, named)
    config.inference_mode = False
    chosen = {k: v for k, v in config.to_dict().items() if k in ADAPTER_SETTINGS and v}
    chosen = {k: sorted(v) if isinstance(v, set) else v for k, v in chosen.items()}
    return SavedAdapter(path, base_folder, chosen)


ADAPTER_SETTINGS = (
    "r",
    "lora_alpha",
    "target_modules",
    "fan_in_fan_out",
    "use_rslora",
    "use_dora",
    "layers_to_transform",
    "layers_pattern",
    "rank_pattern",
    "alpha_pattern",
    "exclude_modules",
)
"""Settings of a brought adapter that a run keeps; the others say how it was trained elsewhere."""


def _base_at(path: Path, named: str) -> Path:
    """The place of an adapter's base: the GGUF file that it was read from, a path, or a model in
    the hub's cache. What a GGUF file was converted to doesn't stay for ever."""
    source = _source_of(path)
    if source is not None and source.is_file():
        return source
    base_folder = Path(named).expanduser().absolute()
    if base_folder.exists():
        return base_folder
    try:
        return Path(package("huggingface_hub").snapshot_download(named, local_files_only=True))
    except (OSError, ValueError) as error:
        how = "" if source is None else f"; put {source} back, which that was read from"
        raise PretrainedError(
            f"{path} is an adapter of {named}, which is not there{how}"
        ) from error


def _source_of(path: Path) -> Path | None:
    """The GGUF file that this adapter's base was read from, as this program noted it."""
    safetensors = package("safetensors")
    try:
        with safetensors.safe_open(path / ADAPTER_FILE, framework="pt") as tensors:
            source = (tensors.metadata() or {}).get(BASE_FILE)
    except (OSError, safetensors.SafetensorError):  # said when its numbers are read
        return None
    return None if source is None else Path(source)
