"""Kernels, last part: all layers in one call, for numba to compile.

`sizes` are as in `batch_in_columns.py`, `flat` is all weights as they lie. `activations` are those
of all layers, each `stride` after the layer before: x [C, M], attention's, x and what was mixed at
the columns asked [2C, N], the MLP's. After the last is what the last layer gave [C, N].
"""

from flashcards.learner.kernels.attention import attention_block, attention_block_backward
from flashcards.learner.kernels.elementwise import (
    ASKED,
    CARDS,
    COLUMNS,
    HEAD_WIDTH,
    HEADS,
    HIDDEN,
    LAYERS,
    PIECES,
    f,
    inlined,
    kernel,
)
from flashcards.learner.kernels.products import mlp_block, mlp_block_backward, shift


@inlined
def activations_of(activations, sizes):
    """One layer's: attention's; x and `mixed` at the columns asked; the MLP's."""
    n_heads = sizes[HEADS]
    n_pieces = sizes[PIECES]
    m = sizes[COLUMNS]
    c = sizes[HEADS] * sizes[HEAD_WIDTH]
    attention = shift(activations, c * m)
    n_all = sizes[ASKED] * c
    grid = (2 * c + n_heads * n_pieces) * n_pieces * sizes[CARDS]
    asked_at = shift(attention, (5 * c + 2 * n_heads + 1) * m + grid)
    return attention, asked_at, shift(asked_at, n_all), shift(asked_at, 2 * n_all)


@inlined
def weights_of(flat, layer, sizes, n_vocabulary):
    """A layer's [4, C, C] and [3, F, C], gains of its first norm, of the heads, of its second."""
    width = sizes[HEAD_WIDTH]
    n_layers = sizes[LAYERS]
    h = sizes[HIDDEN]
    c = sizes[HEADS] * width
    mlp = shift(flat, n_layers * 4 * c * c)
    gain = shift(mlp, n_layers * 3 * h * c + 2 * n_vocabulary * c)
    gains = shift(gain, n_layers * c)
    mlp_gain = shift(gain, n_layers * (c + 2 * width))
    matrices = shift(flat, layer * 4 * c * c)
    mlp = shift(mlp, layer * 3 * h * c)
    gain = shift(gain, layer * c)
    gains = shift(gains, layer * 2 * width)
    return matrices, mlp, gain, gains, shift(mlp_gain, layer * c)


@kernel(5, 2, 2)
def forward(activations, flat, cos, sin, work, asked_at, sizes, stride, n_vocabulary):
    """activations: x [C, M] of the first layer. Out: all activations; work as in
    `attention_block`."""
    m = sizes[COLUMNS]
    n_layers = sizes[LAYERS]
    h = sizes[HIDDEN]
    n = sizes[ASKED]
    c = sizes[HEADS] * sizes[HEAD_WIDTH]
    for layer in range(n_layers):
        x = shift(activations, layer * stride)
        columns = m
        attention, x_asked, mixed_asked, hidden = activations_of(x, sizes)
        matrices, mlp, gain, gains, mlp_gain = weights_of(flat, layer, sizes, n_vocabulary)
        attention_block(x, gain, matrices, gains, cos, sin, attention, work, sizes)
        mixed = shift(attention, 4 * c * m)
        if layer + 1 == n_layers:  # nobody looks at the other columns any more
            for row in range(c):
                for i in range(n):
                    x_asked[row * n + i] = x[row * m + asked_at[i]]
                    mixed_asked[row * n + i] = mixed[row * m + asked_at[i]]
            x = x_asked
            mixed = mixed_asked
            columns = n
        after = shift(activations, (layer + 1) * stride)
        mlp_block(x, mixed, matrices, mlp_gain, mlp, hidden, after, c, h, columns)


@kernel(8, 2, 2)
def backward(
    activations, flat, cos, sin, by_end, by_x, by, work, asked_at, sizes, stride, n_vocabulary
):
    """by_end [C, N] by what the last layer gave. Out: by_x [C, M] by what the first was given, by
    the layers' weights; work [2C, M], then as in both blocks."""
    m = sizes[COLUMNS]
    n_layers = sizes[LAYERS]
    h = sizes[HIDDEN]
    n = sizes[ASKED]
    c = sizes[HEADS] * sizes[HEAD_WIDTH]
    by_in = work
    by_asked = shift(work, c * m)
    work = shift(work, 2 * c * m)
    for i in range(c * m):
        by_x[i] = f(0)
        by_in[i] = f(0)
    for layer in range(n_layers - 1, -1, -1):
        x = shift(activations, layer * stride)
        attention, _, mixed, hidden = activations_of(x, sizes)
        w, mlp, gain, gains, last = weights_of(flat, layer, sizes, n_vocabulary)
        by_w, by_mlp, by_gain, by_gains, by_last = weights_of(by, layer, sizes, n_vocabulary)
        by_y = by_end
        by_own = by_asked
        n_own = n
        if layer + 1 < n_layers:
            mixed = shift(attention, 4 * c * m)
            by_y = by_x
            by_own = by_in
            n_own = m
        mlp_block_backward(
            by_y, mixed, w, last, mlp, hidden, by_own, by_w, by_last, by_mlp, work, c, h, n_own
        )
        if layer + 1 == n_layers:
            for row in range(c):
                for i in range(n):
                    by_x[row * m + asked_at[i]] += by_end[row * n + i]
                    by_in[row * m + asked_at[i]] += by_asked[row * n + i]
        attention_block_backward(
            by_in,
            x,
            gain,
            w,
            gains,
            cos,
            sin,
            attention,
            by_x,
            by_gain,
            by_w,
            by_gains,
            work,
            sizes,
        )
