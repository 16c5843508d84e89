"""The bytes of a file or of standard input, never waiting for a pipe, never without a limit."""

import codecs
import io
import os
import re
from pathlib import Path
from typing import IO, BinaryIO

from flashcards.base.files import Refused, read_up_to
from flashcards.cards import shelf
from flashcards.cards.diagnostics import excerpt
from flashcards.exchange.limit import Limit

MAX_PACKAGE_BYTES = 8 * 1024 * 1024 * 1024  # read in place, most pictures and sounds never

MAX_PIPED_BYTES = 256 * 1024 * 1024  # standard input is kept in memory

LATIN = "windows-1252"  # of most files of Western Europe that are not UTF-8; it has all of Latin-1

_HIGH = bytes(range(0x80, 0x100))
_SURROGATE = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]")
_CONTROL = re.compile(rb"[\0-\x08\x0e-\x1f\x7f\x81\x8d\x8f\x90\x9d]")

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, ""),
    (codecs.BOM_UTF32_BE, ""),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

_SAID_HERE = {
    "is-a-directory": "a folder; name a file in it",
    "not-a-file": "a pipe, socket or device, not a file; a pipe can be given as -",
}


def opened(name: str, stdin: BinaryIO | None = None) -> BinaryIO:
    """The file, opened to be read and sought in; `-` is standard input, read to its end.
    Raises Refused: there is no such file, or it is none, or too large."""
    if name == "-":
        if stdin is None:
            raise Refused("standard input is closed; pipe a file into it")
        data = read_up_to(stdin, MAX_PIPED_BYTES + 1)
        if len(data) > MAX_PIPED_BYTES:
            raise Refused(f"more than {_megabytes(MAX_PIPED_BYTES)}; save it and name the file")
        return io.BytesIO(data)
    try:
        file = shelf.opened(Path(name))
    except shelf.DeckUnusable as error:
        (problem,) = error.diagnostics
        raise Refused(_SAID_HERE.get(problem.code, problem.text)) from None
    if os.fstat(file.fileno()).st_size > MAX_PACKAGE_BYTES:
        file.close()
        raise Refused(f"larger than {_megabytes(MAX_PACKAGE_BYTES)}; export it in parts")
    return file


def all_text(file: IO[bytes], encoding: str = "") -> tuple[str, str]:
    """The whole file as text with LF line ends, and the encoding that had to be guessed.
    That is "" for UTF-8, UTF-16 with its mark, and the encoding that is asked for.
    Raises Refused: it is too much, or no such text."""
    file.seek(0)
    return decoded(b"".join(Limit().chunks(file, _n_lines)), encoding)


def _n_lines(data: bytes) -> int:
    return max(data.count(b"\n"), data.count(b"\r"))


def decoded(data: bytes, wanted: str = "") -> tuple[str, str]:
    """The bytes as text with LF line ends, and the encoding that had to be guessed, "" if none.
    Raises Refused: they are of another encoding or of none that is known, or have a NUL."""
    encoding = wanted or next((name for bom, name in _BOMS if data.startswith(bom)), "utf-8")
    if not encoding:
        raise Refused("UTF-32 text; save it as UTF-8")
    guessed = ""
    try:
        text = data.decode(encoding)
    except LookupError:
        raise Refused(f"no encoding is called {excerpt(wanted)}") from None
    except UnicodeError as error:
        if wanted or encoding != "utf-8" or not _is_latin(data):
            raise Refused(_undecodable(data, encoding, error)) from None
        text = data.decode(LATIN)
        guessed = LATIN
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        hint = "UTF-16 without its mark, perhaps; save it as UTF-8"
        text = hint if text[:4096].count("\0") > 1 else "this may not be a text file"
        raise Refused(f"line {line} has a NUL character: {text}")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text, guessed


def _is_latin(data: bytes) -> bool:
    """Tell whether it may be text of one byte a letter: nothing in it is UTF-8, or no text at
    all."""
    if len(data.decode("utf-8", "ignore").encode()) != len(data.translate(None, _HIGH)):
        return False
    return not _CONTROL.search(data) and not _SURROGATE.search(data)


def _undecodable(data: bytes, encoding: str, error: UnicodeError) -> str:
    if encoding == "utf-16":
        return "its mark says UTF-16 and it is not; save it as UTF-8"
    if encoding != "utf-8" or not isinstance(error, UnicodeDecodeError):
        return f"it is not {encoding} text; --encoding names another, such as {LATIN}"
    line, byte = data.count(b"\n", 0, error.start) + 1, data[error.start]
    guess = f" (in Latin-1 it would be {chr(byte)})" if byte > 0xA0 and byte != 0xAD else ""
    hint = "save the file as UTF-8, or name its encoding with --encoding"
    return f"line {line}: byte 0x{byte:02X} is not UTF-8{guess}; {hint}"


def _megabytes(n_bytes: int) -> str:
    return f"{n_bytes // 1024 // 1024:,} MB"
