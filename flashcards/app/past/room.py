"""Looking back: any step of the run, markers, bookmarks."""

from __future__ import annotations

from flashcards.app.room import STEPS, Key, Room

OPENING = ("left_square_bracket", "left_curly_bracket")
CLOSING = ("right_square_bracket", "right_curly_bracket")

ROOM = Room(
    "past",
    keys=(
        Key("back", ("left",), "actions:move", (-1,), place=10, footer=STEPS).named(
            "back", "One step back: the run as it was. Live training goes on. → goes forward again."
        ),
        Key("back_10", ("shift+left",), "actions:move", (-10,), place=120).named(
            "back 10", "Ten steps back."
        ),
        Key("forward_10", ("shift+right",), "actions:move", (10,), place=130).named(
            "on 10", "Ten steps forward."
        ),
        Key("to_start", ("less_than_sign", "home"), "actions:go", (0,), place=140).named(
            "start", "To step 0."
        ),
        Key("follow_live", ("greater_than_sign", "end"), "actions:follow_live", place=150).named(
            "live", "Follow live again; in a replay, back to where it is."
        ),
        Key("marker_before", OPENING, "actions:jump", (-1,), place=160).named(
            "marker", "To the marker before: first right, all right, forgotten, your bookmarks."
        ),
        Key("marker_after", CLOSING, "actions:jump", (1,), place=170).named(
            "marker", "To the next marker."
        ),
        Key("bookmark", ("m",), "actions:bookmark", place=180, needs="model").named(
            "bookmark", "Set a bookmark at the step that is shown, with a word if you like."
        ),
    ),
    line="actions:line",
)
