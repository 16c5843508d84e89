"""The parent's end of `flashcards scaling`: a child process, read line by line. Knows no torch."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncGenerator
from pathlib import Path

import msgspec

from flashcards.base.system import python
from flashcards.runs import scaling as facts
from flashcards.runs.folder import RunError, RunFolder
from flashcards.runs.scaling import AnyScalingFact


class ScalingFailed(Exception):  # noqa: N818
    """The child ended without a measurement; the text is what it said, for the user."""


async def measure(
    run: Path, seed: int, n_steps: int | None = None
) -> AsyncGenerator[AnyScalingFact, None]:
    """Measure the deck of a run as it is taught there; closed early, the child is killed.
    Raises ScalingFailed: the child said why it can't, or ended without a word."""
    try:
        deck = await asyncio.to_thread(lambda: RunFolder.open(run).deck_path())
    except RunError as error:
        raise ScalingFailed(str(error)) from error
    steps = [] if n_steps is None else ["--steps", str(n_steps)]
    command = ["-m", "flashcards", "scaling", str(deck), "--seed", str(seed), "--json-lines"]
    process = await asyncio.create_subprocess_exec(
        *python(*command, *steps),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        while line := await process.stdout.readline():
            with contextlib.suppress(msgspec.DecodeError, UnicodeDecodeError):
                yield facts.decode(line)
        said = (await process.stderr.read()).decode("utf-8", "replace").strip().splitlines()
        if await process.wait() != 0:
            why = said[-1].removeprefix("flashcards: ") if said else "it ended without a word"
            raise ScalingFailed(why)
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
