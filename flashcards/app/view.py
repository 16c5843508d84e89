"""Common parts of a lesson's views: the top line, the sentence, and the names of the styles. The
play screen is always there; the others lie above it, one at a time."""

import math
from typing import ClassVar

from msgspec.structs import replace
from textual.app import ComposeResult
from textual.events import ScreenResume
from textual.geometry import Size
from textual.widget import Widget

from flashcards.app.room import NO_LINE, LineRank, StatusLine
from flashcards.app.run.travel import PastShown
from flashcards.app.session import Session
from flashcards.app.textual_fixes.screens import Covered, has_all_styles, hidden as hidden
from flashcards.app.widgets.frame import (
    Badge,
    Footer,
    HeaderView,
    KeysLine,
    RunHeader,
    VerdictLine,
    VerdictView,
    badge_of,
)
from flashcards.app.widgets.time_line import TimeLine, TimeLineView
from flashcards.base.keyed_text import key_name, sentences
from flashcards.base.language import capital, format_number, tr
from flashcards.runs.events import RunStarted
from flashcards.runs.markers import AnyMarker
from flashcards.runs.state import RunState
from flashcards.wording import facts, lesson, rates, updates
from flashcards.wording.numbers import count, rate_factor
from flashcards.wording.rates import times_usual
from flashcards.wording.run_kinds import kind_of

WIDE, TALL = 100, 30  # what `-wide` and `-tall` begin at: from there on a view shows all it knows
SMOOTHING_S = 1.0
NAMED_KEYS = ("play", "ask", "palette", "help", "quit")
"""Keys that a view without a footer names beside its own."""


class View(Covered):
    """A lesson seen one way. Composed before any event; then `paint(state)` as often as wanted."""

    AUTO_FOCUS = ""
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012
        (0, "-tiny"),
        (56, "-narrow"),
        (80, "-normal"),
        (100, "-wide"),
        (120, "-wider"),
        (160, "-widest"),
    ]
    VERTICAL_BREAKPOINTS = [  # noqa: RUF012
        (0, "-short"),
        (24, "-even"),
        (30, "-tall"),
        (40, "-taller"),
        (52, "-tallest"),
    ]
    SHOWS_PAST: ClassVar[bool] = False
    """True where it can show a step of the past; else it stays with the lesson as it is."""

    SHOWS_CARD: ClassVar[bool] = False
    """True where it shows the card of an update: that is recomputed, the rest was recorded."""

    TELLS_PHASE: ClassVar[bool] = False
    """True where its sentence is about the phase that a card is in, while one is explained."""

    GOES_ON: ClassVar[bool] = False
    """True where a key that means nothing else goes on with a lesson that has ended."""

    HAS_SCORES: ClassVar[bool] = False
    """True where a widget, not the sentence, shows both scores and offers to keep cards back."""

    PARTS: ClassVar[tuple[type[Widget], ...]] = ()
    LAST_LINE: ClassVar[type[Widget]] = Footer

    session: Session  # not there in a film

    def __init__(self, session: Session | None = None, deck_name: str = "") -> None:
        super().__init__()
        self.is_film = session is None
        if session is not None:
            self.session, deck_name = session, session.run.deck
            self._wear_classes_of(session.shell.screen.size)  # so that it is styled once
        self._deck_name = deck_name
        self._is_changed = False
        self._pace = SmoothedPace()
        self.past: PastShown | None = None
        self.viewing: Badge | None = None
        self.room_waits = ""
        self.markers: tuple[AnyMarker, ...] = ()

    def compose(self) -> ComposeResult:
        yield RunHeader()
        yield from self.body()
        yield VerdictLine()
        yield self.LAST_LINE()

    def body(self) -> ComposeResult:
        """The widgets between the top line and the sentence."""
        yield from (part() for part in self.PARTS)

    def on_screen_resume(self, event: ScreenResume) -> None:
        """Before Textual lays it out: the classes of its size, and what the lesson is by now."""
        before = self.classes
        self._wear_classes_of(self.app.size)
        event.refresh_styles = self.classes != before or not has_all_styles(self.app)
        if not self.is_film:
            self.session.paint()

    def _wear_classes_of(self, size: Size) -> None:
        for length, steps in (
            (size.width, self.HORIZONTAL_BREAKPOINTS or []),
            (size.height, self.VERTICAL_BREAKPOINTS or []),
        ):
            reached = max(step for step in steps if step[0] <= length)
            for step in steps:
                self.set_class(step == reached, step[1], update=False)

    @property
    def is_there(self) -> bool:
        """Tell whether its widgets are mounted, and not being removed."""
        return self.is_mounted and self.is_attached and self.is_running and bool(self.children)

    def is_brief(self, state: RunState) -> bool:
        """Tell whether the short sentence about the scores is shown: there is no room for more."""
        return self.size.width < WIDE

    @property
    def is_due(self) -> bool:
        """Tell whether it wants to be painted though nothing happened, as after a key."""
        return self._is_changed

    def paint(
        self, state: RunState, *, is_stalled: bool = False, notice: StatusLine = NO_LINE
    ) -> None:
        """Show `state`, changing nothing in it; only what differs is drawn. `is_stalled`: no event
        came though one was due; `notice`: the line of a room."""
        self._is_changed = False
        with self.app.batch_update():
            self.query_one(RunHeader).show(self.header(state, is_stalled))
            verdict_view = self.draw(state, self.sentence(state, is_stalled, notice), notice)
            self.set_class(verdict_view.tone == "bad", "-bad")
            self.query_one(VerdictLine).show(verdict_view)

    def draw(self, state: RunState, sentence: VerdictView, notice: StatusLine) -> VerdictView:
        raise NotImplementedError

    def key(self, id_: str, usual: str) -> str:
        """The user's key for this; the usual one in a film."""
        return key_name(usual) if self.is_film else self.session.key(id_)

    @property
    def keeps_back(self) -> str:
        """Name the key that keeps cards back of a lesson that teaches all; "" where it can't, and
        in a talk, which has its own plan."""
        if self.is_film or self.viewing is not None or not self.session.is_offering:
            return ""
        key = next(key for key in self.session.keys if key.id == "keep_back")
        return self.session.press(key.id) if key.is_offered(self.session) else ""

    def show_past(self, past: PastShown | None, markers: tuple[AnyMarker, ...]) -> None:
        self.past, self.markers = past, markers
        self.set_class(past is not None, "-past")
        lines, headers = self.query(TimeLine), self.query(RunHeader)
        if past is None or not headers:
            lines.remove()
            return
        line = next((line for line in lines if line.is_attached), None)  # not one that is leaving
        if line is None:
            line = TimeLine()
            self.mount(line, after=headers.first())
        note = past.note if self.SHOWS_CARD else tr("as it was then")
        line.show(TimeLineView(past.step, past.end_step, markers, note))

    def _badge(self, state: RunState, is_stalled: bool) -> Badge:
        """A recorded run is never said to be live."""
        if self.viewing is None or state.liveness == "failed" or is_stalled:
            return badge_at(state, is_stalled)
        return self.viewing

    def deck_of(self, state: RunState) -> str:
        return self._deck_name if state.start is None else state.start.name or state.start.deck

    def sentence(self, state: RunState, is_stalled: bool, notice: StatusLine) -> VerdictView:
        keeps_back = "" if self.HAS_SCORES else self.keeps_back
        verdict_view = sentence_of(
            state,
            is_stalled,
            notice,
            is_brief=self.is_brief(state),
            keeps_back=keeps_back,
            tells_phase=self.TELLS_PHASE,
        )
        can_go_on = self.viewing is None and (self.GOES_ON or state.liveness != "finished")
        return verdict_view if can_go_on else replace(verdict_view, tail="", longer_tail="")

    def header(self, state: RunState, is_stalled: bool) -> HeaderView:
        is_replay = self.viewing == "replay"
        is_past = self.past is not None and not is_replay
        badge = "past" if is_past else self._badge(state, is_stalled)
        header = HeaderView(self.deck_of(state), badge, room_waits=self.room_waits)
        if state.start is None:
            return header
        if is_past and self.past is not None:
            at = count(self.past.step)
            deck = facts.quoted(header.deck)
            deck_then = tr("{deck}, back at step {at}: what did it know?", deck=deck, at=at)
            return replace(header, deck=deck_then)
        cards_per_s = None
        if self.past is None:
            rate_hz = self._pace.update(state.cards_taught, state.lesson_seconds)
            is_fast = state.liveness == "learning" and state.speed == "full"
            has_rate = "cards_per_s" not in kind_of(state).lacks
            if rate_hz is not None and is_fast and has_rate:
                cards_per_s = _three_digits(rate_hz)
        return replace(
            header,
            step=state.step if self.past is None else self.past.step,
            cards_per_s=cards_per_s,
            lesson_seconds=int(state.lesson_seconds),
            speed=state.speed,
            learning_rate=_learning_rate(state, state.start),
            order="" if state.order == "shuffled" else tr(lesson.ORDERS[state.order][0]),
        )


class KeyedView(View):
    """A view that names keys of its own in its last line; Esc goes back."""

    LAST_LINE = KeysLine
    BINDINGS = hidden(escape="app.do('view_lesson')")

    def name_keys(self, *own: tuple[str, str], back: str | None = "") -> None:
        if self.is_film:
            return
        session, view = self.session, self.session.shell.view_name
        view_keys = [k for k in session.keys if k.view == view and k.is_offered(session)]
        if session.run.viewer is not None:
            view_keys = [k for k in view_keys if k.needs != "model"]
        ids = (session.shell.offered_key, *NAMED_KEYS)
        taken = {key for key, _ in own} | {session.key(k.id) for k in view_keys}
        others = [k for id_ in ids for k in session.keys if k.id == id_]
        keys = [*view_keys, *(k for k in others if session.key(k.id) not in taken)]
        named = [(session.key(k.id), session.label(k)) for k in keys]
        leave = [] if back is None else [(tr("esc"), back or tr("lesson"))]
        self.query_one(KeysLine).show(
            (*own, *named[: len(view_keys)], *leave, *named[len(view_keys) :])
        )


def _learning_rate(state: RunState, start: RunStarted) -> str:
    """Return the multiple of the usual, "" for once; a chosen one itself, if no usual is known."""
    factor = state.learning_rate_factor
    if "learning_rate" in start.chosen:
        times = times_usual(start)
        if times is None:
            return format_number(start.learning_rate * factor, "g")
        factor *= times
    return "" if factor == 1.0 else rate_factor(factor)


def sentence_of(
    state: RunState,
    is_stalled: bool,
    notice: StatusLine = NO_LINE,
    *,
    is_brief: bool = False,
    keeps_back: str = "",
    tells_phase: bool = True,
) -> VerdictView:
    """The one sentence under a view: what is wrong, what is going on, or what the scores say.
    `tells_phase`: a card that is explained is in sight, so that its phase is what is going on."""
    if state.liveness == "failed":
        return VerdictView(sentences(lesson.failed(state.failure), notice.whole), "bad")
    if notice.whole and (is_broken(state) or state.liveness == "diverged"):
        return _broken(state, notice)
    if state.liveness == "diverged":
        return VerdictView(facts.broke_down(state.step), "bad")
    if is_stalled:
        text = tr("Nothing was heard from the trainer for ten seconds. It may be busy, or stuck.")
        return VerdictView(text, "bad")
    is_concluded = notice.about == "word"  # the verdict is about memory, the word is not
    phase = state.card.phase if tells_phase and state.start is not None else None
    is_over = state.ended is not None and (state.liveness == "finished" or phase is None)
    if is_over and state.end_verdict is not None and not is_concluded:
        tail = notice.enter or f"{tr('The lesson has ended; Space goes on')}."
        longer_tail = notice.text if notice.about == "end" else ""
        lead = ""
        if state.start is not None and "learning_rate" in state.start.chosen:
            lead = f"{capital(tr('learning rate'))} {_learning_rate(state, state.start)}:"
            if times := times_usual(state.start):
                n = format_number(times, "g")
                lead = tr("Each correction {n} times as large as usual:", n=n)
        text = facts.verdict(state.end_verdict, is_brief=is_brief, keeps_back=keeps_back)
        if notice.about == "forgotten":
            has_verdict = state.end_verdict.unseen.total > 0
            text = facts.verdict(state.end_verdict, is_brief=True) if has_verdict else ""
            text, lead = sentences(notice.text, text), ""
        return VerdictView(text, "verdict", lead, tail, longer_tail)
    if phase is not None:
        sentence = lesson.explanation(phase)
        if phase == "error":
            sentence = sentences(updates.expected(state.card.now), sentence)
        if phase == "adjustment":
            sentence = updates.nothing_left(state.card.now) or sentence
        if phase == "repeat":
            known = _known_by_now(state)
            sentence = updates.made_likelier(state.card.now) or known or sentence
        name = tr(lesson.PHASES[phase][0])
        return VerdictView(sentence, lead=name, tail=notice.enter)
    if notice.whole:
        return VerdictView(notice.whole)
    latest = state.latest_verdict
    if latest is None or latest.seen.total == 0:
        return VerdictView("" if state.start is None else facts.about(state.start))
    common = None if state.start is None else state.start.common
    text = facts.no_more_than_common(latest, common) or facts.verdict(
        latest, is_brief=is_brief, keeps_back=keeps_back
    )
    return VerdictView(text, lead=facts.so_far(latest))


def _known_by_now(state: RunState) -> str:
    """The verdict so far, once nearly all that is taught is right; "" before."""
    latest = state.latest_verdict
    if latest is None or (latest.seen.rate or 0.0) < facts.KNOWN_BY_HEART:
        return ""
    return facts.verdict_so_far(latest)


def is_broken(state: RunState) -> bool:
    return state.steps.broken is not None


def broken_line(rank: LineRank, state: RunState, rewind: str = "") -> StatusLine:
    """The line of a broken model: since when, why, and how to `rewind` if one can."""
    ended = None if state.ended is None else state.ended.reason
    return StatusLine(rank, rates.broken(state.steps, rewind, ended), lead=badge_of("broken")[0])


def _broken(state: RunState, notice: StatusLine) -> VerdictView:
    """A room's line while the model is broken."""
    text = replace(notice, lead="").whole
    tail = f"{tr('Space goes on')}." if state.liveness == "finished" else ""
    return VerdictView(text, "bad", lead=notice.lead, tail=tail)


def badge_at(state: RunState, is_stalled: bool) -> Badge:
    match state.liveness:
        case "starting" | "learning" if is_stalled:
            return "stalled"
        case "learning":
            return "broken" if is_broken(state) else "live"
        case "paused" if is_broken(state):
            return "broken_paused"
        case "finished" if is_broken(state):
            return "broken_finished"
        case other:
            return other


def _three_digits(value: float) -> int:
    """Rounded to three significant digits: more would only flicker."""
    if not math.isfinite(value) or value < 1:
        return 0
    unit: int = 10 ** max(0, math.floor(math.log10(value)) - 2)
    return round(value / unit) * unit


class SmoothedPace:
    """An exponential mean over the last second or so of training time."""

    _cards = 0
    _seconds = 0.0
    _rate_hz: float | None = None

    def update(self, cards_taught: int, lesson_seconds: float) -> float | None:
        """Cards per second, None until there were any. A count that goes back starts over."""
        cards, seconds = cards_taught - self._cards, lesson_seconds - self._seconds
        if cards < 0 or seconds < 0:
            self._rate_hz = None
        elif seconds > 0:
            now_hz = cards / seconds
            weight = 1 - math.exp(-seconds / SMOOTHING_S)
            old_hz = now_hz if self._rate_hz is None else self._rate_hz
            self._rate_hz = old_hz + weight * (now_hz - old_hz)
        if seconds != 0 or cards < 0:
            self._cards, self._seconds = cards_taught, lesson_seconds
        return self._rate_hz
