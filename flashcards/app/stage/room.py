"""On stage: presenter view, talks, the game, keys shown."""

from __future__ import annotations

from flashcards.app.room import Key, Room

ROOM = Room(
    "stage",
    keys=(
        Key("present", ("f",), "actions:present", place=310).named(
            "present", "One thing at a time, huge, for a room; again goes back."
        ),
        Key("humans", ("h",), "view:game", place=320, group="stage").named(
            "humans", "Humans against the model: guess the answer of a card that was never taught."
        ),
        Key("show_keys", ("k",), "key_overlay:toggle", place=330).named(
            "show keys", "Show the keys as you press them, or no longer."
        ),
        Key(
            "cue_next",
            ("pagedown",),
            "actions:cue",
            (1,),
            place=340,
            offered="actions:is_talk",
            is_priority=True,
        ).named("next cue", "In a talk: the next cue."),
        Key(
            "net",
            ("f9",),
            "actions:toggle_net",
            place=350,
            offered="actions:is_talk",
            is_priority=True,
        ).named("recording", "In a talk: go on from the rehearsal's recording, or live again."),
        Key(
            "cue_before",
            ("pageup",),
            "actions:cue",
            (-1,),
            place=360,
            offered="actions:is_talk",
            is_priority=True,
        ).named("cue before", "In a talk: the cue before, with the model as it was then."),
    ),
    views={"presenter": "presenter:make", "game": "game:GameView", "slide": "slide:make"},
    on_open="actions:begin",
)
