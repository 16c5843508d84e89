"""The mark of a guess: right, nearly or wrong. It depends on two texts, the guess that is shown and
the answer, and on nothing else, so that no mark contradicts the letters beside it.

Exams count pieces instead, each guessed after the right ones before it: see `runs.marks`.
`templates/lesson.js` has the same for the page with a model inside.
"""

from collections.abc import Sequence

from flashcards.runs.value_types import Mark

SHORTEST_NEARLY = 3
"""In a shorter answer one other letter makes another answer: 7 is not nearly 8."""

ENDS = ".,⏎"
"""Characters that end the right answer in a guess that goes on."""


def mark_of(guess: str, answers: Sequence[str], *, is_cut: bool = False) -> Mark:
    """The mark of a guess by the answers that count as right; nearly is one letter off.
    As in exams, a guess that `is_cut` and goes on after the right answer has ended is right: models
    that others have trained rarely stop."""
    ended = tuple(f"{answer}{end}" for answer in answers for end in ENDS)
    if guess in answers or (is_cut and guess.startswith(ended)):
        return "right"
    return "nearly" if any(slip_at(guess, answer) is not None for answer in answers) else "wrong"


def slip_at(guess: Sequence[str], answer: Sequence[str]) -> int | None:
    """The place of the one letter that is wrong, missing or too many; None where nothing or more
    than that differs, or the answer is too short."""
    if guess == answer or len(answer) < SHORTEST_NEARLY:
        return None
    n_same = 0
    while n_same < min(len(guess), len(answer)) and guess[n_same] == answer[n_same]:
        n_same += 1
    guess_rest = guess[n_same + 1 :] if len(guess) >= len(answer) else guess[n_same:]
    answer_rest = answer[n_same + 1 :] if len(answer) >= len(guess) else answer[n_same:]
    return n_same if guess_rest == answer_rest else None
