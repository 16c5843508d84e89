"""Asks the deck doctor, in a process of its own: a large deck would cost the screen its memory."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

import msgspec

from flashcards.doctor.diagnosis import Diagnosis
from flashcards.language import tr
from flashcards.system import python


async def diagnosis_of(folder: Path, version: str) -> Diagnosis:
    """What the doctor says of one version of a run's deck; ended when cancelled.

    `version` is its file name, "" for the one that the run began with.
    """
    try:
        versions = sorted(path for path in (folder / "deck").iterdir() if path.is_file())
        deck = next(path for path in versions if version in ("", path.name))
    except (OSError, StopIteration):
        return Diagnosis(problem=tr("the run's deck can't be read"))
    process = await asyncio.create_subprocess_exec(
        *python("-m", "flashcards.doctor.diagnosis", str(deck)),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        said, _ = await process.communicate()
        return msgspec.json.decode(said, type=Diagnosis)
    except msgspec.DecodeError:
        return Diagnosis(problem=tr("the deck could not be examined"))
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
