"""Ten questions to a class about one run, each made of its own cards, guesses and scores.

Every question quotes what happened. A run that has nothing to quote for one question gets another.
The sentences are here, beside the facts that they quote.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from math import prod

from flashcards.report.story import NOTHING, Story, guess_of, hardest
from flashcards.runs.marks import RIGHT
from flashcards.runs.values import Correction, Ripple
from flashcards.runs.verdict import best_of, counted, percent
from flashcards.sentences import rival_name

N_QUESTIONS = 10
SURE = 0.3
"""A wrong answer with at least this probability is worth asking about."""


@dataclass(frozen=True, slots=True)
class Question:
    """What to ask, and a note for the teacher."""

    text: str
    note: str


def questions(story: Story) -> list[Question]:
    """Ten of them, those with the most to see first."""
    return list(islice((question for ask in _ASK for question in ask(story)), N_QUESTIONS))


def _quoted(text: str) -> str:
    return f"“{text.strip() or NOTHING}”"


def _first_guesses(story: Story) -> Iterator[Question]:
    for step, correction in story.corrections[:3]:
        if correction.times_seen == 0 and correction.mark == "wrong":
            said = guess_of(correction)
            yield Question(
                f"Before it had ever seen this card, at step {step:,}, the model answered "
                f"{_quoted(said)} to {_quoted(correction.prompt)}. "
                f"Why not {_quoted(correction.answer)}? Where does "
                f"{'even such an answer' if said else 'saying nothing'} come from?",
                "Nothing was looked up: its numbers began at random, and it can only say pieces "
                "that occur in the deck's answers.",
            )
            return


def _by_rule(story: Story) -> Iterator[Question]:
    for step, correction in story.corrections:
        if correction.is_by_rule:
            yield Question(
                f"At step {step:,} it answered {_quoted(guess_of(correction))} to "
                f"{_quoted(correction.prompt)}; the card says {_quoted(correction.answer)}. Nobody "
                f"ever taught it {_quoted(guess_of(correction))}. Who else makes this mistake, and "
                "what must one know to make it?",
                "It is the rule of the other cards, used where it doesn't hold: children say it "
                "too. A list of cards could not.",
            )
            return


def _mixed_up(story: Story) -> Iterator[Question]:
    owners = {card.answer: card for card in story.cards}
    for step, correction in reversed(story.corrections):
        said = guess_of(correction)
        owner = owners.get(said)
        if correction.mark == "wrong" and owner is not None and owner.prompt != correction.prompt:
            yield Question(
                f"At step {step:,} it answered {_quoted(said)} to {_quoted(correction.prompt)}. "
                f"That is the answer to {_quoted(owner.prompt)}. What may have made it mix these "
                "two up?",
                "Look for shared letters, and for which of the two was taught a moment before. An "
                "answer it knows by now is more probable than one it doesn't.",
            )
            return


def _scores(story: Story) -> Iterator[Question]:
    shown = story.state.ended or story.state.exam
    if shown is None or not shown.seen.total or not shown.unseen.total:
        return
    yield Question(
        f"It answers {counted(shown.seen)} of the cards it was taught, and "
        f"{counted(shown.unseen)} of those it was never shown. Which of the two numbers tells "
        "what it has learned, and what does the other one tell?",
        "The first can be had by memory alone. Only the second is about prompts that nobody told "
        "it the answer to.",
    )


def _never_shown(story: Story) -> Iterator[Question]:
    held_out = [card for card in story.cards if card.is_held_out and card.n_asked]
    right = [card for card in held_out if card.last_mark == RIGHT]
    wrong = [card for card in held_out if card.last_mark != RIGHT]
    for cards, how, note in (
        (right, "It was right in the last exam", "Name the cards that it must have used."),
        (wrong, "It was not right in the last exam", "If you can, what do you know that it can't?"),
    ):
        for card in cards[:1]:
            yield Question(
                f"The card {_quoted(card.prompt)} was never shown to it. {how}. Could you answer "
                "it, knowing nothing but the other cards of this deck? How?",
                f"The answer is {_quoted(card.answer)}. {note}",
            )


def _sure_and_wrong(story: Story) -> Iterator[Question]:
    wrong = [
        (prod(piece.probability for piece in correction.guess), step, correction)
        for step, correction in story.corrections
        if correction.mark == "wrong" and correction.guess and correction.times_seen
    ]
    sure, step, correction = max(wrong, key=lambda found: found[0], default=(0.0, 0, None))
    if correction is not None and sure >= SURE:
        yield Question(
            f"At step {step:,} it gave its answer {_quoted(guess_of(correction))} to "
            f"{_quoted(correction.prompt)} a probability of {percent(sure)}, and "
            f"{_quoted(correction.answer)} was right. Is being sure the same as being right? How "
            "could one tell from outside?",
            "A probability is what the model finds likely, not what is true. Only asking where the "
            "answer is known tells.",
        )


def _side_effects(story: Story) -> Iterator[Question]:
    for is_help in (True, False):
        best: tuple[int, Correction, Ripple] | None = None
        for step, correction in story.corrections:
            change = correction.change
            ripples = () if change is None else change.helped if is_help else change.hurt
            if ripples and (
                correction.n_cards == 1
                or best is None
                or abs(ripples[0].change_nats) > abs(best[2].change_nats)
            ):
                best = step, correction, ripples[0]
        if best is None:
            continue
        step, correction, ripple = best
        what = "a card" if correction.n_cards == 1 else "a batch of cards with"
        never = ", a card it is never shown," if ripple.is_held_out else ""
        result = (
            "easier. How can correcting one card help another?"
            if is_help
            else "harder. Nothing false was taught: how can that be?"
        )
        yield Question(
            f"At step {step:,} {what} {_quoted(correction.prompt)} was corrected, and by that "
            f"very correction {_quoted(ripple.prompt)}{never} became {result}",
            "All cards share the same numbers. What one correction moves, every other prompt "
            "feels.",
        )


def _forgotten(story: Story) -> Iterator[Question]:
    cards = [card for card in story.cards if card.n_forgotten and not card.is_held_out]
    if cards:
        card = max(cards, key=lambda card: card.n_forgotten)
        times = "once" if card.n_forgotten == 1 else f"{card.n_forgotten:,} times"
        yield Question(
            f"{_quoted(card.prompt)} was right in one exam and wrong in the next {times}. Nobody "
            "told it anything false. How can it forget?",
            "Learning other cards moves the same numbers. Ask the class what they forgot by "
            "learning something new.",
        )


def _surprise(story: Story) -> Iterator[Question]:
    pieces = [
        (piece, place, step, correction)
        for step, correction in story.corrections[len(story.corrections) // 3 :]
        for place, piece in enumerate(correction.pieces or (), start=1)
        if piece.text != "⏎"
    ]
    if pieces:
        piece, place, step, correction = min(pieces, key=lambda found: found[0].before)
        yield Question(
            f"In the answer {_quoted(correction.answer)} to {_quoted(correction.prompt)} piece "
            f"{place}, {_quoted(piece.text)}, surprised it most at step {step:,}: it had given it "
            f"{percent(piece.before)}. Which piece would you have expected there, and why?",
            "It reads the right pieces before it, as we read a word: what is usual after them is "
            "what it expects.",
        )


def _rivals(story: Story) -> Iterator[Question]:
    best = best_of(story.state.rivals)
    lookup = next((rival for rival in story.state.rivals if rival.name == "lookup"), None)
    shown = story.state.ended or story.state.exam
    if lookup is not None and lookup.seen.total:
        also = ""
        if best is not None:
            also = (
                f"; the {rival_name(best.name)} answers {counted(best.unseen)} of those never seen"
            )
        yield Question(
            f"A mere table of the taught cards answers {counted(lookup.seen)} of them, without any "
            f"learning{also}. What does the model have that a table doesn't, or does it have "
            "nothing?",
            "Compare the cards never seen: "
            f"{'not asked' if shown is None else counted(shown.unseen)} for the model.",
        )


def _size(story: Story) -> Iterator[Question]:
    n_characters = sum(len(card.answer) for card in story.cards if not card.is_held_out)
    start = story.start
    yield Question(
        f"The model is {start.n_parameters:,} numbers; the answers it was taught are "
        f"{n_characters:,} characters. Could it simply store them? How would you find out whether "
        "that is what it did?",
        "There is room enough. That is why cards are held out: stored answers are no help there.",
    )


def _halfway(story: Story) -> Iterator[Question]:
    taught, never_seen = (
        next((step for step, rate in rates.points if rate >= 0.5), None)
        for rates in (story.state.seen_rates, story.state.unseen_rates)
    )
    if taught is not None:
        second = (
            "the cards never seen had not reached that when it stopped"
            if never_seen is None
            else f"half of those never seen at step {never_seen:,}"
        )
        yield Question(
            f"Half of the taught cards were right at step {taught:,}; {second}. Look at the "
            "curves: what happened between?",
            "Where both lines rise together it learns what cards have in common; where only the "
            "first does, single cards.",
        )


def _hardest(story: Story) -> Iterator[Question]:
    for card in hardest(story, 1):
        yield Question(
            f"{_quoted(card.prompt)} → {_quoted(card.answer)} was wrong in {card.n_wrong:,} of "
            f"{card.n_asked:,} exams: the hardest card. What is unusual about it?",
            "Compare it with its neighbours in the deck: which of them would mislead you?",
        )


def _blind(story: Story) -> Iterator[Question]:
    start = story.start
    yield Question(
        f"A model that knows nothing has an error of {start.guessing_nats:.2f} nats a piece here, "
        f"which is ln {start.n_pieces:,}. Why {start.n_pieces:,}? What would it be for throwing a "
        "die?",
        "So many different pieces can be said. For a die it is ln 6 = 1.79.",
    )


def _order(story: Story) -> Iterator[Question]:
    told = [correction for _, correction in story.corrections[:2]]
    if len(told) == 2:
        first, second = (_quoted(correction.prompt) for correction in told)
        yield Question(
            f"The first two corrections on record are {first} and {second}. Would the model be "
            "different if they had come the other way round?",
            "Try it: another seed means another order, and other numbers to start from.",
        )


def _seed(story: Story) -> Iterator[Question]:
    yield Question(
        f"This run has seed {story.start.seed}. Seed {story.start.seed + 1} would begin with other "
        "random numbers. Which results on these pages would be the same, and which not?",
        f"Run both and compare: {story.share}",
    )


def _step(story: Story) -> Iterator[Question]:
    yield Question(
        f"All in all it was corrected {story.state.step:,} times, with "
        f"{story.state.cards_taught:,} cards. How often was each shown, and how "
        "often do you need to see one?",
        f"{story.start.n_taught:,} cards are taught.",
    )


def _deck(story: Story) -> Iterator[Question]:
    card = story.cards[-1]
    yield Question(
        f"The last card of the deck is {_quoted(card.prompt)} → {_quoted(card.answer)}. Which card "
        "would you add to the deck to make it learn more, and which would confuse it?",
        "Add it and teach the deck again.",
    )


_ASK: tuple[Callable[[Story], Iterator[Question]], ...] = (
    _first_guesses,
    _by_rule,
    _mixed_up,
    _scores,
    _never_shown,
    _sure_and_wrong,
    _side_effects,
    _forgotten,
    _surprise,
    _rivals,
    _size,
    _halfway,
    _hardest,
    _blind,
    _order,
    _seed,
    _step,
    _deck,
)
"""In the order of how much there is to see."""
