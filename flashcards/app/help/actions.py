"""What the help key does."""

from __future__ import annotations

from flashcards.app.session import Session


async def show_help(session: Session) -> None:
    from flashcards.app.help.screen import HelpScreen

    await session.dialog(HelpScreen(session.keymap, session.keys))
