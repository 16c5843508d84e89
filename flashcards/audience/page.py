"""The page's files, read once from this folder: what they say is in the user's language."""

from __future__ import annotations

import html
from collections.abc import Mapping
from pathlib import Path

from flashcards.language import chosen, tr

FOLDER = Path(__file__).parent


def words() -> Mapping[str, str]:
    """What stands on the page, by its name in page.html."""
    return {
        "language": chosen(),
        "title": tr("A lesson for a language model"),
        "waiting": tr("Waiting for the lesson…"),
        "closed": tr("The room is closed."),
        "lost": tr("No connection; trying again…"),
        "seen": tr("■ SEEN"),
        "unseen": tr("◆ NEVER SEEN"),
        "curve": tr("Right answers over the updates"),
        "card": tr("The card being corrected"),
        "guess": tr("guess"),
        "answer": tr("answer"),
        "ask": tr("Ask the model something"),
        "prompt": tr("a prompt: one of the deck's, or one it has never seen"),
        "send": tr("Send"),
        "sent": tr("Sent. The presenter chooses what is asked on stage."),
        "dropped": tr("This one is not asked on stage."),
        "nothing": tr("(nothing)"),
        "empty": tr("That is no prompt."),
        "too_soon": tr("One question a second; send it again."),
        "too_many": tr("Five of your questions wait already."),
        "full": tr("Too many questions wait already; try again later."),
        "model": tr("the model says"),
    }


def files() -> dict[str, tuple[str, bytes]]:
    """Content type and content by address."""
    page = (FOLDER / "page.html").read_text(encoding="utf-8")
    for name, text in words().items():
        page = page.replace(f"{{{name}}}", html.escape(text))
    return {
        "/": ("text/html", page.encode()),
        "/page.js": ("text/javascript", (FOLDER / "page.js").read_bytes()),
        "/page.css": ("text/css", (FOLDER / "page.css").read_bytes()),
    }
