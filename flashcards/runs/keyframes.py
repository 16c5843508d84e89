"""The choice of steps whose states are kept for good, so that they fit a budget. Knows no file.

The start is dense: step 0 and the powers of two. From each power of two to the next every 192nd
step is kept beside them, so that any step is few updates away from a state. When that is too much,
every second of these goes, the oldest first and no more than must, then every second of the rest.
"""

from collections.abc import Iterator, Sequence

BUDGET_BYTES = 200_000_000
SPACING_STEPS = 192
"""63 keyframes of a 10,000-step run fit at 3.17 MB each; any step is within 191 updates."""


def is_keyframe(step: int, spacing_steps: int = SPACING_STEPS) -> bool:
    """Tell whether the state at this step is kept, with this spacing.
    Counted from the power of two before it: what is kept with a spacing is with half of it, and no
    power of two falls between two others."""
    power = 1 << step.bit_length() >> 1
    return (step - power) % spacing_steps == 0


def to_drop(
    sizes_of_steps: Sequence[tuple[int, int]], budget_bytes: int = BUDGET_BYTES
) -> list[int]:
    """The steps to drop of these (step, size in bytes), so that the others fit the budget.
    The spacing doubles from the oldest on until they fit; then the powers of two between are
    thinned: of every two, four, eight … one stays. Step 0 and the newest always do."""
    newest = max((step for step, _ in sizes_of_steps), default=0)
    sizes = {step: size for step, size in sorted(sizes_of_steps) if step not in (0, newest)}
    total = sum(size for _, size in sizes_of_steps)
    dropped: list[int] = []
    for step in _least_wanted(list(sizes), newest):
        if total <= budget_bytes:
            break
        total -= sizes[step]
        dropped.append(step)
    return sorted(dropped)


def _least_wanted(steps: list[int], newest: int) -> Iterator[int]:
    """All of these steps, oldest first, in the order in which they are dropped."""
    spacing_steps = SPACING_STEPS
    stride = 1
    while steps:
        if spacing_steps <= newest:
            spacing_steps *= 2
            dropped = [step for step in steps if not is_keyframe(step, spacing_steps)]
        else:
            stride *= 2
            dropped = [step for step in steps if step.bit_length() % stride]
        yield from dropped
        steps = [step for step in steps if step not in dropped]
