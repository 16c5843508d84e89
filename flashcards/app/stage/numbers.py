"""Numbers of a run in the text of a slide: `{seen}` is how many taught cards are right."""

from __future__ import annotations

from collections.abc import Iterable

from flashcards import bet_sentences
from flashcards.language import tr
from flashcards.numbers import count, odds_pair
from flashcards.runs.state import RunState
from flashcards.runs.values import Score
from flashcards.talks.course import IN_BRACES


def filled(texts: Iterable[str], state: RunState) -> tuple[str, ...]:
    """The paragraphs with the run's numbers; a name that is none stays, what is empty goes."""
    known = numbers(state)
    whole = (IN_BRACES.sub(lambda found: known.get(found[1], found[0]), text) for text in texts)
    return tuple(line for text in whole for line in text.split("\n") if line.strip())


def numbers(state: RunState) -> dict[str, str]:
    """All names that a slide can have, with what they are now."""
    shown = state.exam if state.ended is None else state.ended
    correction, start = state.correction, state.start
    named = {
        "seen": "–" if shown is None else _counted(shown.seen),
        "unseen": "–" if shown is None else _counted(shown.unseen),
        "step": count(state.step),
        "cards": count(state.cards_taught),
        "seconds": count(round(state.train_seconds)),
        "numbers": "–" if start is None else count(start.n_parameters),
        "taught": "–" if start is None else count(start.n_taught),
        "held_out": "–" if start is None else count(start.n_held_out),
        "bets": "\n".join(
            bet_sentences.result(bet.placed, bet.outcome) for bet in state.bets if bet.outcome
        ),
        "best_rival": _best_rival(state),
        **dict.fromkeys(("prompt", "answer", "guess", "before", "after"), "–"),
    }
    if correction is not None:
        named |= {"prompt": correction.prompt, "answer": correction.answer}
        named["guess"] = "".join(piece.text for piece in correction.guess or ()) or "–"
        if correction.change is not None:
            change = correction.change
            pair = odds_pair(change.probability_before, change.probability_after)
            named["before"], named["after"] = pair
    return named


def _best_rival(state: RunState) -> str:
    """Of the cards never seen, the most that any answerer which does not learn has right."""
    best = max((rival.unseen for rival in state.rivals), key=lambda s: s.rate or 0, default=None)
    return "–" if best is None else _counted(best)


def _counted(score: Score) -> str:
    return tr("{right:,} of {total:,}", right=score.right, total=score.total)
