"""The fonts that came along for recordings, and a picture with them inside."""

from __future__ import annotations

import base64
import re
from pathlib import Path

from rich.cells import cell_len

FONTS = Path(__file__).parent / "fonts"
TEXT_FONTS = ((400, "DejaVuSansMono.ttf"), (700, "DejaVuSansMono-Bold.ttf"))
EMOJI_FONT = "NotoColorEmoji-subset.ttf"
"""The emoji of the bundled decks. CONTRIBUTING.md says how one is added."""

EMOJI_RANGE = "U+2600-27BF,U+1F000-1FAFF"


def is_emoji(char: str) -> bool:
    """Whether it is a picture of two columns, in the ranges that `EMOJI_RANGE` names."""
    return ("\u2600" <= char <= "\u27bf" or "\U0001f000" <= char <= "\U0001faff") and (
        cell_len(char) == 2
    )


def with_font(svg: str) -> str:
    """The picture with our fonts inside instead of one from elsewhere: it looks right anywhere."""
    faces = [(f"font-weight:{weight}", name) for weight, name in TEXT_FONTS]
    if any(is_emoji(char) for char in svg):
        faces.append((f"unicode-range:{EMOJI_RANGE}", EMOJI_FONT))
    inside = "".join(
        f'@font-face{{font-family:"Fira Code";{which};'
        f"src:url(data:font/ttf;base64,{base64.b64encode((FONTS / name).read_bytes()).decode()})}}"
        for which, name in faces
    )
    bare = re.sub(r"@font-face\s*{[^}]*}", "", svg)
    return bare.replace("<style>", f"<style>{inside}", 1)
