"""Muon and AdamW against plain references."""

import math

import msgspec
import pytest
import torch

from flashcards.learner.model import n_parameters_of, new_weights, views
from flashcards.learner.optimizer import (
    ADAM_BETAS,
    ADAM_EPSILON,
    Optimizer,
    layer_by_layer,
    orthogonalise,
)
from flashcards.learner.settings import NEWTON_SCHULZ_STEPS, LearnerSettings

SETTINGS = LearnerSettings(
    n_layers=2, width=16, n_heads=2, hidden=24, weight_decay=0.3, newton_schulz_steps=3
)
V = 20


@pytest.mark.parametrize("n_steps", NEWTON_SCHULZ_STEPS)
def test_orthogonalising_brings_every_singular_value_near_one(n_steps: int) -> None:
    generator = torch.Generator().manual_seed(1)
    for shape in ((3, 4, 16, 16), (2, 3, 40, 16)):
        values = torch.linalg.svdvals(
            orthogonalise(torch.randn(shape, generator=generator), n_steps)
        )
        assert values.max() < 1.3
        assert values.median() > 0.6
    zero = torch.zeros(1, 8, 8)
    assert torch.equal(orthogonalise(zero, n_steps), zero)


def test_three_steps_bring_all_but_the_smallest_singular_values_near_one() -> None:
    generator = torch.Generator().manual_seed(3)
    for n_rows in (16, 24):
        matrix = torch.randn(n_rows, 16, generator=generator)
        u, _, vh = torch.linalg.svd(matrix, full_matrices=False)
        matrix = u @ torch.logspace(0, -1.8, 16).diag() @ vh
        values = torch.linalg.svdvals(orthogonalise(5 * matrix[None], 3))
        assert 0.72 < values.min() < values.max() < 1.28


def test_orthogonalising_keeps_the_singular_directions() -> None:
    matrix = torch.randn(24, 16, generator=torch.Generator().manual_seed(2))
    u, _, vh = torch.linalg.svd(matrix, full_matrices=False)
    inner = u.mT @ orthogonalise(matrix[None], 3)[0] @ vh.mT
    torch.testing.assert_close(inner, inner.diagonal().diag(), atol=1e-4, rtol=0)


@pytest.mark.slow
def test_three_updates_equal_a_plain_muon_and_torchs_adamw() -> None:
    flat = new_weights(SETTINGS, V, seed=1)
    weights = views(flat, SETTINGS, V)
    plain = {name: tensor.clone() for name, tensor in weights.named().items()}
    momenta = {name: torch.zeros_like(plain[name]) for name in ("attention", "mlp")}
    others = [plain[name].requires_grad_() for name in plain if name not in momenta]
    adam = torch.optim.AdamW(
        others,
        lr=SETTINGS.embedding_learning_rate,
        betas=ADAM_BETAS,
        eps=ADAM_EPSILON,
        weight_decay=0.0,
    )
    optimizer = Optimizer(weights, SETTINGS)
    generator = torch.Generator().manual_seed(2)
    for _ in range(3):
        gradient = torch.randn(n_parameters_of(SETTINGS, V), generator=generator)
        parts = views(gradient, SETTINGS, V).named()
        optimizer.update(list(parts.values()), 1.0)
        for name, momentum in momenta.items():
            rate = SETTINGS.learning_rate
            momentum.mul_(SETTINGS.momentum).add_((1 - SETTINGS.momentum) * parts[name])
            nesterov = (1 - SETTINGS.momentum) * parts[name] + SETTINGS.momentum * momentum
            for i in range(momentum.shape[0]):
                for j in range(momentum.shape[1]):
                    matrix = plain[name][i, j]
                    is_growing = name == "mlp" and j < 2
                    scale = math.sqrt(SETTINGS.hidden / SETTINGS.width) if is_growing else 1.0
                    matrix *= 1 - rate * SETTINGS.weight_decay
                    matrix -= rate * scale * orthogonalise(nesterov[i, j][None], 3)[0]
        for other, name in zip(others, (n for n in plain if n not in momenta), strict=True):
            other.grad = parts[name].clone()
        adam.step()
    for name, tensor in weights.named().items():
        torch.testing.assert_close(tensor, plain[name].detach(), atol=1e-5, rtol=1e-5)
    assert optimizer.n_steps == 3


def test_fused_matrices_are_brought_near_one_as_they_are_multiplied() -> None:
    settings = msgspec.structs.replace(SETTINGS, is_fused=True, weight_decay=0.0)
    flat = new_weights(settings, V, seed=1)
    before, weights = views(flat.clone(), settings, V), views(flat, settings, V)
    gradient = torch.randn(len(flat), generator=torch.Generator().manual_seed(2))
    parts = views(gradient, settings, V)
    Optimizer(weights, settings).update(list(parts.named().values()), 1.0)
    growing = math.sqrt(settings.hidden / settings.width)
    for stack, rows, scale in (
        ("attention", slice(0, 3), math.sqrt(3)),
        ("attention", slice(3, 4), 1.0),
        ("mlp", slice(0, 2), math.sqrt(2) * growing),
        ("mlp", slice(2, 3), 1.0),
    ):
        trees = (before, weights, parts)
        old, new, of = (getattr(tree, stack)[:, rows].flatten(1, 2) for tree in trees)
        # the first gradient and its momentum point the same way
        right = settings.learning_rate * scale * orthogonalise(of, 3)
        torch.testing.assert_close(old - new, right, atol=1e-6, rtol=1e-3)


@pytest.mark.parametrize("n_steps", NEWTON_SCHULZ_STEPS)
def test_fused_matrices_are_the_same_layer_by_layer(n_steps: int) -> None:
    settings = msgspec.structs.replace(SETTINGS, is_fused=True, newton_schulz_steps=n_steps)
    flats = [new_weights(settings, V, seed=1) for _ in range(2)]
    for flat, alone in zip(flats, (None, layer_by_layer), strict=True):
        optimizer = Optimizer(views(flat, settings, V), settings)
        if alone is not None:
            optimizer.orthogonalise = alone
        gradient = torch.randn(len(flat), generator=torch.Generator().manual_seed(2))
        optimizer.update(list(views(gradient, settings, V).named().values()), 1.0)
    torch.testing.assert_close(*flats, atol=1e-6, rtol=1e-4)


def test_embedding_and_head_decay_where_they_are_to_and_gains_never() -> None:
    settings = msgspec.structs.replace(SETTINGS, is_embedding_decayed=True, weight_decay=0.5)
    flat = new_weights(settings, V, seed=1)
    before = views(flat.clone(), settings, V).named()
    optimizer = Optimizer(views(flat, settings, V), settings)
    optimizer.update(list(views(torch.zeros_like(flat), settings, V).named().values()), 1.0)
    decayed_share = 1 - settings.embedding_learning_rate * 0.5
    for name, now in views(flat, settings, V).named().items():
        if name in ("attention", "mlp"):
            continue
        share = decayed_share if name in ("embedding", "head") else 1.0
        torch.testing.assert_close(now, share * before[name])


def test_the_head_may_learn_slower_than_the_embedding() -> None:
    moved = {}
    for head_rate in (1.0, 0.25):
        settings = msgspec.structs.replace(SETTINGS, head_rate=head_rate)
        flat = new_weights(settings, V, seed=1)
        before = flat.clone()
        optimizer = Optimizer(views(flat, settings, V), settings)
        gradient = torch.randn(len(flat), generator=torch.Generator().manual_seed(2))
        optimizer.update(list(views(gradient, settings, V).named().values()), 1.0)
        moved[head_rate] = views(flat - before, settings, V).named()
    for name, whole in moved[1.0].items():
        share = 0.25 if name == "head" else 1.0
        torch.testing.assert_close(moved[0.25][name], share * whole, atol=1e-6, rtol=1e-4)
    assert moved[1.0]["head"].abs().max() > 0
