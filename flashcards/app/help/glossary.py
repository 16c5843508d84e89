"""What each thing on the screen is, its unit, how to read it. In English; help translates it.

A name may be several words, with commas between: each is looked for on the screen.
"""

from __future__ import annotations

import re

GLOSSARY: tuple[tuple[str, str], ...] = (
    ("■ SEEN", "Of the cards taught at least once, how many it answers right."),
    (
        "◆ NEVER SEEN",
        "Of the cards that are asked and never taught, how many it answers right. Only "
        "this tells understanding from memory.",
    ),
    ("guess", "What the model finds most probable, piece by piece, before it is corrected."),
    ("✓, ≈, ✗", "Right; nearly: one piece of three or more is off; wrong."),
    (
        "error",
        "How far the right answer was from what it expected, the mean of its pieces: 0 is "
        "certain and right; 0.69 one chance in two; 4.6 one in a hundred; it has no upper limit. "
        "It is −ln of the probability. The chart shows that of the exams, which use the running "
        "average of the weights.",
    ),
    ("blind guess", "The error of somebody who knows nothing: ln of the number of pieces."),
    (
        "changed",
        "Probability of the right answer before ▸ after this very correction, on "
        "the weights as they are (the scores use their running average).",
    ),
    (
        "helped, hurt",
        "Other cards whose error this correction lowered and raised most; of a large deck, "
        "and at full speed, among a sample.",
    ),
    (
        "early steps wider",
        "The axis of steps is stretched at the start: half of it is the first quarter of the "
        "steps, because most is learned early.",
    ),
    (
        "every card",
        "A cell a card: right, nearly, wrong; ◆ are never seen. Many cards share a cell.",
    ),
    (
        "give or take",
        "How far the share may be off, because only so many cards were asked: 95 % sure.",
    ),
    ("looks it up", "A rival: the answer of the taught card with this very prompt, or nothing."),
    (
        "continues letter by letter",
        "A rival: the letter that most often came next in taught cards.",
    ),
    (
        "copies the most similar card",
        "A rival: the answer of the taught card with the most similar prompt.",
    ),
    (
        "twin",
        "The same model, taught the same cards with their answers shuffled: no rule is left to "
        "find.",
    ),
    ("by the rule", "An exception answered as the other cards would have it: goed for went."),
    ("relearned, again", "Right after it had been wrong again."),
    (
        "marks",
        "In the list of cards: how a card was answered each time it was taught, "
        "newest right; one never seen is marked in the exams that ask it. The "
        "last 31 are kept.",
    ),
    (
        "first ✓",
        "The step at which a card was right for the first time. Forgot: how often "
        "a right answer was followed by one that was not; again: how often it was "
        "right after that.",
    ),
    (
        "hardest",
        "By the share of its last 31 marks that are not right; among equals first "
        "what never was right, then what was taught most often.",
    ),
    ("step", "How many times the model was corrected. One step is one update of all its numbers."),
    ("cards/s", "Cards taught a second. Below full speed it waits for you, so none is shown."),
    ("speed", "explain: 3 s a card; slow; brisk: 10 cards a second; full: as fast as it can."),
    ("layer", "One of the rounds in which the model takes in what it read, one after the other."),
    (
        "attention",
        "How much a piece looks at each earlier one. A layer does it several times: heads.",
    ),
    ("combining", "The other half of a layer: it works out what attention has gathered (MLP)."),
    ("piece", "What the model reads and says at once: a letter, or some letters."),
    (
        "weighs",
        "How much it is for a piece: a piece's probability is its weight's share of all weights "
        "(the weight is e to the logit).",
    ),
    (
        "pushed up, pushed down",
        "Pieces that weigh more, and less, since this correction: ×1.2 is a fifth more.",
    ),
    ("gradient", "Which way each number must go for a smaller error, and how strongly."),
    ("moved", "How far numbers moved, against their size."),
    ("seed", "Where the random numbers start. Same seed, deck and keys: the same run, exactly."),
    ("learning rate", "How far one correction goes, against the deck's own rate."),
    ("◂ PAST", "You look at an earlier step; the lesson goes on."),
    (
        "MADE AGAIN",
        "The model of that step was taught once more, bit for bit the same, so it can be asked.",
    ),
    ("∞ BROKEN", "The steps were so large that the model lost what it knew."),
    ("floor", "The error that is left when two cards contradict each other."),
)


def seen_on(screen: str, names: dict[str, str]) -> list[tuple[str, str]]:
    """Of these names, each with its meaning, those of which a word stands on the screen."""

    def stands_there(word: str) -> bool:
        return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", screen, re.IGNORECASE) is not None

    return [
        (name, meaning)
        for name, meaning in names.items()
        if any(stands_there(word.strip()) for word in name.split(","))
    ]
