"""Opens the files of a run folder, which a stranger may have sent. The one place that does.

A folder holds files and folders, no links, pipes or devices: nothing outside it is read or written,
and opening never waits. Every file has a size limit. Knows nothing of what is in them.
"""

import contextlib
import errno
import os
import re
import stat
import tempfile
from pathlib import Path
from typing import BinaryIO, Literal, TypeVar

import msgspec

from flashcards.base.errors import UserError
from flashcards.base.files import read_up_to
from flashcards.base.system import refuse_device, replace

MAX_JSON_BYTES = 1 << 20  # Of `run.json` and `summary.json`

MAX_TOKENIZER_BYTES = 16 << 20
MAX_DECK_BYTES = 64 << 20
MAX_STATE_BYTES = 1 << 32
"""As large where all numbers of a brought model learn, and AdamW keeps two more of each."""


SUBFOLDERS = ("", "deck", "keyframes")

_EXTRA_FLAGS = (
    getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
)

_SURROGATES = re.compile("[\ud800-\udfff]")

_encoder = msgspec.json.Encoder()

T = TypeVar("T")

_encoder = msgspec.json.Encoder()


def not_of_a_run(folder: Path) -> str:
    """The name of something in the run folder that is a link, a pipe or a device; "" without any.
    Raises OSError: the folder can't be listed."""
    for subfolder in SUBFOLDERS:
        try:
            with os.scandir(folder / subfolder) as entries:
                for entry in entries:
                    is_plain = entry.is_file(follow_symlinks=False)
                    if not is_plain and not entry.is_dir(follow_symlinks=False):
                        return f"{subfolder}/{entry.name}" if subfolder else entry.name
        except (FileNotFoundError, NotADirectoryError):
            if not subfolder:
                raise
    return ""


def open_file(path: Path, mode: Literal["rb", "r+b", "ab"] = "rb") -> BinaryIO:
    """Open a regular file of a run folder; never waits.
    Raises OSError: it can't be opened, or is a link, a pipe or a device."""
    if path.is_symlink():
        raise OSError(errno.ELOOP, "it is a link, not a file", str(path))
    return open(path, mode, opener=_open_regular)


def _open_regular(name: str, flags: int) -> int:
    descriptor = os.open(name, flags | _EXTRA_FLAGS, 0o666)
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return descriptor
    os.close(descriptor)
    raise OSError(errno.EINVAL, "it is a folder, a pipe or a device, not a file", name)


def read_file(path: Path, max_bytes: int) -> bytes:
    """The bytes of a regular file of a run folder.
    Raises OSError: it can't be read, is no regular file, or is larger than `max_bytes`."""
    with open_file(path) as file:
        if os.fstat(file.fileno()).st_size > max_bytes:
            megabytes = max_bytes // (1 << 20)
            most = f"{megabytes:,} MB" if megabytes else f"{max_bytes:,} bytes"
            reason = f"it is larger than {most}"
            raise OSError(errno.EFBIG, reason, str(path))
        return read_up_to(file, max_bytes)


def as_unicode(value: T) -> T:
    """The value with � for each byte of a path that is no Unicode, so that JSON can hold it."""
    readable: object = value
    if isinstance(value, str):
        readable = _SURROGATES.sub("\N{REPLACEMENT CHARACTER}", value)
    elif isinstance(value, list | tuple):
        readable = type(value)(as_unicode(part) for part in value)
    elif isinstance(value, dict):
        readable = {name: as_unicode(part) for name, part in value.items()}
    return readable  # type: ignore[return-value]


def json_line(value: msgspec.Struct) -> bytes:
    """The value as one JSON line, newline included; what of a path is no Unicode becomes �."""
    try:
        return _encoder.encode(value) + b"\n"
    except UnicodeEncodeError:
        return _encoder.encode(as_unicode(msgspec.to_builtins(value))) + b"\n"


class RunError(UserError):
    """A run can't be used; the message says which, why, and what to do."""


class RunTakenError(RunError):
    """Another program is writing the run in the folder `path`."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path.name} is being written by another program")
        self.path = path


def write_atomically(path: Path, data: bytes, *, mode: int | None = None) -> None:
    """The file has either its old content or all of the new, whatever happens.
    `mode` are its permissions; None lets its owner alone read and write it.
    Raises OSError: it could not be written (disk full, no permission); the old content is there."""
    refuse_device(path)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".writing-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if mode is not None:
            os.chmod(temporary, mode)
        replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
