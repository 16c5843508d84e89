"""Answers said piece by piece: the likeliest piece each time, and what else might have been said.

What was read is kept, so that a further piece costs one position. No derivative; `passes.forward`
has that. Knows no deck.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from flashcards.learner.brought.llama import LlamaWeights
from flashcards.learner.layers import Positions, norm, swap_halves, swiglu
from flashcards.learner.model import Rotary, Weights
from flashcards.learner.settings import LearnerSettings
from flashcards.learner.tokenizer import END_ID
from flashcards.runs.values import GuessPiece


@dataclass(frozen=True)
class Answer:
    """What the model says to a prompt."""

    text: str  # the answer, printable
    pieces: tuple[GuessPiece, ...]  # its pieces; the end is left out
    alternatives: tuple[str, ...]  # what else it might say, likelier first
    probability: float  # of the whole answer and its end, 0 to 1
    is_cut: bool = False  # the model had not come to an end where it was stopped


# Logits [B, A] of the piece that follows each of several sequences
Next = Callable[[list[list[int]]], Tensor]


@dataclass(frozen=True)
class Said:
    """A decoded answer."""

    ids: tuple[int, ...]  # its pieces, the end left out
    probabilities: tuple[float, ...]  # of each of them, and of the end unless the answer is cut
    seconds: tuple[tuple[int, float], ...]  # the second choice for each, and its probability
    is_cut: bool  # no end came within the limit

    @property
    def probability(self) -> float:
        """Of all of it, 0 to 1."""
        return math.prod(self.probabilities, start=1.0)


def decode(
    next_logits: Next,
    sayable: Sequence[int],
    prompts: Sequence[list[int]],
    limit: int,
    end_id: int = END_ID,
) -> list[Said]:
    """The likeliest of the `sayable` pieces each time after each prompt, at most `limit` of them;
    all prompts in one pass a piece."""
    ids: list[list[int]] = [[] for _ in prompts]
    probabilities: list[list[float]] = [[] for _ in prompts]
    seconds: list[list[tuple[int, float]]] = [[] for _ in prompts]
    open_ = list(range(len(prompts)))
    for _ in range(limit):
        if not open_:
            break
        # NaN would be no probability: a model that has diverged finds nothing probable
        spread = next_logits([prompts[i] + ids[i] for i in open_]).softmax(-1).nan_to_num(0.0)
        tops, places = (x.tolist() for x in spread.topk(min(2, len(sayable))))
        still_open = []
        for i, top, place in zip(open_, tops, places, strict=True):
            probabilities[i].append(top[0])
            seconds[i].append((sayable[place[-1]], top[-1]))
            if sayable[place[0]] != end_id:
                ids[i].append(sayable[place[0]])
                still_open.append(i)
        open_ = still_open
    return [
        Said(tuple(ids[i]), tuple(probabilities[i]), tuple(seconds[i]), i in open_)
        for i in range(len(prompts))
    ]


def runners_up(
    next_logits: Next,
    sayable: Sequence[int],
    prompt: list[int],
    said: Said,
    limit: int,
    n: int,
    end_id: int = END_ID,
) -> list[Said]:
    """Other answers, likelier first: from each of the `n` places where the model was least sure,
    its second choice, gone on with greedily."""
    places = sorted(range(len(said.seconds)), key=lambda i: -said.seconds[i][1])[:n]
    others: list[Said] = []
    for place in places:
        piece, probability = said.seconds[place]
        ids = said.ids[:place]
        probabilities = (*said.probabilities[:place], probability)
        if piece == end_id:
            others.append(Said(ids, probabilities, (), False))
            continue
        ids = (*ids, piece)
        room = max(1, limit - len(ids))
        (rest,) = decode(next_logits, sayable, [[*prompt, *ids]], room, end_id)
        others.append(Said(ids + rest.ids, probabilities + rest.probabilities, (), rest.is_cut))
    return sorted(others, key=lambda other: -other.probability)


class CachedModel:
    """Reads with these weights, several sequences of one length at a time.
    `n_read`: pieces read of each sequence."""

    def __init__(
        self,
        weights: Weights,
        sayable: Tensor,
        rotary: Rotary,
        settings: LearnerSettings,
        context: int,
    ) -> None:
        """`sayable` [A] are the pieces that may come next; `context` the longest sequence."""
        self.weights = weights
        self._sayable = sayable
        if not isinstance(weights, LlamaWeights):
            self._head = weights.head.index_select(0, sayable)
        self._settings = settings
        self.context = context
        self._positions = rotary.upto(context)
        self.n_read = 0

    @torch.no_grad()
    def read(self, ids: Tensor, *, is_more: bool = False, hidden: Tensor | None = None) -> Tensor:
        """Logits [B, A] of what follows `ids` [B, T], after what was read before if `is_more`.
        `hidden` [B, context] is added to what each position thinks of each: far below 0 where none
        may look. Without it, all may look at all before them."""
        weights, settings = self.weights, self._settings
        n_rows, n_new = ids.shape
        n_heads, width = settings.n_heads, settings.head_width
        if not is_more:
            n_kept = getattr(settings, "n_kv_heads", n_heads)
            shape = (settings.n_layers, 2, n_rows, n_kept, self.context, width)
            self._kept = torch.empty(shape, device=ids.device)
            self.n_read = 0
        first = self.n_read
        end = self.n_read + n_new
        cos = self._positions.cos[first:end]
        sin = self._positions.sin[first:end]
        mask = self._positions.mask[first:end, :end]
        if hidden is not None:
            mask = mask + hidden[:, None, None, :end]
        if isinstance(weights, LlamaWeights):
            stream = F.embedding(ids, weights.embedding)  # [B, T, C]
            positions = Positions(cos, sin, mask)
            for llama, kept in zip(weights.decoder, self._kept, strict=True):
                stream, _ = weights.advance(llama, stream, positions, kept[:, :, :, :end])
            self.n_read = end
            return weights.logits(stream[:, -1], self._sayable)
        x = weights.embedding.index_select(0, ids.flatten())  # [B*T, C]
        for layer, kept in zip(weights.layers, self._kept, strict=True):
            qkv = (norm(x, layer.attention_norm)[0] @ layer.qkv.T).view(
                n_rows, n_new, 3, n_heads, width
            )
            heads = qkv.permute(2, 0, 3, 1, 4)  # [3, B, H, T, D]
            gained, _ = norm(heads[:2], layer.query_key_norm[:, None, None, None])
            rotated = torch.addcmul(gained * cos, swap_halves(gained), sin)
            kept[0, :, :, first:end] = rotated[1]
            kept[1, :, :, first:end] = heads[2]
            scores = rotated[0] @ kept[0, :, :, :end].mT * width**-0.5 + mask
            mixed = scores.softmax(-1) @ kept[1, :, :, :end]  # [B, H, T, D]
            mixed = mixed.transpose(1, 2).reshape(n_rows * n_new, -1)
            x = torch.addmm(x, mixed, layer.output.T)
            gated, _ = swiglu(norm(x, layer.mlp_norm)[0] @ layer.gate_up.T)
            x = torch.addmm(x, gated, layer.down)
        self.n_read = end
        last = x.view(n_rows, n_new, -1)[:, -1]
        return norm(last, weights.final_norm)[0] @ self._head.T

    def take(self, rows: Tensor) -> None:
        """Go on with these sequences [B'] alone; one may be there several times."""
        self._kept = self._kept.index_select(2, rows)
