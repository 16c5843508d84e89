"""The session: what a room may do. Rooms get a `Session`; none knows the app, nor another room."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast

import msgspec
from textual.notifications import SeverityLevel
from textual.screen import ModalScreen, Screen

from flashcards.app.class_mode import OUTCOME_KEYS, ClassMode, without_outcomes
from flashcards.app.density import Density
from flashcards.app.keymap import Keymap
from flashcards.app.room import Key, keys_as_text, load
from flashcards.app.run.earlier_runs import N_OPENING_STEPS
from flashcards.app.run.run import ANSWER_PATIENCE_S, Question, Reply, Run, first_of
from flashcards.app.run.sources import NoMachine, Teacher, no_model
from flashcards.app.run.travel import Travel
from flashcards.app.textual_fixes.screens import Answer
from flashcards.base.keyed_text import key_name
from flashcards.base.language import tr
from flashcards.runs import commands, events
from flashcards.runs.state import RunState
from flashcards.trainer.request import LessonRequest, TravelRequest
from flashcards.wording.run_kinds import CardRun, kind_of

if TYPE_CHECKING:
    from flashcards.app.widgets.ballot import Ballot

Singleton = TypeVar("Singleton")


class Shell(Protocol):
    """The app as a session needs it and hands it on: showing, saying, asking, spawning."""

    view_name: str
    offered_key: str  # the id of the key that the line under the lesson names

    @property
    def screen(self) -> Screen[Any]: ...
    @property
    def front(self) -> Screen[Any] | None: ...  # of all but dialogs
    @property
    def shows_past(self) -> bool: ...
    @property
    def theme_names(self) -> list[str]: ...
    def wear_theme(self, name: str) -> None: ...
    def batch_update(self) -> AbstractContextManager[None]: ...
    def suspend(self) -> AbstractContextManager[None]: ...
    def refresh(self, *, layout: bool) -> object: ...
    def copy_to_clipboard(self, text: str) -> None: ...
    def paint(self) -> None: ...
    def show_view(self, name: str) -> None: ...
    def action_do(self, id_: str) -> None: ...
    def say(
        self,
        message: str,
        *,
        severity: SeverityLevel = "information",
        timeout: float = 5.0,
        kind: str = "",
        title: str = "",
    ) -> None: ...
    def unsay(self, kind: str) -> None: ...
    async def ask_person(self, screen: Screen[Answer]) -> Answer | None: ...
    def begin(
        self, work: Coroutine[Any, Any, None], group: str = "room", *, is_alone: bool = False
    ) -> None: ...
    def opened(self, before: Run, travel: Travel | None, *, is_going_on: bool) -> None: ...
    def exit(self) -> None: ...


class TalkPlan(msgspec.Struct, frozen=True):
    """The place of a talk: the cue of the moment and the next one in few words, "" after the last;
    what the speaker noted beside it; and its place among all, such as 3/12. `is_done`: the cue is
    over, and nothing is skipped by the next one."""

    now: str
    next: str
    notes: tuple[str, ...]
    place: str
    is_done: bool = True


class OnStage:
    """The contents of the presenter view in place of the lesson, and beside it.

    Attributes:
        answered: A question from the room and its answer; None while the lesson is shown.
        code: The QR code of the room's link; "" while no room is open.
        poll: Asks the phones, given the question and the places they choose among, none where they
            type; None while there are none. It gives None when it was called off.
        ballots: Those whose bets are not settled.
        lobby: Set once nobody is waited for: a talk begins then.
        plan: Where the talk is; None while none is given.
        tell_outcome: Tells every phone a question and its outcome; None while there are none.
    """

    answered: events.PromptAnswered | None = None
    code: str = ""
    poll: Callable[[str, tuple[str, ...]], Coroutine[Any, Any, Ballot | None]] | None = None
    plan: Callable[[], TalkPlan] | None = None
    tell_outcome: Callable[[str, str], None] | None = None

    def __init__(self) -> None:
        self.ballots: list[Ballot] = []
        self.lobby = asyncio.Event()
        self.lobby.set()


class Session:
    """The lesson of the moment, and what can be done with it and the screen.

    Attributes:
        is_painting: Off while the terminal is lent to another program.
        is_offering: What one could do next is offered under the lesson; a talk has its own plan.
        class_mode: Whether nobody may see yet how the lesson comes out.
        room_waits: Questions and phones in the room that wait for the presenter, as a badge; "".
        done: The ids of commands given so far; `before_doing` is told each before it is done.
    """

    def __init__(
        self,
        shell: Shell,
        request: LessonRequest,
        teach: Callable[[LessonRequest], Teacher],
        machine: Callable[[TravelRequest], Teacher],
        clock: Callable[[], float],
        keys: tuple[Key, ...],
        keymap: Keymap,
    ) -> None:
        self.teach = teach
        self.new_machine = machine
        self.clock = clock
        self.keys = keys
        self.keymap = keymap
        self.run = Run(request, teach(request), clock)
        self.is_painting = True
        self.is_leaving = False
        self.is_offering = True
        self.room_waits = ""
        self.shell = shell
        self.paint, self.show, self.do = shell.paint, shell.show_view, shell.action_do
        self.notify, self.unnotify, self.dialog = shell.say, shell.unsay, shell.ask_person
        self.copy, self.spawn = shell.copy_to_clipboard, shell.begin
        self._travel: Travel | None = None
        self.class_mode = ClassMode()
        self.before_doing: Callable[[str], None] = lambda id_: None
        self.done: set[str] = set()
        self._singletons: dict[type[Any], Any] = {}
        self._left: list[LessonRequest] = []

    # What there is

    @property
    def state(self) -> RunState:
        return self.run.state

    @property
    def kind(self) -> CardRun:
        """The kind of the run that is shown: of cards, of rewards, or of a text."""
        return kind_of(self.state, is_to_read=self.run.request.is_read)

    @property
    def travel(self) -> Travel:
        if self._travel is None:
            self._travel = Travel(self.run, self.new_machine, self.paint)
        return self._travel

    @property
    def shown_state(self) -> RunState:
        """The run as it is shown: at a step of the past, or as it is."""
        return self.travel.state or self.run.state

    @property
    def hides_outcomes(self) -> bool:
        """Tell whether nobody may see yet how the lesson comes out; a talk has its own plan."""
        has_plan = self.singleton(OnStage).plan is not None
        return not has_plan and self.class_mode.hides(self.run)

    @property
    def visible_state(self) -> RunState:
        """The run as everybody may see it: without its outcomes as long as they are hidden."""
        return self.as_visible(self.shown_state)

    def as_visible(self, state: RunState) -> RunState:
        """Return a state of the run without its outcomes, as long as they are hidden."""
        return without_outcomes(state) if self.hides_outcomes else state

    @property
    def step(self) -> int:
        return self.state.step if self.travel.step is None else self.travel.step

    def singleton(self, kind: type[Singleton]) -> Singleton:
        """The one object of this class: what a room keeps while the program runs."""
        if kind not in self._singletons:
            self._singletons[kind] = kind()
        return cast(Singleton, self._singletons[kind])

    def key(self, id_: str) -> str:
        """The key that does this, as a person reads it; without one what finds it: `:rewind`."""
        known = self._known(id_)
        return key_name(self.sign(known) or f":{tr(known.label)}")

    def press(self, id_: str) -> str:
        """Say how to do this, as a sentence begins: `Press .`, `Press : and type rewind`. A
        sentence that begins with a full stop or a colon looks like dirt."""
        known = self._known(id_)
        sign = self.sign(known)
        if not sign:
            palette = self.key("palette")
            return tr("Press {key} and type {command}", key=palette, command=self.command(id_))
        key = key_name(sign)
        return tr("Press {key}", key=key + f" ({tr('full stop')})" if sign == "." else key)

    def command(self, id_: str) -> str:
        """Return the name by which the list of all commands finds this."""
        return key_name(tr(self._known(id_).label))

    def _known(self, id_: str) -> Key:
        return next(key for key in self.keys if key.id == id_)

    def sign(self, key: Key) -> str:
        """The first of its keys; "" where the user took them all away."""
        return keys_as_text(self.keymap.keys.get(key.id, key.keys)[:1])

    def label(self, key: Key) -> str:
        if key.id == "play" and self.state.liveness != "paused" and not self.travel.is_past:
            if self.state.liveness != "finished":
                return tr("pause")
            return tr("go on") if self.run.viewer is not None else self.kind.going_on()
        if key.id == "more":
            return tr("less") if self.singleton(Density).is_full else tr(key.label)
        return tr(key.label)

    # Talking to whoever has the model

    def send(self, command: commands.AnyCommand) -> None:
        self.run.send(command)

    def replies(
        self, question: Question, patience_s: float | None = None
    ) -> AsyncIterator[events.AnyEvent]:
        """Every answer of the model that is shown, live or of the past; see `Run.replies`."""
        if self.travel.is_past:
            return self.travel.replies(question, patience_s)
        return self.run.replies(question, patience_s)

    async def ask(
        self, question: Question, answer: type[Reply], patience_s: float = ANSWER_PATIENCE_S
    ) -> Reply:
        """The first answer of this kind. Raises NoAnswer: none came in time."""
        return await first_of(self.replies(question, patience_s), answer)

    # The screen

    async def clear_stage(self) -> None:
        """Take every dialog and every answer to the room off the screen."""
        while isinstance(screen := self.shell.screen, ModalScreen):
            await screen.dismiss(None)
            await asyncio.sleep(0)  # one that closes already is on the screen for another turn
        self.singleton(OnStage).answered = None

    def refuses(self, key: Key) -> bool:
        """Tell whether this key does nothing now, and say why: a recorded run has no model for it,
        or it would show what is hidden from a class."""
        if key.id in OUTCOME_KEYS and self.hides_outcomes:
            text = tr(
                "That would show how it comes out. {bet} to ask the class first, {no_bet} to show "
                "it without a bet.",
                bet=self.press("bet"),
                no_bet=self.key("no_bet"),
            )
            self.notify(text, kind="class mode")
            return True
        viewer, has_machine = self.run.viewer, self.new_machine is not NoMachine
        is_past = self.travel.is_past
        if viewer is None or viewer.can(key.needs, is_past=is_past, has_machine=has_machine):
            return False
        text = no_model(viewer.kind)
        if is_past and has_machine:
            text = tr(
                "Nothing is taught here. You can look into the model of this step and ask it."
            )
        elif viewer.can(key.needs, is_past=True, has_machine=has_machine):
            hint = tr(
                "{back} goes back to an earlier step, whose model you can look into and ask.",
                back=self.key("back"),
            )
            text = f"{text} {hint}"
        self.notify(text, kind="no model")
        return True

    @contextmanager
    def lend_terminal(self) -> Iterator[None]:
        """Give the terminal to another program until the end of the block.
        Raises SuspendNotSupported: the screen can't go away."""
        self.is_painting = False
        try:
            with self.shell.batch_update(), self.shell.suspend():
                yield
            self.shell.refresh(layout=True)
        finally:
            self.is_painting = True

    # Lessons

    def open(
        self, request: LessonRequest, source: Teacher | None = None, *, is_going_on: bool = False
    ) -> None:
        """Leave this lesson, saved, for another. `is_going_on`: drop a run that hardly began."""
        before, travel, self._travel = self.run, self._travel, None
        if before.viewer is None and source is None:
            self._left.append(_reopening(before, is_dropped=is_going_on))
        self.run = Run(request, source or self.teach(request), self.clock)
        self.shell.opened(before, travel, is_going_on=is_going_on)

    def undo(self) -> bool:
        """Take back the last change of this lesson, or of lesson; False when there was none."""
        if self.run.undo():
            return True
        if not self._left:
            return False
        *earlier, request = self._left
        self.open(request)
        self._left = earlier
        return True

    @property
    def model(self) -> str:
        """Path of the model that others have trained, as the lesson began; "" for one of its own.
        A run that is gone on with says it itself."""
        from flashcards.runs.folder import RunError, RunFolder

        start, model = self.state.start, self.run.request.model or ""
        if start is not None and start.base:
            with suppress(RunError):
                base = RunFolder.open(Path(start.folder)).info.base
                model = "" if base is None else base.path
        return model

    def begin_again(self, seed: int, model: str, deck: str = "") -> None:
        """Teach the lesson's deck from the start: to this model, or to a new one for "".
        `deck`: the path of a changed copy that takes its place."""
        request = self._with_model(model)
        deck = deck or request.deck
        self.open(msgspec.structs.replace(request, deck=deck, seed=seed, resume=None))

    def open_deck(self, path: str, model: str | None = None) -> None:
        """Teach this deck from the start: to this model, a new one for "", as before for None."""
        request = self._with_model(self.model if model is None else model)
        self.open(msgspec.structs.replace(request, deck=path, resume=None, after=None, ask=None))

    def open_word(self, name: str) -> None:
        """Begin this word of the week; the room of courses does it, for rooms that find words."""
        load("stage.course_talk:open_word")(self, name)

    def _with_model(self, model: str) -> LessonRequest:
        request = self.run.request
        if model == self.model:
            return msgspec.structs.replace(request, model=model or None)
        # it begins by itself, and what was chosen for the other model need not be there in it
        return msgspec.structs.replace(
            request, model=model or None, settings={}, after=None, branch_of=None
        )

    def open_after(self, path: str, *, is_rewarded: bool = False) -> None:
        start, like = self.state.start, self.run.request
        if start is not None:
            request = LessonRequest(deck=path, seed=start.seed, runs=like.runs, device=like.device)
            after = start.folder
            self.open(msgspec.structs.replace(request, after=after, is_rewarded=is_rewarded))

    @property
    def runs_root(self) -> Path:
        from flashcards.runs import catalog

        return catalog.runs_root(self.run.request.runs)

    async def follow(self, before: Run | None, *, is_going_on: bool) -> None:
        run = self.run
        if before is not None:
            await before.close()
            if is_going_on:
                from flashcards.app.run.earlier_runs import drop_opening

                drop_opening(before)
        await run.listen(self.paint)
        if run.taken_run and run is self.run:
            self._watch(Path(run.taken_run))

    def _watch(self, folder: Path) -> None:
        from flashcards.app.run.sources import WatchTeacher
        from flashcards.runs.folder import RunError, RunFolder

        try:
            viewer = WatchTeacher(RunFolder.open(folder))
        except RunError as error:
            self.notify(str(error), severity="error", timeout=10)
            return
        self.open(self.run.request, viewer)
        text = tr(
            "{run} is being taught by another program, so you are watching it.", run=folder.name
        )
        self.notify(text, timeout=10)

    async def leave(self, *, is_saved: bool) -> None:
        self.is_leaving = True
        self.paint()
        await self.travel.close()
        await self.run.close(is_saved=is_saved)
        self.shell.exit()


def _reopening(run: Run, *, is_dropped: bool) -> LessonRequest:
    """Return the request to open this lesson again: its run, or anew where that hardly began."""
    start, step = run.state.start, run.state.step
    if start is None or step <= (N_OPENING_STEPS if is_dropped else 0):
        return run.request
    return msgspec.structs.replace(run.request, resume=start.folder)
