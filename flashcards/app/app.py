"""The shell of the app: paints the lesson ten times a second and hands keys to the rooms.

What there is to see and to press is in the rooms (`rooms.py`); what they may do is in `session.py`.
Knows no torch: the teacher is another process. Nothing here touches a widget for a single event.
"""

from __future__ import annotations

import asyncio
import gc
import inspect
import time
from collections.abc import Callable, Coroutine, Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import ModalScreen, Screen
from textual.timer import Timer
from textual.widgets import Static

from flashcards.app.faults import SurvivingApp
from flashcards.app.keymap import default_path, read_keymap
from flashcards.app.room import NO_LINE, StatusLine, keys_as_text, load
from flashcards.app.rooms import AHEAD, BY_ID, KEYS, LINES, NO_KEY, ON_OPEN, VIEWS, bindings
from flashcards.app.textual_fixes.screens import Answer
from flashcards.base.language import tr
from flashcards.cards.printable import printable

if TYPE_CHECKING:
    from flashcards.app.run.run import Run
    from flashcards.app.run.sources import Teacher
    from flashcards.app.run.travel import Travel
    from flashcards.app.session import Session
    from flashcards.app.view import View
    from flashcards.app.widgets.time_line import TimeLine
    from flashcards.trainer.request import LessonRequest, TravelRequest

PAINT_INTERVAL_S = 1 / 10
GARBAGE_ONCE_LOADED = 1_000, 10, 100  # a key waits at most 3 ms for it, longer once in 5 minutes
MAIN_VIEW = "lesson"
SHEET = Path(__file__).with_name("app.tcss")


class FlashcardsApp(SurvivingApp):
    TITLE = "flashcards"
    CSS_PATH = "widgets/splash.tcss"
    ENABLE_COMMAND_PALETTE = False  # `help/search.py` finds what this program has
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(),
        Binding("ctrl+c", "do('quit')", show=False, system=True),
        Binding("ctrl+p", "do('palette')", show=False, priority=True),
    ]

    def __init__(
        self,
        request: LessonRequest,
        teach: Callable[[LessonRequest], Teacher] | None = None,
        theme: str | None = None,
        *,
        keymap: Path | None = None,
        machine: Callable[[TravelRequest], Teacher] | None = None,
        view: str = MAIN_VIEW,
        clock: Callable[[], float] = time.monotonic,
        is_debugging: bool = False,
    ) -> None:
        """`teach` and `machine` make a lesson's teacher and a run's time machine; None: processes.
        A wrong `theme` is said and the default worn. `keymap`: a file; None: the one in the user's
        config folder. `is_debugging`: a fault ends the program with its traceback."""
        super().__init__()
        self._is_debugging = is_debugging
        wrong_theme = self.wear(theme, self.console.color_system)
        self._own_keys = read_keymap(default_path() if keymap is None else keymap, KEYS)
        own = self._own_keys.keys.items()
        self.set_keymap({id_: ",".join(keys) or f"{NO_KEY}{id_}" for id_, keys in own})
        self._problems = [text for text in (wrong_theme, *self._own_keys.problems) if text]
        self._request = request
        self._teach = teach
        self._machine = machine
        self._clock = clock
        self.play: View | None = None
        self.frame_timer: Timer | None = None
        self._view: View | None = None
        self.view_name = MAIN_VIEW
        self.offered_key = ""
        self._main = MAIN_VIEW
        self._first_view = view
        self._painted: tuple[object, ...] = ()
        self._offered: tuple[object, ...] = ()
        self._ahead = self._load_ahead()

    @cached_property
    def session(self) -> Session:
        """Made after the first frame: what a lesson needs takes as long to load as that frame."""
        from flashcards.app.session import Session
        from flashcards.trainer.client import TimeMachineClient, TrainerClient

        teach = self._teach or TrainerClient
        machine = self._machine or TimeMachineClient
        return Session(self, self._request, teach, machine, self._clock, KEYS, self._own_keys)

    def get_default_screen(self) -> Screen[None]:
        """The splash screen, so that the first frame is there at once."""
        return SplashScreen(printable(Path(self._request.deck).stem))

    def on_mount(self) -> None:
        self.frame_timer = self.set_interval(PAINT_INTERVAL_S, self.tick)
        self.call_after_refresh(self._begin)
        for problem in self._problems:
            self.say(problem, severity="warning", timeout=20)

    def _begin(self) -> None:
        """Once a first frame is there: the play screen and the teacher would have slowed it."""
        self.stylesheet.read(SHEET)
        self._renew_play()
        self.show_view(self._first_view)
        self._follow(None)

    def tick(self) -> None:
        """Paint, and once there is a card load a little of what keys do."""
        self._lay_out_late()
        self.paint()
        if self.play is not None and self.session.state.card.now is not None:
            next(self._ahead, None)

    def _load_ahead(self) -> Iterator[None]:
        """Load what the first press of a key would wait for, a little at each step. All but the
        stylesheets are loaded beside the loop."""
        loop = asyncio.get_running_loop()
        does = (*VIEWS.values(), *(key.does for key in reversed(KEYS)))
        rooms = {name.partition(":")[0]: name for name in does}
        for name in [name for room, name in rooms.items() if room not in ("app", "view")][::-1]:
            loop.run_in_executor(None, load, name)
            yield
        for name in AHEAD:
            loop.run_in_executor(None, load(name), self.session)
            yield
        for sheet in stylesheets():
            self.read_styles(sheet)
            yield
        self.has_all_styles = True
        gc.freeze()  # of what is loaded nothing is garbage
        gc.set_threshold(*GARBAGE_ONCE_LOADED)

    def _lay_out_late(self) -> None:
        """Tell the screen its size. Textual does so with a timer that a busy machine may skip."""
        laid_out = self.screen.outer_size if self.screen_stack else None
        if laid_out and laid_out != self.size:
            self.screen.post_message(events.Resize(self.size, self.size))

    # The run of the moment

    def opened(self, before: Run, travel: Travel | None, *, is_going_on: bool) -> None:
        while isinstance(self.screen, ModalScreen):
            self.screen.dismiss(None)
        self._close_view()
        self._main = MAIN_VIEW
        if travel is not None:
            self.begin(travel.close(), "travel")
        self._renew_play()
        self._follow(before, is_going_on=is_going_on)

    def _follow(self, before: Run | None, *, is_going_on: bool = False) -> None:
        run = self.session.run
        self.begin(self.session.follow(before, is_going_on=is_going_on), "lesson")
        for name in ON_OPEN:
            self.begin(load(name)(self.session, run), name, is_alone=True)

    # Painting

    @property
    def front(self) -> View | None:
        return self.play if self._view is None else self._view

    @property
    def shows_past(self) -> bool:
        return self._view is None or self._view.SHOWS_PAST

    def paint(self) -> None:
        front = self._view if self._view is not None and self._view.is_there else self.play
        if front is None or not front.is_there or self._is_left:
            return  # before the first frame no session is loaded
        session = self.session
        if not session.is_painting:
            return
        run = session.run
        travel = session.travel
        line = self.status_line
        self.offered_key = line.key
        main = session.kind.view
        is_seen = self.screen is front and self.view_name in (MAIN_VIEW, self._main)
        if main != self._main and is_seen:
            self._main = main
            self.show_view(main)
            return
        past = travel.past if front.SHOWS_PAST else None
        is_hidden = session.hides_outcomes
        is_new = (run.state.n_folded, run.is_stalled, line, travel.version, run.badge, is_hidden)
        now = (front, front.size, self.screen, session.room_waits, *is_new)
        if (now != self._painted or front.is_due) and not front.is_hidden:
            self._painted = now
            front.viewing = run.badge
            front.room_waits = session.room_waits
            front.show_past(past, () if is_hidden else tuple(run.markers))
            seen = run.state if past is None else session.shown_state
            front.paint(
                session.as_visible(seen), is_stalled=run.is_stalled and past is None, notice=line
            )
        paint_dialog = getattr(self.screen, "paint_dialog", None)
        if paint_dialog is not None and self.screen.is_mounted:
            paint_dialog(session)  # as often as the lesson behind it
        offered = (
            *(key.is_offered(session) for key in KEYS if key.offered),
            *(session.label(BY_ID[id_]) for id_ in ("play", "more")),
            self.offered_key,
        )
        if offered != self._offered:
            self._offered = offered
            self.refresh_bindings()

    @property
    def status_line(self) -> StatusLine:
        """The line under the lesson: the most pressing of what the rooms have to say."""
        lines: list[StatusLine] = [line for name in LINES if (line := load(name)(self.session))]
        return min(lines, key=lambda line: line.rank, default=NO_LINE)

    # Views

    def show_view(self, name: str) -> None:
        if name == MAIN_VIEW:
            name = self._main = self.session.kind.view
        if self.screen not in (self.play, self._view) or name == self.view_name:
            return
        self._close_view()
        if name != MAIN_VIEW:
            self._view = load(VIEWS[name])(self.session)
            self.view_name = name
            self.push_screen(self._view)
        self.paint()

    def _renew_play(self) -> None:
        """Make the main view anew, in place of all that lies above the splash screen."""
        while len(self.screen_stack) > 2:
            self.pop_screen()
        self.play = load(VIEWS[MAIN_VIEW])(self.session)
        if len(self.screen_stack) == 2:
            self.switch_screen(self.play)
        else:
            self.push_screen(self.play)

    def _close_view(self) -> None:
        if self._view is not None:
            self._view = None
            self.view_name = MAIN_VIEW
            self.pop_screen()

    # Keys

    def action_do(self, id_: str) -> None:
        key = BY_ID[id_]
        self.session.before_doing(id_)
        self.session.done.add(id_)
        is_lent = not self.session.is_painting  # pressed just before an editor got the terminal
        if is_lent or self.session.refuses(key):
            return
        if id_ in self.session.kind.no_keys:
            text = tr("That view is about cards; a text has none.")
            self.session.notify(text, kind="no cards")
            return
        if key.does.startswith("view:"):
            self.show_view(key.does.removeprefix("view:"))
            return
        if key.does.startswith("app:"):
            self.call_later(self.run_action, key.does.removeprefix("app:"))
            return
        work = load(key.does)(self.session, *key.args)
        if not inspect.iscoroutine(work):
            return
        if key.opens_dialog:
            self.is_dialog_opened.clear()
            work = self._open_dialog(work)
        self.begin(work, key.id)

    async def _open_dialog(self, work: Coroutine[Any, Any, None]) -> None:
        """Do what opens a dialog; without one nothing waits for it once this has ended."""
        try:
            await work
        finally:
            self.is_dialog_opened.set()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Hide the keys that do nothing now."""
        if action == "do":
            key = BY_ID[str(parameters[0])]
            if key.id == "palette" and isinstance(self.screen, ModalScreen):
                return False
            is_here = key.view in ("", self.view_name) or key.id in self._own_keys.keys
            return is_here and key.is_offered(self.session)
        return True

    def get_key_display(self, binding: Binding) -> str:
        return binding.key_display or keys_as_text((binding.key,))

    def describe(self, binding: Binding) -> str:
        key = BY_ID.get(binding.id or "")
        is_known = key is not None and key.footer is True
        return self.session.label(key) if key and is_known else binding.description

    # What the search finds besides the keys of rooms

    @property
    def theme_names(self) -> list[str]:
        return sorted(self.available_themes)

    def wear_theme(self, name: str) -> None:
        self.theme = name

    def action_shoot(self) -> None:
        """Save a picture, once the palette is gone from the screen."""
        self.set_timer(0.1, self.deliver_screenshot)

    # Keys of Textual's own

    def on_key(self, event: events.Key) -> None:
        """A key that means nothing else goes on after the end of a lesson."""
        run = self.session.run
        can_go_on = self.screen is self.front and self.front.GOES_ON
        is_at_end = can_go_on and run.state.liveness == "finished"
        if is_at_end and event.key not in self.active_bindings:
            event.stop()
            run.go_on_after_the_end()

    def on_time_line_moved(self, event: TimeLine.Moved) -> None:
        self.call_later(self.session.travel.go, event.step)  # an event: a fault in it ends nothing

    async def action_quit(self) -> None:
        self.action_do("quit")

    def end_with_terminal(self) -> None:
        """The terminal has gone: end the program, the run saved. May be called in a thread."""
        self.call_later(self._leave_saved)

    def _leave_saved(self) -> None:
        self.session.is_painting = False
        if not self.session.is_leaving:
            self.begin(self.session.leave(is_saved=True), "quit")

    # Faults: the show goes on

    def recover(self, where: str) -> None:
        """Close the dialog or the view in front, or make the main view anew."""
        if isinstance(self.screen, ModalScreen):
            self.screen.dismiss(None)
        elif self._view is not None:
            self._close_view()
        else:
            self._renew_play()
        self._painted = ()
        text = tr(
            "A part of the screen failed and was closed. Nothing of the lesson is lost. "
            "A report: {where}",
            where=where,
        )
        self.say(text, severity="error", timeout=20, kind="fault")

    # Dialogs, work

    def begin(
        self, work: Coroutine[Any, Any, None], group: str = "room", *, is_alone: bool = False
    ) -> None:
        """Do this beside everything else; `is_alone` ends what this group did before."""
        self.run_worker(work, group=group, exclusive=is_alone)

    async def ask_person(self, screen: Screen[Answer]) -> Answer | None:
        """Put a dialog in front; what it is dismissed with. None while one of its kind is open."""
        if any(type(open_) is type(screen) for open_ in self.screen_stack):
            return None
        # Not `push_screen_wait`: it waits for other things before it pushes.
        dismissed = self.push_screen(screen, wait_for_dismiss=True)
        self.is_dialog_opened.set()
        return await asyncio.shield(dismissed)


def stylesheets() -> list[Path]:
    """List the stylesheets of all screens: what several share comes first, as rooms change it."""
    shared = (SHEET, *sorted(SHEET.parent.glob("widgets/*.tcss")))
    return [*shared, *sorted(set(SHEET.parent.rglob("*.tcss")) - set(shared))]


class SplashScreen(Screen[None]):
    def __init__(self, deck_name: str) -> None:
        super().__init__()
        self._deck_name = deck_name

    def compose(self) -> ComposeResult:
        yield Static(Content(f"{self._deck_name}\n\n{tr('waking the model')}…"))
