"""Products, and what consists of them, as loops for numba to compile: see kernels.py.

These matrices are so small that a library's product spends a quarter of its time copying them. Here
a tile of the outcome stays in registers, and what it is made of is read where it lies.
"""

import llvmlite.binding as llvm
import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from flashcards.learner.kernels import (
    f,
    inlined,
    kernel,
    norm,
    norm_backward,
    swiglu,
    swiglu_backward,
)

LANES = 16  # columns of a tile; all tensors have a multiple of it
ROWS = 8 if llvm.get_host_cpu_features().get("avx512f") else 4  # eight sums hide their latency


@intrinsic
def shift(context, numbers, n):
    """The numbers from the n-th on."""

    def code(context, builder, signature, values):
        return builder.gep(values[0], [values[1]])

    return numbers(numbers, types.intp), code


@intrinsic
def tile(context, out, m, a, down, along, b, step, depth, adds):
    """out [ROWS, LANES] of rows of m: a [ROWS, depth] times b [depth, LANES], or += if `adds`.
    a's [i, k] lies at i * down + k * along; a row of b is `step` after the one before."""
    vector = ir.VectorType(ir.FloatType(), LANES)

    def code(context, builder, signature, values):
        out, m, a, down, along, b, step, depth, adds = values
        rows = [builder.mul(m.type(i), m) for i in range(ROWS)]
        rows = [builder.bitcast(builder.gep(out, [row]), vector.as_pointer()) for row in rows]
        has_begun = builder.icmp_signed("!=", adds, adds.type(0))
        sums = [cgutils.alloca_once(builder, vector) for _ in rows]
        for row, total in zip(rows, sums, strict=True):
            before = builder.load(row, align=4)
            zero = ir.Constant(vector, [0.0] * LANES)
            builder.store(builder.select(has_begun, before, zero), total)
        with cgutils.for_range(builder, depth) as loop:
            place = builder.gep(b, [builder.mul(loop.index, step)])
            numbers = builder.load(builder.bitcast(place, vector.as_pointer()), align=4)
            for i, total in enumerate(sums):
                place = builder.add(builder.mul(m.type(i), down), builder.mul(loop.index, along))
                factor = builder.load(builder.gep(a, [place]))
                first = builder.insert_element(
                    ir.Constant(vector, ir.Undefined), factor, ir.IntType(32)(0)
                )
                of_first = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
                factors = builder.shuffle_vector(first, first, of_first)
                part = builder.fmul(factors, numbers, flags=("contract",))
                builder.store(builder.fadd(builder.load(total), part, flags=("contract",)), total)
        for row, total in zip(rows, sums, strict=True):
            builder.store(builder.load(total), row, align=4)
        return context.get_dummy_value()

    floats = (out, types.intp, a, types.intp, types.intp, b)
    return types.void(*floats, types.intp, types.intp, types.intp), code


@inlined
def product(out, n, m, a, down, along, b, depth, is_packed, adds):
    """out [n, m] = a b, or += if `adds`; then n is a multiple of ROWS. a as in `tile`; b [depth, m]
    or as `pack` wrote it."""
    for j in range(0, m, LANES):
        for block in range((n + ROWS - 1) // ROWS):
            i = block * ROWS if (block + 1) * ROWS <= n else n - ROWS
            tile(
                shift(out, i * m + j),
                m,
                shift(a, i * down),
                down,
                along,
                shift(b, j * depth if is_packed else j),
                LANES if is_packed else m,
                depth,
                adds,
            )


@inlined
def pack(x, out, n, m):
    """x [n, m]; out its transpose, LANES columns after LANES columns."""
    for j in range(0, n, LANES):
        for i in range(m):
            for k in range(LANES):
                out[j * m + i * LANES + k] = x[(j + k) * m + i]


@kernel(7, 3)
def mlp_block(x, mixed, output, gain, mlp, out, after, c, h, m):
    """x, mixed [C, M], the layer's weights. Out: [2C + 4F + 1, M] x with what was mixed, what the
    norm gave, gate and up, sigmoid, hidden, inverse; after [C, M]."""
    normed, gate_up = shift(out, c * m), shift(out, 2 * c * m)
    sigmoid, hidden = shift(gate_up, 2 * h * m), shift(gate_up, 3 * h * m)
    for i in range(c * m):
        out[i] = x[i]
    product(out, c, m, output, c, 1, mixed, c, 0, 1)
    norm(out, gain, normed, shift(gate_up, 4 * h * m), c, m)
    product(gate_up, 2 * h, m, mlp, c, 1, normed, c, 0, 0)
    swiglu(gate_up, sigmoid, hidden, h * m)
    for i in range(c * m):
        after[i] = out[i]
    product(after, c, m, shift(mlp, 2 * h * c), 1, c, hidden, h, 0, 1)


@kernel(11, 3)
def mlp_block_backward(
    by_x, mixed, output, gain, mlp, kept, by_mixed, by_output, by_gain, by_mlp, work, c, h, m
):
    """by_x [C, M], and what the block was given and wrote. Out: by_x by what it was given, by_mixed
    [C, M], by the weights; work [2C + 3F + 1, M]."""
    normed, gate_up, by_normed = shift(kept, c * m), shift(kept, 2 * c * m), shift(work, c * m)
    sigmoid, hidden = shift(gate_up, 2 * h * m), shift(gate_up, 3 * h * m)
    inverse, down = shift(gate_up, 4 * h * m), shift(mlp, 2 * h * c)
    by_hidden, by_gate_up = shift(work, 2 * c * m), shift(work, (2 * c + h) * m)
    pack(by_x, work, c, m)
    product(shift(by_mlp, 2 * h * c), h, c, hidden, m, 1, work, m, 1, 0)
    product(by_hidden, h, m, down, c, 1, by_x, c, 0, 0)
    swiglu_backward(by_hidden, gate_up, sigmoid, by_gate_up, h * m)
    pack(normed, work, c, m)
    product(by_mlp, 2 * h, c, by_gate_up, m, 1, work, m, 1, 0)
    product(by_normed, c, m, mlp, 1, c, by_gate_up, 2 * h, 0, 0)
    spare = shift(by_gate_up, 2 * h * m)
    norm_backward(by_normed, kept, inverse, gain, by_x, by_gain, spare, c, m)
    pack(mixed, work, c, m)
    product(by_output, c, c, by_x, m, 1, work, m, 1, 0)
    product(by_mixed, c, m, output, 1, c, by_x, c, 0, 0)


@inlined
def symmetric(out, n, a, down, along, b, depth):
    """As `product`, [n, n] and known to be symmetric, n a multiple of LANES: half is computed."""
    for j in range(0, n, LANES):
        for block in range(j // ROWS, n // ROWS):
            i = block * ROWS
            tile(
                shift(out, i * n + j), n, shift(a, i * down), down, along, shift(b, j), n, depth, 0
            )
    for i in range(n):
        for j in range(i):
            out[j * n + i] = out[i * n + j]


@kernel(4, 5)
def orthogonalise(x, out, steps, work, n_matrices, stride, n, c, n_steps):
    """x: matrices [n, C], one `stride` after the other; out [n_matrices, n, C]. By their Gram
    matrices, as in optimizer.py; steps [n_steps, 3], work [4, C, C]."""
    gram, factor, made, spare = (
        work,
        shift(work, c * c),
        shift(work, 2 * c * c),
        shift(work, 3 * c * c),
    )
    for place in range(n_matrices):
        matrix = shift(x, place * stride)
        symmetric(gram, c, matrix, 1, c, matrix, n)
        total = f(0)
        for i in range(c * c):
            total += gram[i] * gram[i]
        size = np.sqrt(total) + f(1e-14)
        for i in range(c * c):
            gram[i] /= size
            made[i] = f(0)
        for i in range(c):
            made[i * c + i] = f(1) / np.sqrt(size)
        for step in range(n_steps):
            symmetric(factor, c, gram, c, 1, gram, c)
            for i in range(c * c):
                factor[i] = steps[3 * step + 2] * factor[i] + steps[3 * step + 1] * gram[i]
            for i in range(c):
                factor[i * c + i] += steps[3 * step]
            symmetric(spare, c, made, c, 1, factor, c)
            for i in range(c * c):
                made[i] = spare[i]
            if step + 1 < n_steps:
                symmetric(spare, c, gram, c, 1, factor, c)
                symmetric(gram, c, spare, c, 1, factor, c)
        product(shift(out, place * n * c), n, c, matrix, c, 1, made, c, 0, 0)
