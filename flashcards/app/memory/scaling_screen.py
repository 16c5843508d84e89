"""Measurements of this deck while the lesson waits: more data, better model, with more and more
of its cards taught, or as many alike and not; and what cards in the prompt do."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from itertools import zip_longest
from pathlib import Path
from typing import ClassVar

from msgspec import Struct
from msgspec.structs import replace
from rich.cells import cell_len
from textual import work
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from flashcards.app.session import Session
from flashcards.app.textual_fixes.screens import hidden
from flashcards.app.widgets.cells import MUTED, Row, Sheet, cut, fitting, wrap
from flashcards.app.widgets.dialog import DIALOGS_CSS, Dialog, Page
from flashcards.base.keyed_text import sentences
from flashcards.base.language import format_number, tr
from flashcards.charts.scaling_chart import (
    conclusion,
    interval_head,
    name_of,
    rate,
    share_bar,
    title_of,
    what_is_done,
)
from flashcards.runs import commands, scaling
from flashcards.runs.state import Liveness
from flashcards.trainer.scaling import scaling_client
from flashcards.trainer.scaling.scaling_client import ScalingFailed
from flashcards.wording import facts

Measure = Callable[[bool], AsyncGenerator[scaling.AnyScalingFact, None]]

N_INTRO_ROWS = 5
TAUGHT_WIDTH = 16
COLUMNS_WIDTH = 34 + TAUGHT_WIDTH
"""Share, cards, taught and never taught; then comes the interval, and its bar has the rest."""

LEAST_OF_NAME = 16  # cells of a deck's name that are worth more than none
TITLE_MARGIN = 7  # cells at both sides of the title's line, and before its hint


class ScalingView(Struct, frozen=True):
    start: scaling.ScalingStarted | None = None
    points: tuple[scaling.ScalingPoint, ...] = ()
    going: scaling.ScalingWent | None = None
    failure: str = ""


class ScalingSheet(Sheet[ScalingView]):
    def draw(self, view: ScalingView, width: int, height: int) -> list[Row]:
        if view.failure:
            return [[(line, ".wrong")] for line in wrap(view.failure, width, height)]
        if view.start is None:
            return [[(tr("waking the model") + "…", ".muted")]]
        intro = wrap(what_is_done(view.start), width, N_INTRO_ROWS)
        rows: list[Row] = [[(line, ".muted")] for line in intro]
        heads = (
            f"{tr('part'):>9} {tr('cards'):>6} {tr('right: taught'):>{TAUGHT_WIDTH}} "
            f"{tr('never taught'):>14}"
        )
        interval = interval_head(view.start)
        head = f"{heads}  {interval}" if view.points else heads
        rows += [[], [(cut(head, width), ".strong")]]
        measured = view.start.measured(view.points)
        for of, point in zip_longest(view.start.rows, measured):
            rows.append(_line(view, of, point, cell_len(interval), width))
        result = conclusion(view.start, view.points) or _progress(view, view.start)
        rows += [[], *([(line, ".strong")] for line in wrap(result, width, 5) if line)]
        other = tr(
            "Press d to compare something else: as many cards, alike (of one section, with one "
            "ending or with small numbers) or of all kinds."
        )
        if view.start.alike is not None:
            other = tr("Press d to compare few cards with many.")
        is_over = len(view.points) == len(view.start.rows) * view.start.n_seeds
        if not is_over:
            return rows
        return [*rows, [], *([(line, ".muted")] for line in wrap(other, width, 2))]


def _progress(view: ScalingView, start: scaling.ScalingStarted) -> str:
    n_lessons = len(start.rows) * start.n_seeds
    if len(view.points) >= n_lessons:
        return ""
    return tr(
        "Trial {lesson} of {n_lessons}, step {step:,} of {n_steps:,}: no answer yet.",
        lesson=len(view.points) + 1,
        n_lessons=n_lessons,
        step=0 if view.going is None else view.going.step,
        n_steps=start.n_steps,
    )


def _line(
    view: ScalingView,
    of: tuple[float, scaling.Draw],
    point: scaling.ScalingPoint | None,
    interval_width: int,
    width: int,
) -> Row:
    name = (f"{name_of(*of):>9} ", ".strong")
    if point is not None:
        low, high = point.interval
        interval = f"{100 * low:.0f}–{100 * high:.0f} %"
        numbers = f"{format_number(point.n_cards, '>6,')} {rate(point.seen.rate):>{TAUGHT_WIDTH}}"
        room = width - COLUMNS_WIDTH - interval_width - 2
        bar = share_bar(point.unseen.rate or 0.0, low, high, max(4, room))
        return [
            name,
            (numbers, ".taught"),
            (f" {rate(point.unseen.rate):>14}  ", ".unseen"),
            (f"{interval:>{interval_width}}  ", ".muted"),
            (bar, ".unseen"),
        ]
    if view.going is not None and (view.going.share, view.going.draw) == of:
        going = f"{format_number(view.going.n_cards, '>6,')} {'…':>{TAUGHT_WIDTH}} {'…':>14}"
        return [name, (going, ".muted")]
    return [name]


class ScalingScreen(Dialog[None]):
    """Measures while it is open; Esc ends both."""

    CSS_PATH = [DIALOGS_CSS, "memory.tcss"]  # noqa: RUF012
    COMPONENT_CLASSES: ClassVar[set[str]] = {"strong", "muted", "unseen", "taught", "wrong"}
    BINDINGS = hidden(escape="dismiss", q="dismiss", d="other")

    def __init__(self, deck: str, measure: Measure, hint: str) -> None:
        """`hint`: what the lesson does meanwhile, and the key that ends this."""
        super().__init__()
        self._deck, self._measure, self._hint = deck, measure, hint
        self._is_diverse = False
        self.view = ScalingView()

    def compose(self) -> ComposeResult:
        with Page(classes="page"):
            yield Static(classes="dialog-title")
            yield ScalingSheet()

    def on_mount(self) -> None:
        self._show(ScalingView())
        self._follow()

    def action_other(self) -> None:
        self._is_diverse = not self._is_diverse
        self.on_mount()

    @work(exclusive=True)
    async def _follow(self) -> None:
        try:
            async with aclosing(self._measure(self._is_diverse)) as measured:
                async for fact in measured:
                    match fact:
                        case scaling.ScalingStarted():
                            view = replace(self.view, start=fact, going=None)
                        case scaling.ScalingWent():
                            view = replace(self.view, going=fact)
                        case scaling.ScalingPoint():
                            points = (*self.view.points, fact)
                            view = replace(self.view, points=points, going=None)
                    self._show(view)
        except (ScalingFailed, OSError) as error:
            self._show(ScalingView(failure=_failed(error)))

    def _show(self, view: ScalingView) -> None:
        self.view = view
        if self.is_attached:  # mounted it is only once `on_mount` is through
            self.query_one(ScalingSheet).show(view)
            question = title_of(is_diverse=self._is_diverse)
            room = self.size.width - cell_len(self._hint) - TITLE_MARGIN
            deck = cut(self._deck, max(LEAST_OF_NAME, room - cell_len(f": {question}")))
            titles = [f"{name}: {question}" for name in (facts.quoted(deck), deck)]
            title = fitting(room, *titles) or question
            self.query_one(".dialog-title", Static).update(_titled(title, self._hint))


class InContextScreen(Dialog[None]):
    """Cards in the prompt, no number changed: what `flashcards context` finds."""

    BINDINGS = hidden(escape="dismiss", q="dismiss")

    def __init__(self, deck: str, ask: Callable[[], AsyncGenerator[str, None]], hint: str) -> None:
        """`hint`: what the lesson does meanwhile, and the key that ends this."""
        super().__init__()
        self._deck, self._ask, self._hint = deck, ask, hint

    def compose(self) -> ComposeResult:
        with Page(classes="page"):
            title = f"{tr('Cards in the prompt')}: {cut(self._deck, LEAST_OF_NAME)}"
            yield Static(_titled(title, self._hint), classes="dialog-title")
            with VerticalScroll():
                yield Static(tr("waking the model") + "…", id="lines")

    @work
    async def on_mount(self) -> None:
        lines: list[str] = []
        try:
            async with aclosing(self._ask()) as new_lines:
                async for line in new_lines:
                    lines.append(line)
                    self._show(lines)
        except (ScalingFailed, OSError) as error:
            self._show([*lines, _failed(error)])

    def _show(self, lines: list[str]) -> None:
        if self.is_open:
            self.query_one("#lines", Static).update(Content("\n".join(lines)))


def _hint(liveness: Liveness) -> str:
    """Say what a lesson that was like this does while something is measured, and which key ends
    that."""
    match liveness:
        case "learning":
            return tr("lesson paused; esc resumes")
        case "paused":
            return tr("lesson still paused; esc back")
        case "finished":
            return tr("the lesson is over; esc back")
        case _:
            return tr("esc back")


def _titled(title: str, hint: str) -> Content:
    return Content.assemble((title, "bold"), (f"   {hint}", MUTED))


def _failed(error: Exception) -> str:
    return tr("It can't be measured: {why}.", why=str(error))


async def measure(session: Session, is_in_context: bool) -> None:
    run, start = session.run, session.state.start
    if start is None:
        session.notify(tr("The lesson is still starting."))
        return
    if not start.n_held_out and not is_in_context:
        reason = tr("No card is kept back, so there is nothing to measure.")
        offer = facts.kept_back_by(session.press("keep_back"))
        session.notify(sentences(reason, offer), timeout=8)
        return
    folder = Path(start.folder)
    seed = start.seed
    deck = start.name or run.deck
    was_learning = run.state.liveness == "learning"
    hint = _hint(run.state.liveness)
    screen: Dialog[None] = ScalingScreen(
        deck,
        lambda is_diverse: scaling_client.measure(folder, seed, is_diverse=is_diverse),
        hint,
    )
    if is_in_context:
        screen = InContextScreen(deck, lambda: scaling_client.in_context(folder), hint)
    if was_learning:
        run.send(commands.Pause())
    await session.dialog(screen)
    if was_learning and session.run is run:
        run.send(commands.Play())
