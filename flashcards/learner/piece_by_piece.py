"""Part 8, the learner: an answer is said piece by piece.

The model only ever says which piece comes next. `decode` takes the likeliest, appends it, and asks
again, until the end comes; `runners_up` go another way where the model was least sure.

`CachedModel` keeps keys and values of what was read (the KV cache), so that a further piece costs
one position and not all of them. It has no derivative; `passes.Rows` has. `reader.py` uses both.
Knows no deck. Sizes as in model.py.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from flashcards.learner.brought.base import BroughtWeights, CachedNetwork
from flashcards.learner.layers import norm, swap_halves, swiglu
from flashcards.learner.passes import Model
from flashcards.learner.tokenizer import END_ID
from flashcards.runs.values import GuessPiece


@dataclass(frozen=True)
class Answer:
    """An answer as others see it, with what else might have been said."""

    text: str  # the answer, printable
    pieces: tuple[GuessPiece, ...]  # its pieces; the end is left out
    alternatives: tuple[str, ...]  # other answers that it might give, likelier first
    probability: float  # of the whole answer and its end, 0 to 1
    is_cut: bool = False  # the model had not come to an end where it was stopped


Next = Callable[[list[list[int]]], Tensor]
"""Logits [B, A] of the piece that follows each of several sequences."""


@dataclass(frozen=True)
class Decoded:
    """A decoded answer."""

    ids: tuple[int, ...]  # its pieces, the end left out
    probabilities: tuple[float, ...]  # of each of them, and of the end unless the answer is cut
    seconds: tuple[tuple[int, float], ...]  # what else it might be, and how probable that is
    is_cut: bool  # no end came within the limit

    @property
    def probability(self) -> float:
        """The probability of the whole answer, 0 to 1."""
        return math.prod(self.probabilities, start=1.0)


def decode(
    next_logits: Next,
    sayable: Sequence[int],
    prompts: Sequence[list[int]],
    limit: int,
    end_id: int = END_ID,
    special: Sequence[int] = (),
) -> list[Decoded]:
    """Greedy answers: after each prompt the likeliest of the `sayable` pieces each time, at most
    `limit` of them. All prompts go on together, one pass a piece.
    `special`: places in `sayable` of pieces that are no second choice."""
    ids: list[list[int]] = [[] for _ in prompts]
    probabilities: list[list[float]] = [[] for _ in prompts]
    seconds: list[list[tuple[int, float]]] = [[] for _ in prompts]
    open_ = list(range(len(prompts)))  # answers that have not come to an end
    for _ in range(limit):
        if not open_:
            break
        # NaN would be no probability: a model that has diverged finds nothing probable
        spread = next_logits([prompts[i] + ids[i] for i in open_]).softmax(-1).nan_to_num(0.0)
        best = spread.topk(min(2, len(sayable)))  # [B, 2] each
        others = best
        if special:
            nowhere = torch.tensor(special, device=spread.device)
            others = spread.index_fill(1, nowhere, 0.0).topk(min(2, len(sayable)))
        still_open = []
        for i, top, place, other_tops, other_places in zip(
            open_, *(x.tolist() for x in (*best, *others)), strict=True
        ):
            probabilities[i].append(top[0])
            second = int(other_places[0] == place[0] and len(sayable) > 1)
            seconds[i].append((sayable[other_places[second]], other_tops[second]))
            if sayable[place[0]] != end_id:
                ids[i].append(sayable[place[0]])
                still_open.append(i)
        open_ = still_open
    return [
        Decoded(tuple(ids[i]), tuple(probabilities[i]), tuple(seconds[i]), i in open_)
        for i in range(len(prompts))
    ]


def runners_up(
    next_logits: Next,
    sayable: Sequence[int],
    prompt: list[int],
    first: Decoded,
    limit: int,
    n: int,
    end_id: int = END_ID,
    special: Sequence[int] = (),
) -> list[Decoded]:
    """Other answers than the `first`, likelier first: from each of the `n` places where the model
    was least sure, its second choice, gone on with greedily. None has a piece of `special`."""
    places = sorted(range(len(first.seconds)), key=lambda i: -first.seconds[i][1])[:n]
    others: list[Decoded] = []
    special_ids = {sayable[place] for place in special}
    for place in places:
        piece, probability = first.seconds[place]
        ids = first.ids[:place]
        probabilities = (*first.probabilities[:place], probability)
        if piece == end_id:
            others.append(Decoded(ids, probabilities, (), False))
            continue
        ids = (*ids, piece)
        room = max(1, limit - len(ids))
        (rest,) = decode(next_logits, sayable, [[*prompt, *ids]], room, end_id)
        others.append(Decoded(ids + rest.ids, probabilities + rest.probabilities, (), rest.is_cut))
    answers = (other for other in others if special_ids.isdisjoint(other.ids))
    return sorted(answers, key=lambda other: -other.probability)


# -- two ways to the next piece


def by_reading_again(model: Model, end_id: int) -> Next:
    """Read all of every sequence each time."""

    def next_logits(sequences: list[list[int]]) -> Tensor:
        n_pieces = max(map(len, sequences))
        padded = [ids + [end_id] * (n_pieces - len(ids)) for ids in sequences]
        last = [row * n_pieces + len(ids) - 1 for row, ids in enumerate(sequences)]
        device = model.sayable.device
        asked_at = torch.tensor(last, device=device)
        return model.next_logits(torch.tensor(padded, device=device), asked_at)

    return next_logits


def by_cache(model: Model, end_id: int, answer_limit: int) -> Next:
    """The same, but a single sequence that goes on is not read again from its beginning."""
    read_again = by_reading_again(model, end_id)
    cached_model: AnyCached | None = None
    ids_before = [0]

    def next_logits(sequences: list[list[int]]) -> Tensor:
        nonlocal cached_model, ids_before
        if len(sequences) > 1:
            return read_again(sequences)
        (ids,) = sequences
        is_more = ids[:-1] == ids_before
        if cached_model is None or not is_more:
            cached_model = cached(model, len(ids) + answer_limit)
            is_more = False
        ids_before = ids
        new = torch.tensor([ids[-1:] if is_more else ids], device=model.sayable.device)
        return cached_model.read(new, is_more=is_more)

    return next_logits


class CachedModel:
    """Reads with these weights, several sequences of one length at a time.

    Attributes:
        context: The longest sequence, in pieces.
        n_read: Pieces read of each sequence so far.
    """

    def __init__(self, model: Model, context: int) -> None:
        self.weights = model.weights
        self._head = model.weights.head.index_select(0, model.sayable)
        self._settings = model.settings
        self.context = context
        self._positions = model.rotary.upto(context)
        self.n_read = 0

    @torch.no_grad()
    def read(self, ids: Tensor, *, is_more: bool = False, hidden: Tensor | None = None) -> Tensor:
        """Logits [B, A] of the piece that follows.

        Args:
            ids: [B, T] the pieces to read now.
            is_more: They follow what was read before; else they begin.
            hidden: [B, context] added to the scores of attention: far below 0 where none may look.
                Without it, all may look at all before them.
        """
        weights, settings = self.weights, self._settings
        n_rows, n_new = ids.shape
        n_heads, width = settings.n_heads, settings.head_width
        if not is_more:
            # [L, keys and values, B, H, context, D]
            shape = (settings.n_layers, 2, n_rows, n_heads, self.context, width)
            self._cache = torch.empty(shape, device=ids.device)
            self.n_read = 0
        first = self.n_read
        end = self.n_read + n_new
        cos = self._positions.cos[first:end]
        sin = self._positions.sin[first:end]
        mask = self._positions.mask[first:end, :end]
        if hidden is not None:
            mask = mask + hidden[:, None, None, :end]
        x = weights.embedding.index_select(0, ids.flatten())  # [B*T, C]
        for layer, cache in zip(weights.layers, self._cache, strict=True):
            qkv = (norm(x, layer.attention_norm)[0] @ layer.qkv.T).view(
                n_rows, n_new, 3, n_heads, width
            )
            heads = qkv.permute(2, 0, 3, 1, 4)  # [3, B, H, T, D]
            gained, _ = norm(heads[:2], layer.query_key_norm[:, None, None, None])
            rotated = torch.addcmul(gained * cos, swap_halves(gained), sin)
            cache[0, :, :, first:end] = rotated[1]
            cache[1, :, :, first:end] = heads[2]
            # the new queries look at all keys, read now and before: [B, H, T, end]
            scores = rotated[0] @ cache[0, :, :, :end].mT * width**-0.5 + mask
            mixed = scores.softmax(-1) @ cache[1, :, :, :end]  # [B, H, T, D]
            mixed = mixed.transpose(1, 2).reshape(n_rows * n_new, -1)
            x = torch.addmm(x, mixed, layer.output.T)
            gated, _ = swiglu(norm(x, layer.mlp_norm)[0] @ layer.gate_up.T)
            x = torch.addmm(x, gated, layer.down)
        self.n_read = end
        last = x.view(n_rows, n_new, -1)[:, -1]
        return norm(last, weights.final_norm)[0] @ self._head.T

    def take(self, rows: Tensor) -> None:
        """Go on with these sequences [B'] alone; one may be there several times."""
        self._cache = self._cache.index_select(2, rows)


AnyCached = CachedModel | CachedNetwork


def cached(model: Model, context: int) -> AnyCached:
    """A reader with this model that goes on from what it read, up to so many pieces."""
    if isinstance(model.weights, BroughtWeights):
        return CachedNetwork(model.weights, context)
    return CachedModel(model, context)
