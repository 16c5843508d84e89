"""The model read on and on: keys and values of what was read are kept, so that a piece costs one
position. No derivative; `passes.forward` has that. Knows no deck.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from flashcards.learner.layers import Positions, norm, swap_halves, swiglu
from flashcards.learner.llama import LlamaWeights
from flashcards.learner.model import Rotary, Weights
from flashcards.learner.settings import LearnerSettings
from flashcards.learner.tokenizer import ANSWER_ID


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


TEMPERATURE = 0.7


class Written(NamedTuple):
    """What was written: pieces as places among the sayable ones, and how probable each was."""

    places: tuple[int, ...]
    probabilities: tuple[float, ...]


@torch.no_grad()
def write(
    model: CachedModel,
    sayable: Tensor,
    start: Sequence[int],
    n_lines: int,
    n_pieces: int,
    generator: torch.Generator,
    start_id: int = ANSWER_ID,
) -> list[Written]:
    """`n_lines` lines that all begin with `start`, of `n_pieces` pieces each.
    Of what the model can read at a time, the answer sign included, the older half is forgotten when
    it is full, and the rest read again. `sayable`: [A] the pieces that are written. `generator`: on
    the CPU; the same state writes the same. `start_id`: what stands before all that is read."""
    device, context = sayable.device, model.context
    kept = list(start)[-(context - 1) :]
    ids = torch.tensor([[start_id, *kept]] * n_lines, device=device)  # [B, T]
    logits = model.read(ids)
    places: list[Tensor] = []
    probabilities: list[Tensor] = []
    for _ in range(n_pieces):
        spread = logits.div(TEMPERATURE).softmax(-1).nan_to_num(0.0)
        luck = torch.rand(n_lines, 1, generator=generator).to(device)
        place = torch.searchsorted(spread.cumsum(-1), luck).clamp_max(len(sayable) - 1)
        places.append(place)
        probabilities.append(logits.softmax(-1).nan_to_num(0.0).gather(1, place))
        ids = torch.cat((ids, sayable[place]), 1)
        if model.n_read == context:
            sign = ids.new_full((n_lines, 1), start_id)
            ids = torch.cat((sign, ids[:, -(context // 2) :]), 1)
            logits = model.read(ids)
        else:
            logits = model.read(ids[:, -1:], is_more=True)
    lines, shares = (torch.cat(parts, 1).tolist() for parts in (places, probabilities))
    return [Written(tuple(line), tuple(of)) for line, of in zip(lines, shares, strict=True)]


def generator_of(seed: int, step: int) -> torch.Generator:
    """What is drawn from at this step of the run with this seed."""
    return torch.Generator().manual_seed((seed * 1_000_003 + step) & ((1 << 63) - 1))
