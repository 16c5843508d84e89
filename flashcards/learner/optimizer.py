"""One step of learning: Muon for the layers' matrices, AdamW for embedding, head and gains.

Muon: Keller Jordan et al. 2024, https://kellerjordan.github.io/posts/muon. All layers' matrices of
one shape go through Newton-Schulz in one batched call, in float32.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from flashcards.learner.model import Weights
from flashcards.learner.settings import LearnerSettings

# a, b, c of X <- aX + b(XX')X + c(XX')(XX')X, from the post above
NEWTON_SCHULZ = ((3.4445, -4.7750, 2.0315),) * 5
ADAM_BETAS = (0.9, 0.95)
ADAM_EPSILON = 1e-8


def orthogonalise(matrices: Tensor) -> Tensor:
    """Each [m, n] matrix of [..., m, n], m >= n, with its singular values brought near 1."""
    x = matrices.flatten(0, -3)
    x = x / (torch.linalg.matrix_norm(x, keepdim=True) + 1e-7)
    for a, b, c in NEWTON_SCHULZ:
        gram = x.mT @ x  # [n, n]
        x = torch.baddbmm(x, x, torch.baddbmm(gram, gram, gram, beta=b, alpha=c), beta=a)
    return x.view_as(matrices)


def _at_once(stacks: Sequence[Tensor]) -> list[Tensor]:
    return [orthogonalise(matrices) for matrices in stacks]


class Optimizer:
    """Changes weights in place. Its state: Muon's momentum, AdamW's two averages, the step count.

    Args:
        weights: Views without gradient; `attention` and `mlp` are Muon's.

    Attributes:
        orthogonalise: What brings the singular values of both stacks of matrices near 1.
    """

    def __init__(self, weights: Weights, settings: LearnerSettings) -> None:
        named = weights.named()
        self.settings = settings
        self.orthogonalise: Callable[[Sequence[Tensor]], list[Tensor]] = _at_once
        self._muon = {name: named.pop(name) for name in ("attention", "mlp")}
        self._adam = named
        self._momentum = {name: torch.zeros_like(tensor) for name, tensor in self._muon.items()}
        self._adam_mean = {name: torch.zeros_like(tensor) for name, tensor in named.items()}
        self._adam_square = {name: torch.zeros_like(tensor) for name, tensor in named.items()}
        # sqrt(max(1, outputs / inputs)) of each matrix, as in Muon's own code: gate and up grow
        growing = math.sqrt(weights.mlp.shape[-2] / weights.mlp.shape[-1])
        ones, device = [1.0] * 4, weights.mlp.device
        self._scales = {
            "attention": torch.tensor(ones, device=device).view(4, 1, 1),
            "mlp": torch.tensor([growing, growing, 1.0], device=device).view(3, 1, 1),
        }
        # torch's fused kernel wants one count a tensor
        self._adam_steps = [torch.zeros((), device=tensor.device) for tensor in named.values()]

    def state(self) -> dict[str, dict[str, Tensor]]:
        """The state's tensors, to be saved or copied into."""
        return {
            "momentum": self._momentum,
            "adam_mean": self._adam_mean,
            "adam_square": self._adam_square,
        }

    @property
    def n_steps(self) -> int:
        return int(self._adam_steps[0].item())

    @n_steps.setter
    def n_steps(self, n_steps: int) -> None:
        for count in self._adam_steps:
            count.fill_(float(n_steps))

    @torch.no_grad()
    def update(self, gradients: Sequence[Tensor], factor: float) -> None:
        """One update by `gradients`, in the order of `Weights`; `factor` scales both rates."""
        settings = self.settings
        rate = settings.learning_rate * factor
        weight_decay = settings.weight_decay_at(self.n_steps)
        wanted = []
        for momentum, gradient in zip(self._momentum.values(), gradients, strict=False):
            momentum.lerp_(gradient, 1 - settings.momentum)
            wanted.append(gradient.lerp(momentum, settings.momentum))
        directions = self.orthogonalise(wanted)
        for (name, weights), direction in zip(self._muon.items(), directions, strict=True):
            if weight_decay > 0:
                weights.mul_(1 - rate * weight_decay)
            weights.addcmul_(direction, self._scales[name], value=-rate)
        torch._foreach_add_(self._adam_steps, 1)
        rate = settings.embedding_learning_rate * factor
        adam_gradients = list(gradients[len(self._muon) :])
        if settings.head_rate == 1.0:
            self._adamw(slice(None), adam_gradients, rate)
            return
        for place, name in enumerate(self._adam):
            own = rate * settings.head_rate if name == "head" else rate
            self._adamw(slice(place, place + 1), adam_gradients, own)

    def _adamw(self, places: slice, gradients: list[Tensor], rate: float) -> None:
        """AdamW's step for those of its tensors that are in these places."""
        torch._fused_adamw_(
            list(self._adam.values())[places],
            gradients[places],
            list(self._adam_mean.values())[places],
            list(self._adam_square.values())[places],
            [],
            self._adam_steps[places],
            lr=rate,
            beta1=ADAM_BETAS[0],
            beta2=ADAM_BETAS[1],
            weight_decay=0.0,
            eps=ADAM_EPSILON,
            amsgrad=False,
            maximize=False,
        )
