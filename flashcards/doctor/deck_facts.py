"""Facts of a deck: cards, lengths, what is never taught, leaks, contradictions and near twins."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from statistics import median, mode

from flashcards.base.language import format_number, tr
from flashcards.cards.audit import commonest, floor_nats, is_one_sign, near
from flashcards.cards.card import Card, Deck
from flashcards.cards.diagnostics import Diagnostic
from flashcards.cards.exceptions import exception_sections, rule_forms
from flashcards.runs.values import Score
from flashcards.runs.verdict import MIN_NEVER_SEEN, percent, wilson
from flashcards.wording.facts import cards, quoted, section_name

MAX_SHOWN = 10

FEW_CARDS = 50  # fifty capitals are known after a second of training (docs/figures.md)

LONG_ANSWER = 20  # characters; learning longer ones by heart takes minutes, not seconds


def half_width(n: int) -> float:
    """Return by how much a score of `n` cards may be off, 0 to 1: half of the 95 % Wilson interval
    at 50 %."""
    low, high = wilson(Score(n // 2, n))
    return (high - low) / 2


def facts(deck: Deck, problems: Sequence[Diagnostic]) -> Iterator[tuple[str, str]]:
    """Label and text of each line; a line without a label belongs to the one before."""
    n_cards, n_never = len(deck.cards), len(deck.never_seen)
    counted = {"n": n_cards, "n_taught": n_cards - n_never, "n_never": n_never}
    yield tr("cards"), tr("{n:,}: {n_taught:,} are taught, {n_never:,} only asked", **counted)
    yield from _never_seen(deck)
    yield from _troubles(deck, problems)
    for index, sentence in enumerate(_expected(deck)):
        yield "" if index else tr("expect"), sentence
    yield from _sections(deck)
    prompts, answers = [c.prompt for c in deck.cards], [c.answer for c in deck.cards]
    for label, texts in ((tr("prompts"), prompts), (tr("answers"), answers)):
        lengths = _lengths(texts)
        yield label, f"{lengths}; {tr('{n:,} different', n=len(set(texts)))}"
    n_letters = len(set().union(*prompts, *answers))
    yield tr("letters"), tr("{n:,} different", n=n_letters)
    yield tr("pieces"), _cut(deck)
    if deck.meta.ask:
        template = tr("{ask}, by a model that others have trained", ask=quoted(deck.meta.ask))
        yield tr("read as"), template


def _troubles(deck: Deck, problems: Sequence[Diagnostic]) -> Iterator[tuple[str, str]]:
    """Name answers given away, contradictions and near twins; in one line that there are none."""
    n_leaks = sum(problem.code in ("leak", "leak-near") for problem in problems)
    floor = floor_nats(deck)
    twins = list(_near_twins(deck))
    if n_leaks:
        yield tr("given away"), tr("{n:,} never taught, by taught ones", n=n_leaks)
    if floor:
        text = "a prompt has two answers: the error can't fall below {floor:.4f} a card"
        yield tr("contradictions"), tr(text, floor=floor)
    yield from twins
    if not (n_leaks or floor or twins):
        text = "none: no prompt has two answers, and no two cards are nearly the same"
        if deck.never_seen:
            text = (
                "none: no taught card gives away one that is only asked, no prompt has two "
                "answers, and no two cards are nearly the same"
            )
        yield tr("mistakes"), tr(text)


def _expected(deck: Deck) -> Iterator[str]:
    """Say what its lessons will be like, which is nobody's mistake."""
    taught = [deck.cards[i] for i in deck.taught]
    if len(taught) <= FEW_CARDS:
        text = "only {taught} to teach: a lesson takes seconds"
        yield tr(text, taught=cards(len(taught)))
    if (
        taught
        and median(len(card.answer) for card in taught) >= LONG_ANSWER
        and len(taught) > FEW_CARDS
    ):
        usual = median(len(card.answer) for card in taught)
        yield tr("answers are {usual:g} characters long: expect minutes", usual=usual)
    if (strange := strange_cards(deck)) and are_signs(deck):
        yield tr(
            "each prompt is one sign; no taught card has those of {n:,} never-taught cards, and "
            "nothing in a sign gives its answer away",
            n=len(strange),
        )
    common = commonest(deck)
    if common is not None and 2 * common.n_taught > len(taught):
        yield tr(
            "{share} of the taught answers are {answer}: always saying that scores as much",
            share=percent(common.n_taught / len(taught)),
            answer=quoted(common.answer),
        )


def characters_taught(deck: Deck) -> frozenset[str]:
    texts = (text for i in deck.taught for text in (deck.cards[i].prompt, *deck.cards[i].answers))
    return frozenset().union(*texts)


def strange_cards(deck: Deck) -> list[Card]:
    """Never-taught cards whose prompts have a character that the model never reads in lessons."""
    known = characters_taught(deck)
    never_seen = (deck.cards[i] for i in deck.never_seen)
    return [card for card in never_seen if not known.issuperset(card.prompt)]


def are_signs(deck: Deck) -> bool:
    """Tell whether every prompt is one sign: of a new one no card with its sign could be taught."""
    return all(is_one_sign(card.prompt) for card in deck.cards)


def _sections(deck: Deck) -> Iterator[tuple[str, str]]:
    sections = Counter(card.section for card in deck.cards if card.section)
    if sections:
        first = list(sections.items())[:MAX_SHOWN]
        named = [f"{section_name(name)} {format_number(count, ',')}" for name, count in first]
        n_more = len(sections) - len(first)
        more = " " + tr("and {n:,} more", n=n_more) if n_more else ""
        yield tr("sections"), ", ".join(named) + more
    if exceptions := exception_sections(deck):
        text = tr(
            "{exceptions}; of {n_with:,} of them the rule says something else",
            exceptions=", ".join(map(section_name, exceptions)),
            n_with=len(rule_forms(deck)),
        )
        yield tr("exceptions"), text


FINE_POINTS = 5  # from more on only large differences of scores can be told


def _never_seen(deck: Deck) -> Iterator[tuple[str, str]]:
    n_held_out = len(deck.never_seen)
    share = deck.meta.held_out
    if not n_held_out:
        yield tr("never taught"), tr("none kept back")
        return
    which = tr("those marked “?”")
    if share:
        text = "about {share} of the cards, drawn once and for all, and any marked “?”"
        which = tr(text, share=percent(share))
    text = "only asked, to see whether it finds the rule: {which}"
    yield tr("never taught"), tr(text, which=which)
    points = round(100 * half_width(n_held_out))
    text = "enough to tell: by luck a score is off by about {n} percentage points"
    if points > FINE_POINTS:
        text = "enough to tell much from little: by luck a score is off by about {n} points"
    if n_held_out < MIN_NEVER_SEEN:
        text = "too few to tell: by luck a score is off by about {n} percentage points"
    yield "", tr(text, n=points)


def _near_twins(deck: Deck) -> Iterator[tuple[str, str]]:
    pairs = _near_pairs(deck.cards)
    if not pairs:
        return
    yield tr("nearly the same"), tr("pairs of cards: {n:,}", n=len(pairs))
    for card, other in pairs[:MAX_SHOWN]:
        text = tr(
            "{prompt} line {line}, {other} line {other_line}",
            prompt=quoted(card.prompt),
            line=card.line,
            other=quoted(other.prompt),
            other_line=other.line,
        )
        yield "", text
    if len(pairs) > MAX_SHOWN:
        yield "", tr("and {n:,} more", n=len(pairs) - MAX_SHOWN)


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


def _cut(deck: Deck) -> str:
    tokenizer = deck.wishes.tokenizer or "char"
    if tokenizer == "char":
        longest = max(len(card.prompt) + len(card.answer) for card in deck.cards) + 2
        text = (
            "it reads letter by letter; the longest card has {longest:,} pieces: letters, → and "
            "the end"
        )
        return tr(text, longest=longest)
    if tokenizer == "word":
        return tr("one piece a word")
    return tr(
        "pieces of several characters ({tokenizer}), found in the deck when the lesson opens",
        tokenizer=tokenizer,
    )


def _lengths(texts: Sequence[str]) -> str:
    lengths = [len(text) for text in texts]
    if min(lengths) == max(lengths):
        return tr("length {n}", n=lengths[0])
    return tr(
        "{least} to {most} characters, most often {usual:g}",
        least=min(lengths),
        most=max(lengths),
        usual=mode(lengths),
    )
