"""Kernels, second part: products, and what consists of them, as loops for numba to compile.

These matrices are so small that a library's product spends a quarter of its time copying them. Here
a tile of the outcome stays in registers, and what it is made of is read where it lies.
"""

import llvmlite.binding as llvm
import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from flashcards.learner.kernels.elementwise import (
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
def tile(context, out, m, a, down, along, b, step, depth):
    """out [ROWS, LANES] of rows of m: a [ROWS, depth] times b [depth, LANES].
    a's [i, k] lies at i * down + k * along; a row of b is `step` after the one before."""
    vector = ir.VectorType(ir.FloatType(), LANES)
    nothing = ir.Constant(vector, ir.Undefined)
    zero = ir.Constant(vector, [0.0] * LANES)
    of_first = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)

    def code(context, builder, signature, values):
        out, m, a, down, along, b, step, depth = values
        sums = [cgutils.alloca_once_value(builder, zero) for _ in range(ROWS)]

        def vector_at(numbers, place):
            return builder.bitcast(builder.gep(numbers, [place]), vector.as_pointer())

        with cgutils.for_range(builder, depth) as loop:
            numbers = builder.load(vector_at(b, builder.mul(loop.index, step)), align=4)
            for i, total in enumerate(sums):
                place = builder.add(builder.mul(m.type(i), down), builder.mul(loop.index, along))
                factor = builder.load(builder.gep(a, [place]))
                first = builder.insert_element(nothing, factor, ir.IntType(32)(0))
                factors = builder.shuffle_vector(first, nothing, of_first)
                part = builder.fmul(factors, numbers, flags=("contract",))
                builder.store(builder.fadd(builder.load(total), part, flags=("contract",)), total)
        for i, total in enumerate(sums):
            row = vector_at(out, builder.mul(m.type(i), m))
            builder.store(builder.load(total), row, align=4)
        return context.get_dummy_value()

    sizes = types.intp
    return types.void(out, sizes, a, sizes, sizes, b, sizes, sizes), code


@inlined
def product(out, n, m, a, down, along, b, depth, is_packed=0):
    """out [n, m] = a b; a as in `tile`, b [depth, m] or as `pack` wrote it."""
    step = LANES if is_packed else m
    for j in range(0, m, LANES):
        columns = shift(b, j * depth if is_packed else j)
        for block in range((n + ROWS - 1) // ROWS):
            i = block * ROWS if (block + 1) * ROWS <= n else n - ROWS
            tile(shift(out, i * m + j), m, shift(a, i * down), down, along, columns, step, depth)


@inlined
def pack(x, out, n, m):
    """x [n, m]; out its transpose, LANES columns after LANES columns."""
    for j in range(0, n, LANES):
        for i in range(m):
            for k in range(LANES):
                out[j * m + i * LANES + k] = x[(j + k) * m + i]


@inlined
def mlp_block(x, mixed, matrices, gain, mlp, out, after, c, h, m):
    """x, mixed [C, M], the layer's weights. Out: [2C + 4F + 1, M] x with what was mixed, what the
    norm gave, gate and up, sigmoid, hidden, inverse; after [C, M]."""
    normed = shift(out, c * m)
    gate_up = shift(out, 2 * c * m)
    sigmoid = shift(gate_up, 2 * h * m)
    hidden = shift(gate_up, 3 * h * m)
    product(out, c, m, shift(matrices, 3 * c * c), c, 1, mixed, c)
    for i in range(c * m):
        out[i] += x[i]
    norm(out, gain, normed, shift(gate_up, 4 * h * m), c, m)
    product(gate_up, 2 * h, m, mlp, c, 1, normed, c)
    swiglu(gate_up, sigmoid, hidden, h * m)
    product(after, c, m, shift(mlp, 2 * h * c), 1, c, hidden, h)
    for i in range(c * m):
        after[i] += out[i]


@inlined
def mlp_block_backward(
    by_x,
    mixed,
    matrices,
    gain,
    mlp,
    activations,
    by_mixed,
    by_matrices,
    by_gain,
    by_mlp,
    work,
    c,
    h,
    m,
):
    """by_x [C, M], and all that the block was given and wrote. Out: by_x by its x, by_mixed
    [C, M], by the weights; work [2C + 3F + 1, M]."""
    normed = shift(activations, c * m)
    gate_up = shift(activations, 2 * c * m)
    by_normed = shift(work, c * m)
    sigmoid = shift(gate_up, 2 * h * m)
    hidden = shift(gate_up, 3 * h * m)
    inverse = shift(gate_up, 4 * h * m)
    down = shift(mlp, 2 * h * c)
    by_hidden = shift(work, 2 * c * m)
    by_gate_up = shift(work, (2 * c + h) * m)
    pack(by_x, work, c, m)
    product(shift(by_mlp, 2 * h * c), h, c, hidden, m, 1, work, m, 1)
    product(by_hidden, h, m, down, c, 1, by_x, c)
    swiglu_backward(by_hidden, gate_up, sigmoid, by_gate_up, h * m)
    pack(normed, work, c, m)
    product(by_mlp, 2 * h, c, by_gate_up, m, 1, work, m, 1)
    product(by_normed, c, m, mlp, 1, c, by_gate_up, 2 * h)
    spare = shift(by_gate_up, 2 * h * m)
    norm_backward(by_normed, activations, inverse, gain, by_x, by_gain, spare, c, m)
    pack(mixed, work, c, m)
    product(shift(by_matrices, 3 * c * c), c, c, by_x, m, 1, work, m, 1)
    product(by_mixed, c, m, shift(matrices, 3 * c * c), 1, c, by_x, c)


@inlined
def symmetric(out, n, a, down, along, b, depth):
    """As `product`, [n, n] and known to be symmetric, n a multiple of LANES: half is computed."""
    for j in range(0, n, LANES):
        for block in range(j // ROWS, n // ROWS):
            i = block * ROWS
            columns = shift(b, j)
            tile(shift(out, i * n + j), n, shift(a, i * down), down, along, columns, n, depth)
    for i in range(n):
        for j in range(i):
            out[j * n + i] = out[i * n + j]


@kernel(4, 5)
def orthogonalise(x, out, steps, work, n_matrices, stride, n, c, n_steps):
    """x: matrices [n, C], one `stride` after the other; out [n_matrices, n, C]. By their Gram
    matrices, as in optimizer.py; steps [n_steps, 3], work [4, C, C]."""
    size = c * c
    gram = work
    factor = shift(work, size)
    result = shift(work, 2 * size)
    spare = shift(work, 3 * size)
    for place in range(n_matrices):
        matrix = shift(x, place * stride)
        symmetric(gram, c, matrix, 1, c, matrix, n)
        total = f(0)
        for i in range(size):
            total += gram[i] * gram[i]
        largest = np.sqrt(total) + f(1e-14)
        for i in range(size):
            gram[i] /= largest
        for step in range(n_steps):
            symmetric(factor, c, gram, c, 1, gram, c)
            for i in range(size):
                factor[i] = steps[3 * step + 2] * factor[i] + steps[3 * step + 1] * gram[i]
            for i in range(c):
                factor[i * c + i] += steps[3 * step]
            if step:
                symmetric(spare, c, result, c, 1, factor, c)
            for i in range(size):
                result[i] = spare[i] if step else factor[i] / np.sqrt(largest)
            if step + 1 < n_steps:
                symmetric(spare, c, gram, c, 1, factor, c)
                symmetric(gram, c, spare, c, 1, factor, c)
        product(shift(out, place * n * c), n, c, matrix, c, 1, result, c)
