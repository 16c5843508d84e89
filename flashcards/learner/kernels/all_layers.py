"""All layers in one call, for numba to compile: see elementwise.py.

`sizes` are as in `batch_in_columns.py`, `flat` is all weights as they lie, `kept` what `forward`
keeps of each layer, `stride` after the layer before: x [C, M], what attention keeps, x and what was
mixed at the columns asked [2C, N], what the MLP keeps. After the last is what the last one gave
[C, N].
"""

from flashcards.learner.kernels.attention import attention_block, attention_block_backward
from flashcards.learner.kernels.elementwise import f, inlined, kernel
from flashcards.learner.kernels.products import mlp_block, mlp_block_backward, shift


@inlined
def kept_of(kept, sizes):
    """What attention keeps; what is asked of x, what of `mixed`; what the MLP keeps."""
    n_heads, n_pieces, m, c = sizes[0], sizes[2], sizes[4], sizes[0] * sizes[1]
    attention, n_all = shift(kept, c * m), sizes[7] * c
    grid = (2 * c + n_heads * n_pieces) * n_pieces * sizes[3]
    asked = shift(attention, (5 * c + 2 * n_heads + 1) * m + grid)
    return attention, asked, shift(asked, n_all), shift(asked, 2 * n_all)


@inlined
def weights_of(flat, layer, sizes, n_vocabulary):
    """A layer's [4, C, C] and [3, F, C], gains of its first norm, of the heads, of its second."""
    width, n_layers, h = sizes[1], sizes[5], sizes[6]
    c = sizes[0] * width
    mlp = shift(flat, n_layers * 4 * c * c)
    gain = shift(mlp, n_layers * 3 * h * c + 2 * n_vocabulary * c)
    gains, mlp_gain = shift(gain, n_layers * c), shift(gain, n_layers * (c + 2 * width))
    matrices, mlp = shift(flat, layer * 4 * c * c), shift(mlp, layer * 3 * h * c)
    gain, gains = shift(gain, layer * c), shift(gains, layer * 2 * width)
    return matrices, mlp, gain, gains, shift(mlp_gain, layer * c)


@kernel(5, 2, 2)
def forward(kept, flat, cos, sin, work, asked, sizes, stride, n_vocabulary):
    """kept [C, M] x. Out: kept; work as in `attention_block`."""
    m, n_layers, h, n = sizes[4], sizes[5], sizes[6], sizes[7]
    c = sizes[0] * sizes[1]
    for layer in range(n_layers):
        x, columns = shift(kept, layer * stride), m
        attention, x_asked, mixed_asked, hidden = kept_of(x, sizes)
        matrices, mlp, gain, gains, mlp_gain = weights_of(flat, layer, sizes, n_vocabulary)
        attention_block(x, gain, matrices, gains, cos, sin, attention, work, sizes)
        mixed = shift(attention, 4 * c * m)
        if layer + 1 == n_layers:
            for row in range(c):
                for i in range(n):
                    x_asked[row * n + i] = x[row * m + asked[i]]
                    mixed_asked[row * n + i] = mixed[row * m + asked[i]]
            x, mixed, columns = x_asked, mixed_asked, n
        after = shift(kept, (layer + 1) * stride)
        mlp_block(x, mixed, matrices, mlp_gain, mlp, hidden, after, c, h, columns)


@kernel(8, 2, 2)
def backward(kept, flat, cos, sin, by_end, by_x, by, work, asked, sizes, stride, n_vocabulary):
    """by_end [C, N] by what the last layer gave. Out: by_x [C, M] by what the first was given, by
    the layers' weights; work [2C, M], then as in both blocks."""
    m, n_layers, h, n = sizes[4], sizes[5], sizes[6], sizes[7]
    c = sizes[0] * sizes[1]
    by_in, by_asked, work = work, shift(work, c * m), shift(work, 2 * c * m)
    for i in range(c * m):
        by_x[i] = f(0)
        by_in[i] = f(0)
    for layer in range(n_layers - 1, -1, -1):
        x = shift(kept, layer * stride)
        its, _, mixed, hidden = kept_of(x, sizes)
        w, mlp, gain, gains, last = weights_of(flat, layer, sizes, n_vocabulary)
        by_w, by_mlp, by_gain, by_gains, by_last = weights_of(by, layer, sizes, n_vocabulary)
        by_y, by_own, n_own = by_end, by_asked, n
        if layer + 1 < n_layers:
            mixed, by_y, by_own, n_own = shift(its, 4 * c * m), by_x, by_in, m
        mlp_block_backward(
            by_y, mixed, w, last, mlp, hidden, by_own, by_w, by_last, by_mlp, work, c, h, n_own
        )
        if layer + 1 == n_layers:
            for row in range(c):
                for i in range(n):
                    by_x[row * m + asked[i]] += by_end[row * n + i]
                    by_in[row * m + asked[i]] += by_asked[row * n + i]
        attention_block_backward(
            by_in, x, gain, w, gains, cos, sin, its, by_x, by_gain, by_w, by_gains, work, sizes
        )
