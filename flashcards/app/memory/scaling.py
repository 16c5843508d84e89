"""More data, better model: this deck taught with more and more of its cards, as measured."""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from flashcards.app.run.run import Run
from flashcards.app.session import Session
from flashcards.app.widgets.cells import MUTED, Row, Sheet, cut, wrap
from flashcards.app.widgets.dialog import DIALOGS_CSS, Dialog
from flashcards.base.language import format_number, tr
from flashcards.charts.scaling import rate, share, share_bar, what_is_done
from flashcards.runs.commands import Pause, Play
from flashcards.runs.scaling import AnyScalingFact, ScalingPoint, ScalingStarted, ScalingWent
from flashcards.trainer.scaling.client import ScalingFailed

Measure = Callable[[], AsyncGenerator[AnyScalingFact, None]]

N_INTRO_ROWS = 5
COLUMNS_WIDTH = 40
"""Share, cards, seen and never seen; what is left of the width is the bar's and its interval's."""

INTERVAL_WIDTH = 12


@dataclass(frozen=True, slots=True)
class ScalingView:
    """What is known: how it began, the points so far, the model being taught; why it failed."""

    start: ScalingStarted | None = None
    points: tuple[ScalingPoint, ...] = ()
    going: ScalingWent | None = None
    failure: str = ""


class ScalingSheet(Sheet[ScalingView]):
    def draw(self, view: ScalingView, width: int, height: int) -> list[Row]:
        if view.failure:
            return [[(line, ".wrong")] for line in wrap(view.failure, width, height)]
        if view.start is None:
            return [[(tr("waking the model") + "…", ".muted")]]
        intro = wrap(what_is_done(view.start), width, N_INTRO_ROWS)
        rows: list[Row] = [[(line, ".muted")] for line in intro]
        heads = f"{'':>6} {tr('cards'):>9} {tr('seen'):>9} {tr('never seen'):>11}"
        rows += [[], [(cut(f"{heads}  {tr('95 % interval')}", width), ".strong")]]
        measured = {point.share: point for point in view.points}
        for value in view.start.shares:
            point = measured.get(value)
            rows.append(_line(view, view.start, value, point, width))
        said = conclusion(view.start, view.points)
        return [*rows, [], *([(line, ".strong")] for line in wrap(said, width, 3) if line)]


def _line(
    view: ScalingView, start: ScalingStarted, value: float, point: ScalingPoint | None, width: int
) -> Row:
    name = (f"{share(value):>6} ", ".strong")
    if point is not None:
        low, high = point.interval
        interval = f"{100 * low:.0f}–{100 * high:.0f} %"
        numbers = f"{format_number(point.n_cards, '>9,')} {rate(point.seen.rate):>9}"
        bar = share_bar(
            point.unseen.rate or 0.0, low, high, max(4, width - COLUMNS_WIDTH - INTERVAL_WIDTH)
        )
        return [
            name,
            (numbers, ".taught"),
            (f" {rate(point.unseen.rate):>11}  ", ".unseen"),
            (bar, ".unseen"),
            (f" {interval:>{INTERVAL_WIDTH - 1}}", ".muted"),
        ]
    if view.going is not None and view.going.share == value:
        going = tr(
            "{n_cards:>9,}   step {step:,} of {n_steps:,}",
            n_cards=view.going.n_cards,
            step=view.going.step,
            n_steps=start.n_steps,
        )
        return [name, (going, ".muted")]
    return [name, (f"{'·':>9}", ".muted")]


def conclusion(start: ScalingStarted, points: Sequence[ScalingPoint]) -> str:
    """What the measured points say when all are there; "" before. Intervals decide."""
    if len(points) < len(start.shares) or len(points) < 2:
        return ""
    few, many = points[0], points[-1]
    if many.interval[0] > few.interval[1]:
        return tr(
            "More data, better model: with {n_many:,} cards it answers more of what it "
            "never saw than with {n_few:,}.",
            n_many=many.n_cards,
            n_few=few.n_cards,
        )
    if many.interval[1] < few.interval[0]:
        return tr("With more cards it answers fewer of those it never saw.")
    return tr(
        "More cards made no measurable difference to what it never saw: the intervals overlap."
    )


class ScalingScreen(Dialog[None]):
    """Measures while it is open; Esc ends both."""

    CSS_PATH = [DIALOGS_CSS, Path(__file__).with_name("memory.tcss")]  # noqa: RUF012
    COMPONENT_CLASSES: ClassVar[set[str]] = {"strong", "muted", "unseen", "taught", "wrong"}
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "dismiss", show=False)]

    def __init__(self, deck: str, measure: Measure) -> None:
        super().__init__()
        self._deck = deck
        self._measure = measure
        self.view = ScalingView()

    def compose(self) -> ComposeResult:
        with Vertical(classes="page"):
            hint = ("   " + tr("the lesson waits · esc ends this"), MUTED)
            title = Content.assemble(
                (f"{tr('More data, better model')}: {cut(self._deck, 30)}", "bold"), hint
            )
            yield Static(title, classes="dialog-title")
            yield ScalingSheet()

    def on_mount(self) -> None:
        self.query_one(ScalingSheet).show(self.view)
        self._follow()

    @work
    async def _follow(self) -> None:
        try:
            async with aclosing(self._measure()) as measured:
                async for fact in measured:
                    match fact:
                        case ScalingStarted():
                            view = replace(self.view, start=fact, going=None)
                        case ScalingWent():
                            view = replace(self.view, going=fact)
                        case ScalingPoint():
                            points = (*self.view.points, fact)
                            view = replace(self.view, points=points, going=None)
                    self._show(view)
        except (ScalingFailed, OSError) as error:
            self._show(ScalingView(failure=tr("It can't be measured: {why}.", why=error)))

    def _show(self, view: ScalingView) -> None:
        self.view = view
        if self.is_mounted:
            self.query_one(ScalingSheet).show(view)


def measure(session: Session) -> None:
    run, start = session.run, session.state.start
    if start is None:
        session.notify(tr("The lesson is still starting."))
        return
    from flashcards.trainer.scaling import client as scaling_client

    folder, seed = Path(start.folder), start.seed
    screen = ScalingScreen(run.deck, lambda: scaling_client.measure(folder, seed))
    session.spawn(shown_while_it_waits(session, run, screen))


async def shown_while_it_waits(session: Session, run: Run, screen: Dialog[None]) -> None:
    was_learning = run.state.liveness == "learning"
    if was_learning:
        run.send(Pause())
    await session.dialog(screen)
    if was_learning and session.run is run:
        run.send(Play())
