"""Every sentence of the list of cards and of one card's page, so that they can be translated."""

from __future__ import annotations

from flashcards.app.dialog_words import stamp
from flashcards.app.numbers import count
from flashcards.runs.guesses import How
from flashcards.runs.values import CardRow, CardSort

LIST_TITLE = "every card"
ORDERS: dict[CardSort, str] = {
    "deck": "as in the deck",
    "hardest": "hardest first",
    "forgotten": "most forgotten first",
    "section": "by section",
}
ORDER_MEANINGS: dict[CardSort, str] = {
    "deck": "A mark is a time it was taught; held-out ones, when an exam asks them.",
    "hardest": "Most of its last 31 marks not right; then never right; then most taught.",
    "forgotten": "Forgotten: a right answer, then one that was not. Relearned: right again.",
    "section": "A mark is a time it was taught; held-out ones, when an exam asks them.",
}

CARD, PROMPT, ANSWER, STAMP, MARKS, SECTION = (
    "card",
    "prompt",
    "answer",
    "known as",
    "marks",
    "section",
)
FIRST_RIGHT, FORGOTTEN, RELEARNED = "first right", "forgotten", "relearned"
FIRST_RIGHT_SHORT, FORGOTTEN_SHORT, RELEARNED_SHORT = "first ✓", "forgot", "again"
NEVER = "–"

WAITING = "the cards are coming…"
GONE = "The trainer has stopped; nobody is there to tell."
NONE_FOUND = "No card says that. Backspace widens the search, esc ends it."
FILTER = "/"
FILTER_PLACEHOLDER = "text in prompt, answer or section"

GUESSES_TITLE = "what it said, newest first"
READING = "reading the log…"
NONE_RECORDED = "No guess of this card was recorded yet."
NEVER_TAUGHT = "Held out: it is never taught, and nobody has asked for it yet."
RECORDED = (
    "Recorded: at full speed one guess a second, of any card; below it every guess. Marks are of "
    "every time it was taught. A state is the model as it was then, asked again."
)
NEVER_TAUGHT_NOTE = (
    "A held-out card is never taught, so no guess of it is recorded but those that were asked for. "
    "Its marks are of the exams that asked it. A state is the model as it was then, asked again."
)
LOG_IS_CUT = "The log is long: only the newest part of it was read."
CANT_READ = "The log can't be read"

STEP, HOW, GUESS, ERROR = "step", "how", "guess", "error"
SURE, RIGHT_ANSWER = "sure", "right answer"
HOWS: dict[How, str] = {"taught": "taught", "asked": "asked", "state": "state"}
SAID_NOTHING = "(nothing)"
FIRST_RIGHT_TAG, FORGOTTEN_TAG, RELEARNED_TAG = "★ first right", "↓ forgotten", "↑ relearned"
NO_MARKS = "none yet"
OPEN, FILTER_CARDS, ORDER, BACK, SCROLL = "open", "filter", "order", "back", "scroll"


def stamp_of(row: CardRow) -> str:
    """SEEN 31×, NOT YET TAUGHT or HELD OUT."""
    if row.is_held_out:
        return stamp("held_out", 0)
    return stamp("seen" if row.times_seen else "not_yet_taught", row.times_seen)


def places(first: int, last: int, total: int) -> str:
    """Which of the list are shown."""
    return f"{count(first)}–{count(last)} of {count(total)}" if total else f"0 of {count(0)}"


def times(n: int) -> str:
    """3×, nothing for none."""
    return f"{count(n)}×" if n else ""


def first_right(step: int | None) -> str:
    """When it was right for the first time."""
    return "never yet" if step is None else f"at step {count(step)}"


def how_often(n: int) -> str:
    """Never, once, 3 times."""
    return "never" if n == 0 else "once" if n == 1 else f"{count(n)} times"


def cant_read(reason: str) -> str:
    """The log is not there, or may not be read."""
    return f"{CANT_READ}: {reason}."
