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
            place=430,
            group="program",
            footer=True,
        ).named("help", "What the keys do, and what the numbers mean."),
        Key(
            "palette",
            ("ctrl+p",),
            "app:command_palette",
            place=440,
            group="program",
            is_priority=True,
        ).named("palette", "All commands and decks by name; other colours, too."),
    ),
    commands=(
        PaletteCommand(
            "share line", "The command that does this lesson again elsewhere.", "sharing:share"
        ),
    ),
)
