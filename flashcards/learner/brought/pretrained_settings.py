"""Settings of a model that others have trained, brought by `--model`: its form, how it is taught.

Like `settings`, knows no torch. The form is what config.json or a GGUF file says; it is never a
wish of a deck.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Literal, get_args

import msgspec

from flashcards.cards.card import Deck
from flashcards.learner.settings import (
    NO_SETTINGS,
    LearnerSettings,
    SettingsError,
    converted,
    ranges_of,
)
from flashcards.runs.run_files import MAX_STATE_BYTES
from flashcards.runs.values import Settings

Family = Literal["llama", "qwen2", "qwen3"]
FAMILIES: tuple[Family, ...] = get_args(Family)
Learned = Literal["adapter", "last_layers", "all"]

MAX_NUMBERS = 2_000_000_000
MAX_PIECES = 200_000
SAVED_BYTES = 16  # of a number that learns: itself, its average, and what AdamW keeps of it

ADAPTER_FROM = 50_000_000  # numbers; such models are taught by an adapter by default

ROOM = 512  # pieces of the longest card by default: a card rarely has more than fifty

FORM = (
    "family",
    "vocabulary",
    "n_layers",
    "width",
    "n_heads",
    "n_kv_heads",
    "key_width",
    "hidden",
    "norm_epsilon",
    "rope_base",
    "is_tied",
    "tokenizer",
)
"""Settings that the file gives, and nobody chooses."""


class PretrainedSettings(LearnerSettings, frozen=True, kw_only=True):
    """The form of a brought model, and how it is taught. How rates and rank were chosen:
    docs/real-models.md."""

    family: Family
    vocabulary: Annotated[int, (1, MAX_PIECES)]  # pieces that the model knows, all of them
    n_layers: Annotated[int, (1, 128)]
    width: Annotated[int, (8, 16384)]
    n_heads: Annotated[int, (1, 128)]
    n_kv_heads: Annotated[int, (1, 128)]  # each serves n_heads / n_kv_heads heads of queries
    key_width: Annotated[int, (2, 1024)]  # numbers in a head; it need not be width / n_heads
    hidden: Annotated[int, (8, 65536)]
    norm_epsilon: Annotated[float, (1e-12, 1e-2)] = 1e-6
    is_tied: bool = False  # the head is the embedding
    learned: Learned = "adapter"
    rank: Annotated[int, (1, 256)] = 4  # of the adapter's matrices
    n_last_layers: Annotated[int, (1, 128)] = 4  # if they learn; the last norm does, too
    batch_size: Annotated[int, (1, 4096)] = 4
    growing_steps: Annotated[int, (0, 1_000_000)] = 0
    learning_rate: Annotated[float, (0.0, 1.0)] = 5e-4  # AdamW's, for everything that learns
    weight_decay: Annotated[float, (0.0, 10.0)] = 0.0
    warmup_steps: Annotated[int, (0, 100_000)] = 8
    single_card_factor: Annotated[float, (0.0, 1.0)] = 0.5

    def __post_init__(self) -> None:
        """Raises SettingsError: a number is out of its range, or heads and sizes do not fit."""
        for name, (low, high) in ranges_of(type(self)).items():
            value = getattr(self, name)
            if not (math.isfinite(value) and low <= value <= high):
                raise SettingsError(f"{name} is {value}; it must be from {low:g} to {high:g}")
        if self.n_heads % self.n_kv_heads or self.key_width % 2:
            raise SettingsError(
                f"{self.n_heads} heads of width {self.key_width} can't share {self.n_kv_heads} "
                "heads of keys and values"
            )
        if self.n_numbers > MAX_NUMBERS:
            billions = self.n_numbers / 1e9
            raise SettingsError(f"it has {billions:.1f} billion numbers; 2 billion at most")
        if SAVED_BYTES * self.n_learned > MAX_STATE_BYTES:
            size = SAVED_BYTES * self.n_learned / 1e9
            raise SettingsError(
                f"learned={self.learned} makes saved states of {size:.1f} GB; "
                f"{MAX_STATE_BYTES / 1e9:.1f} at most: let an adapter or the last layers learn"
            )

    @property
    def n_numbers(self) -> int:
        """All numbers of the model, the tied head counted once."""
        return sum(math.prod(shape) for shape in self.shapes().values())

    @property
    def n_learned(self) -> int:
        return sum(math.prod(shape) for shape in self.learned_shapes().values())

    @property
    def head_width(self) -> int:
        return self.key_width

    @property
    def qkv_rows(self) -> tuple[int, int, int]:
        """The numbers of rows of the matrix `qkv` that are of queries, of keys and of values."""
        keys = self.n_kv_heads * self.key_width
        return self.n_heads * self.key_width, keys, keys

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of every tensor by its name; rows of matrices are outputs."""
        width, rows = self.width, self.qkv_rows
        named: dict[str, tuple[int, ...]] = {"embedding": (self.vocabulary, width)}
        for i in range(self.n_layers):
            layer: dict[str, tuple[int, ...]] = {
                "attention_norm": (width,),
                "qkv": (sum(rows), width),
                "output": (width, rows[0]),
                "mlp_norm": (width,),
                "gate_up": (2 * self.hidden, width),
                "down": (width, self.hidden),
            }
            if self.family == "qwen2":
                layer["qkv_bias"] = (sum(rows),)
            if self.family == "qwen3":
                layer["query_norm"] = layer["key_norm"] = (self.key_width,)
            named |= {f"layers.{i}.{name}": shape for name, shape in layer.items()}
        named["final_norm"] = (width,)
        return named if self.is_tied else {**named, "head": (self.vocabulary, width)}

    def adapted(self) -> dict[str, tuple[int, tuple[int, ...]]]:
        """Inputs, and outputs of each part, of every matrix that an adapter stands beside."""
        rows, hidden = self.qkv_rows, self.hidden
        parts = {
            "qkv": (self.width, rows),
            "output": (rows[0], (self.width,)),
            "gate_up": (self.width, (hidden, hidden)),
            "down": (hidden, (self.width,)),
        }
        layers = range(self.n_layers)
        return {f"layers.{i}.{name}": part for i in layers for name, part in parts.items()}

    def learned_shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of every tensor that learns, in the order in which they lie."""
        match self.learned:
            case "all":
                return self.shapes()
            case "last_layers":
                first = self.n_layers - min(self.n_last_layers, self.n_layers)
                layers = tuple(f"layers.{i}." for i in range(first, self.n_layers))
                shapes = self.shapes().items()
                return {k: v for k, v in shapes if k.startswith(layers) or k == "final_norm"}
            case "adapter":
                shapes_of_adapter: dict[str, tuple[int, ...]] = {}
                for name, (n_inputs, outputs) in self.adapted().items():
                    shapes_of_adapter[f"{name}.reduce"] = (self.rank * len(outputs), n_inputs)
                    for part, n_outputs in enumerate(outputs):
                        shapes_of_adapter[f"{name}.expand.{part}"] = (n_outputs, self.rank)
                return shapes_of_adapter

    @classmethod
    def of_form(cls, form: Mapping[str, object]) -> PretrainedSettings:
        """The settings in the model's file, its context too.
        Raises SettingsError: no such model can be."""
        return converted(cls, {k: v for k, v in form.items() if k != "context"}, NO_SETTINGS)

    def for_model(
        self, deck: Deck, context: int, chosen: Settings = NO_SETTINGS
    ) -> PretrainedSettings:
        """The settings by which this model is taught this deck, by default and as chosen by hand.
        Raises SettingsError: a number is out of its range, or no setting is called so."""
        for name in chosen:
            if name in FORM:
                raise SettingsError(f"{name} is the model's own, and can't be chosen")
        learned: Learned = "adapter" if self.n_numbers >= ADAPTER_FROM else "all"
        rates = {"last_layers": 2e-4, "all": 1e-5}
        known: dict[str, object] = {
            **msgspec.structs.asdict(self),
            "learned": learned,
            "learning_rate": rates.get(str(chosen.get("learned", learned)), self.learning_rate),
            "max_pieces": max(8, min(ROOM, context or ROOM)),
            "batch_size": min(self.batch_size, max(1, len(deck.taught))),
        }
        return converted(PretrainedSettings, known, chosen)


def settings_of(saved: Mapping[str, object]) -> LearnerSettings:
    """The settings that `run.json` holds. Raises msgspec.ValidationError: it holds none."""
    kind = PretrainedSettings if "family" in saved else LearnerSettings
    return msgspec.convert(saved, kind)
