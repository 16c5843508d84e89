"""The user's own decks: made, copied from a shipped one, saved, and moved to the trash.

No function replaces a file, except `save`.
"""

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

from flashcards.base import files, system
from flashcards.base.language import tr
from flashcards.cards import front_matter, shelf
from flashcards.cards.diagnostics import excerpt
from flashcards.cards.printable import printable

MAX_NAME_CHARACTERS = 60
_FORBIDDEN = '/\\:*?"<>|'
_RESERVED = frozenset(
    {"con", "prn", "aux", "nul", "conin$", "conout$"}
    | {f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10)}
)

DECK = """\
+++
name = {name}
{kept_back}
+++
# A card is a line: what is asked, then :: with spaces around it, then
# the answer.
#   cat :: chat | minou   teaches chat; minou is right, too
#   ? horse :: cheval     with ? in front: asked, never taught
#   seven ::: sept        is taught in both directions
#   [animals]             begins a section
# Lines like this one are notes. Write your cards in place of these
# five, and save: a lesson that goes on takes them up at once.

one :: un
two :: deux
three :: trois
four :: quatre
five :: cinq
"""

ALL_ARE_TAUGHT = "# held_out = 0.1    asks a tenth of the cards and never teaches it"
SHARE_KEPT_BACK = "held_out = {share:g}    # this share of the cards is asked and never taught"

PROGRAM = '''\
"""Makes the deck {name}: flashcards generate {file}

Runs on its own, without the files around it. What it prints is shown, and is no card.
"""

DECK = {{"name": {name}{kept_back}}}  # the deck's front matter


def cards():
    """Yield the cards: what is asked, then the answer; more answers count as right, too."""
    for a in range(10):
        for b in range(10):
            yield f"{{a}}x{{b}}", a * b
'''


def own_folder() -> Path:
    """Return the folder of new decks: `decks/` of the current folder when there is one, else the
    user's own. It is never the folder of the shipped decks."""
    (_, beside), (_, own), _ = shelf.folders()
    if beside.is_dir() and beside.resolve() != shelf.shipped().resolve():
        return beside.absolute()
    return own


def is_shipped(path: Path) -> bool:
    return path.resolve().parent == shelf.shipped().resolve()


def checked_name(typed: str, suffix: str = ".deck") -> str:
    """The name of a new deck as a file's stem. Raises Refused: no file should be called so."""
    name = typed.strip().removesuffix(suffix).strip()
    if not name:
        raise files.Refused(tr("A deck needs a name."))
    for wrong in filter(_FORBIDDEN.__contains__, name):
        raise files.Refused(tr("A name has no {wrong} in it.", wrong=wrong))
    if name != printable(name) or not name.isprintable():
        raise files.Refused(tr("A name has only letters that can be seen."))
    if name[0] in ".-" or name[-1] == ".":
        raise files.Refused(tr("A name neither begins with . or - nor ends with a dot."))
    if len(name) > MAX_NAME_CHARACTERS or len(name.encode()) > 3 * MAX_NAME_CHARACTERS:
        raise files.Refused(tr("A name has at most {n} characters.", n=MAX_NAME_CHARACTERS))
    if name.partition(".")[0].strip().casefold() in _RESERVED:
        raise files.Refused(tr("{name} is no file's name on Windows; take another.", name=name))
    return name


def new_deck(typed: str, folder: Path | None = None, text: str = "") -> Path:
    """Write a new deck, from the template without a text; its path. `folder`: where; None is
    `own_folder()`, and then no other deck may have the name.
    Raises Refused: the name is no good or taken, or the system refuses."""
    name = checked_name(typed)
    if folder is None:
        folder = own_folder()
        if any(entry.slug.casefold() == name.casefold() for entry in shelf.shelf()):
            problem = tr("There is a deck {name} already; take another name.", name=excerpt(name))
            raise files.Refused(problem)
    path = folder / f"{name}.deck"
    create(path, (text or deck_text(name)).encode("utf-8", "surrogatepass"))
    return path


def copy_name(path: Path) -> Path:
    """Return the path of the user's own copy of a shipped deck, whether there is one or not."""
    return own_folder() / f"my-{path.name}"


def own_copy(path: Path) -> Path:
    """The user's own copy of a shipped deck, made when there is none.
    Raises Refused: the system refuses. Raises DeckUnusable: the shipped deck can't be read."""
    copy = copy_name(path)
    if not copy.is_file():
        create(copy, shelf.read(path))
    return copy


def create(path: Path, data: bytes) -> None:
    """Write a file that is not there yet, whole or not at all; its folder is made.
    Raises Refused: it is there already, or the system refuses."""
    with _refusals(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        files.put(data, path, is_forced=False)


def save(path: Path, data: bytes) -> None:
    """Put new text in a file's place, whole or not at all; its rights, and a link to it, stay.
    Raises Refused: the system refuses."""
    with _refusals(path):
        path = path.resolve()
        with files.temporary_beside(path, data) as temporary:
            if path.exists():
                shutil.copymode(path, temporary)
            system.replace(temporary, path)


def trash_folder() -> Path:
    _, (_, own), _ = shelf.folders()
    return own.parent / "trash"


def to_trash(path: Path) -> Path:
    """Move a deck to the trash folder; where it lies there.
    Raises Refused: it is a shipped deck, or the system refuses."""
    if is_shipped(path):
        raise files.Refused(tr("Shipped decks can't be deleted."))
    trash = trash_folder()
    with _refusals(path):
        trash.mkdir(parents=True, exist_ok=True)
        number = 1
        while True:
            stem = path.stem if number == 1 else f"{path.stem}-{number}"
            target = trash / f"{stem}{path.suffix}"
            try:
                # Of a link the text moves; what it points to stays.
                (files.copy if path.is_symlink() else files.link)(path, target)
            except FileExistsError:
                number += 1
            else:
                path.unlink()
                return target


@contextlib.contextmanager
def _refusals(path: Path) -> Iterator[None]:
    name = printable(str(path))
    try:
        yield
    except FileExistsError:
        raise files.Refused(tr("{name} is there already.", name=name)) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or tr("no such place")
        raise files.Refused(f"{name}: {printable(reason)}.") from None


def deck_text(name: str, keep_back: float = 0.0) -> str:
    """The template of a deck; `keep_back`: the share of its cards that is never taught."""
    kept_back = SHARE_KEPT_BACK.format(share=keep_back) if keep_back else ALL_ARE_TAUGHT
    return DECK.format(name=front_matter.toml_text(name), kept_back=kept_back)


def program_text(name: str, file: str, keep_back: float = 0.2) -> str:
    """The template of a program. It makes the cards of a rule, so without another wish a fifth of
    them is never taught."""
    kept_back = f', "held_out": {keep_back:g}' if keep_back else ""
    return PROGRAM.format(name=front_matter.toml_text(name), file=file, kept_back=kept_back)
