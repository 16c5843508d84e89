"""What the keys of one update do: walk it, phase by phase."""

from __future__ import annotations

from flashcards.app.session import Session
from flashcards.app.update.view import UpdateView
from flashcards.runs.commands import NextPhase
from flashcards.runs.values import PHASES


def walk(session: Session, by: int) -> None:
    """Open view 4 and hold the next card at DATA; from there on, phase by phase.

    In the past the update that is over is walked, and after its end the next one.
    """
    if session.travel.step is not None:
        _walk_past(session, by)
        return
    can_walk = session.state.start is not None
    view = session.view
    if not isinstance(view, UpdateView):
        session.show("update")
        view = session.view
        if isinstance(view, UpdateView) and by > 0 and can_walk and not session.state.card.is_held:
            session.send(NextPhase())
        return
    if not view.walk(by) and can_walk:
        session.send(NextPhase())
    session.paint()


def _walk_past(session: Session, by: int) -> None:
    first, last = PHASES[0], PHASES[-1]
    view = session.view
    if not isinstance(view, UpdateView):
        session.show("update")
        if isinstance(session.view, UpdateView):
            session.view.turn_to(first if by > 0 else last)
    elif not view.walk(by):
        session.travel.move(by)
        view.turn_to(first if by > 0 else last)
    session.paint()
