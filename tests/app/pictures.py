"""Golden pictures: the screen as SVG is that in `screenshots/`, for README and docs, or `screens/`.
One that differs leaves `NAME.new.svg` beside it; FLASHCARDS_PICTURES=write (re)creates them."""

import asyncio
import os
import re
from functools import cache
from pathlib import Path
from typing import Any

from textual.app import App

from flashcards.app.app import FlashcardsApp
from tests.app.script import Stage

ROOT = Path(__file__).parents[2]
LOOKS_BEFORE_IT_IS_WRITTEN = 100  # some screens never rest
ROOM_BELOW = 3  # for the feet of letters in the last row
SCREENSHOTS, SCREENS = ROOT / "screenshots", Path(__file__).with_name("screens")


@cache
def shown() -> dict[str, list[str]]:
    """The files in `screenshots/` that README and docs show, by the pages that do."""
    found: dict[str, list[str]] = {}
    for page in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("decks/*.md")):
        for name in re.findall(r"screenshots/([\w.-]+\w)", page.read_text("utf-8")):
            found.setdefault(name, []).append(page.name)
    return found


async def check_picture(app: App[Any], name: str, n_looks: int = 400) -> None:
    folder = SCREENSHOTS if f"{name}.svg" in shown() else SCREENS
    golden, fresh = folder / f"{name}.svg", folder / f"{name}.new.svg"
    is_written = os.environ.get("FLASHCARDS_PICTURES") == "write"
    if is_written:
        n_looks = LOOKS_BEFORE_IT_IS_WRITTEN
    wanted = golden.read_text(encoding="utf-8") if golden.exists() else None
    settle(app)
    while (seen := picture(app)) != wanted:
        n_looks -= 1
        if is_written and n_looks < 0:
            golden.write_text(seen, encoding="utf-8")
            break
        if not is_written and (wanted is None or n_looks < 0):
            fresh.write_text(seen, encoding="utf-8")
            what = "has no" if wanted is None else "differs from"
            raise AssertionError(f"the screen {what} {golden.name}: look at {fresh}")
        await asyncio.sleep(0.025)
        settle(app)
    fresh.unlink(missing_ok=True)


def settle(app: App[Any]) -> None:
    """Paint what was heard: a picture is never of the state before."""
    if isinstance(app, FlashcardsApp):
        app.paint()


async def check_pictures(stage: Stage, name: str) -> None:
    """Paint a view wide as well, and compare it at the size that it is designed for."""
    await stage.resize((120, 40))
    stage.rows()
    await stage.resize((80, 24))
    await check_picture(stage.app, f"{name}-80x24")


def picture(app: App[Any]) -> str:
    """The screen as SVG, without the number that differs from run to run, its last row uncut."""
    drawn = re.sub(r"terminal-\d+", "terminal", app.export_screenshot(title="flashcards"))
    edge = r'(?<=clip-terminal">)(\s*<rect x="0" y="0" width="[\d.]+" height=")([\d.]+)'
    return re.sub(edge, lambda found: f"{found[1]}{float(found[2]) + ROOM_BELOW:.1f}", drawn)
