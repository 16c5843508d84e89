"""The model read on and on: keys and values of what was read are kept, so that a piece costs one
position. No derivative; `passes.forward` has that. Knows no deck.
"""

from __future__ import annotations

import torch
from torch import Tensor

from flashcards.learner.layers import norm, swap_halves, swiglu
from flashcards.learner.model import Rotary, Weights
from flashcards.learner.settings import LearnerSettings


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
        self._weights = weights
        self._head = weights.head.index_select(0, sayable)
        self._settings = settings
        self.context = context
        self._positions = rotary.upto(context)
        self.n_read = 0

    @torch.no_grad()
    def read(self, ids: Tensor, *, is_more: bool = False, hidden: Tensor | None = None) -> Tensor:
        """Logits [B, A] of what follows `ids` [B, T], after what was read before if `is_more`.

        `hidden` [B, context] is added to what each position thinks of each: far below 0 where
        none may look. Without it, all may look at all before them.
        """
        weights, settings = self._weights, self._settings
        n_rows, n_new = ids.shape
        n_heads, width = settings.n_heads, settings.width // settings.n_heads
        if not is_more:
            shape = (settings.n_layers, 2, n_rows, n_heads, self.context, width)
            self._kept, self.n_read = torch.empty(shape, device=ids.device), 0
        first, end = self.n_read, self.n_read + n_new
        cos, sin = self._positions.cos[first:end], self._positions.sin[first:end]
        mask = self._positions.mask[first:end, :end]
        if hidden is not None:
            mask = mask + hidden[:, None, None, :end]
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
