"""Part 10, looking inside: one update from within, embeddings and weights as pictures.

Of an update: the card in pieces, its way through the model, what was expected, what the step did to
the numbers. Also a map of the embeddings, and the weights as heat maps, beside the untrained ones.
Reads weights and writes none. The pass here is made of the model's own parts (`layers.py`), with
what lies between them; tests hold its logits against the trained pass.
"""

import functools
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from flashcards.learner.brought.base import BroughtWeights
from flashcards.learner.encoding import Encoding
from flashcards.learner.layers import attention, norm, swiglu
from flashcards.learner.model import Rotary, Weights, new_weights, views
from flashcards.learner.settings import LearnerSettings
from flashcards.learner.study import Study, finite
from flashcards.learner.tokenizer import Tokenizer
from flashcards.runs.details import (
    LEVELS,
    AdjustmentDetails,
    Candidate,
    CardPiece,
    Emerging,
    Expectation,
    MapPoint,
    PartChange,
    PartName,
    PieceRole,
    Reading,
    WeightMap,
    packed,
)

N_CANDIDATES = 8  # pieces named at each place of an answer
N_EMERGING = 3  # the same after each layer
MAX_ATTENDED = 64  # pieces whose attention is given: of longer cards the last, with the answer


@dataclass(frozen=True)
class Anatomy:
    """The parts of a learner that a look needs; `weights` are the raw ones, without gradient."""

    weights: Weights
    tokenizer: Tokenizer
    encoding: Encoding
    sayable: Tensor
    rotary: Rotary
    settings: LearnerSettings

    def printable_piece(self, place: int) -> str:
        return self.tokenizer.printable_piece(self.encoding.sayable[place])

    def named(self, spread: Tensor) -> Tensor:
        """[A] the probabilities by which pieces are named. That of a special piece, which is no
        answer, counts as none unless it is the greatest: then the model would say that piece."""
        if not self.encoding.special:
            return spread
        named = spread.index_fill(0, torch.tensor(self.encoding.special, device=spread.device), 0.0)
        greatest = spread.argmax()
        named[greatest] = spread[greatest]
        return named


@dataclass(frozen=True)
class Passed:
    """One card's way through the model."""

    streams: tuple[Tensor, ...]  # the residual stream [T, C] after the embedding and each layer
    attended: tuple[Tensor, ...]  # [L] tensors [H, T, T]: share of each position in each


@torch.no_grad()
def pass_through(anatomy: Anatomy, ids: Sequence[int]) -> Passed:
    """The pieces `ids` [T] read as the model reads them, at every position of every layer."""
    weights, settings = anatomy.weights, anatomy.settings
    n_pieces = len(ids)
    if isinstance(weights, BroughtWeights):
        read = torch.tensor([list(ids)], device=anatomy.sayable.device)
        steps = weights.base.network.steps(weights.numbers, read)
        return Passed(
            tuple(states[0] for states in steps.states),
            tuple(shares[0] for shares in steps.attention),
        )
    positions = anatomy.rotary.upto(n_pieces)
    x = weights.embedding[list(ids)]
    streams, attended = [x], []
    for layer in weights.layers:
        qkv = norm(x, layer.attention_norm)[0] @ layer.qkv.T
        mixed, activations = attention(
            qkv.view(1, n_pieces, 3, settings.n_heads, -1), layer.query_key_norm, positions
        )
        x = torch.addmm(x, mixed, layer.output.T)
        hidden, _ = swiglu(norm(x, layer.mlp_norm)[0] @ layer.gate_up.T)
        x = torch.addmm(x, hidden, layer.down)
        streams.append(x)
        attended.append(activations.weights)
    return Passed(tuple(streams), tuple(attended))


@torch.no_grad()
def logits_of(anatomy: Anatomy, stream: Tensor) -> Tensor:
    """Logits [T, A] if the model ended with this stream [T, C]: the logit lens
    (nostalgebraist 2020, "interpreting GPT: the logit lens")."""
    weights = anatomy.weights
    if isinstance(weights, BroughtWeights):
        return weights.guess(stream)[0]
    return norm(stream, weights.final_norm)[0] @ weights.head[anatomy.sayable].T


def _lens(anatomy: Anatomy, streams: Sequence[Tensor], n_asked: int) -> Iterable[Tensor]:
    """`logits_of` the last places of each stream; all at once for a brought model's large head."""
    places = [stream[-n_asked:] for stream in streams]
    if not isinstance(anatomy.weights, BroughtWeights):
        return (logits_of(anatomy, stream) for stream in places)
    return torch.split(logits_of(anatomy, torch.cat(places)), n_asked)


def cut(anatomy: Anatomy, card_index: int) -> tuple[CardPiece, ...]:
    """The card's pieces, each with its role."""
    ids = anatomy.encoding.sequence(card_index)
    separator = len(ids) - anatomy.encoding.n_asked[card_index] - 1
    middle: list[PieceRole] = ["answer"] * (len(ids) - separator - 2)
    last: PieceRole = "end" if ids[-1] == anatomy.tokenizer.end_id else "answer"
    prompt: list[PieceRole] = ["prompt"] * separator
    # a model of others reads no sign before an answer: the prompt's last piece is one like others
    before: PieceRole = "separator" if anatomy.tokenizer.sign else "prompt"
    roles: list[PieceRole] = [*prompt, before, *middle, last]
    return tuple(
        CardPiece(anatomy.tokenizer.printable_piece(i), i, role)
        for i, role in zip(ids, roles, strict=True)
    )


@torch.no_grad()
def read(anatomy: Anatomy, card_index: int) -> Reading:
    """The card's way through the model: attention, and the guess as it emerges layer by layer."""
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
        emerging=tuple(
            _emerging(anatomy, i, logits, targets)
            for i, logits in enumerate(_lens(anatomy, passed.streams, n_asked))
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
    tops, places = (x.tolist() for x in anatomy.named(spread).topk(min(n, len(spread))))
    return tuple(
        Candidate(anatomy.printable_piece(place), top, place == target)
        for top, place in zip(tops, places, strict=True)
    )


@torch.no_grad()
def expect(anatomy: Anatomy, study: Study, row: int) -> tuple[Expectation, ...]:
    """The pieces expected at each place of the studied card's answer, by that very pass."""
    span = study.batch.span(row)
    logits = study.logits[span].detach()
    targets = study.batch.targets[span].tolist()
    spread = logits.softmax(-1).nan_to_num(0.0)
    errors = (-logits.log_softmax(-1)).nan_to_num(0.0)
    first = anatomy.encoding.lengths[study.card_indices[row]] - 1 - len(targets)
    return tuple(
        Expectation(
            position=first + i,
            right=anatomy.printable_piece(target),
            probability=spread[i, target].item(),
            rank=1 + int((anatomy.named(spread[i]) > spread[i, target]).sum().item()),
            error_nats=finite(errors[i, target].item()),
            candidates=_candidates(anatomy, spread[i], target, N_CANDIDATES),
        )
        for i, target in enumerate(targets)
    )


def parts_of(weights: Weights) -> list[tuple[PartName, int, list[Tensor]]]:
    """Each part of the model that learns: its name, its layer from 1 (0: of none), its tensors."""
    if isinstance(weights, BroughtWeights):
        return [(name, layer, tensors) for (name, layer), tensors in weights.parts().items()]
    parts: list[tuple[PartName, int, list[Tensor]]] = []
    for i in range(len(weights.attention)):
        parts += [("attention", i + 1, [weights.attention[i]]), ("mlp", i + 1, [weights.mlp[i]])]
    return [
        *parts,
        ("embedding", 0, [weights.embedding]),
        ("head", 0, [weights.head]),
        ("gains", 0, list(weights.gains)),
    ]


@torch.no_grad()
def adjustment_details(
    before: Weights, after: Weights, gradient: Weights, learning_rate: float
) -> AdjustmentDetails:
    """Sizes and directions of one update's changes, from the weights before and after it."""
    parts: list[PartChange] = []
    n_moved = 0
    along = 0.0
    for (name, layer, olds), (_, _, news), (_, _, slopes) in zip(
        parts_of(before), parts_of(after), parts_of(gradient), strict=True
    ):
        old, new, slope = (torch.cat([t.flatten() for t in x]) for x in (olds, news, slopes))
        change = new - old
        n_moved += int(change.count_nonzero().item())
        gradient_norm, change_norm, weight_norm = (x.norm().item() for x in (slope, change, old))
        downhill = -(change @ slope).item()
        along += downhill
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
    gradient_norm = math.sqrt(sum(part.gradient_norm**2 for part in parts))
    change_norm = math.sqrt(sum(part.change_norm**2 for part in parts))
    return AdjustmentDetails(
        n_numbers=sum(part.n_numbers for part in parts),
        n_moved=n_moved,
        cosine=_cosine(along, gradient_norm, change_norm),
        gradient_norm=gradient_norm,
        change_norm=change_norm,
        learning_rate=learning_rate,
        parts=tuple(parts),
        n_staying=before.base.n_staying if isinstance(before, BroughtWeights) else 0,
    )


def _cosine(product: float, norm_a: float, norm_b: float) -> float | None:
    """The cosine of the angle between two vectors; None where one of them has no direction."""
    cosine = product / (norm_a * norm_b) if norm_a > 0 and norm_b > 0 else math.nan
    return cosine if math.isfinite(cosine) else None


# -- a map of the embeddings

MAX_POINTS = 300  # pieces on the map at most: those that come most often in the cards read for it

N_CARDS_READ = 2_000  # cards in which the map's pieces are looked for


class Map:
    """Embeddings on the plane in which they differ most, turned to resemble the map before."""

    def __init__(self) -> None:
        self._ids: list[int] = []
        self._before = torch.zeros(0, 2)
        self._vectors = torch.zeros(0)
        self._share = 0.0

    def resemble(self, anatomy: Anatomy, ids: Sequence[int], points: Sequence[MapPoint]) -> None:
        """Take these points, drawn elsewhere, as the map before: pieces are known by their text."""
        points_by_text = {point.text: (point.x, point.y) for point in points}
        texts = {i: anatomy.tokenizer.printable_piece(i) for i in ids}
        self._ids = [i for i in ids if texts[i] in points_by_text]
        before = [points_by_text[texts[i]] for i in self._ids]
        self._before = torch.tensor(before, dtype=torch.float64).view(-1, 2)
        self._vectors = torch.zeros(0)

    @torch.no_grad()
    def draw(self, anatomy: Anatomy, ids: Sequence[int]) -> tuple[tuple[MapPoint, ...], float]:
        """The pieces `ids` as points, and the share of their variance that the plane shows."""
        weights = anatomy.weights
        if isinstance(weights, BroughtWeights):
            embedding = weights.embedding_vectors
        else:
            embedding = weights.embedding
        vectors = embedding[list(ids)].cpu().double()
        if not (self._ids == list(ids) and self._vectors.equal(vectors)):  # adapters change none
            plane, self._share = principal_plane(vectors)
            self._before = self._turned(list(ids), plane)
            self._ids, self._vectors = list(ids), vectors
        plane = self._before
        placed = (plane / plane.abs().max().clamp_min(1e-12)).tolist()
        sayable = set(anatomy.encoding.sayable)
        points = tuple(
            MapPoint(anatomy.tokenizer.printable_piece(i), round(x, 4), round(y, 4), i in sayable)
            for i, (x, y) in zip(ids, placed, strict=True)
        )
        return points, self._share

    def _turned(self, ids: list[int], plane: Tensor) -> Tensor:
        """Rotated or mirrored to lie as near to the map before as it can (Procrustes)."""
        place_of = {i: place for place, i in enumerate(ids)}
        common = [(place_of[i], place) for place, i in enumerate(self._ids) if i in place_of]
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
    """The pieces that the first cards are made of and those answers can have, at most 300. A model
    of others can say tens of thousands, so of these only the first."""
    sayable = () if anatomy.tokenizer.chooses_from_all else anatomy.encoding.sayable
    counts: dict[int, int] = dict.fromkeys(sayable, 0)
    for card_index in range(min(n_cards, N_CARDS_READ)):
        for i in anatomy.encoding.sequence(card_index):
            counts[i] = counts.get(i, 0) + 1
    return sorted(sorted(counts, key=lambda i: (-counts[i], i))[:MAX_POINTS])


def untrained(anatomy: Anatomy, seed: int) -> Weights:
    """The untrained weights of a run, made again from its seed; a brought model's as they came."""
    if isinstance(anatomy.weights, BroughtWeights):
        return anatomy.weights.base.as_brought()
    n_vocabulary = anatomy.tokenizer.n_vocabulary
    flat = new_weights(anatomy.settings, n_vocabulary, seed).to(anatomy.weights.head.device)
    return views(flat, anatomy.settings, n_vocabulary)


# -- weights as heat maps

MAX_ROWS, MAX_COLUMNS = 16, 32  # cells of a heat map


Part = tuple[PartName, int]
"""A part of the model that is drawn, and its layer from 1 (0: of none)."""


@torch.no_grad()
def weight_maps(
    weights: Weights, start: Weights, rows: Sequence[int], n_maps: int | None = None
) -> tuple[tuple[WeightMap, ...], int]:
    """Each layer's attention and mlp; the `rows` of embedding and head. With room for `n_maps` the
    layers that learn, or some of them, evenly; and how many maps are left out."""
    now, before = _mapped(weights), _mapped(start)
    drawn = list(now) if n_maps is None else _with_room(weights, list(now), n_maps)
    maps = []
    for name, layer in drawn:
        picked = slice(None) if layer else list(rows)
        a = now[name, layer]()[picked].flatten(0, -2)
        b = before[name, layer]()[picked].flatten(0, -2)
        maps.append(_weight_map(name, layer, a, b))
    return tuple(maps), len(now) - len(drawn)


def _with_room(weights: Weights, parts: Sequence[Part], n_maps: int) -> list[Part]:
    """The parts that are drawn where there is room for so many."""
    if n_maps >= len(parts):
        return list(parts)
    learned = {(name, layer) for name, layer, _ in parts_of(weights)}
    layers = sorted({layer for name, layer in parts if (name, layer) in learned})
    n_layers = min(n_maps // 2, len(layers))  # a layer has two parts, attention and mlp
    picked = {layers[(i + 1) * len(layers) // n_layers - 1] for i in range(n_layers)}
    return [part for part in parts if part[1] in picked]


def _mapped(weights: Weights) -> dict[Part, Callable[[], Tensor]]:
    """The matrices that are drawn, each made when it is wanted. Of a brought model's layers those
    that read the stream, with its adapter."""
    if isinstance(weights, BroughtWeights):
        return weights.matrices()
    drawn = ((name, layer, part) for name, layer, part in parts_of(weights) if name != "gains")
    return {(name, layer): functools.partial(part.__getitem__, 0) for name, layer, part in drawn}


def _weight_map(name: PartName, layer: int, now: Tensor, start: Tensor) -> WeightMap:
    moved = now - start
    size, size_top = _cells(now)
    norm = start.norm().item()
    return WeightMap(
        name=name,
        layer=layer,
        n_rows=min(MAX_ROWS, now.shape[0]),
        n_columns=min(MAX_COLUMNS, now.shape[1]),
        size=size,
        size_top=size_top,
        moved=_cells(moved)[0],
        relative_moved=moved.norm().item() / norm if norm > 0 else 0.0,
    )


def _cells(numbers: Tensor) -> tuple[str, float]:
    """Mean |number| of each cell of [rows, columns], packed, and the greatest of them."""
    shape = min(MAX_ROWS, numbers.shape[0]), min(MAX_COLUMNS, numbers.shape[1])
    cells = F.adaptive_avg_pool2d(numbers.abs()[None], shape)[0].nan_to_num(0.0, 0.0, 0.0)
    top = cells.max().item()
    levels = (cells / top * LEVELS).round() if top > 0 else cells * 0
    return packed(bytes(levels.to(torch.uint8).flatten().tolist())), top
