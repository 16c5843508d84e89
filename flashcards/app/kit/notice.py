"""A sentence in a corner of the screen, for a while; one of a kind at a time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from textual.notifications import Notification


@dataclass
class Notice(Notification):
    """Something said in a corner for a while; `kind` is what it is about."""

    kind: str = ""


def replaced(said: Notification, shown: Iterable[Notification]) -> list[Notification]:
    """Those of the notices shown that this one takes the place of."""
    if not isinstance(said, Notice):
        return []
    return [one for one in shown if isinstance(one, Notice) and one.kind == said.kind]
