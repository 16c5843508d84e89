"""Part 2, cards into numbers: the cards that have more pieces than the deck's model holds.

Knows no torch, and loads the tokenizer only where a card may be too long: `flashcards check` asks
it. `encoding.py`, next, refuses such cards.
"""

from flashcards.cards.card import Deck
from flashcards.cards.diagnostics import Diagnostic, diagnostic
from flashcards.learner.settings import LearnerSettings, SettingsError

N_SIGNS = 2  # of every card: the answer sign and the end


def too_long(line: int, n_pieces: int, max_pieces: int) -> str:
    """The sentence that the model has no room for this card."""
    return (
        f"line {line}: this card is {n_pieces:,} pieces long; the model can hold {max_pieces:,}: "
        "shorten it, or ask for a smaller batch_size"
    )


def long_cards(deck: Deck) -> tuple[Diagnostic, ...]:
    """The cards that the deck's model can't hold, cut by the deck's own tokenizer; or why there is
    no such model."""
    try:
        settings = LearnerSettings.for_deck(deck)
    except SettingsError as error:
        return (diagnostic("no-model", 1, 1, str(error)),)
    room = settings.max_pieces - N_SIGNS
    sizes = [  # an upper bound of each card's pieces: the bytes of its prompt and longest answer
        max(settings.filled_to, len(card.prompt.encode()))
        + max(len(a.encode()) for a in card.answers)
        + (len(card.prompt) if settings.is_aligned else 0)
        for card in deck.cards
    ]
    if all(n_bytes <= room for n_bytes in sizes):
        return ()
    from flashcards.learner.tokenizer import Tokenizer, train_tokenizer

    tokenizer = Tokenizer(train_tokenizer(deck, settings), settings.filled_to)
    diagnostics = []
    for card, n_bytes in zip(deck.cards, sizes, strict=True):
        if n_bytes <= room:
            continue
        prompts = [card.prompt] * len(card.answers)
        (prompt,) = tokenizer.prompts(prompts[:1])
        answers = tokenizer.answers(card.answers, prompts)
        n_pieces = len(prompt) + max(map(len, answers)) + N_SIGNS
        if n_pieces > settings.max_pieces:
            _, _, text = too_long(card.line, n_pieces, settings.max_pieces).partition(": ")
            diagnostics.append(diagnostic("no-room", card.line, 1, text))
    return tuple(diagnostics)
