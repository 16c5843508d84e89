"""Settings of a model that others have trained, brought by `--model`: how it is taught.

Like `settings`, knows no torch. The form is what config.json says; it is never a wish of a deck.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec

from flashcards.cards.card import Deck
from flashcards.learner.settings import (
    NO_SETTINGS,
    LearnerSettings,
    SettingsError,
    converted,
)
from flashcards.runs.run_files import MAX_STATE_BYTES
from flashcards.runs.values import Settings

Learned = Literal["adapter", "last_layers", "all"]
AdaptedMatrices = Literal["all", "qv_mlp"]

MAX_NUMBERS = 2_000_000_000
MAX_PIECES = 300_000
SAVED_BYTES = 16  # of a number that learns: itself, its average, and what AdamW keeps of it

ADAPTER_FROM = 50_000_000  # numbers; such models are taught by an adapter by default

ADAPTED_SHARE = 0.4  # of the layers, the upper ones, that get a new adapter by default

ROOM = 512  # pieces of the longest card by default: a card rarely has more than fifty

FORM = (
    "family",
    "vocabulary",
    "n_layers",
    "width",
    "n_heads",
    "tokenizer",
    "is_stacked",
    "adapter",
)
"""Settings that the file gives, and nobody chooses."""


class PretrainedSettings(LearnerSettings, frozen=True, kw_only=True):
    """The form of a brought model, and how it is taught. How rates, rank and layers were chosen:
    docs/real-models.md."""

    family: str  # transformers' model_type
    vocabulary: Annotated[int, (1, MAX_PIECES)]  # pieces that the model knows, all of them
    n_layers: Annotated[int, (1, 128)]
    width: Annotated[int, (8, 16384)]
    n_heads: Annotated[int, (1, 128)]
    hidden: int = 0  # not asked for here
    learned: Learned = "adapter"
    rank: Annotated[int, (1, 256)] = 4  # of the adapter's matrices
    n_adapted_layers: Annotated[int, (0, 128)] = 0
    """Upper layers that get a new adapter; 0 for all, as in runs that don't say it."""
    adapted_matrices: AdaptedMatrices = "all"
    """Matrices of those layers that get it: all, as in runs that don't say it, or without keys and
    what attention writes."""
    n_last_layers: Annotated[int, (1, 128)] = 4  # if they learn; the last norm does, too
    adapter: str = ""  # peft's settings of an adapter that was brought, as JSON
    is_stacked: bool = True
    """Saved states have several matrices as one tensor, as in runs that don't say it."""
    batch_size: Annotated[int, (1, 4096)] = 4
    growing_steps: Annotated[int, (0, 1_000_000)] = 0
    learning_rate: Annotated[float, (0.0, 1.0)] = 6e-4  # AdamW's, for everything that learns
    weight_decay: Annotated[float, (0.0, 10.0)] = 0.0
    warmup_steps: Annotated[int, (0, 100_000)] = 8
    single_card_factor: Annotated[float, (0.0, 1.0)] = 0.5

    def __post_init__(self) -> None:
        """Raises SettingsError: a number is out of its range. How sizes fit is checked for models
        of our own alone."""
        self.check_ranges()

    @classmethod
    def of_form(cls, form: Mapping[str, object]) -> PretrainedSettings:
        """The settings in the model's file. Raises SettingsError: no such model can be."""
        return converted(cls, dict(form), NO_SETTINGS)

    def for_model(
        self, deck: Deck, context: int, n_numbers: int, chosen: Settings = NO_SETTINGS
    ) -> PretrainedSettings:
        """The settings by which this model is taught this deck, by default and as chosen by hand.
        Raises SettingsError: a number is out of its range, or no setting is called so."""
        for name in chosen:
            if name in FORM:
                raise SettingsError(f"{name} is the model's own, and can't be chosen")
        if n_numbers > MAX_NUMBERS:
            raise SettingsError(f"it has {n_numbers / 1e9:.1f} billion numbers; 2 billion at most")
        learned: Learned = "adapter" if n_numbers >= ADAPTER_FROM else "all"
        rates = {"last_layers": 2e-4, "all": 1e-5}
        known: dict[str, object] = {
            **msgspec.structs.asdict(self),
            "learned": learned,
            "n_adapted_layers": max(1, round(ADAPTED_SHARE * self.n_layers)),
            "adapted_matrices": "qv_mlp",
            "is_stacked": False,
            "learning_rate": rates.get(str(chosen.get("learned", learned)), self.learning_rate),
            "max_pieces": max(8, min(ROOM, context or ROOM)),
            "batch_size": min(self.batch_size, max(1, len(deck.taught))),
        }
        settings = converted(PretrainedSettings, known, chosen)
        if settings.learned == "all" and SAVED_BYTES * n_numbers > MAX_STATE_BYTES:
            raise SettingsError(
                f"learned=all makes saved states of {SAVED_BYTES * n_numbers / 1e9:.1f} GB; "
                f"{MAX_STATE_BYTES / 1e9:.1f} at most: let an adapter or the last layers learn"
            )
        return settings


def settings_of(saved: Mapping[str, object]) -> LearnerSettings:
    """The settings that `run.json` holds. Raises msgspec.ValidationError: it holds none."""
    kind = PretrainedSettings if "family" in saved else LearnerSettings
    return msgspec.convert(saved, kind)
