"""The screen as PNG from SVG (DejaVu Sans Mono): `python -m tests.app.look IN.svg OUT.png`."""

import re
import sys
from pathlib import Path

import resvg_py

from flashcards.app.widgets import emoji
from flashcards.record.screen import FONTS

FONT_FOLDERS = ["/usr/share/fonts", str(FONTS), str(emoji.FONT.parent)]


def png(svg: str, width: int = 1400) -> bytes:
    """The PNG of a Textual SVG; every glyph in a monospace font so that cells stay cells."""
    without_fonts = re.sub(r"@font-face\s*{[^}]*}", "", svg)
    plain = without_fonts.replace("Fira Code", "DejaVu Sans Mono")
    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=plain,
            width=width,
            font_dirs=FONT_FOLDERS,
            font_family="DejaVu Sans Mono",
            monospace_family="DejaVu Sans Mono",
        )
    )


if __name__ == "__main__":
    source, target = Path(sys.argv[1]), Path(sys.argv[2])
    target.write_bytes(png(source.read_text(encoding="utf-8")))
