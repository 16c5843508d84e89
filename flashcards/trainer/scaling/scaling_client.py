"""The parent's end of `flashcards scaling` and `context`: a child, read by line. Knows no torch."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from pathlib import Path
from typing import TypeVar

from flashcards.base.child_process import JsonLinesProcess
from flashcards.base.system import python
from flashcards.runs import scaling as facts
from flashcards.runs.folder import RunError, RunFolder

T = TypeVar("T")


class ScalingFailed(Exception):  # noqa: N818
    """The child ended without a measurement; the text is what it said, for the user."""


async def measure(
    run: Path, seed: int, n_steps: int | None = None, *, is_diverse: bool = False
) -> AsyncGenerator[facts.AnyScalingFact, None]:
    """Measure the deck of a run as it is taught there; closed early, the child is killed.
    Raises ScalingFailed: the child said why it can't, or ended without a word."""
    try:
        deck = await asyncio.to_thread(lambda: RunFolder.open(run).deck_path())
    except RunError as error:
        raise ScalingFailed(str(error)) from error
    steps = [] if n_steps is None else ["--steps", str(n_steps)]
    command = ["scaling", str(deck), "--seed", str(seed), "--json-lines", *steps]
    command += ["--diverse"] * is_diverse
    async with aclosing(_printed(command, facts.decode)) as lines:
        async for fact in lines:
            yield fact


async def in_context(run: Path) -> AsyncGenerator[str, None]:
    """The lines that `flashcards context` prints of a run; raises as `measure` does."""
    async with aclosing(_printed(["context", str(run)], bytes.decode)) as lines:
        async for line in lines:
            yield line.rstrip("\n")


async def _printed(command: list[str], decode: Callable[[bytes], T]) -> AsyncGenerator[T, None]:
    child = JsonLinesProcess(python("-m", "flashcards", *command), decode)
    try:
        async for value in child.values():
            yield value
        if child.code:
            why = child.last_error_line.removeprefix("flashcards: ")
            raise ScalingFailed(why or "it ended without a word")
    finally:
        await child.end()
