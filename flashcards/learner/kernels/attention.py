"""Kernels, third part: a layer's half with attention, as loops for numba to compile.

M columns as `batch_in_columns.py` lays them out. Where pieces meet they lie on a grid, G = T * B:
t * B + b is card b's piece t, nothing where it has none. So what each piece takes from the one n
before it is one row over all pieces and cards. Head by head and row by row, so that what is read
again is near.
"""

import numpy as np

from flashcards.learner.kernels.elementwise import (
    CARDS,
    COLUMNS,
    EPSILON,
    HEAD_WIDTH,
    HEADS,
    PIECES,
    STARTS,
    exp,
    f,
    inlined,
    norm,
    norm_backward,
)
from flashcards.learner.kernels.products import pack, product, shift


@inlined
def cards_at(sizes, t):
    """The number of cards that have a piece t."""
    return sizes[STARTS + sizes[PIECES] + 1 + t]


@inlined
def columns_at(sizes, t):
    """[B] the column of each card's piece t, counted from where these begin."""
    return shift(sizes, STARTS + 2 * sizes[PIECES] + 1 + t * sizes[CARDS])


@inlined
def all_cards(x, at, sizes, t, size):
    """Row t of a grid, x from `at` on, has the columns' numbers: give each card its own, and zero
    to cards without a piece."""
    n_here = cards_at(sizes, t)
    column_of = columns_at(sizes, t)
    if size < n_here:  # cards share columns
        for i in range(n_here):
            b = n_here - 1 - i
            x[at + b] = x[at + column_of[b]]
    for b in range(n_here, sizes[CARDS]):
        x[at + b] = f(0)


@inlined
def spread(x, at, out, to, sizes):
    """x from `at` on [M]; out from `to` on [G], zero in the gaps."""
    n_pieces = sizes[PIECES]
    n_cards = sizes[CARDS]
    starts = shift(sizes, STARTS)
    for t in range(n_pieces):
        start = starts[t]
        size = starts[t + 1] - start
        y = to + t * n_cards
        for b in range(size):
            out[y + b] = x[at + start + b]
        all_cards(out, y, sizes, t, size)


@inlined
def gathered(x, at, out, to, sizes):
    """x from `at` on [G]; out from `to` on [M], zero in the columns of no piece. Of cards that
    share a column the first counts."""
    n_pieces = sizes[PIECES]
    n_cards = sizes[CARDS]
    m = sizes[COLUMNS]
    starts = shift(sizes, STARTS)
    for t in range(n_pieces):
        start = starts[t]
        size = starts[t + 1] - start
        n_here = cards_at(sizes, t)
        y = at + t * n_cards
        if size < n_here:
            column_of = columns_at(sizes, t)
            for i in range(n_here):  # from the last to the first, which stays
                b = n_here - 1 - i
                out[to + start + column_of[b]] = x[y + b]
        else:
            for b in range(size):
                out[to + start + b] = x[y + b]
    for i in range(starts[n_pieces], m):
        out[to + i] = f(0)


@inlined
def attention_block(x_in, gain, matrices, gains, cos, sin, activations, work, sizes):
    """x_in [C, M], the layer's weights, cos and sin [T, D] as in `Positions`, sizes as in
    `_Layout`. Out: activations [5C + 2H + 1, M] what the norm gave, qkv, mixed, inverse of the
    heads, of the norm, then [2C + H * T, G] rotated, weights; work [4, G].
    What a piece takes from the one `back` before it is in that row of weights."""
    n_heads = sizes[HEADS]
    width = sizes[HEAD_WIDTH]
    n_pieces = sizes[PIECES]
    n_cards = sizes[CARDS]
    m = sizes[COLUMNS]
    starts = shift(sizes, STARTS)
    c = n_heads * width
    qkv = shift(activations, c * m)
    mixed = shift(activations, 4 * c * m)
    inverse = shift(activations, 5 * c * m)
    rotated = shift(inverse, (2 * n_heads + 1) * m)
    weights = shift(rotated, 2 * c * n_pieces * n_cards)
    # -- the layer's norm; queries, keys and values of all heads
    norm(x_in, gain, activations, shift(inverse, 2 * n_heads * m), c, m)
    product(qkv, 3 * c, m, matrices, c, 1, activations, c)
    n_all = n_pieces * n_cards
    # -- norm and rotation of queries (j = 0) and keys (j = 1), from columns to the grid
    for head in range(2 * n_heads):
        j = head // n_heads
        at = head * m
        for i in range(m):
            inverse[at + i] = f(0)
        for d in range(width):
            x = (head * width + d) * m
            for i in range(m):
                inverse[at + i] += qkv[x + i] * qkv[x + i]
        for i in range(m):
            inverse[at + i] = f(1) / np.sqrt(inverse[at + i] / f(width) + EPSILON)
        for d in range(width):
            e = d + width // 2 if d < width // 2 else d - width // 2
            for t in range(n_pieces):
                start = starts[t]
                size = starts[t + 1] - start
                own = cos[t * width + d] * gains[j * width + d]
                other = sin[t * width + d] * gains[j * width + e]
                x = (head * width + d) * m + start
                y = (head * width + e) * m + start
                out = (head * width + d) * n_all + t * n_cards
                for b in range(size):
                    turned = qkv[x + b] * own + qkv[y + b] * other
                    rotated[out + b] = turned * inverse[at + start + b]
                all_cards(rotated, out, sizes, t, size)
    scale = f(1) / np.sqrt(f(width))
    # where in `work` rows begin: the largest score, the sum of shares, values, what is mixed
    largest = 0
    total = n_all
    value = 2 * n_all
    taken = 3 * n_all
    for h in range(n_heads):
        # -- scores: row `back` has each piece's query times the key `back` pieces before it
        w = h * n_pieces * n_all
        for i in range(n_all):
            work[largest + i] = f(-1e30)
            work[total + i] = f(0)
        for i in range(n_pieces * n_all):
            weights[w + i] = f(0)
        for d in range(width):
            q = (h * width + d) * n_all
            k = ((n_heads + h) * width + d) * n_all
            for back in range(n_pieces):
                first = back * n_cards
                for i in range(first, n_all):
                    weights[w + back * n_all + i] += rotated[q + i] * rotated[k - first + i]
        # -- softmax over all that a piece may look at
        for back in range(n_pieces):
            for i in range(back * n_cards, n_all):
                score = weights[w + back * n_all + i]
                work[largest + i] = score if score > work[largest + i] else work[largest + i]
        for back in range(n_pieces):
            for i in range(back * n_cards, n_all):
                share = exp((weights[w + back * n_all + i] - work[largest + i]) * scale)
                weights[w + back * n_all + i] = share
                work[total + i] += share
        for i in range(n_all):
            work[total + i] = f(1) / work[total + i]
        for back in range(n_pieces):
            for i in range(back * n_cards, n_all):
                weights[w + back * n_all + i] *= work[total + i]
        # -- values, mixed by these shares
        for d in range(width):
            spread(qkv, ((2 * n_heads + h) * width + d) * m, work, value, sizes)
            for i in range(n_all):
                work[taken + i] = f(0)
            for back in range(n_pieces):
                first = back * n_cards
                for i in range(first, n_all):
                    work[taken + i] += weights[w + back * n_all + i] * work[value - first + i]
            gathered(work, taken, mixed, (h * width + d) * m, sizes)


@inlined
def attention_block_backward(
    by_y,
    x_in,
    gain,
    matrices,
    gains,
    cos,
    sin,
    activations,
    by_x,
    by_gain,
    by_qkv,
    by_gains,
    work,
    sizes,
):
    """by_y [C, M] by what was mixed, and all that the block was given and wrote. Adds to by_x
    [C, M]; out: by the weights; work [5C + 1, M], then [D + T + 6, the larger of G and M]."""
    n_heads = sizes[HEADS]
    width = sizes[HEAD_WIDTH]
    n_pieces = sizes[PIECES]
    n_cards = sizes[CARDS]
    m = sizes[COLUMNS]
    starts = shift(sizes, STARTS)
    c = n_heads * width
    qkv = shift(activations, c * m)
    mixed = shift(activations, 4 * c * m)
    inverse = shift(activations, 5 * c * m)
    rotated = shift(inverse, (2 * n_heads + 1) * m)
    weights = shift(rotated, 2 * c * n_pieces * n_cards)
    by = work
    by_normed = shift(work, 3 * c * m)
    packed = shift(work, 4 * c * m)
    spare_row = shift(work, 5 * c * m)
    work = shift(work, (5 * c + 1) * m)
    n_all = n_pieces * n_cards
    span = n_all if n_all > m else m
    # where in `work` rows begin
    along = 0  # what is mixed times its derivative: softmax's sum
    taken = span  # the derivative by what is mixed, on the grid
    value = 2 * span
    by_first = 3 * span  # derivatives of one row of numbers, on the grid:
    by_second = 4 * span  # by values or queries, and by keys
    spare = 5 * span
    by_gained = 6 * span  # [D, span] by what the norm of a head gave
    slope = by_gained + width * span  # [T, span] by weights, then by scores
    scale = f(1) / np.sqrt(f(width))
    for h in range(n_heads):
        # -- by weights and values
        w = h * n_pieces * n_all
        for i in range(m):
            work[spare + i] = f(0)
        for i in range(n_pieces * n_all):
            work[slope + i] = f(0)
        for d in range(width):
            o = (h * width + d) * m
            v = ((2 * n_heads + h) * width + d) * m
            for i in range(m):
                work[spare + i] += by_y[o + i] * mixed[o + i]
            spread(by_y, o, work, taken, sizes)
            spread(qkv, v, work, value, sizes)
            for i in range(n_all):
                work[by_first + i] = f(0)
            for back in range(n_pieces):
                first = back * n_cards
                row = back * n_all
                for i in range(first, n_all):
                    work[slope + row + i] += work[taken + i] * work[value - first + i]
                for i in range(first, n_all):
                    work[by_first - first + i] += weights[w + row + i] * work[taken + i]
            gathered(work, by_first, by, v, sizes)
        # -- softmax: p * (dp - sum(p * dp)), as in layers.py
        spread(work, spare, work, along, sizes)
        for back in range(n_pieces):
            s = slope + back * n_all
            for i in range(back * n_cards, n_all):
                work[s + i] = (
                    (work[s + i] - work[along + i]) * weights[w + back * n_all + i] * scale
                )
        # -- by queries and keys, rotated
        for d in range(width):
            q = (h * width + d) * n_all
            k = ((n_heads + h) * width + d) * n_all
            for i in range(n_all):
                work[by_first + i] = f(0)
                work[by_second + i] = f(0)
            for back in range(n_pieces):
                first = back * n_cards
                s = slope + back * n_all
                for i in range(first, n_all):
                    work[by_first + i] += work[s + i] * rotated[k - first + i]
                for i in range(first, n_all):
                    work[by_second - first + i] += work[s + i] * rotated[q + i]
            gathered(work, by_first, by, (h * width + d) * m, sizes)
            gathered(work, by_second, by, ((n_heads + h) * width + d) * m, sizes)
    # -- back through rotation and norm of queries and keys
    for head in range(2 * n_heads):
        j = head // n_heads
        at = head * m
        for i in range(m):
            work[along + i] = f(0)
        for d in range(width):
            e = d + width // 2 if d < width // 2 else d - width // 2
            g = gains[j * width + d]
            total = f(0)
            for t in range(n_pieces):
                start = starts[t]
                cosine = cos[t * width + d]
                turn = sin[t * width + e]
                x = (head * width + d) * m + start
                y = (head * width + e) * m + start
                for b in range(starts[t + 1] - start):
                    turned = by[x + b] * cosine + by[y + b] * turn
                    part = turned * qkv[x + b] * inverse[at + start + b]
                    total += part
                    work[along + start + b] += part * g
                    work[by_gained + d * m + start + b] = turned * g
            for i in range(starts[n_pieces], m):
                work[by_gained + d * m + i] = f(0)
            by_gains[j * width + d] = total + (by_gains[j * width + d] if head % n_heads else f(0))
        for i in range(m):
            work[along + i] *= inverse[at + i] / f(width)
        for d in range(width):
            x = (head * width + d) * m
            k = by_gained + d * m
            for i in range(m):
                by[x + i] = (work[k + i] - qkv[x + i] * work[along + i]) * inverse[at + i]
    # -- by the matrices, and through the layer's norm
    pack(activations, packed, c, m)
    product(by_qkv, 3 * c, c, by, m, 1, packed, m, 1)
    product(by_normed, c, m, matrices, 1, c, by, 3 * c)
    inverse_rms = shift(inverse, 2 * n_heads * m)
    norm_backward(by_normed, x_in, inverse_rms, gain, by_x, by_gain, spare_row, c, m)
