"""What the twin's key does: start the shuffled twin of the lesson, or end it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flashcards.app.lesson.dialog_words import no_twin, twin_failed
from flashcards.app.memory.twin import Twin

if TYPE_CHECKING:
    from flashcards.app.app import FlashcardsApp


def toggle(app: FlashcardsApp) -> None:
    """Start it, and show it beside the model; or end it, saved."""
    lesson = app.lesson
    before, start = lesson.twin, app.state.start
    if before is not None:
        lesson.twin, lesson.twin_before = None, before
        app.run_worker(before.close(), group="twin")
    elif start is None or start.is_shuffled or start.n_taught < 2:
        app.notify(no_twin(start), timeout=5, markup=False)
    else:
        lesson.twin = Twin(app.state, app.teach)
        app.run_worker(_follow(app, lesson.twin, lesson.twin_before), group="twin")
        app.action_view("memory")
    app.paint()


async def _follow(app: FlashcardsApp, twin: Twin, before: Twin | None) -> None:
    await twin.listen(before)
    if twin.state.liveness == "failed":
        reason = twin_failed(twin.state.failure)
        app.notify(reason, severity="warning", timeout=20, markup=False)
