"""The deck doctor: what is in a deck, what can be learned from it, and what to change.

Stands above cards and runs: it knows the deck and how sure a score is, and no model. Run as
`python -m flashcards.doctor DECK` it prints its diagnosis as one JSON object: the app asks a
process, since a deck of a million cards would cost the screen a gigabyte.
Long because it is one examination: a function a question, in the order they are answered.
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
from flashcards.language import format_number, say
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
    facts += [Fact(say("rule"), text) for text in ([] if probe is None else [probed(probe)])]
    return Diagnosis(tuple(facts), tuple(_advice(deck, problems, probe)))


def lines(diagnosis: Diagnosis) -> Iterator[str]:
    """The diagnosis as `flashcards check --explain` writes it."""
    for fact in diagnosis.facts:
        yield f"  {fact.label:<11} {fact.text}"
    for index, sentence in enumerate(diagnosis.advice):
        yield f"  {'' if index else say('advice'):<11} {sentence}"


def half_width(n: int) -> float:
    """How far a score of `n` cards may be off, 0 to 1: half of the 95 % Wilson interval at 50 %."""
    low, high = wilson(Score(n // 2, n))
    return (high - low) / 2


def probed(probe: Probe) -> str:
    """What the probe reached, in words, and whether that speaks for a rule."""
    after = say("after {seconds:.0f} s of training", seconds=probe.seconds)
    if probe.unseen.total < MIN_HELD_OUT:
        return say(
            "{after}: {seen} seen; too few are held out to look for a rule",
            after=after,
            seen=counted(probe.seen),
        )
    share = say(
        "{rate} of {total:,} never seen",
        rate=percent(probe.unseen.rate or 0.0),
        total=probe.unseen.total,
    )
    low, _ = wilson(probe.unseen)
    best = best_of(probe.rivals)
    if best is not None and not is_better(probe.unseen, best.unseen):
        found = say("no more than a rival that doesn't learn, so no sign of a rule yet")
    elif low >= LIKELY:
        found = say("a rule is likely to be found")
    elif low >= POSSIBLE:
        found = say("a rule begins to show")
    else:
        found = say("no sign of a rule yet")
    return say(
        "{after}: {share} ({rate} seen); {found}",
        after=after,
        share=share,
        rate=percent(probe.seen.rate or 0.0),
        found=found,
    )


# Facts -------------------------------------------------------------------------------------------


def _facts(deck: Deck, problems: Sequence[Diagnostic]) -> Iterator[tuple[str, str]]:
    prompts, answers = [c.prompt for c in deck.cards], [c.answer for c in deck.cards]
    n_held_out = sum(card.is_held_out for card in deck.cards)
    yield (
        say("cards"),
        say(
            "{n:,}: {n_taught:,} taught",
            n=len(deck.cards),
            n_taught=len(deck.cards) - n_held_out,
        ),
    )
    sections = Counter(card.section for card in deck.cards if card.section)
    if sections:
        shown = [
            f"{name} {format_number(count, ',')}"
            for name, count in list(sections.items())[:MAX_PAIRS_SHOWN]
        ]
        n_more = len(sections) - len(shown)
        yield (
            say("sections"),
            ", ".join(shown) + (say(" and {n_more:,} more", n_more=n_more) if n_more else ""),
        )
    exceptions = exception_sections(deck)
    if exceptions:
        n_with = len(rule_forms(deck))
        yield (
            say("exceptions"),
            say(
                "{exceptions}; a rule would answer {n_with:,} of them",
                exceptions=", ".join(exceptions),
                n_with=n_with,
            ),
        )
    yield (
        say("prompts"),
        say(
            "{lengths}; {n:,} different",
            lengths=_lengths(prompts),
            n=len(set(prompts)),
        ),
    )
    yield (
        say("answers"),
        say(
            "{lengths}; {n:,} different",
            lengths=_lengths(answers),
            n=len(set(answers)),
        ),
    )
    n_letters = len(set().union(*prompts, *answers))
    yield say("letters"), _n(n_letters, say("different character"), say("different characters"))
    yield say("cut"), _cut(deck)
    share = deck.meta.held_out
    how = (
        say("a share of {share:g} by hash, and those marked ?", share=share)
        if share
        else say("those marked ?")
    )
    n_groups = len({card.group for card in deck.cards})
    yield (
        say("held out"),
        say(
            "{n_held_out:,} ({how}); {n_groups:,} groups",
            n_held_out=n_held_out,
            how=how,
            n_groups=n_groups,
        ),
    )
    if n_held_out:
        off = 100 * half_width(n_held_out)
        enough = (
            say("enough to say something")
            if n_held_out >= MIN_HELD_OUT
            else say("too few to say it")
        )
        yield (
            "",
            say(
                "a score near 50 % is then known to ± {off:.0f} points: {enough}",
                off=off,
                enough=enough,
            ),
        )
    n_leaks = sum(problem.code in ("leak", "leak-near") for problem in problems)
    yield (
        say("leaks"),
        say("{n_leaks:,} held out and given away", n_leaks=n_leaks) if n_leaks else say("none"),
    )
    floor = floor_nats(deck)
    yield (
        say("floor"),
        say("{floor:.4f} nats a card", floor=floor)
        if floor
        else say("0 nats: no two cards contradict"),
    )
    pairs = _near_pairs(deck.cards)
    yield say("near twins"), f"{len(pairs):,}" if pairs else say("none")
    for one, other in pairs[:MAX_PAIRS_SHOWN]:
        yield (
            "",
            say(
                "{prompt} line {line}, {other} line {other_line}",
                prompt=quoted(one.prompt),
                line=one.line,
                other=quoted(other.prompt),
                other_line=other.line,
            ),
        )
    if len(pairs) > MAX_PAIRS_SHOWN:
        yield "", say("and {n:,} more", n=len(pairs) - MAX_PAIRS_SHOWN)


def _cut(deck: Deck) -> str:
    tokenizer = deck.wishes.tokenizer or "char"
    if tokenizer == "char":
        longest = max(len(card.prompt) + len(card.answer) for card in deck.cards)
        return say(
            "one piece a character; the longest card is {longest:,} pieces with its signs",
            longest=longest + 2,
        )
    if tokenizer == "word":
        return say("one piece a word")
    return say(
        "pieces of several characters ({tokenizer}), found in the deck when the lesson opens",
        tokenizer=tokenizer,
    )


def _lengths(texts: Sequence[str]) -> str:
    lengths = [len(text) for text in texts]
    return say(
        "{least} to {most} characters, median {middle:g}",
        least=min(lengths),
        most=max(lengths),
        middle=median(lengths),
    )


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
        yield say(
            "{n_broken} cost cards: {which}; see `flashcards check`",
            n_broken=_n(n_broken, say("problem"), say("problems")),
            which=which,
        )
    if conflicts := lines_of["conflict"]:
        yield (
            say(
                "{conflicts}: {where}; join the answers with |, or drop one",
                conflicts=_contradict(len(conflicts)),
                where=_named(conflicts),
            )
        )
    if leaks := lines_of["leak"] + lines_of["leak-near"]:
        mend = ""
        if any("operands swapped" in p.text for p in problems if p.code == "leak-near"):
            mend = say('group = "commutes", or ')
        held = (
            say("1 held-out card is")
            if len(leaks) == 1
            else say("{n:,} held-out cards are", n=len(leaks))
        )
        yield say(
            "{held} given away by taught ones: {where}; {mend}put each pair in one group",
            held=held,
            where=_named(leaks),
            mend=mend,
        )
    yield from _on_held_out(deck)
    yield from _on_size(deck)
    yield from _on_answers(deck)
    if twice := lines_of["duplicate-card"]:
        again = say("1 card stands") if len(twice) == 1 else say("{n:,} cards stand", n=len(twice))
        yield say(
            "{again} there a second time: {where}; drop what is twice",
            again=again,
            where=_named(twice),
        )
    if hidden := lines_of["invisible"] + lines_of["bidi"] + lines_of["control"]:
        yield say(
            "characters that can't be seen: {where}; retype those lines", where=_named(hidden)
        )
    n_held_out = sum(card.is_held_out for card in deck.cards)
    if probe is None and n_held_out >= MIN_HELD_OUT:
        yield say("whether there is a rule to be found: `flashcards check --probe` trains for 10 s")


def _on_held_out(deck: Deck) -> Iterator[str]:
    n_cards = len(deck.cards)
    n_held_out = sum(card.is_held_out for card in deck.cards)
    if n_held_out >= MIN_HELD_OUT:
        if n_held_out > n_cards - n_held_out:
            yield say(
                "more cards are held out ({n_held_out:,}) than taught: lower held_out",
                n_held_out=n_held_out,
            )
        return
    have = say("nothing is")
    if n_held_out:
        have = say("only 1 is") if n_held_out == 1 else say("only {n} are", n=n_held_out)
    if n_cards < 2 * MIN_HELD_OUT:
        yield (
            say(
                "{have} held out, so understanding can't be told from memory; for that it "
                "takes at least {n} cards, {n_held_out} of them held out",
                have=have,
                n=2 * MIN_HELD_OUT,
                n_held_out=MIN_HELD_OUT,
            )
        )
        return
    # A share by hash is never met exactly: aim a fifth above.
    share = min(0.5, max(0.1, math.ceil(20 * 1.2 * MIN_HELD_OUT / n_cards) / 20))
    yield say(
        "{have} held out: hold out at least {n} cards: add held_out = {share}",
        have=have,
        n=MIN_HELD_OUT,
        share=f"{share:g}",  # what a deck file says: always with a point
    )


def _on_size(deck: Deck) -> Iterator[str]:
    taught = [card for card in deck.cards if not card.is_held_out]
    if len(taught) <= FEW_CARDS:
        yield say(
            "only {taught} to teach: it will memorise them in seconds",
            taught=_n(len(taught), say("card"), say("cards")),
        )
    known = set().union(*(text for card in taught for text in (card.prompt, *card.answers)))
    strange = [
        card for card in deck.cards if card.is_held_out and not known.issuperset(card.prompt)
    ]
    if strange:
        first = next(char for char in strange[0].prompt if char not in known)
        have = (
            say("1 held-out card has")
            if len(strange) == 1
            else say("{n:,} held-out cards have", n=len(strange))
        )
        yield (
            say(
                "{have} characters that no taught card has, like {first} on line {line}: such "
                "a card can't be read; teach one with it",
                have=have,
                first=quoted(first),
                line=strange[0].line,
            )
        )


def _on_answers(deck: Deck) -> Iterator[str]:
    answers = Counter(card.answer for card in deck.cards if not card.is_held_out)
    n_taught = answers.total()
    usual = median(len(answer) for answer in answers.elements())
    if usual >= LONG_ANSWER:
        yield say("answers are {usual:g} characters long: expect minutes", usual=usual)
    answer, most = answers.most_common(1)[0]
    if n_taught > 1 and 2 * most > n_taught:
        yield (
            say(
                "{share} of the taught answers are {answer}: always saying that would score as "
                "much; even them out",
                share=percent(most / n_taught),
                answer=quoted(answer),
            )
        )


def _contradict(number: int) -> str:
    return (
        say("1 prompt contradicts an earlier one")
        if number == 1
        else say("{number:,} prompts contradict", number=number)
    )


def _named(lines: Sequence[int]) -> str:
    """`line 4`, or `lines 4, 9, 12 and 3 more`."""
    shown = sorted(set(lines))
    if len(shown) == 1:
        return say("line {n}", n=shown[0])
    listed = ", ".join(str(line) for line in shown[:MAX_LINES_NAMED])
    n_more = len(shown) - MAX_LINES_NAMED
    return say("lines {listed}", listed=listed) + (
        say(" and {n_more:,} more", n_more=n_more) if n_more > 0 else ""
    )


def _n(number: int, one: str, several: str) -> str:
    return f"{format_number(number, ',')} {one if number == 1 else several}"


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
