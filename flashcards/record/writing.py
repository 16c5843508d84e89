"""Makes the recording that a file's name asks for: .cast, .gif, .svg stills or .mp4."""

from __future__ import annotations

import asyncio
import base64
import importlib.util
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from flashcards.record import words
from flashcards.record.cast import cast
from flashcards.record.moments import Moment, moments
from flashcards.record.screen import Frame, frames
from flashcards.runs.folder import RunError, RunFolder, write_atomically

SUFFIXES = (".cast", ".gif", ".svg", ".mp4")
N_STILLS = 5
FONTS = Path(__file__).parent / "fonts"


def record(
    run: Path, target: Path, size: tuple[int, int], seconds: float, theme: str | None
) -> list[Path]:
    """Write the recording; the files written.

    Raises:
        RunError: the run or the file can't be used, or a program that is needed is missing.
    """
    kind = target.suffix.lower()
    if kind not in SUFFIXES:
        raise RunError(words.unknown(target.name, ", ".join(SUFFIXES)))
    if kind in (".gif", ".mp4") and importlib.util.find_spec("PIL") is None:
        raise RunError(words.NO_PILLOW)
    if kind == ".mp4" and shutil.which("ffmpeg") is None:
        raise RunError(words.NO_FFMPEG)
    folder = RunFolder.open(run)
    try:
        happened = folder.events()
    except OSError as error:
        raise RunError(words.not_written(run.name, error.strerror or str(error))) from error
    if not any(event.step for event in happened):
        raise RunError(words.nothing(run.name))
    shown = list(moments(happened, seconds))
    try:
        if kind == ".svg":
            return _stills(shown, target, size, theme)
        taken = asyncio.run(_taken(shown, size, theme))
        match kind:
            case ".cast":
                lines = "".join(cast(taken, size, f"flashcards {folder.info.deck}"))
                write_atomically(target, lines.encode("utf-8", "replace"), mode=0o644)
            case ".gif":
                from flashcards.record.raster import gif

                write_atomically(target, gif(taken), mode=0o644)
            case _:
                from flashcards.record.raster import film

                if not film(taken, target):
                    raise RunError(words.FFMPEG_FAILED)
    except OSError as error:
        reason = error.strerror or str(error)
        raise RunError(words.not_written(str(target), reason)) from error
    return [target]


async def _taken(
    shown: Sequence[Moment], size: tuple[int, int], theme: str | None, *, is_drawn: bool = False
) -> list[Frame]:
    return [frame async for frame in frames(shown, size, theme, is_drawn=is_drawn)]


def _stills(
    shown: Sequence[Moment], target: Path, size: tuple[int, int], theme: str | None
) -> list[Path]:
    taken = asyncio.run(_taken(shown, size, theme, is_drawn=True))
    written = []
    for i in range(N_STILLS):
        frame = taken[i * (len(taken) - 1) // (N_STILLS - 1)]
        path = target.with_name(f"{target.stem}-{i + 1}{target.suffix}")
        write_atomically(path, with_font(frame.svg).encode("utf-8", "replace"), mode=0o644)
        written.append(path)
    return written


def with_font(svg: str) -> str:
    """The picture with our font inside instead of one from elsewhere: it looks right anywhere."""
    faces = "".join(
        f'@font-face{{font-family:"Fira Code";font-weight:{weight};'
        f"src:url(data:font/ttf;base64,{base64.b64encode((FONTS / name).read_bytes()).decode()})}}"
        for weight, name in ((400, "DejaVuSansMono.ttf"), (700, "DejaVuSansMono-Bold.ttf"))
    )
    bare = re.sub(r"@font-face\s*{[^}]*}", "", svg)
    return bare.replace("<style>", f"<style>{faces}", 1)
