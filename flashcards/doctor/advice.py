"""Advice on a deck: what to change or to expect, a sentence each, the most important first."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from flashcards.base.language import format_number, tr
from flashcards.cards.card import PLACE, Deck
from flashcards.cards.diagnostics import Diagnostic, excerpt
from flashcards.cards.split import to_keep_back
from flashcards.doctor.deck_facts import are_signs, characters_taught, strange_cards
from flashcards.runs.verdict import MIN_NEVER_SEEN
from flashcards.wording.facts import few_never_seen

MAX_LINES_NAMED = 5

FEW_PROMPTS = 10

MANY_NEVER_SEEN = 2  # times as many as are taught: fewer are left to learn from than to be asked

_OWN_ADVICE = ("conflict", "leak")  # errors that have a sentence of their own


def advice(deck: Deck, problems: Sequence[Diagnostic], *, is_probed: bool) -> Iterator[str]:
    """The sentences. `is_probed`: a probe has already looked for a rule."""
    lines_of: defaultdict[str, list[int]] = defaultdict(list)
    for problem in problems:
        lines_of[problem.code].append(problem.line)
    broken = [p for p in problems if p.level == "error" and p.code not in _OWN_ADVICE]
    if n_broken := len(broken):
        first = broken[0]
        word = tr("problem") if n_broken == 1 else tr("problems")
        yield tr(
            "{n_broken} cost cards: {which}; the first, on line {line:,}: {text}",
            n_broken=f"{format_number(n_broken, ',')} {word}",
            which=_named([problem.line for problem in broken]),
            line=first.line,
            text=first.text,
        )
    if conflicts := lines_of["conflict"]:
        yield tr(
            "prompts that contradict an earlier one: {where}; join the answers with |, or drop one",
            where=_named(conflicts),
        )
    if leaks := lines_of["leak"] + lines_of["leak-near"]:
        is_swapped = any(p.code == "leak-near" and "operands swapped" in p.text for p in problems)
        yield tr(
            "never-taught cards given away by taught ones: {where}; {mend}put each pair in one "
            "group",
            where=_named(leaks),
            mend=tr('group = "commutes", or ') if is_swapped else "",
        )
    yield from _on_never_seen(deck)
    yield from on_characters(deck)
    if twice := lines_of["duplicate-card"]:
        yield tr("cards that are there twice: {where}; drop one of each", where=_named(twice))
    if hidden := lines_of["invisible"] + lines_of["bidi"] + lines_of["control"]:
        yield tr("characters that can't be seen: {where}; retype those lines", where=_named(hidden))
    if not deck.meta.ask and _has_words(deck):
        yield how_to_ask()
    if not is_probed and len(deck.never_seen) >= MIN_NEVER_SEEN:
        yield how_to_probe()


def how_to_ask() -> str:
    """The advice that is for models which others have trained."""
    return tr(
        'for a model that others have trained: ask = "The … of {place} is" in the front '
        "matter gets more right than the bare prompt",
        place=PLACE,
    )


def how_to_probe() -> str:
    """The advice to train for a while, which no lesson needs."""
    return tr("whether there is a rule to be found: `flashcards check --probe` trains for 10 s")


def _has_words(deck: Deck) -> bool:
    """Tell whether most prompts are words: a brought model has read sentences about them."""
    prompts = [card.prompt.replace(" ", "") for card in deck.cards]
    n_words = sum(len(prompt) > 2 and prompt.isalpha() for prompt in prompts)
    return len(prompts) >= FEW_PROMPTS and 2 * n_words > len(prompts)


def _on_never_seen(deck: Deck) -> Iterator[str]:
    n_cards, n_held_out = len(deck.cards), len(deck.never_seen)
    if n_held_out >= MIN_NEVER_SEEN:
        if n_held_out > MANY_NEVER_SEEN * (n_cards - n_held_out):
            yield tr(
                "more cards are never taught ({n_held_out:,}) than taught: lower held_out",
                n_held_out=n_held_out,
            )
        return
    if n_held_out == 0 and deck.meta.kind == "memorise":
        return  # its author wants no more
    why = few_never_seen(n_held_out)
    if n_cards < 2 * MIN_NEVER_SEEN:
        yield tr(
            "{why}, so memory and understanding can't be told apart; for that write at least {n} "
            "cards in all, and keep about {n_held_out} of them back (held_out = 0.5)",
            why=why,
            n=2 * MIN_NEVER_SEEN,
            n_held_out=MIN_NEVER_SEEN,
        )
        return
    keep_back = to_keep_back(deck.groups)
    if not keep_back.n_cards:
        yield tr(
            "{why}, and none can be: all cards are in one group; give other cards other groups",
            why=why,
        )
        return
    written = f"{keep_back.share:g}"  # what a deck file says: always with a point
    if deck.meta.held_out:
        yield tr(
            "{why}; to keep {n} back, raise held_out to {share} at the deck's top",
            why=why,
            n=keep_back.n_cards,
            share=written,
        )
        return
    yield tr(
        "{why}; to keep {n} back, write held_out = {share} at the deck's top",
        why=why,
        n=keep_back.n_cards,
        share=written,
    )


def on_characters(deck: Deck) -> Iterator[str]:
    strange = strange_cards(deck)
    known = characters_taught(deck)
    if strange and not are_signs(deck):
        yield tr(
            "never-taught cards with characters that no taught card has: {n:,}, like {first} "
            "on line "
            "{line}; such a card can't be read: teach one with it",
            n=len(strange),
            first=excerpt(next(char for char in strange[0].prompt if char not in known)),
            line=strange[0].line,
        )


def _named(lines: Sequence[int]) -> str:
    """`line 4`, or `lines 4, 9, 12 and 3 more`: a line as often as it has a problem counts once."""
    numbers = sorted(set(lines))
    if len(numbers) == 1:
        return tr("line {n}", n=numbers[0])
    listed = tr("lines {listed}", listed=", ".join(map(str, numbers[:MAX_LINES_NAMED])))
    n_more = len(numbers) - MAX_LINES_NAMED
    return listed + (" " + tr("and {n:,} more", n=n_more) if n_more > 0 else "")
