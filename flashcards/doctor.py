"""The deck doctor: what is in a deck, what can be learned from it, and what to change.

Stands above cards and runs: it knows the deck and how sure a score is, and no model. Run as
`python -m flashcards.doctor DECK` it prints its diagnosis as one JSON object: the app asks a
process, since a deck of a million cards would cost the screen a gigabyte.
"""

from __future__ import annotations

import math
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median

import msgspec

from flashcards.cards.audit import floor_nats, near, near_leaks
from flashcards.cards.card import Card, Deck
from flashcards.cards.diagnostics import Diagnostic, quoted, written
from flashcards.cards.exceptions import exception_sections, rule_forms
from flashcards.cards.printable import printable
from flashcards.runs.values import Rival, Score
from flashcards.runs.verdict import MIN_HELD_OUT, best_of, counted, is_better, percent, wilson

MAX_PAIRS_SHOWN = 10
MAX_LINES_NAMED = 5

FEW_CARDS = 50
"""Fifty capitals are known after a second of training (docs/figures.md)."""

LONG_ANSWER = 20
"""Characters of a usual answer from which learning by heart takes minutes instead of seconds."""

LIKELY, POSSIBLE = 0.5, 0.05
"""Lower ends of the interval of NEVER SEEN after a probe: a rule that is found, or begins to be."""


class Fact(msgspec.Struct, frozen=True):
    """One line of the diagnosis; a line without a label belongs to the one before."""

    label: str
    text: str


class Diagnosis(msgspec.Struct, frozen=True):
    """What the doctor says of one deck; `problem` alone when it can't be read."""

    facts: tuple[Fact, ...] = ()
    advice: tuple[str, ...] = ()
    problem: str = ""


class Probe(msgspec.Struct, frozen=True):
    """What a short lesson reached. `seconds` is time spent training."""

    seconds: float
    seen: Score
    unseen: Score
    rivals: tuple[Rival, ...] = ()


def diagnose(deck: Deck, problems: Sequence[Diagnostic], probe: Probe | None = None) -> Diagnosis:
    """Look at a deck that was read. `problems` are those of reading, near leaks among them."""
    facts = [Fact(label, text) for label, text in _facts(deck, problems)]
    facts += [Fact("rule", text) for text in ([] if probe is None else [probed(probe)])]
    return Diagnosis(tuple(facts), tuple(_advice(deck, problems, probe)))


def lines(diagnosis: Diagnosis) -> Iterator[str]:
    """The diagnosis as `flashcards check --explain` writes it."""
    for fact in diagnosis.facts:
        yield f"  {fact.label:<11} {fact.text}"
    for index, sentence in enumerate(diagnosis.advice):
        yield f"  {'' if index else 'advice':<11} {sentence}"


def half_width(n: int) -> float:
    """How far a score of `n` cards may be off, 0 to 1: half of the 95 % Wilson interval at 50 %."""
    low, high = wilson(Score(n // 2, n))
    return (high - low) / 2


def probed(probe: Probe) -> str:
    """What the probe reached, in words, and whether that speaks for a rule."""
    after = f"after {probe.seconds:.0f} s of training"
    if probe.unseen.total < MIN_HELD_OUT:
        return f"{after}: {counted(probe.seen)} seen; too few are held out to look for a rule"
    share = f"{percent(probe.unseen.rate or 0.0)} of {probe.unseen.total:,} never seen"
    low, _ = wilson(probe.unseen)
    best = best_of(probe.rivals)
    if best is not None and not is_better(probe.unseen, best.unseen):
        found = "no more than a rival that doesn't learn, so no sign of a rule yet"
    elif low >= LIKELY:
        found = "a rule is likely to be found"
    elif low >= POSSIBLE:
        found = "a rule begins to show"
    else:
        found = "no sign of a rule yet"
    return f"{after}: {share} ({percent(probe.seen.rate or 0.0)} seen); {found}"


# Facts -------------------------------------------------------------------------------------------


def _facts(deck: Deck, problems: Sequence[Diagnostic]) -> Iterator[tuple[str, str]]:
    prompts, answers = [c.prompt for c in deck.cards], [c.answer for c in deck.cards]
    n_held_out = sum(card.is_held_out for card in deck.cards)
    yield "cards", f"{len(deck.cards):,}: {len(deck.cards) - n_held_out:,} taught"
    sections = Counter(card.section for card in deck.cards if card.section)
    if sections:
        shown = [f"{name} {count:,}" for name, count in list(sections.items())[:MAX_PAIRS_SHOWN]]
        n_more = len(sections) - len(shown)
        yield "sections", ", ".join(shown) + (f" and {n_more:,} more" if n_more else "")
    exceptions = exception_sections(deck)
    if exceptions:
        n_with = len(rule_forms(deck))
        yield "exceptions", f"{', '.join(exceptions)}; a rule would answer {n_with:,} of them"
    yield "prompts", f"{_lengths(prompts)}; {len(set(prompts)):,} different"
    yield "answers", f"{_lengths(answers)}; {len(set(answers)):,} different"
    n_letters = len(set().union(*prompts, *answers))
    yield "letters", _n(n_letters, "different character")
    yield "cut", _cut(deck)
    share = deck.meta.held_out
    how = f"a share of {share:g} by hash, and those marked ?" if share else "those marked ?"
    n_groups = len({card.group for card in deck.cards})
    yield "held out", f"{n_held_out:,} ({how}); {n_groups:,} groups"
    if n_held_out:
        off = 100 * half_width(n_held_out)
        enough = "enough to say something" if n_held_out >= MIN_HELD_OUT else "too few to say it"
        yield "", f"a score near 50 % is then known to ± {off:.0f} points: {enough}"
    n_leaks = sum(problem.code in ("leak", "leak-near") for problem in problems)
    yield "leaks", f"{n_leaks:,} held out and given away" if n_leaks else "none"
    floor = floor_nats(deck)
    yield "floor", f"{floor:.4f} nats a card" if floor else "0 nats: no two cards contradict"
    pairs = _near_pairs(deck.cards)
    yield "near twins", f"{len(pairs):,}" if pairs else "none"
    for one, other in pairs[:MAX_PAIRS_SHOWN]:
        yield "", f"{quoted(one.prompt)} line {one.line}, {quoted(other.prompt)} line {other.line}"
    if len(pairs) > MAX_PAIRS_SHOWN:
        yield "", f"and {len(pairs) - MAX_PAIRS_SHOWN:,} more"


def _cut(deck: Deck) -> str:
    tokenizer = deck.wishes.tokenizer or "char"
    if tokenizer == "char":
        longest = max(len(card.prompt) + len(card.answer) for card in deck.cards)
        return f"one piece a character; the longest card is {longest + 2:,} pieces with its signs"
    if tokenizer == "word":
        return "one piece a word"
    return f"pieces of several characters ({tokenizer}), found in the deck when the lesson opens"


def _lengths(texts: Sequence[str]) -> str:
    lengths = [len(text) for text in texts]
    return f"{min(lengths)} to {max(lengths)} characters, median {median(lengths):g}"


def _near_pairs(cards: Sequence[Card]) -> list[tuple[Card, Card]]:
    """Cards whose prompts a person would call the same, each with the first such card."""
    first: dict[str, Card] = {}
    others: defaultdict[str, set[str]] = defaultdict(set)
    pairs: list[tuple[Card, Card]] = []
    for card in cards:
        key = near(card.prompt)
        twin = first.setdefault(key, card)
        if twin.prompt != card.prompt and card.prompt not in others[key]:
            others[key].add(card.prompt)
            pairs.append((twin, card))
    return pairs


# Advice ------------------------------------------------------------------------------------------


def _advice(deck: Deck, problems: Sequence[Diagnostic], probe: Probe | None) -> Iterator[str]:
    """What to change, or what to expect, a sentence each; the most important first."""
    lines_of: defaultdict[str, list[int]] = defaultdict(list)
    for problem in problems:
        lines_of[problem.code].append(problem.line)
    n_broken = sum(p.level == "error" and p.code not in ("conflict", "leak") for p in problems)
    if n_broken:
        which = _named([p.line for p in problems if p.level == "error"])
        yield f"{_n(n_broken, 'problem')} cost cards: {which}; see `flashcards check`"
    if conflicts := lines_of["conflict"]:
        yield (
            f"{_contradict(len(conflicts))}: {_named(conflicts)}; join the answers with |, or "
            "drop one"
        )
    if leaks := lines_of["leak"] + lines_of["leak-near"]:
        mend = ""
        if any("operands swapped" in p.text for p in problems if p.code == "leak-near"):
            mend = 'group = "commutes", or '
        held = "1 held-out card is" if len(leaks) == 1 else f"{len(leaks):,} held-out cards are"
        yield f"{held} given away by taught ones: {_named(leaks)}; {mend}put each pair in one group"
    yield from _on_held_out(deck)
    yield from _on_size(deck)
    yield from _on_answers(deck)
    if twice := lines_of["duplicate-card"]:
        again = "1 card stands" if len(twice) == 1 else f"{len(twice):,} cards stand"
        yield f"{again} there a second time: {_named(twice)}; drop what is twice"
    if hidden := lines_of["invisible"] + lines_of["bidi"] + lines_of["control"]:
        yield f"characters that can't be seen: {_named(hidden)}; retype those lines"
    n_held_out = sum(card.is_held_out for card in deck.cards)
    if probe is None and n_held_out >= MIN_HELD_OUT:
        yield "whether there is a rule to be found: `flashcards check --probe` trains for 10 s"


def _on_held_out(deck: Deck) -> Iterator[str]:
    n_cards = len(deck.cards)
    n_held_out = sum(card.is_held_out for card in deck.cards)
    if n_held_out >= MIN_HELD_OUT:
        if n_held_out > n_cards - n_held_out:
            yield f"more cards are held out ({n_held_out:,}) than taught: lower held_out"
        return
    have = f"only {n_held_out} {_are(n_held_out)}" if n_held_out else "nothing is"
    if n_cards < 2 * MIN_HELD_OUT:
        yield (
            f"{have} held out, so understanding can't be told from memory; for that it takes "
            f"at least {2 * MIN_HELD_OUT} cards, {MIN_HELD_OUT} of them held out"
        )
        return
    # A share by hash is never met exactly: aim a fifth above.
    share = min(0.5, max(0.1, math.ceil(20 * 1.2 * MIN_HELD_OUT / n_cards) / 20))
    yield f"{have} held out: hold out at least {MIN_HELD_OUT} cards: add held_out = {share:g}"


def _on_size(deck: Deck) -> Iterator[str]:
    taught = [card for card in deck.cards if not card.is_held_out]
    if len(taught) <= FEW_CARDS:
        yield f"only {_n(len(taught), 'card')} to teach: it will memorise them in seconds"
    known = set().union(*(text for card in taught for text in (card.prompt, *card.answers)))
    strange = [
        card for card in deck.cards if card.is_held_out and not known.issuperset(card.prompt)
    ]
    if strange:
        first = next(char for char in strange[0].prompt if char not in known)
        have = (
            "1 held-out card has" if len(strange) == 1 else f"{len(strange):,} held-out cards have"
        )
        yield (
            f"{have} characters that no taught card has, like {quoted(first)} on line "
            f"{strange[0].line}: such a card can't be read; teach one with it"
        )


def _on_answers(deck: Deck) -> Iterator[str]:
    answers = Counter(card.answer for card in deck.cards if not card.is_held_out)
    n_taught = answers.total()
    usual = median(len(answer) for answer in answers.elements())
    if usual >= LONG_ANSWER:
        yield f"answers are {usual:g} characters long: expect minutes"
    answer, most = answers.most_common(1)[0]
    if n_taught > 1 and 2 * most > n_taught:
        yield (
            f"{percent(most / n_taught)} of the taught answers are {quoted(answer)}: always saying "
            "that would score as much; even them out"
        )


def _contradict(number: int) -> str:
    return (
        "1 prompt contradicts an earlier one" if number == 1 else f"{number:,} prompts contradict"
    )


def _named(lines: Sequence[int]) -> str:
    """`line 4`, or `lines 4, 9, 12 and 3 more`."""
    shown = sorted(set(lines))
    if len(shown) == 1:
        return f"line {shown[0]}"
    listed = ", ".join(str(line) for line in shown[:MAX_LINES_NAMED])
    n_more = len(shown) - MAX_LINES_NAMED
    return f"lines {listed}" + (f" and {n_more:,} more" if n_more > 0 else "")


def _are(number: int) -> str:
    return "is" if number == 1 else "are"


def _n(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


# A process of its own ----------------------------------------------------------------------------


def of_file(path: Path) -> Diagnosis:
    """The diagnosis of a deck file, whatever is wrong with it."""
    from flashcards.cards.shelf import DeckUnusable, load

    try:
        deck, problems = load(path)
    except DeckUnusable as error:
        return Diagnosis(problem=written(error.diagnostics[0], printable(path.name)))
    return diagnose(deck, [*problems, *near_leaks(deck)])


if __name__ == "__main__":
    sys.stdout.buffer.write(msgspec.json.encode(of_file(Path(sys.argv[1]))))
