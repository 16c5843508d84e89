"""Decks: choosing, writing, following the file, the deck doctor."""

from __future__ import annotations

from flashcards.app.room import Key, Room

ROOM = Room(
    "decks",
    keys=(
        Key("view_doctor", ("7",), "view:doctor", place=245).named(
            "doctor", "The deck doctor: what is in the deck, what to change; arrows scroll."
        ),
        Key("edit", ("e",), "writing:edit_lesson", (False,), place=370, needs="model").named(
            "edit", "Edit the deck in your own editor ($EDITOR); what you save is taught at once."
        ),
        Key("edit_here", ("E",), "writing:edit_lesson", (True,), place=380, needs="model").named(
            "edit here", "Edit the deck in here: shows what is wrong, and how each card is read."
        ),
        Key("new_deck", ("n",), "writing:new", place=390, needs="model").named(
            "new deck", "Begin a deck of your own."
        ),
        Key(
            "teach_after", ("T",), "writing:choose_after", (False,), place=395, needs="model"
        ).named(
            "something else",
            "Teach it another deck, and see what it forgets of this one.",
        ),
        Key("reward_deck", (), "writing:choose_after", (True,), place=396, needs="model"),
        Key("decks", ("d",), "writing:choose", place=400, needs="model", footer=True).named(
            "decks", "Choose another deck, or a text."
        ),
    ),
    views={"doctor": "doctor:make"},
    line="following:line",
    on_open="following:follow",
)
