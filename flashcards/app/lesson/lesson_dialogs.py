"""What the keys do that open a dialog about the lesson: how many cards, which deck, start over,
more data, leave.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from flashcards.runs.commands import Pause, Play, Step

if TYPE_CHECKING:
    from flashcards.app.app import FlashcardsApp
    from flashcards.app.lesson.quit import Leaving


async def run_cards(app: FlashcardsApp) -> None:
    """Ask how many cards, and teach them."""
    from flashcards.app.lesson.run_cards import RunCardsScreen

    n_cards = await app.push_screen_wait(RunCardsScreen(app.n_cards_to_run))
    if n_cards is not None:
        app.n_cards_to_run = n_cards
        app.lesson.send(Step(n_cards=n_cards))


async def decks(app: FlashcardsApp) -> None:
    """Choose another deck, or edit one."""
    from flashcards.app.decks.picker import DecksScreen

    chosen = await app.push_screen_wait(DecksScreen(app.library, app.runs_root))
    if isinstance(chosen, Path):
        from flashcards.app.decks import writing as deck_writing

        await deck_writing.edit_deck(app, chosen)
    elif chosen is not None:
        app.open_deck(chosen)


async def restart(app: FlashcardsApp) -> None:
    """Start over, with the seed that is chosen."""
    from flashcards.app.lesson.restart import RestartScreen

    start, request = app.state.start, app.lesson.request
    seed = request.seed if start is None else start.seed
    chosen = await app.push_screen_wait(RestartScreen(seed))
    if chosen is not None:
        app.open_lesson(msgspec.structs.replace(request, seed=chosen, resume=None))


def scaling(app: FlashcardsApp) -> None:
    """Measure what more data does with this deck; the lesson waits meanwhile."""
    from flashcards.app.memory import scaling_words
    from flashcards.app.memory.scaling import ScalingScreen
    from flashcards.trainer.scaling import client as scaling_client

    lesson, start = app.lesson, app.state.start
    if start is None:
        app.notify(scaling_words.NOT_STARTED, timeout=5, markup=False)
        return
    was_learning = app.state.liveness == "learning"
    if was_learning:
        lesson.send(Pause())

    def go_on(_: None) -> None:
        if was_learning and app.lesson is lesson:
            lesson.send(Play())

    run, seed = Path(start.folder), start.seed
    screen = ScalingScreen(lesson.deck, lambda: scaling_client.measure(run, seed))
    app.push_screen(screen, go_on)


async def leave(app: FlashcardsApp) -> None:
    """Leave; while there is something to save, ask."""
    from flashcards.app.lesson.quit import QuitScreen

    if app.is_leaving or isinstance(app.screen, QuitScreen):
        return
    state = app.state
    leaving: Leaving = "drop"
    if state.start is not None and not app.lesson.is_over and app.lesson.viewer is None:
        app.leaving = QuitScreen(state.step, state.last_saved_step, app.key_of("go_on"))
        leaving = await app.push_screen_wait(app.leaving)
        app.leaving = None
    if leaving == "stay":
        return
    app.is_leaving = True
    app.paint()
    await app.travel.close()
    await app.lesson.close(is_saved=leaving == "save")
    app.exit()
