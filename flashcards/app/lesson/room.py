"""The lesson itself: play, speed, learning rate, order, starting over, leaving."""

from __future__ import annotations

from functools import partial

from flashcards.app.room import SPEED, STEPS, VIEWS, Key, Room

RUN_KEY = partial(Key, group="decks", needs="model")

ROOM = Room(
    "lesson",
    keys=(
        Key("play", ("space",), "actions:toggle_play", place=0, footer=True).named(
            "play", "Play or pause."
        ),
        Key("step", ("right",), "actions:step", place=20, footer=STEPS).named(
            "card", "Pause and teach one card, phase by phase."
        ),
        Key("run_cards", ("N",), "actions:run_cards", place=30, needs="model").named(
            "N cards", "Teach as many cards as you say, then pause."
        ),
        Key(
            "faster", ("plus", "equals_sign"), "actions:change_speed", (1,), place=40, footer=SPEED
        ).named("faster", "Faster: explain (3 s a card), slow, brisk (10 a second), full."),
        Key(
            "slower", ("minus", "underscore"), "actions:change_speed", (-1,), place=50, footer=SPEED
        ).named("slower", "Slower. Below full speed an update is of one card alone."),
        Key("order", ("o",), "actions:next_order", place=80, needs="model").named(
            "order", "Order of cards: shuffled, hardest first, Leitner boxes, as in the deck file."
        ),
        Key("rewind", ("z",), "actions:rewind", place=90, needs="model").named(
            "rewind", "After training broke down: back to the last good state before it."
        ),
        Key("rate_down", ("l",), "actions:change_rate", (-1,), place=100, needs="model").named(
            "rate ÷2", "Halve the learning rate, from the next update on."
        ),
        Key("rate_up", ("L",), "actions:change_rate", (1,), place=110, needs="model").named(
            "rate ×2", "Double the learning rate. Too high, and training breaks down."
        ),
        Key("view_lesson", ("1",), "view:lesson", place=190, footer=VIEWS).named(
            "lesson", "The lesson: one card at a time."
        ),
        RUN_KEY("go_on", ("g",), "actions:go_on", place=410, offered="actions:can_go_on").named(
            "go on", "Go on with this deck's last run, from where it was saved."
        ),
        RUN_KEY("restart", ("r",), "actions:restart", place=420).named(
            "restart", "Start over with a model that knows nothing."
        ),
        Key("quit", ("q",), "actions:leave", place=450, group="program", footer=True).named(
            "quit", "Leave; asks whether to save. Ctrl-C does the same."
        ),
    ),
    views={"lesson": "play:PlayScreen"},
    line="notice:line",
    on_open="actions:opened",
)
