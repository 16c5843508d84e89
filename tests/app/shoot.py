"""Take the README's pictures from real lessons; not a test.

    python -m tests.app.shoot capitals screenshots/capitals.svg --ended
    python -m tests.app.shoot apple screenshots/apple.svg --phase adjustment --step 2
    python -m tests.app.shoot apple screenshots/ask.svg --step 200 --keys a F r enter
    python -m tests.app.shoot binary screenshots/twin.svg --first-keys t --twin-cards 30000
    python -m tests.app.shoot past-tense screenshots/broken.svg --step 600 --keys L L L L L 12s
    python -m tests.app.shoot runs/2026-11-28-capitals-f658 screenshots/real-model.svg --ended

Starts the real app with its real trainer, or with a saved run that is replayed, waits for the
moment, presses the keys, and writes what the screen shows. Only explained cards have phases: with
--phase the speed is explain. Among the keys 12s is no key: so many seconds pass.
"""

import argparse
import asyncio
import re
import tempfile
from collections.abc import Callable
from pathlib import Path

from flashcards.app.app import FlashcardsApp
from flashcards.app.run.replay_teacher import PACES, ReplayTeacher
from flashcards.app.run.sources import Teacher
from flashcards.app.textual_fixes.colours import DEFAULT
from flashcards.runs.folder import RunFolder
from flashcards.runs.state import RunState
from flashcards.runs.values import Speed
from flashcards.trainer.client import TrainerClient
from flashcards.trainer.request import LessonRequest

PATIENCE_S = 600.0
SETTLE_S = 1.5


async def shoot(
    app: FlashcardsApp,
    size: tuple[int, int],
    is_time: Callable[[RunState], bool],
    keys: list[str],
    first_keys: list[str],
    twin_cards: int,
) -> str:
    """The SVG of the screen at the moment, with the keys pressed then; others when it began."""
    async with app.run_test(size=size) as pilot:
        async with asyncio.timeout(PATIENCE_S):
            while app.session.state.start is None:
                await asyncio.sleep(0.05)
            for key in first_keys:
                await pilot.press(key)
            while not (is_time(app.session.state) and cards_of_twin(app) >= twin_cards):
                await asyncio.sleep(0.05)
        app.paint()
        for key in keys:
            if key[:-1].isdecimal():
                await asyncio.sleep(int(key[:-1]))
            else:
                await pilot.press(key)
        if keys:
            await asyncio.sleep(SETTLE_S)
        await pilot.pause()
        svg = app.export_screenshot(title="flashcards")
        await app.session.run.close(is_saved=False)
        app.exit()
    return re.sub(r"terminal-\d+", "terminal", svg)


def cards_of_twin(app: FlashcardsApp) -> int:
    """Cards its shuffled twin was taught."""
    twin = app.session.run.followers.get("twin")
    return 0 if twin is None else twin.state.cards_taught


def main() -> None:
    parser = argparse.ArgumentParser(description="A picture of a real lesson.")
    parser.add_argument("deck")
    parser.add_argument("picture", type=Path)
    parser.add_argument("--size", default="80x24")
    parser.add_argument("--theme")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--speed", help="full, or explain with --phase")
    parser.add_argument("--step", type=int, default=1)
    parser.add_argument("--phase")
    parser.add_argument("--ended", action="store_true")
    parser.add_argument("--keys", nargs="*", default=[])
    parser.add_argument("--first-keys", nargs="*", default=[])
    parser.add_argument("--twin-cards", type=int, default=0)
    options = parser.parse_args()

    step: int = options.step
    speed: Speed = options.speed or ("explain" if options.phase else "full")

    def is_time(state: RunState) -> bool:
        if state.failure:
            raise SystemExit(state.failure)
        if options.ended:
            return state.ended is not None
        if options.phase:
            return state.step >= step - 1 and state.card.phase == options.phase
        return state.step >= step

    columns, rows = (int(number) for number in options.size.split("x"))
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as runs:
        request = LessonRequest(deck=options.deck, seed=options.seed, speed=speed, runs=runs)
        saved = Path(options.deck)
        make: Callable[[LessonRequest], Teacher] = TrainerClient
        if (saved / "run.json").is_file():
            make = lambda _: ReplayTeacher(RunFolder.open(saved), PACES[1])  # noqa: E731
        app = FlashcardsApp(request, make, options.theme or DEFAULT)
        shot = shoot(
            app, (columns, rows), is_time, options.keys, options.first_keys, options.twin_cards
        )
        options.picture.write_text(asyncio.run(shot), encoding="utf-8")


if __name__ == "__main__":
    main()
