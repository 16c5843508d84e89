"""Golden pictures: the screen as SVG, compared with `screenshots/`. The README shows those files.

A missing or different picture fails the test and leaves `NAME.new.svg` beside it; to look at one,
see `tests/app/look.py`. Set FLASHCARDS_PICTURES=write to (re)create them.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from textual.app import App

FOLDER = Path(__file__).parents[2] / "screenshots"


def check_picture(app: App[Any], name: str) -> None:
    """Fail, naming the file, unless the screen is the picture `screenshots/NAME.svg`."""
    svg = re.sub(r"terminal-\d+", "terminal", app.export_screenshot(title="flashcards"))
    golden, fresh = FOLDER / f"{name}.svg", FOLDER / f"{name}.new.svg"
    if os.environ.get("FLASHCARDS_PICTURES") == "write":
        FOLDER.mkdir(exist_ok=True)
        golden.write_text(svg, encoding="utf-8")
        fresh.unlink(missing_ok=True)
        return
    if golden.exists() and golden.read_text(encoding="utf-8") == svg:
        fresh.unlink(missing_ok=True)
        return
    fresh.write_text(svg, encoding="utf-8")
    what = "differs from" if golden.exists() else "has no"
    raise AssertionError(f"the screen {what} {golden.name}: look at {fresh}")
