"""Part 6, the optimizer: an adapter learns in place of the model, whose own numbers stay.

LoRA (Hu et al. 2021, arXiv 2106.09685): beside each matrix of the layers stand two thin ones,
W = base + up · down, and only these learn. Taken off, the model is what it was, bit for bit.

The model goes on using one flat tensor of weights, the effective ones. The adapter keeps the base
apart, learns `up` and `down` alone, and writes their product into the matrices. `trained.py`
decides whether there is one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from flashcards.learner.model import Weights
from flashcards.learner.optimizer import ADAM_BETAS, ADAM_EPSILON

RANK = 4  # columns of `up` and rows of `down`
SEED = 20_210_617  # the day of LoRA's first version; `down` begins by it and the step
MATRICES = ("attention", "mlp")


class SwitchedWeights:
    """The weights with an adapter and those without it, of which the model uses one.

    Attributes:
        is_on: Whether the weights in use are those with the adapter.
        aside: [2, n_parameters] the weights and their average that are not in use.
    """

    def __init__(self, aside: Tensor) -> None:
        """`aside` becomes its own."""
        self.is_on = True
        self.aside = aside
        self._on = aside.new_ones(1)  # `is_on` as a tensor: what is saved are tensors

    def state(self) -> dict[str, Tensor]:
        """All of it, to be saved or copied into; call `read_flags` after that."""
        self._on.fill_(float(self.is_on))
        return {"is_on": self._on, "aside": self.aside}

    def read_flags(self) -> None:
        """Take `is_on` from the tensors that were copied in."""
        self.is_on = bool(self._on.item())

    @torch.no_grad()
    def switch(self, raw: Tensor, averaged: Tensor) -> None:
        """Exchange the weights in use, and their average, with those put aside."""
        for place, flat in enumerate((raw, averaged)):
            in_use = flat.clone()
            flat.copy_(self.aside[place])
            self.aside[place].copy_(in_use)
        self.is_on = not self.is_on


class Adapter(SwitchedWeights):
    """Two thin matrices beside each matrix of the layers, and Adam's averages of their gradients.
    `aside` is the base while it is on, and the effective weights while it is off."""

    def __init__(self, weights: Weights, aside: Tensor) -> None:
        """`weights` say the shapes; `aside` becomes the adapter's own."""
        super().__init__(aside)
        self._parts: dict[str, Tensor] = {}
        for name in MATRICES:
            *stack, rows, columns = getattr(weights, name).shape
            self._parts[f"up_{name}"] = aside.new_zeros(*stack, rows, RANK)  # [L, k, m, r]
            self._parts[f"down_{name}"] = aside.new_zeros(*stack, RANK, columns)  # [L, k, r, n]
        self._mean = {name: torch.zeros_like(part) for name, part in self._parts.items()}
        self._square = {name: torch.zeros_like(part) for name, part in self._parts.items()}
        self._n_steps = aside.new_zeros(1)

    @classmethod
    def beside(cls, weights: Weights, raw: Tensor, averaged: Tensor, step: int) -> Adapter:
        """A new adapter, which changes nothing yet: `up` is zero, `down` random by the step."""
        adapter = cls(weights, torch.stack((raw, averaged)))
        generator = torch.Generator().manual_seed(SEED + step)
        for name in MATRICES:
            down = adapter._parts[f"down_{name}"]
            scale = 1 / math.sqrt(down.shape[-1])
            down.copy_(torch.randn(down.shape, generator=generator) * scale)
        return adapter

    @property
    def n_numbers(self) -> int:
        return sum(part.numel() for part in self._parts.values())

    def state(self) -> dict[str, Tensor]:
        return {
            **self._parts,
            **{f"mean_{name}": part for name, part in self._mean.items()},
            **{f"square_{name}": part for name, part in self._square.items()},
            "n_steps": self._n_steps,
            **super().state(),
        }

    def slopes(self, gradients: Sequence[Tensor]) -> dict[str, Tensor]:
        """The gradients of `up` and `down`, from those of the effective matrices: W depends on
        `up` as a product with `down`, and the other way round."""
        slopes = {}
        for name, gradient in zip(
            MATRICES, gradients, strict=False
        ):  # those of matrices come first
            up = self._parts[f"up_{name}"]
            down = self._parts[f"down_{name}"]
            slopes[f"up_{name}"] = gradient @ down.mT
            slopes[f"down_{name}"] = up.mT @ gradient
        return slopes

    @torch.no_grad()
    def update(
        self,
        gradients: Sequence[Tensor],
        rate: float,
        flat: Tensor,
        views: Callable[[Tensor], Weights],
    ) -> None:
        """One step of Adam (Kingma & Ba 2014, arXiv 1412.6980) on `up` and `down`; `flat` becomes
        the effective weights again.

        Args:
            gradients: Of the effective matrices, in the order of `Weights`.
            views: Cuts a flat tensor into `Weights`.
        """
        self._n_steps += 1
        n_steps = self._n_steps.item()
        for name, slope in self.slopes(gradients).items():
            mean, square = self._mean[name], self._square[name]
            mean.lerp_(slope, 1 - ADAM_BETAS[0])
            square.lerp_(slope * slope, 1 - ADAM_BETAS[1])
            # both averages began at zero, and are divided by how much of them is filled
            size = (square / (1 - ADAM_BETAS[1] ** n_steps)).sqrt_().add_(ADAM_EPSILON)
            self._parts[name].addcdiv_(mean, size, value=-rate / (1 - ADAM_BETAS[0] ** n_steps))
        base, effective = views(self.aside[0]), views(flat)
        for name in MATRICES:
            product = self._parts[f"up_{name}"] @ self._parts[f"down_{name}"]
            torch.add(getattr(base, name), product, out=getattr(effective, name))
