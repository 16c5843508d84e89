"""The places of decks: the current folder's `decks/`, the user's own, and the shipped ones.

The one place in `cards` that touches files. Nothing here waits: pipes and devices are refused.
"""

import errno
import functools
import itertools
import os
import re
import stat
from collections.abc import Iterator, Sequence
from io import BufferedReader
from pathlib import Path
from typing import Literal

import msgspec

from flashcards.base.errors import UserError
from flashcards.base.language import LANGUAGES, chosen
from flashcards.base.system import open_at_once
from flashcards.cards.card import MAX_CARDS, Deck, DeckMeta
from flashcards.cards.diagnostics import Diagnostic, diagnostic, did_you_mean, excerpt, written
from flashcards.cards.format import parse
from flashcards.cards.front_matter import head_of
from flashcards.cards.printable import printable

Place = Literal["here", "own", "shipped"]

SUFFIXES = (".deck", ".tsv")
TEXTS = "texts"  # the folder beside decks for those that are read
OF_WORDS = "words"  # the same for those that the words of the week teach: found by name, not listed

MAX_FILE_BYTES = 64 << 20  # A million short cards are some 24 MB

BEGINNING_BYTES = 1 << 20

MAX_SHELF_FILES = 1_000  # decks of a folder that are listed, in the order of their names

MAX_LOOSE_DECKS = 100  # of the current folder itself, which may hold anything

MAX_LOOSE_NAMES = 20_000  # files of the current folder that are looked at: some 20 ms

_ORDER = (
    "apple",
    "capitals",
    "first-words",
    "addition",
    "past-tense",
    "number-words",
    "mod-97",
    "roman-numerals",
    "plurals",
    "reverse",
    "morse",
    "family",
    "chemical-symbols",
    "der-apfel",
    "hauptstaedte",
    "uhrzeit",
    "zahlwoerter",
    "mehrzahl",
    "praeteritum",
    "steigerung",
    "la-manzana",
    "capitales",
    "numeros",
    "plurales",
    "presente",
)
"""The shipped decks in the order in which they tell the story; others follow by name."""

FIRST_DECKS = {"en": "apple", "de": "der-apfel", "es": "la-manzana"}

_COMMENT = re.compile(rb"^[ \t]*#.*$", re.MULTILINE)
_MARKED = re.compile(rb"^[ \t]*\?[ \t].*$", re.MULTILINE)
_BLOCK = re.compile(rb"^[ \t]*(?:\?[ \t]+)?Q:[ \t]", re.MULTILINE)


class ShelfEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A deck as the picker lists it, from a quick look at its file: cards are counted by their
    separators, in a large file in its first megabyte. `n_held_out` is expected when `is_estimate`.
    """

    path: Path
    slug: str
    place: Place
    meta: DeckMeta
    n_cards: int
    n_held_out: int
    is_estimate: bool

    @property
    def name(self) -> str:
        return self.meta.name or self.slug


SHOWN_PATH = 80  # characters of a path in a message


class DeckNotFound(UserError):  # noqa: N818
    """No file and no deck of that name; the text says so, with the closest name there is."""


class DeckUnusable(UserError):  # noqa: N818
    """A deck with a fatal problem; the text is its line as `check` prints it."""

    def __init__(self, path: Path, diagnostics: tuple[Diagnostic, ...]) -> None:
        fatal = next(problem for problem in diagnostics if problem.level == "fatal")
        super().__init__(written(fatal, str(path)))
        self.path = path
        self.diagnostics = diagnostics


def folders() -> tuple[tuple[Place, Path], ...]:
    """The folders that hold decks, in the order in which a name is looked up."""
    import platformdirs

    own = Path(platformdirs.user_data_dir("flashcards")) / "decks"
    return ("here", Path("decks")), ("own", own), ("shipped", shipped())


def shipped() -> Path:
    """The folder of the shipped decks: inside the package, or beside it in a checkout."""
    package = Path(__file__).parent.parent
    inside = package / "shelf"
    return inside if inside.is_dir() else package.parent / "decks"


GENERAL = "general.deck"


@functools.cache
def general_deck() -> Deck:
    """Sentences that ask what else a model knows: first chosen ones, then those as they came.
    A run that asks them has a copy."""
    return load(shipped() / GENERAL)[0]


def first_deck() -> str:
    """The name of the deck that is opened where none is named: pictures, and their words in the
    language of the program."""
    return FIRST_DECKS[chosen()]


def shelf() -> list[ShelfEntry]:
    """Every deck there is: own ones first, then shipped ones: those for speakers of the program's
    language, those in no language such as sums, and all others; each in the order of their story.
    Of several with one name only the first is listed: the one the name means."""
    shipped_folder = shipped().resolve()
    places = [
        (place, folder)
        for place, folder in folders()
        if place != "here" or folder.resolve() != shipped_folder
    ]
    return sorted(_listed(places), key=lambda entry: _rank(entry, chosen()))


def _rank(entry: ShelfEntry, spoken: str) -> int:
    """Give the place of a deck among others for whoever speaks this language. Decks in no language,
    and those that teach one that the program doesn't speak, belong to the English ones."""
    language = entry.meta.language
    if entry.place != "shipped" or language == spoken:
        return 0
    if spoken == "en":
        return 1 if language in LANGUAGES else 0
    if not language:
        return 1
    return 3 if language in LANGUAGES and language != "en" else 2


def texts() -> list[ShelfEntry]:
    return _listed([(place, folder / TEXTS) for place, folder in folders()])


def word_decks() -> list[ShelfEntry]:
    """The decks that the words of the week compare. No list of decks has them."""
    return _listed([("shipped", shipped() / OF_WORDS)])


def _listed(places: Sequence[tuple[Place, Path]]) -> list[ShelfEntry]:
    entries: dict[str, ShelfEntry] = {}
    for place, folder in places:
        for path in _decks_in(folder):
            if path.stem not in entries and (entry := _entry(path, place)) is not None:
                entries[path.stem] = entry
    return list(entries.values())


def loose() -> list[ShelfEntry]:
    """The `.deck` files of the current folder itself, by name. They are taught by their path."""
    current = Path()
    if any(folder.resolve() == current.resolve() for _, folder in folders()):
        return []
    try:
        with os.scandir(current) as files:
            names = [file.name for file in itertools.islice(files, MAX_LOOSE_NAMES)]
    except OSError:
        return []
    names = sorted(name for name in names if name[0] != "." and name.endswith(".deck"))
    paths = [path for name in names if is_there(path := current / name)][:MAX_LOOSE_DECKS]
    entries = [_entry(path, "here", BEGINNING_BYTES) for path in paths]
    return [entry for entry in entries if entry is not None]


def find(name_or_path: str) -> Path:
    """The file that a user means by a path or by the name of a deck.
    Raises DeckNotFound: there is neither."""
    path = Path(name_or_path)
    is_name = path.name == name_or_path and path.suffix not in SUFFIXES
    if path.name and not is_name and os.path.lexists(path):
        return path
    if is_name or path.parent in (Path(), Path("decks")):
        slug = path.name if is_name else path.stem
        for _, folder in folders():
            for suffix in SUFFIXES:
                if is_there(file := folder / f"{slug}{suffix}"):
                    return file
            for beside in (TEXTS, OF_WORDS):
                if is_there(file := folder / beside / f"{slug}.deck"):
                    return file
    if name_or_path and os.path.lexists(path):
        return path
    known = [entry.slug for entry in (*shelf(), *texts(), *word_decks())]
    hint = did_you_mean(path.stem, known) or "; `flashcards decks` lists those there are"
    if len(name_or_path) > SHOWN_PATH:  # the deck's name is at the end
        name_or_path = f"…{name_or_path[1 - SHOWN_PATH :]}"
    raise DeckNotFound(f"no deck {excerpt(name_or_path, SHOWN_PATH)}{hint}")


def read(path: Path) -> bytes:
    """The bytes of a deck file; never waits for a pipe and never reads without end.
    Raises DeckUnusable: there is no such file, it is none, it is larger than any deck, or a
    program."""
    if path.suffix == ".py" and path.is_file():
        text = f"a Python program, which runs only when told to: flashcards generate {path}"
        raise DeckUnusable(path, (diagnostic("program", 1, 1, printable(text)),))
    with opened(path) as file:
        try:
            data = file.read(MAX_FILE_BYTES + 1)
        except OSError as error:
            raise DeckUnusable(path, (refusal(error, path),)) from None
    if len(data) > MAX_FILE_BYTES:
        most = f"{MAX_FILE_BYTES >> 20} MB and {MAX_CARDS:,} cards"
        text = f"too large; a deck has at most {most}: split it"
        raise DeckUnusable(path, (diagnostic("too-big", 1, 1, text),))
    return data


def opened(path: Path, what: str = "deck") -> BufferedReader:
    """The file, open. Raises DeckUnusable: it can't be read, or is no file."""
    try:
        file = open_at_once(path)
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            file.close()
            text = f"a pipe, socket or device; a {what} is a file"
            raise DeckUnusable(path, (diagnostic("not-a-file", 1, 1, text),))
    except (OSError, ValueError) as error:
        raise DeckUnusable(path, (refusal(error, path),)) from None
    return file


def refusal(error: OSError | ValueError, path: Path) -> Diagnostic:
    match error:
        case FileNotFoundError() | ValueError():
            return diagnostic("not-found", 1, 1, "no such file")
        case IsADirectoryError() | PermissionError() if path.is_dir():
            return diagnostic("is-a-directory", 1, 1, "a folder; name a file in it")
        case OSError(errno=errno.ENXIO):
            return diagnostic("not-a-file", 1, 1, "a pipe, socket or device; a deck is a file")
        case OSError(errno=errno.ELOOP):
            return diagnostic("unreadable", 1, 1, "a link that leads back to itself")
        case _:
            reason = printable(error.strerror or "the system refuses")
            return diagnostic("unreadable", 1, 1, f"cannot be read: {reason}")


def load(path: Path) -> tuple[Deck, tuple[Diagnostic, ...]]:
    """The deck of a file, with its errors and warnings. Raises DeckUnusable: a fatal problem."""
    parsed = parse(read(path), path.name)
    if parsed.deck is None:
        raise DeckUnusable(path, parsed.diagnostics)
    return parsed.deck, parsed.diagnostics


def updates_of(deck: str) -> int:
    """Return how many updates a lesson takes to its own end, by the deck's file; 0 without one."""
    try:
        return head_of(read(find(deck)))[0].meta.updates
    except (DeckNotFound, DeckUnusable):
        return 0


def prompts_of(path: Path) -> tuple[str, ...]:
    """The prompts of a deck's file, in the order of its cards; none when there is no such deck."""
    try:
        return tuple(card.prompt for card in load(path)[0].cards)
    except DeckUnusable:
        return ()


def _decks_in(folder: Path) -> Iterator[Path]:
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return
    paths = [folder / name for name in names if Path(name).suffix in SUFFIXES]
    rank = {slug: index for index, slug in enumerate(_ORDER)}
    paths.sort(key=lambda path: rank.get(path.stem, len(rank)))
    yield from [path for path in paths if is_there(path)][:MAX_SHELF_FILES]


def is_there(path: Path) -> bool:
    """Tell whether there is a file; a path that cannot even be looked at is none."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _entry(path: Path, place: Place, read_bytes: int = MAX_FILE_BYTES) -> ShelfEntry | None:
    """The deck of a file; of one above `read_bytes`, from its beginning."""
    try:
        stat = path.stat()
        return _read_entry(path, place, read_bytes, stat.st_size, stat.st_mtime_ns)
    except OSError:
        return None


@functools.lru_cache(1024)  # lists of decks are opened often, and decks change rarely
def _read_entry(
    path: Path, place: Place, read_bytes: int, n_bytes: int, changed_ns: int
) -> ShelfEntry:
    """The same of a file of this size, as it was changed last. Raises OSError."""
    is_long = n_bytes > read_bytes
    with open_at_once(path) as file:
        data = file.read(BEGINNING_BYTES if is_long else MAX_FILE_BYTES)
    n_read = max(1, len(data))
    front, body_start = head_of(data)
    meta = front.meta
    data = data[body_start:]
    if b"#" in data:
        data = _COMMENT.sub(b"", data)
    if path.suffix == ".tsv" or (b"\t" in data and b" :: " not in data):
        n_cards = data.count(b"\t")
        n_marked = len(_MARKED.findall(data))
    else:
        marked = b"\n".join(_MARKED.findall(data))
        n_cards, n_marked = _n_cards(data), _n_cards(marked)
    if is_long:
        n_cards = n_cards * n_bytes // n_read
        n_marked = n_marked * n_bytes // n_read
    n_held_out = n_marked + round(meta.held_out * (n_cards - n_marked))
    return ShelfEntry(
        path=path,
        slug=path.stem,
        place=place,
        meta=meta,
        n_cards=n_cards,
        n_held_out=n_held_out,
        is_estimate=meta.held_out > 0 or is_long,
    )


def _n_cards(data: bytes) -> int:
    n_blocks = len(_BLOCK.findall(data)) if b"Q:" in data else 0
    return data.count(b" :: ") + 2 * data.count(b" ::: ") + n_blocks
