"""Every sentence about writing decks: the editor, new decks, the trash."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from flashcards.app.kit.numbers import count
from flashcards.cards.diagnostics import Diagnostic
from flashcards.cards.printable import printable
from flashcards.language import say

EDIT_TITLE = say("Edit")
EDIT_KEYS = (
    ("save", say("ctrl+s save")),
    ("next_problem", say("F8 next problem")),
    ("leave", say("esc back")),
)
EDIT_KEYS_SHORT = (EDIT_KEYS[0], EDIT_KEYS[2])
UNSAVED = say("not saved")
SAVED = say("saved")
CHANGED_OUTSIDE = say("Another program has saved this file since. ctrl+s once more replaces it.")
LOOKING = say("reading…")
NO_PROBLEM = say("✓ every line is read as you see it below")
NO_CARD = say("no card in this line")
END = "⏎"

LEAVE_TITLE = say("Leave the editor?")
LEAVE_SAVE = say("save and leave")
LEAVE_SAVE_DOES = say("The deck is what you see.")
LEAVE_DROP = say("leave without saving")
LEAVE_DROP_DOES = say("What you wrote since the last save is lost.")
CANCEL = say("cancel")
LEAVE_STAY = say("Go on writing.")

COPY_TITLE = say("Edit a copy?")
COPY = say("edit a copy")
STAY = say("The lesson goes on.")

NEW_TITLE = say("A new deck")
NEW_TEXT = say("It begins with five cards, and with notes on how cards are written.")
NEW_PLACEHOLDER = say("its name")
NEW_HINT = say("enter write it · esc cancel")

DELETE_TITLE = say("Delete this deck?")
DELETE = say("move it to the trash")
SHIPPED_STAY = say("Shipped decks can't be deleted.")
KEEP = say("keep it")
KEEP_DOES = say("Nothing happens.")
NOT_TAUGHT = say("held out: asked, never taught")
BY_SHARE = say("held out by the deck's share: asked, never taught")
TAUGHT = say("taught")


def away(name: str, editor: str) -> str:
    """The line an editor with a window of its own leaves to be seen in the terminal."""
    return say(
        "{editor}: {name}. The lesson goes on; close the file to see it.",
        editor=printable(editor),
        name=printable(name),
    )


def no_editor(name: str, reason: str) -> str:
    """The user's editor can't be started."""
    return say(
        "The editor {name} can't be started: {reason}. The one in here is open instead.",
        name=name,
        reason=reason,
    )


def editor_failed(name: str, code: int) -> str:
    """The user's editor ended badly."""
    how = (
        say("by signal {code}", code=-code) if code < 0 else say("with exit code {code}", code=code)
    )
    return say("{name} ended {how}. The deck is what was saved last.", name=name, how=how)


def copy_text(name: str, copy: Path, is_there: bool) -> str:
    """Why a copy is edited."""
    which = say("your copy") if is_there else say("a copy")
    return say(
        "{name} came along with the program and stays as it is. You edit {which}, "
        "{stem}, in {parent}.",
        name=printable(name),
        which=which,
        stem=printable(copy.stem),
        parent=printable(str(copy.parent)),
    )


def copy_does(name: str) -> str:
    """What the first choice does."""
    return say("A lesson on {name} begins when you have saved and left.", name=printable(name))


def unchanged(name: str) -> str:
    """A copy was not changed."""
    return say("Nothing was changed in {name}: the lesson goes on.", name=printable(name))


def begun(name: str, folder: Path) -> str:
    """A lesson on an own deck begins."""
    return say(
        "This is your own deck now: {name}, in {folder}.",
        name=printable(name),
        folder=printable(str(folder)),
    )


def unusable(problem: str, decks: str) -> str:
    """The deck can't be taught as it is."""
    return say(
        "{problem}. It is not taught yet: {decks}, then F4 on it, edits it.",
        problem=problem,
        decks=decks,
    )


def deck_gone(path: str) -> str:
    """There is no file to edit."""
    return say("{path} is not there any more, so it can't be edited.", path=printable(path))


def too_big(megabytes: int) -> str:
    """The editor in here is for decks written by hand."""
    return say(
        "The editor in here takes files up to {megabytes} MB; set EDITOR to your own.",
        megabytes=megabytes,
    )


def not_text(name: str) -> str:
    """The editor in here would change what it can't show."""
    return say(
        "{name} has characters that the editor in here can't keep; set EDITOR.",
        name=printable(name),
    )


def cards(n_taught: int, n_held_out: int) -> str:
    """50 taught, 20 held out."""
    return say(
        "{n_taught} taught, {n_held_out} held out",
        n_taught=count(n_taught),
        n_held_out=count(n_held_out),
    )


def at_line(problem: Diagnostic) -> str:
    """A problem of another line."""
    return say("line {line}: {text}", line=count(problem.line), text=problem.text)


def more(n: int, first: str) -> str:
    """Problems elsewhere."""
    return f"{first}" if n == 1 else say("{first} · and {n} more", first=first, n=count(n - 1))


def pieces_of(kind: str) -> str:
    """How a deck with such a tokenizer is cut."""
    if kind == "word":
        return say("whole words, learned from the whole deck when its lesson begins")
    return say("{kind} pieces, learned from the whole deck when its lesson begins", kind=kind)


def unknown(letters: Sequence[str]) -> str:
    """Letters that the tokenizer of the lesson has no piece for."""
    return say("{letters} not learned: cut into bytes", letters=", ".join(letters))


def delete_does(trash: Path) -> str:
    """Where it goes."""
    return say("{trash} keeps it.", trash=printable(str(trash)))


def deleted(target: Path) -> str:
    """Where it went."""
    return say("It is in the trash: {target}", target=printable(str(target)))
