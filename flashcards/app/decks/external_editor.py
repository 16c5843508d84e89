"""The terminal lent to an editor: the screen goes away and comes back, the lesson goes on.

The editor is awaited, so events are read meanwhile; nothing may be painted until it ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shlex
import signal
from collections.abc import Iterator, Mapping
from pathlib import Path

from flashcards.app.session import Session
from flashcards.base.language import tr
from flashcards.base.system import terminal_modes_kept
from flashcards.cards.printable import printable

_RESET = "\x1b[?1049l\x1b[?2004l\x1b[?1000;1002;1003;1006l\x1b[?25h\x1b[0m\r\n"
"""What an editor that crashed may have left: its screen, bracketed paste, the mouse, no cursor."""


def editor_command(environ: Mapping[str, str]) -> list[str]:
    """$VISUAL or $EDITOR with its arguments; empty when there is neither."""
    for name in ("VISUAL", "EDITOR"):
        text = environ.get(name, "").strip()
        if text:
            try:
                return shlex.split(text, posix=os.name != "nt")
            except ValueError:
                # A quotation mark that is never closed: a path with one in it, perhaps.
                return text.split()
    return []


async def edit_away(session: Session, command: list[str], path: Path) -> str:
    """Let the editor have the terminal until it ends; what went wrong, "" when nothing did.
    Raises SuspendNotSupported: the screen can't go away."""
    cancelled: asyncio.CancelledError | None = None
    problem = ""
    # Textual's `suspend` comes back only from a block that doesn't raise.
    with session.lend_terminal(), terminal_modes_kept(), _interrupts_left_to_the_editor():
        print(
            tr(
                "{editor}: {name}. The lesson goes on; close the file to see it.",
                editor=printable(command[0]),
                name=printable(path.name),
            ),
            flush=True,
        )
        try:
            problem = await _ended(command, path)
        except asyncio.CancelledError as error:
            cancelled = error
        if problem:
            print(_RESET, end="", flush=True)
    if cancelled is not None:
        raise cancelled
    return problem


def no_editor(name: str, reason: str) -> str:
    return tr(
        "The editor {name} can't be started: {reason}. The one in here is open instead.",
        name=name,
        reason=reason,
    )


async def _ended(command: list[str], path: Path) -> str:
    name = printable(command[0])
    try:
        # From the root on: a deck called `+:!touch X` is a file to the editor, not an argument.
        process = await asyncio.create_subprocess_exec(*command, str(path.absolute()))
    except (OSError, ValueError) as error:
        return no_editor(name, printable(getattr(error, "strerror", None) or str(error)))
    try:
        code = await process.wait()
    except asyncio.CancelledError:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        raise
    if not code:
        return ""
    how = tr("by signal {code}", code=-code) if code < 0 else tr("with exit code {code}", code=code)
    return tr("{name} ended {how}. The deck is what was saved last.", name=name, how=how)


@contextlib.contextmanager
def _interrupts_left_to_the_editor() -> Iterator[None]:
    """Ctrl-C reaches all that share the terminal; it is meant for the editor alone."""
    kinds = [
        kind for name in ("SIGINT", "SIGQUIT") if (kind := getattr(signal, name, None)) is not None
    ]
    # A function, since an ignored signal would be ignored by the editor, too.
    before = [signal.signal(kind, lambda *_: None) for kind in kinds]
    yield
    for kind, handler in zip(kinds, before, strict=True):
        signal.signal(kind, handler)
