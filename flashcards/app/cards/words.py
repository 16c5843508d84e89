"""Every sentence of the list of cards and of one card's page, so that they can be translated."""

from __future__ import annotations

from flashcards.app.kit.numbers import count
from flashcards.app.kit.words import stamp_label
from flashcards.language import say
from flashcards.runs.guesses import How
from flashcards.runs.values import CardRow, CardSort

ORDERS: dict[CardSort, str] = {
    "deck": say("as in the deck"),
    "hardest": say("hardest first"),
    "forgotten": say("most forgotten first"),
    "section": say("by section"),
}
ORDER_MEANINGS: dict[CardSort, str] = {
    "deck": say("A mark is a time it was taught; held-out ones, when an exam asks them."),
    "hardest": say("Most of its last 31 marks not right; then never right; then most taught."),
    "forgotten": say("Forgotten: a right answer, then one that was not. Relearned: right again."),
    "section": say("A mark is a time it was taught; held-out ones, when an exam asks them."),
}

CARD, PROMPT, ANSWER, STAMP, MARKS, SECTION = (
    say("card"),
    say("prompt"),
    say("answer"),
    say("known as"),
    say("marks"),
    say("section"),
)
FIRST_RIGHT, FORGOTTEN, RELEARNED = say("first right"), say("forgotten"), say("relearned")
FIRST_RIGHT_SHORT, FORGOTTEN_SHORT, RELEARNED_SHORT = say("first ✓"), say("forgot"), say("again")
NEVER = "–"

WAITING = say("the cards are coming…")
GONE = say("The trainer has stopped; nobody is there to tell.")
NONE_FOUND = say("No card says that. Backspace widens the search, esc ends it.")
FILTER = "/"

READING = say("reading the log…")
NONE_RECORDED = say("No guess of this card was recorded yet.")
NEVER_TAUGHT = say("Held out: it is never taught, and nobody has asked for it yet.")
RECORDED = say(
    "Recorded: at full speed one guess a second, of any card; below it every "
    "guess. Marks are of every time it was taught. A state is the model as it "
    "was then, asked again."
)
NEVER_TAUGHT_NOTE = say(
    "A held-out card is never taught, so no guess of it is recorded but those "
    "that were asked for. Its marks are of the exams that asked it. A state is "
    "the model as it was then, asked again."
)
LOG_IS_CUT = say("The log is long: only the newest part of it was read.")
CANT_READ = say("The log can't be read")

STEP, HOW, GUESS, ERROR = say("step"), say("how"), say("guess"), say("error")
SURE, RIGHT_ANSWER = say("sure"), say("right answer")
HOWS: dict[How, str] = {"taught": say("taught"), "asked": say("asked"), "state": say("state")}
HOW_WIDTH = max(7, *map(len, HOWS.values()))
FIRST_RIGHT_TAG, FORGOTTEN_TAG, RELEARNED_TAG = (
    say("★ first right"),
    say("↓ forgotten"),
    say("↑ relearned"),
)
NO_MARKS = say("none yet")
OPEN, FILTER_CARDS, ORDER, BACK, SCROLL = (
    say("open"),
    say("filter"),
    say("order"),
    say("back"),
    say("scroll"),
)
STAMP_WIDTH = len(stamp_label("not_yet_taught", 0))


def stamp_of(row: CardRow) -> str:
    """SEEN 31×, NOT YET TAUGHT or HELD OUT."""
    if row.is_held_out:
        return stamp_label("held_out", 0)
    return stamp_label("seen" if row.times_seen else "not_yet_taught", row.times_seen)


def places(first: int, last: int, total: int) -> str:
    """Which of the list are shown."""
    return (
        say("{first}–{last} of {total}", first=count(first), last=count(last), total=count(total))
        if total
        else say("0 of {count}", count=count(0))
    )


def times(n: int) -> str:
    """3×, nothing for none."""
    return f"{count(n)}×" if n else ""


def first_right(step: int | None) -> str:
    return say("never yet") if step is None else say("at step {step}", step=count(step))


def how_often(n: int) -> str:
    """Never, once, 3 times."""
    return say("never") if n == 0 else say("once") if n == 1 else say("{n} times", n=count(n))


def cant_read(reason: str) -> str:
    return f"{CANT_READ}: {reason}."
