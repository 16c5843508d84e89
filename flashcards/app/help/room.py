"""Help, the command palette, the share line."""

from __future__ import annotations

from flashcards.app.room import Key, PaletteCommand, Room

ROOM = Room(
    "help",
    keys=(
        Key(
            "help",
            ("question_mark", "f1"),
            "actions:show_help",
            "help",
            "What the keys do, and what the numbers mean.",
            "program",
            430,
            is_shown=True,
        ),
        Key(
            "palette",
            ("ctrl+p",),
            "app:command_palette",
            "palette",
            "All commands and decks by name; other colours, too.",
            "program",
            440,
            is_priority=True,
        ),
    ),
    commands=(
        PaletteCommand(
            "share line", "The command that does this lesson again elsewhere.", "sharing:share"
        ),
    ),
)
