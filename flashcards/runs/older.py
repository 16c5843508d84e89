"""Lines that earlier versions wrote, as they are written now."""

from __future__ import annotations

import contextlib
import re

_NOW_ARRAYS = (
    ("text", "probability"),
    ("text", "before", "is_best", "after"),
    ("text", "change"),
    ("prompt", "change_nats", "is_held_out"),
)
"""Values that were objects, by their fields; see `runs.values`."""

_BRANCH_CHANGES = (
    ("learning rate × ", "learning_rate_factor", float),
    ("order by seed ", "seed", int),
    ("order ", "order", str),
    ("without ", "without_prompt", str),
)
"""How format 1 began what a branch does otherwise; a prompt comes last and may have commas."""

_PROBLEM = re.compile(
    r"(?P<file>.*?):(?P<line>\d+):(?P<column>\d+): error: (?P<text>.*) \[(?P<code>[a-z0-9-]+)\]"
)
"""How format 1 wrote the first error of a deck's file."""


def as_now(value: object) -> object:
    """The JSON value as this version writes it.

    Objects that are arrays now become such; a last field that is missing stays so. What a branch
    does otherwise was a phrase: `learning rate × 0.5, order by seed 2, without France`; a deck's
    first error was a line as `flashcards check` prints it.
    """
    match value:
        case {"kind": "RunBranched", "what": str(what), **rest}:
            return as_now({**rest, "kind": "RunBranched", "change": _branch_change(what)})
        case {"kind": "RunBranched", **rest} if "change" not in rest:
            return as_now({**rest, "kind": "RunBranched", "change": {}})
        case {"kind": "RunStarted", "problem": str(problem), **rest}:
            return as_now({**rest, "kind": "RunStarted", "problem": _problem(problem)})
        case dict():
            for fields in _NOW_ARRAYS:
                if value.keys() == set(fields) or value.keys() == set(fields[:3]):
                    return [value[name] for name in fields if name in value]
            return {name: as_now(inner) for name, inner in value.items()}
        case list():
            return [as_now(inner) for inner in value]
        case _:
            return value


def _problem(text: str) -> dict[str, object] | None:
    found = _PROBLEM.fullmatch(text)
    if found is None:
        return None
    return {**found.groupdict(), "line": int(found["line"]), "column": int(found["column"])}


def _branch_change(what: str) -> dict[str, object]:
    change: dict[str, object] = {}
    while what:
        part, _, rest = (what, "", "") if what.startswith("without ") else what.partition(", ")
        for start, name, kind in _BRANCH_CHANGES:
            if part.startswith(start):
                with contextlib.suppress(ValueError):
                    change[name] = kind(part.removeprefix(start))
                break
        what = rest
    return change
