"""Every derivative written out in layers.py and model.py is the one that torch finds by itself."""

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from flashcards.learner.layers import NORM_EPSILON, Positions, attention, swap_halves
from flashcards.learner.model import Rotary, Weights, n_parameters_of, new_weights, views
from flashcards.learner.passes import forward, reading_of
from flashcards.learner.settings import LearnerSettings
from tests.learner import plainly

B, T, H, D, V = 3, 7, 4, 16, 50


def random(*shape: int, seed: int = 1) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def plain_norm(x: Tensor, gain: Tensor) -> Tensor:
    return F.rms_norm(x, (x.shape[-1],), None, NORM_EPSILON) * gain


def plain_attention(qkv: Tensor, gain: Tensor, where: Positions) -> Tensor:
    q, k, v = (part.transpose(1, 2) for part in qkv.unbind(2))
    q, k = plain_norm(q, gain[0]), plain_norm(k, gain[1])
    q, k = (x * where.cos + swap_halves(x) * where.sin for x in (q, k))
    mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
    return mixed.transpose(1, 2).flatten(0, 1).flatten(1)


@pytest.mark.parametrize("n_layers", [1, 4])
def test_the_whole_models_derivative_is_torchs(n_layers: int) -> None:
    settings = LearnerSettings(n_layers=n_layers)
    numbers = new_weights(settings, V, seed=3) + 0.1 * random(n_parameters_of(settings, V), seed=4)
    ids = torch.randint(V, (B, T), generator=torch.Generator().manual_seed(5))
    asked, sayable = torch.tensor([3, 4, 5, 11, 12, 20]), torch.tensor([1, 4, 7, 19, 40])
    targets = torch.tensor([0, 4, 1, 2, 3, 0])

    def by_weights(of: Callable[[Weights], Tensor]) -> tuple[Tensor, tuple[Tensor, ...]]:
        weights = views(numbers.clone(), settings, V)
        leaves = list(weights.named().values())
        for leaf in leaves:
            leaf.requires_grad_()
        loss = F.cross_entropy(of(weights), targets)
        return loss.detach(), torch.autograd.grad(loss, leaves)

    def plainly_asked(weights: Weights) -> Tensor:
        streams = [plainly.passed(weights, row, settings).streams[-1] for row in ids.tolist()]
        logits = plainly.rms(torch.cat(streams), weights.final_norm) @ weights.head.T
        return logits[asked][:, sayable]

    rotary = Rotary(settings, "cpu")
    loss, ours = by_weights(lambda w: forward(w, reading_of(ids, asked, sayable, rotary, settings)))
    torchs_loss, torchs = by_weights(plainly_asked)
    torch.testing.assert_close(loss, torchs_loss)
    for mine, theirs in zip(ours, torchs, strict=True):
        torch.testing.assert_close(mine, theirs, atol=1e-5, rtol=1e-4)


def test_a_score_far_above_the_others_is_no_overflow() -> None:
    qkv, gain = random(1, T, 3, H, D), torch.full((2, D), 40.0)
    where = Rotary(LearnerSettings(), "cpu").upto(T)
    mixed, _ = attention(qkv, gain, where)
    assert mixed.isfinite().all()
    torch.testing.assert_close(mixed, plain_attention(qkv, gain, where), atol=1e-3, rtol=1e-3)
