"""The learner's passes and step once more, as compiled loops: the same in half the time.

Read after `layers.py` and `passes.py`, which say the same in torch:

    compiled.py          loops become machine code, once, and each lesson loads it
    batch_in_columns.py  a batch laid out for them, and passed through
    elementwise.py       norm, SwiGLU, cross-entropy: everything that is no product
    products.py          matrix products, the MLP, Muon's orthogonal matrices
    attention.py         attention with its norms and rotation
    all_layers.py        all layers in one call, forward and backward

The last four import numba, and only to be compiled.
"""
