"""Notes of an Anki collection as prompts and answers, as their templates pair the fields."""

import re
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import BinaryIO

from flashcards.base.files import Refused
from flashcards.cards.diagnostics import counted
from flashcards.exchange import cloze, html_text, package
from flashcards.exchange.collection import Collection, NoteType, RawNote, opened_collection
from flashcards.exchange.gathering import Gathering, parted
from flashcards.exchange.limit import MAX_DATABASE_BYTES, Limit
from flashcards.exchange.notes import NEVER_SEEN_TAG, Options, Source

ALSO_FIELD = "Also"  # field of this program's own note type: further answers that count as right

OWN_TYPE = "flashcards"
DEFAULT_DECK = "Default"

_REFERENCE = re.compile(r"\{\{([^{}]{1,300})\}\}")
_SPECIAL = frozenset(("FrontSide", "Tags", "Type", "Deck", "Subdeck", "Card", "CardFlag", "CardID"))
_OCCLUSION = re.compile(r"\{\{c\d+::image-occlusion:")

Sides = tuple[tuple[int, ...], tuple[int, ...]]
"""Fields that may be the prompt, and those that may be the answer, by index, likeliest first."""


def read_anki(file: BinaryIO, options: Options, *, is_package: bool) -> Source:
    """The notes of an `.apkg` or `.colpkg`, or of a bare database. Raises Refused."""
    with tempfile.TemporaryDirectory(prefix="flashcards-") as folder:
        path = Path(folder) / "collection"
        with path.open("xb") as into:
            if is_package:
                form = package.database(file, into)
            else:
                form = "an Anki collection"
                into.writelines(Limit(MAX_DATABASE_BYTES).chunks(file))
        with opened_collection(path) as collection:
            return read_notes(collection, form, options)


def read_notes(collection: Collection, form: str, options: Options) -> Source:
    """Prompts and answers of the notes; what is in none of them is counted."""
    gathering = Gathering("note", is_html=True)
    name, sections = _sections(collection.decks)
    _check_fields(collection.kinds, options)
    kinds: Counter[str] = Counter()
    n_notes = 0
    for note in collection.notes:
        n_notes += 1
        if note.kind is not None:
            kinds[note.kind.name] += 1
        where = f"note {note.id}"
        first = note.fields[0]
        if note.is_damaged:
            gathering.lose("undecodable", where, first[:100])
        if note.is_suspended:
            gathering.lose("suspended", where, first[:100])
        if tags := [tag for tag in note.tags if tag != NEVER_SEEN_TAG]:
            gathering.lose("tags", where, " ".join(tags)[:100])
        if note.kind is None:
            gathering.lose("no-type", where, first[:100])
        elif note.kind.has_gaps and not options.front:
            _add_gaps(gathering, note, sections[note.deck], where)
        else:
            _add_sides(gathering, note, note.kind, sections[note.deck], where, options)
    listed = ", ".join(f"{kind} {n:,}" for kind, n in kinds.most_common(4))
    more = ", …" if len(kinds) > 4 else ""
    n_decks = len(collection.decks)
    form = f"{form}: {counted(n_decks, 'deck')}; note types {listed}{more}" if kinds else form
    return gathering.source(form, n_notes, name)


def _sections(decks: Sequence[str]) -> tuple[str, dict[str, str]]:
    """The name of it all, and the section for every deck: what follows the one root deck.
    Decks under several roots keep their full names, and there is no name."""
    roots = {deck.split("::")[0] for deck in decks}
    if len(roots) == 1:
        root = next(iter(roots))
        name = "" if root == DEFAULT_DECK else root
        return name, {deck: deck[len(root) :].removeprefix("::") for deck in decks}
    return "", {deck: "" if deck == DEFAULT_DECK else deck for deck in decks}


def _check_fields(kinds: Sequence[NoteType], options: Options) -> None:
    """The fields that were asked for are in some note type; else their names are listed."""
    if not options.front and not options.back:
        return
    if not (options.front and options.back):
        raise Refused("--front and --back go together: name a field for each")
    if not any(options.front in kind.fields and options.back in kind.fields for kind in kinds):
        listed = "; ".join(f"{kind.name}: {', '.join(kind.fields)}" for kind in kinds[:5])
        raise Refused(f"no note type has both fields; there are {listed}")


def _add_gaps(gathering: Gathering, note: RawNote, section: str, where: str) -> None:
    text = html_text.without_data(note.fields[0])
    if _OCCLUSION.search(text):
        gathering.lose("occlusion", where)
        return
    questions = list(cloze.questions(text))
    if not questions:
        gathering.lose("no-gap", where, gathering.text(text[:100], where))
        return
    if len(questions) > 1:
        gathering.lose("cloze", where)
    for field in note.fields[1:]:
        gathering.lose_field(field, where, field[:100])
    is_out = NEVER_SEEN_TAG in note.tags
    for prompt, answer in questions:
        gathering.add(prompt, (answer,), where, section=section, is_never_seen=is_out)


def _add_sides(
    gathering: Gathering, note: RawNote, kind: NoteType, section: str, where: str, options: Options
) -> None:
    """A note whose templates show one field and ask for another."""
    chosen = _chosen(kind, options)
    if chosen is None:
        gathering.lose("no-field", where, kind.name)
        return
    numbers = sorted(note.numbers & chosen.keys()) or sorted(chosen)[:1]
    pairs: dict[tuple[int, int], None] = {}
    is_blank = [not html_text.has_text(html_text.without_data(field)) for field in note.fields]
    for number in numbers:
        fronts, backs = chosen[number]
        front = _first(fronts, is_blank)
        back = _first([index for index in backs if index != front], is_blank)
        pairs[front, back] = None
    used: set[int] = set()
    # Each is cleaned like any field later; a bar is no part of HTML.
    has_also = kind.name == OWN_TYPE and ALSO_FIELD in kind.fields
    also = parted(_field(note, kind.fields.index(ALSO_FIELD))) if has_also else ()
    is_never_seen = NEVER_SEEN_TAG in note.tags
    done: set[tuple[int, int]] = set()
    for front, back in pairs:
        used |= {front, back}
        done.add((front, back))
        if front != back and (back, front) in done:
            continue
        prompt, answer = _field(note, front), _field(note, back)
        gathering.add(
            prompt,
            (answer, *also) if answer else (),
            where,
            section=section,
            is_never_seen=is_never_seen,
            is_both_ways=(back, front) in pairs and front != back,
            is_preformatted=kind.name == OWN_TYPE,
        )
    switches = _switches(tuple((t.front, t.back) for t in kind.templates.values()))
    for index, field in enumerate(note.fields):
        name = kind.fields[index] if index < len(kind.fields) else ""
        is_read = index in used or (kind.name == OWN_TYPE and name == ALSO_FIELD)
        if not is_read and name not in switches:
            gathering.lose_field(field, where, name)


def _chosen(kind: NoteType, options: Options) -> dict[int, Sides] | None:
    if not options.front:
        templates = sorted((n, t.front, t.back) for n, t in kind.templates.items())
        return _sides(kind.fields, tuple(templates))
    if options.front not in kind.fields or options.back not in kind.fields:
        return None
    sides = (kind.fields.index(options.front),), (kind.fields.index(options.back),)
    return {min(kind.templates, default=0): sides}


@cache
def _sides(
    fields: tuple[str, ...], templates: tuple[tuple[int, str, str], ...]
) -> dict[int, Sides]:
    sides_of: dict[int, Sides] = {}
    index_of = {name: index for index, name in enumerate(fields)}
    everything = tuple(range(len(fields)))
    for number, front, back in templates:
        fronts = tuple(
            dict.fromkeys(index_of[name] for name in _fields_shown(front) if name in index_of)
        )
        backs = dict.fromkeys(
            index_of[name] for name in _fields_shown(back, True) if name in index_of
        )
        answers = tuple(index for index in backs if index not in fronts)
        fronts = fronts or everything[:1]
        sides_of[number] = fronts, answers or tuple(i for i in everything if i not in fronts)
    return sides_of or {0: (everything[:1], everything[1:])}


def _fields_shown(template: str, is_back: bool = False) -> Iterator[str]:
    """The fields that a side shows; an input box is no part of a question."""
    for match in _REFERENCE.finditer(template):
        reference = match[1].strip()
        if reference[:1] in "#^/!":
            continue
        *filters, name = (part.strip() for part in reference.split(":"))
        if name not in _SPECIAL and (is_back or "type" not in filters) and "tts" not in filters:
            yield name


@cache
def _switches(templates: tuple[tuple[str, str], ...]) -> frozenset[str]:
    """Names of the fields on which a side depends and that no side shows.
    Templates only ask if they are filled: “Add Reverse” holds no text to learn."""
    sides = [side for template in templates for side in template]
    conditions = {
        match[1].strip()[1:].strip()
        for side in sides
        for match in _REFERENCE.finditer(side)
        if match[1].strip()[:1] in "#^"
    }
    return frozenset(conditions.difference(*(_fields_shown(side, True) for side in sides)))


def _first(indices: Sequence[int], is_blank: Sequence[bool]) -> int:
    """The first of the fields that has text; the first of all when none has."""
    filled = (index for index in indices if index < len(is_blank) and not is_blank[index])
    return next(filled, indices[0] if indices else -1)


def _field(note: RawNote, index: int) -> str:
    return html_text.without_data(note.fields[index]) if 0 <= index < len(note.fields) else ""
