"""Text in an SVG: broken into lines, or cut to a width, which is estimated."""

from __future__ import annotations

import unicodedata

MAX_CHARACTERS = 400
"""More than any line has room for."""


def wrapped(text: str, size: float, width: float) -> list[str]:
    """The text in lines of at most this width, in the units of `size`; broken at spaces only."""
    lines: list[str] = []
    for word in text.split():
        if lines and width_of(f"{lines[-1]} {word}", size) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def shortened(text: str, size: float, width: float) -> str:
    """The text, or as much of its start as fits, and an ellipsis."""
    text = text[:MAX_CHARACTERS]
    if width_of(text, size) <= width:
        return text
    while text and width_of(text + "…", size) > width:
        text = text[:-1]
    return text + "…"


def width_of(text: str, size: float) -> float:
    """About how wide the text is: no font is there to measure it with."""
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return size * (0.58 * (len(text) - wide) + 1.05 * wide)
