"""Pieces as a room reads them: a byte of a letter is named after its letter, not as <0xD7>."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rich.cells import cell_len

from flashcards.cards.printable import printable
from flashcards.runs.details import CardPiece

_BYTE = "<0x([89A-F][0-9A-F])>"
_BYTES = re.compile(f"(?:{_BYTE})+")


def is_byte(text: str) -> bool:
    """Whether the piece is one byte of several that a letter is written with."""
    return re.fullmatch(_BYTE, text) is not None


def piece_labels(pieces: Sequence[CardPiece]) -> list[str]:
    """Their texts; of a letter that has no piece of its own, each byte is a part of it: ם1/2."""
    labels = [piece.text for piece in pieces]
    for at in range(len(labels)):
        for n in (2, 3, 4):
            parts = labels[at : at + n]
            letter = whole_letters("".join(parts)) if all(map(is_byte, parts)) else ""
            if len(parts) == n and len(letter) == 1 and letter != "\ufffd":
                mark = letter if cell_len(letter) else f"◌{letter}"
                labels[at : at + n] = [f"{mark}{i}/{n}" for i in range(1, n + 1)]
    return labels


def whole_letters(text: str) -> str:
    """The text of pieces one after another, their bytes as the letters they are."""

    def letters(found: re.Match[str]) -> str:
        data = bytes(int(number, 16) for number in re.findall(_BYTE, found[0]))
        return printable(data.decode("utf-8", "replace"))

    return _BYTES.sub(letters, text)
