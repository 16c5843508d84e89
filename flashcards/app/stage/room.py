"""On stage: presenter view, talks, the game, keys shown."""

from __future__ import annotations

from flashcards.app.room import Key, Room

ROOM = Room(
    "stage",
    keys=(
        Key(
            "present",
            ("f",),
            "actions:present",
            "present",
            "One thing at a time, huge, for a room; again goes back.",
            "stage",
            310,
        ),
        Key(
            "humans",
            ("h",),
            "view:game",
            "humans",
            "Humans against the model: guess the answer of a card that was never taught.",
            "stage",
            320,
        ),
        Key(
            "show_keys",
            ("k",),
            "actions:toggle_keys",
            "show keys",
            "Show the keys as you press them, or no longer.",
            "stage",
            330,
        ),
        Key(
            "cue_next",
            ("pagedown",),
            "actions:cue",
            "next cue",
            "In a talk: the next cue.",
            "stage",
            340,
            args=(1,),
            offered="actions:is_talk",
            is_priority=True,
        ),
        Key(
            "net",
            ("f9",),
            "actions:toggle_net",
            "recording",
            "In a talk: go on from the rehearsal's recording, or live again.",
            "stage",
            350,
            offered="actions:is_talk",
            is_priority=True,
        ),
        Key(
            "cue_before",
            ("pageup",),
            "actions:cue",
            "cue before",
            "In a talk: the cue before, with the model as it was then.",
            "stage",
            360,
            args=(-1,),
            offered="actions:is_talk",
            is_priority=True,
        ),
    ),
    views={"presenter": "presenter:make", "game": "game:GameView", "slide": "slide:make"},
    on_open="actions:begin",
)
