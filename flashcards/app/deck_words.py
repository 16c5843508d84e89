"""Every sentence about writing decks: the editor, new decks, the trash."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from flashcards.app.numbers import count
from flashcards.cards.diagnostics import Diagnostic
from flashcards.cards.printable import printable

EDIT_TITLE = "Edit"
EDIT_KEYS = (("save", "ctrl+s save"), ("next_problem", "F8 next problem"), ("leave", "esc back"))
EDIT_KEYS_SHORT = (EDIT_KEYS[0], EDIT_KEYS[2])
UNSAVED = "not saved"
SAVED = "saved"
CHANGED_OUTSIDE = "Another program has saved this file since. ctrl+s once more replaces it."
LOOKING = "reading…"
NO_PROBLEM = "✓ every line is read as you see it below"
NO_CARD = "no card in this line"
END = "⏎"

LEAVE_TITLE = "Leave the editor?"
LEAVE_SAVE = "save and leave"
LEAVE_SAVE_DOES = "The deck is what you see."
LEAVE_DROP = "leave without saving"
LEAVE_DROP_DOES = "What you wrote since the last save is lost."
CANCEL = "cancel"
LEAVE_STAY = "Go on writing."

COPY_TITLE = "Edit a copy?"
COPY = "edit a copy"
STAY = "The lesson goes on."

NEW_TITLE = "A new deck"
NEW_TEXT = "It begins with five cards, and with notes on how cards are written."
NEW_PLACEHOLDER = "its name"
NEW_HINT = "enter write it · esc cancel"

DELETE_TITLE = "Delete this deck?"
DELETE = "move it to the trash"
SHIPPED_STAY = "Shipped decks can't be deleted."
KEEP = "keep it"
KEEP_DOES = "Nothing happens."
NOT_TAUGHT = "held out: asked, never taught"
BY_SHARE = "held out by the deck's share: asked, never taught"
TAUGHT = "taught"


def away(name: str, editor: str) -> str:
    """The line an editor with a window of its own leaves to be seen in the terminal."""
    return f"{printable(editor)}: {printable(name)}. The lesson goes on; close the file to see it."


def no_editor(name: str, reason: str) -> str:
    """The user's editor can't be started."""
    return f"The editor {name} can't be started: {reason}. The one in here is open instead."


def editor_failed(name: str, code: int) -> str:
    """The user's editor ended badly."""
    how = f"by signal {-code}" if code < 0 else f"with exit code {code}"
    return f"{name} ended {how}. The deck is what was saved last."


def copy_text(name: str, copy: Path, is_there: bool) -> str:
    """Why a copy is edited."""
    which = "your copy" if is_there else "a copy"
    return (
        f"{printable(name)} came along with the program and stays as it is. You edit {which}, "
        f"{printable(copy.stem)}, in {printable(str(copy.parent))}."
    )


def copy_does(name: str) -> str:
    """What the first choice does."""
    return f"A lesson on {printable(name)} begins when you have saved and left."


def unchanged(name: str) -> str:
    """A copy was not changed."""
    return f"Nothing was changed in {printable(name)}: the lesson goes on."


def begun(name: str, folder: Path) -> str:
    """A lesson on an own deck begins."""
    return f"This is your own deck now: {printable(name)}, in {printable(str(folder))}."


def unusable(problem: str, decks: str) -> str:
    """The deck can't be taught as it is."""
    return f"{problem}. It is not taught yet: {decks}, then F4 on it, edits it."


def deck_gone(path: str) -> str:
    """There is no file to edit."""
    return f"{printable(path)} is not there any more, so it can't be edited."


def too_big(megabytes: int) -> str:
    """The editor in here is for decks written by hand."""
    return f"The editor in here takes files up to {megabytes} MB; set EDITOR to your own."


def not_text(name: str) -> str:
    """The editor in here would change what it can't show."""
    return f"{printable(name)} has characters that the editor in here can't keep; set EDITOR."


def cards(n_taught: int, n_held_out: int) -> str:
    """50 taught, 20 held out."""
    return f"{count(n_taught)} taught, {count(n_held_out)} held out"


def at_line(problem: Diagnostic) -> str:
    """A problem of another line."""
    return f"line {count(problem.line)}: {problem.text}"


def more(n: int, first: str) -> str:
    """Problems elsewhere."""
    return f"{first}" if n == 1 else f"{first} · and {count(n - 1)} more"


def pieces_of(kind: str) -> str:
    """How a deck with such a tokenizer is cut."""
    if kind == "word":
        return "whole words, learned from the whole deck when its lesson begins"
    return f"{kind} pieces, learned from the whole deck when its lesson begins"


def unknown(letters: Sequence[str]) -> str:
    """Letters that the tokenizer of the lesson has no piece for."""
    return f"{', '.join(letters)} not learned: cut into bytes"


def delete_does(trash: Path) -> str:
    """Where it goes."""
    return f"{printable(str(trash))} keeps it."


def deleted(target: Path) -> str:
    """Where it went."""
    return f"It is in the trash: {printable(str(target))}"
