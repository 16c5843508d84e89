"""Sections of exceptions, and the answers that the deck's own rule would give there ("goed").

The rule is read off the taught cards of the other sections, as suffix changes: `try → tried` turns
"y" into "ied". Minimal generalisation as in A. Albright & B. Hayes, "Rules vs. analogy in English
past tenses", Cognition 90 (2003), with the last letter alone as the context: a change is the rule
for a prompt when a fair share of the regular prompts with the same last letter make it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import takewhile

from flashcards.cards.card import Card, Deck

SECTION_NAMES = frozenset({"irregular", "irregulars", "exception", "exceptions"})

LEAST_SHARE = 0.1  # of the regular prompts with the same last letter: a rarer change isn't the rule

LEAST_CARDS = 3  # fewer regular cards with the same last letter say nothing: all letters count

SuffixChange = tuple[str, str]


def exception_sections(deck: Deck) -> tuple[str, ...]:
    return tuple(name for name in deck.section_names if name.casefold() in SECTION_NAMES)


def rule_forms(deck: Deck) -> dict[int, tuple[str, ...]]:
    """Return for each card of a section of exceptions the answers the rule would give, likeliest
    first. By card index. Answers that the card accepts are left out; so are cards without any
    other."""
    exceptions = exception_sections(deck)
    if not exceptions:
        return {}
    regular = (c for c in deck.cards if c.section not in exceptions and not c.is_never_seen)
    by_letter, overall = _changes(regular)
    forms: dict[int, tuple[str, ...]] = {}
    for index, card in enumerate(deck.cards):
        if card.section in exceptions:
            others = tuple(
                form for form in _forms(card.prompt, by_letter, overall) if form not in card.answers
            )
            if others:
                forms[index] = others
    return forms


def _changes(
    cards: Iterable[Card],
) -> tuple[dict[str, Counter[SuffixChange]], Counter[SuffixChange]]:
    by_letter: dict[str, Counter[SuffixChange]] = defaultdict(Counter)
    overall: Counter[SuffixChange] = Counter()
    for card in cards:
        pairs = zip(card.prompt, card.answer, strict=False)
        n_kept = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
        change = card.prompt[n_kept:], card.answer[n_kept:]
        by_letter[card.prompt[-1]][change] += 1
        overall[change] += 1
    return by_letter, overall


def _forms(
    prompt: str, by_letter: dict[str, Counter[SuffixChange]], overall: Counter[SuffixChange]
) -> list[str]:
    counts = by_letter.get(prompt[-1], Counter())
    if counts.total() < LEAST_CARDS:
        counts = overall
    least = LEAST_SHARE * counts.total()
    return [
        prompt[: len(prompt) - len(old)] + new
        for (old, new), count in counts.most_common()
        if count >= least and prompt.endswith(old)
    ]
