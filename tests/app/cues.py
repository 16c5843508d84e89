"""Picture each cue of a talk, given with its real trainer; not a test.

    python -m tests.app.cues docs/talks/what-training-means.md FOLDER --size 80x24

Writes FOLDER/01.svg and so on, each when its cue is done.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import tempfile
from pathlib import Path

from flashcards.app.app import FlashcardsApp
from flashcards.app.stage.actions import StageState
from flashcards.app.stage.talking import Talking, first_request
from flashcards.talks.parsing import read_talk
from flashcards.talks.talk import Talk
from flashcards.trainer.request import LessonRequest

PATIENCE_S = 120.0
SETTLE_S = 0.5


async def picture(sheet: Talk, runs: str, folder: Path, size: tuple[int, int]) -> None:
    """Give the talk and write what is seen at the end of each cue."""
    request = first_request(sheet, LessonRequest(deck="apple", runs=runs))
    app = FlashcardsApp(request, theme="stage-dark")
    talking = app.session.kept(StageState).talking = Talking(app.session, sheet)
    async with app.run_test(size=size) as pilot:
        for index in range(len(sheet.cues)):
            if index:
                talking.move(1)
            async with asyncio.timeout(PATIENCE_S):
                while talking.done != index:
                    await asyncio.sleep(0.05)
            await asyncio.sleep(SETTLE_S)
            app.paint()
            await pilot.pause()
            svg = re.sub(r"terminal-\d+", "terminal", app.export_screenshot(title="flashcards"))
            (folder / f"{index + 1:02}.svg").write_text(svg, encoding="utf-8")
        await app.session.run.close(is_saved=False)
        app.exit()


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description="A picture of each cue of a talk.")
    parser.add_argument("talk", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--size", default="80x24")
    options = parser.parse_args()
    columns, rows = (int(number) for number in options.size.split("x"))
    sheet, problems = read_talk(options.talk)
    if problems:
        raise SystemExit(f"{options.talk}:{problems[0].line}: {problems[0].text}")
    options.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as runs:
        asyncio.run(picture(sheet, runs, options.folder, (columns, rows)))


if __name__ == "__main__":
    main()
