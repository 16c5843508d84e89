"""Actions for writing decks: edit the lesson's, begin a new one, teach what was written.
While the user's own editor has the terminal, events are read and nothing may be painted."""

import asyncio
import contextlib
import os
import shlex
import shutil
import signal
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

from msgspec.structs import replace
from textual.app import SuspendNotSupported
from textual.screen import ModalScreen

from flashcards.app.decks.library import Library
from flashcards.app.run.run import NoAnswer
from flashcards.app.session import Session
from flashcards.base import files
from flashcards.base.keyed_text import key_name
from flashcards.base.language import capital, tr
from flashcards.base.system import terminal_modes_kept
from flashcards.cards import own_decks, shelf
from flashcards.cards.card import Deck
from flashcards.cards.card_edits import CannotWrite, with_share_kept_back
from flashcards.cards.diagnostics import written
from flashcards.cards.format import parse
from flashcards.cards.printable import printable
from flashcards.cards.split import to_keep_back
from flashcards.cards.text import load_either
from flashcards.runs import commands, events
from flashcards.runs.catalog import RunSummary, summary_of

CUT_PATIENCE_S = 5.0


async def edit_lesson(session: Session, is_inside: bool) -> None:
    """Edit the lesson's deck, or a copy of a shipped one; `is_inside`: in the editor in here."""
    path = await _lesson_path(session)
    if path is None:
        _say_that_it_is_gone(session)
        return
    await edit_deck(session, path, is_inside=is_inside)


def _say_that_it_is_gone(session: Session) -> None:
    deck = printable(session.run.request.deck)
    problem = tr("{path} is not there any more, so it can't be edited.", path=deck)
    session.notify(problem, severity="warning")


async def edit_deck(session: Session, path: Path, *, is_inside: bool = False) -> None:
    if own_decks.is_shipped(path):
        await _edit_copy(session, path, is_inside=is_inside)
        return
    before = _bytes(path)
    await edit(session, path, is_inside=is_inside)
    start = session.state.start
    is_followed = start is not None and _is_file(Path(start.deck_path), path)
    if (not is_followed or session.run.is_over) and _bytes(path) != before:
        await _teach(session, path)


async def _edit_copy(session: Session, path: Path, *, is_inside: bool) -> None:
    copy = own_decks.copy_name(path)
    is_there = copy.is_file()
    if not await _wants_copy(session, path, copy, is_there):
        return
    try:
        own_decks.own_copy(path)
    except (files.Refused, shelf.DeckUnusable) as refusal:
        session.notify(str(refusal), severity="error", timeout=8)
        return
    await edit(session, copy, is_inside=is_inside)
    if _bytes(copy) == _bytes(path):
        if not is_there:
            copy.unlink(missing_ok=True)
        name = printable(path.stem)
        notice = tr("Nothing was changed in {name}: the lesson goes on.", name=name)
        session.notify(notice, timeout=5)
    else:
        await _teach(session, copy)


async def new(session: Session) -> None:
    text = tr("It begins with five cards, and with notes on how cards are written.")
    path = await _written(session, text, own_decks.new_deck)
    if path is not None:
        await edit(session, path)
        await _teach(session, path)


def teaches_all(session: Session) -> bool:
    """Tell whether this lesson teaches every card of a deck, and could begin anew without some."""
    start = session.state.start
    return (
        start is not None
        and "keep_back" not in session.kind.lacks
        and not start.n_held_out
        and not start.is_shuffled
        and session.run.viewer is None
    )


async def keep_back(session: Session) -> None:
    """Write a share that is kept back into the lesson's deck, and begin the lesson anew."""
    path = await _lesson_path(session)
    start = session.state.start
    if path is None or start is None:
        _say_that_it_is_gone(session)
        return
    target = own_decks.copy_name(path) if own_decks.is_shipped(path) else path
    try:
        deck = await asyncio.to_thread(_without_some, target if target.is_file() else path)
    except (shelf.DeckUnusable, CannotWrite) as problem:
        session.notify(capital(f"{problem}."), severity="warning", timeout=8)
        return
    if await _wants_some_kept_back(session, deck, target, is_copy=target != path):
        try:
            await asyncio.to_thread(_save_kept_back, path, target)
        except (files.Refused, shelf.DeckUnusable, CannotWrite) as refusal:
            session.notify(str(refusal), severity="error", timeout=8)
            return
        session.begin_again(start.seed, session.model, str(target))
        if target != path:
            _say_that_it_is_own(session, target)


def _without_some(path: Path) -> Deck:
    """The deck with some of its cards kept back, as its file says already or is proposed.
    Raises DeckUnusable: it can't be read. Raises CannotWrite: there are too few cards."""
    deck, _ = shelf.load(path)
    if deck.never_seen:
        return deck
    offer = to_keep_back(deck.groups)
    parsed = parse(shelf.read(path), path.name)
    changed = with_share_kept_back(parsed.document, offer.share).deck
    if changed is None or not changed.never_seen:
        raise CannotWrite(tr("there are too few cards to keep one back"))
    return changed


def _save_kept_back(path: Path, target: Path) -> None:
    if target != path:
        own_decks.own_copy(path)
    own_decks.save(target, _without_some(target).text.encode("utf-8", "surrogateescape"))


async def _wants_some_kept_back(session: Session, deck: Deck, path: Path, *, is_copy: bool) -> bool:
    from flashcards.app.widgets.dialog import Choice, ChoiceScreen

    n, n_cards = len(deck.never_seen), len(deck.cards)
    choices = (
        Choice(
            tr("keep {n:,} of {n_cards:,} back", n=n, n_cards=n_cards),
            tr("They are asked and never taught. The lesson begins anew."),
            True,
        ),
        Choice(tr("cancel"), tr("The lesson goes on."), False),
    )
    text = tr("Every card is taught, so nothing shows whether it understands.")
    if deck.meta.held_out:
        effect = "{name} gets the line held_out = {share}."
        if is_copy:
            effect = "{name}, your own copy of the deck, gets the line held_out = {share}."
        share = f"{deck.meta.held_out:g}"  # what a deck file says: always with a point
        text = f"{text} {tr(effect, name=printable(path.name), share=share)}"
    screen: ChoiceScreen[bool] = ChoiceScreen(tr("Keep some cards back?"), text, choices)
    return await session.dialog(screen) is True


async def paste(session: Session) -> None:
    from flashcards.app.decks.paste_screen import Draft, PasteScreen, described

    draft = session.singleton(Draft)
    pasted = await session.dialog(PasteScreen(draft))
    if pasted is None:
        return
    folder = None if pasted.deck is not None else own_decks.own_folder() / shelf.TEXTS
    create = partial(own_decks.new_deck, folder=folder, text=pasted.text)
    path = await _written(session, described(pasted), create, pasted.stem)
    if path is not None:
        draft.text = ""
        await _teach(session, path)


async def _written(
    session: Session, text: str, create: Callable[[str], Path], name: str = ""
) -> Path | None:
    from flashcards.app.textual_fixes.screens import PromptInput
    from flashcards.app.widgets.dialog import LineDialog

    async def write(name: str) -> Path:
        return await asyncio.to_thread(create, name)

    line, hint = PromptInput(name, placeholder=tr("its name")), tr("enter write it · esc cancel")
    return await session.dialog(LineDialog(tr("A new deck"), line, hint, write, text))


async def edit(session: Session, path: Path, *, is_inside: bool = False) -> None:
    command = [] if is_inside else editor_command(os.environ)
    if command and shutil.which(command[0]) is None:
        missing = no_editor(command[0], os.strerror(2))
        session.notify(missing, severity="warning", timeout=8)
        command = []
    if command:
        with contextlib.suppress(SuspendNotSupported):
            problem = await edit_away(session, command, path)
            session.paint()
            if problem:
                session.notify(problem, severity="warning", timeout=8)
            return
    await _edit_inside(session, path)


async def _edit_inside(session: Session, path: Path) -> None:
    from flashcards.app.decks.card_reading import pieces_of_run
    from flashcards.app.decks.editor import MAX_FILE_BYTES, EditScreen, can_hold

    in_front = session.shell.screen
    try:
        data = await asyncio.to_thread(shelf.read, path)
        is_held = can_hold(data.decode("utf-8"))
    except shelf.DeckUnusable as error:
        session.notify(str(error), severity="error", timeout=8)
        return
    except UnicodeDecodeError:
        is_held = False
    if len(data) > MAX_FILE_BYTES or not is_held:
        problem = tr(
            "{name} has characters that the editor in here can't keep; set EDITOR.",
            name=printable(path.name),
        )
        if is_held:
            problem = tr(
                "The editor in here takes files up to {megabytes} MB; set EDITOR to your own.",
                megabytes=MAX_FILE_BYTES // 1_000_000,
            )
        session.notify(problem, severity="warning", timeout=8)
        return
    start, pieces = session.state.start, None
    cut_texts = None
    if start is not None and _is_file(Path(start.deck_path), path):
        pieces = await asyncio.to_thread(pieces_of_run, Path(start.folder))
        pieces = pieces and replace(pieces, is_filled=start.filled_to > 0)
        cut_texts = partial(_cut, session)
    if session.shell.screen is in_front or not isinstance(session.shell.screen, ModalScreen):
        await session.dialog(EditScreen(path, data, pieces, cut_texts))
    # else another key opened a dialog meanwhile: that one was wanted last


async def _cut(session: Session, texts: tuple[str, ...]) -> events.TextsCut | None:
    try:
        return await session.ask(commands.CutTexts(texts=texts), events.TextsCut, CUT_PATIENCE_S)
    except NoAnswer:
        return None


async def _lesson_path(session: Session) -> Path | None:
    start = session.state.start
    if start is not None:
        path = Path(start.deck_path)
        return path if path.is_file() else None
    try:
        return await asyncio.to_thread(shelf.find, session.run.request.deck)
    except shelf.DeckNotFound:
        return None


async def _wants_copy(session: Session, path: Path, copy: Path, is_there: bool) -> bool:
    from flashcards.app.widgets.dialog import Choice, ChoiceScreen

    name = printable(copy.stem)
    begins = tr("A lesson on {name} begins when you have saved and left.", name=name)
    choices = (
        Choice(tr("edit a copy"), begins, True),
        Choice(tr("cancel"), tr("The lesson goes on."), False),
    )
    text = tr(
        "{name} came with the program and stays as it is. You edit {which}, {stem}, in {parent}.",
        name=printable(path.stem),
        which=tr("your copy") if is_there else tr("a copy"),
        stem=name,
        parent=printable(str(copy.parent)),
    )
    screen: ChoiceScreen[bool] = ChoiceScreen(capital(tr("edit a copy")) + "?", text, choices)
    return await session.dialog(screen) is True


async def _teach(session: Session, path: Path) -> None:
    try:
        await asyncio.to_thread(load_either, path)
    except shelf.DeckUnusable as error:
        fatal = next(problem for problem in error.diagnostics if problem.level == "fatal")
        sentence = "{problem}. It is not taught yet: {decks}, then F4 on it, edits it."
        warning = tr(sentence, problem=written(fatal, path.name), decks=session.key("decks"))
        session.notify(warning, severity="warning", timeout=12)
        return
    session.open_deck(str(path))
    _say_that_it_is_own(session, path)


def _say_that_it_is_own(session: Session, path: Path) -> None:
    text = "This is your own deck now: {name}, in {folder}."
    notice = tr(text, name=printable(path.stem), folder=printable(str(path.parent)))
    session.notify(notice, timeout=8)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _is_file(path: Path, other: Path) -> bool:
    try:
        return path.samefile(other)
    except OSError:
        return False


async def choose(session: Session) -> None:
    from flashcards.app.decks.picker import DecksScreen

    hint = tr(
        "Buzzwords, each shown live: press {esc} and {palette} and type {command}",
        esc=key_name(tr("esc")),
        palette=session.key("palette"),
        command=session.command("word"),
    )
    library = session.singleton(Library)
    decks = DecksScreen(
        library,
        session.runs_root,
        model=session.model,
        hint=hint,
        hides_outcomes=session.class_mode.is_on,
        known=_known(session),
    )
    chosen = await session.dialog(decks)
    if isinstance(chosen, Path):
        await edit_deck(session, chosen)
    elif chosen is not None:
        session.open_deck(chosen, decks.model)


async def choose_after(session: Session, is_rewarded: bool) -> None:
    from flashcards.app.decks.picker import DecksScreen

    start = session.state.start
    if start is None or session.state.step == 0:
        session.notify(tr("It knows nothing yet: teach it this deck first."), timeout=5)
        return
    if start.is_shuffled:
        session.notify(tr("Shuffled answers are nothing to build on."), timeout=5)
        return
    title = tr("Reward it on…") if is_rewarded else tr("Then teach it…")
    library, root = session.singleton(Library), session.runs_root
    is_hidden = session.class_mode.is_on
    chosen = await session.dialog(
        DecksScreen(
            library,
            root,
            title,
            judged_first=is_rewarded,
            hides_outcomes=is_hidden,
            known=_known(session),
        )
    )
    session.unnotify("reward")
    if isinstance(chosen, str):
        session.open_after(chosen, is_rewarded=is_rewarded)


def _known(session: Session) -> dict[Path, RunSummary]:
    """Return the progress of the run that is taught here: its log grows all the time."""
    start = session.state.start
    is_taught = start is not None and session.run.viewer is None
    return {Path(start.folder): summary_of(session.state)} if start and is_taught else {}


_RESET = "\x1b[?1049l\x1b[?2004l\x1b[?1000;1002;1003;1006l\x1b[?25h\x1b[0m\r\n"
"""Codes that undo what a crashed editor may have left: its screen, pasting, mouse, no cursor."""


def editor_command(environ: Mapping[str, str]) -> list[str]:
    """$VISUAL or $EDITOR with its arguments; empty when there is neither."""
    for name in ("VISUAL", "EDITOR"):
        text = environ.get(name, "").strip()
        if text:
            try:
                return shlex.split(text, posix=os.name != "nt")
            except ValueError:
                # A quotation mark that is never closed: a path with one in it, perhaps.
                return text.split()
    return []


async def edit_away(session: Session, command: list[str], path: Path) -> str:
    """Give the editor the terminal; what went wrong, else "". Raises SuspendNotSupported."""
    cancelled: asyncio.CancelledError | None = None
    problem = ""
    # Textual's `suspend` comes back only from a block that doesn't raise.
    with session.lend_terminal(), terminal_modes_kept(), _interrupts_left_to_the_editor():
        names = {"editor": printable(command[0]), "name": printable(path.name)}
        notice = tr("{editor}: {name}. The lesson goes on; close the file to see it.", **names)
        print(notice, flush=True)
        try:
            problem = await edited_by(command, path)
        except asyncio.CancelledError as error:
            cancelled = error
        if problem:
            print(_RESET, end="", flush=True)
    if cancelled is not None:
        raise cancelled
    return problem


def no_editor(name: str, reason: str) -> str:
    text = "The editor {name} can't be started: {reason}. The one in here is open instead."
    return tr(text, name=name, reason=reason)


async def edited_by(command: list[str], path: Path) -> str:
    name = printable(command[0])
    try:
        # From the root on: a deck called `+:!touch X` is a file to the editor, not an argument.
        process = await asyncio.create_subprocess_exec(*command, str(path.absolute()))
    except (OSError, ValueError) as error:
        return no_editor(name, printable(getattr(error, "strerror", None) or str(error)))
    try:
        code = await process.wait()
    except asyncio.CancelledError:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        raise
    if not code:
        return ""
    how = tr("by signal {code}", code=-code) if code < 0 else tr("with exit code {code}", code=code)
    return tr("{name} ended {how}. The deck is what was saved last.", name=name, how=how)


@contextlib.contextmanager
def _interrupts_left_to_the_editor() -> Iterator[None]:
    """Ctrl-C reaches all that share the terminal; it is meant for the editor alone."""
    kinds = [
        kind for name in ("SIGINT", "SIGQUIT") if (kind := getattr(signal, name, None)) is not None
    ]
    # A function, since an ignored signal would be ignored by the editor, too.
    before = [signal.signal(kind, lambda *_: None) for kind in kinds]
    yield
    for kind, handler in zip(kinds, before, strict=True):
        signal.signal(kind, handler)
