"""Numbers on a slide: names in braces become what the run, and those before it, came to."""

import re
from collections.abc import Iterable, Mapping

from flashcards.runs import values
from flashcards.runs.state import RunState
from flashcards.runs.values import Score
from flashcards.talks.course import IN_BRACES
from flashcards.wording import bets
from flashcards.wording.lesson import right_of
from flashcards.wording.numbers import count, odds_pair

NO_RUNS: Mapping[str, Mapping[str, Score]] = {}

NOT_YET = "–"


def filled(
    texts: Iterable[str], state: RunState, runs: Mapping[str, Mapping[str, Score]] = NO_RUNS
) -> tuple[str, ...]:
    """The paragraphs with the numbers of this run, and the scores of those with a label; a name
    that is none stays, what is empty goes."""
    known = numbers(state)
    for label, scores in runs.items():
        known |= {f"{label}.{name}": right_of(score) for name, score in scores.items()}

    def number(braces: re.Match[str]) -> str:
        return known.get(braces[1], NOT_YET if "." in braces[1] else braces[0])

    whole = (IN_BRACES.sub(number, text) for text in texts)
    return tuple(line for text in whole for line in text.split("\n") if line.strip())


def numbers(state: RunState) -> dict[str, str]:
    latest = state.latest_scores
    correction, start = state.card.now, state.start
    rivals = [rival.unseen for rival in state.rivals]  # on cards never taught
    best = max(rivals, key=lambda score: score.rate or 0, default=None)
    named = {
        "seen": "–" if latest is None else right_of(latest.seen),
        "unseen": "–" if latest is None else right_of(latest.unseen),
        "step": count(state.step),
        "cards": count(state.cards_taught),
        "seconds": count(round(state.lesson_seconds)),
        "numbers": "–" if start is None else count(start.n_parameters),
        "taught": "–" if start is None else count(start.n_taught),
        "held_out": "–" if start is None else count(start.n_held_out),
        "known": count(sum(state.marks.known)),
        "bets": "\n".join(
            bets.result(bet.placed, bet.outcome) for bet in state.bets if bet.outcome
        ),
        "best_rival": "–" if best is None else right_of(best),
        **dict.fromkeys(("prompt", "answer", "guess", "before", "after"), "–"),
    }
    if correction is not None:
        named |= {"prompt": correction.prompt, "answer": correction.answer}
        named["guess"] = values.text_of(correction.guess) or "–"
        if correction.change is not None:
            change = correction.change
            pair = odds_pair(change.probability_before, change.probability_after)
            named["before"], named["after"] = pair
    return named
