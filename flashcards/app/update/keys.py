"""What the keys of one update do: walk it, choose the order of cards, go back to before a break."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flashcards.app.lesson import order_words
from flashcards.app.update import words
from flashcards.runs.commands import NextPhase, Rewind
from flashcards.runs.values import PHASES

if TYPE_CHECKING:
    from flashcards.app.app import FlashcardsApp


def walk(app: FlashcardsApp, by: int) -> None:
    """Open view 4 and hold the next card at DATA; from there on, phase by phase.

    In the past the update that is over is walked, and after its end the next one.
    """
    from flashcards.app.update.view import UpdateView

    if app.travel.step is not None:
        _walk_past(app, by)
        return
    can_walk = app.state.start is not None
    view = app.view
    if not isinstance(view, UpdateView):
        app.action_view("update")
        view = app.view
        if isinstance(view, UpdateView) and by > 0 and can_walk and not app.state.is_held:
            app.lesson.send(NextPhase())
        return
    if not view.walk(by) and can_walk:
        app.lesson.send(NextPhase())
    app.paint()


def _walk_past(app: FlashcardsApp, by: int) -> None:
    from flashcards.app.update.view import UpdateView

    first, last = PHASES[0], PHASES[-1]
    view = app.view
    if not isinstance(view, UpdateView):
        app.action_view("update")
        if isinstance(app.view, UpdateView):
            app.view.turn_to(first if by > 0 else last)
    elif not view.walk(by):
        app.travel.move(by)
        view.turn_to(first if by > 0 else last)
    app.paint()


def next_order(app: FlashcardsApp) -> None:
    """The next of the orders, counted from what was last asked for."""
    order = app.lesson.next_order()
    app.notify(order_words.order(order), timeout=4, markup=False, kind="order")
    app.lesson.go_on_after_the_end()


def rewind(app: FlashcardsApp) -> None:
    """Go back, and see it live; of a lesson that is sound there is nothing to go back from."""
    if app.state.steps.broken is None:
        app.notify(words.NOT_BROKEN, timeout=4, markup=False)
        return
    if app.travel.step is not None:
        app.travel.follow_live()
    app.lesson.send(Rewind())
