"""Kernels, first part: everything that is no matrix product, as loops for numba to compile.

Only `compiled.py` imports this, once, to compile it; a lesson loads the machine code. Everything is
float32 and lies with the cards innermost: a tensor [C, M] has a column for every piece, as
`batch_in_columns.py` lays them out. So every inner loop runs over cards, and the processor takes
several at a time.

A kernel that is called as a function of layers.py does what that does. Products are next, in
products.py; then attention.py; then all_layers.py, which calls all of them. Sizes as in model.py.
Kernels take pointers, then sizes; they write what `out` says and allocate nothing.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir
from numba import cfunc, njit, types
from numba.extending import intrinsic

from flashcards.learner.layers import NORM_EPSILON

Floats = Any  # a pointer to float32
Places = Any  # a pointer to int64
EPSILON = np.float32(NORM_EPSILON)
f = np.float32  # a literal of Python would be a float64, and so would all it meets

# what stands where in `sizes`: see `batch_in_columns._Layout`
HEADS, HEAD_WIDTH, PIECES, CARDS, COLUMNS, LAYERS, HIDDEN, ASKED, STARTS = range(9)

BLOCK = 4096  # so many squares are summed as float32, the sums as float64

FAST = {"reassoc", "contract", "arcp", "nsz"}  # NaN and infinity stay what they are

KERNELS: dict[str, Any] = {}


inlined = njit(fastmath=FAST, error_model="numpy", forceinline=True)


def kernel(n_floats: int, n_sizes: int, n_places: int = 0) -> Callable[[Any], Any]:
    """Compile a function of so many pointers to floats, then to places, then sizes; other kernels
    may call it, too."""
    floats = types.CPointer(types.float32)
    places = types.CPointer(types.int64)
    taken = [floats] * n_floats + [places] * n_places + [types.intp] * n_sizes

    def compiled(function: Any) -> Any:
        KERNELS[function.__name__] = cfunc(
            types.void(*taken), fastmath=FAST, error_model="numpy", nopython=True
        )(function)
        return inlined(function)

    return compiled


@intrinsic
def as_float(context, bits):
    """The float32 of these 32 bits: numba's `view` may raise."""

    def code(context, builder, signature, values):
        return builder.bitcast(values[0], ir.FloatType())

    return types.float32(types.int32), code


@inlined
def exp(x):
    """e^x as 2^n times a polynomial (Cephes, expf.c): a call would take one number at a time.
    No `min`, no `max` and no `range` with a step that is computed in this file: numba's may raise,
    which takes more than machine code."""
    x = f(-87.0) if x < f(-87.0) else x
    x = f(88.0) if x > f(88.0) else x
    n = np.floor(x * f(1.44269504) + f(0.5))
    r = x - n * f(0.693359375) + n * f(2.12194440e-4)
    p = f(1.9875691500e-4)
    p = p * r + f(1.3981999507e-3)
    p = p * r + f(8.3334519073e-3)
    p = p * r + f(4.1665795894e-2)
    p = p * r + f(1.6666665459e-1)
    p = p * r + f(5.0000001201e-1)
    p = p * r * r + r + f(1)
    return p * as_float(np.int32((np.int32(n) + np.int32(127)) * np.int32(1 << 23)))


@kernel(2, 2, 1)
def embed_backward(by_x, by_rows, ids, width, m):
    """by_x [C, M], ids [M]; adds to by_rows [V, C]."""
    for i in range(m):
        for c in range(width):
            by_rows[ids[i] * width + c] += by_x[c * m + i]


@kernel(4, 2)
def norm(x, gain, out, inverse, width, m):
    """x [C, M], gain [C]; out [C, M], inverse [M], 1 / rms."""
    for i in range(m):
        inverse[i] = f(0)
    for c in range(width):
        at = c * m
        for i in range(m):
            inverse[i] += x[at + i] * x[at + i]
    for i in range(m):
        inverse[i] = f(1) / np.sqrt(inverse[i] / f(width) + EPSILON)
    for c in range(width):
        at = c * m
        g = gain[c]
        for i in range(m):
            out[at + i] = x[at + i] * inverse[i] * g


@kernel(7, 2)
def norm_backward(by_y, x, inverse, gain, by_x, by_gain, work, width, m):
    """by_y, x [C, M], inverse [M], gain [C]; adds to by_x [C, M]; out by_gain [C]; work [M]."""
    for i in range(m):
        work[i] = f(0)
    for c in range(width):
        at = c * m
        g = gain[c]
        total = f(0)
        for i in range(m):
            product = by_y[at + i] * x[at + i] * inverse[i]
            total += product
            work[i] += product * g
        by_gain[c] = total
    for i in range(m):
        work[i] *= inverse[i] * inverse[i] / f(width)
    for c in range(width):
        at = c * m
        g = gain[c]
        for i in range(m):
            by_x[at + i] += by_y[at + i] * inverse[i] * g - x[at + i] * work[i]


@inlined
def swiglu(gate_up, sigmoid, out, n):
    """gate_up [2, n]; out sigmoid [n] of gate, out [n]."""
    for i in range(n):
        s = f(1) / (f(1) + exp(-gate_up[i]))
        sigmoid[i] = s
        out[i] = gate_up[i] * s * gate_up[n + i]


@inlined
def swiglu_backward(by_y, gate_up, sigmoid, out, n):
    """by_y, sigmoid [n], gate_up [2, n]; out [2, n]."""
    for i in range(n):
        s = sigmoid[i]
        gate = gate_up[i]
        out[n + i] = by_y[i] * gate * s
        out[i] = by_y[i] * gate_up[n + i] * s * (f(1) + gate * (f(1) - s))


@kernel(5, 4, 2)
def cross_entropy(
    logits, by_logits, totals, gaps, best, targets, row_of, n_ahead, first, n_pieces, n
):
    """logits [G, A, N] of the pieces `first`, `first` + 1, ... after the next; targets, row_of [N].
    Out: by_logits [G, A, N]; best [G, N] the likeliest piece; totals, gaps [G, N]: log total + gap
    is the error. Where the answer ends before, all is as if the error were 0."""
    for g in range(n_ahead):
        at = g * n_pieces * n
        o = g * n
        for i in range(n):
            best[o + i] = f(0)
            gaps[o + i] = logits[at + i]
            totals[o + i] = f(0)
        for a in range(1, n_pieces):
            x = at + a * n
            for i in range(n):
                best[o + i] = f(a) if logits[x + i] > gaps[o + i] else best[o + i]
                gaps[o + i] = logits[x + i] if logits[x + i] > gaps[o + i] else gaps[o + i]
        for a in range(n_pieces):
            x = at + a * n
            for i in range(n):
                share = exp(logits[x + i] - gaps[o + i])
                by_logits[x + i] = share
                totals[o + i] += share
        for a in range(n_pieces):
            x = at + a * n
            for i in range(n):
                by_logits[x + i] /= totals[o + i]
        for i in range(n):
            j = i + first + g
            if j < n and row_of[j] == row_of[i]:
                x = at + targets[j] * n + i
                by_logits[x] -= f(1)
                gaps[o + i] -= logits[x]
            else:
                totals[o + i] = f(1)
                gaps[o + i] = f(0)
                for a in range(n_pieces):
                    by_logits[at + a * n + i] = f(0)


@kernel(3, 1)
def square_sums(after, before, out, n):
    """after, before [n]; out [2]: the sums of squares of what changed, and of what was before."""
    changed = np.float64(0)
    was = np.float64(0)
    for start in range(0, n, BLOCK):
        stop = start + BLOCK if start + BLOCK < n else n
        block_changed = f(0)
        block_was = f(0)
        for i in range(start, stop):
            change = after[i] - before[i]
            block_changed += change * change
            block_was += before[i] * before[i]
        changed += block_changed
        was += block_was
    out[0] = changed
    out[1] = was
