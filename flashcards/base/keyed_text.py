"""Text that names keys: a `str` wherever it goes, and a screen lights the keys that it names.

    text = tr("Press {key} to come back to now.", key=key_name("End"))
    text.pieces == (("Press ", False), ("End", True), (" to come back to now.", False))

`tr`, `+` and `sentences` keep the keys. `str()`, an f-string or a method of `str` gives plain text;
msgspec encodes only that. Standard library only."""

from __future__ import annotations

Piece = tuple[str, bool]
"""A piece of a text, and whether it is the name of a key."""


class KeyedText(str):
    """Text whose pieces are known: which are names of keys, and which stand between them."""

    pieces: tuple[Piece, ...]

    def __new__(cls, *pieces: Piece) -> KeyedText:
        text = super().__new__(cls, "".join(piece for piece, _ in pieces))
        text.pieces = pieces
        return text

    def __add__(self, other: str) -> KeyedText:
        return KeyedText(*self.pieces, *pieces_of(other))

    def __radd__(self, other: str) -> KeyedText:
        return KeyedText(*pieces_of(other), *self.pieces)


def key_name(name: str) -> KeyedText:
    """The name of a key, as a sentence takes it."""
    return KeyedText((name, True))


def pieces_of(text: str) -> tuple[Piece, ...]:
    return text.pieces if isinstance(text, KeyedText) else ((text, False),)


def sentences(*texts: str) -> str:
    """The texts with a space between them, without those that are empty."""
    joined = ""
    for text in filter(None, texts):
        joined = joined + " " + text if joined else text
    return joined
