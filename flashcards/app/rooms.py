"""What the rooms of the app have: every key in one table, the views, the lines under the lesson.

A room is a folder of one feature. What a room does is named by strings such as
"race.branching:branch" (function `branch` of `race/branching.py`) and imported when it is first
wanted, so that the first frame does not wait for it.
"""

import msgspec
from textual.binding import Binding

from flashcards.app.room import Key, shown
from flashcards.base.language import tr

SPEED = Binding.Group("speed", compact=True)
STEPS = Binding.Group("step", compact=True)
FOOTER_VIEWS = Binding.Group("views", compact=True)

TABLE: tuple[Key, ...] = (
    Key("play", ("space",), "lesson.actions:toggle_play", footer=True),
    Key("back", ("left",), "past.actions:move", (-1,), footer=STEPS),
    Key("step", ("right",), "lesson.actions:step", footer=STEPS),
    Key("run_cards", ("N",), "lesson.actions:run_cards", needs="model"),
    Key("bet", ("B",), "bets.actions:bet", needs="model"),
    Key("faster", ("plus", "equals_sign"), "lesson.actions:change_speed", (1,), footer=SPEED),
    Key("slower", ("minus", "underscore"), "lesson.actions:change_speed", (-1,), footer=SPEED),
    Key("phase_next", ("full_stop",), "update.view:walk", (1,), needs="past model"),
    Key("phase_before", ("comma",), "update.view:walk", (-1,), needs="past model"),
    Key("order", ("o",), "lesson.actions:next_order", needs="model"),
    Key("rewind", ("z",), "lesson.actions:rewind", needs="model"),
    Key("rate_down", ("l",), "lesson.actions:change_rate", (-1,), needs="model"),
    Key("rate_up", ("L",), "lesson.actions:change_rate", (1,), needs="model"),
    Key("rehearse", ("R",), "life.actions:next_rehearsal", needs="model", offered="is_later"),
    Key("learns", ("P",), "life.actions:next_part", needs="model", offered="is_later"),
    Key("reward", ("J",), "reward.actions:begin", needs="model", offered="can_begin"),
    Key("adapter", ("A",), "life.actions:switch_adapter", needs="model", offered="has_adapter"),
    Key("shuffle_rewards", ("x",), "reward.actions:shuffle", needs="model", offered="is_rewarding"),
    Key(
        "with_answers", ("c",), "reward.actions:show_answers", needs="model", offered="is_rewarding"
    ),
    Key("vote", ("v",), "reward.actions:vote", needs="model", offered="can_vote"),
    Key("back_10", ("shift+left",), "past.actions:move", (-10,)),
    Key("forward_10", ("shift+right",), "past.actions:move", (10,)),
    Key("to_start", ("less_than_sign", "home"), "past.actions:go", (0,)),
    Key("follow_live", ("greater_than_sign", "end"), "past.actions:follow_live"),
    Key("marker_before", ("left_square_bracket", "left_curly_bracket"), "past.actions:jump", (-1,)),
    Key("marker_after", ("right_square_bracket", "right_curly_bracket"), "past.actions:jump", (1,)),
    Key("bookmark", ("m",), "past.actions:bookmark", needs="model"),
    Key("view_lesson", ("1",), "view:lesson", footer=FOOTER_VIEWS),
    Key("view_cards", ("2",), "view:cards", needs="past model"),
    Key("view_memory", ("3",), "view:memory"),
    Key("view_update", ("4",), "view:update"),
    Key("view_race", ("5",), "view:race"),
    Key("view_inside", ("6",), "view:inside", needs="past model"),
    Key("view_doctor", ("7",), "view:doctor"),
    Key("view_story", ("8",), "view:story", footer=FOOTER_VIEWS),
    Key("branch", ("b",), "race.branching:branch", needs="model"),
    Key("ask", ("a",), "asking.dialog:ask", needs="past model", footer=True),
    Key("pin", ("p",), "asking.prompts:pin", needs="model"),
    Key("twin", ("t",), "memory.beside:toggle_twin", needs="model"),
    Key("scaling", ("S",), "memory.scaling:measure", needs="model"),
    Key("in_context", ("C",), "memory.in_context:ask", needs="model"),
    Key("luck", ("W",), "memory.beside:toggle_luck"),
    Key("present", ("f",), "stage.actions:present"),
    Key("humans", ("h",), "view:game", group="stage"),
    Key("show_keys", ("k",), "stage.actions:show_keys"),
    Key("room", ("Q",), "audience.actions:room"),
    Key("cue_next", ("pagedown",), "stage.actions:cue", (1,), offered="is_talk", is_priority=True),
    Key("course_next", ("enter",), "stage.course:go_on", offered="is_enter", is_priority=True),
    Key("net", ("f9",), "stage.actions:toggle_net", offered="is_talk", is_priority=True),
    Key("cue_before", ("pageup",), "stage.actions:cue", (-1,), offered="is_talk", is_priority=True),
    Key("edit", ("e",), "decks.writing:edit_lesson", (False,), needs="model"),
    Key("edit_here", ("E",), "decks.writing:edit_lesson", (True,), needs="model"),
    Key("new_deck", ("n",), "decks.writing:new", needs="model"),
    Key("teach_after", ("T",), "decks.writing:choose_after", (False,), needs="model"),
    Key("decks", ("d",), "decks.writing:choose", needs="model", footer=True),
    Key("go_on", ("g",), "lesson.actions:go_on", group="decks", needs="model", offered="can_go_on"),
    Key("restart", ("r",), "lesson.actions:restart", group="decks", needs="model"),
    Key("help", ("question_mark", "f1"), "help.screen:show_help", footer=True),
    Key("words", ("i",), "help.screen:show_words"),
    Key("palette", ("ctrl+p",), "app:command_palette", is_priority=True),
    Key("quit", ("q",), "lesson.actions:leave", group="program", footer=True),
    Key("take_branch", (), "race.branching:take", needs="model"),
    Key("ask_past", (), "asking.dialog:ask_past", needs="past model"),
    Key("reward_deck", (), "decks.writing:choose_after", (True,), needs="model"),
    Key("lessons", (), "stage.course:choose", offered="has_course"),
    Key("share", (), "help.screen:share"),
)
"""All keys as they stand in footer, help and palette; last, what only the palette or other code
does."""

WORDS: dict[str, tuple[str, str]] = {
    "play": ("play", "Play or pause."),
    "back": (
        "back",
        "One step back: the run as it was. Live training goes on. → goes forward again.",
    ),
    "step": ("card", "Pause and teach one card, phase by phase."),
    "run_cards": ("N cards", "Teach as many cards as you say, then pause."),
    "bet": ("bet", "Predict what the lesson will do; it is settled when the lesson gets there."),
    "faster": (
        "faster",
        "Faster: explain (3 s a card), slow, brisk (10 a second), in one minute, full.",
    ),
    "slower": ("slower", "Slower. Below full speed each update teaches one card alone."),
    "phase_next": (
        "phase",
        "Walk one update: the next card, held at each phase. Again: the next phase.",
    ),
    "phase_before": ("phase before", "Look at the phase before, of the same update."),
    "order": (
        "order",
        "Order of cards: shuffled, hardest first, Leitner boxes, as in the deck file.",
    ),
    "rewind": ("rewind", "After training broke down: back to the last good state."),
    "rate_down": ("rate ÷2", "Halve the learning rate, from the next update on."),
    "rate_up": ("rate ×2", "Double the learning rate. Too high, and training breaks down."),
    "rehearse": (
        "rehearse",
        "In a second deck: 0, 10 or 50 % of the cards are old ones, so that they are not "
        "forgotten.",
    ),
    "learns": (
        "part",
        "In a second deck: the whole model learns, its last layer alone, or an adapter beside it.",
    ),
    "reward": ("reward", "Go on by reward alone: it tries, its answers are hidden and judged."),
    "adapter": ("adapter", "Take the adapter off, and the old model is back bit for bit; or on."),
    "shuffle_rewards": (
        "shuffle rewards",
        "Where rewards teach, a control: the rewards go to the wrong tries; again: back.",
    ),
    "with_answers": (
        "with answers",
        "Where rewards teach, a control: the same cards with their answers; again: back.",
    ),
    "vote": ("vote", "Two answers of the model: the preferred one is made likelier."),
    "back_10": ("back 10", "Ten steps back."),
    "forward_10": ("on 10", "Ten steps forward."),
    "to_start": ("start", "To step 0."),
    "follow_live": ("live", "Follow live again; in a replay, back to where it is."),
    "marker_before": (
        "marker",
        "To the marker before: first right, all right, forgotten, your bookmarks.",
    ),
    "marker_after": ("marker", "To the next marker."),
    "bookmark": ("bookmark", "Set a bookmark at the step that is shown, with a word if you like."),
    "view_lesson": ("lesson", "The lesson: one card at a time."),
    "view_cards": (
        "cards",
        "Every card with its history: / filters, s sorts, enter opens one, 1 goes back.",
    ),
    "view_memory": (
        "memory?",
        "Memory or understanding: the model beside its rivals and its twin.",
    ),
    "view_update": (
        "update",
        "One update, phase by phase: . walks on, , looks back, enter goes deeper.",
    ),
    "view_race": ("race", "The lesson and its branch side by side; enter goes on with the branch."),
    "view_inside": (
        "inside",
        "The model from inside: a map of its pieces, its weights, what it attends to.",
    ),
    "view_doctor": (
        "doctor",
        "The deck doctor: what is in the deck, what to change; arrows scroll.",
    ),
    "view_story": ("story", "What happened so far, one line a marker; enter goes to that step."),
    "branch": (
        "branch",
        "Branch from the step that is shown: the same model, one thing done differently.",
    ),
    "ask": ("ask", "Ask the model anything, at any time. Asking changes nothing."),
    "pin": (
        "pin",
        "Pin the card that is shown, or unpin it: asked again at every exam; a shows its answers.",
    ),
    "twin": ("twin", "A second model learns the same deck with its answers shuffled."),
    "scaling": (
        "more data",
        "More data, better model: this deck with 5 to 100 % of its cards taught.",
    ),
    "in_context": (
        "in prompt",
        "Cards in the prompt: what it answers with some written before, no number changed.",
    ),
    "luck": ("luck?", "Is this luck? What other seeds gave, from a sweep of this deck, as a band."),
    "present": ("present", "One thing at a time, huge, for a room; again goes back."),
    "humans": (
        "humans",
        "Humans against the model: guess the answer of a card that was never taught.",
    ),
    "show_keys": ("show keys", "Show the keys as you press them, or no longer."),
    "room": ("room", "Show the lesson on phones in the room, and look at the questions they send."),
    "cue_next": ("next cue", "In a talk: the next cue."),
    "course_next": ("go on", "In a course: what comes next."),
    "net": ("recording", "In a talk: go on from the rehearsal's recording, or live again."),
    "cue_before": ("cue before", "In a talk: the cue before, with the model as it was then."),
    "edit": (
        "edit",
        "Edit the deck in your own editor ($EDITOR); what you save is taught at once.",
    ),
    "edit_here": (
        "edit here",
        "Edit the deck in here: shows what is wrong, and how each card is read.",
    ),
    "new_deck": ("new deck", "Begin a deck of your own."),
    "teach_after": (
        "something else",
        "Teach it another deck, and see what it forgets of this one.",
    ),
    "decks": ("decks", "Choose another deck, or a text."),
    "go_on": ("go on", "Go on with this deck's last run, from where it was saved."),
    "restart": ("restart", "Start over, with this model or another."),
    "help": ("help", "What the keys do, and what the numbers mean."),
    "words": ("words", "What the words on this screen mean."),
    "palette": ("palette", "All commands and decks by name; other colours, too."),
    "quit": ("quit", "Leave; asks whether to save. Ctrl-C does the same."),
    "lessons": ("course", "The lessons of the course: what is done; pick any."),
    "share": ("share line", "The command that does this lesson again elsewhere."),
}
"""By id, in English: one or two words for the footer, a sentence for the help and the mouse."""

BY_ID: dict[str, Key] = {}
for _key in TABLE:
    _label, _tooltip = WORDS.get(_key.id, ("", ""))
    BY_ID[_key.id] = msgspec.structs.replace(_key, label=_label, tooltip=_tooltip)
KEYS: tuple[Key, ...] = tuple(key for key in BY_ID.values() if key.keys)
LAST_VIEW = [key for key in KEYS if key.footer is FOOTER_VIEWS][-1]
"""In the footer the first view's key and this one stand for all: 1–8."""

VIEWS: dict[str, str] = {
    "lesson": "lesson.play:PlayScreen",
    "reading": "reading.view:ReadingView",
    "reward": "reward.view:RewardView",
    "vote": "reward.voting:VoteView",
    "cards": "cards.view:CardsView",
    "memory": "memory.view:MemoryView",
    "update": "update.view:UpdateView",
    "race": "race.view:RaceView",
    "inside": "inside.view:InsideView",
    "story": "story.view:StoryView",
    "presenter": "stage.presenter:make",
    "game": "stage.game:GameView",
    "slide": "stage.slides:make_slide",
    "predict": "stage.slides:make_prediction",
    "doctor": "decks.doctor:make",
}
"""What makes a view, given the session."""

LINES = (
    *("lesson.notice:line", "bets.actions:line", "reward.actions:line", "past.actions:line"),
    *("life.actions:line", "stage.course:line", "decks.following:line"),
)
"""What a room has to say under the lesson: a `StatusLine`, or None. Of two that are as pressing the
first is said."""

ON_OPEN = (
    *("lesson.actions:opened", "bets.actions:announce", "life.actions:warn_of_both"),
    *("stage.actions:begin", "audience.actions:follow", "decks.following:follow"),
)
"""Coroutine functions, given the session and a run that was opened; each may go on as long as it is
open."""


def bindings() -> list[Binding]:
    """The table as Textual takes it, in the user's language."""
    return [
        Binding(
            ",".join(key.keys),
            key.does.removeprefix("app:") if key.does.startswith("app:") else f"do('{key.id}')",
            tr(key.label),
            show=bool(key.footer),
            tooltip=tr(key.tooltip),
            id=key.id,
            key_display=f"–{shown(key.keys[:1])}" if key is LAST_VIEW else None,
            group=None
            if isinstance(key.footer, bool)
            else Binding.Group(tr(key.footer.description), compact=key.footer.compact),
            priority=key.is_priority,
        )
        for key in KEYS
    ]
