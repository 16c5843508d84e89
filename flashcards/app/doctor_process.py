"""Asks the deck doctor, in a process of its own: a large deck would cost the screen its memory."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from pathlib import Path

import msgspec

from flashcards.doctor import Diagnosis
from flashcards.language import say


async def diagnosis_of(folder: Path) -> Diagnosis:
    """What the doctor says of the deck that a run folder teaches now; ended when cancelled."""
    try:
        deck = max(path for path in (folder / "deck").iterdir() if path.is_file())
    except (OSError, ValueError):
        return Diagnosis(problem=say("the run's deck can't be read"))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "flashcards.doctor", str(deck)),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        said, _ = await process.communicate()
        return msgspec.json.decode(said, type=Diagnosis)
    except msgspec.DecodeError:
        return Diagnosis(problem=say("the deck could not be examined"))
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
