"""Attention, as loops for numba to compile: see kernels.py.

A card's piece t is n_cards columns after its piece t - 1. So what each piece takes from the one n
before it is one row over all pieces and cards. Head by head and row by row, so that what is read
again is still near.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from flashcards.learner.kernels import EPSILON, FAST, exp, f, kernel


@njit(fastmath=FAST, error_model="numpy", inline="always")
def spread(of, out, at, width, n_pieces, n_cards, m):
    """of [T, D]; out from `at` on [D, M], the same for every card."""
    for d in range(width):
        for t in range(n_pieces):
            value = of[t * width + d]
            stop = (t + 1) * n_cards if (t + 1) * n_cards < m else m
            for i in range(t * n_cards, stop):
                out[at + d * m + i] = value


@kernel(9, 5)
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
    n_heads,
    width,
    n_pieces,
    n_cards,
    m,
):
    """qkv [3, H, D, M], gain [2, D], cos and sin [T, D] as in `Positions`.

    Out: inverse [2, H, M], rotated [2, H, D, M], weights [H, T, M], mixed [H, D, M]; work
    [2D + 2, M]. What a piece takes from the one n before it is in weights' row n.
    """
    spread(cos, work, 0, width, n_pieces, n_cards, m)
    spread(sin, work, width * m, width, n_pieces, n_cards, m)
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
            x = (head * width + d) * m
            y = (head * width + e) * m
            one = gain[j * width + d]
            two = gain[j * width + e]
            c = d * m
            s = (width + d) * m
            for i in range(m):
                turned = qkv[x + i] * one * work[c + i] + qkv[y + i] * two * work[s + i]
                rotated[x + i] = turned * inverse[at + i]
    scale = f(1) / np.sqrt(f(width))
    most = 2 * width * m
    total = most + m
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
            for n in range(n_pieces):
                back = n * n_cards
                for i in range(back, m):
                    weights[w + n * m + i] += rotated[q + i] * rotated[k - back + i]
        for n in range(n_pieces):
            for i in range(n * n_cards, m):
                score = weights[w + n * m + i]
                work[most + i] = score if score > work[most + i] else work[most + i]
        for n in range(n_pieces):
            for i in range(n * n_cards, m):
                share = exp((weights[w + n * m + i] - work[most + i]) * scale)
                weights[w + n * m + i] = share
                work[total + i] += share
        for i in range(m):
            work[total + i] = f(1) / work[total + i]
        for n in range(n_pieces):
            for i in range(n * n_cards, m):
                weights[w + n * m + i] *= work[total + i]
        for d in range(width):
            o = (h * width + d) * m
            v = ((2 * n_heads + h) * width + d) * m
            for i in range(m):
                mixed[o + i] = f(0)
            for n in range(n_pieces):
                back = n * n_cards
                for i in range(back, m):
                    mixed[o + i] += weights[w + n * m + i] * qkv[v - back + i]


@kernel(12, 5)
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
    n_heads,
    width,
    n_pieces,
    n_cards,
    m,
):
    """by_mixed [H, D, M], and what `attention` was given and wrote.

    Out: by [3, H, D, M], by_gain [2, D]; work [3D + T + 1, M].
    """
    spread(cos, work, 0, width, n_pieces, n_cards, m)
    spread(sin, work, width * m, width, n_pieces, n_cards, m)
    along = 2 * width * m
    keep = along + m
    slope = keep + width * m
    scale = f(1) / np.sqrt(f(width))
    for h in range(n_heads):
        w = h * n_pieces * m
        for i in range(m):
            work[along + i] = f(0)
        for i in range(n_pieces * m):
            work[slope + i] = f(0)
        for d in range(width):
            o = (h * width + d) * m
            v = ((2 * n_heads + h) * width + d) * m
            for i in range(m):
                work[along + i] += by_mixed[o + i] * mixed[o + i]
                by[v + i] = f(0)
            for n in range(n_pieces):
                back = n * n_cards
                for i in range(back, m):
                    work[slope + n * m + i] += by_mixed[o + i] * qkv[v - back + i]
                for i in range(back, m):
                    by[v - back + i] += weights[w + n * m + i] * by_mixed[o + i]
        for n in range(n_pieces):
            s = slope + n * m
            for i in range(n * n_cards, m):
                work[s + i] = (work[s + i] - work[along + i]) * weights[w + n * m + i] * scale
        for d in range(width):
            q = (h * width + d) * m
            k = ((n_heads + h) * width + d) * m
            for i in range(m):
                by[q + i] = f(0)
                by[k + i] = f(0)
            for n in range(n_pieces):
                back = n * n_cards
                for i in range(back, m):
                    by[q + i] += work[slope + n * m + i] * rotated[k - back + i]
                for i in range(back, m):
                    by[k - back + i] += work[slope + n * m + i] * rotated[q + i]
    for head in range(2 * n_heads):
        j = head // n_heads
        at = head * m
        for i in range(m):
            work[along + i] = f(0)
        for d in range(width):
            e = d + width // 2 if d < width // 2 else d - width // 2
            x = (head * width + d) * m
            y = (head * width + e) * m
            c = d * m
            s = (width + e) * m
            kept = keep + d * m
            g = gain[j * width + d]
            total = f(0)
            for i in range(m):
                turned = by[x + i] * work[c + i] + by[y + i] * work[s + i]
                product = turned * qkv[x + i] * inverse[at + i]
                total += product
                work[along + i] += product * g
                work[kept + i] = turned * g
            by_gain[j * width + d] = total + (by_gain[j * width + d] if head % n_heads else f(0))
        for i in range(m):
            work[along + i] *= inverse[at + i] / f(width)
        for d in range(width):
            x = (head * width + d) * m
            kept = keep + d * m
            for i in range(m):
                by[x + i] = (work[kept + i] - qkv[x + i] * work[along + i]) * inverse[at + i]
