"""The app: follows one lesson, paints it ten times a second, and turns keys into commands.

Knows no torch: the teacher is another process. Nothing here touches a widget for a single event.
Long because Textual looks for actions and handlers on the app itself: each is a few lines here, and
what it does is in a module of its own (lesson, twin, deck_file, deck_writing, the screens).
"""

from __future__ import annotations

import asyncio
import itertools
import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import msgspec
from textual import events, work
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.command import Provider
from textual.screen import ModalScreen, Screen
from textual.timer import Timer

from flashcards.app import dialog_words as words
from flashcards.app import themes
from flashcards.app.keymap import default_path, read_keymap
from flashcards.app.keys import KEYS, bindings, shown
from flashcards.app.lesson import Lesson
from flashcards.app.screens.curtain import CurtainScreen
from flashcards.app.teacher import Teacher
from flashcards.runs.commands import MAX_PINS, Pause, Pin, Play, Step, TeachCard, Unpin
from flashcards.runs.events import DeckChanged, TeachingRefused
from flashcards.runs.state import RunState
from flashcards.trainer.client import TrainerClient
from flashcards.trainer.request import LessonRequest

if TYPE_CHECKING:
    from flashcards.app.library import Library
    from flashcards.app.screens.ask import AskScreen
    from flashcards.app.screens.cards import CardsView
    from flashcards.app.screens.play import PlayScreen
    from flashcards.app.screens.quit import Leaving
    from flashcards.app.screens.view import View
    from flashcards.app.twin import Twin
    from flashcards.runs.catalog import RunEntry

PAINT_INTERVAL_S = 1 / 10
NAMED_KEYS = ("play", "ask", "help", "quit")
"""Keys that a view names beside its own."""

OFFER_FOR_S = 10.0
"""Training time after which the last run is no longer offered in words; its key still works."""


def _deck_provider() -> type[Provider]:
    from flashcards.app.palette import DeckProvider

    return DeckProvider


class FlashcardsApp(App[None]):
    """One lesson after another."""

    TITLE = "flashcards"
    CSS_PATH = "app.tcss"
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {
        *App.COMMANDS,
        _deck_provider,
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(),
        Binding("ctrl+c", "ask_to_quit", show=False, system=True),
    ]

    def __init__(
        self,
        request: LessonRequest,
        teach: Callable[[LessonRequest], Teacher] = TrainerClient,
        theme: str | None = None,
        *,
        keymap: Path | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Opens on the lesson that is asked for.

        Args:
            teach: Makes the teacher of a lesson.
            theme: A theme's name; a wrong one is said and the default worn.
            keymap: The file of the user's keys; None is the one in the user's config folder.
            clock: Seconds, to notice silence.
        """
        super().__init__()
        self._teach = teach
        self._clock = clock
        self._problems: list[str] = []
        self.theme, wrong_theme = themes.choose(theme, self.available_themes, os.environ)
        if wrong_theme:
            self._problems.append(wrong_theme)
        self.keymap = read_keymap(default_path() if keymap is None else keymap)
        self._problems += self.keymap.problems
        self.set_keymap({id_: ",".join(keys) for id_, keys in self.keymap.keys.items()})
        self.lesson = Lesson(request, teach(request), clock)
        self.play: PlayScreen | None = None
        self._view: View | None = None
        self._view_name = "lesson"
        self.frame_timer: Timer | None = None
        self._earlier_runs: list[RunEntry] = []
        self._library: Library | None = None
        self._asking: AskScreen | None = None
        self._twin_before: Twin | None = None
        self._list_requests = itertools.count(1)
        self._n_cards_to_run = 10
        self._is_first_run = False
        self._is_leaving = False
        self.is_away = False
        self._told_change: DeckChanged | None = None
        self._told_refusal: TeachingRefused | None = None
        self._painted: tuple[object, ...] = ()
        self._offered: bool | None = None

    @property
    def state(self) -> RunState:
        """What is known of the lesson."""
        return self.lesson.state

    def get_default_screen(self) -> Screen[None]:
        """The curtain, so that the first frame is there at once."""
        return CurtainScreen(self.lesson.deck)

    def on_mount(self) -> None:
        self.frame_timer = self.set_interval(PAINT_INTERVAL_S, self.paint)
        self.call_after_refresh(self._begin)
        for problem in self._problems:
            self.notify(problem, severity="warning", timeout=20, markup=False)

    def _begin(self) -> None:
        """Once a first frame is there: the play screen and the teacher would have slowed it."""
        self.push_screen(self._new_play())
        self._follow(self.lesson, None)
        self._follow_deck_file(self.lesson)
        self._look_for_earlier_runs(self.lesson)

    def _new_play(self) -> PlayScreen:
        from flashcards.app.screens.play import PlayScreen

        self.play = PlayScreen(self.lesson.deck)
        return self.play

    # Following and painting

    @work(group="lesson")
    async def _follow(self, lesson: Lesson, before: Lesson | None) -> None:
        if before is not None:
            await before.close()
        await lesson.listen(self.paint)

    @work(group="deck file", exclusive=True)
    async def _follow_deck_file(self, lesson: Lesson) -> None:
        """From its beginning; an own deck may have been saved since the run was left."""
        from flashcards.app.deck_file import LOOK_EVERY_S, DeckFile
        from flashcards.cards.shelf import shipped

        while lesson.state.start is None:
            await asyncio.sleep(LOOK_EVERY_S)
        path = Path(lesson.state.start.deck_path)
        is_own = path.parent.resolve() != shipped().resolve()
        lesson.deck_file = DeckFile(
            path,
            lesson.send,
            self._deck_judged,
            is_new=is_own and lesson.request.resume is not None,
        )
        await lesson.deck_file.follow()

    def _deck_judged(self) -> None:
        deck_file = self.lesson.deck_file
        if deck_file is not None and deck_file.problem:
            said = words.deck_broken(deck_file.problem)
            self.notify(said, severity="error", timeout=4, markup=False)
        else:
            self._go_on_after_the_end()
        self.paint()

    def _tell_deck_change(self) -> None:
        change, refused = self.state.deck_change, self.state.refused
        if change is not None and change is not self._told_change:
            self._told_change = change
            if change.request == 0:
                self.notify(words.deck_changed(change), timeout=8, markup=False)
        if refused is not None and refused is not self._told_refusal:
            self._told_refusal = refused
            if refused.request == 0:
                self.notify(refused.text, severity="error", timeout=8, markup=False)

    @work(group="runs", exclusive=True)
    async def _look_for_earlier_runs(self, lesson: Lesson) -> None:
        from flashcards.runs.catalog import list_runs

        runs = await asyncio.to_thread(list_runs, self.runs_root)
        self._is_first_run = not any(run.summary.step > 0 for run in runs)
        self._earlier_runs = [
            run
            for run in runs
            if run.info.deck == lesson.deck and run.summary.step > 0 and not run.info.is_shuffled
        ]

    @property
    def runs_root(self) -> Path:
        """Where runs are kept."""
        from flashcards.runs.catalog import default_root

        runs = self.lesson.request.runs
        return default_root() if runs is None else Path(runs)

    def paint(self) -> None:
        """Show the lesson as it is now, if anything is new."""
        play = self.play
        if play is None or not play.is_mounted or self.is_away:
            return
        front = play if self._view is None or not self._view.is_mounted else self._view
        state, is_stalled, notice = self.state, self.lesson.is_stalled, self._notice()
        now = (front, state.n_folded, is_stalled, notice, self.screen)
        if now == self._painted and not front.is_due:
            return
        self._painted = now
        self._tell_deck_change()
        front.paint(state, is_stalled=is_stalled, notice=notice)
        if self._asking is not None and self._asking.is_mounted:
            self._asking.paint(state)
        is_offered = self._to_go_on() is not None
        if is_offered != self._offered:
            self._offered = is_offered
            self.refresh_bindings()

    def _notice(self) -> str:
        if self._is_leaving:
            return words.SAVING
        if self.state.liveness == "failed":
            target = self._to_go_on()
            step = None if target is None else target[1]
            return words.failed_offer(
                self.key_of("go_on"), step, self.key_of("restart"), self.key_of("decks")
            )
        deck_file = self.lesson.deck_file
        if deck_file is not None and deck_file.problem:
            return words.deck_broken(deck_file.problem)
        start, exam = self.state.start, self.state.exam_under_way
        if exam is not None:
            return words.asking_all(exam.n_asked, exam.n_cards)
        if start is not None and start.n_problems:
            return words.deck_problem(start.problem, start.n_problems)
        if self.lesson.request.resume is None and self.state.train_seconds < OFFER_FOR_S:
            run = self._earlier_run()
            if run is not None:
                return words.goes_on(self.key_of("go_on"), run.summary.step, run.summary.seen)
            if self._is_first_run:
                return words.first_run(*map(self.key_of, ("ask", "view_memory", "new_deck")))
        return ""

    def _earlier_run(self) -> RunEntry | None:
        start = self.state.start
        current = "" if start is None else start.run
        return next((run for run in self._earlier_runs if run.path.name != current), None)

    def _to_go_on(self) -> tuple[str, int] | None:
        """The folder and step that the go-on key opens."""
        state = self.state
        if state.liveness == "failed" and state.start is not None:
            if state.last_saved_step is not None:
                return state.start.folder, state.last_saved_step
        elif self.lesson.request.resume is not None:
            return None
        run = self._earlier_run()
        return None if run is None else (str(run.path), run.summary.step)

    def key_of(self, id_: str) -> str:
        """The key that does this, as a person reads it."""
        keys = self.keymap.keys.get(id_) or next(key.keys for key in KEYS if key.id == id_)
        return shown(keys[:1])

    # Opening lessons

    def open_lesson(self, request: LessonRequest) -> None:
        """Leave this lesson, saved, and begin another."""
        self._close_view()
        before = self.lesson
        self.lesson = Lesson(request, self._teach(request), self._clock)
        self.switch_screen(self._new_play())
        self._earlier_runs = []
        self._follow(self.lesson, before)
        self._follow_deck_file(self.lesson)
        self._look_for_earlier_runs(self.lesson)

    def open_deck(self, path: str) -> None:
        """Teach a deck from the start."""
        request = msgspec.structs.replace(self.lesson.request, deck=path, resume=None)
        self.open_lesson(request)

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys act on the lesson only while it is in front; what does nothing is not shown."""
        if action == "go_on":
            return self._to_go_on() is not None
        if action == "command_palette":
            return not isinstance(self.screen, ModalScreen)
        return True

    def on_key(self, event: events.Key) -> None:
        """A key that means nothing else goes on after the end of a lesson."""
        if (
            self.screen is self.play
            and self.state.liveness == "finished"
            and event.key not in self.active_bindings
        ):
            event.stop()
            self.lesson.send(Play())

    def action_toggle_play(self) -> None:
        """Play or pause."""
        self.lesson.send(Pause() if self.state.liveness == "learning" else Play())

    def action_step(self) -> None:
        """Pause and teach one card."""
        self.lesson.send(Step())

    def action_change_speed(self, by: int) -> None:
        """Faster or slower."""
        self.lesson.change_speed(by)
        self._go_on_after_the_end()

    def action_change_rate(self, by: int) -> None:
        """Double or halve the learning rate."""
        factor = self.lesson.change_rate(by)
        self.notify(words.rate(factor), timeout=2, markup=False)
        self._go_on_after_the_end()

    def _go_on_after_the_end(self) -> None:
        if self.state.liveness == "finished":
            self.lesson.send(Play())

    def action_view(self, name: str) -> None:
        """Show this view of the lesson. All but the play screen lie above it, one at a time."""
        if self.screen not in (self.play, self._view) or name == self._view_name:
            return
        self._close_view()
        if name != "lesson":
            self._view, self._view_name = self._new_view(name), name
            self.push_screen(self._view)
        self.paint()

    def on_cards_view_wanted(self, event: CardsView.Wanted) -> None:
        """Ask for what the list of cards shows."""
        self.lesson.send(event.command)

    def _close_view(self) -> None:
        if self._view is not None:
            self._view, self._view_name = None, "lesson"
            self.pop_screen()

    def _new_view(self, name: str) -> View:
        match name:
            case "cards":
                from flashcards.app.screens.cards import CardsView

                named = tuple((self.key_of(k.id), k.label) for k in KEYS if k.id in NAMED_KEYS)
                return CardsView(self.lesson.deck, self._list_requests, self._clock, named)
            case "memory":
                from flashcards.app.screens.memory import MemoryView

                return MemoryView(self.lesson.deck, lambda: self.lesson.twin, self.key_of("twin"))
            case "doctor":
                from flashcards.app.doctor_process import diagnosis_of
                from flashcards.app.screens.doctor import DoctorView

                return DoctorView(self.lesson.deck, diagnosis_of)
            case _:
                raise ValueError(f"there is no view {name}")

    def action_toggle_twin(self) -> None:
        """Start the shuffled twin of this lesson, or end it."""
        from flashcards.app.twin import Twin

        before, start = self.lesson.twin, self.state.start
        if before is not None:
            self.lesson.twin, self._twin_before = None, before
            self._close_twin(before)
        elif start is None or start.is_shuffled or start.n_taught < 2:
            self.notify(words.no_twin(start), timeout=5, markup=False)
        else:
            self.lesson.twin = Twin(self.state, self._teach)
            self._follow_twin(self.lesson.twin, self._twin_before)
            self.action_view("memory")
        self.paint()

    @work(group="twin")
    async def _follow_twin(self, twin: Twin, before: Twin | None) -> None:
        await twin.listen(before)
        if twin.state.liveness == "failed":
            reason = words.twin_failed(twin.state.failure)
            self.notify(reason, severity="warning", timeout=20, markup=False)

    @work(group="twin")
    async def _close_twin(self, twin: Twin) -> None:
        await twin.close()

    @work
    async def action_run_cards(self) -> None:
        """Ask how many cards, and teach them."""
        from flashcards.app.screens.run_cards import RunCardsScreen

        n_cards = await self.push_screen_wait(RunCardsScreen(self._n_cards_to_run))
        if n_cards is not None:
            self._n_cards_to_run = n_cards
            self.lesson.send(Step(n_cards=n_cards))

    def action_ask(self) -> None:
        """Open the line to ask in."""
        from flashcards.app.screens.ask import AskScreen

        self._asking = AskScreen(self._list_requests)
        self.push_screen(self._asking, self._ask_closed)

    def _ask_closed(self, _: None) -> None:
        self._asking = None

    def on_ask_screen_sent(self, event: AskScreen.Sent) -> None:
        """Send off what is asked; a card that is to be taught goes on after the lesson's end."""
        self.lesson.send(event.command)
        if isinstance(event.command, TeachCard):
            self._go_on_after_the_end()

    def action_pin(self) -> None:
        """Pin the card that is shown, or unpin it."""
        correction, pins = self.state.correction, self.state.pins
        if correction is None or self.screen is not self.play:
            return
        prompt = correction.prompt
        if prompt in pins:
            self.lesson.send(Unpin(prompt=prompt))
            said = words.unpinned(prompt)
        else:
            self.lesson.send(Pin(prompt=prompt))
            said = words.pinned(prompt, next(iter(pins)) if len(pins) >= MAX_PINS else None)
        self.notify(said, timeout=4, markup=False)

    @work
    async def action_decks(self) -> None:
        """Choose another deck."""
        from flashcards.app.library import Library
        from flashcards.app.screens.decks import DecksScreen

        if self._library is None:
            self._library = Library()

        chosen = await self.push_screen_wait(DecksScreen(self._library, self.runs_root))
        if isinstance(chosen, Path):
            from flashcards.app import deck_writing

            await deck_writing.edit_deck(self, chosen)
        elif chosen is not None:
            self.open_deck(chosen)

    @work(group="edit")
    async def action_edit_deck(self, is_inside: bool) -> None:
        """Edit the lesson's deck, in the user's own editor if there is one."""
        from flashcards.app import deck_writing

        await deck_writing.edit_lesson(self, is_inside=is_inside)

    @work(group="edit")
    async def action_new_deck(self) -> None:
        """Begin a new deck, and a lesson on it."""
        from flashcards.app import deck_writing

        await deck_writing.new(self)

    def action_go_on(self) -> None:
        """Go on with the last run."""
        target = self._to_go_on()
        if target is not None:
            request = msgspec.structs.replace(self.lesson.request, resume=target[0])
            self.open_lesson(request)

    @work
    async def action_restart(self) -> None:
        """Start over, with the seed that is chosen."""
        from flashcards.app.screens.restart import RestartScreen

        start = self.state.start
        seed = self.lesson.request.seed if start is None else start.seed
        chosen = await self.push_screen_wait(RestartScreen(seed))
        if chosen is not None:
            request = msgspec.structs.replace(self.lesson.request, seed=chosen, resume=None)
            self.open_lesson(request)

    def action_help(self) -> None:
        """Say what the keys do and what the numbers mean."""
        from flashcards.app.screens.help import HelpScreen

        self.push_screen(HelpScreen(self.keymap))

    async def action_quit(self) -> None:
        """What Textual's own quit key and palette do."""
        self.action_ask_to_quit()

    @work(group="quit")
    async def action_ask_to_quit(self) -> None:
        """Leave; while there is something to save, ask."""
        from flashcards.app.screens.quit import QuitScreen

        if self._is_leaving or isinstance(self.screen, QuitScreen):
            return
        state = self.state
        leaving: Leaving = "drop"
        if state.start is not None and not self.lesson.is_over:
            leaving = await self.push_screen_wait(
                QuitScreen(state.step, state.last_saved_step, self.key_of("go_on"))
            )
        if leaving == "stay":
            return
        self._is_leaving = True
        self.paint()
        await self.lesson.close(is_saved=leaving == "save")
        self.exit()

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """The table of keys by name, the theme and a picture of the screen."""
        for key in KEYS:
            if key.id != "palette" and self.check_action(key.action.split("(")[0], ()):
                title = f"{key.label}  ({self.key_of(key.id)})"
                yield SystemCommand(title, key.tooltip, self._doing(key.action))
        yield SystemCommand("theme", "Other colours, light or dark.", self.action_change_theme)
        yield SystemCommand("picture", "Save the screen as an SVG file.", self._take_picture)

    def action_scaling(self) -> None:
        """Measure what more data does with this deck; the lesson waits meanwhile."""
        from flashcards.app import scaling_words
        from flashcards.app.screens.scaling import ScalingScreen
        from flashcards.trainer import scaling_client

        lesson, start = self.lesson, self.state.start
        if start is None:
            self.notify(scaling_words.NOT_STARTED, timeout=5, markup=False)
            return
        was_learning = self.state.liveness == "learning"
        if was_learning:
            lesson.send(Pause())

        def go_on(_: None) -> None:
            if was_learning and self.lesson is lesson:
                lesson.send(Play())

        run, seed = Path(start.folder), start.seed
        screen = ScalingScreen(lesson.deck, lambda: scaling_client.measure(run, seed))
        self.push_screen(screen, go_on)

    def _take_picture(self) -> None:
        # The palette has to be gone from the screen first.
        self.set_timer(0.1, self.deliver_screenshot)

    def _doing(self, action: str) -> Callable[[], None]:
        def do() -> None:
            self.call_later(self.run_action, action)

        return do
