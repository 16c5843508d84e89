"""The latest mark of every card, packed into one short string for the log.

Exams and updates mark by pieces: each piece of the answer is guessed after the right ones before
it. What stands beside a guess is decided by its letters: see `runs.marking`.
Two bits a card (0 not asked yet, 1 wrong, 2 one piece off, 3 right), then zlib, then base64.
"""

import base64
import contextlib
import zlib

import msgspec

_QUARTERS = tuple(bytes(byte >> 2 * i & 3 for byte in range(256)) for i in range(4))

MOST_CARDS = 1 << 23  # More are not in a deck that is read into memory; of others no marks are kept

NOT_ASKED, WRONG, ONE_OFF, RIGHT = 0, 1, 2, 3


def pack(marks: bytes) -> str:
    """`marks`, one byte of 0 to 3 a card, as text."""
    padded = marks + bytes(-len(marks) % 4)
    quarters = (int.from_bytes(padded[i::4], "little") << 2 * i for i in range(4))
    packed = sum(quarters).to_bytes(len(padded) // 4, "little")
    return base64.b64encode(zlib.compress(packed, 6)).decode("ascii")


def unpack(text: str, n_cards: int) -> bytes:
    """The `n_cards` marks in `text`, one byte each.
    Raises ValueError: the text is not what `pack` wrote for that many cards."""
    if n_cards > MOST_CARDS:
        raise ValueError(f"no marks are kept of {n_cards:,} cards")
    n_bytes = (n_cards + 3) // 4
    try:
        zipped = base64.b64decode(text, validate=True)
        packed = zlib.decompressobj().decompress(zipped, n_bytes + 1)
    except (zlib.error, ValueError) as error:
        raise ValueError(f"packed marks are damaged: {error}") from error
    if len(packed) != n_bytes:
        raise ValueError(f"packed marks are for another number of cards than {n_cards}")
    unpacked = bytearray(len(packed) * 4)
    for i, table in enumerate(_QUARTERS):
        unpacked[i::4] = packed.translate(table)
    return bytes(unpacked[:n_cards])


class Marks(msgspec.Struct):
    """One byte a card.
    `latest`: its mark, as of `step`; b"" until the cards were marked.
    `never_seen`: 1 when it is never taught; b"" where that is not known.
    `known`: 1 when it was right before it was taught; b"" where that was not asked."""

    latest: bytes = b""
    step: int = 0
    never_seen: bytes = b""
    known: bytes = b""

    def describe(self, held_out: str, known: str, n_cards: int) -> None:
        self.never_seen = unpack(held_out, n_cards) if held_out else b""
        self.known = b""
        if known:
            self.known = bytes(mark == RIGHT for mark in unpack(known, n_cards))

    def take(self, step: int, packed: str, n_cards: int) -> None:
        with contextlib.suppress(ValueError):  # an altered line: the marks stay
            self.latest = unpack(packed, n_cards)
            self.step = step


def shown_in_cells(n_cards: int, n_a_cell: int) -> list[int]:
    """Return for each cell, of which one stands for several cards, the place of the card whose mark
    it shows. The cards are sorted by their marks, so that as large a share of the cells is right as
    of the cards."""
    middle = n_a_cell // 2
    return [min(at, n_cards - 1) for at in range(middle, n_cards + middle, n_a_cell)]
