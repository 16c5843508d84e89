"""The rooms of the app: every key in one table, the views, the lines under the lesson.

A room is a folder of one feature. What a room does is named by strings such as
"race.race_branch:branch" (function `branch` of `race/race_branch.py`) and imported when it is first
wanted, so that the first frame does not wait for it.
"""

import msgspec
from textual.binding import Binding

from flashcards.app.room import Key, keys_as_text
from flashcards.base.language import tr

NO_KEY = "no-key-"
"""Placeholder where a binding wants a key and there is none yet; a keymap may give it one."""

FOOTER_VIEWS = Binding.Group("views", compact=True)

TABLE: tuple[Key, ...] = (
    Key("play", ("space",), "lesson.lesson_actions:toggle_play", footer=True),
    Key("back", ("left",), "past.past_actions:move", (-1,)),
    Key("step", ("right",), "lesson.lesson_actions:step"),
    Key(
        "phase_next",
        ("full_stop",),
        "update.update_view:walk",
        (1,),
        needs="past model",
        footer=True,
    ),
    Key("slower", ("minus",), "lesson.lesson_actions:change_speed", (-1,)),
    Key("faster", ("plus",), "lesson.lesson_actions:change_speed", (1,)),
    Key("view_lesson", ("1",), "view:lesson", footer=FOOTER_VIEWS),
    Key("view_cards", ("2",), "view:cards", needs="past model"),
    Key("view_memory", ("3",), "view:memory"),
    Key("view_update", ("4",), "view:update"),
    Key("view_race", ("5",), "view:race"),
    Key("view_inside", ("6",), "view:inside", needs="past model"),
    Key("view_doctor", ("7",), "view:doctor"),
    Key("view_story", ("8",), "view:story", footer=FOOTER_VIEWS),
    Key("ask", ("a",), "asking.ask_screen:ask", needs="past model", footer=True, opens_dialog=True),
    Key("bet", ("p",), "bets.bets_actions:bet", needs="model", opens_dialog=True),
    Key("no_bet", (), "bets.bets_actions:show_without_bet", offered="is_hiding"),
    Key("class_mode", (), "bets.bets_actions:toggle_class_mode"),
    Key("branch", ("b",), "race.race_branch:branch", needs="model", opens_dialog=True),
    Key(
        "teach_after",
        ("s",),
        "decks.writing:choose_after",
        (False,),
        needs="model",
        opens_dialog=True,
    ),
    Key("decks", ("d",), "decks.writing:choose", needs="model", opens_dialog=True),
    Key("new_deck", ("n",), "decks.writing:new", needs="model", opens_dialog=True),
    Key(
        "edit_here", ("e",), "decks.writing:edit_lesson", (True,), needs="model", opens_dialog=True
    ),
    Key("go_on", ("g",), "lesson.lesson_actions:go_on", needs="model", offered="can_go_on"),
    Key("restart", ("r",), "lesson.lesson_actions:restart", needs="model", opens_dialog=True),
    Key("present", ("f",), "stage.stage_actions:present"),
    Key("palette", ("colon",), "help.search:search", footer=True, opens_dialog=True),
    Key("help", ("question_mark",), "help.help_screen:show_help", footer=True, opens_dialog=True),
    Key("quit", ("q",), "lesson.lesson_actions:leave", footer=True, opens_dialog=True),
    Key("back_10", ("shift+left",), "past.past_actions:move", (-10,)),
    Key("forward_10", ("shift+right",), "past.past_actions:move", (10,)),
    Key("to_start", ("home",), "past.past_actions:go", (0,)),
    Key("follow_live", ("end",), "past.past_actions:follow_live"),
    Key("marker_before", ("ctrl+left",), "past.past_actions:jump", (-1,)),
    Key("marker_after", ("ctrl+right",), "past.past_actions:jump", (1,)),
    Key("undo", ("ctrl+z",), "lesson.lesson_actions:undo"),
    Key(
        "more",
        ("tab",),
        "lesson.lesson_actions:show_more",
        offered="has_more",
        footer=True,
        is_priority=True,
    ),
    Key(
        "cue_next",
        ("pagedown",),
        "stage.stage_actions:cue",
        (1,),
        offered="is_talk",
        is_priority=True,
    ),
    Key(
        "cue_before",
        ("pageup",),
        "stage.stage_actions:cue",
        (-1,),
        offered="is_talk",
        is_priority=True,
    ),
    Key("course_next", ("enter",), "stage.course_talk:go_on", offered="is_enter", is_priority=True),
    Key("net", ("f9",), "stage.stage_actions:toggle_net", offered="is_talk", is_priority=True),
    Key(
        "phase_before",
        ("comma",),
        "update.update_view:walk",
        (-1,),
        "past model",
        "can_go_back",
        "update",
    ),
    Key("twin", ("t",), "memory.beside:toggle_twin", needs="model", view="memory"),
    Key(
        "scaling",
        ("m",),
        "memory.scaling_screen:measure",
        (False,),
        needs="model",
        view="memory",
        opens_dialog=True,
    ),
    Key(
        "in_context",
        ("c",),
        "memory.scaling_screen:measure",
        (True,),
        needs="model",
        view="memory",
        opens_dialog=True,
    ),
    Key(
        "shuffle_rewards",
        ("x",),
        "reward.reward_actions:shuffle",
        (),
        "model",
        "is_rewarding",
        "reward",
    ),
    Key(
        "with_answers",
        ("w",),
        "reward.reward_actions:show_answers",
        (),
        "model",
        "is_rewarding",
        "reward",
    ),
    Key("run_cards", (), "lesson.lesson_actions:run_cards", needs="model", opens_dialog=True),
    Key("rate_down", (), "lesson.lesson_actions:change_rate", (-1,), needs="model"),
    Key("rate_up", (), "lesson.lesson_actions:change_rate", (1,), needs="model"),
    Key("rewind", (), "lesson.lesson_actions:rewind", needs="model"),
    Key("order", (), "lesson.lesson_actions:next_order", needs="model"),
    Key("rehearse", (), "life.life_actions:next_rehearsal", needs="model", offered="is_later"),
    Key("learns", (), "life.life_actions:next_part", needs="model", offered="can_choose_part"),
    Key("adapter", (), "life.life_actions:switch_adapter", needs="model", offered="has_adapter"),
    Key(
        "reward",
        (),
        "reward.reward_actions:begin",
        needs="model",
        offered="can_begin",
        opens_dialog=True,
    ),
    Key("vote", (), "reward.reward_actions:vote", needs="model", offered="can_vote"),
    Key("bookmark", (), "past.past_actions:bookmark", needs="model", opens_dialog=True),
    Key("pin", (), "asking.offered_prompts:pin", needs="model"),
    Key("humans", (), "view:game"),
    Key("lessons", (), "stage.course_talk:choose", offered="has_course", opens_dialog=True),
    Key("word", (), "stage.course_talk:choose_word", offered="has_course", opens_dialog=True),
    Key("room", (), "audience.audience_actions:room", opens_dialog=True),
    Key("remote", (), "audience.audience_actions:remote", opens_dialog=True),
    Key("paste", (), "decks.writing:paste", needs="model", opens_dialog=True),
    Key("edit", (), "decks.writing:edit_lesson", (False,), needs="model", opens_dialog=True),
    Key("keep_back", (), "decks.writing:keep_back", needs="model", offered="teaches_all"),
    Key("reward_deck", (), "decks.writing:choose_after", (True,), needs="model", opens_dialog=True),
    Key("take_branch", (), "race.race_branch:take", needs="model", opens_dialog=True),
    Key("ask_past", (), "asking.ask_screen:ask_past", needs="past model", opens_dialog=True),
    Key("words", (), "help.help_screen:show_help", opens_dialog=True),
    Key("theme", (), "help.search:choose_theme", opens_dialog=True),
    Key("picture", (), "app:shoot"),
    Key("share", (), "help.help_screen:share"),
)
"""All that can be done: what has a key in every view, in this order in the help; then what has one
where it is shown; last, what only the palette or other code does."""

WORDS: dict[str, tuple[str, str]] = {
    "play": ("play", "Play or pause."),
    "back": ("back", "One step back: the run as it was."),
    "step": ("card", "Pause and teach one card; in the past, a step on."),
    "phase_next": ("explain", "Walk through one correction, phase by phase."),
    "slower": ("slower", "One speed slower; below full, one card a step."),
    "faster": ("faster", "One speed faster: explain, slow, brisk, in one minute, full."),
    "view_lesson": ("lesson", "The lesson: one card at a time."),
    "view_cards": ("cards", "Every card with its history; search and sort them."),
    "view_memory": (
        "memory?",
        "Memory or understanding: model, copying programs, twin.",
    ),
    "view_update": ("update", "One correction, phase by phase."),
    "view_race": ("race", "The lesson and its branch side by side."),
    "view_inside": ("inside", "Inside the model: a map of its pieces, and its weights."),
    "view_doctor": ("doctor", "The deck doctor: what is in the deck, what to change."),
    "view_story": ("story", "What happened so far, one line a marker."),
    "ask": ("ask", "Ask the model anything. Asking changes nothing."),
    "bet": ("bet", "Predict what the lesson will do; it is settled later."),
    "no_bet": ("no bet", "Show how the lesson comes out, though the class has not bet on it."),
    "class_mode": (
        "class mode",
        "Show no result before the class has bet on it; or show all as they come.",
    ),
    "branch": ("branch", "The same model from here on, one thing different."),
    "teach_after": ("something else", "Teach it another deck, and see what it forgets."),
    "decks": ("decks", "Choose another deck, or a text."),
    "new_deck": ("new deck", "Begin a deck of your own."),
    "edit_here": ("edit", "Edit the deck, with what is wrong beside it."),
    "go_on": ("go on", "Go on with this deck's last run."),
    "restart": ("restart", "Start over, with this model or another."),
    "present": ("present", "One thing at a time, huge, for a room; or back."),
    "palette": ("search", "Find any command, deck or word, in plain words."),
    "help": ("help", "These keys, and what the words here mean."),
    "quit": ("quit", "Leave; asks whether to save."),
    "back_10": ("back 10", "Ten steps back."),
    "forward_10": ("on 10", "Ten steps forward."),
    "to_start": ("start", "To step 0."),
    "follow_live": ("back to now", "Follow live again; in a replay, back to where it is."),
    "marker_before": (
        "marker before",
        "To the marker before: first right, all right, forgotten, your bookmarks.",
    ),
    "marker_after": ("next marker", "To the next marker."),
    "more": ("more", "Show all that is known of the lesson, or only what one asks first."),
    "undo": ("undo", "Take back the last change of speed, rate, order, remedy, chapter or deck."),
    "cue_next": ("next cue", "In a talk: the next cue."),
    "cue_before": ("cue before", "In a talk: the cue before, with the model as it was then."),
    "course_next": ("go on", "In a course: what comes next."),
    "net": ("recording", "In a talk: go on from the rehearsal's recording, or live again."),
    "phase_before": ("phase before", "Look at the phase before, of the same update."),
    "twin": ("twin", "A second model learns the same deck with its answers shuffled."),
    "scaling": ("more data", "The same deck with 5 to 100 % of its cards taught."),
    "in_context": ("examples", "Cards written before the prompt; no number of the model changes."),
    "shuffle_rewards": (
        "shuffle rewards",
        "Where rewards teach, a control: the rewards go to the wrong tries; again: back.",
    ),
    "with_answers": (
        "with answers",
        "Where rewards teach, a control: the same cards with their answers; again: back.",
    ),
    "run_cards": ("N cards", "Teach as many cards as you say, then pause."),
    "rate_down": ("halve", "Halve the learning rate: smaller corrections, from the next step on."),
    "rate_up": ("double", "Double the learning rate. Too high, and training breaks down."),
    "rewind": ("rewind", "After training broke down: back to the last good state."),
    "order": ("order", "Order of cards: shuffled, hardest first, Leitner boxes, as in the file."),
    "rehearse": (
        "rehearse",
        "In a second deck: 0, 10 or 50 % of the cards are old ones, against forgetting.",
    ),
    "learns": (
        "part",
        "In a second deck: the whole model learns, its last layer alone, or an adapter beside it.",
    ),
    "adapter": ("adapter", "Take the adapter off, and the old model is back bit for bit; or on."),
    "reward": ("reward", "Go on by reward alone: it tries, its answers are hidden and judged."),
    "vote": ("vote", "Two answers of the model: the preferred one is made likelier."),
    "bookmark": ("bookmark", "Set a bookmark at the step that is shown, with a word if you like."),
    "pin": ("pin", "Pin the card that is shown, or unpin it: asked again at every exam."),
    "humans": ("humans", "Humans against the model: guess the answer of a card never taught."),
    "lessons": ("course", "The lessons of the course: what is done; pick any."),
    "word": (
        "words of the week",
        "Words that everybody uses, each done live on a small model; pick any.",
    ),
    "room": ("phones", "Show the lesson on phones in the room, and read the questions they send."),
    "remote": ("remote", "Steer the lesson from your own phone, and read there what phones send."),
    "paste": ("paste", "Paste a list of words as a deck, or a text to read, or a file's path."),
    "edit": ("own editor", "Edit the deck in your own editor ($EDITOR); what you save is taught."),
    "keep_back": ("keep back", "Keep some cards back: asked and never taught, in a new lesson."),
    "words": ("words", "What the words on this screen mean."),
    "theme": ("theme", "Other colours, light or dark."),
    "picture": ("picture", "Save the screen as an SVG file."),
    "share": ("share line", "The command that does this lesson again elsewhere."),
}
"""By id, in English: one or two words for footer and palette, a sentence for help and mouse."""

BY_ID: dict[str, Key] = {}
for _key in TABLE:
    _label, _tooltip = WORDS.get(_key.id, ("", ""))
    BY_ID[_key.id] = msgspec.structs.replace(_key, label=_label, tooltip=_tooltip)
KEYS: tuple[Key, ...] = tuple(BY_ID.values())
LAST_VIEW = [key for key in KEYS if key.footer is FOOTER_VIEWS][-1]
"""In the footer the first view's key and this one stand for all."""

VIEWS: dict[str, str] = {
    "lesson": "lesson.play:PlayScreen",
    "reading": "reading.reading_view:ReadingView",
    "reward": "reward.reward_view:RewardView",
    "vote": "reward.vote_view:VoteView",
    "cards": "cards.cards_view:CardsView",
    "memory": "memory.memory_view:MemoryView",
    "update": "update.update_view:UpdateView",
    "race": "race.race_view:RaceView",
    "inside": "inside.inside_view:InsideView",
    "story": "story.story_view:StoryView",
    "presenter": "stage.presenter:make",
    "game": "stage.game:GameView",
    "slide": "stage.presenter:make_slide",
    "predict": "stage.presenter:make_prediction",
    "doctor": "decks.doctor:make",
}
"""Makers of the views, each given the session."""

LINES = (
    *(
        "lesson.notice:line",
        "bets.bets_actions:line",
        "reward.reward_actions:line",
        "past.past_actions:line",
        "race.race_branch:line",
    ),
    *("life.life_actions:line", "stage.course_talk:line", "decks.following:line"),
    "lesson.notice:last_run",
)
"""Functions for the line under the lesson: each gives a `StatusLine`, or None. Of two that are as
pressing the first is said."""

AHEAD = ("help.search:read_ahead", "decks.library:read_ahead")
"""Functions, given the session, that read in a thread what the first press of a key would have to
wait for."""

ON_OPEN = (
    *("lesson.lesson_actions:opened", "bets.bets_actions:announce"),
    *("stage.stage_actions:begin", "audience.audience_actions:follow", "decks.following:follow"),
)
"""Coroutine functions, given the session and a run that was opened; each may go on as long as it is
open."""


def bindings() -> list[Binding]:
    return [
        Binding(
            ",".join(key.keys) or f"{NO_KEY}{key.id}",
            key.does.removeprefix("app:") if key.does.startswith("app:") else f"do('{key.id}')",
            tr(key.label),
            show=bool(key.footer),
            tooltip=tr(key.tooltip),
            id=key.id,
            key_display=f"–{keys_as_text(key.keys[:1])}" if key is LAST_VIEW else None,
            group=None
            if isinstance(key.footer, bool)
            else Binding.Group(tr(key.footer.description), compact=key.footer.compact),
            priority=key.is_priority,
        )
        for key in KEYS
    ]
