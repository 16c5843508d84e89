"""Raw texts of any source into notes as decks hold them; what can't be kept is counted."""

import re
import unicodedata
from collections.abc import Iterable

from flashcards.cards.card import MAX_CARD_CHARACTERS
from flashcards.cards.grammar import BAR, WHITE, as_taught, unescape_separators
from flashcards.cards.printable import printable
from flashcards.exchange.html_text import (
    MAX_FIELD_CHARACTERS,
    PlainText,
    as_text,
    has_line_tags,
    has_text,
    looks_like_html,
)
from flashcards.exchange.limit import VALUES_A_PIECE, Limit
from flashcards.exchange.notes import Losses, Note, Source

_MARKS = ("<", "&", "[", "  ")
_LINE_ENDS = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")

_NO_CONTENT_OF_HTML = ("spaces", "tab")


class Gathering:
    """Notes as they come, with the tally of what is lost.
    `noun`: what the source calls one, "note", "row", "record". `is_html`: whether the texts are;
    None: each is taken for what it looks like."""

    def __init__(self, noun: str, *, is_html: bool | None = False) -> None:
        self.noun = noun
        self.is_html = is_html
        self.notes: list[Note] = []
        self.losses = Losses()
        self._last: dict[str, str] = {}
        self._limit = Limit()

    def lose(self, kind: str, where: str, sample: str = "") -> None:
        """Count something that is left out; once for each place, however many cards it gives."""
        if self._last.get(kind) != where:
            self._last[kind] = where
            self.losses.add(kind, self.noun, where, sample)

    def lose_field(self, raw: str, where: str, name: str) -> None:
        """Count a field that is in no card: its text, or else the picture or sound in it."""
        if not raw.strip():
            return
        if self.is_html and not has_text(raw):
            read = self._read_html(raw)
            if not clean(read.text)[0]:
                for kind in read.kinds:
                    self.lose(kind, where, name)
                return
        self.lose("fields", where, name)

    def text(self, raw: str, where: str, *, is_preformatted: bool = False) -> str:
        """A field as a card may hold it; what it loses is counted."""
        if self.is_html and (any(mark in raw for mark in _MARKS) or not raw.isprintable()):
            raw = self._text_of_html(raw, where, is_preformatted=is_preformatted)
        elif self.is_html is None and looks_like_html(raw):
            # Where no tag begins a line, line ends are those of the text.
            text = self._text_of_html(raw, where, is_preformatted=not has_line_tags(raw))
            if text.strip():
                self.lose("markup", where, text)
                raw = text
        text, changes = clean(raw)
        for change in changes:
            if not (self.is_html and change in _NO_CONTENT_OF_HTML):
                self.lose(change, where, text)
        return text

    def _text_of_html(self, raw: str, where: str, *, is_preformatted: bool) -> str:
        read = self._read_html(raw, is_preformatted=is_preformatted)
        for kind in read.kinds:
            self.lose(kind, where, read.text)
        return read.text

    def _read_html(self, raw: str, *, is_preformatted: bool = False) -> PlainText:
        n_signs = raw.count("<") + raw.count("&") + raw.count("=")
        self._limit.take(len(raw), n_signs // VALUES_A_PIECE)
        return as_text(raw, is_preformatted=is_preformatted)

    def add(
        self,
        prompt: str,
        answers: Iterable[str],
        where: str,
        *,
        section: str = "",
        is_never_seen: bool = False,
        is_both_ways: bool = False,
        is_preformatted: bool = False,
    ) -> None:
        """Take a note; without a prompt or an answer, or too long for any card, it is counted.
        `is_preformatted`: whether white space in HTML counts. Raises Refused: too many notes."""
        answers = tuple(answers)
        if any(len(text) > MAX_FIELD_CHARACTERS for text in (prompt, *answers)):
            self.lose("too-long", where, prompt[:100])
            return
        prompt, *answers = (
            self.text(text, where, is_preformatted=is_preformatted) for text in (prompt, *answers)
        )
        answers = tuple(filter(None, answers))
        if not prompt or not answers:
            self.lose("empty", where, prompt or " | ".join(answers))
        elif len(prompt) + max(map(len, answers)) > MAX_CARD_CHARACTERS:
            self.lose("too-long", where, prompt)
        else:
            self._limit.take(len(prompt) + sum(map(len, answers)), 1)
            self.notes.append(Note(prompt, answers, where, section, is_never_seen, is_both_ways))

    def source(self, form: str, n_read: int, name: str = "") -> Source:
        """Return the notes and losses of a file that was read in this form and has `n_read`
        notes."""
        notes = self.notes
        losses = self.losses
        noun = self.noun
        return Source(form=form, notes=notes, losses=losses, n_read=n_read, noun=noun, name=name)


def clean(text: str) -> tuple[str, tuple[str, ...]]:
    """The text as a card holds it, and the kinds of changes that this took, as losses.
    Trimmed, in normal form C, without blank lines or spaces at the lines' ends; TABs are spaces,
    and characters that a terminal would obey are symbols."""
    if text.isprintable() and (text.isascii() or as_taught(text) == text.strip(WHITE)):
        cleaned = text.strip(WHITE)
        return cleaned, () if cleaned == text else ("spaces",)
    kinds: list[str] = []
    text = _LINE_ENDS.sub("\n", text)
    cleaned = _trimmed(text)
    if cleaned != text:
        kinds.append("spaces")
    if "\t" in cleaned:
        kinds.append("tab")
        cleaned = cleaned.replace("\t", " ")
    if not unicodedata.is_normalized("NFC", cleaned):
        kinds.append("composed")
    if printable(cleaned, newline="\n") != cleaned:
        kinds.append("hidden")
    while (cleaner := as_taught(_trimmed(cleaned))) != cleaned:
        cleaned = cleaner
    return cleaned, tuple(kinds)


def _trimmed(text: str) -> str:
    lines = (line.rstrip(WHITE) for line in text.split("\n"))
    return "\n".join(filter(None, lines)).strip(WHITE)


def parted(text: str) -> tuple[str, ...]:
    """Several answers that `cards.grammar.joined` wrote as one text."""
    pieces: list[str] = []
    start = 0
    for match in BAR.finditer(text):
        if not match[1]:
            pieces.append(text[start : match.start()])
            start = match.end()
    pieces.append(text[start:])
    cleaned = (unescape_separators(piece.strip(WHITE), BAR) for piece in pieces)
    return tuple(answer for answer in cleaned if answer)
