"""Memory or understanding: rivals, the shuffled twin, more data, luck."""

from __future__ import annotations

from flashcards.app.room import Key, Room

ROOM = Room(
    "memory",
    keys=(
        Key("view_memory", ("3",), "view:memory", place=210).named(
            "memory?", "Memory or understanding: the model beside its rivals and its twin."
        ),
        Key("twin", ("t",), "beside:toggle_twin", place=290, group="asking", needs="model").named(
            "twin", "A second model learns the same deck with its answers shuffled."
        ),
        Key("scaling", ("S",), "scaling:measure", place=300, group="asking", needs="model").named(
            "more data", "More data, better model: this deck with 5 to 100 % of its cards taught."
        ),
        Key("luck", ("W",), "beside:toggle_luck", place=305, group="asking").named(
            "luck?", "Is this luck? What other seeds gave, from a sweep of this deck, as a band."
        ),
    ),
    views={"memory": "view:MemoryView"},
)
