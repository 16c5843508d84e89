"""Every sentence of the list of cards and of one card's page, so that they can be translated."""

from __future__ import annotations

from flashcards.app.kit.numbers import count
from flashcards.app.kit.words import stamp_label
from flashcards.language import tr
from flashcards.runs.guesses import How
from flashcards.runs.values import CardRow, CardSort

ORDERS: dict[CardSort, str] = {
    "deck": tr("as in the deck"),
    "hardest": tr("hardest first"),
    "forgotten": tr("most forgotten first"),
    "section": tr("by section"),
}
ORDER_MEANINGS: dict[CardSort, str] = {
    "deck": tr("A mark is a time it was taught; held-out ones, when an exam asks them."),
    "hardest": tr("Most of its last 31 marks not right; then never right; then most taught."),
    "forgotten": tr("Forgotten: a right answer, then one that was not. Relearned: right again."),
    "section": tr("A mark is a time it was taught; held-out ones, when an exam asks them."),
}


WAITING = tr("the cards are coming…")
NONE_FOUND = tr("No card says that. Backspace widens the search, esc ends it.")

READING = tr("reading the log…")
CANT_READ = tr("The log can't be read")

HOWS: dict[How, str] = {"taught": tr("taught"), "asked": tr("asked"), "state": tr("state")}
HOW_WIDTH = max(7, *map(len, HOWS.values()))
FIRST_RIGHT_TAG, FORGOTTEN_TAG, RELEARNED_TAG = (
    tr("★ first right"),
    tr("↓ forgotten"),
    tr("↑ relearned"),
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
        tr("{first}–{last} of {total}", first=count(first), last=count(last), total=count(total))
        if total
        else tr("0 of {count}", count=count(0))
    )


def times(n: int) -> str:
    """3×, nothing for none."""
    return f"{count(n)}×" if n else ""


def first_right(step: int | None) -> str:
    return tr("never yet") if step is None else tr("at step {step}", step=count(step))


def how_often(n: int) -> str:
    """Never, once, 3 times."""
    return tr("never") if n == 0 else tr("once") if n == 1 else tr("{n} times", n=count(n))


def cant_read(reason: str) -> str:
    return f"{CANT_READ}: {reason}."
