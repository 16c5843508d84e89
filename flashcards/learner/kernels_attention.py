"""Attention, as loops for numba to compile: see kernels.py.

Where pieces are multiplied they lie with gaps: M = T * B columns, column t * B + b is card b's
piece t, nothing where it has none. So what each piece takes from the one n before it is one row
over all pieces and cards. Head by head and row by row, so that what is read again is still near.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from flashcards.learner.kernels import EPSILON, FAST, exp, f, kernel


@njit(fastmath=FAST, error_model="numpy", inline="always")
def part(x, at, out, to, starts, n_pieces, n_cards):
    """x from `at` on [N], as columns are; out from `to` on [M], with zero in the gaps."""
    for t in range(n_pieces):
        start = starts[t]
        size = starts[t + 1] - start
        y = to + t * n_cards
        for b in range(size):
            out[y + b] = x[at + start + b]
        for b in range(size, n_cards):
            out[y + b] = f(0)


@njit(fastmath=FAST, error_model="numpy", inline="always")
def join(x, at, out, to, starts, n_pieces, n_cards, n):
    """x from `at` on [M], out from `to` on [N], zero where no card has a piece."""
    for t in range(n_pieces):
        start = starts[t]
        y = at + t * n_cards
        for b in range(starts[t + 1] - start):
            out[to + start + b] = x[y + b]
    for i in range(starts[n_pieces], n):
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
    n,
):
    """qkv [3, H, D, N], gain [2, D], cos and sin [T, D] as in `Positions`, starts [T + 1].

    Out: inverse [2, H, N], rotated [2, H, D, M], weights [H, T, M], mixed [H, D, N]; work [4, M].
    What a piece takes from the one `back` before it is in that row of weights.
    """
    m = n_pieces * n_cards
    for head in range(2 * n_heads):
        j = head // n_heads
        at = head * n
        for i in range(n):
            inverse[at + i] = f(0)
        for d in range(width):
            x = (head * width + d) * n
            for i in range(n):
                inverse[at + i] += qkv[x + i] * qkv[x + i]
        for i in range(n):
            inverse[at + i] = f(1) / np.sqrt(inverse[at + i] / f(width) + EPSILON)
        for d in range(width):
            e = d + width // 2 if d < width // 2 else d - width // 2
            for t in range(n_pieces):
                start = starts[t]
                size = starts[t + 1] - start
                one = cos[t * width + d] * gain[j * width + d]
                two = sin[t * width + d] * gain[j * width + e]
                x = (head * width + d) * n + start
                y = (head * width + e) * n + start
                out = (head * width + d) * m + t * n_cards
                for b in range(size):
                    turned = qkv[x + b] * one + qkv[y + b] * two
                    rotated[out + b] = turned * inverse[at + start + b]
                for b in range(size, n_cards):
                    rotated[out + b] = f(0)
    scale = f(1) / np.sqrt(f(width))
    most = 0
    total = m
    value = 2 * m
    took = 3 * m
    for h in range(n_heads):
        w = h * n_pieces * m
        for i in range(m):
            work[most + i] = f(-1e30)
            work[total + i] = f(0)
        for i in range(n_pieces * m):
            weights[w + i] = f(0)
        for d in range(width):
            q = (h * width + d) * m
            k = ((n_heads + h) * width + d) * m
            for back in range(n_pieces):
                first = back * n_cards
                for i in range(first, m):
                    weights[w + back * m + i] += rotated[q + i] * rotated[k - first + i]
        for back in range(n_pieces):
            for i in range(back * n_cards, m):
                score = weights[w + back * m + i]
                work[most + i] = score if score > work[most + i] else work[most + i]
        for back in range(n_pieces):
            for i in range(back * n_cards, m):
                share = exp((weights[w + back * m + i] - work[most + i]) * scale)
                weights[w + back * m + i] = share
                work[total + i] += share
        for i in range(m):
            work[total + i] = f(1) / work[total + i]
        for back in range(n_pieces):
            for i in range(back * n_cards, m):
                weights[w + back * m + i] *= work[total + i]
        for d in range(width):
            part(qkv, ((2 * n_heads + h) * width + d) * n, work, value, starts, n_pieces, n_cards)
            for i in range(m):
                work[took + i] = f(0)
            for back in range(n_pieces):
                first = back * n_cards
                for i in range(first, m):
                    work[took + i] += weights[w + back * m + i] * work[value - first + i]
            join(work, took, mixed, (h * width + d) * n, starts, n_pieces, n_cards, n)


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
    n,
):
    """by_mixed [H, D, N], and what `attention` was given and wrote.

    Out: by [3, H, D, N], by_gain [2, D]; work [D + T + 6, M].
    """
    m = n_pieces * n_cards
    along = 0
    took = m
    value = 2 * m
    one = 3 * m
    two = 4 * m
    spare = 5 * m
    keep = 6 * m
    slope = keep + width * m
    scale = f(1) / np.sqrt(f(width))
    for h in range(n_heads):
        w = h * n_pieces * m
        for i in range(n):
            work[spare + i] = f(0)
        for i in range(n_pieces * m):
            work[slope + i] = f(0)
        for d in range(width):
            o = (h * width + d) * n
            v = ((2 * n_heads + h) * width + d) * n
            for i in range(n):
                work[spare + i] += by_mixed[o + i] * mixed[o + i]
            part(by_mixed, o, work, took, starts, n_pieces, n_cards)
            part(qkv, v, work, value, starts, n_pieces, n_cards)
            for i in range(m):
                work[one + i] = f(0)
            for back in range(n_pieces):
                first = back * n_cards
                row = back * m
                for i in range(first, m):
                    work[slope + row + i] += work[took + i] * work[value - first + i]
                for i in range(first, m):
                    work[one - first + i] += weights[w + row + i] * work[took + i]
            join(work, one, by, v, starts, n_pieces, n_cards, n)
        part(work, spare, work, along, starts, n_pieces, n_cards)
        for back in range(n_pieces):
            s = slope + back * m
            for i in range(back * n_cards, m):
                work[s + i] = (work[s + i] - work[along + i]) * weights[w + back * m + i] * scale
        for d in range(width):
            q = (h * width + d) * m
            k = ((n_heads + h) * width + d) * m
            for i in range(m):
                work[one + i] = f(0)
                work[two + i] = f(0)
            for back in range(n_pieces):
                first = back * n_cards
                s = slope + back * m
                for i in range(first, m):
                    work[one + i] += work[s + i] * rotated[k - first + i]
                for i in range(first, m):
                    work[two - first + i] += work[s + i] * rotated[q + i]
            join(work, one, by, (h * width + d) * n, starts, n_pieces, n_cards, n)
            join(work, two, by, ((n_heads + h) * width + d) * n, starts, n_pieces, n_cards, n)
    for head in range(2 * n_heads):
        j = head // n_heads
        at = head * n
        for i in range(n):
            work[along + i] = f(0)
        for d in range(width):
            e = d + width // 2 if d < width // 2 else d - width // 2
            g = gain[j * width + d]
            total = f(0)
            for t in range(n_pieces):
                start = starts[t]
                c = cos[t * width + d]
                s_ = sin[t * width + e]
                x = (head * width + d) * n + start
                y = (head * width + e) * n + start
                for b in range(starts[t + 1] - start):
                    turned = by[x + b] * c + by[y + b] * s_
                    product = turned * qkv[x + b] * inverse[at + start + b]
                    total += product
                    work[along + start + b] += product * g
                    work[keep + d * n + start + b] = turned * g
            for i in range(starts[n_pieces], n):
                work[keep + d * n + i] = f(0)
            by_gain[j * width + d] = total + (by_gain[j * width + d] if head % n_heads else f(0))
        for i in range(n):
            work[along + i] *= inverse[at + i] / f(width)
        for d in range(width):
            x = (head * width + d) * n
            kept = keep + d * n
            for i in range(n):
                by[x + i] = (work[kept + i] - qkv[x + i] * work[along + i]) * inverse[at + i]
