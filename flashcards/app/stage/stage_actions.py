"""Actions of the stage's keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flashcards.app.run.run import Run
from flashcards.app.session import OnStage, Session
from flashcards.base.language import tr

if TYPE_CHECKING:
    from flashcards.app.stage.net import Net
    from flashcards.app.stage.talking import Talking


def is_talk(session: Session) -> bool:
    return session.singleton(StageState).talking is not None


async def begin(session: Session, run: Run) -> None:
    talking = session.singleton(StageState).talking
    if talking is None:
        return
    if not talking.has_begun:
        talking.has_begun = True  # a rehearsal's `run` is its own
        session.is_offering = False
        session.spawn(talking.run(), "talk")
    await talking.opened(run)


def present(session: Session) -> None:
    session.singleton(OnStage).answered = None
    session.show("lesson" if session.shell.view_name == "presenter" else "presenter")


def cue(session: Session, by: int) -> None:
    session.singleton(OnStage).answered = None
    talking = session.singleton(StageState).talking
    if talking is not None:
        talking.move(by)


def toggle_net(session: Session) -> None:
    net = session.singleton(StageState).net
    if net is None or net.current is None or not net.current.toggle():
        session.notify(
            tr("There is no recording of this very lesson: flashcards rehearse makes one.")
        )
    session.paint()


class StageState:
    talking: Talking | None = None
    net: Net | None = None
