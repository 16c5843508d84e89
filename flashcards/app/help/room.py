"""Help, the command palette, the share line."""

from __future__ import annotations

from functools import partial

from flashcards.app.room import Key, PaletteCommand, Room

PROGRAM_KEY = partial(Key, group="program")

ROOM = Room(
    "help",
    keys=(
        PROGRAM_KEY(
            "help", ("question_mark", "f1"), "screen:show_help", place=430, footer=True
        ).named("help", "What the keys do, and what the numbers mean."),
        PROGRAM_KEY("words", ("i",), "screen:show_words", place=435).named(
            "words", "What the words on this screen mean."
        ),
        PROGRAM_KEY(
            "palette", ("ctrl+p",), "app:command_palette", place=440, is_priority=True
        ).named("palette", "All commands and decks by name; other colours, too."),
    ),
    commands=(
        PaletteCommand(
            "share line", "The command that does this lesson again elsewhere.", "screen:share"
        ),
    ),
)
