"""Every sentence and heading of the report but its questions, so that it can be translated."""

from __future__ import annotations

TITLE = "What a small language model learned"
DECK, SEED, CARDS, MODEL, TAUGHT = "deck", "seed", "cards", "model", "taught for"
SHUFFLED = "answers shuffled"
VERDICT_SO_FAR = "So far:"
NO_VERDICT = "It was not asked yet, so nothing can be said."
SCORES = "Right answers"
WHO, SEEN, NEVER_SEEN = "who answers", "■ seen", "◆ never seen"
THE_MODEL = "the model"
SCORES_MEAN = (
    "Seen: cards that were taught at least once. Never seen: cards held out, asked and never "
    "taught; only they tell understanding from memory. The others don't learn: a table of the "
    "taught cards, an n-gram model of their letters, and the answer of the nearest taught card. "
    "The interval is where the share lies with 95 % confidence (Wilson)."
)
SAMPLE = "Asked of a sample of the cards, not of all of them."
CURVES = "How it came about"
WALL = "Every card"
WALL_MEANS = "■ right   ▪ nearly   □ wrong   ·  not asked   ◆ ◇ never taught: right, wrong"
HARDEST = "The hardest cards"
HARDEST_NONE = "Every taught card was right in every exam that asked it."
HARDEST_MEANS = "Of the exams that asked it, those in which a taught card was not right."
HISTORIES = "From the first guess to the last"
HISTORIES_MEANS = (
    "What it said when these cards were taught, before it was corrected: ✓ right, ≈ nearly, "
    "✗ wrong. Not every guess is recorded: at full speed one a second, of any card."
)
LAST_EXAM, NOT_RIGHT = "last exam", "not right"
PINS = "Pinned prompts"
QUESTIONS = "Ten questions to a class"
QUESTIONS_MEAN = "Made of this run: every card, guess and number in them was recorded."
NOTES = "Notes for whoever asks"
AGAIN = "Do it again"
AGAIN_MEANS = "The same deck, seed and program on a like machine give the same run."
SETTINGS = "Settings"
PROMPT, ANSWER, WRONG_IN, FIRST_RIGHT = "prompt", "answer", "not right in", "first right"
EXPLAINS_MARKS = {"right": "✓", "nearly": "≈", "wrong": "✗"}
NEVER = "never"
FOOT = "Every number comes from the run's own log. Written by flashcards report, from"


def steered(n: int) -> str:
    """That the line alone does not do it again."""
    times = "once" if n == 1 else f"{n:,} times"
    return (
        f"A hand changed this run {times} (speed, rate, single cards or the deck): the line "
        "begins the same, and what was changed is in the run's log."
    )


def worst_of(n: int) -> str:
    """What a cell stands for."""
    return f"A cell is the worst of {n:,} cards." if n > 1 else ""


def taught(n_taught: int, n_held_out: int) -> str:
    """How many cards."""
    return f"{n_taught:,} taught, {n_held_out:,} never shown"


def numbers(n: int) -> str:
    """How large the model is."""
    return f"{n:,} numbers, random at first"


def how_long(n_steps: int, n_cards: int, seconds: float) -> str:
    """How long it was taught."""
    return f"{n_steps:,} corrections, {n_cards:,} cards, {seconds:,.1f} s"


def exams(n_wrong: int, n_asked: int) -> str:
    """In how many exams."""
    return f"{n_wrong:,} of {n_asked:,} exams"


def at_step(step: int) -> str:
    """When."""
    return f"step {step:,}"
