"""The page's files, read once: what they say is in the user's language."""

from __future__ import annotations

from pathlib import Path

from flashcards.audience.messages import MAX_PROMPT_CHARACTERS
from flashcards.templates.rendering import render

FOLDER = Path(__file__).parent


def files() -> dict[str, tuple[str, bytes]]:
    """Content type and content by address."""
    page = render("room.html", n_characters=MAX_PROMPT_CHARACTERS)
    return {
        "/": ("text/html", page.encode()),
        "/page.js": ("text/javascript", (FOLDER / "page.js").read_bytes()),
        "/page.css": ("text/css", (FOLDER / "page.css").read_bytes()),
    }
