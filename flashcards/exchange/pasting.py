"""Pasted text, or the file of a pasted path, as a deck: a list of words or a text to read."""

import contextlib
import io
from pathlib import Path

import msgspec

from flashcards.base.files import Refused
from flashcards.cards.card import Deck
from flashcards.cards.card_edits import CannotWrite, with_share_kept_back
from flashcards.cards.format import parse
from flashcards.cards.front_matter import FENCE
from flashcards.cards.shelf import is_there
from flashcards.cards.split import KeepBack, to_keep_back
from flashcards.exchange.deck_file import compose
from flashcards.exchange.importing import read
from flashcards.exchange.notes import Options
from flashcards.exchange.source import all_text, opened

_NO_CARD = ("empty", "one-column", "too-long", "long-line", "prose", "unanswered")


class Pasted(msgspec.Struct, frozen=True):
    """The pasted cards or text, as the text of a deck file."""

    text: str
    stem: str  # the name of the file whose path was pasted, or ""
    deck: Deck | None  # its cards; None where it is a text to read, of `n_characters`
    n_left_out: int = 0  # lines or notes that are no card
    n_characters: int = 0
    offer: KeepBack = KeepBack(0.0, 0)  # where all its cards are taught


def read_pasted(typed: str, *, is_read: bool | None = None, keeps_back: bool = False) -> Pasted:
    """`is_read`: whether to take it for a text to read; None: as it looks. A list can always be
    read as a text; what is no list stays one. `keeps_back`: of cards that are all taught, some are
    to be kept back.
    Raises Refused: it is empty, or the path of a file that can't be read."""
    path = Path(typed.strip().strip("'\"").replace("\\ ", " "))  # as terminals write dropped files
    is_path = "\n" not in typed.strip() and path.name != "" and is_there(path)
    name = str(path) if is_path else ""
    data = typed.encode("utf-8", "surrogatepass")
    stem = path.stem if is_path else ""
    with opened(name) if is_path else io.BytesIO(data) as file:
        with contextlib.suppress(Refused):  # no list: then it is a text
            source = read(file, name, Options())
            # in prose, commas would part most lines into more than two columns
            is_prose = (
                "TAB" not in source.form and 2 * source.losses.count("columns") > source.n_read
            )
            if source.notes and not (is_prose if is_read is None else is_read):
                text = compose(source.notes, {}, source.losses, source.noun).text
                n_left_out = sum(map(source.losses.count, _NO_CARD))
                return _cards(text, stem, n_left_out, keeps_back=keeps_back)
        text, _ = all_text(file)
    if text.startswith(FENCE):
        return _cards(text, stem, 0, keeps_back=keeps_back)
    head = f'{FENCE}\nkind = "text"\n{FENCE}\n'
    return Pasted(head + text, stem, None, n_characters=len(text))


def _cards(text: str, stem: str, n_left_out: int, *, keeps_back: bool) -> Pasted:
    parsed = parse(text.encode("utf-8", "surrogatepass"), stem)
    offer = KeepBack(0.0, 0)
    if parsed.deck is not None and not parsed.deck.never_seen:
        offer = to_keep_back(parsed.deck.groups)
        if keeps_back and offer.share:
            with contextlib.suppress(CannotWrite):
                parsed = with_share_kept_back(parsed.document, offer.share)
                text = parsed.document.text
    return Pasted(text, stem, parsed.deck, n_left_out, len(text), offer)
