"""Numbers on a slide: names in braces become what the run, and those before it, came to."""

import re
from collections.abc import Iterable, Mapping, Sequence

from flashcards.runs import values
from flashcards.runs.state import RunState
from flashcards.runs.values import Score
from flashcards.talks.course import CURVE, IN_BRACES
from flashcards.wording import bets
from flashcards.wording.lesson import right_of
from flashcards.wording.numbers import count, odds_pair

NO_RUNS: Mapping[str, Mapping[str, Score]] = {}

NO_CURVES: Mapping[str, Sequence[values.Sureness]] = {}

NOT_YET = "–"

CURVE_WIDTH = 30  # cells for 0 to 100 %


def filled(
    texts: Iterable[str],
    state: RunState,
    runs: Mapping[str, Mapping[str, Score]] = NO_RUNS,
    curves: Mapping[str, Sequence[values.Sureness]] = NO_CURVES,
) -> tuple[str, ...]:
    """The paragraphs with the numbers of this run, and the scores and curves of those with a label;
    a name that is none stays, what is empty goes."""
    known = numbers(state)
    known |= {f"{label}.{CURVE}": curve_of(groups) for label, groups in curves.items()}
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


def curve_of(sureness: Sequence[values.Sureness]) -> str:
    """Draw how sure a model was against how often it was right, a line for each group of answers:
    the bar is the share of right ones, │ how sure it was on average."""
    width = 100 // max(1, len(sureness))
    lines = []
    for place, group in enumerate(sureness):
        if group.n:
            cells = ["━"] * round(group.right / group.n * CURVE_WIDTH)
            cells += ["─"] * (CURVE_WIDTH - len(cells))
            cells[min(CURVE_WIDTH - 1, round(group.expected / group.n * CURVE_WIDTH))] = "│"
            sure = f"{place * width}–{(place + 1) * width} %"
            lines.append(f"{sure:<8}  {''.join(cells)}  {right_of(Score(group.right, group.n))}")
    return "\n".join(["", *lines, ""])
