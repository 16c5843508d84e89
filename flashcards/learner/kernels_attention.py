"""Attention, as loops for numba to compile: see kernels.py.

M columns as `columns.py` lays them out. Where pieces meet they lie on a grid, G = T * B: t * B + b
is card b's piece t, nothing where it has none. So what each piece takes from the one n before it is
one row over all pieces and cards. Head by head and row by row, so that what is read again is near.
"""

import numpy as np
from numba import njit

from flashcards.learner.kernels import EPSILON, FAST, exp, f, kernel


@njit(fastmath=FAST, error_model="numpy", inline="always")
def spread(x, at, out, to, starts, n_pieces, n_cards):
    """x from `at` on [M]; out from `to` on [G], zero in the gaps."""
    for t in range(n_pieces):
        start = starts[t]
        size = starts[t + 1] - start
        y = to + t * n_cards
        for b in range(size):
            out[y + b] = x[at + start + b]
        for b in range(size, n_cards):
            out[y + b] = f(0)


@njit(fastmath=FAST, error_model="numpy", inline="always")
def gathered(x, at, out, to, starts, n_pieces, n_cards, m):
    """x from `at` on [G]; out from `to` on [M], zero in the columns of no piece."""
    for t in range(n_pieces):
        start = starts[t]
        y = at + t * n_cards
        for b in range(starts[t + 1] - start):
            out[to + start + b] = x[y + b]
    for i in range(starts[n_pieces], m):
        out[to + i] = f(0)


@kernel(9, 5, 1)
def attention(
    qkv,
    gain,
    cos,
    sin,
    inverse,
    rotated,
    weights,
    mixed,
    work,
    starts,
    n_heads,
    width,
    n_pieces,
    n_cards,
    m,
):
    """qkv [3, H, D, M], gain [2, D], cos and sin [T, D] as in `Positions`, starts [T + 1].
    Out: inverse [2, H, M], rotated [2, H, D, G], weights [H, T, G], mixed [H, D, M]; work [4, G].
    What a piece takes from the one `back` before it is in that row of weights."""
    n_all = n_pieces * n_cards
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
                one = cos[t * width + d] * gain[j * width + d]
                two = sin[t * width + d] * gain[j * width + e]
                x = (head * width + d) * m + start
                y = (head * width + e) * m + start
                out = (head * width + d) * n_all + t * n_cards
                for b in range(size):
                    turned = qkv[x + b] * one + qkv[y + b] * two
                    rotated[out + b] = turned * inverse[at + start + b]
                for b in range(size, n_cards):
                    rotated[out + b] = f(0)
    scale = f(1) / np.sqrt(f(width))
    most = 0
    total = n_all
    value = 2 * n_all
    took = 3 * n_all
    for h in range(n_heads):
        w = h * n_pieces * n_all
        for i in range(n_all):
            work[most + i] = f(-1e30)
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
        for back in range(n_pieces):
            for i in range(back * n_cards, n_all):
                score = weights[w + back * n_all + i]
                work[most + i] = score if score > work[most + i] else work[most + i]
        for back in range(n_pieces):
            for i in range(back * n_cards, n_all):
                share = exp((weights[w + back * n_all + i] - work[most + i]) * scale)
                weights[w + back * n_all + i] = share
                work[total + i] += share
        for i in range(n_all):
            work[total + i] = f(1) / work[total + i]
        for back in range(n_pieces):
            for i in range(back * n_cards, n_all):
                weights[w + back * n_all + i] *= work[total + i]
        for d in range(width):
            spread(qkv, ((2 * n_heads + h) * width + d) * m, work, value, starts, n_pieces, n_cards)
            for i in range(n_all):
                work[took + i] = f(0)
            for back in range(n_pieces):
                first = back * n_cards
                for i in range(first, n_all):
                    work[took + i] += weights[w + back * n_all + i] * work[value - first + i]
            gathered(work, took, mixed, (h * width + d) * m, starts, n_pieces, n_cards, m)


@kernel(12, 5, 1)
def attention_backward(
    by_mixed,
    qkv,
    gain,
    cos,
    sin,
    inverse,
    rotated,
    weights,
    mixed,
    by,
    by_gain,
    work,
    starts,
    n_heads,
    width,
    n_pieces,
    n_cards,
    m,
):
    """by_mixed [H, D, M], and what `attention` was given and wrote.
    Out: by [3, H, D, M], by_gain [2, D]; work [D + T + 6, G]."""
    n_all = n_pieces * n_cards
    along = 0
    took = n_all
    value = 2 * n_all
    one = 3 * n_all
    two = 4 * n_all
    spare = 5 * n_all
    keep = 6 * n_all
    slope = keep + width * n_all
    scale = f(1) / np.sqrt(f(width))
    for h in range(n_heads):
        w = h * n_pieces * n_all
        for i in range(m):
            work[spare + i] = f(0)
        for i in range(n_pieces * n_all):
            work[slope + i] = f(0)
        for d in range(width):
            o = (h * width + d) * m
            v = ((2 * n_heads + h) * width + d) * m
            for i in range(m):
                work[spare + i] += by_mixed[o + i] * mixed[o + i]
            spread(by_mixed, o, work, took, starts, n_pieces, n_cards)
            spread(qkv, v, work, value, starts, n_pieces, n_cards)
            for i in range(n_all):
                work[one + i] = f(0)
            for back in range(n_pieces):
                first = back * n_cards
                row = back * n_all
                for i in range(first, n_all):
                    work[slope + row + i] += work[took + i] * work[value - first + i]
                for i in range(first, n_all):
                    work[one - first + i] += weights[w + row + i] * work[took + i]
            gathered(work, one, by, v, starts, n_pieces, n_cards, m)
        spread(work, spare, work, along, starts, n_pieces, n_cards)
        for back in range(n_pieces):
            s = slope + back * n_all
            for i in range(back * n_cards, n_all):
                work[s + i] = (
                    (work[s + i] - work[along + i]) * weights[w + back * n_all + i] * scale
                )
        for d in range(width):
            q = (h * width + d) * n_all
            k = ((n_heads + h) * width + d) * n_all
            for i in range(n_all):
                work[one + i] = f(0)
                work[two + i] = f(0)
            for back in range(n_pieces):
                first = back * n_cards
                s = slope + back * n_all
                for i in range(first, n_all):
                    work[one + i] += work[s + i] * rotated[k - first + i]
                for i in range(first, n_all):
                    work[two - first + i] += work[s + i] * rotated[q + i]
            gathered(work, one, by, (h * width + d) * m, starts, n_pieces, n_cards, m)
            gathered(work, two, by, ((n_heads + h) * width + d) * m, starts, n_pieces, n_cards, m)
    for head in range(2 * n_heads):
        j = head // n_heads
        at = head * m
        for i in range(m):
            work[along + i] = f(0)
        for d in range(width):
            e = d + width // 2 if d < width // 2 else d - width // 2
            g = gain[j * width + d]
            total = f(0)
            for t in range(n_pieces):
                start = starts[t]
                c = cos[t * width + d]
                turn = sin[t * width + e]
                x = (head * width + d) * m + start
                y = (head * width + e) * m + start
                for b in range(starts[t + 1] - start):
                    turned = by[x + b] * c + by[y + b] * turn
                    product = turned * qkv[x + b] * inverse[at + start + b]
                    total += product
                    work[along + start + b] += product * g
                    work[keep + d * m + start + b] = turned * g
            for i in range(starts[n_pieces], m):
                work[keep + d * m + i] = f(0)
            by_gain[j * width + d] = total + (by_gain[j * width + d] if head % n_heads else f(0))
        for i in range(m):
            work[along + i] *= inverse[at + i] / f(width)
        for d in range(width):
            x = (head * width + d) * m
            kept = keep + d * m
            for i in range(m):
                by[x + i] = (work[kept + i] - qkv[x + i] * work[along + i]) * inverse[at + i]
