"""Big letters, four rows high, drawn in `letters.txt`, five dots by eight: in half blocks a letter
takes six cells, in quadrants three. Huge letters, eight rows high, have two cells a dot. Text with
a character that is not drawn there stays small."""

import unicodedata
from functools import cache
from pathlib import Path

from flashcards.app.widgets.cells import wrap

N_ROWS = 4
N_HUGE_ROWS = 8
_DOTS = 5
_PITCH = 6

_ACCENTS = {
    "\u0300": (".#...", "..#.."),
    "\u0301": ("...#.", "..#.."),
    "\u0302": ("..#..", ".#.#."),
    "\u0303": (".#.#.", "#.#.."),
    "\u0308": (".#.#.", "....."),
    "\u030a": ("..#..", ".#.#."),
    "\u030c": (".#.#.", "..#.."),
}
_CEDILLA = "\u0327"
_ACCENTED = "aceinorsuyzACEINORSUYZ"  # drawn with accents; a capital is one row lower then


@cache
def _glyphs() -> dict[str, tuple[str, ...]]:
    """Eight strings of dots a character; the file has them side by side, below their names."""
    glyphs = {}
    for sheet in Path(__file__).with_suffix(".txt").read_text(encoding="utf-8").split("\n\n"):
        characters, *lines = sheet.splitlines()
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
    if accent in _ACCENTS:
        high, low = _ACCENTS[accent]
        capital = glyphs[letter]
        return (high if "#" in high else low, ".....", *capital[:5], capital[6])
    return None


def can_draw(text: str) -> bool:
    return bool(text) and all(_dots(character) is not None for character in text)


def big_width(text: str, *, is_wide: bool) -> int:
    """Cells a text takes in half blocks (`is_wide`) or quadrants, without a gap after it."""
    return len(text) * (6 if is_wide else 3) - (1 if is_wide else 0)


@cache
def _drawn(character: str, is_wide: bool) -> tuple[str, ...]:
    dots = [row + "." for row in _dots_of(character)]
    rows = []
    for upper, lower in zip(dots[::2], dots[1::2], strict=True):
        if is_wide:
            pairs = zip(upper, lower, strict=True)
            rows.append("".join(" ▀▄█"[(a == "#") + 2 * (b == "#")] for a, b in pairs))
        else:
            fours = (upper[x : x + 2] + lower[x : x + 2] for x in range(0, _PITCH, 2))
            places = [sum((dot == "#") << i for i, dot in enumerate(four)) for four in fours]
            rows.append("".join(" ▘▝▀▖▌▞▛▗▚▐▜▄▙▟█"[place] for place in places))
    return tuple(rows)


def big(text: str, *, is_wide: bool) -> list[str]:
    """The text in `N_ROWS` rows of `big_width` cells. Only what `can_draw` says yes to."""
    letters = [_drawn(character, is_wide) for character in text]
    width = big_width(text, is_wide=is_wide)
    return ["".join(letter[y] for letter in letters)[:width] for y in range(N_ROWS)]


def big_wrapped(text: str, width: int, n_rows: int, *, is_wide: bool) -> list[str]:
    """The text in big letters, broken at spaces; [] when it has none, or no room."""
    n_letters = (width + 1) // 6 if is_wide else width // 3
    if not can_draw(text) or max(map(len, text.split(" "))) > n_letters:
        return []
    lines = wrap(text, n_letters, n_rows // N_ROWS)
    if " ".join(lines) != text:
        return []
    return [row for line in lines for row in big(line, is_wide=is_wide)]


def big_lines(text: str, width: int, n_rows: int) -> list[str]:
    """The text in big letters, as wide as fits; [] when none do. All rows are equally long."""
    rows = big_wrapped(text, width, n_rows, is_wide=True)
    rows = rows or big_wrapped(text, width, n_rows, is_wide=False)
    widest = max(map(len, rows), default=0)
    return [row.ljust(widest) for row in rows]


def huge(text: str) -> list[str]:
    """The text in `N_HUGE_ROWS` rows of `huge_width` cells. Only what `can_draw` says yes to."""
    rows = []
    for y in range(N_HUGE_ROWS):
        dots = ".".join(_dots_of(character)[y] for character in text)
        rows.append("".join("██" if dot == "#" else "  " for dot in dots))
    return rows


def _dots_of(character: str) -> tuple[str, ...]:
    dots = _dots(character)
    assert dots is not None, "ask can_draw first"
    return dots
