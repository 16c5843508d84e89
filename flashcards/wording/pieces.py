"""Pieces in words: as they are written, named after their letters, counted and looked at."""

import re
from collections.abc import Sequence

from flashcards.base.columns import cut, width
from flashcards.base.language import tr
from flashcards.cards.printable import printable
from flashcards.runs.details import CardPiece, PartName
from flashcards.wording.numbers import count

PART_NAMES: dict[PartName, str] = {  # a layer looks back, then combines
    "attention": "attention",
    "mlp": "combining",
    "embedding": "way in",
    "head": "way out",
    "gains": "gains",
}


END = "⏎"
"""The piece that ends an answer."""

HALF_A_LETTER = "\ufffd"
"""A piece that is one byte of several that a letter is written with: no letter of its own."""

NO_LETTER = "◦"
"""A piece without a letter: it fills a prompt up, or stands for a letter that is silent."""


def visible(text: str) -> str:
    """A piece as it is written: spaces at its ends, which would not be seen, as ␣; what is less
    than a letter by that name."""
    if text == HALF_A_LETTER:
        return tr("½ letter")
    inner = text.strip(" ")
    if inner == text:
        return text
    start = len(text) - len(text.lstrip(" ")) if inner else len(text)
    return "␣" * start + inner + "␣" * (len(text) - start - len(inner))


def named(piece: str) -> str:
    """A piece as it is written; that of the end by its name, since nobody knows its sign."""
    return tr("the end") if piece == END else visible(piece)


def written(piece: str) -> str:
    """A piece of an answer; that of a silent letter is ◦."""
    return visible(piece) or NO_LETTER


def pieces(n: int) -> str:
    return tr("{n} piece", n=count(n)) if n == 1 else tr("{n} pieces", n=count(n))


def in_pieces(texts: Sequence[str]) -> str:
    """Return a text as it is cut: r|in|st|raw|ber|ry; "" for no pieces."""
    return "|".join(text.strip() for text in texts)


def quoted_piece(text: str, width: int = 24) -> str:
    if text == HALF_A_LETTER:
        return visible(text)
    return tr("the answer's end") if text == END else tr("“{text}”", text=cut(visible(text), width))


def looked_at(texts: Sequence[str], shares: Sequence[float], n_before: int) -> tuple[str, float]:
    """Return what the last of these pieces takes most from, and the share, 0 to 1. Where one of
    `n_before` earlier pieces, which are not known, may have more, the text says so."""
    most = max(range(len(shares)), key=shares.__getitem__)
    target = tr("itself") if most == len(shares) - 1 else quoted_piece(texts[most])
    if n_before and 1.0 - sum(shares) > shares[most]:
        target = tr("{target}, of the last {n}", target=target, n=pieces(len(shares)))
    return target, shares[most]


def rows_left_out(n_before: int, n_after: int) -> str:
    """Say which rows of the attention of a long card are not shown."""
    if not n_after:
        return tr("… {n_before} rows before these", n_before=count(n_before))
    if not n_before:
        return tr("… {n_after} rows after these", n_after=count(n_after))
    return tr(
        "… {n_before} rows before these, {n_after} after",
        n_before=count(n_before),
        n_after=count(n_after),
    )


_BYTE = "<0x([89A-F][0-9A-F])>"
_BYTES = re.compile(f"(?:{_BYTE})+")


def is_byte(text: str) -> bool:
    """Tell whether a piece is one byte of several that a letter is written with."""
    return re.fullmatch(_BYTE, text) is not None


def piece_labels(pieces: Sequence[CardPiece]) -> list[str]:
    """Their texts; of a letter that has no piece of its own, each byte is a part of it: ם1/2."""
    labels = [piece.text for piece in pieces]
    for at in range(len(labels)):
        for n in (2, 3, 4):
            parts = labels[at : at + n]
            letter = whole_letters("".join(parts)) if all(map(is_byte, parts)) else ""
            if len(parts) == n and len(letter) == 1 and letter != "\ufffd":
                mark = letter if width(letter) else f"◌{letter}"
                labels[at : at + n] = [f"{mark}{i}/{n}" for i in range(1, n + 1)]
    return labels


def whole_letters(text: str) -> str:
    """The text of pieces one after another, their bytes as the letters they are."""

    def letters(match: re.Match[str]) -> str:
        data = bytes(int(number, 16) for number in re.findall(_BYTE, match[0]))
        return printable(data.decode("utf-8", "replace"))

    return _BYTES.sub(letters, text)
