"""What the keys of the stage do."""

from __future__ import annotations

from collections.abc import Callable

from textual import events
from textual.widgets import Input

from flashcards.app.run.run import Run
from flashcards.app.session import Session
from flashcards.app.stage import words
from flashcards.app.stage.kept import PRESENTER, Stage
from flashcards.app.stage.key_overlay import KeyOverlay


def is_talk(session: Session) -> bool:
    """Whether a talk is given."""
    return session.kept(Stage).talking is not None


async def begin(session: Session, run: Run) -> None:
    """Give the talk, once there is a lesson."""
    talking = session.kept(Stage).talking
    if talking is not None and session.is_offering:
        session.is_offering = False
        session.spawn(talking.run(), "talk")


def present(session: Session) -> None:
    """The presenter view, or back to the lesson."""
    session.kept(Stage).asked = None
    session.show("lesson" if session.view_name == PRESENTER else PRESENTER)


def cue(session: Session, by: int) -> None:
    """The next cue of the talk, or the one before."""
    talking = session.kept(Stage).talking
    if talking is not None:
        talking.move(by)


def toggle_net(session: Session) -> None:
    """Go on from the rehearsal's recording, or live again."""
    net = session.kept(Stage).net
    netted = None if net is None else net.current
    if netted is None or not netted.toggle():
        session.notify(words.NO_NET)
    session.paint()


def toggle_keys(session: Session) -> None:
    """Show the keys that are pressed, or no longer."""
    stage = session.kept(Stage)
    stage.are_keys_shown = not stage.are_keys_shown
    if stage.are_keys_shown:
        session.key_listeners.append(stage_listener(session))
    else:
        session.key_listeners.clear()
        session.screen.query(KeyOverlay).remove()


def stage_listener(session: Session) -> Callable[[events.Key], None]:
    """Shows every key once; what is typed is seen where it is typed."""
    last: list[events.Key] = []

    def show(event: events.Key) -> None:
        if last == [event]:
            return
        last[:] = [event]
        screen = session.screen
        if isinstance(screen.focused, Input) and event.is_printable:
            return
        there = screen.query(KeyOverlay)
        overlay = there.first() if there else KeyOverlay()
        if not there:
            screen.mount(overlay)
        overlay.add(event.key)

    return show
