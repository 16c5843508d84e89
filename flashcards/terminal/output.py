"""The edge between what this program says and the terminal, pipe or file that takes it. What a
terminal would obey, as in a stranger's file name, becomes visible. Standard library only until
something odd is printed."""

import contextlib
import io
import math
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import BinaryIO, TextIO, cast

from flashcards.base.errors import UserError


class OutputError(UserError):
    """Standard output takes no more. `is_unread`: its reader has gone, as `head` does."""

    def __init__(self, error: OSError) -> None:
        super().__init__(f"the output can't be written: {error.strerror or error}")
        self.is_unread = isinstance(error, BrokenPipeError)


@contextlib.contextmanager
def guarded() -> Iterator[None]:
    """Keep what is printed meanwhile from acting on a terminal; a failure to print is an
    `OutputError`. What is lost on standard error is lost without a word: there is nowhere left to
    say it."""
    with (
        contextlib.redirect_stdout(_visible_text(sys.stdout)),
        contextlib.redirect_stderr(_visible_text(sys.stderr, is_required=False)),
    ):
        yield


def print_line(text: str, *, is_error: bool = False) -> None:
    """Print one line, on standard error if asked; a line feed in it becomes a symbol."""
    stream = sys.stderr if is_error else sys.stdout
    print(visible(text).replace("\n", "⏎"), file=stream, flush=True)


def print_wrapped(text: str) -> None:
    from flashcards.base.columns import wrapped

    for line in wrapped(text):
        print_line(line)


def print_json(value: object) -> None:
    """Print one JSON value on one line; what a terminal would obey is escaped, so it is exact. A
    number that is not finite is null: JSON has no other word for it."""
    import json

    from flashcards.cards.printable import hidden

    is_unicode = (sys.stdout.encoding or "utf-8").lower().startswith("utf")
    text = json.dumps(_with_nulls(value), ensure_ascii=not is_unicode, allow_nan=False)
    for char in {char for _, char in hidden(text)}:
        text = text.replace(char, json.dumps(char)[1:-1])
    print(text)


def _with_nulls(value: object) -> object:
    match value:
        case float() if not math.isfinite(value):
            return None
        case dict():
            return {name: _with_nulls(part) for name, part in value.items()}
        case list() | tuple():
            return [_with_nulls(part) for part in value]
    return value


def give_up() -> None:
    """Let the system's standard output lead nowhere: what is still to be written can't be."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def visible(text: str) -> str:
    if text.isascii() and text.replace("\n", "").isprintable():
        return text
    from flashcards.cards.printable import printable

    return printable(text, newline="\n")


def _visible_text(stream: TextIO | None, *, is_required: bool = True) -> TextIO:
    return cast(
        TextIO, _VisibleText(stream or open(os.devnull, "w", encoding="utf-8"), is_required)
    )


class _VisibleText:
    """A text stream that shows what it is given, and has a sentence for what it can't write."""

    def __init__(self, stream: TextIO, is_required: bool) -> None:
        self.stream = stream
        self._is_required = is_required
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")

    def write(self, text: str) -> int:
        with self._guard():
            self.stream.write(visible(text))
        return len(text)

    def flush(self) -> None:
        with self._guard():
            self.stream.flush()

    def __getattr__(self, name: str) -> object:
        return getattr(self.stream, name)

    @property
    def buffer(self) -> BinaryIO:
        return cast(BinaryIO, _Bytes(self.stream.buffer, self._guard))

    @contextlib.contextmanager
    def _guard(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if self._is_required:
                raise OutputError(error) from error


class _Bytes:
    """The bytes under a text stream: a file's content, written as it is."""

    def __init__(self, stream: BinaryIO, guard: Callable[[], AbstractContextManager[None]]) -> None:
        self._stream = stream
        self._guard = guard

    def write(self, data: bytes) -> int:
        with self._guard():
            return self._stream.write(data)
        return 0

    def flush(self) -> None:
        with self._guard():
            self._stream.flush()
