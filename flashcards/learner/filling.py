"""How cards are cut so that a piece of the answer always stands as far from the piece of the prompt
that it comes from: `length_of` and `words_of` of a deck.

Positions tell how far apart two pieces are. To the prompt's end that distance is the same in every
card, which suits sums; with prompts filled up on their right to one length it is the same to the
prompt's beginning, which suits words. Which of the two tells more of the answers is counted on the
taught cards, in whole numbers, the same on every machine.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from flashcards.cards.card import Deck

N_CARDS, N_PLACES = 400, 12  # cards looked at; places in their prompts and answers

LEAST_GAIN = 20
"""One in so many pieces of the answers must be foretold from the beginning and not from the end.
Measured (docs/experiments.md, "Few cards"): decks of words gain 27 to 72 in a hundred, all others
at most 4."""

LONGEST = 32  # characters; prompts are not filled up to more: an update would take twice as long

SHORT_WORD = 2  # mean characters, at most, of answers' words that become one piece each


def length_of(deck: Deck) -> int:
    """Characters up to which the deck's prompts are filled; 0 for not at all. The deck teaches a
    card. As many as the longest has, but no more than twice what nineteen of twenty have."""
    prompts = deck.read_prompts(deck.taught)
    lengths = sorted(map(len, prompts))
    length = min(lengths[-1], 2 * lengths[len(lengths) * 19 // 20])
    if length > LONGEST:
        return 0
    joins = bool(words_of(deck))
    answers = [deck.cards[i].answer for i in deck.taught]
    pairs = [
        (prompt, [*(answer.split(" ") if joins else answer), ""])
        for prompt, answer in zip(prompts, answers, strict=True)
    ][:: -(-len(prompts) // N_CARDS)]
    from_beginning = _n_foretold(pairs)
    from_end = _n_foretold([(prompt[::-1], answer) for prompt, answer in pairs])
    n_pieces = sum(min(len(answer), N_PLACES) for _, answer in pairs)
    return length if LEAST_GAIN * (from_beginning - from_end) > n_pieces else 0


def words_of(deck: Deck) -> tuple[str, ...]:
    """The pieces of the taught answers where those are words as short as sounds: each word with the
    space after it, and alone if it has several characters."""
    cards = [deck.cards[i] for i in deck.taught]
    words = [word for card in cards for answer in card.answers for word in answer.split(" ")]
    if len(words) < 2 * len(cards) or sum(map(len, words)) > SHORT_WORD * len(words):
        return ()
    found = dict.fromkeys(f"{word} " for word in words if word)
    return (*found, *dict.fromkeys(word for word in words if len(word) > 1))


def _n_foretold(pairs: Sequence[tuple[str, Sequence[str]]]) -> int:
    """How many pieces of the answers the other cards foretell, from one place of the prompt for
    each place of the answer."""
    n = 0
    for place in range(N_PLACES):
        said = [(prompt, answer[place]) for prompt, answer in pairs if len(answer) > place]
        n += max(_n_right((p[i : i + 1], piece) for p, piece in said) for i in range(N_PLACES))
    return n


def _n_right(pairs: Iterable[tuple[str, str]]) -> int:
    """How many would be right, each foretold as the commonest of all others with its key."""
    by_key: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for key, piece in pairs:
        by_key[key][piece] += 1
    n = 0
    for counts in by_key.values():
        *_, second, first = 0, *sorted(counts.values())
        n += first if first > second + 1 else 0
    return n
