"""Which cards are never taught: a hash of the group decides, so that a new card moves no other."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Sequence
from functools import partial

_SALT = b"held out"
_NAME = r"[^\W_]+(?:\.[^\W_]+)?"
_COMMUTING = re.compile(rf"{_NAME}(?:\s*([+*×·⋅])\s*{_NAME})(?:\s*\1\s*{_NAME})*")


digest_of = partial(hashlib.blake2b, digest_size=8, salt=_SALT)
"""Of a group's name in bytes: what decides whether it is never taught."""


def draw(group: str) -> float:
    """A number from 0 to below 1 that depends on the group's name alone, even over its range."""
    key = group.encode("utf-8", "surrogatepass")
    return (int.from_bytes(digest_of(key).digest(), "big") >> 11) / (1 << 53)


def commuted(prompt: str) -> str:
    """The same for `3+4` and `4+3`: operands around + * × · in order, spaces dropped.

    Prompts without such an operation are given back as they are.
    """

    def in_order(match: re.Match[str]) -> str:
        operator = match[1]
        return operator.join(sorted(part.strip() for part in match[0].split(operator)))

    return _COMMUTING.sub(in_order, prompt)


def never_seen(groups: Sequence[str], is_marked: Sequence[bool], share: float) -> list[bool]:
    """For each card, whether it is never taught.

    A card marked `? ` always is, and its whole group with it: a group is taught or asked, never
    both. Of the other groups, `share` (0 to 1) are, by hash.

    Args:
        groups: The group's name, for each card.
        is_marked: Whether the card carries the mark, for each card.
    """
    marked = {group for group, mark in zip(groups, is_marked, strict=True) if mark}
    if share <= 0:
        return [group in marked for group in groups] if marked else [False] * len(groups)
    chosen = {group: group in marked or draw(group) < share for group in dict.fromkeys(groups)}
    return [chosen[group] for group in groups]


def share_to_hold_out(n_cards: int, n_wanted: int) -> float:
    """The share of these cards by which about so many are kept back: 0.1 to 0.5, in steps of 0.05.

    A share by hash is never met exactly: a fifth more is aimed at.
    """
    return min(0.5, max(0.1, math.ceil(20 * 1.2 * n_wanted / n_cards) / 20))
