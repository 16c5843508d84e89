"""Memory or understanding: rivals, the shuffled twin, more data."""

from __future__ import annotations

from flashcards.app.room import VIEWS, Key, Room

ROOM = Room(
    "memory",
    keys=(
        Key(
            "view_memory",
            ("3",),
            "view:memory",
            "memory?",
            "Memory or understanding: the model beside its rivals and its twin.",
            "views",
            210,
            is_shown=True,
            footer_group=VIEWS,
        ),
        Key(
            "twin",
            ("t",),
            "twin:toggle",
            "twin",
            "A second model learns the same deck with its answers shuffled.",
            "asking",
            290,
            needs="model",
        ),
        Key(
            "scaling",
            ("S",),
            "scaling:measure",
            "more data",
            "More data, better model: this deck with 5 to 100 % of its cards taught.",
            "asking",
            300,
            needs="model",
        ),
    ),
    views={"memory": "view:make"},
)
