"""The app: follows one lesson, paints it ten times a second, and turns keys into commands.

Knows no torch: the teacher is another process. Nothing here touches a widget for a single event.
Long because Textual looks for actions and handlers on the app itself: each is a few lines here, and
what it does is in a module of its own, which is given the app. Those are imported when they are
first wanted: the first frame is there sooner.
"""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import msgspec
from textual import events, work
from textual.actions import ActionParseResult
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.command import Provider
from textual.dom import DOMNode
from textual.notifications import Notify, SeverityLevel
from textual.screen import ModalScreen, Screen
from textual.timer import Timer

from flashcards.app.keymap import default_path, read_keymap
from flashcards.app.keys import KEYS, bindings, shown
from flashcards.app.kit import themes
from flashcards.app.lesson.splash import CurtainScreen
from flashcards.app.run.earlier_runs import EarlierRuns, drop_opening, runs_root
from flashcards.app.run.lesson import Lesson
from flashcards.app.run.teacher import Teacher
from flashcards.app.stage.room import Stage
from flashcards.runs.commands import Pause, Play, Step
from flashcards.runs.state import RunState
from flashcards.trainer.client import TimeMachineClient, TrainerClient
from flashcards.trainer.request import LessonRequest, TravelRequest

if TYPE_CHECKING:
    from flashcards.app.asking.dialog import AskScreen
    from flashcards.app.asking.questions import Questions
    from flashcards.app.cards.view import CardsView
    from flashcards.app.decks.following import DeckNews
    from flashcards.app.decks.library import Library
    from flashcards.app.inside.view import InsideView
    from flashcards.app.kit.time_line import TimeLine
    from flashcards.app.kit.view import View
    from flashcards.app.lesson.play import PlayScreen
    from flashcards.app.lesson.quit import QuitScreen
    from flashcards.app.past.travel import Travel
    from flashcards.app.stage.game import GameView
    from flashcards.app.stage.talking import Talking

PAINT_INTERVAL_S = 1 / 10


def _deck_provider() -> type[Provider]:
    from flashcards.app.help.palette import DeckProvider

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
        machine: Callable[[TravelRequest], Teacher] = TimeMachineClient,
        view: str = "lesson",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Opens on the lesson that is asked for.

        Args:
            teach: Makes the teacher of a lesson.
            machine: Makes a time machine of a run.
            view: The one that is in front at first.
            theme: A theme's name; a wrong one is said and the default worn.
            keymap: The file of the user's keys; None is the one in the user's config folder.
            clock: Seconds, to notice silence.
        """
        super().__init__()
        self.teach = teach
        self.clock = clock
        self._problems: list[str] = []
        for own_theme in themes.STAGE:
            self.register_theme(own_theme)
        self.theme, wrong_theme = themes.choose(theme, self.available_themes, os.environ)
        if wrong_theme:
            self._problems.append(wrong_theme)
        self.keymap = read_keymap(default_path() if keymap is None else keymap)
        self._problems += self.keymap.problems
        self.set_keymap({id_: ",".join(keys) for id_, keys in self.keymap.keys.items()})
        self.new_machine = machine
        self.lesson = Lesson(request, teach(request), clock)
        self._travel: Travel | None = None
        self.play: PlayScreen | None = None
        self._view: View | None = None
        self._view_name = "lesson"
        self._first_view = view
        self.frame_timer: Timer | None = None
        self.earlier = EarlierRuns()
        self.requests = itertools.count(1)
        self.n_cards_to_run = 10
        self.is_leaving = False
        self.leaving: QuitScreen | None = None
        self.is_away = False
        self.stage = Stage()
        self._library: Library | None = None
        self._painted: tuple[object, ...] = ()
        self._offered: bool | None = None

    @property
    def state(self) -> RunState:
        """What is known of the lesson."""
        return self.lesson.state

    @property
    def travel(self) -> Travel:
        """Where in this lesson's run one looks."""
        if self._travel is None:
            from flashcards.app.past.travel import Travel

            self._travel = Travel(self.lesson, self.new_machine, self.paint)
        return self._travel

    @cached_property
    def _questions(self) -> Questions:
        from flashcards.app.asking.questions import Questions

        return Questions()

    @cached_property
    def _deck_news(self) -> DeckNews:
        from flashcards.app.decks.following import DeckNews

        return DeckNews()

    @property
    def shown(self) -> RunState:
        """The run as it is shown: at a step of the past, or as it is."""
        return self.travel.state or self.lesson.state

    @property
    def view_name(self) -> str:
        """Which view is in front of all but dialogs."""
        return self._view_name

    @property
    def view(self) -> View | None:
        """The view above the play screen; None while that is in front."""
        return self._view

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
        self.action_view(self._first_view)
        self._follow(self.lesson, None)
        self._follow_deck_file(self.lesson)
        self._look_for_earlier_runs(self.lesson)
        if self.stage.talking is not None:
            self._talk(self.stage.talking)

    @work(group="talk")
    async def _talk(self, talking: Talking) -> None:
        await talking.run()

    def _new_play(self) -> PlayScreen:
        from flashcards.app.lesson.play import PlayScreen

        self.play = PlayScreen(self.lesson.deck)
        return self.play

    # Following and painting

    @work(group="lesson")
    async def _follow(
        self, lesson: Lesson, before: Lesson | None, is_going_on: bool = False
    ) -> None:
        if before is not None:
            await before.close()
            if is_going_on:
                drop_opening(before)
        await lesson.listen(self.paint)
        if lesson.taken_run and lesson is self.lesson:
            from flashcards.app.run.watch_teacher import watch_instead

            watch_instead(self, Path(lesson.taken_run))

    @work(group="deck file", exclusive=True)
    async def _follow_deck_file(self, lesson: Lesson) -> None:
        from flashcards.app.decks import following as deck_following

        await deck_following.follow(self, lesson)

    @work(group="runs", exclusive=True)
    async def _look_for_earlier_runs(self, lesson: Lesson) -> None:
        await self.earlier.look(lesson)

    @property
    def runs_root(self) -> Path:
        """Where runs are kept."""
        return runs_root(self.lesson)

    @property
    def library(self) -> Library:
        """The decks there are, read when they are first asked for."""
        from flashcards.app.decks.library import Library

        if self._library is None:
            self._library = Library()
        return self._library

    def paint(self) -> None:
        """Show the lesson as it is now, if anything is new."""
        play = self.play
        if play is None or not play.is_mounted or self.is_away:
            return
        front = play if self._view is None or not self._view.is_mounted else self._view
        state, is_stalled, notice = self.state, self.lesson.is_stalled, self.notice
        past = self.travel.past if front.SHOWS_PAST else None
        shown = (self.screen, self.travel.version, self.stage.is_replaying)
        now = (front, state.n_folded, is_stalled, notice, *shown)
        if now == self._painted and not front.is_due:
            return
        self._painted = now
        self._deck_news.tell(self)
        viewer = self.lesson.viewer
        if viewer is not None:
            front.viewing = viewer.kind
        else:
            front.viewing = "replay" if self.stage.is_replaying else None
        front.show_past(past, tuple(self.lesson.markers))
        seen = state if past is None else self.shown
        front.paint(seen, is_stalled=is_stalled and past is None, notice=notice)
        self._questions.paint(self)
        if self.leaving is not None:
            self.leaving.show(state.step, state.last_saved_step)
        is_offered = self.earlier.to_go_on(self.lesson) is not None
        if is_offered != self._offered:
            self._offered = is_offered
            self.refresh_bindings()

    @property
    def front_shows_past(self) -> bool:
        """Whether the view in front can show a step of the past."""
        return self._view is None or self._view.SHOWS_PAST

    @property
    def notice(self) -> str:
        """The app's own line under the lesson."""
        from flashcards.app.lesson.notice import notice_of

        return notice_of(self)

    def key_of(self, id_: str) -> str:
        """The key that does this, as a person reads it."""
        keys = self.keymap.keys.get(id_) or next(key.keys for key in KEYS if key.id == id_)
        return shown(keys[:1])

    # Notices

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = True,
        kind: str = "",
    ) -> None:
        """Say it in a corner, for a while; what was said of the same `kind` before gives way.

        Without a kind only the very same sentence does.
        """
        from flashcards.app.lesson.notice import Notice

        seconds = self.NOTIFICATION_TIMEOUT if timeout is None else timeout
        said = Notice(message, title, severity, seconds, markup=markup, kind=kind or message)
        self.post_message(Notify(said))

    def on_notify(self, event: Notify) -> None:
        """Let go what this one replaces; Textual shows it after that."""
        from flashcards.app.lesson.notice import replaced

        for notice in replaced(event.notification, self._notifications):
            self._unnotify(notice, refresh=False)

    # Opening lessons

    def open_lesson(
        self,
        request: LessonRequest,
        teacher: Teacher | None = None,
        *,
        is_going_on: bool = False,
    ) -> None:
        """Leave this lesson, saved, and begin another, with this teacher or a trainer.

        `is_going_on`: a run that hardly began is not kept.
        """
        self._close_view()
        before = self.lesson
        travel, self._travel = self._travel, None
        if travel is not None:
            self._leave_past(travel)
        self.lesson = Lesson(request, teacher or self.teach(request), self.clock)
        self.switch_screen(self._new_play())
        self.earlier.runs = []
        self._follow(self.lesson, before, is_going_on)
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
            return self.earlier.to_go_on(self.lesson) is not None
        if action in ("cue", "toggle_net"):
            return self.stage.talking is not None
        if action == "command_palette":
            return not isinstance(self.screen, ModalScreen)
        return True

    async def run_action(
        self,
        action: str | ActionParseResult,
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        """Do it; while a recorded run is looked at, say of some that there is no model for it."""
        viewer = self.lesson.viewer
        if viewer is None or not isinstance(action, str):
            pass
        elif not viewer.can(action, is_past=self.travel.is_past, machine=self.new_machine):
            from flashcards.app.run import viewer_words

            has_past = viewer.can_past(action, self.new_machine)
            text = viewer_words.no_model(viewer.kind, self.key_of("back"), has_past=has_past)
            self.notify(text, timeout=5, markup=False, kind="no model")
            return True
        return await super().run_action(action, default_namespace, namespaces)

    def on_key(self, event: events.Key) -> None:
        """A key that means nothing else goes on after the end of a lesson."""
        if (
            self.screen is self.play
            and self.state.liveness == "finished"
            and event.key not in self.active_bindings
        ):
            event.stop()
            self.lesson.go_on_after_the_end()

    def action_toggle_play(self) -> None:
        """Play or pause."""
        viewer, step = self.lesson.viewer, self.travel.step
        if viewer is not None and step is not None and viewer.play_from(step):
            self.travel.follow_live()
            return
        self.lesson.send(Pause() if self.state.liveness == "learning" else Play())

    def action_step(self) -> None:
        """One step on in the past; at the live end pause and teach one card."""
        if self.travel.step is None:
            self.lesson.send(Step())
        else:
            self.travel.move(1)

    def action_move(self, by: int) -> None:
        """Look at the run some steps before, or after."""
        from flashcards.app.past import keys as travel_keys

        travel_keys.move(self, by)

    def action_go_to(self, step: int) -> None:
        """Look at this step."""
        from flashcards.app.past import keys as travel_keys

        travel_keys.go(self, step)

    def action_follow_live(self) -> None:
        """Back from the past."""
        self.travel.follow_live()

    def action_marker(self, way: int) -> None:
        """To the next marker, or the one before."""
        from flashcards.app.past import keys as travel_keys

        travel_keys.jump(self, way)

    @work
    async def action_bookmark(self) -> None:
        """Set a bookmark at the step that is shown."""
        from flashcards.app.past import keys as travel_keys

        await travel_keys.bookmark(self)

    @work
    async def action_branch(self) -> None:
        """Branch from the step that is shown, or end the branch."""
        from flashcards.app.race import branching as branch_keys

        await branch_keys.branch(self)

    @work
    async def action_take_branch(self) -> None:
        """Go on with the branch as the lesson."""
        from flashcards.app.race import branching as branch_keys

        await branch_keys.take(self)

    def on_time_line_moved(self, event: TimeLine.Moved) -> None:
        """The slider was moved."""
        from flashcards.app.past import keys as travel_keys

        travel_keys.go(self, event.step)

    @work(group="travel")
    async def _leave_past(self, travel: Travel) -> None:
        await travel.close()

    def action_walk(self, by: int) -> None:
        """To the next phase of one update, or look at the one before."""
        from flashcards.app.update import keys as update_keys

        update_keys.walk(self, by)

    def action_next_order(self) -> None:
        """Give cards out in another order."""
        from flashcards.app.update import keys as update_keys

        update_keys.next_order(self)

    def action_rewind(self) -> None:
        """After it broke down: back to before that."""
        from flashcards.app.update import keys as update_keys

        update_keys.rewind(self)

    @work
    async def action_run_cards(self) -> None:
        """Ask how many cards, and teach them."""
        from flashcards.app.lesson import lesson_dialogs

        await lesson_dialogs.run_cards(self)

    def action_change_speed(self, by: int) -> None:
        """Faster or slower."""
        self.lesson.change_speed(by)
        self.lesson.go_on_after_the_end()

    def action_change_rate(self, by: int) -> None:
        """Double or halve the learning rate."""
        before, factor = self.lesson.rate_asked, self.lesson.change_rate(by)
        from flashcards.app.lesson import dialog_words as words

        text = words.rate_at_end(factor) if factor == before else words.rate(factor)
        self.notify(text, timeout=2, markup=False, kind="rate")
        self.lesson.go_on_after_the_end()

    def action_view(self, name: str) -> None:
        """Show this view of the lesson. All but the play screen lie above it, one at a time."""
        if self.screen not in (self.play, self._view) or name == self._view_name:
            return
        self._close_view()
        if name != "lesson":
            from flashcards.app.views import new_view

            self._view, self._view_name = new_view(self, name), name
            self.push_screen(self._view)
        self.paint()

    def on_inside_view_wanted(self, event: InsideView.Wanted) -> None:
        """Ask for the model that is shown."""
        (self.travel.ask if self.travel.is_past else self.lesson.send)(event.command)

    def on_game_view_wanted(self, event: GameView.Wanted) -> None:
        """Draw a card, or ask the model."""
        self.lesson.send(event.command)

    def on_cards_view_wanted(self, event: CardsView.Wanted) -> None:
        """Ask for what the list of cards shows, of the model that is shown."""
        (self.travel.ask if self.travel.is_past else self.lesson.send)(event.command)

    def _close_view(self) -> None:
        if self._view is not None:
            self._view, self._view_name = None, "lesson"
            self.pop_screen()

    async def on_event(self, event: events.Event) -> None:
        """Every event; keys are shown to a room that wants to see them."""
        if isinstance(event, events.Key):
            self.stage.key_pressed(self, event)
        await super().on_event(event)

    def action_present(self) -> None:
        """The presenter view, or back from it."""
        self.stage.present(self)

    def action_show_keys(self) -> None:
        """Show the keys that are pressed, or no longer."""
        self.stage.toggle_keys(self)

    def action_toggle_net(self) -> None:
        """Go on from the rehearsal's recording, or live again."""
        self.stage.toggle_net(self)

    def action_cue(self, by: int) -> None:
        """The next cue of the talk, or the one before."""
        if self.stage.talking is not None:
            self.stage.talking.move(by)

    def action_toggle_twin(self) -> None:
        """Start the shuffled twin of this lesson, or end it."""
        from flashcards.app.memory import twin_keys

        twin_keys.toggle(self)

    def action_scaling(self) -> None:
        """Measure what more data does with this deck; the lesson waits meanwhile."""
        from flashcards.app.lesson import lesson_dialogs

        lesson_dialogs.scaling(self)

    def action_ask(self) -> None:
        """Open the line to ask in."""
        self._questions.open(self)

    def action_ask_past(self) -> None:
        """Show how the answer to what was pinned last came about."""
        if self.shown.pins:
            self._questions.open(self, next(reversed(self.shown.pins)))

    def on_ask_screen_sent(self, event: AskScreen.Sent) -> None:
        """Send off what is asked."""
        self._questions.sent(self, event)

    def action_pin(self) -> None:
        """Pin the card that is shown, or unpin it."""
        from flashcards.app.asking import questions

        questions.pin(self)

    @work
    async def action_decks(self) -> None:
        """Choose another deck."""
        from flashcards.app.lesson import lesson_dialogs

        await lesson_dialogs.decks(self)

    @work(group="edit")
    async def action_edit_deck(self, is_inside: bool) -> None:
        """Edit the lesson's deck, in the user's own editor if there is one."""
        from flashcards.app.decks import writing as deck_writing

        await deck_writing.edit_lesson(self, is_inside=is_inside)

    @work(group="edit")
    async def action_new_deck(self) -> None:
        """Begin a new deck, and a lesson on it."""
        from flashcards.app.decks import writing as deck_writing

        await deck_writing.new(self)

    def action_go_on(self) -> None:
        """Go on with the last run."""
        target = self.earlier.to_go_on(self.lesson)
        if target is not None:
            request = msgspec.structs.replace(self.lesson.request, resume=target[0])
            start = self.state.start
            is_another = start is None or start.folder != target[0]
            self.open_lesson(request, is_going_on=is_another)

    @work
    async def action_restart(self) -> None:
        """Start over, with the seed that is chosen."""
        from flashcards.app.lesson import lesson_dialogs

        await lesson_dialogs.restart(self)

    def action_help(self) -> None:
        """Say what the keys do and what the numbers mean."""
        from flashcards.app.help.screen import HelpScreen

        self.push_screen(HelpScreen(self.keymap))

    async def action_quit(self) -> None:
        """What Textual's own quit key and palette do."""
        self.action_ask_to_quit()

    @work(group="quit")
    async def action_ask_to_quit(self) -> None:
        """Leave; while there is something to save, ask."""
        from flashcards.app.lesson import lesson_dialogs

        await lesson_dialogs.leave(self)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """The table of keys by name, the theme, a picture of the screen, the line to share."""
        from flashcards.app.help import sharing
        from flashcards.app.lesson import dialog_words as words

        for key in KEYS:
            if key.id != "palette" and self.check_action(key.action.split("(")[0], ()):
                title = f"{key.label}  ({self.key_of(key.id)})"
                yield SystemCommand(title, key.tooltip, self._doing(key.action))
        yield SystemCommand(*words.THEME_COMMAND, self.action_change_theme)
        yield SystemCommand(*words.PICTURE_COMMAND, self._take_picture)
        yield SystemCommand(*sharing.named(self))

    def _take_picture(self) -> None:
        # The palette has to be gone from the screen first.
        self.set_timer(0.1, self.deliver_screenshot)

    def _doing(self, action: str) -> Callable[[], None]:
        def do() -> None:
            self.call_later(self.run_action, action)

        return do
