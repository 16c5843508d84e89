"""The model at this step, to be looked at: a map of its embeddings, its weights as heat maps.

Pure: reads weights and writes none. What has moved is told against the untrained weights.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from flashcards.learner.inspection import Anatomy, parts_of
from flashcards.learner.model import Weights, new_weights, views
from flashcards.runs.details import LEVELS, MapPoint, PartName, WeightMap, packed

MAX_ROWS, MAX_COLUMNS = 16, 32
MAX_POINTS = 300
"""Pieces on the map at most: those that come most often in the cards read for it."""

N_CARDS_READ = 2_000
"""Cards in which the map's pieces are looked for."""


class Map:
    """Embeddings on the plane in which they differ most, turned to resemble the map before."""

    def __init__(self) -> None:
        self._ids: list[int] = []
        self._before = torch.zeros(0, 2)

    def resemble(self, anatomy: Anatomy, ids: Sequence[int], points: Sequence[MapPoint]) -> None:
        """Take these points, drawn elsewhere, as the map before: pieces are known by their text."""
        there = {point.text: (point.x, point.y) for point in points}
        texts = {i: anatomy.tokenizer.shown_piece(i) for i in ids}
        self._ids = [i for i in ids if texts[i] in there]
        before = [there[texts[i]] for i in self._ids]
        self._before = torch.tensor(before, dtype=torch.float64).view(-1, 2)

    @torch.no_grad()
    def draw(self, anatomy: Anatomy, ids: Sequence[int]) -> tuple[tuple[MapPoint, ...], float]:
        """The pieces `ids` as points, and the share of their variance that the plane shows."""
        vectors = anatomy.weights.embedding[list(ids)].cpu().double()
        plane, share = principal_plane(vectors)
        plane = self._turned(list(ids), plane)
        self._ids, self._before = list(ids), plane
        shown = (plane / plane.abs().max().clamp_min(1e-12)).tolist()
        sayable = set(anatomy.encoding.sayable)
        points = tuple(
            MapPoint(anatomy.tokenizer.shown_piece(i), round(x, 4), round(y, 4), i in sayable)
            for i, (x, y) in zip(ids, shown, strict=True)
        )
        return points, share

    def _turned(self, ids: list[int], plane: Tensor) -> Tensor:
        """Rotated or mirrored to lie as near to the map before as it can (Procrustes)."""
        here = {i: place for place, i in enumerate(ids)}
        common = [(here[i], place) for place, i in enumerate(self._ids) if i in here]
        if len(common) < 2:
            # with none before, of the two signs of an axis the one in which most is on the right
            return torch.where((plane**3).sum(0) < 0, -plane, plane)
        now = plane[[place for place, _ in common]]
        before = self._before[[place for _, place in common]]
        u, _, v = torch.linalg.svd(now.mT @ before)
        turn: Tensor = u @ v
        return plane @ turn


def principal_plane(vectors: Tensor) -> tuple[Tensor, float]:
    """[P, 2] coordinates of vectors [P, C] on their two principal axes; the share of variance."""
    centred = vectors - vectors.mean(0)
    variances, axes = torch.linalg.eigh(centred.mT @ centred)
    total = variances.sum().item()
    share = variances[-2:].sum().item() / total if total > 0 else 0.0
    return centred @ axes[:, -2:].flip(-1), share


def pieces_on_map(anatomy: Anatomy, n_cards: int) -> list[int]:
    """The pieces that the first cards are made of and those answers can have, at most 300."""
    counts: dict[int, int] = dict.fromkeys(anatomy.encoding.sayable, 0)
    for card_index in range(min(n_cards, N_CARDS_READ)):
        for i in anatomy.encoding.sequence(card_index):
            counts[i] = counts.get(i, 0) + 1
    kept = sorted(counts, key=lambda i: (-counts[i], i))[:MAX_POINTS]
    return sorted(kept)


def untrained(anatomy: Anatomy, seed: int) -> Weights:
    """The untrained weights of a run, made again from its seed."""
    n_vocabulary = anatomy.tokenizer.n_vocabulary
    flat = new_weights(anatomy.settings, n_vocabulary, seed).to(anatomy.weights.head.device)
    return views(flat, anatomy.settings, n_vocabulary)


@torch.no_grad()
def weight_maps(weights: Weights, start: Weights, rows: Sequence[int]) -> tuple[WeightMap, ...]:
    """Each layer's attention and mlp; the `rows` of embedding and head."""
    maps = []
    for (name, layer, now), (_, _, before) in zip(parts_of(weights), parts_of(start), strict=True):
        if name != "gains":
            picked = slice(None) if layer else list(rows)
            a, b = now[0][picked].flatten(0, -2), before[0][picked].flatten(0, -2)
            maps.append(_weight_map(name, layer, a, b))
    return tuple(maps)


def _weight_map(name: PartName, layer: int, now: Tensor, start: Tensor) -> WeightMap:
    moved = now - start
    size, size_top = _cells(now)
    change, moved_top = _cells(moved)
    norm = start.norm().item()
    return WeightMap(
        name=name,
        layer=layer,
        n_rows=min(MAX_ROWS, now.shape[0]),
        n_columns=min(MAX_COLUMNS, now.shape[1]),
        size=size,
        size_top=size_top,
        moved=change,
        moved_top=moved_top,
        relative_moved=moved.norm().item() / norm if norm > 0 else 0.0,
    )


def _cells(numbers: Tensor) -> tuple[str, float]:
    """Mean |number| of each cell of [rows, columns], packed, and the greatest of them."""
    shape = min(MAX_ROWS, numbers.shape[0]), min(MAX_COLUMNS, numbers.shape[1])
    cells = F.adaptive_avg_pool2d(numbers.abs()[None], shape)[0].nan_to_num(0.0, 0.0, 0.0)
    top = cells.max().item()
    levels = (cells / top * LEVELS).round() if top > 0 else cells * 0
    return packed(bytes(levels.to(torch.uint8).flatten().tolist())), top
