"""Part 8, the learner: a model whose weights change, and can be saved and restored.

Here is what an update changes: the whole model, its last layer, or an adapter beside it. How an
update comes about is in `learner.py`, next. How a state is written is in `saving.py`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Self, assert_never

import torch
from torch import Tensor

from flashcards.cards.card import Deck
from flashcards.learner import drawing, fingerprint, optimizer, saving, tokenizer
from flashcards.learner.adapter import Adapter, SwitchedWeights
from flashcards.learner.brought import opener
from flashcards.learner.brought.base import Base, FlatAdam
from flashcards.learner.model import n_parameters_of, new_weights
from flashcards.learner.saving import SavedError, extra_of, has_part, pack, unpack
from flashcards.learner.settings import LearnerSettings
from flashcards.runs.values import Learns

ADAPTER = "adapter"  # how the names of its tensors begin in a saved state
BROUGHT = "brought"  # the same of an adapter as it was brought
BASE = "base"  # the name of the hash of a brought model
LAYERED = ("attention", "mlp", "attention_norm", "query_key_norm", "mlp_norm")
"""The weights of which every layer has its own."""

SAVED_BYTES = 12  # of a number, at least: itself, its average, the optimizer's average


class TrainedModel(drawing.Drawer):
    """A small language model whose weights can be changed.

    Attributes:
        chapter_step: The step at which the chapter began: from there on rates warm up and fall
            anew, and the average forgets what came before.
        adapter: One that learns beside the model; None where none does. A brought model has its own
            among the numbers that learn: here it is only while it is off.
        is_finite: False once a loss, a gradient or the weights were NaN or infinite. The update
            that would have spoilt the weights is not made.
    """

    def __init__(
        self,
        deck: Deck,
        settings: LearnerSettings,
        tokenizer_model: bytes,
        flat: Tensor,
        device: str,
        base: Base | None = None,
    ) -> None:
        fingerprint.prepare_process()
        super().__init__(deck, settings, tokenizer_model, flat, device, base)
        self.is_finite = True
        self.chapter_step = 0
        self._learns: Learns = "all"
        self.adapter: SwitchedWeights | None = None
        self.optimizer: optimizer.Optimizer | FlatAdam
        if base is None:
            self.optimizer = optimizer.Optimizer(self.views(self.flat), self.settings)
        else:
            self.optimizer = FlatAdam(self.flat, self.settings)
        if settings.n_shards > 1:
            self.optimizer.orthogonalise = optimizer.layer_by_layer
        # views of one tensor, and each a leaf of its own for autograd
        self.parameters = list(self.weights.named().values())
        for parameter in self.parameters:
            parameter.requires_grad_()

    @classmethod
    def create(cls, deck: Deck, settings: LearnerSettings, seed: int, device: str = "cpu") -> Self:
        """A learner that knows nothing yet.
        Raises SettingsError: a card is longer than the model can hold."""
        model = tokenizer.train_tokenizer(deck, settings)
        flat = new_weights(settings, tokenizer.Tokenizer(model).n_vocabulary, seed)
        return cls(deck, settings, model, flat, device)

    @classmethod
    def bring(cls, deck: Deck, brought: opener.Brought, device: str = "cpu") -> Self:
        """A learner that knows what others have taught it.
        Raises SettingsError: a card is longer than the model can hold."""
        return cls(deck, brought.settings, brought.pieces, brought.numbers, device, brought.base)

    def save(self, extra: Mapping[str, bytes]) -> bytes:
        """All that is needed to go on bit for bit, and `extra`, as safetensors. Of a brought model
        the numbers that learn, and the hash of the others; at step 0 their average alone, since
        nothing else is there yet."""
        base = {} if self.base is None else {BASE: self.base.sha256.encode()}
        is_as_brought = self.base is not None and not self.step and self.adapter is None
        state = self.averages() if is_as_brought else self._state()
        return pack(state, self.step, {**extra, **base})

    @classmethod
    def restore(
        cls,
        deck: Deck,
        settings: LearnerSettings,
        tokenizer_model: bytes,
        saved: bytes,
        device: str = "cpu",
        base: Base | None = None,
    ) -> tuple[Self, dict[str, bytes]]:
        """The learner that was saved, and the extra bytes given to `save`.
        Raises SavedError: the bytes are damaged or belong to another model."""
        if base is not None:
            numbers = base.new_numbers(0)
            learner = cls(deck, base.settings, tokenizer_model, numbers, device, base)
            return learner, learner.load(saved)
        n_parameters = n_parameters_of(settings, tokenizer.Tokenizer(tokenizer_model).n_vocabulary)
        extra_of(saved)  # raises where it is damaged: that is said before the size
        if len(saved) < SAVED_BYTES * n_parameters:  # before so much memory is taken
            raise SavedError("the saved state belongs to a model of another size")
        learner = cls(deck, settings, tokenizer_model, torch.zeros(n_parameters), device)
        return learner, learner.load(saved)

    def load(self, saved: bytes) -> dict[str, bytes]:
        """Become the learner that was saved, of this deck; the extra bytes given to `save`.
        From `averages_of` a state: one that answers as that state did, and learns anew.
        Raises SavedError: the bytes are damaged or belong to another model; nothing was changed."""
        if self.base is not None and extra_of(saved).get(BASE) != self.base.sha256.encode():
            raise SavedError("the saved state belongs to another base model")
        before = self.adapter
        # tensors are copied into those that are there: so there must be as many
        self.adapter = self._empty_adapter() if has_part(saved, ADAPTER) else None
        is_whole = self.base is None or has_part(saved, "weights")
        try:
            self.step, extra = unpack(saved, self._state() if is_whole else self.averages())
        except SavedError:
            self.adapter = before
            raise
        if self.adapter is not None:
            self.adapter.read_flags()
        if not is_whole:  # averages alone: learning begins from them, with nothing else known
            self.flat.detach().copy_(self.averaged_flat)
            if not self.step:  # nothing was learned yet: an adapter is as it was brought
                for name, tensor in self._brought_adapter().items():
                    tensor.copy_(self.averaged.named()[name])
            for tensors in self.optimizer.state().values():
                torch._foreach_zero_(list(tensors.values()))
        self.optimizer.n_steps = self.step
        self.is_finite = True
        return extra

    def weights_now(self) -> saving.StepWeights:
        return saving.StepWeights(self.step, self.flat.detach().clone(), self.averaged_flat.clone())

    @torch.no_grad()
    def become(self, other: TrainedModel) -> None:
        """Take all that the other learner of this run has: weights, optimizer, step and deck."""
        self.adapter = None if other.adapter is None else self._empty_adapter()
        theirs = other._state()
        for name, tensor in self._state().items():
            tensor.copy_(theirs[name])
        if self.adapter is not None:
            self.adapter.read_flags()
        self.step = self.optimizer.n_steps = other.step
        self.chapter_step = other.chapter_step
        self.is_finite = True
        if other._deck is not self._deck:
            self.take_deck(other._deck)

    @torch.no_grad()
    def _state(self) -> dict[str, Tensor]:
        parts = {
            "weights": self.weights.named(),
            "averaged": self.averaged.named(),
            **self.optimizer.state(),
        }
        if self.adapter is not None:
            parts[ADAPTER] = self.adapter.state()
        if brought := self._brought_adapter():
            parts[BROUGHT] = brought
        return {
            f"{part}.{name}": tensor.detach()
            for part, tensors in parts.items()
            for name, tensor in tensors.items()
        }

    def _brought_adapter(self) -> dict[str, Tensor]:
        """The numbers of an adapter as it was brought; none where another part learns. The file
        that they came from may be gone when the run goes on."""
        is_brought = self.base is not None and self.base.settings.adapter
        return self.base.as_brought().named() if self.base is not None and is_brought else {}

    def _empty_adapter(self) -> SwitchedWeights:
        aside = torch.zeros(2, self.flat.numel(), device=self._device)
        return SwitchedWeights(aside) if self.base is not None else Adapter(self.weights, aside)

    def n_learned(self, learns: Learns) -> int:
        """The number of numbers that learn, where this part of the model does."""
        if learns == "all" or self.base is not None:
            return self.flat.numel()
        match learns:
            case "adapter":
                adapter = self.adapter or self._empty_adapter()
                assert isinstance(adapter, Adapter)
                return adapter.n_numbers
            case "last_layer":
                last = sum(part[-1].numel() for part in self._layered(self.flat))
                return last + self.weights.head.numel() + self.weights.final_norm.numel()
            case _:
                assert_never(learns)

    def let_learn(self, learns: Learns) -> None:
        """From the next update on this part of the model learns. Call it before `study`.
        An adapter begins where it is first wanted. It is put on before an update; when another part
        learns it stays as it is, a part of the model for good. In a brought model the same part
        learns always, the one that its settings name."""
        if self.base is not None:
            return
        self._learns = learns
        if self.adapter is not None:
            self.switch_adapter(is_on=True)
        if learns != "adapter":
            self.adapter = None
        elif self.adapter is None:
            raw = self.flat.detach()
            self.adapter = Adapter.beside(self.weights, raw, self.averaged_flat, self.step)

    @property
    def is_adapter_off(self) -> bool:
        return self.adapter is not None and not self.adapter.is_on

    def switch_adapter(self, *, is_on: bool) -> bool:
        """Put the adapter on or off; True where that changed anything.
        Off, the weights are those from before it began, bit for bit. A brought model answers then
        without any adapter, one that was brought with it included."""
        if self.adapter is None and self.base is not None and not is_on:
            bare = self.base.without_adapter()
            self.adapter = None if bare is None else SwitchedWeights(torch.stack((bare, bare)))
        adapter = self.adapter
        if adapter is None or adapter.is_on == is_on:
            return False
        adapter.switch(self.flat.detach(), self.averaged_flat)
        if self.base is not None and is_on:
            self.adapter = None
        return True

    def _layered(self, flat: Tensor) -> list[Tensor]:
        named = self.views(flat.detach()).named()
        return [part for name, part in named.items() if name in LAYERED]

    @torch.no_grad()
    def _learn(self, gradients: Sequence[Tensor], factor: float, before: Tensor) -> None:
        """Change those weights that learn; `before` are all weights as they were.
        With an adapter its two matrices change; of the last layer's lesson all others are put back.
        """
        self.optimizer.settings = self.settings  # those of the deck in force
        if isinstance(self.adapter, Adapter):
            rate = self.settings.embedding_learning_rate * factor
            self.adapter.update(gradients, rate, self.flat.detach(), self.views)
            self.optimizer.n_steps = self.step + 1  # counts on, as if the lesson was resumed
            return
        self.optimizer.update(gradients, factor)
        if self._learns == "last_layer":
            old_weights = self.views(before)
            self.views(self.flat.detach()).embedding.copy_(old_weights.embedding)
            for part, old in zip(self._layered(self.flat), self._layered(before), strict=True):
                part[:-1].copy_(old[:-1])  # all layers but the last, as they were

    def weights_sha256(self) -> str:
        """Hash of the weights as trained and as averaged, 64 hex digits."""
        both = {"weights": self.flat, "averaged": self.averaged_flat}
        return hashlib.sha256(pack(both, 0, {})).hexdigest()
