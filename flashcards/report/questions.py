"""Ten questions to a class about one run, each made of its own cards, guesses and scores: where
there is nothing to quote for one, there is another. The sentences are in `questions.toml`."""

import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from math import prod
from pathlib import Path

from flashcards.base.language import tr
from flashcards.report.story import Story, hardest, hardness
from flashcards.runs.marks import RIGHT
from flashcards.runs.values import Correction, Ripple, text_of
from flashcards.runs.verdict import best_of, fraction, percent
from flashcards.wording.facts import quoted, rival_name

N_QUESTIONS = 10
SURE = 0.3  # a wrong answer at least this probable is worth asking about

Facts = dict[str, str | float]  # what a question quotes, by the names in `questions.toml`


@dataclass(frozen=True, slots=True)
class Question:
    text: str
    note: str


def questions(story: Story) -> list[Question]:
    """Ten of them, those with the most to see first."""
    wordings = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    every_question = (
        Question(*(tr(wordings[ask.__name__[1:]][part], **facts) for part in ("text", "note")))
        for ask in _ASK
        for facts in ask(story)
    )
    return list(islice(every_question, N_QUESTIONS))


def _of(step: int, correction: Correction) -> Facts:
    return {
        "step": step,
        "said": quoted(text_of(correction.guess)),
        "prompt": quoted(correction.prompt),
        "answer": quoted(correction.answer),
    }


def _first_guess(story: Story) -> Iterator[Facts]:
    for step, correction in story.corrections[:3]:
        if correction.times_seen == 0 and correction.mark == "wrong":
            what = tr("even such an answer") if text_of(correction.guess) else tr("saying nothing")
            yield {**_of(step, correction), "what": what}
            return


def _by_rule(story: Story) -> Iterator[Facts]:
    for step, correction in story.corrections:
        if correction.is_by_rule:
            yield _of(step, correction)
            return


def _mixed_up(story: Story) -> Iterator[Facts]:
    owners = {card.answer: card for card in story.cards}
    for step, correction in reversed(story.corrections):
        owner = owners.get(text_of(correction.guess))
        if correction.mark == "wrong" and owner is not None and owner.prompt != correction.prompt:
            yield {**_of(step, correction), "owner": quoted(owner.prompt)}
            return


def _scores(story: Story) -> Iterator[Facts]:
    scores = story.state.latest_scores
    if scores is not None and scores.seen.total and scores.unseen.total:
        yield {"seen": fraction(scores.seen), "unseen": fraction(scores.unseen)}


def _never_seen(story: Story) -> Iterator[Facts]:
    never_seen = [card for card in story.cards if card.is_never_seen and card.n_asked]
    right = [card for card in never_seen if card.last_mark == RIGHT]
    wrong = [card for card in never_seen if card.last_mark != RIGHT]
    for cards, how, hint in (
        (
            right,
            tr("It was right in the last exam"),
            tr("Name the cards that it must have used."),
        ),
        (
            wrong,
            tr("It was not right in the last exam"),
            tr("If you can, what do you know that it can't?"),
        ),
    ):
        for card in cards[:1]:
            prompt, answer = quoted(card.prompt), quoted(card.answer)
            yield {"prompt": prompt, "answer": answer, "how": how, "hint": hint}


def _sure_and_wrong(story: Story) -> Iterator[Facts]:
    wrong = [
        (prod(piece.probability for piece in correction.guess), step, correction)
        for step, correction in story.corrections
        if correction.mark == "wrong" and correction.guess and correction.times_seen
    ]
    sure, step, correction = max(wrong, key=lambda guess: guess[0], default=(0.0, 0, None))
    if correction is not None and sure >= SURE:
        yield {**_of(step, correction), "share": percent(sure)}


def _side_effect(story: Story) -> Iterator[Facts]:
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
        yield {
            **_of(step, correction),
            "what": tr("the card") if correction.n_cards == 1 else tr("a batch of cards with"),
            "other": quoted(ripple.prompt),
            "never": _never_seen_then(story, ripple),
            "result": tr("easier. How can correcting one card help another?")
            if is_help
            else tr("harder. Nothing false was taught: how can that be?"),
        }


def _never_seen_then(story: Story, ripple: Ripple) -> str:
    """Say that a card was never taught before that correction; it may have been taught since."""
    if not ripple.is_never_seen:
        return ""
    taught_since = {card.prompt for card in story.cards if not card.is_never_seen}
    if ripple.prompt in taught_since:
        return tr(", a card it had not been taught yet,")
    return tr(", a card it was never taught,")


def _forgotten(story: Story) -> Iterator[Facts]:
    cards = [card for card in story.cards if card.n_forgotten and not card.is_never_seen]
    if cards:
        card = max(cards, key=lambda card: card.n_forgotten)
        n = card.n_forgotten
        times = tr("once") if n == 1 else tr("{n:,} times", n=n)
        yield {"prompt": quoted(card.prompt), "times": times}


def _surprise(story: Story) -> Iterator[Facts]:
    pieces = [
        (piece, place, step, correction)
        for step, correction in story.corrections[len(story.corrections) // 3 :]
        for place, piece in enumerate(correction.pieces or (), start=1)
        if piece.text != "⏎" and piece.before < 0.5
    ]
    if pieces:
        piece, place, step, correction = min(pieces, key=lambda row: row[0].before)
        surprise = {"piece": quoted(piece.text), "share": percent(piece.before)}
        yield {**_of(step, correction), **surprise, "place": place}


def _rivals(story: Story) -> Iterator[Facts]:
    best = best_of(story.state.rivals)
    lookup = next((rival for rival in story.state.rivals if rival.name == "lookup"), None)
    scores = story.state.latest_scores
    if lookup is not None and lookup.seen.total and story.start.n_held_out:
        also = ""
        if best is not None:
            name = rival_name(best.name)
            score = fraction(best.unseen)
            also = tr(
                "; one that {name} answers {score} of those never taught", name=name, score=score
            )
        unseen = tr("not asked") if scores is None else fraction(scores.unseen)
        yield {"seen": fraction(lookup.seen), "also": also, "unseen": unseen}


def _size(story: Story) -> Iterator[Facts]:
    n_characters = sum(len(card.answer) for card in story.cards if not card.is_never_seen)
    yield {"n_parameters": story.start.n_parameters, "n_characters": n_characters}


def _halfway(story: Story) -> Iterator[Facts]:
    taught, never_seen = (
        next((step for step, rate in rates.points if rate >= 0.5), None)
        for rates in (story.state.exams.seen_rates, story.state.exams.unseen_rates)
    )
    if taught is not None and story.start.n_held_out:
        second = tr("the cards never taught had not reached that when it stopped")
        if never_seen is not None:
            second = tr("half of those never taught at step {n:,}", n=never_seen)
        yield {"taught": taught, "second": second}


def _hardest(story: Story) -> Iterator[Facts]:
    hardest_two = hardest(story, 2)
    for card in hardest_two[:1] if len(set(map(hardness, hardest_two))) == len(hardest_two) else ():
        prompt, answer = quoted(card.prompt), quoted(card.answer)
        yield {"prompt": prompt, "answer": answer, "n": card.n_wrong, "n_asked": card.n_asked}


def _blind(story: Story) -> Iterator[Facts]:
    yield {"nats": story.start.guessing_nats, "n_pieces": story.start.n_pieces}


def _order(story: Story) -> Iterator[Facts]:
    prompts = [quoted(correction.prompt) for _, correction in story.corrections[:2]]
    if len(prompts) == 2:
        yield dict(zip(("first", "second"), prompts, strict=True))


def _seed(story: Story) -> Iterator[Facts]:
    yield {"seed": story.start.seed, "next": story.start.seed + 1, "share": story.share}


def _steps(story: Story) -> Iterator[Facts]:
    state = story.state
    yield {"n": state.step, "cards": state.cards_taught, "n_taught": story.start.n_taught}


def _deck(story: Story) -> Iterator[Facts]:
    card = story.cards[-1]
    yield {"prompt": quoted(card.prompt), "answer": quoted(card.answer)}


_ASK: tuple[Callable[[Story], Iterator[Facts]], ...] = (  # most to see first
    _first_guess,
    _by_rule,
    _mixed_up,
    _scores,
    _never_seen,
    _sure_and_wrong,
    _side_effect,
    _forgotten,
    _surprise,
    _rivals,
    _size,
    _halfway,
    _hardest,
    _blind,
    _order,
    _seed,
    _steps,
    _deck,
)
