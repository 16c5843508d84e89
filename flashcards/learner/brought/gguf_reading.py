"""Reads a GGUF file: the form of its model, its tokenizer, its numbers as 32-bit ones.

The header is read here, with every length checked against the file; the package `gguf` gives the
numbers back that were rounded (`quants.dequantize`). Format: ggml-org/ggml, docs/gguf.md.
"""

from __future__ import annotations

import base64
import contextlib
import functools
import math
import mmap
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import torch
from torch import Tensor

from flashcards.base.decoding import decode_json
from flashcards.learner.brought.byte_pieces import PieceFile
from flashcards.learner.brought.model_folder import PretrainedError, package
from flashcards.learner.brought.pretrained_settings import FAMILIES

MAGIC = b"GGUF"
VERSIONS = (2, 3)
MAX_DEPTH = 1
MAX_LIST = 4_000_000
SCALARS = dict(zip((0, 1, 2, 3, 4, 5, 6, 7, 10, 11, 12), "BbHhIif?Qqd", strict=True))
STRING, ARRAY = 8, 9

KINDS = ("F32", "F16", "BF16", "Q8_0", "Q4_0", "Q4_1", "Q4_K", "Q6_K")
"""ggml's types of numbers that are known here."""

OWN_VALUES = ("flashcards.settings", "flashcards.tokenizer")
"""Of a model that this program exported: JSON, and bytes in base64."""

CONTROL, USER_DEFINED = 3, 4  # types of pieces that are no spelling

LLAMA3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|"
    r" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
WORDS: dict[str, dict[str, Any]] = {
    "gpt-2": {},
    "default": {},
    "smollm": {"type": "Digits", "individual_digits": True},
    "llama-bpe": {"type": "Split", "pattern": {"Regex": LLAMA3}},
    "qwen2": {"type": "Split", "pattern": {"Regex": LLAMA3.replace("{1,3}", "")}},
}
"""The ways in which text is cut into words before pieces are looked for (llama.cpp:
src/llama-vocab.cpp), by the file's name of it, as `tokenizers` writes it."""


@functools.cache
def _names() -> Any:
    gguf = package("gguf")
    return gguf.get_tensor_name_map(gguf.MODEL_ARCH.QWEN3, 128)


def gguf_name(name: str) -> str:
    """llama.cpp's name of this tensor: model.layers.0.mlp.up_proj.weight is blk.0.ffn_up.weight."""
    of_llama_cpp: str = _names().get_name(name, try_suffixes=(".weight", ".bias"))
    return of_llama_cpp


class _Entry(NamedTuple):
    kind: int
    shape: tuple[int, ...]  # as torch has it
    start: int


class GgufFile:
    """An open file. Raises PretrainedError, wherever it is read, for what is wrong with it."""

    def __init__(self, path: Path, data: mmap.mmap) -> None:
        self.path = path
        self._data = data
        self._at = 0
        try:
            self._read_header()
        except (struct.error, UnicodeDecodeError, OverflowError) as error:
            raise self._damaged(str(error)) from error

    @classmethod
    @contextlib.contextmanager
    def open(cls, path: Path) -> Iterator[GgufFile]:
        try:
            with path.open("rb") as file:
                data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as error:
            raise PretrainedError(f"{path} can't be read: {error}") from error
        with data:
            yield cls(path, data)

    def _damaged(self, why: str) -> PretrainedError:
        return PretrainedError(f"{self.path} is damaged or no GGUF file: {why}")

    # -- the header

    def _read_header(self) -> None:
        if self._data[:4] != MAGIC:
            raise self._damaged("it does not begin as one")
        self._at = 4
        version, n_tensors, n_values = self._take("<IQQ")
        if version not in VERSIONS:
            raise self._damaged(f"version {version} is not known")
        self.values: dict[str, Any] = {}
        for _ in range(n_values):
            name = self._text()
            (kind,) = self._take("<I")
            self.values[name] = self._value(kind)
        self._entries: dict[str, _Entry] = {}
        for _ in range(n_tensors):
            name = self._text()
            (n_dimensions,) = self._take("<I")
            if n_dimensions > 4:
                raise self._damaged(f"{name} has {n_dimensions} dimensions")
            shape = self._take(f"<{n_dimensions}Q")
            kind, start = self._take("<IQ")
            self._entries[name] = _Entry(kind, tuple(reversed(shape)), start)
        step = self.values.get("general.alignment", 32)
        if not isinstance(step, int) or not 0 < step <= 1 << 20:
            raise self._damaged("its alignment is wrong")
        self._body = -(-self._at // step) * step

    def _take(self, form: str) -> tuple[Any, ...]:
        values = struct.unpack_from(form, self._data, self._at)
        self._at += struct.calcsize(form)
        return values

    def _text(self) -> str:
        (length,) = self._take("<Q")
        if length > len(self._data) - self._at:
            raise self._damaged("a text is longer than the file")
        start = self._at
        self._at += length
        return self._data[start : self._at].decode("utf-8")

    def _value(self, kind: int, depth: int = 0) -> Any:
        if kind in SCALARS:
            return self._take(f"<{SCALARS[kind]}")[0]
        if kind == STRING:
            return self._text()
        if kind != ARRAY or depth > MAX_DEPTH:
            raise self._damaged(f"a value has the unknown kind {kind}")
        inner, length = self._take("<IQ")
        if length > min(MAX_LIST, len(self._data) - self._at):
            raise self._damaged(f"a list has {length:,} entries")
        if inner in SCALARS:
            return list(self._take(f"<{length}{SCALARS[inner]}"))
        return [self._value(inner, depth + 1) for _ in range(length)]

    # -- what is in it

    def _get(self, name: str, default: Any = None) -> Any:
        """A value of this architecture. Raises PretrainedError: it is missing."""
        value = self.values.get(f"{self.values.get('general.architecture')}.{name}", default)
        if value is None:
            raise self._damaged(f"it does not say its {name}")
        return value

    def form(self) -> dict[str, Any]:
        """The form that `PretrainedSettings` takes."""
        family = self.values.get("general.architecture")
        if family not in FAMILIES:
            kinds = ", ".join(FAMILIES)
            raise PretrainedError(f"{self.path} is a model of kind {family}; known are {kinds}")
        embedding = self._entries.get("token_embd.weight")
        if embedding is None:
            raise self._damaged("it has no embedding")
        width = self._get("embedding_length")
        n_heads = self._get("attention.head_count")
        try:
            return {
                "family": family,
                "tokenizer": "bpe",
                "vocabulary": embedding.shape[0],
                "n_layers": self._get("block_count"),
                "width": width,
                "n_heads": n_heads,
                "n_kv_heads": self._get("attention.head_count_kv", n_heads),
                "key_width": self._get("attention.key_length", width // n_heads),
                "hidden": self._get("feed_forward_length"),
                "norm_epsilon": self._get("attention.layer_norm_rms_epsilon"),
                "rope_base": self._get("rope.freq_base", 10000.0),
                "is_tied": "output.weight" not in self._entries,
                "context": int(self._get("context_length", 0)),
            }
        except (TypeError, ValueError, ZeroDivisionError) as error:
            raise self._damaged(str(error)) from error

    def shape(self, name: str) -> tuple[int, ...] | None:
        """The shape of a tensor by transformers' name; None where it is not there."""
        entry = self._entries.get(gguf_name(name))
        return None if entry is None else entry.shape

    def read(self, name: str) -> Tensor:
        """A tensor by transformers' name, float32, with its rows in transformers' order."""
        tensor = self._read(gguf_name(name))
        if self.values["general.architecture"] == "llama":
            if name.endswith("q_proj.weight"):
                return _in_halves(tensor, self._get("attention.head_count"))
            if name.endswith("k_proj.weight"):
                n_heads = self._get("attention.head_count")
                return _in_halves(tensor, self._get("attention.head_count_kv", n_heads))
        return tensor

    def rotary_factors(self) -> Tensor | None:
        """The numbers by which frequencies are divided.
        Raises PretrainedError: in another way than known."""
        kind = self._get("rope.scaling.type", "linear")
        if kind not in ("none", "linear"):
            raise PretrainedError(
                f"{self.path} stretches positions by {kind}, which isn't known here"
            )
        by = self._get("rope.scaling.factor", self._get("rope.scale_linear", 1.0))
        by = float(by) if kind == "linear" and by else 1.0
        if "rope_freqs.weight" in self._entries:
            return self._read("rope_freqs.weight") * by
        return None if by == 1.0 else torch.full((self.form()["key_width"] // 2,), by)

    def _read(self, name: str) -> Tensor:
        import numpy as np

        gguf = package("gguf")
        entry = self._entries[name]
        kinds = {gguf.GGMLQuantizationType[kind].value: kind for kind in KINDS}
        if entry.kind not in kinds:
            raise PretrainedError(
                f"{self.path} holds numbers of a type that isn't known here (ggml's {entry.kind}); "
                f"known are {', '.join(KINDS)}"
            )
        kind = gguf.GGMLQuantizationType(entry.kind)
        n_numbers, n_bytes = gguf.GGML_QUANT_SIZES[kind]
        *rows, columns = entry.shape
        row_bytes = columns // n_numbers * n_bytes
        size = math.prod(rows) * row_bytes
        start = self._body + entry.start
        if columns % n_numbers or start + size > len(self._data):
            raise self._damaged(f"{name} is longer than the file")
        raw = np.frombuffer(self._data[start : start + size], np.uint8)
        types = {"F32": np.float32, "F16": np.float16}
        of = types.get(kinds[entry.kind])
        shaped = raw.reshape(*rows, row_bytes) if of is None else raw.view(of)
        numbers = gguf.quants.dequantize(shaped, kind)
        return torch.from_numpy(np.array(numbers, np.float32).reshape(entry.shape))

    def own(self) -> tuple[dict[str, Any], bytes] | None:
        """Settings and tokenizer of a model that this program exported."""
        settings, tokenizer = (self.values.get(name) for name in OWN_VALUES)
        if not isinstance(settings, str) or not isinstance(tokenizer, str):
            return None
        try:
            return decode_json(settings, dict[str, Any]), base64.b64decode(tokenizer)
        except (ValueError, msgspec.DecodeError) as error:
            raise self._damaged(str(error)) from error

    def pieces(self) -> bytes:
        """The tokenizer as tokenizer.json has it."""
        kind = self.values.get("tokenizer.ggml.model")
        pre = self.values.get("tokenizer.ggml.pre")
        if kind != "gpt2" or pre not in WORDS:
            raise PretrainedError(
                f"{self.path} cuts text by a tokenizer that isn't known here ({kind}, {pre}); a "
                "folder in Hugging Face layout brings its own"
            )
        texts, merges, types = (
            self.values.get(f"tokenizer.ggml.{name}") for name in ("tokens", "merges", "token_type")
        )
        end = self.values.get("tokenizer.ggml.eos_token_id")
        if not (texts and isinstance(merges, list) and isinstance(end, int)):
            raise self._damaged("its tokenizer is not whole")
        types = types if isinstance(types, list) and len(types) == len(texts) else [1] * len(texts)
        bpe = package("tokenizers")
        words = WORDS[pre]
        pairs = [tuple(str(merge).split(" ", 1)) for merge in merges]
        vocabulary = {text: i for i, text in enumerate(texts)}
        try:
            model = bpe.models.BPE(vocabulary, pairs, ignore_merges=pre == "llama-bpe")
        except Exception as error:  # the package raises Exception itself
            raise self._damaged(f"its tokenizer: {error}") from error
        tokenizer = bpe.Tokenizer(model)
        for text, kind in zip(texts, types, strict=True):
            if kind in (CONTROL, USER_DEFINED):
                is_control = kind == CONTROL
                token = bpe.AddedToken(text, special=is_control, normalized=False)
                (tokenizer.add_special_tokens if is_control else tokenizer.add_tokens)([token])
        if pre == "qwen2":
            tokenizer.normalizer = bpe.normalizers.NFC()
        tokenizer.decoder = bpe.decoders.ByteLevel()
        begin = self.values.get("tokenizer.ggml.bos_token_id")
        is_begun = self.values.get("tokenizer.ggml.add_bos_token", pre == "llama-bpe")
        if is_begun and isinstance(begin, int) and 0 <= begin < len(texts):
            first = texts[begin]
            tokenizer.post_processor = bpe.processors.TemplateProcessing(
                single=[first, "$A"], special_tokens=[(first, begin)]
            )
        file = msgspec.json.decode(tokenizer.to_str(), type=dict[str, Any])
        is_split = words.get("type") == "Split"
        cut = {**words, "behavior": "Isolated", "invert": False} if is_split else words
        level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": False}
        file["pre_tokenizer"] = {
            "type": "Sequence",
            "pretokenizers": [*([cut] if words else []), {**level, "use_regex": not is_split}],
        }
        saved = PieceFile(
            tokenizer=file,
            end_id=end,
            n_rows=self._entries["token_embd.weight"].shape[0],
            chat_template=str(self.values.get("tokenizer.chat_template", "")),
        )
        return msgspec.json.encode(saved)


def in_pairs(rows: Tensor, n_heads: int) -> Tensor:
    """The rows of each head as llama.cpp keeps them: what `_in_halves` undoes."""
    by_head = rows.view(n_heads, 2, -1, *rows.shape[1:])
    return by_head.transpose(1, 2).reshape(rows.shape)


def _in_halves(rows: Tensor, n_heads: int) -> Tensor:
    """The rows of each head with the first of every pair in its first half: llama.cpp keeps pairs
    side by side (convert_hf_to_gguf.py, LlamaModel.permute)."""
    by_head = rows.view(n_heads, -1, 2, *rows.shape[1:])
    return by_head.transpose(1, 2).reshape(rows.shape)
