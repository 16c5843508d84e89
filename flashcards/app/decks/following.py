"""A lesson's deck file while the lesson goes on: takes its saves, and tells what each changed."""

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path

from flashcards.app.room import LineRank, StatusLine
from flashcards.app.run.run import Run
from flashcards.app.session import Session
from flashcards.base.language import tr
from flashcards.cards.diagnostics import written
from flashcards.cards.followed import FollowedDeck, judged
from flashcards.cards.shelf import DeckUnusable, read, shipped
from flashcards.runs import commands, events
from flashcards.wording import facts, numbers

LOOK_EVERY_S = 0.4


class Followed:
    """The deck file of the lesson of the moment; None until the lesson has begun."""

    file: "DeckFile | None" = None


async def follow(session: Session, run: Run) -> None:
    """Teach what is saved, or was since the run was left, into its deck file; tell what changed."""
    followed = session.singleton(Followed)
    followed.file = None
    if run.viewer is not None:
        return
    run.on_event(lambda event: _tell(session, event))
    from flashcards.runs.catalog import was_begun_from

    await run.until(lambda: run.state.start is not None)
    assert run.state.start is not None
    start = run.state.start
    is_begun_now = run.request.resume is None and run.request.branch_of is None
    if not is_begun_now and not was_begun_from(start.run, start.deck_path):
        return
    path = Path(start.deck_path)
    is_own = path.parent.resolve() != shipped().resolve()
    is_new = is_own and run.request.resume is not None
    if is_new:
        is_new = not await asyncio.to_thread(_is_of_branch, path, Path(start.folder))
    followed.file = DeckFile(path, run.send, lambda: _judged(session, followed), is_new=is_new)
    await followed.file.follow()


def _is_of_branch(path: Path, run: Path) -> bool:
    """Tell whether the run is a branch that was taught the file as it is: it may teach another."""
    from flashcards.runs.folder import RunError, RunFolder

    try:
        folder = RunFolder.open(run)
        return bool(folder.info.parent) and folder.has_had_deck(read(path))
    except (OSError, DeckUnusable, RunError):
        return False


def _judged(session: Session, followed: Followed) -> None:
    problem = "" if followed.file is None else followed.file.problem
    if problem:
        session.notify(_not_taught(problem), severity="error", timeout=4)
    session.paint()


def _tell(session: Session, event: events.AnyEvent) -> None:
    """Tell what a save changed, and that a state is damaged; a dialog tells its own."""
    match event:
        case events.ChapterBegan():
            pass  # no save: the line under the lesson tells of it
        case events.DeckChanged(request=0):
            session.notify(_change(event, session.key("restart")), timeout=8, kind="deck")
            session.run.go_on_after_the_end()
        case events.TeachingRefused(request=0):
            session.notify(tr(event.text), severity="error", timeout=8)
        case events.DamageFound():
            session.notify(facts.damaged(event), severity="warning", timeout=20)


def _not_taught(problem: str) -> str:
    return tr("{problem}. Until that is fixed, the deck is taught as it was.", problem=problem)


def _change(change: events.DeckChanged, restart: str) -> str:
    """Say what a save did; `restart` is the key that starts over, offered for another deck."""
    added = f"+{facts.cards(change.n_added)}"
    new_prompts = change.prompts[: change.n_added]
    changed = change.prompts[change.n_added :]
    change_text = tr(
        "{counts}, {n_changed} changed{named}, {n_removed} gone",
        counts=added + _named(new_prompts),
        n_changed=numbers.count(change.n_changed),
        named=_named(changed),
        n_removed=numbers.count(change.n_removed),
    )
    sentence = tr("The deck was saved: {said}", said=change_text)
    notes = [facts.note(note).rstrip(".") for note in change.notes]
    n_cards = change.start.n_taught + change.start.n_held_out
    if 2 * change.n_added > n_cards:
        notes.append(tr("{key} starts over with a model for this deck alone", key=restart))
    return ". ".join([sentence, *notes])


def _named(prompts: tuple[str, ...]) -> str:
    return f" ({', '.join(prompts)})" if prompts else ""


def line(session: Session) -> StatusLine | None:
    deck_file = session.singleton(Followed).file
    if deck_file is None or not deck_file.problem:
        return None
    return StatusLine(LineRank.DECK, _not_taught(deck_file.problem))


class DeckFile:
    """One lesson's deck file. `problem`: why its last save isn't taught, as `check` writes it."""

    def __init__(
        self,
        path: Path,
        send: Callable[[commands.AnyCommand], None],
        on_judged: Callable[[], None],
        *,
        is_new: bool = False,
    ) -> None:
        """A lesson goes on with the file as it is now when `is_new`, else from its next save on."""
        self.problem = ""
        self._path = path
        self._send = send
        self._on_judged = on_judged
        self.followed: FollowedDeck | None = None
        self._n_broken = 0
        self._is_new = is_new

    async def follow(self, every_s: float = LOOK_EVERY_S) -> None:
        await asyncio.to_thread(self._begin)
        while True:
            await asyncio.sleep(every_s)
            text = await asyncio.to_thread(self._look)
            if text is None:
                continue
            if not self.problem:
                self._send(commands.TakeDeck(text=text))
            self._on_judged()

    def _begin(self) -> None:
        """A deck may be taught with broken lines: those it had are no reason to refuse a save."""
        self.followed = FollowedDeck(self._path, is_new=self._is_new)
        with contextlib.suppress(DeckUnusable):
            self._n_broken = len(judged(read(self._path), self._path.name))

    def _look(self) -> str | None:
        """The deck's new text, "" when it can't be one; None when nothing was saved."""
        assert self.followed is not None
        try:
            data = self.followed.new_version()
        except DeckUnusable as error:
            self.problem = written(error.diagnostics[0], self._path.name)
            return ""
        if data is None:
            return None
        problems = judged(data, self._path.name)
        is_fatal = any(problem.level == "fatal" for problem in problems)
        if is_fatal or len(problems) > self._n_broken:
            self.problem = written(problems[0], self._path.name)
            return ""
        self.problem = ""
        self._n_broken = len(problems)
        return data.decode("utf-8")
