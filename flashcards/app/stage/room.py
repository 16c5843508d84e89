"""On stage: presenter view, talks, the game, keys shown."""

from __future__ import annotations

from functools import partial

from flashcards.app.room import Key, Room

TALK_KEY = partial(Key, offered="actions:is_talk", is_priority=True)

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
        TALK_KEY("cue_next", ("pagedown",), "actions:cue", (1,), place=340).named(
            "next cue", "In a talk: the next cue."
        ),
        TALK_KEY(
            "course_next", ("enter",), "course:go_on", place=345, offered="course:is_enter"
        ).named("go on", "In a course: what comes next."),
        TALK_KEY("net", ("f9",), "actions:toggle_net", place=350).named(
            "recording", "In a talk: go on from the rehearsal's recording, or live again."
        ),
        TALK_KEY("cue_before", ("pageup",), "actions:cue", (-1,), place=360).named(
            "cue before", "In a talk: the cue before, with the model as it was then."
        ),
    ),
    views={
        "presenter": "presenter:make",
        "game": "game:GameView",
        "slide": "slides:make_slide",
        "predict": "slides:make_prediction",
    },
    line="course:line",
    on_open="actions:begin",
)
