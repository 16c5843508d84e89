"""What all events have in common."""

from __future__ import annotations

import msgspec

from flashcards.runs.values import Count


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", omit_defaults=True):
    """Base of all facts. `step` is the number of updates made when it happened."""

    step: Count
