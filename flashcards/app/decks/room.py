"""Decks: choosing, writing, following the file, the deck doctor."""

from __future__ import annotations

from flashcards.app.room import Key, Room

ROOM = Room(
    "decks",
    keys=(
        Key(
            "view_doctor",
            ("7",),
            "view:doctor",
            "doctor",
            "The deck doctor: what is in the deck, what to change; arrows scroll.",
            "views",
            250,
        ),
        Key(
            "edit",
            ("e",),
            "writing:edit_lesson",
            "edit",
            "Edit the deck in your own editor ($EDITOR); what you save is taught at once.",
            "decks",
            370,
            args=(False,),
            needs="model",
        ),
        Key(
            "edit_here",
            ("E",),
            "writing:edit_lesson",
            "edit here",
            "Edit the deck in here: shows what is wrong, and how each card is read.",
            "decks",
            380,
            args=(True,),
            needs="model",
        ),
        Key(
            "new_deck",
            ("n",),
            "writing:new",
            "new deck",
            "Begin a deck of your own.",
            "decks",
            390,
            needs="model",
        ),
        Key(
            "decks",
            ("d",),
            "actions:choose",
            "decks",
            "Choose another deck.",
            "decks",
            400,
            needs="model",
            is_shown=True,
        ),
    ),
    views={"doctor": "doctor:make"},
    line="following:line",
    on_open="following:follow",
)
