"""What each thing on the screen is, its unit, how to read it. In English; help translates it."""

from __future__ import annotations

GLOSSARY: tuple[tuple[str, str], ...] = (
    ("■ SEEN", "Of the cards taught at least once, how many it answers right."),
    (
        "◆ NEVER SEEN",
        "Of the cards held out and never taught, how many it answers right. Only "
        "this tells understanding from memory.",
    ),
    ("lookup table", "What a list of the taught cards would score: all of SEEN, no NEVER SEEN."),
    ("guess", "What the model finds most probable, piece by piece, before it is corrected."),
    ("✓ ≈ ✗", "Right; nearly: one piece of three or more is off; wrong."),
    ("surprise", "Per piece of the right answer: the taller, the less it was expected."),
    (
        "error",
        "The surprises added up, in nats: −ln of the probability it gave the right "
        "answer. 0 is certain and right; 0.69 is one chance in two; 4.6 one in a "
        "hundred.",
    ),
    (
        "36 % ▸ 52 %",
        "Probability of the right answer before and after this very correction, on "
        "the weights as they are (the scores use their running average).",
    ),
    ("up, down", "Pieces whose leaning (logit) this correction pushed up and down most."),
    (
        "helped, hurt",
        "Other cards whose error this correction lowered and raised most; of a large deck, "
        "and at full speed, among a sample.",
    ),
    ("moved, grad", "How far all numbers moved, against their size; how strong the pull was."),
    (
        "the curve",
        "Error over time, nats a piece. “Blind guess” is knowing nothing: ln of "
        "the number of pieces. Both lines falling: it understands. Only the first: "
        "it memorises.",
    ),
    ("every card", "A cell a card: right, nearly, wrong; ◆ are held out. Many cards share a cell."),
    (
        "marks ✗≈✓",
        "In the list of cards: how a card was answered each time it was taught, "
        "newest right; a held-out card is marked in the exams that ask it. The "
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
    ("00:21", "Training time, minutes and seconds; waiting and pauses are left out."),
    ("seed", "Where the random numbers start. Same seed, deck and keys: the same run, exactly."),
    ("rate ×2", "The learning rate against the deck's own: how far one correction goes."),
)
