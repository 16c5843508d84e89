"""Big letters, four rows high, for what has to be read from the back row.

Drawn here, five dots by eight. In half blocks a dot is a square and a letter takes six cells; in
quadrants it takes three. Text with a character that is not drawn here stays small.
"""

from __future__ import annotations

import unicodedata
from functools import cache

N_ROWS = 4
_DOTS = 5
_PITCH = 6

_SHEETS = (
    (
        "0123456789+-",
        """
.###. ..#.. .###. .###. ...#. ##### .###. ##### .###. .###. ..... .....
#...# .##.. #...# #...# ..##. #.... #.... ....# #...# #...# ..#.. .....
#..## ..#.. ....# ....# .#.#. ####. #.... ...#. #...# #...# ..#.. .....
#.#.# ..#.. ..##. ..##. #..#. ....# ####. ..#.. .###. .#### ##### #####
##..# ..#.. .#... ....# ##### ....# #...# ..#.. #...# ....# ..#.. .....
#...# ..#.. #.... #...# ...#. #...# #...# ..#.. #...# ....# ..#.. .....
.###. .###. ##### .###. ...#. .###. .###. ..#.. .###. .###. ..... .....
..... ..... ..... ..... ..... ..... ..... ..... ..... ..... ..... .....
""",
    ),
    (
        "abcdefghijklm",
        """
..... #.... ..... ....# ..... ..##. ..... #.... ..#.. ...#. #.... .##.. .....
..... #.... ..... ....# ..... .#..# ..... #.... ..... ..... #.... ..#.. .....
.###. ####. .###. .#### .###. .#... .#### ####. .##.. ..##. #..#. ..#.. ##.#.
....# #...# #...# #...# #...# ####. #...# #...# ..#.. ...#. #.#.. ..#.. #.#.#
.#### #...# #.... #...# ##### .#... #...# #...# ..#.. ...#. ##... ..#.. #.#.#
#...# #...# #...# #...# #.... .#... .#### #...# ..#.. ...#. #.#.. ..#.. #.#.#
.#### ####. .###. .#### .###. .#... ....# #...# .###. #..#. #..#. .###. #.#.#
..... ..... ..... ..... ..... ..... .###. ..... ..... .##.. ..... ..... .....
""",
    ),
    (
        "nopqrstuvwxyz",
        """
..... ..... ..... ..... ..... ..... .#... ..... ..... ..... ..... ..... .....
..... ..... ..... ..... ..... ..... .#... ..... ..... ..... ..... ..... .....
####. .###. ####. .#### #.##. .#### ####. #...# #...# #...# #...# #...# #####
#...# #...# #...# #...# ##..# #.... .#... #...# #...# #.#.# .#.#. #...# ...#.
#...# #...# #...# #...# #.... .###. .#... #...# #...# #.#.# ..#.. #...# ..#..
#...# #...# ####. .#### #.... ....# .#..# #..## .#.#. #.#.# .#.#. .#### .#...
#...# .###. #.... ....# #.... ####. ..##. .##.# ..#.. .#.#. #...# ....# #####
..... ..... #.... ....# ..... ..... ..... ..... ..... ..... ..... .###. .....
""",
    ),
    (
        "ABCDEFGHIJKLM",
        """
.###. ####. .###. ####. ##### ##### .###. #...# .###. ..### #...# #.... #...#
#...# #...# #...# #...# #.... #.... #...# #...# ..#.. ...#. #..#. #.... ##.##
#...# #...# #.... #...# #.... #.... #.... #...# ..#.. ...#. #.#.. #.... #.#.#
##### ####. #.... #...# ####. ####. #.### ##### ..#.. ...#. ##... #.... #.#.#
#...# #...# #.... #...# #.... #.... #...# #...# ..#.. ...#. #.#.. #.... #...#
#...# #...# #...# #...# #.... #.... #...# #...# ..#.. #..#. #..#. #.... #...#
#...# ####. .###. ####. ##### #.... .#### #...# .###. .##.. #...# ##### #...#
..... ..... ..... ..... ..... ..... ..... ..... ..... ..... ..... ..... .....
""",
    ),
    (
        "NOPQRSTUVWXYZ",
        """
#...# .###. ####. .###. ####. .#### ##### #...# #...# #...# #...# #...# #####
##..# #...# #...# #...# #...# #.... ..#.. #...# #...# #...# #...# #...# ....#
##..# #...# #...# #...# #...# #.... ..#.. #...# #...# #...# .#.#. .#.#. ...#.
#.#.# #...# ####. #...# ####. .###. ..#.. #...# #...# #.#.# ..#.. ..#.. ..#..
#..## #...# #.... #.#.# #.#.. ....# ..#.. #...# #...# #.#.# .#.#. ..#.. .#...
#..## #...# #.... #..#. #..#. ....# ..#.. #...# .#.#. ##.## #...# ..#.. #....
#...# .###. #.... .##.# #...# ####. ..#.. .###. ..#.. #...# #...# ..#.. #####
..... ..... ..... ..... ..... ..... ..... ..... ..... ..... ..... ..... .....
""",
    ),
    (
        "*/=?!.,':()% ␣�",
        """
..... ....# ..... .###. ..#.. ..... ..... ..#.. ..... ...#. .#... ##..# ..... ..... #####
..#.. ....# ..... #...# ..#.. ..... ..... ..#.. ..... ..#.. ..#.. ##..# ..... ..... ##.##
#.#.# ...#. ##### ....# ..#.. ..... ..... .#... ..#.. .#... ...#. ...#. ..... ..... #.#.#
.###. ..#.. ..... ...#. ..#.. ..... ..... ..... ..#.. .#... ...#. ..#.. ..... ..... ###.#
#.#.# .#... ##### ..#.. ..#.. ..... ..... ..... ..... .#... ...#. .#... ..... ..... ##.##
..#.. #.... ..... ..... ..... .##.. .##.. ..... ..#.. ..#.. ..#.. #..## ..... #...# #####
..... #.... ..... ..#.. ..#.. .##.. ..#.. ..... ..#.. ...#. .#... #..## ..... ##### ##.##
..... ..... ..... ..... ..... ..... .#... ..... ..... ..... ..... ..... ..... ..... #####
""",
    ),
)

_ACCENTS = {
    "\u0300": (".#...", "..#.."),
    "\u0301": ("...#.", "..#.."),
    "\u0302": ("..#..", ".#.#."),
    "\u0303": (".#.#.", "#.#.."),
    "\u0308": (".#.#.", "....."),
}
_CEDILLA = "\u0327"
_ACCENTED = "aceinouyACEINOU"
"""Letters with room above or below them; capitals take a cedilla only."""

_QUADRANTS = " ▘▝▀▖▌▞▛▗▚▐▜▄▙▟█"
_HALVES = " ▀▄█"


@cache
def _glyphs() -> dict[str, tuple[str, ...]]:
    """Eight strings of dots a character."""
    glyphs = {}
    for characters, art in _SHEETS:
        lines = art.strip("\n").split("\n")
        for i, character in enumerate(characters):
            start = i * _PITCH
            glyphs[character] = tuple(line[start : start + _DOTS] for line in lines)
    return glyphs


@cache
def _dots(character: str) -> tuple[str, ...] | None:
    """The eight rows of a character or of a letter with its accent, None when it isn't drawn."""
    glyphs = _glyphs()
    if character in glyphs:
        return glyphs[character]
    parts = unicodedata.normalize("NFD", character)
    if len(parts) != 2 or parts[0] not in _ACCENTED:
        return None
    letter, accent = parts[0], parts[1]
    if accent == _CEDILLA:
        return (*glyphs[letter][:7], "..#..")
    if accent in _ACCENTS and letter.islower():
        return (*_ACCENTS[accent], *glyphs[letter][2:])
    return None


def can_draw(text: str) -> bool:
    """Whether every character has a big letter."""
    return bool(text) and all(_dots(character) is not None for character in text)


def big_width(text: str, *, is_wide: bool) -> int:
    """Cells a text takes in half blocks (`is_wide`) or quadrants, without a gap after it."""
    return len(text) * (6 if is_wide else 3) - (1 if is_wide else 0)


@cache
def _drawn(character: str, is_wide: bool) -> tuple[str, ...]:
    rows_of_dots = _dots(character)
    assert rows_of_dots is not None, "ask can_draw first"
    dots = [row + "." for row in rows_of_dots]
    rows = []
    for upper, lower in zip(dots[::2], dots[1::2], strict=True):
        if is_wide:
            pairs = zip(upper, lower, strict=True)
            rows.append("".join(_HALVES[(a == "#") + 2 * (b == "#")] for a, b in pairs))
        else:
            rows.append(
                "".join(
                    _QUADRANTS[
                        (upper[x] == "#")
                        + 2 * (upper[x + 1] == "#")
                        + 4 * (lower[x] == "#")
                        + 8 * (lower[x + 1] == "#")
                    ]
                    for x in range(0, _PITCH, 2)
                )
            )
    return tuple(rows)


def big(text: str, *, is_wide: bool) -> list[str]:
    """The text in `N_ROWS` rows of `big_width` cells. Only what `can_draw` says yes to."""
    letters = [_drawn(character, is_wide) for character in text]
    width = big_width(text, is_wide=is_wide)
    return ["".join(letter[y] for letter in letters)[:width] for y in range(N_ROWS)]
