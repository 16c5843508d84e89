"""The bytes of a file or of standard input, never waiting for a pipe, never without a limit."""

from __future__ import annotations

import codecs
import io
import os
import stat
from pathlib import Path
from typing import IO, BinaryIO

from flashcards.cards.shelf import refusal
from flashcards.exchange.notes import Refused
from flashcards.system import open_at_once

MAX_TEXT_BYTES = 128 * 1024 * 1024
"""A million cards are some 40 MB of text."""

MAX_PACKAGE_BYTES = 8 * 1024 * 1024 * 1024
"""A package is read in place; its pictures and sounds, most of it, never are."""

MAX_PIPED_BYTES = 256 * 1024 * 1024
"""Standard input is kept in memory."""

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
        data = stdin.read(MAX_PIPED_BYTES + 1)
        if len(data) > MAX_PIPED_BYTES:
            raise Refused(f"more than {_megabytes(MAX_PIPED_BYTES)}; save it and name the file")
        return io.BytesIO(data)
    try:
        file = open_at_once(name)
    except (OSError, ValueError) as error:
        found = refusal(error, Path(name))
        raise Refused(_SAID_HERE.get(found.code, found.text)) from None
    status = os.fstat(file.fileno())
    if not stat.S_ISREG(status.st_mode):
        file.close()
        raise Refused(_SAID_HERE["not-a-file"])
    if status.st_size > MAX_PACKAGE_BYTES:
        file.close()
        raise Refused(f"larger than {_megabytes(MAX_PACKAGE_BYTES)}; export it in parts")
    return file


def all_text(file: IO[bytes]) -> str:
    """The whole file as text: UTF-8, or UTF-16 with its mark; line ends as LF.
    Raises Refused: it is larger than any deck, or no such text."""
    file.seek(0)
    data = file.read(MAX_TEXT_BYTES + 1)
    if len(data) > MAX_TEXT_BYTES:
        raise Refused(f"larger than {_megabytes(MAX_TEXT_BYTES)}; split it into several files")
    return decoded(data)


def decoded(data: bytes) -> str:
    """The bytes as text with LF line ends.
    Raises Refused: they are neither UTF-8 nor UTF-16 with its mark, or have a NUL in them."""
    encoding = next((name for bom, name in _BOMS if data.startswith(bom)), "utf-8")
    if not encoding:
        raise Refused("UTF-32 text; save it as UTF-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise Refused(_undecodable(data, encoding, error)) from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        hint = "UTF-16 without its mark, perhaps; save it as UTF-8"
        text = hint if text[:4096].count("\0") > 1 else "this may not be a text file"
        raise Refused(f"line {line} has a NUL character: {text}")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text


def _undecodable(data: bytes, encoding: str, error: UnicodeDecodeError) -> str:
    if encoding == "utf-16":
        return "its mark says UTF-16 and it is not; save it as UTF-8"
    line = data.count(b"\n", 0, error.start) + 1
    byte = data[error.start]
    guess = f" (in Latin-1 it would be {chr(byte)})" if byte > 0xA0 and byte != 0xAD else ""
    return f"line {line}: byte 0x{byte:02X} is not UTF-8{guess}; save the file as UTF-8"


def _megabytes(n_bytes: int) -> str:
    return f"{n_bytes // 1024 // 1024:,} MB"
