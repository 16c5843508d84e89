"""Makes the recording that a file's name asks for: .cast, .gif, .svg stills or .mp4."""

import asyncio
import importlib.util
import json
import shutil
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from pathlib import Path

from flashcards.base.extras import how_to_install
from flashcards.base.language import tr
from flashcards.cards.printable import printable
from flashcards.record.moments import moments
from flashcards.record.screen import Cell, Frame, Rows, frames, with_font
from flashcards.record.talk_film import film_of
from flashcards.runs.events import AnyEvent
from flashcards.runs.folder import RunError, RunFolder
from flashcards.runs.run_files import write_atomically
from flashcards.talks.rehearsal import TalkRehearsal
from flashcards.talks.talk import Talk
from flashcards.terminal.progress import Progress, progress

Film = Callable[[bool], AsyncIterator[Frame]]  # with their SVG or without

SUFFIXES = (".cast", ".gif", ".svg", ".mp4")
N_STILLS = 5

HIDE_CURSOR = "\x1b[?25l"
CLEAR = "\x1b[2J"
RESET = "\x1b[0m"


def record(
    run: Path, target: Path, size: tuple[int, int], seconds: float, theme: str | None
) -> list[Path]:
    """Write the recording; the files written.
    Raises RunError: the run or the file can't be used, or a program that is needed is missing."""
    kind_of(target)
    folder = RunFolder.open(run)
    happened = _events(folder)
    if not any(event.step for event in happened):
        raise RunError(
            tr("nothing was taught in {name} yet; there is nothing to show", name=run.name)
        )
    scenes = list(moments(happened, seconds))
    film: Film = lambda is_drawn: frames(scenes, size, theme, is_drawn=is_drawn)  # noqa: E731
    return _write(film, target, size, f"flashcards {folder.info.deck}")


def record_talk(
    sheet: Talk,
    rehearsal: TalkRehearsal,
    folder: Path,
    target: Path,
    size: tuple[int, int],
    seconds: float | None,
    theme: str | None,
) -> list[Path]:
    """Write the film of a rehearsal, in its own time unless `seconds` are given; the files.
    Raises RunError: a run or the file can't be used, or a program that is needed is missing."""
    kind_of(target)
    happened = [_events(RunFolder.open(folder / lesson.run)) for lesson in rehearsal.lessons]
    film: Film = lambda is_drawn: film_of(  # noqa: E731
        sheet, rehearsal, happened, size, seconds, theme, is_drawn=is_drawn
    )
    return _write(film, target, size, sheet.title)


def _events(folder: RunFolder) -> list[AnyEvent]:
    try:
        return folder.events()
    except OSError as error:
        raise _not_written(folder.path.name, error) from error


def _not_written(name: str, error: OSError) -> RunError:
    reason = error.strerror or str(error)
    return RunError(tr("{name} can't be written: {reason}", name=name, reason=reason))


def kind_of(target: Path) -> str:
    """Return the ending of the file's name, which says what to make. Raises RunError: it has none,
    or one that can't be made here."""
    kind = target.suffix.lower()
    if kind not in SUFFIXES:
        raise RunError(
            tr("{name} does not end in {suffixes}", name=target.name, suffixes=", ".join(SUFFIXES))
        )
    if kind in (".gif", ".mp4") and importlib.util.find_spec("PIL") is None:
        how = how_to_install("record")
        raise RunError(tr("a GIF, and a film, need Pillow: {command}", command=how))
    if kind == ".mp4" and shutil.which("ffmpeg") is None:
        raise RunError(
            tr("an MP4 needs the program ffmpeg, which is not here; a .gif needs only Pillow")
        )
    return kind


def _write(film_of_it: Film, target: Path, size: tuple[int, int], title: str) -> list[Path]:
    kind = kind_of(target)
    try:
        with progress(f"filming {target.name}", is_told=True) as display:
            frames = asyncio.run(_frames_of(film_of_it, display, is_drawn=kind == ".svg"))
        with progress(f"writing {target.name}", is_told=True):
            match kind:
                case ".svg":
                    return _stills(frames, target)
                case ".cast":
                    lines = "".join(cast(frames, size, title))
                    write_atomically(target, lines.encode("utf-8", "replace"), mode=0o644)
                case ".gif":
                    from flashcards.record.raster import gif

                    write_atomically(target, gif(frames), mode=0o644)
                case _:
                    from flashcards.record.raster import film

                    if not film(frames, target):
                        raise RunError(tr("ffmpeg could not write the film"))
    except OSError as error:
        raise _not_written(str(target), error) from error
    return [target]


async def _frames_of(film: Film, display: Progress, *, is_drawn: bool) -> list[Frame]:
    frames = []
    async for frame in film(is_drawn):
        frames.append(frame)
        display.at(len(frames), what=f"frame {len(frames):,}")
    return frames


def _stills(frames: list[Frame], target: Path) -> list[Path]:
    written = []
    for i in range(N_STILLS):
        frame = frames[i * (len(frames) - 1) // (N_STILLS - 1)]
        path = target.with_name(f"{target.stem}-{i + 1}{target.suffix}")
        write_atomically(path, with_font(frame.svg).encode("utf-8", "replace"), mode=0o644)
        written.append(path)
    return written


def cast(frames: Iterable[Frame], size: tuple[int, int], title: str) -> Iterator[str]:
    header = {
        "version": 2,
        "width": size[0],
        "height": size[1],
        "title": printable(title),
        "env": {"TERM": "xterm-256color"},
    }
    yield json.dumps(header, ensure_ascii=False) + "\n"
    at_s, before = 0.0, ()  # type: tuple[float, Rows]
    for frame in frames:
        written = "".join(_changes(before, frame.rows))
        if written:
            start = "" if before else HIDE_CURSOR + CLEAR
            yield _line(at_s, start + written)
        at_s = at_s + frame.seconds
        before = frame.rows
    yield _line(at_s, RESET)


def _line(at_s: float, text: str) -> str:
    return json.dumps([round(at_s, 3), "o", text], ensure_ascii=False) + "\n"


def _changes(before: Rows, after: Rows) -> Iterator[str]:
    for i, row in enumerate(after):
        if i >= len(before) or before[i] != row:
            yield f"\x1b[{i + 1};1H" + "".join(_coloured(cell) for cell in row) + RESET


def _coloured(cell: Cell) -> str:
    codes = ["0", *(["1"] if cell.is_bold else []), *(["4"] if cell.is_underlined else [])]
    codes += ["38;2;{};{};{}".format(*cell.ink), "48;2;{};{};{}".format(*cell.paper)]
    return f"\x1b[{';'.join(codes)}m{cell.text}"
