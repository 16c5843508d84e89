"""Part 9, the saved state: a run's model at several steps, small enough for a page.

Pieces as text, numbers rounded. `templates/lesson.js` reads it. Knows a learner; no files, no HTML.

The numbers of one matrix at one step are whole multiples of its `unit`. What is kept of them is the
difference to the step after it (or to nothing, when that is smaller), folded to 0, 1, 2 … (0, -1,
1, …), in two parts: a byte with the highest bits, compressed, and the `n_low` lowest bits, packed.
The last step stands alone and is kept as finely as can be.
"""

import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
import numpy.typing as npt

from flashcards.learner.model import Weights
from flashcards.learner.tokenizer import Tokenizer

FINEST, COARSEST = 16, 3
"""Bits from a matrix's root mean square down to its unit. With 13 probabilities are known to 0.002,
with 7 to about 0.02: docs/figures.md, "The page with the model inside"."""

MORE_BITS, MOST_BITS = 6, 19
"""More bits of embedding, head and gains, and the most they have: they are few, and an untrained
model's best two pieces differ by little."""

ATTENTION_BITS, MLP_BITS = 2, -1
"""More bits of attention's matrices, fewer of the MLP's: the same rounding changes the
answers six times as much in attention."""

HIGH_BITS = 6
ESCAPE, ESCAPED_BITS = 255, 30
"""A number that is too large for a byte has this value in it, and all bits among the low ones."""

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]


class Part(msgspec.Struct, frozen=True):
    """One matrix at one step: a difference to the step after it, or alone."""

    unit: float
    n_low: int
    is_difference: bool


@dataclass(frozen=True)
class Packed:
    """The numbers of all steps."""

    bits: float  # from the root mean square to the unit
    parts: list[list[Part]]  # of each step, its matrices in the order of `matrices`
    high: bytes  # their high bytes, the last step's first
    low: bytes  # their low bits, the lowest bit first
    rounded: list[list[Floats]]  # each step's matrices, as whoever unpacks them has them

    @property
    def n_bytes(self) -> int:
        """The size of high and low parts, compressed."""
        return len(compressed(self.high)) + len(self.low)


def compressed(data: bytes) -> bytes:
    """With zlib: what is left in these bytes is how often each comes, and runs of zeros."""
    packer = zlib.compressobj(9, strategy=zlib.Z_RLE)
    return packer.compress(data) + packer.flush()


def matrices(weights: Weights, sayable: Sequence[int]) -> list[Floats]:
    """The model's numbers, float32: of each layer query, key, value and output [C, C], gate, up and
    down (transposed) [F, C]; then embedding [V, C], gains [L * (C + 2 * D + C) + C], and the head's
    rows that answers use [A, C]. What a layer reads counts for nothing while it writes nothing, as
    in an untrained model: it is zero here."""
    numbers: list[Floats] = []
    for attention, mlp in zip(weights.attention, weights.mlp, strict=True):
        for *read, written in (attention, mlp):
            share = 1.0 if written.any() else 0.0
            numbers += [(share * part).numpy() for part in (*read, written)]
    gains = (weights.attention_norm, weights.query_key_norm, weights.mlp_norm)
    flat = [gain[layer].flatten() for layer in range(len(weights.mlp)) for gain in gains]
    parts = [part.numpy() for part in (*flat, weights.final_norm)]
    head = weights.head[list(sayable)]
    numbers += [weights.embedding.numpy(), np.concatenate(parts), head.numpy()]
    return [np.array(part, np.float32) for part in numbers]


def packed(steps: Sequence[Sequence[Floats]], bits: float) -> Packed:
    """The numbers of these steps, `matrices` of each, rounded to `bits`; the last one's as
    finely as can be."""
    parts: list[list[Part]] = []
    rounded: list[list[Floats]] = []
    high: list[bytes] = []
    low: list[npt.NDArray[np.uint8]] = []
    for matrices in reversed(steps):
        parts.append([])
        rounded.append([])
        for place, matrix in enumerate(matrices):
            numbers = matrix.ravel().astype(np.float64)
            exponent = _bits_of(place, len(matrices), bits if len(rounded) > 1 else FINEST)
            unit = float(np.float32(_rms(numbers) * 2.0**-exponent)) or 1.0
            whole = np.rint(numbers / unit).astype(np.int64)
            is_difference = False
            if len(rounded) > 1:
                near = np.floor(rounded[-2][place].ravel().astype(np.float64) / unit + 0.5)
                is_difference = _rms(whole - near) < _rms(whole)
            signed = whole - near.astype(np.int64) if is_difference else whole
            folded = np.where(signed < 0, -2 * signed - 1, 2 * signed)  # 0, -1, 1, … as 0, 1, 2, …
            n_low = max(0, round(_rms(folded)).bit_length() - HIGH_BITS)
            parts[-1].append(Part(unit, n_low, is_difference))
            first = np.minimum(folded >> n_low, ESCAPE)
            high.append(first.astype(np.uint8).tobytes())
            low.append(_low_bits(folded, np.where(first == ESCAPE, ESCAPED_BITS, n_low)))
            rounded[-1].append((whole * unit).astype(np.float32).reshape(matrix.shape))
    bits_low = np.packbits(np.concatenate(low), bitorder="little").tobytes()
    return Packed(bits, parts[::-1], b"".join(high), bits_low, rounded[::-1])


def _bits_of(place: int, n: int, bits: float) -> float:
    """From the root mean square of the matrix at this place down to its unit."""
    if place >= n - 3:
        return min(bits + MORE_BITS, MOST_BITS)
    return bits + (ATTENTION_BITS if place % 7 < 4 else MLP_BITS)


def packed_within(steps: Sequence[Sequence[Floats]], most_bytes: float) -> Packed:
    """As finely as fits into `most_bytes`, to half a bit; never coarser than `COARSEST`."""
    best = packed(steps, FINEST)
    while best.n_bytes > most_bytes and best.bits > COARSEST:
        n_numbers = sum(matrix.size for matrix in steps[0]) * len(steps)
        excess = math.floor(16 * (best.n_bytes - most_bytes) / n_numbers) / 2
        best = packed(steps, max(COARSEST, best.bits - max(0.5, excess)))
    return best


def put(rounded: Sequence[Floats], weights: Weights, sayable: Sequence[int]) -> None:
    """Make these the numbers of the model: `matrices` back again, in place."""
    import torch

    given = iter([torch.from_numpy(part) for part in rounded])
    for attention, mlp in zip(weights.attention, weights.mlp, strict=True):
        for part in (*attention, *mlp):
            part.copy_(next(given))
    weights.embedding.copy_(next(given))
    gains = next(given)
    start = 0
    for layer in range(len(weights.mlp)):
        for gain in (weights.attention_norm, weights.query_key_norm, weights.mlp_norm):
            n = gain[layer].numel()
            gain[layer].copy_(gains[start : start + n].view(gain[layer].shape))
            start += n
    weights.final_norm.copy_(gains[start:])
    weights.head[list(sayable)] = next(given)


def pieces_of(tokenizer: Tokenizer, kind: str) -> dict[str, object]:
    """The tokenizer as JSON: its kind, each piece's text, how much each is preferred, up to how
    many characters prompts are filled, and the sounds of each letter, if they are aligned."""
    pieces = tokenizer.vocabulary()
    texts = [piece.text for piece in pieces]
    scores = [piece.score for piece in pieces] if kind in ("bpe", "unigram") else []
    sounds = tokenizer.letter_sounds and tokenizer.letter_sounds.counts
    own = {"filled": tokenizer.filled_to, "sounds": sounds}
    return {"kind": kind, "pieces": texts, "scores": scores, **own}


def _rms(numbers: npt.NDArray[np.floating | np.integer]) -> float:
    return float(np.sqrt(np.mean(np.square(numbers, dtype=np.float64))))


def _low_bits(folded: Ints, n_bits: Ints) -> npt.NDArray[np.uint8]:
    """So many of the lowest bits of each number, one after another, the lowest first."""
    places = np.arange(int(n_bits.max(initial=0)))
    bits = (folded[:, None] >> places) & 1
    return bits[places < n_bits[:, None]].astype(np.uint8)
