"""The one table of keys: the app's bindings, the footer, the help and the keymap file read it.

Long because it is one table: six lines a key, and nothing else but how it is read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from textual.binding import Binding
from textual.keys import format_key

from flashcards.language import say

Group = Literal["lesson", "past", "views", "asking", "stage", "decks", "program"]

GROUP_NAMES: dict[Group, str] = {
    "lesson": "The lesson",
    "past": "Looking back",
    "views": "Views",
    "asking": "Asking",
    "stage": "On stage",
    "decks": "Decks and runs",
    "program": "The program",
}

_SPEED = Binding.Group(say("speed"), compact=True)
_STEPS = Binding.Group(say("step"), compact=True)
_VIEWS = Binding.Group(say("views"), compact=True)


@dataclass(frozen=True, slots=True)
class Key:
    """What one or several keys do.

    Attributes:
        id: What a keymap file calls it.
        keys: Names as Textual writes them, the first is the one that is shown.
        action: The app's action.
        label: One or two words for the footer.
        tooltip: A sentence for the help and the mouse.
        is_shown: In the footer.
    """

    id: str
    keys: tuple[str, ...]
    action: str
    label: str
    tooltip: str
    group: Group
    is_shown: bool = False
    footer_group: Binding.Group | None = None

    def __post_init__(self) -> None:
        """Label and tooltip are said in the user's language."""
        object.__setattr__(self, "label", say(self.label))
        object.__setattr__(self, "tooltip", say(self.tooltip))


KEYS: tuple[Key, ...] = (
    Key("play", ("space",), "toggle_play", "play", "Play or pause.", "lesson", True),
    Key(
        "back",
        ("left",),
        "move(-1)",
        "back",
        "One step back: the run as it was. Live training goes on. → goes forward again.",
        "past",
        True,
        _STEPS,
    ),
    Key(
        "step",
        ("right",),
        "step",
        "card",
        "Pause and teach one card, phase by phase.",
        "lesson",
        True,
        _STEPS,
    ),
    Key(
        "run_cards",
        ("N",),
        "run_cards",
        "N cards",
        "Teach as many cards as you say, then pause.",
        "lesson",
    ),
    Key(
        "faster",
        ("plus", "equals_sign"),
        "change_speed(1)",
        "faster",
        "Faster: explain (3 s a card), slow, brisk (10 a second), full.",
        "lesson",
        True,
        _SPEED,
    ),
    Key(
        "slower",
        ("minus", "underscore"),
        "change_speed(-1)",
        "slower",
        "Slower. Below full speed an update is of one card alone.",
        "lesson",
        True,
        _SPEED,
    ),
    Key(
        "phase_next",
        ("full_stop",),
        "walk(1)",
        "phase",
        "Walk one update: the next card, held at each phase. Again: the next phase.",
        "lesson",
    ),
    Key(
        "phase_before",
        ("comma",),
        "walk(-1)",
        "phase before",
        "Look at the phase before, of the same update.",
        "lesson",
    ),
    Key(
        "order",
        ("o",),
        "next_order",
        "order",
        "Order of cards: shuffled, hardest first, Leitner boxes, as in the deck file.",
        "lesson",
    ),
    Key(
        "rewind",
        ("z",),
        "rewind",
        "rewind",
        "After training broke down: back to the last good state before it.",
        "lesson",
    ),
    Key(
        "rate_down",
        ("l",),
        "change_rate(-1)",
        "rate ÷2",
        "Halve the learning rate, from the next update on.",
        "lesson",
    ),
    Key(
        "rate_up",
        ("L",),
        "change_rate(1)",
        "rate ×2",
        "Double the learning rate. Too high, and training breaks down.",
        "lesson",
    ),
    Key("back_10", ("shift+left",), "move(-10)", "back 10", "Ten steps back.", "past"),
    Key("forward_10", ("shift+right",), "move(10)", "on 10", "Ten steps forward.", "past"),
    Key("to_start", ("less_than_sign", "home"), "go_to(0)", "start", "To step 0.", "past"),
    Key("follow_live", ("greater_than_sign", "end"), "follow_live", "live", "Follow live.", "past"),
    Key(
        "marker_before",
        ("left_square_bracket", "left_curly_bracket"),
        "marker(-1)",
        "marker",
        "To the marker before: first right, all right, forgotten, your bookmarks.",
        "past",
    ),
    Key(
        "marker_after",
        ("right_square_bracket", "right_curly_bracket"),
        "marker(1)",
        "marker",
        "To the next marker.",
        "past",
    ),
    Key(
        "bookmark",
        ("m",),
        "bookmark",
        "bookmark",
        "Set a bookmark at the step that is shown, with a word if you like.",
        "past",
    ),
    Key(
        "view_lesson",
        ("1",),
        "view('lesson')",
        "lesson",
        "The lesson: one card at a time.",
        "views",
        True,
        _VIEWS,
    ),
    Key(
        "view_cards",
        ("2",),
        "view('cards')",
        "cards",
        "Every card with its history: / filters, s sorts, enter opens one, 1 goes back.",
        "views",
        True,
        _VIEWS,
    ),
    Key(
        "view_memory",
        ("3",),
        "view('memory')",
        "memory?",
        "Memory or understanding: the model beside its rivals and its twin.",
        "views",
        True,
        _VIEWS,
    ),
    Key(
        "view_update",
        ("4",),
        "view('update')",
        "update",
        "One update, phase by phase: . walks on, , looks back, enter goes deeper.",
        "views",
        True,
        _VIEWS,
    ),
    Key(
        "view_inside",
        ("6",),
        "view('inside')",
        "inside",
        "The model from inside: a map of its pieces, its weights, what it attends to.",
        "views",
    ),
    Key(
        "view_race",
        ("5",),
        "view('race')",
        "race",
        "The lesson and its branch side by side; enter goes on with the branch.",
        "views",
    ),
    Key(
        "view_doctor",
        ("7",),
        "view('doctor')",
        "doctor",
        "The deck doctor: what is in the deck, what to change; arrows scroll.",
        "views",
    ),
    Key(
        "branch",
        ("b",),
        "branch",
        "branch",
        "Branch from the step that is shown: the same model, one thing done differently.",
        "past",
    ),
    Key(
        "ask",
        ("a",),
        "ask",
        "ask",
        "Ask the model anything, at any time. Asking changes nothing.",
        "asking",
        True,
    ),
    Key(
        "pin",
        ("p",),
        "pin",
        "pin",
        "Pin the card that is shown, or unpin it: asked again at every exam; a shows its answers.",
        "asking",
    ),
    Key(
        "twin",
        ("t",),
        "toggle_twin",
        "twin",
        "A second model learns the same deck with its answers shuffled.",
        "asking",
    ),
    Key(
        "scaling",
        ("S",),
        "scaling",
        "more data",
        "More data, better model: this deck with 5 to 100 % of its cards taught.",
        "asking",
    ),
    Key(
        "present",
        ("f",),
        "present",
        "present",
        "One thing at a time, huge, for a room; again goes back.",
        "stage",
    ),
    Key(
        "humans",
        ("h",),
        "view('game')",
        "humans",
        "Humans against the model: guess the answer of a card that was never taught.",
        "stage",
    ),
    Key(
        "show_keys",
        ("k",),
        "show_keys",
        "show keys",
        "Show the keys as you press them, or no longer.",
        "stage",
    ),
    Key("cue_next", ("pagedown",), "cue(1)", "next cue", "In a talk: the next cue.", "stage"),
    Key(
        "net",
        ("f9",),
        "toggle_net",
        "recording",
        "In a talk: go on from the rehearsal's recording, or live again.",
        "stage",
    ),
    Key(
        "cue_before",
        ("pageup",),
        "cue(-1)",
        "cue before",
        "In a talk: the cue before, with the model as it was then.",
        "stage",
    ),
    Key(
        "edit",
        ("e",),
        "edit_deck(False)",
        "edit",
        "Edit the deck in your own editor ($EDITOR); what you save is taught at once.",
        "decks",
    ),
    Key(
        "edit_here",
        ("E",),
        "edit_deck(True)",
        "edit here",
        "Edit the deck in here: shows what is wrong, and how each card is read.",
        "decks",
    ),
    Key("new_deck", ("n",), "new_deck", "new deck", "Begin a deck of your own.", "decks"),
    Key("decks", ("d",), "decks", "decks", "Choose another deck.", "decks", True),
    Key(
        "go_on",
        ("g",),
        "go_on",
        "go on",
        "Go on with this deck's last run, from where it was saved.",
        "decks",
    ),
    Key(
        "restart",
        ("r",),
        "restart",
        "restart",
        "Start over with a model that knows nothing.",
        "decks",
    ),
    Key(
        "help",
        ("question_mark", "f1"),
        "help",
        "help",
        "What the keys do, and what the numbers mean.",
        "program",
        True,
    ),
    Key(
        "palette",
        ("ctrl+p",),
        "command_palette",
        "palette",
        "All commands and decks by name; other colours, too.",
        "program",
    ),
    Key(
        "quit",
        ("q",),
        "ask_to_quit",
        "quit",
        "Leave; asks whether to save. Ctrl-C does the same.",
        "program",
        True,
    ),
)


def bindings() -> list[Binding]:
    """The table as Textual takes it."""
    return [
        Binding(
            ",".join(key.keys),
            key.action,
            key.label,
            show=key.is_shown,
            tooltip=key.tooltip,
            id=key.id,
            group=key.footer_group,
            priority=key.id in ("palette", "cue_next", "cue_before", "net"),
        )
        for key in KEYS
    ]


def shown(keys: tuple[str, ...]) -> str:
    """The keys as a person reads them: `→`, `?`, `ctrl+p`."""
    return " ".join(format_key(key).replace("shift+", "⇧") for key in keys)


def grouped(remapped: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Each group's name, with (keys, what they do) of all its lines."""
    for group, name in GROUP_NAMES.items():
        lines = [
            (shown(remapped.get(key.id, key.keys)), key.tooltip)
            for key in KEYS
            if key.group == group
        ]
        yield say(name), lines
