"""Which steps' states are kept for good, so that they fit a budget. Knows no file.

The start is dense: step 0 and the powers of two. Beside them every 256th step, so that any step is
few updates away from a state; when that is too much, every 512th, every 1,024th, and so on.
"""

from __future__ import annotations

from collections.abc import Sequence

BUDGET_BYTES = 200_000_000
SPACING_STEPS = 256
"""A 10,000-step run has 53 keyframes of 3 MB: any step is at most 255 updates behind one."""


def is_landmark(step: int) -> bool:
    """Step 0 and the powers of two."""
    return step & (step - 1) == 0


def is_keyframe(step: int, spacing_steps: int = SPACING_STEPS) -> bool:
    """Whether the state at this step is kept, with this spacing."""
    return is_landmark(step) or step % spacing_steps == 0


def to_drop(kept: Sequence[tuple[int, int]], budget_bytes: int = BUDGET_BYTES) -> list[int]:
    """The steps to drop of these (step, size in bytes), so that the others fit the budget.

    The spacing doubles until they fit; then the powers of two between the first and the newest
    are thinned: of every two, four, eight … one stays. Step 0 and the newest always do.
    """
    newest = max((step for step, _ in kept), default=0)
    total = sum(size for _, size in kept)
    spacing_steps, stride = SPACING_STEPS, 1
    dropped: set[int] = set()
    while total > budget_bytes and len(dropped) < len(kept) - 2:
        if spacing_steps <= newest:
            spacing_steps *= 2
        else:
            stride *= 2
        for step, size in kept:
            is_kept = is_keyframe(step, spacing_steps) and (
                not is_landmark(step) or step.bit_length() % stride == 0
            )
            if step not in dropped and step not in (0, newest) and not is_kept:
                dropped.add(step)
                total -= size
        if stride > newest.bit_length():
            break
    return sorted(dropped)
