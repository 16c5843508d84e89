"""Part 6, the optimizer: gradients become changes of weights.

The gradient says of each number in which direction the error falls; how far to go is decided here.
Muon moves the layers' matrices: it takes the gradient's direction, averaged over updates, and makes
it equally strong in every direction that the matrix has (`orthogonalise`). So a step is as large
for a small gradient as for a large one. AdamW moves embedding, head and gains.

Muon: Keller Jordan et al. 2024, https://kellerjordan.github.io/posts/muon. AdamW: Loshchilov &
Hutter 2017, arXiv 1711.05101. Newton-Schulz runs in float32, in one batched call for all layers'
matrices of one shape; where some are fused (`_stacks`), in one call for all (`_by_grams`).

`learner.py` calls `Optimizer.update` once for every update. Sizes as in model.py.
"""

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from flashcards.learner.kernels import compiled
from flashcards.learner.model import Weights
from flashcards.learner.settings import LearnerSettings

NEWTON_SCHULZ = {
    3: (
        (7.989363214, -22.747832124, 16.678598024),
        (3.643418148, -2.726865275, 0.537107895),
        (2.671266480, -1.985315443, 0.453522517),
    ),
    5: ((3.4445, -4.7750, 2.0315),) * 5,
}
"""By the number of steps, a, b, c of each: X <- aX + b(XX')X + c(XX')(XX')X, which is computed as
X(a + bX'X + cX'XX'X): X'X is the smaller one. A singular value s becomes as + bs^3 + cs^5.
Five steps are those of the post above. Three are the best for singular values from 0.01 to 1, which
they bring to 0.73 to 1.27 (Amsel et al. 2025, arXiv 2505.16932, algorithm 1)."""
NEWTON_SCHULZ_OF_POST = 5  # steps of Muon's post
ADAM_BETAS = (0.9, 0.95)
ADAM_EPSILON = 1e-8
ADAMW: dict[str, Any] = {"beta1": ADAM_BETAS[0], "beta2": ADAM_BETAS[1], "eps": ADAM_EPSILON}
ADAMW |= {"amsgrad": False, "maximize": False}


def orthogonalise(matrices: Tensor, n_steps: int) -> Tensor:
    """Each [m, n] matrix of [..., m, n], m >= n, with its singular values brought near 1: U S V'
    becomes nearly U V'. Each step applies an odd polynomial to all singular values, by products
    alone.

    First they are brought below 1. Three steps divide by (sum of their 4th powers)^(1/4), which the
    first product gives for free and which is nearer to the largest than the Frobenius norm is.
    """
    x = matrices.flatten(0, -3)  # [k, m, n]
    if n_steps == NEWTON_SCHULZ_OF_POST:
        x = x / (torch.linalg.matrix_norm(x, keepdim=True) + 1e-7)
        gram = x.mT @ x  # [k, n, n] X'X
    else:
        gram = x.mT @ x
        size = torch.linalg.matrix_norm(gram, keepdim=True) + 1e-14
        gram, x = gram / size, x / size.sqrt()
        if x.shape[-2] > x.shape[-1]:
            tall: Tensor = x @ _by_gram(gram, NEWTON_SCHULZ[n_steps])
            return tall.view_as(matrices)
    for place, (a, b, c) in enumerate(NEWTON_SCHULZ[n_steps]):
        if place:
            gram = x.mT @ x
        polynomial = torch.baddbmm(gram, gram, gram, beta=b, alpha=c)  # bX'X + c(X'X)(X'X)
        x = torch.baddbmm(x, x, polynomial, beta=a)  # aX + X polynomial
    return x.view_as(matrices)


def _by_gram(gram: Tensor, coefficients: Sequence[tuple[float, float, float]]) -> Tensor:
    """[k, n, n] by which X is multiplied in all steps together, of X'X alone: cheaper where X is
    tall."""
    factors: list[Tensor] = []
    for a, b, c in coefficients:
        if factors:
            gram = factors[-1] @ gram @ factors[-1]  # X'X after the step before
        factors.append(torch.baddbmm(gram, gram, gram, beta=b, alpha=c))
        factors[-1].diagonal(dim1=-2, dim2=-1).add_(a)
    return functools.reduce(torch.matmul, factors)


def stack_by_stack(stacks: Sequence[Tensor], n_steps: int) -> list[Tensor]:
    """`orthogonalise` for each stack."""
    return [orthogonalise(matrices, n_steps) for matrices in stacks]


def layer_by_layer(stacks: Sequence[Tensor], n_steps: int) -> list[Tensor]:
    """The same, layer by layer of [L, ...] matrices: processes can share the layers, and rounding
    does not depend on who computes which."""
    return [torch.stack([orthogonalise(layer, n_steps) for layer in stack]) for stack in stacks]


def _by_grams(stacks: Sequence[Tensor], n_steps: int) -> list[Tensor]:
    """Three steps of `orthogonalise`, by the [n, n] Gram matrices of all stacks at once."""
    parts = [matrices.flatten(0, -3) for matrices in stacks]
    grams = torch.cat([part.mT @ part for part in parts])
    sizes = torch.linalg.matrix_norm(grams, keepdim=True) + 1e-14
    factors = _by_gram(grams.div_(sizes), NEWTON_SCHULZ[n_steps]).div_(sizes.sqrt_())
    by_part = factors.split_with_sizes([len(part) for part in parts])
    return [(x @ y).view_as(of) for x, y, of in zip(parts, by_part, stacks, strict=True)]


def _by_kernel(kernels: compiled.Kernels, stacks: Sequence[Tensor], n_steps: int) -> list[Tensor]:
    """Three steps of `orthogonalise` for float32 on the CPU, by the [n, n] Gram matrices."""
    steps = torch.tensor(NEWTON_SCHULZ[n_steps])
    directions = []
    for matrices in stacks:
        x = matrices.flatten(0, -3)
        k, m, n = x.shape
        out = torch.empty(x.shape)
        tensors = (x, out, steps, torch.empty(4, n, n))
        kernels["orthogonalise"](*map(Tensor.data_ptr, tensors), k, x.stride(0), m, n, n_steps)
        directions.append(out.view(matrices.shape))
    return directions


def _stacks(attention: Tensor, mlp: Tensor, *, is_fused: bool) -> list[Tensor]:
    """Views [L, k, m, n] of Muon's matrices, k of one shape in each layer.
    Fused, [queries, keys, values] are one matrix and [gate, up] are one, as they are multiplied."""
    if not is_fused:
        return [attention, mlp]
    qkv = attention[:, :3].flatten(1, 2)
    gate_up = mlp[:, :2].flatten(1, 2)
    return [part[:, None] for part in (qkv, attention[:, 3], gate_up, mlp[:, 2])]


def _scales(mlp: Tensor, *, is_fused: bool) -> list[Tensor]:
    """[k, 1, 1] for each of `_stacks`: sqrt(outputs / inputs), and 1 for down.
    So an update changes what a matrix gives by as much, whatever its shape. Down is stored
    transposed, [F, C]. Muon's own code has sqrt(max(1, outputs / inputs)): the same
    unless F < C."""
    growing = math.sqrt(mlp.shape[-2] / mlp.shape[-1])
    device = mlp.device
    if is_fused:
        by_stack = [[math.sqrt(3)], [1.0], [math.sqrt(2) * growing], [1.0]]
    else:
        by_stack = [[1.0] * 4, [growing, growing, 1.0]]
    return [torch.tensor(scales, device=device).view(-1, 1, 1) for scales in by_stack]


class Optimizer:
    """Changes weights in place. Its state: Muon's momentum, AdamW's two averages, the step count.

    Attributes:
        orthogonalise: Brings the singular values of stacks of matrices near 1; a team of processes
            puts its own here.
    """

    def __init__(self, weights: Weights, settings: LearnerSettings) -> None:
        """`weights`: views without gradient; `attention` and `mlp` are Muon's."""
        named = weights.named()
        self.settings = settings
        self.orthogonalise: Callable[[Sequence[Tensor], int], list[Tensor]] = stack_by_stack
        if settings.newton_schulz_steps != NEWTON_SCHULZ_OF_POST:
            kernels = compiled.kernels_for(settings, weights.mlp.device.type)
            if kernels is not None:
                self.orthogonalise = functools.partial(_by_kernel, kernels)
            elif settings.is_fused:
                self.orthogonalise = _by_grams
        self._muon = {name: named.pop(name) for name in ("attention", "mlp")}
        self._adam = named
        self._momentum = {name: torch.zeros_like(tensor) for name, tensor in self._muon.items()}
        self._adam_mean = {name: torch.zeros_like(tensor) for name, tensor in named.items()}
        self._adam_square = {name: torch.zeros_like(tensor) for name, tensor in named.items()}
        self._scales = _scales(weights.mlp, is_fused=settings.is_fused)
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

    @torch.inference_mode()
    def update(self, gradients: Sequence[Tensor], factor: float) -> None:
        """One update by `gradients`, in the order of `Weights`; `factor` scales both rates."""
        settings = self.settings
        n_matrices = len(self._muon)
        weight_decay = settings.weight_decay_at(self.n_steps)
        self._muon_step(gradients[:n_matrices], settings.learning_rate * factor, weight_decay)
        rate = settings.embedding_learning_rate * factor
        self._adam_step(list(gradients[n_matrices:]), rate, weight_decay)

    def _muon_step(self, gradients: Sequence[Tensor], rate: float, weight_decay: float) -> None:
        settings = self.settings
        directions = []
        for momentum, gradient in zip(self._momentum.values(), gradients, strict=True):
            momentum.lerp_(gradient, 1 - settings.momentum)
            # Nesterov: one step further along the momentum than this gradient has brought it
            directions.append(gradient.lerp(momentum, settings.momentum))
        stacks = _stacks(*directions, is_fused=settings.is_fused)
        orthogonal = self.orthogonalise(stacks, settings.newton_schulz_steps)
        all_weights = _stacks(*self._muon.values(), is_fused=settings.is_fused)
        for weights, direction, scale in zip(all_weights, orthogonal, self._scales, strict=True):
            if weight_decay > 0:
                weights.mul_(1 - rate * weight_decay)  # decoupled: not by the gradient's size
            weights.addcmul_(direction, scale, value=-rate)

    def _adam_step(self, gradients: list[Tensor], rate: float, weight_decay: float) -> None:
        settings = self.settings
        torch._foreach_add_(self._adam_steps, 1)
        if settings.head_rate == 1.0 and not settings.is_embedding_decayed:
            self._adamw(slice(None), gradients, rate)  # all tensors alike: one call
            return
        for place, name in enumerate(self._adam):
            own_rate = rate * settings.head_rate if name == "head" else rate
            is_decayed = settings.is_embedding_decayed and name in ("embedding", "head")
            decay = weight_decay if is_decayed else 0.0
            self._adamw(slice(place, place + 1), gradients, own_rate, decay)

    def _adamw(
        self, places: slice, gradients: list[Tensor], rate: float, decay: float = 0.0
    ) -> None:
        """AdamW's step for those of its tensors that are in these places, by torch's fused kernel:
        w -= rate * (mean / (sqrt(square) + epsilon) + decay * w), averages without their bias."""
        torch._fused_adamw_(
            list(self._adam.values())[places],
            gradients[places],
            list(self._adam_mean.values())[places],
            list(self._adam_square.values())[places],
            [],
            self._adam_steps[places],
            lr=rate,
            weight_decay=decay,
            **ADAMW,
        )
