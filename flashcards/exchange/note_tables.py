"""Tables as notes: CSV, TSV, Anki's “Notes in Plain Text”, Quizlet's lists."""

import re
from collections.abc import Iterable, Sequence
from itertools import chain

import msgspec

from flashcards.base.files import Refused
from flashcards.cards.diagnostics import excerpt
from flashcards.cards.printable import from_cell
from flashcards.exchange import cloze
from flashcards.exchange.dialect import LANGUAGES, ROLES, delimiter_of, dialect_of, rows
from flashcards.exchange.gathering import Gathering, parted
from flashcards.exchange.notes import NEVER_SEEN_TAG, Options, Source

MAX_LINE_CHARACTERS = 1_000_000  # a longer line is no row of cards and is not looked into

_HEADER = re.compile(r"#([A-Za-z ]{1,40}):(.*)")
_EXCEL = re.compile(r"sep=(.|\\t)(?:\n|\Z)", re.IGNORECASE)
OWN_COLUMNS = frozenset(("guid", "prompt", "answer", "also", "deck", "section", "tags", "held_out"))
_YES = frozenset(("1", "yes", "y", "true", "x", "?"))


class ColumnRoles(msgspec.Struct, frozen=True):
    """The column (from 0) of each role; None where no column has it."""

    front: int
    back: int
    also: int | None = None
    section: int | None = None
    tags: int | None = None
    held_out: int | None = None
    ignored: frozenset[int] = frozenset()

    def places(self) -> frozenset[int]:
        """Every column that is read, but for the answer, or that holds no text of cards."""
        places = (self.front, self.also, self.section, self.tags, self.held_out)
        return self.ignored.union(place for place in places if place is not None)


class _Head(msgspec.Struct):
    """The lines `#key:value` at the top of Anki's text files, or Excel's `sep=;`.
    `sign`: what parts the columns; "" where no line says it."""

    values: dict[str, str]
    n_lines: int
    sign: str = ""

    def column(self, key: str) -> int | None:
        value = self.values.get(f"{key} column", "")
        return int(value) - 1 if value.isdecimal() and 0 < int(value[:6]) < 1_000 else None


def read_table(text: str, suffix: str, options: Options) -> Source:
    """The rows of a text as notes. `suffix`: the file's, lower case, with its dot.
    Raises Refused: it is no table, or has no such columns."""
    head = head_of(text)
    lines = text.split("\n")[head.n_lines :]
    too_long = {
        number: line[:40]
        for number, line in enumerate(lines, head.n_lines + 1)
        if len(line) > MAX_LINE_CHARACTERS
    }
    if head.n_lines or too_long:
        text = "\n".join(line if len(line) <= MAX_LINE_CHARACTERS else "" for line in lines)
    del lines
    if sign := delimiter_of(options.delimiter) or head.sign:
        options = msgspec.structs.replace(options, delimiter=sign)
    dialect = dialect_of(text, suffix, options)
    kind = "Anki's notes in plain text" if head.values else "a table"
    table = rows(text, dialect, head.n_lines + 1)
    source = notes_of_rows(table, f"{kind}: {dialect.description}", options, head)
    for number, beginning in too_long.items():
        source.losses.add("long-line", "line", f"line {number}", beginning)
    return source


def notes_of_rows(
    table: Iterable[tuple[int, list[str]]],
    form: str,
    options: Options,
    head: _Head | None = None,
    *,
    place: str = "line",
) -> Source:
    """The rows of any table as notes, each with its number. `form`: what they are in, for the user.
    `place`: what their numbers count. Raises Refused: it has no such columns."""
    head = head or _Head({}, 0)
    named, rest = _named(table, head, options)
    # Texts in the columns that this program writes are literal.
    is_own = options.is_html is None and {"prompt", "answer"} <= set(named or ()) <= OWN_COLUMNS
    is_html = False if is_own else options.is_html
    if is_html is None and "html" in head.values:
        is_html = head.values["html"].casefold() == "true"
    gathering = Gathering("row", is_html=is_html)
    columns = _columns(named, head, options)
    if is_own and not head.values:
        rest = ((number, [from_cell(cell) for cell in row]) for number, row in rest)
    placed = ((f"{place} {number}", row) for number, row in rest)
    n_read = _read(placed, columns, gathering, header=named, may_have_gaps=not is_own)
    parts = [form, "header row" if named else "no header row"]
    parts += [f"columns {columns.front + 1} and {columns.back + 1}"]
    parts += ["HTML as text"] if is_html else []
    return gathering.source(", ".join(parts), n_read, _name(head, gathering))


def head_of(text: str) -> _Head:
    """Anki's header lines, and other comments between them; or Excel's line."""
    if excel := _EXCEL.match(text):
        return _Head({}, 1, delimiter_of(excel[1]))
    values: dict[str, str] = {}
    count = 0
    for line in text[:20_000].split("\n"):
        if not line.startswith("#"):
            break
        match = _HEADER.match(line)
        if match is None and not values:
            break
        if match is not None:
            values.setdefault(match[1].strip().lower(), match[2].strip(" "))
        count += 1
    is_anki = any(key in values for key in ("separator", "html", "columns", "notetype", "deck"))
    sign = _separator(values["separator"]) if "separator" in values else ""
    return _Head(values, count, sign) if is_anki else _Head({}, 0)


def _separator(value: str) -> str:
    """Return the separator that `#separator:` names, in a word or by the sign itself."""
    return delimiter_of(value.strip() or value)[:1] or "\t"


def _named(
    table: Iterable[tuple[int, list[str]]], head: _Head, options: Options
) -> tuple[list[str] | None, Iterable[tuple[int, list[str]]]]:
    """The names of the columns, if a row gives them, and the rows that follow."""
    ahead = iter(table)
    if "columns" in head.values:
        names = head.values["columns"].split(head.sign or "\t")
        return [name.strip() for name in names], ahead
    filled = ((line, row) for line, row in ahead if any(cell.strip() for cell in row))
    first = next(filled, None)
    if first is None:
        return None, ()
    names = [cell.strip() for cell in first[1]]
    second = next(filled, None)
    ahead = ahead if second is None else chain([second], ahead)
    is_header = options.has_header
    if is_header is None:
        wanted = {options.front, options.back} - {""}
        roles = {_role(name) for name in names}
        is_header = (wanted <= set(names)) if wanted else {"front", "back"} <= roles
        if not wanted and not is_header:
            # a row of languages is a header, unless languages are what the table is about
            is_header = _are_languages(names) and not (second and _are_languages(second[1]))
    if is_header:
        return names, ahead
    return None, chain([first], ahead)


def _role(name: str) -> str:
    """Return the role of a column with this name; "" when the name says nothing."""
    return ROLES.get(name.strip().casefold().rstrip("."), "")


def _is_language(name: str) -> bool:
    return name.strip().casefold() in LANGUAGES


def _are_languages(names: Sequence[str]) -> bool:
    """Tell whether these name columns by their languages, and all others by their contents."""
    named = [name for name in names if name.strip()]
    return _name_languages(named) and all(_is_language(name) or _role(name) for name in named)


def _name_languages(names: Sequence[str]) -> bool:
    """Tell whether two languages are among these, or one beside a word such as "translation"; a
    single letter is no such word."""
    n_languages = sum(map(_is_language, names))
    n_words = sum(_role(name) in ("front", "back") and len(name.strip()) > 1 for name in names)
    return n_languages > 0 and n_languages + n_words >= 2


def _columns(named: list[str] | None, head: _Head, options: Options) -> ColumnRoles:
    """Choose the columns that are read: by the options, the header row, Anki's header, or the first
    two."""
    place: dict[str, int] = {}
    has_languages = _name_languages(named or ())
    for index, name in enumerate(named or ()):
        role = _role(name)
        if role == "guid" and len(named or ()) < 3:
            continue
        if has_languages and _is_language(name):
            role = "back" if "front" in place else "front"
        place.setdefault(role, index)
    for role in ("tags", "guid"):
        if (column := head.column(role)) is not None:
            place[role] = column
    if (column := head.column("deck")) is not None:
        place["section"] = column
    kind = head.column("notetype")
    special = {place.get("tags"), place.get("guid"), place.get("section"), kind}
    plain = [index for index in range(1_000) if index not in special]
    front, back = place.get("front", plain[0]), place.get("back", plain[1])
    if options.columns is not None:
        front, back = (column - 1 for column in options.columns)
    elif options.front or options.back:
        names = named or []
        if options.front not in names or options.back not in names:
            listed = ", ".join(map(excerpt, names)) if names else "a header row is needed"
            raise Refused(f"no columns named like that; there are: {listed}")
        front, back = names.index(options.front), names.index(options.back)
    ignored = {place.get("guid"), kind} - {None}
    roles = {role: place.get(role) for role in ("also", "section", "tags", "held_out")}
    columns = {role: None if column in (front, back) else column for role, column in roles.items()}
    return ColumnRoles(
        front, back, **columns, ignored=frozenset(c for c in ignored if c is not None)
    )


def _read(
    table: Iterable[tuple[str, list[str]]],
    columns: ColumnRoles,
    gathering: Gathering,
    *,
    header: list[str] | None,
    may_have_gaps: bool,
) -> int:
    n_read = 0
    known = columns.places() | {columns.back}
    for where, row in table:
        if not any(row) or not any(cell.strip() for cell in row):
            continue
        n_read += 1
        if header is not None and [cell.strip() for cell in row] == header:
            gathering.lose("header", where)  # of a second list, pasted or joined behind the first
            continue
        tags = _cell(row, columns.tags).split()
        if any(tag != NEVER_SEEN_TAG for tag in tags):
            gathering.lose("tags", where, " ".join(tags)[:100])
        prompt, answer = _cell(row, columns.front), _cell(row, columns.back)
        questions: list[tuple[str, tuple[str, ...]]] = []
        if may_have_gaps and cloze.has_gaps(prompt):  # as Anki writes notes of its type Cloze
            questions += [(text, (gap,)) for text, gap in cloze.questions(prompt)]
            if len(questions) > 1:
                gathering.lose("cloze", where)
            _lose_others(gathering, row, columns.places(), where)
        elif len(row) < 2:
            gathering.lose("one-column", where, row[0][:100])
            continue
        else:
            also = parted(_cell(row, columns.also))
            questions.append((prompt, (answer, *also) if answer.strip() else ()))
        is_marked = _cell(row, columns.held_out).strip().casefold() in _YES
        for text, answers in questions:
            gathering.add(
                text,
                answers,
                where,
                section=_cell(row, columns.section).strip(),
                is_never_seen=is_marked or NEVER_SEEN_TAG in tags,
            )
        _lose_others(gathering, row, known, where)
    return n_read


def _lose_others(
    gathering: Gathering, row: Sequence[str], known: frozenset[int], where: str
) -> None:
    others = (cell for at, cell in enumerate(row) if at not in known and cell.strip())
    if (cell := next(others, None)) is not None:
        gathering.lose("columns", where, cell[:100])


def _cell(row: Sequence[str], column: int | None) -> str:
    return row[column] if column is not None and column < len(row) else ""


def _name(head: _Head, gathering: Gathering) -> str:
    """The deck's name where the file gives one; sections then lose the root they share."""
    if name := head.values.get("deck", ""):
        return name
    if head.column("deck") is None:
        return ""
    roots = {note.section.split("::")[0] for note in gathering.notes}
    if len(roots) != 1:
        return ""
    root = next(iter(roots))
    for note in gathering.notes:
        note.section = note.section[len(root) :].removeprefix("::")
    return root
