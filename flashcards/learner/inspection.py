"""Looks into one update: the card in pieces, its way through the model, what the step did.

Pure: reads weights and writes none. The pass here is the trained model's own parts with what lies
between them kept; tests hold its logits against the trained pass, and each number against weights.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from flashcards.learner.encoding import Encoding
from flashcards.learner.layers import attention, norm, swiglu
from flashcards.learner.measuring import finite
from flashcards.learner.model import Rotary, Weights
from flashcards.learner.settings import LearnerSettings
from flashcards.learner.study import Study
from flashcards.learner.tokenizer import END_ID, Tokenizer
from flashcards.runs.details import (
    LEVELS,
    AdjustmentDetails,
    Candidate,
    CardPiece,
    Emerging,
    Expectation,
    PartChange,
    PartName,
    PieceRole,
    Reading,
    packed,
)

_PROMPT: tuple[PieceRole, ...] = ("prompt",)
N_CANDIDATES = 8
N_EMERGING = 3
MAX_ATTENDED = 64
"""Pieces whose attention is told: of longer cards the last ones, where the answer is."""


@dataclass(frozen=True)
class Anatomy:
    """The parts of a learner that a look needs; `weights` are the raw ones, without gradient."""

    weights: Weights
    tokenizer: Tokenizer
    encoding: Encoding
    sayable: Tensor
    rotary: Rotary
    settings: LearnerSettings

    def shown_piece(self, place: int) -> str:
        return self.tokenizer.shown_piece(self.encoding.sayable[place])


@dataclass(frozen=True)
class Passed:
    """One card's way through the model.

    Attributes:
        streams: [1 + L] tensors [T, C]: the residual stream after the embedding and each layer.
        attended: [L] tensors [H, T, T]: how much each position takes from each.
    """

    streams: tuple[Tensor, ...]
    attended: tuple[Tensor, ...]


@torch.no_grad()
def pass_through(anatomy: Anatomy, ids: Sequence[int]) -> Passed:
    """The pieces `ids` [T] read as the model reads them, at every position of every layer."""
    weights, settings = anatomy.weights, anatomy.settings
    n_pieces = len(ids)
    positions = anatomy.rotary.upto(n_pieces)
    x = weights.embedding[torch.tensor(ids, device=weights.embedding.device)]
    streams, attended = [x], []
    for layer in weights.layers:
        qkv = norm(x, layer.attention_norm)[0] @ layer.qkv.T
        mixed, kept = attention(
            qkv.view(1, n_pieces, 3, settings.n_heads, -1), layer.query_key_norm, positions
        )
        x = torch.addmm(x, mixed, layer.output.T)
        hidden, _ = swiglu(norm(x, layer.mlp_norm)[0] @ layer.gate_up.T)
        x = torch.addmm(x, hidden, layer.down)
        streams.append(x)
        attended.append(kept.weights)
    return Passed(tuple(streams), tuple(attended))


@torch.no_grad()
def logits_of(anatomy: Anatomy, stream: Tensor) -> Tensor:
    """Logits [T, A] if the model ended with this stream [T, C]: nostalgebraist's logit lens."""
    weights = anatomy.weights
    return norm(stream, weights.final_norm)[0] @ weights.head[anatomy.sayable].T


def cut(anatomy: Anatomy, card_index: int) -> tuple[CardPiece, ...]:
    ids = anatomy.encoding.sequence(card_index)
    separator = len(ids) - anatomy.encoding.n_asked[card_index] - 1
    middle: list[PieceRole] = ["answer"] * (len(ids) - separator - 2)
    last: PieceRole = "end" if ids[-1] == END_ID else "answer"
    roles: list[PieceRole] = [*_PROMPT * separator, "separator", *middle, last]
    return tuple(
        CardPiece(anatomy.tokenizer.shown_piece(i), i, role)
        for i, role in zip(ids, roles, strict=True)
    )


@torch.no_grad()
def read(anatomy: Anatomy, card_index: int) -> Reading:
    encoding, settings = anatomy.encoding, anatomy.settings
    *ids, _ = encoding.sequence(card_index)
    n_asked = encoding.n_asked[card_index]
    targets = encoding.batch((card_index,)).targets
    passed = pass_through(anatomy, ids)
    first = max(0, len(ids) - MAX_ATTENDED)
    return Reading(
        n_layers=settings.n_layers,
        n_heads=settings.n_heads,
        width=settings.width,
        n_read=len(ids),
        first_attended=first,
        attention=tuple(
            tuple(_packed_triangle(head[first:, first:]) for head in layer)
            for layer in passed.attended
        ),
        vector_norms=tuple(
            tuple(round(finite(length), 3) for length in stream.norm(dim=-1).tolist())
            for stream in passed.streams
        ),
        emerging=tuple(
            _emerging(anatomy, i, logits_of(anatomy, stream[-n_asked:]), targets)
            for i, stream in enumerate(passed.streams)
        ),
    )


def _packed_triangle(shares: Tensor) -> str:
    n = len(shares)
    rows, columns = torch.tril_indices(n, n)
    levels = (shares[rows, columns].nan_to_num(0.0) * LEVELS).round().to(torch.uint8)
    return packed(bytes(levels.tolist()))


def _emerging(anatomy: Anatomy, layer: int, logits: Tensor, targets: Tensor) -> Emerging:
    spread = logits.softmax(-1).nan_to_num(0.0)
    return Emerging(
        layer=layer,
        places=tuple(
            _candidates(anatomy, row, target, N_EMERGING)
            for row, target in zip(spread, targets.tolist(), strict=True)
        ),
        right=tuple(spread.gather(1, targets[:, None]).squeeze(1).tolist()),
    )


def _candidates(anatomy: Anatomy, spread: Tensor, target: int, n: int) -> tuple[Candidate, ...]:
    tops, places = (x.tolist() for x in spread.topk(min(n, len(spread))))
    return tuple(
        Candidate(anatomy.shown_piece(place), top, place == target)
        for top, place in zip(tops, places, strict=True)
    )


@torch.no_grad()
def expect(anatomy: Anatomy, study: Study, row: int) -> tuple[Expectation, ...]:
    """What the model expected at each place of the studied card's answer: of that very pass."""
    span = study.batch.span(row)
    logits, targets = study.logits[span].detach(), study.batch.targets[span].tolist()
    spread = logits.softmax(-1).nan_to_num(0.0)
    errors = (-logits.log_softmax(-1)).nan_to_num(0.0)
    first = anatomy.encoding.lengths[study.card_indices[row]] - 1 - len(targets)
    return tuple(
        Expectation(
            position=first + i,
            right=anatomy.shown_piece(target),
            probability=spread[i, target].item(),
            rank=1 + int((spread[i] > spread[i, target]).sum().item()),
            error_nats=finite(errors[i, target].item()),
            candidates=_candidates(anatomy, spread[i], target, N_CANDIDATES),
        )
        for i, target in enumerate(targets)
    )


def parts_of(weights: Weights) -> list[tuple[PartName, int, list[Tensor]]]:
    """Each part of the model: its name, its layer from 1 (0: of none), its tensors."""
    parts: list[tuple[PartName, int, list[Tensor]]] = []
    for i in range(len(weights.attention)):
        parts += [("attention", i + 1, [weights.attention[i]]), ("mlp", i + 1, [weights.mlp[i]])]
    gains = [
        weights.attention_norm,
        weights.query_key_norm,
        weights.mlp_norm,
        weights.final_norm,
    ]
    return [
        *parts,
        ("embedding", 0, [weights.embedding]),
        ("head", 0, [weights.head]),
        ("gains", 0, gains),
    ]


@torch.no_grad()
def adjustment_details(
    before: Weights, after: Weights, gradient: Weights, learning_rate: float
) -> AdjustmentDetails:
    """What one update did to the numbers, of the weights before and after it."""
    parts: list[PartChange] = []
    n_moved = 0
    changed = was = along = 0.0
    layer_changes = [[0.0, 0.0] for _ in before.attention]
    for (name, layer, olds), (_, _, news), (_, _, slopes) in zip(
        parts_of(before), parts_of(after), parts_of(gradient), strict=True
    ):
        old, new, slope = (torch.cat([t.flatten() for t in x]) for x in (olds, news, slopes))
        change = new - old
        n_moved += int(change.count_nonzero().item())
        changed += change.abs().sum().item()
        was += old.abs().sum().item()
        gradient_norm, change_norm, weight_norm = (x.norm().item() for x in (slope, change, old))
        downhill = -(change @ slope).item()
        along += downhill
        if layer:
            layer_changes[layer - 1][0] += change_norm**2
            layer_changes[layer - 1][1] += weight_norm**2
        parts.append(
            PartChange(
                name=name,
                layer=layer,
                n_numbers=old.numel(),
                gradient_norm=gradient_norm,
                change_norm=change_norm,
                weight_norm=weight_norm,
                relative=change_norm / weight_norm if weight_norm else 0.0,
                cosine=_cosine(downhill, gradient_norm, change_norm),
            )
        )
    n_numbers = sum(part.n_numbers for part in parts)
    relative = [math.sqrt(moved / size) if size else 0.0 for moved, size in layer_changes]
    gradient_norm = math.sqrt(sum(part.gradient_norm**2 for part in parts))
    change_norm = math.sqrt(sum(part.change_norm**2 for part in parts))
    return AdjustmentDetails(
        n_numbers=n_numbers,
        n_moved=n_moved,
        mean_change=changed / n_numbers,
        mean_weight=was / n_numbers,
        relative_mean=changed / was if was else 0.0,
        most_layer=1 + relative.index(max(relative)) if max(relative) > 0 else 0,
        cosine=_cosine(along, gradient_norm, change_norm),
        gradient_norm=gradient_norm,
        change_norm=change_norm,
        learning_rate=learning_rate,
        parts=tuple(parts),
    )


def _cosine(product: float, one: float, other: float) -> float | None:
    """None where there is no direction, or none that can be told."""
    cosine = product / (one * other) if one > 0 and other > 0 else math.nan
    return cosine if math.isfinite(cosine) else None
