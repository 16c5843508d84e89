"""Lines that earlier versions wrote, as they are written now."""

from __future__ import annotations

_NOW_ARRAYS = (
    ("text", "probability"),
    ("text", "before", "is_best", "after"),
    ("text", "change"),
    ("prompt", "change_nats", "is_held_out"),
)
"""Values that were objects, by their fields; see `runs.values`."""


def as_now(value: object) -> object:
    """The JSON value with those objects as arrays; a last field that is missing stays so."""
    match value:
        case dict():
            for fields in _NOW_ARRAYS:
                if value.keys() == set(fields) or value.keys() == set(fields[:3]):
                    return [value[name] for name in fields if name in value]
            return {name: as_now(inner) for name, inner in value.items()}
        case list():
            return [as_now(inner) for inner in value]
        case _:
            return value
