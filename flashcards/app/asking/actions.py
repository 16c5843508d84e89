"""What the keys for asking do: open the line to ask in, pin the card that is shown."""

from __future__ import annotations

from flashcards.app.lesson import dialog_words as words
from flashcards.app.session import Session
from flashcards.runs.commands import MAX_PINS, Pin, Unpin


async def ask(session: Session) -> None:
    """Open the line to ask in."""
    await _open(session, "")


async def ask_past(session: Session) -> None:
    """Show how the answer to what was pinned last came about."""
    if session.shown.pins:
        await _open(session, next(reversed(session.shown.pins)))


async def _open(session: Session, prompt: str) -> None:
    from flashcards.app.asking.dialog import AskScreen

    await session.dialog(AskScreen(session, prompt))


def pin(session: Session) -> None:
    """Pin the card that is shown, or unpin it."""
    correction, pins = session.shown.correction, session.state.pins
    if correction is None or session.view_name != "lesson" or session.screen is not session.view:
        return
    prompt = correction.prompt
    if prompt in pins:
        session.send(Unpin(prompt=prompt))
        said = words.unpinned(prompt)
    else:
        session.send(Pin(prompt=prompt))
        said = words.pinned(prompt, next(iter(pins)) if len(pins) >= MAX_PINS else None)
    session.notify(said, timeout=4, kind="pin")
