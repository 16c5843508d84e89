"""The rivals of one deck: what each answers, and what each scores on the deck's own split."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import ClassVar

import msgspec

from flashcards.cards import split
from flashcards.cards.card import Deck
from flashcards.cards.printable import printable
from flashcards.cards.text import TextDeck
from flashcards.rivals.letter_counts import ORDERS, graded_text, name_of
from flashcards.rivals.lookup import LookupTable, NearestCard, NGramModel
from flashcards.runs.values import Rival, RivalAnswer, Score

NAMES = ("lookup", "ngram", "nearest")  # the rivals, in the order in which they are graded

Answers = Callable[[Sequence[str]], Iterable[str | None]]

N_SAMPLE = 2_000
"""Cards asked of each side, by hash; all when there are no more. A share is then known to about a
point; on 100,000 cards more would take a minute."""

N_AT_A_TIME = 64  # cards answered before whoever grades may do something else


class Rivals:
    """Answerers that know the taught cards of one deck and learn nothing from them.
    `names`: theirs, in the order in which they are graded."""

    names: ClassVar[Sequence[str]] = NAMES

    def __init__(self, deck: Deck) -> None:
        self._deck = deck
        taught = [deck.cards[i] for i in deck.taught]
        self.lookup = LookupTable(taught)
        self.ngram = NGramModel(taught)
        self.nearest = NearestCard(self.lookup)

    def answers(self, prompt: str) -> tuple[RivalAnswer, ...]:
        """Answer a prompt, each rival."""
        answers = (r.answer(prompt) for r in (self.lookup, self.ngram, self.nearest))
        return tuple(
            # characters that are harmless in a card may be put together to something that is not
            RivalAnswer(name, None if answer is None else printable(answer))
            for name, answer in zip(NAMES, answers, strict=True)
        )

    def graded(self, n_sample: int = N_SAMPLE) -> Iterator[Rival | None]:
        """Score each on the taught and on the never-taught cards, at most `n_sample` of each: one
        by one as they are known, and None now and then: time for something else."""
        deck = self._deck
        sides = [
            [deck.cards[i] for i in split.sample_by_hash(deck, side, n_sample)]
            for side in (deck.taught, deck.never_seen)
        ]
        answerers: tuple[Answers, ...] = (
            lambda prompts: map(self.lookup.answer, prompts),
            lambda prompts: map(self.ngram.answer, prompts),
            self.nearest.answers,
        )
        for name, answers in zip(self.names, answerers, strict=True):
            scores = []
            for cards in sides:
                n_right = 0
                for n_asked, (card, answer) in enumerate(
                    zip(cards, answers([card.prompt for card in cards]), strict=True), 1
                ):
                    n_right += answer in card.answers
                    if n_asked % N_AT_A_TIME == 0:
                        yield None
                scores.append(Score(n_right, len(cards)))
            yield Rival(name, scores[0], scores[1])

    def scores(self, n_sample: int = N_SAMPLE) -> tuple[Rival, ...]:
        return tuple(rival for rival in self.graded(n_sample) if rival is not None)


class TextRivals(Rivals):
    """Counts of a text's letters. They answer nothing: no continuation is right or wrong."""

    names = tuple(name_of(order) for order in ORDERS)

    def __init__(self, text: TextDeck) -> None:
        self._text = text

    def answers(self, prompt: str) -> tuple[RivalAnswer, ...]:
        return ()

    def graded(self, n_sample: int = N_SAMPLE) -> Iterator[Rival | None]:
        return graded_text(self._text)


def rivals_of(deck: Deck) -> Rivals:
    return TextRivals(deck) if isinstance(deck, TextDeck) else Rivals(deck)


def grade(deck: Deck, n_sample: int = N_SAMPLE) -> tuple[Rival, ...]:
    return rivals_of(deck).scores(n_sample)


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """The first line: which cards of the deck's file the lesson teaches, and so the rivals know.
    `never_seen`: one mark a card, 1 when it is never taught, packed as in `runs.marks`: the
    lesson's split may differ from the file's after the deck was changed."""

    deck: str
    never_seen: str
    shuffle_seed: int | None = None


class Typed(msgspec.Struct, frozen=True, kw_only=True):
    """Every further line: a prompt that was typed; the answers carry its request number."""

    request: int
    prompt: str


class Graded(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    rival: Rival
    is_last: bool


class Answered(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    request: int
    answers: tuple[RivalAnswer, ...]


Reply = Graded | Answered
decode_reply: Callable[[bytes], Reply] = msgspec.json.Decoder(Reply).decode
