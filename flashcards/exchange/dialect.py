"""The dialect of a table: what separates its columns and rows, quotation marks, a header row.

`csv.Sniffer` guesses from letter counts and is wrong on prose; here every candidate is tried on
the first rows, and the one that gives the same number of columns, two or more, most often wins.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterator

import msgspec

from flashcards.base.files import Refused
from flashcards.exchange.limit import Limit
from flashcards.exchange.notes import Options

N_SAMPLE_ROWS = 300
N_SAMPLE_CHARACTERS = 200_000
LEAST_SHARE = 0.7  # in a table this share of the rows has the same number of columns

MAX_FIELD_CHARACTERS = 131_072  # csv's own limit; longer: a quotation mark never closes

MAX_ROW_LINES = 100

NAMES = {"\t": "TAB", ",": "comma", ";": "semicolon", "|": "bar", ":": "colon", " ": "space"}
_DECIMAL = re.compile(r"(?<=\d),(?=\d)")
_LETTERS = ("\t", ";", ",", "|")
_WORDS = (" - ", " – ", " — ", " = ", " => ", " -> ", " → ")
"""Separators of term and definition in lists written by hand, and in Quizlet's exports."""

_NAMES_OF = {
    "front": "prompt, front, question, term, word, q, cue",
    "back": "answer, back, definition, def, translation, meaning, completion, response, a",
    "also": "also, alternatives, also right, accepted",
    "section": "section, deck, category, chapter, unit, lesson, topic",
    "held_out": "held_out, held-out, held out",
    "tags": "tags, tag",
    "guid": "guid, id",
}
_MORE_NAMES_OF = {
    "front": "frage, vorderseite, wort, vokabel, begriff, pregunta, anverso, palabra, término, "
    "mot, recto, domanda, parola",
    "back": "antwort, rückseite, übersetzung, bedeutung, respuesta, reverso, traducción, "
    "significado, traduction, verso, risposta, traduzione",
    "section": "kapitel, lektion, kategorie, thema, capítulo, lección, categoría, tema",
    "guid": "nr, no, num, number, nummer, número, #, lfd, pos, index, numéro",
}
_LANGUAGES = """
german english french spanish italian latin greek russian japanese chinese portuguese dutch polish
turkish arabic swedish danish norwegian finnish czech hungarian ukrainian croatian korean hebrew
deutsch englisch französisch spanisch italienisch latein lateinisch griechisch altgriechisch
russisch japanisch chinesisch portugiesisch niederländisch polnisch türkisch arabisch schwedisch
dänisch norwegisch finnisch tschechisch ungarisch ukrainisch kroatisch koreanisch hebräisch
alemán inglés español francés italiano latín griego ruso japonés chino portugués sueco danés
noruego checo húngaro ucraniano croata coreano hebreo
allemand anglais français espagnol
"""
LANGUAGES = frozenset(_LANGUAGES.split())
"""Columns of vocabulary are often called by their languages: the first of them is the prompt."""

ROLES = {
    name: role
    for table in (_MORE_NAMES_OF, _NAMES_OF)
    for role, names in table.items()
    for name in names.split(", ")
}
"""The roles of the columns of a header row, by their names in lower case."""


def delimiter_of(text: str) -> str:
    """Return the delimiter that a user or a header names: "TAB", "\\t", "comma", or the sign
    itself."""
    known = {name.casefold(): sign for sign, name in NAMES.items()} | {"pipe": "|", "\\t": "\t"}
    return known.get(text.casefold(), text)


class Dialect(msgspec.Struct, frozen=True):
    delimiter: str
    has_quotes: bool
    row_end: str = "\n"

    @property
    def description(self) -> str:
        words = [NAMES.get(self.delimiter, f"“{self.delimiter}”")]
        if self.has_quotes:
            words.append("quoted")
        if self.row_end != "\n":
            words.append(f"rows parted by {NAMES.get(self.row_end, self.row_end)}")
        return ", ".join(words)


def dialect_of(text: str, suffix: str, options: Options) -> Dialect:
    """The dialect of a text; what the options say is taken. `suffix`: the file's, lower case:
    ".csv" prefers the comma where several fit equally well.
    Raises Refused: nothing gives most rows two columns."""
    row_end = _row_end(text) if not options.delimiter else "\n"
    candidates = [options.delimiter] if options.delimiter else [*_LETTERS, *_WORDS]
    best = None
    best_score = (0.0, 0.0, 0.0)
    sample = text[:N_SAMPLE_CHARACTERS]
    for rank, delimiter in enumerate(candidates):
        has_quotes = options.has_quotes
        if has_quotes is None:
            has_quotes = _has_quotes(sample, delimiter)
        dialect = Dialect(delimiter, has_quotes, row_end)
        share = _share(text, dialect)
        is_usual = (delimiter, suffix) in ((",", ".csv"), ("\t", ".tsv"))
        # A candidate that is nearly as regular as another may win by its quotes or the file's name.
        hints = -_doubt(sample, delimiter)
        if has_quotes:
            hints += 1
        if is_usual:
            hints += 1
        score = (round(share, 1), hints, -float(rank))
        if share >= LEAST_SHARE and score > best_score:
            best = dialect
            best_score = score
    if best is None and options.delimiter:
        best = Dialect(options.delimiter, bool(options.has_quotes), row_end)
    if best is None:
        signs = "no TAB, comma, semicolon, bar, dash, equals sign or arrow"
        raise Refused(f"{signs} parts most lines into columns; say what does with --delimiter")
    if options.has_quotes is None and not best.has_quotes and _has_quotes(text, best.delimiter):
        return Dialect(best.delimiter, True, row_end)
    return best


def _doubt(sample: str, delimiter: str) -> float:
    """Rate how little a delimiter looks like one: decimal commas 2, signs mostly before a space 1,
    all others 0."""
    count = sample.count(delimiter)
    if delimiter == "," and len(_DECIMAL.findall(sample)) == count:
        return 2.0
    return float(delimiter in ",;" and 2 * sample.count(delimiter + " ") > count)


def _row_end(text: str) -> str:
    """`;` where one line holds many pairs with a TAB each, as Quizlet can write them."""
    head = text[:100_000].strip("\n")
    if "\n" in head:
        return "\n"
    n_tabs = head.count("\t")
    return ";" if n_tabs > 1 and 0 <= n_tabs - head.count(";") <= 1 else "\n"


def _has_quotes(text: str, delimiter: str) -> bool:
    """Tell whether some whole field is enclosed in quotation marks."""
    if '"' not in text or len(delimiter) > 1:
        return False
    edge = re.escape(delimiter)
    enclosed = rf'(?:^|{edge})"[^"]*(?:""[^"]*)*"(?={edge}|$)'
    return re.search(enclosed, text, re.MULTILINE) is not None


def _share(text: str, dialect: Dialect) -> float:
    """Return the share of the first rows that have the most frequent number of columns, 0 to 1; 0
    where that number is one."""
    widths: Counter[int] = Counter()
    try:
        for _, row in rows(text[:N_SAMPLE_CHARACTERS], dialect):
            if any(row):
                widths[len(row)] += 1
            if widths.total() >= N_SAMPLE_ROWS:
                break
    except Refused:
        pass
    if not widths:
        return 0.0
    width, count = max(widths.items(), key=lambda item: (item[1], item[0]))
    return count / widths.total() if width > 1 else 0.0


def rows(text: str, dialect: Dialect, first_line: int = 1) -> Iterator[tuple[int, list[str]]]:
    """Every row with the line on which it starts.
    Raises Refused: a quotation mark is never closed, or there are too many."""
    if dialect.row_end != "\n":
        Limit().take(len(text), text.count(dialect.row_end))
        pieces = text.split(dialect.row_end)
        yield from ((1, piece.strip("\n").split(dialect.delimiter)) for piece in pieces)
    elif len(dialect.delimiter) > 1 or not dialect.has_quotes:
        most = 1 if len(dialect.delimiter) > 1 else -1
        for line, content in enumerate(text.split("\n"), first_line):
            yield line, content.split(dialect.delimiter, most)
    else:
        yield from _quoted_rows(text, dialect.delimiter, first_line)


def _quoted_rows(text: str, delimiter: str, first_line: int) -> Iterator[tuple[int, list[str]]]:
    # Other line ends than LF are gone; splitlines() would part at characters that are text.
    reader = csv.reader((line + "\n" for line in text.split("\n")), delimiter=delimiter)
    line = 0
    while True:
        start = line
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise _never_closed(start + first_line) from None
        line = reader.line_num
        if line - start > MAX_ROW_LINES:
            raise _never_closed(start + first_line)
        yield start + first_line, row


def _never_closed(line: int) -> Refused:
    hint = "--no-quotes reads them as letters"
    return Refused(f"line {line}: a quotation mark that nothing closes; {hint}")
